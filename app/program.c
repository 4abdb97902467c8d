/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding attunectl and the data files.
 */
#include "program.h"

/* @name beside this program, or %NULL. */
static char *
beside (const char *name)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  g_autofree char *path = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;

  if (path != NULL && g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
    return g_canonicalize_filename (path, NULL);
  return NULL;
}

char *
attune_find_program (void)
{
  const char *named = g_getenv ("ATTUNECTL");
  char *path;

  if (named != NULL && g_file_test (named, G_FILE_TEST_IS_EXECUTABLE))
    return g_strdup (named);
  if ((path = beside ("attunectl")) != NULL || (path = beside ("../engine/attunectl")) != NULL)
    return path;
  return g_find_program_in_path ("attunectl");
}

char *
attune_find_data (const char *name)
{
  static const char *const folders[] = { ATTUNE_DATADIR, ATTUNE_SOURCE_DATADIR };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (folders[i], name, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  return NULL;
}
