/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Taking one file out of a ZIP file.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * attune_unzip_member:
 * @archive: the ZIP file
 * @member: the path in it
 * @path: where the content goes; nothing of the archive's own names is used
 * @bytes: how many there must be
 *
 * Blocks. Errors are sentences; @path may then hold a part.
 */
gboolean attune_unzip_member (const char *archive, const char *member, const char *path,
                              guint64 bytes, GCancellable *cancellable, GError **error);

G_END_DECLS
