/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A cache as Hugging Face's own programs lay it out: which models are found in it, and how they are
 * called.
 */
#include "model/hub-cache.h"
#include "scratch-folder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char llama[]
    = "{\"model_type\": \"llama\", \"num_hidden_layers\": 2, \"hidden_size\": 64,"
      "\"intermediate_size\": 128, \"num_attention_heads\": 4, \"max_position_embeddings\": 512,"
      "\"rms_norm_eps\": 1e-5}";

/* A file of a snapshot, which links into blobs. @sum: (nullable): the blob is not there. */
static void
add (const char *cache, const char *repository, const char *commit, const char *name,
     const char *sum)
{
  const gboolean other = strstr (repository, "picture") != NULL;
  const char *content = other ? "{\"model_type\": \"vit\", \"hidden_size\": 32}" : llama;
  g_autofree char *blobs = g_build_filename (cache, repository, "blobs", NULL),
                  *snapshot = g_build_filename (cache, repository, "snapshots", commit, NULL),
                  *link = g_build_filename (snapshot, name, NULL),
                  *target
                  = g_build_filename ("..", "..", "blobs", sum != NULL ? sum : "gone", NULL);

  g_assert_cmpint (g_mkdir_with_parents (blobs, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (snapshot, 0700), ==, 0);
  if (sum != NULL)
    {
      g_autofree char *blob = g_build_filename (blobs, sum, NULL);

      g_assert_true (g_file_set_contents (blob, content, -1, NULL));
    }
  g_assert_cmpint (symlink (target, link), ==, 0);
}

static void
set_main (const char *cache, const char *repository, const char *commit)
{
  g_autofree char *refs = g_build_filename (cache, repository, "refs", NULL),
                  *main = g_build_filename (refs, "main", NULL);

  g_assert_cmpint (g_mkdir (refs, 0700), ==, 0);
  g_assert_true (g_file_set_contents (main, commit, -1, NULL));
}

static void
test_list (void)
{
  g_autoptr (ScratchFolder) cache = scratch_folder_new ();
  g_autofree char *name = NULL, *blob = NULL, *nothing = NULL;
  g_auto (GStrv) none = attune_hub_cache_list ("/nowhere/at/all"), paths = NULL;

  g_assert_null (none[0]);
  /* the revision that "main" is, though another one is newer */
  add (cache, "models--o--m", "abc1", "config.json", SUM);
  add (cache, "models--o--m", "abc1", "model.safetensors", "11");
  add (cache, "models--o--m", "def2", "config.json", SUM);
  set_main (cache, "models--o--m", "abc1\n");
  /* a file; beside it what reads images, and one that was not fetched to its end */
  add (cache, "models--o--n-GGUF", "abc1", "n-Q8_0.gguf", "22");
  add (cache, "models--o--n-GGUF", "abc1", "mmproj-n.gguf", "33");
  add (cache, "models--o--n-GGUF", "abc1", "n-BF16-00001-of-00002.gguf", "34");
  add (cache, "models--o--n-GGUF", "abc1", "n-F16.gguf", NULL);
  set_main (cache, "models--o--n-GGUF", "abc1");
  /* none: no weights, weights of another kind, another kind of model, data */
  add (cache, "models--o--picture", "abc1", "config.json", SUM);
  add (cache, "models--o--picture", "abc1", "model.safetensors", "66");
  set_main (cache, "models--o--picture", "abc1");
  add (cache, "models--o--p", "abc1", "config.json", SUM);
  add (cache, "models--o--q", "abc1", "config.json", SUM);
  add (cache, "models--o--q", "abc1", "pytorch_model.bin", "44");
  add (cache, "datasets--o--d", "abc1", "d.gguf", "55");

  paths = attune_hub_cache_list (cache);
  g_assert_cmpuint (g_strv_length (paths), ==, 2);
  g_assert_true (g_str_has_suffix (paths[0], "models--o--m/snapshots/abc1"));
  g_assert_true (g_str_has_suffix (paths[1], "models--o--n-GGUF/snapshots/abc1/n-Q8_0.gguf"));
  name = attune_hub_cache_name (paths[0]);
  g_assert_cmpstr (name, ==, "m");
  blob = attune_hub_cache_find (cache, "o/m", SUM);
  g_assert_nonnull (blob);
  nothing = attune_hub_cache_find (cache, "o/x", SUM);
  g_assert_null (nothing);
}

static void
test_names (void)
{
  static const char *const cases[][2] = {
    { "/c/models--o--m--x/snapshots/1", "x" }, { "/c/m/snapshots/1", "1" }, { "/c/m", "m" },
    { "/c/models--o--/snapshots/1", "1" },     { "m.gguf", "m.gguf" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = attune_hub_cache_name (cases[i][0]);

      g_assert_cmpstr (name, ==, cases[i][1]);
    }
}

static void
test_folder (void)
{
  g_autofree char *first = NULL, *second = NULL, *third = NULL;

  g_setenv ("HF_HUB_CACHE", "/one", TRUE);
  g_setenv ("HF_HOME", "/two", TRUE);
  first = attune_hub_cache_get_folder ();
  g_unsetenv ("HF_HUB_CACHE");
  second = attune_hub_cache_get_folder ();
  g_unsetenv ("HF_HOME");
  third = attune_hub_cache_get_folder ();
  g_assert_cmpstr (first, ==, "/one");
  g_assert_cmpstr (second, ==, "/two/hub");
  g_assert_true (g_str_has_suffix (third, "/huggingface/hub"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/hub-cache/list", test_list);
  g_test_add_func ("/model/hub-cache/names", test_names);
  g_test_add_func ("/model/hub-cache/folder", test_folder);
  return g_test_run ();
}
