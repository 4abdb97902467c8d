/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Folders that tests make and take away.
 */
#pragma once
#include <gio/gio.h>
#include <glib/gstdio.h>

static inline void
test_remove_folder (const char *path)
{
  g_autoptr (GDir) folder
      = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      test_remove_folder (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

/* A path that removes its folder when it leaves its scope. */
typedef char ScratchFolder;

static inline ScratchFolder *
scratch_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("attune-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

static inline void
scratch_folder_free (ScratchFolder *path)
{
  test_remove_folder (path);
  g_free (path);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScratchFolder, scratch_folder_free)

/* Returns: (transfer full): the names in @path, sorted, joined with spaces; "" for an empty folder.
 */
static inline char *
list_folder (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_nonnull (folder);
  while ((name = g_dir_read_name (folder)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort_values (names, (GCompareFunc) g_strcmp0);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **) names->pdata);
}
