/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See folder.h. The swap is one system call where the file system can exchange two names, else two
 * renames.
 */
#include "deploy/folder.h"
#include "core/file.h"
#include "deploy/export.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Our own file, or the unfinished one that a crash left beside it (core/file.h). */
static gboolean
is_ours (const char *name, const char *const *names)
{
  g_autofree char *base
      = g_strndup (name, strlen (name) - (g_str_has_suffix (name, ".new") ? 4 : 0));

  return g_strv_contains (names, base);
}

/* Whether all that @path holds may be deleted. */
static gboolean
check_content (const char *path, const char *const *names, GError **error)
{
  g_autoptr (GDir) folder = NULL;
  g_autofree char *display = g_filename_display_name (path);
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_TARGET,
                   "“%s” is a file, but this export is a folder. Choose another name.", display);
      return FALSE;
    }
  if ((folder = g_dir_open (path, 0, error)) == NULL)
    return FALSE;
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *full = g_build_filename (path, name, NULL);

      if (!is_ours (name, names) || g_file_test (full, G_FILE_TEST_IS_DIR))
        {
          g_autofree char *foreign = g_filename_display_name (name);

          g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_TARGET,
                       "The folder “%s” holds “%s”, which is no part of an export and would be "
                       "lost. Choose another folder.",
                       display, foreign);
          return FALSE;
        }
    }
  return TRUE;
}

/* Deletes a flat folder that check_content() has seen or that we made. */
static gboolean
delete_folder (const char *path, GError **error)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, error);
  const char *name;

  if (folder == NULL)
    return FALSE;
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *full = g_build_filename (path, name, NULL);

      if (g_unlink (full) != 0)
        return attune_file_fail (error, errno, "delete", full);
    }
  if (g_rmdir (path) != 0)
    return attune_file_fail (error, errno, "delete", path);
  return TRUE;
}

/* Best effort, for what is left after a failure that has its own message. */
static void
discard_folder (const char *path)
{
  g_autoptr (GError) error = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !delete_folder (path, &error))
    g_info ("%s", error->message);
}

/* Waits until the names in @path are on the disk; some file systems cannot say (EINVAL). */
static gboolean
sync_folder (const char *path, GError **error)
{
  const int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int code = 0;

  if (fd < 0 || (fsync (fd) != 0 && errno != EINVAL))
    code = errno;
  if (fd >= 0)
    close (fd);
  return code == 0 || attune_file_fail (error, code, "write", path);
}

/* Puts @part in the place of @path, which exists; what was there is deleted. */
static gboolean
swap_folders (const char *part, const char *path, GError **error)
{
  g_autofree char *old = g_strconcat (path, ".old", NULL);

  if (renameat2 (AT_FDCWD, part, AT_FDCWD, path, RENAME_EXCHANGE) == 0)
    return delete_folder (part, error);
  /* A file system that cannot exchange: between these two calls nothing has the name, but nothing
   * is lost. */
  if (rename (path, old) != 0)
    return attune_file_fail (error, errno, "replace", path);
  if (rename (part, path) != 0)
    {
      const int code = errno;

      if (rename (old, path) != 0)
        g_warning ("What was in “%s” is now in “%s”.", path, old);
      return attune_file_fail (error, code, "replace", path);
    }
  return delete_folder (old, error);
}

gboolean
attune_folder_replace (const char *path, const char *const *names, AttuneFolderWriter writer,
                       gpointer data, GError **error)
{
  /* A link keeps pointing to where it points: its target is what is replaced. */
  g_autofree char *there = realpath (path, NULL);
  g_autofree char *target = there != NULL ? g_strdup (there) : g_canonicalize_filename (path, NULL);
  g_autofree char *part = g_strconcat (target, ".part", NULL);
  g_autofree char *parent = g_path_get_dirname (target);
  gboolean done;

  if (there != NULL && !check_content (target, names, error))
    return FALSE;
  if (g_file_test (part, G_FILE_TEST_EXISTS)
      && (!check_content (part, names, error) || !delete_folder (part, error)))
    return FALSE;
  if (g_mkdir (part, 0777) != 0)
    return attune_file_fail (error, errno, "create", part);

  done = writer (part, data, error) && sync_folder (part, error);
  if (done && there != NULL)
    done = swap_folders (part, target, error);
  else if (done && rename (part, target) != 0)
    done = attune_file_fail (error, errno, "create", target);
  if (!done)
    discard_folder (part);
  return done && sync_folder (parent, error);
}
