/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Atomic replacement of files. The order matters: the data must be on the disk before the name
 * points to it, and the name before anybody is told that it is done.
 */
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

gboolean
attune_file_fail (GError **error, int code, const char *doing, const char *path)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "Could not %s “%s”: %s", doing,
               name, g_strerror (code));
  return FALSE;
}

/* fsync may be interrupted; a disk that is full or broken may only say so here. */
static int
sync_fd (int fd)
{
  int failed;

  do
    failed = fsync (fd);
  while (failed && errno == EINTR);
  return failed ? errno : 0;
}

static int
sync_path (const char *path, int flags)
{
  const int fd = open (path, O_RDONLY | O_CLOEXEC | flags);
  int code;

  if (fd < 0)
    return errno;
  code = sync_fd (fd);
  close (fd);
  return code;
}

/* Returns: 0 or an errno. */
static int
rename_new (const char *from, const char *to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return errno;
  /* a file system that cannot: it may know links, or nothing of the kind (FAT) */
  if (link (from, to) == 0)
    return unlink (from) == 0 ? 0 : errno;
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
    return errno;
  if (g_file_test (to, G_FILE_TEST_EXISTS))
    return EEXIST;
  return rename (from, to) == 0 ? 0 : errno;
}

static gboolean
sync_and_rename (const char *temporary, const char *path, gboolean replace, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int code;

  if ((code = sync_path (temporary, 0)) != 0)
    return attune_file_fail (error, code, "write", path);
  code = !replace ? rename_new (temporary, path) : rename (temporary, path) == 0 ? 0 : errno;
  if (code != 0)
    return attune_file_fail (error, code, "replace", path);
  /* Some file systems cannot sync a folder (EINVAL); there is nothing more that could be done on
   * them. */
  code = sync_path (folder, O_DIRECTORY);
  if (code != 0 && code != EINVAL)
    return attune_file_fail (error, code, "replace", path);
  return TRUE;
}

gboolean
attune_file_sync_and_rename (const char *temporary, const char *path, GError **error)
{
  g_return_val_if_fail (temporary != NULL && path != NULL, FALSE);
  return sync_and_rename (temporary, path, TRUE, error);
}

gboolean
attune_file_sync_and_rename_new (const char *temporary, const char *path, GError **error)
{
  g_return_val_if_fail (temporary != NULL && path != NULL, FALSE);
  return sync_and_rename (temporary, path, FALSE, error);
}

gboolean
attune_file_replace (const char *path, AttuneFileWriter writer, AttuneFileWriter check,
                     gpointer data, GError **error)
{
  g_autofree char *temporary = g_strconcat (path, ".new", NULL);

  g_return_val_if_fail (path != NULL && writer != NULL, FALSE);

  if (writer (temporary, data, error) && (check == NULL || check (temporary, data, error))
      && attune_file_sync_and_rename (temporary, path, error))
    return TRUE;
  g_unlink (temporary);
  return FALSE;
}

typedef struct
{
  const char *path; /* the real one, for messages */
  const char *bytes;
  gsize length;
} Content;

static gboolean
write_content (const char *path, gpointer data, GError **error)
{
  const Content *content = data;
  const int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  gsize done = 0;

  if (fd < 0)
    return attune_file_fail (error, errno, "write", content->path);
  while (done < content->length)
    {
      const gssize n = write (fd, content->bytes + done, content->length - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          const int code = n < 0 ? errno : EIO;

          close (fd);
          return attune_file_fail (error, code, "write", content->path);
        }
      done += n;
    }
  if (close (fd) != 0)
    return attune_file_fail (error, errno, "write", content->path);
  return TRUE;
}

gboolean
attune_file_write (const char *path, const char *content, gssize length, GError **error)
{
  Content whole = { path, content, 0 };

  g_return_val_if_fail (path != NULL && content != NULL, FALSE);

  whole.length = length < 0 ? strlen (content) : (gsize) length;
  return attune_file_replace (path, write_content, NULL, &whole, error);
}

gboolean
attune_file_write_unsynced (const char *path, const char *content, GError **error)
{
  g_autofree char *temporary = NULL;
  Content whole = { path, content, 0 };

  g_return_val_if_fail (path != NULL && content != NULL, FALSE);

  temporary = g_strconcat (path, ".new", NULL);
  whole.length = strlen (content);
  if (write_content (temporary, &whole, error))
    {
      if (rename (temporary, path) == 0)
        return TRUE;
      attune_file_fail (error, errno, "replace", path);
    }
  g_unlink (temporary);
  return FALSE;
}

char *
attune_file_set_aside (const char *path, GError **error)
{
  g_autofree char *aside = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  for (guint i = 1; aside == NULL || g_file_test (aside, G_FILE_TEST_EXISTS); i++)
    {
      g_free (aside);
      aside = g_strdup_printf ("%s.unreadable-%u", path, i);
    }
  if (rename (path, aside) == 0)
    return g_steal_pointer (&aside);
  attune_file_fail (error, errno, "rename", path);
  return NULL;
}
