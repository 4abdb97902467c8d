/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Folders that are replaced whole or not at all, as core/file.h does it for files. Private to
 * deploy/.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Fills the new, empty @folder. */
typedef gboolean (*AttuneFolderWriter) (const char *folder, gpointer data, GError **error);

/**
 * attune_folder_replace:
 * @path: made, or replaced when it holds nothing but files of these names
 * @names: (array zero-terminated=1): every file name that @writer may write, now or in another
 * version
 *
 * Writes beside, into PATH.part, and swaps. A folder that holds anything else is left alone: it is
 * not ours to delete. On failure what was there stands and nothing is left beside it. Blocks.
 * Errors: #AttuneDeployError, #GFileError.
 */
gboolean attune_folder_replace (const char *path, const char *const *names,
                                AttuneFolderWriter writer, gpointer data, GError **error);

G_END_DECLS
