/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files that are replaced whole or not at all: write beside, flush, fsync, rename, fsync the
 * folder.
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
 * After a crash at any instant @path holds the old content or the new, whole. On failure the old
 * file stands, the unfinished one is removed and @error says which file and why (disk full, no
 * permission). The other name is always @path.new, so that what a crash left behind is overwritten
 * the next time; a file has one writer at a time. Blocks. Errors: #GFileError.
 */
gboolean attune_file_replace (const char *path, AttuneFileWriter writer, AttuneFileWriter check,
                              gpointer data, GError **error);

/* The same for content at hand. @length: in bytes, or -1 when @content ends with a NUL. */
gboolean attune_file_write (const char *path, const char *content, gssize length, GError **error);

/* The same without waiting for the disk, where another process writes the file again at once: who
 * draws a window may not wait. After a power cut the file may be empty. */
gboolean attune_file_write_unsynced (const char *path, const char *content, GError **error);

/**
 * attune_file_sync_and_rename:
 * @temporary: a finished and closed file in the same folder as @path
 *
 * The second half of attune_file_replace(), for those who write by themselves. On failure both
 * files stand. Blocks.
 */
gboolean attune_file_sync_and_rename (const char *temporary, const char *path, GError **error);

/* The same where @path must not be replaced: fails with %G_FILE_ERROR_EXIST where it is there. */
gboolean attune_file_sync_and_rename_new (const char *temporary, const char *path, GError **error);

/**
 * attune_file_set_aside:
 *
 * Gives a file that cannot be read a name that no other has, beside it: "a.json.unreadable-1".
 * Returns: (transfer full): the new path; %NULL with a #GFileError
 */
char *attune_file_set_aside (const char *path, GError **error);

/* Sets @error to a #GFileError made of @code (an errno): "Could not write “a.csv”: No space left on
 * device". Returns FALSE. */
gboolean attune_file_fail (GError **error, int code, const char *doing, const char *path);

G_END_DECLS
