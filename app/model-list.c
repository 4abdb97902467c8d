/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding model files.
 */
#include "model-list.h"

#include "folders.h"
#include "model/model-folder.h"

#include <string.h>

#define KEY "model-files"

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char **
attune_list_model_files (const char *folder)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_null_terminated (8, g_free, TRUE);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_str_has_suffix (name, ".gguf")
          || (!g_str_has_suffix (name, ".part") && attune_model_folder_is_one (path)))
        g_ptr_array_add (paths, g_steal_pointer (&path));
    }
  g_ptr_array_sort (paths, compare_paths);
  return (char **) g_ptr_array_steal (paths, NULL);
}

/* Returns: (transfer full): the added ones; may be empty. */
static char **
get_added (GSettings *settings)
{
  return settings != NULL ? g_settings_get_strv (settings, KEY) : g_new0 (char *, 1);
}

/* Those of @some that are not in @paths yet. */
static void
append_new (GPtrArray *paths, char **some)
{
  for (guint i = 0; some[i] != NULL; i++)
    if (!g_ptr_array_find_with_equal_func (paths, some[i], g_str_equal, NULL))
      g_ptr_array_add (paths, g_strdup (some[i]));
}

char **
attune_list_models (GSettings *settings, char **cached)
{
  g_autofree char *folder = attune_models_folder (settings);
  g_auto (GStrv) kept = attune_list_model_files (folder), added = get_added (settings);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_null_terminated (8, g_free, TRUE);

  append_new (paths, kept);
  append_new (paths, added);
  if (cached != NULL)
    append_new (paths, cached);
  return (char **) g_ptr_array_steal (paths, NULL);
}

gboolean
attune_model_list_has (GSettings *settings, const char *path)
{
  g_auto (GStrv) added = get_added (settings);

  g_return_val_if_fail (path != NULL, FALSE);
  return g_strv_contains ((const char *const *) added, path);
}

void
attune_model_list_add (GSettings *settings, const char *path)
{
  g_autofree char *folder = attune_models_folder (settings), *its = g_path_get_dirname (path);
  g_auto (GStrv) added = get_added (settings), longer = NULL;
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();

  g_return_if_fail (path != NULL);

  if (settings == NULL || g_str_equal (its, folder)
      || g_strv_contains ((const char *const *) added, path))
    return;
  g_strv_builder_addv (paths, (const char **) added);
  g_strv_builder_add (paths, path);
  longer = g_strv_builder_end (paths);
  g_settings_set_strv (settings, KEY, (const char *const *) longer);
}

void
attune_model_list_remove (GSettings *settings, const char *path)
{
  g_auto (GStrv) added = get_added (settings), shorter = NULL;
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();

  g_return_if_fail (path != NULL);

  if (settings == NULL)
    return;
  for (guint i = 0; added[i] != NULL; i++)
    if (!g_str_equal (added[i], path))
      g_strv_builder_add (paths, added[i]);
  shorter = g_strv_builder_end (paths);
  g_settings_set_strv (settings, KEY, (const char *const *) shorter);
}
