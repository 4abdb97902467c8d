/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Folders that are a model, and what is said of those that are not.
 */
#include "model/model-error.h"
#include "model/model-folder.h"
#include "scratch-folder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

static void
touch (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, "{}", -1, NULL));
}

static void
check (const char *folder, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *base = g_path_get_basename (folder);

  g_assert_false (attune_model_folder_check (folder, &error));
  if (strstr (error->message, word) == NULL || strstr (error->message, base) == NULL)
    g_error ("no “%s” and no “%s” in: %s", word, base, error->message);
}

static void
test_check (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autofree char *adapter = g_build_filename (folder, "adapter_config.json", NULL);
  g_autoptr (GError) error = NULL;

  check (folder, "no config.json");
  touch (folder, "adapter_config.json");
  check (folder, "an adapter");
  touch (folder, "b.gguf");
  touch (folder, "a.gguf");
  check (folder, "“a.gguf”");
  touch (folder, "config.json");
  check (folder, ".safetensors is missing");
  touch (folder, "pytorch_model.bin");
  check (folder, "“pytorch_model.bin”");
  touch (folder, "model.safetensors");
  check (folder, "no tokenizer");
  touch (folder, "tokenizer.model");
  attune_model_folder_check (folder, &error);
  g_assert_no_error (error);
}

static void
test_cache (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  static const char *const names[] = { "old", "new", "empty" };
  g_autofree char *itself = NULL, *found = NULL, *expected = NULL;

  itself = attune_model_folder_resolve (folder);
  g_assert_cmpstr (itself, ==, folder);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *snapshot = g_build_filename (folder, "snapshots", names[i], NULL);
      const struct utimbuf times = { 1000 * (i + 1), 1000 * (i + 1) };

      g_assert_cmpint (g_mkdir_with_parents (snapshot, 0700), ==, 0);
      if (i < 2)
        touch (snapshot, "config.json");
      g_assert_cmpint (utime (snapshot, &times), ==, 0);
    }
  found = attune_model_folder_resolve (folder);
  expected = g_build_filename (folder, "snapshots", "new", NULL);
  g_assert_cmpstr (found, ==, expected);
  touch (folder, "config.json");
  g_free (found);
  found = attune_model_folder_resolve (folder);
  g_assert_cmpstr (found, ==, folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/model-folder/check", test_check);
  g_test_add_func ("/model/model-folder/cache", test_cache);
  return g_test_run ();
}
