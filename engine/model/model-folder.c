/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looks at the names of files only.
 */
#include "model/model-folder.h"
#include "model/model-error.h"

#include <glib/gstdio.h>
#include <string.h>

static gboolean
has_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

gboolean
attune_model_folder_is_one (const char *path)
{
  g_return_val_if_fail (path != NULL, FALSE);
  return has_file (path, "config.json");
}

char *
attune_model_folder_resolve (const char *path)
{
  g_autofree char *snapshots = g_build_filename (path, "snapshots", NULL);
  g_autoptr (GDir) dir = NULL;
  char *newest = NULL;
  gint64 newest_time = G_MININT64;
  const char *name;

  g_return_val_if_fail (path != NULL, NULL);

  if (!has_file (path, "config.json"))
    dir = g_dir_open (snapshots, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *snapshot = g_build_filename (snapshots, name, NULL);
      GStatBuf info;

      if (!has_file (snapshot, "config.json") || g_stat (snapshot, &info) != 0
          || info.st_mtime < newest_time)
        continue;
      newest_time = info.st_mtime;
      g_free (newest);
      newest = g_steal_pointer (&snapshot);
    }
  return newest != NULL ? newest : g_strdup (path);
}

/* The first file whose name ends so, by the alphabet. Returns: (transfer full) (nullable) */
static char *
find_ending (const char *folder, const char *ending)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  char *found = NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ending) && (found == NULL || strcmp (name, found) < 0))
      g_set_str (&found, name);
  return found;
}

/* Not even its configuration is there. */
static gboolean
refuse_without_config (const char *path, GError **error)
{
  g_autofree char *gguf = find_ending (path, ".gguf");

  if (gguf != NULL)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, path,
                              "is a folder with GGUF files: choose one of the files in it, such as "
                              "“%s”.",
                              gguf);
  if (has_file (path, "adapter_config.json"))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, path,
                              "has an adapter and not a whole model: choose the folder of the "
                              "model that it was made for.");
  return attune_model_fail (
      error, ATTUNE_MODEL_ERROR_UNSUPPORTED, path,
      "is not a model’s folder: it has no config.json. Choose the folder that "
      "has config.json, the weights (.safetensors) and the tokenizer.");
}

gboolean
attune_model_folder_check (const char *path, GError **error)
{
  g_autofree char *weights = NULL, *others = NULL;

  g_return_val_if_fail (path != NULL, FALSE);

  if (!has_file (path, "config.json"))
    return refuse_without_config (path, error);
  weights = find_ending (path, ".safetensors");
  if (weights == NULL && (others = find_ending (path, ".bin")) != NULL)
    return attune_model_fail (
        error, ATTUNE_MODEL_ERROR_UNSUPPORTED, path,
        "has its weights as “%s”, a form that can hide programs and that "
        "Attune does not open. Get the model with weights as .safetensors, or "
        "as a GGUF file.",
        others);
  if (weights == NULL)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, path,
                              "has no weights: a file that ends in .safetensors is missing. Was it "
                              "fetched to the end?");
  if (!has_file (path, "tokenizer.json") && !has_file (path, "tokenizer.model"))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_OPEN, path,
                              "has no tokenizer: tokenizer.json or tokenizer.model is missing. It "
                              "is where the model was got.");
  return TRUE;
}
