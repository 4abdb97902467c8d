/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See hub-cache.h. A snapshot is a revision; its files are links into blobs, which are called as
 * their checksum.
 */
#include "model/hub-cache.h"

#include "model/hf-config.h"
#include "model/model-folder.h"

#include <string.h>

static char *
get_named (const char *variable, const char *below)
{
  const char *value = g_getenv (variable);

  return value != NULL && *value != '\0' ? g_build_filename (value, below, NULL) : NULL;
}

char *
attune_hub_cache_get_folder (void)
{
  char *folder = get_named ("HF_HUB_CACHE", NULL);

  if (folder == NULL)
    folder = get_named ("HF_HOME", "hub");
  return folder != NULL ? folder
                        : g_build_filename (g_get_user_cache_dir (), "huggingface", "hub", NULL);
}

/* The revision that "main" is, or the newest. Returns: (transfer full): may not be there. */
static char *
find_snapshot (const char *repository)
{
  g_autofree char *ref = g_build_filename (repository, "refs", "main", NULL), *commit = NULL;

  if (g_file_get_contents (ref, &commit, NULL, NULL)
      && strspn (g_strstrip (commit), "0123456789abcdef") == strlen (commit) && *commit != '\0')
    {
      g_autofree char *snapshot = g_build_filename (repository, "snapshots", commit, NULL);

      if (g_file_test (snapshot, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&snapshot);
    }
  return attune_model_folder_resolve (repository);
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The cache has models of every kind, for pictures and sounds, too. */
static gboolean
is_usable (const char *snapshot)
{
  g_autofree char *path = g_build_filename (snapshot, "config.json", NULL), *json = NULL;
  g_auto (AttuneHfConfig) config = { 0 };
  gsize length;

  return g_file_get_contents (path, &json, &length, NULL)
         && attune_hf_config_parse (&config, json, (gssize) length, path, NULL);
}

/* Neither what reads pictures for a model, nor one of its parts. */
static gboolean
is_whole_model (const char *name)
{
  return g_str_has_suffix (name, ".gguf") && strstr (name, "mmproj") == NULL
         && !g_regex_match_simple ("-\\d{5}-of-\\d{5}\\.gguf$", name, 0, 0);
}

/* A link whose target is gone is passed over: it was not fetched to its end, or taken away. */
static void
list_snapshot (const char *snapshot, GPtrArray *paths)
{
  g_autoptr (GDir) dir = g_dir_open (snapshot, 0, NULL);
  gboolean weights = FALSE;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (snapshot, name, NULL);

      if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
        continue;
      weights = weights || g_str_has_suffix (name, ".safetensors");
      if (is_whole_model (name))
        g_ptr_array_add (paths, g_steal_pointer (&path));
    }
  if (weights && is_usable (snapshot))
    g_ptr_array_add (paths, g_strdup (snapshot));
}

char **
attune_hub_cache_list (const char *folder)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_null_terminated (8, g_free, TRUE);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_return_val_if_fail (folder != NULL, NULL);

  dir = g_dir_open (folder, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "models--"))
      {
        g_autofree char *repository = g_build_filename (folder, name, NULL),
                        *snapshot = find_snapshot (repository);

        list_snapshot (snapshot, paths);
      }
  g_ptr_array_sort (paths, compare_paths);
  return (char **) g_ptr_array_steal (paths, NULL);
}

char *
attune_hub_cache_name (const char *path)
{
  g_autofree char *snapshots = NULL, *above = NULL, *repository = NULL, *name = NULL;
  const char *last;

  g_return_val_if_fail (path != NULL, NULL);

  snapshots = g_path_get_dirname (path);
  above = g_path_get_dirname (snapshots);
  name = g_path_get_basename (snapshots);
  repository = g_path_get_basename (above);
  last = g_strrstr (repository, "--");
  if (g_str_equal (name, "snapshots") && g_str_has_prefix (repository, "models--") && last != NULL
      && last[2] != '\0')
    return g_strdup (last + 2);
  return g_path_get_basename (path);
}

char *
attune_hub_cache_find (const char *folder, const char *repository, const char *sha256)
{
  g_auto (GStrv) parts = NULL;
  g_autofree char *joined = NULL, *name = NULL, *path = NULL;

  g_return_val_if_fail (folder != NULL && repository != NULL && sha256 != NULL, NULL);

  parts = g_strsplit (repository, "/", -1);
  joined = g_strjoinv ("--", parts);
  name = g_strconcat (g_str_has_prefix (repository, "datasets/") ? "" : "models--", joined, NULL);
  path = g_build_filename (folder, name, "blobs", sha256, NULL);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&path) : NULL;
}
