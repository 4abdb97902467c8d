/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files that are replaced whole or not at all: write beside, flush, fsync, rename, fsync the folder.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * AttuneFileWriter:
 * @path: where to write; a name beside the real one
 *
 * Writes the whole file and closes it. Need not sync it.
 */
typedef gboolean (*AttuneFileWriter) (const char *path, gpointer data, GError **error);

/**
 * attune_file_replace:
 * @path: the file that is made or replaced
 * @writer: writes the new content under another name in the same folder
 * @check: (nullable): reads the new content back before it takes the place of the old one
 *
 * After a crash at any instant @path holds the old content or the new, whole. On failure the old file
 * stands, the unfinished one is removed and @error says which file and why (disk full, no permission).
 * Blocks. Errors: #GFileError.
 */
gboolean attune_file_replace (const char *path, AttuneFileWriter writer, AttuneFileWriter check, gpointer data,
                              GError **error);

/* The same for content at hand. @length: in bytes, or -1 when @content ends with a NUL. */
gboolean attune_file_write (const char *path, const char *content, gssize length, GError **error);

G_END_DECLS
