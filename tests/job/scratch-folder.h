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
