/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A folder for a test's files that goes away with it.
 */
#pragma once
#include <glib/gstdio.h>

typedef struct
{
  char *path;
} ScratchFolder;

static inline ScratchFolder
scratch_folder (void)
{
  g_autoptr (GError) error = NULL;
  const ScratchFolder folder = { g_dir_make_tmp ("attune-test-XXXXXX", &error) };

  g_assert_no_error (error);
  return folder;
}

/* Returns: (transfer full): the path of @name in the folder. */
static inline char *
scratch_file (const ScratchFolder *folder, const char *name)
{
  return g_build_filename (folder->path, name, NULL);
}

static inline void
scratch_folder_clear (ScratchFolder *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder->path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = scratch_file (folder, name);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder->path), ==, 0);
  g_free (folder->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ScratchFolder, scratch_folder_clear)
