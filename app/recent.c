/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recent projects.
 */
#include "recent.h"

#define KEY "recent-projects"
#define MOST 12

/* The list without @path. */
static GPtrArray *
others (GSettings *settings, const char *path)
{
  g_auto (GStrv) all = g_settings_get_strv (settings, KEY);
  GPtrArray *paths = g_ptr_array_new_null_terminated (MOST, g_free, TRUE);

  for (int i = 0; all[i] != NULL && paths->len < MOST - 1; i++)
    if (g_strcmp0 (all[i], path) != 0)
      g_ptr_array_add (paths, g_strdup (all[i]));
  return paths;
}

char **
attune_recent_list (GSettings *settings)
{
  g_auto (GStrv) all = settings != NULL ? g_settings_get_strv (settings, KEY) : NULL;
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();

  for (int i = 0; all != NULL && all[i] != NULL; i++)
    {
      g_autofree char *file = g_build_filename (all[i], "project.json", NULL);

      if (g_file_test (file, G_FILE_TEST_EXISTS))
        g_strv_builder_add (found, all[i]);
    }
  return g_strv_builder_end (found);
}

void
attune_recent_add (GSettings *settings, const char *path)
{
  g_autoptr (GPtrArray) paths = NULL;

  if (settings == NULL)
    return;
  paths = others (settings, path);
  g_ptr_array_insert (paths, 0, g_strdup (path));
  g_settings_set_strv (settings, KEY, (const char *const *) paths->pdata);
}

void
attune_recent_remove (GSettings *settings, const char *path)
{
  g_autoptr (GPtrArray) paths = NULL;

  if (settings == NULL)
    return;
  paths = others (settings, path);
  g_settings_set_strv (settings, KEY, (const char *const *) paths->pdata);
}
