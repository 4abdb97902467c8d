/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model of the hub that is a folder: its parts come together, and it is called as the model once
 * all of it is there.
 */
#include "model/hub-client.h"

static void
assert_folder (Fixture *f, AttuneDownload *download)
{
  const char *path = attune_download_get_path (download);
  g_autofree char *weights = g_build_filename (path, "model.safetensors", NULL), *bytes = NULL,
                  *names = NULL, *left = NULL;
  gsize size;

  g_assert_cmpstr (attune_download_get_error (download), ==, NULL);
  g_assert_true (attune_download_is_done (download));
  g_assert_cmpfloat (attune_download_get_fraction (download), ==, 1);
  names = list_folder (path);
  g_assert_cmpstr (names, ==, "config.json model.safetensors tokenizer.json");
  g_assert_true (g_file_get_contents (weights, &bytes, &size, NULL));
  g_assert_cmpmem (bytes, size, g_bytes_get_data (f->model, NULL), MODEL_BYTES);
  left = list_folder (f->folder);
  g_assert_cmpstr (left, ==, "m");
}

/* Broken off in the weights: nothing is called as the model before all of it is there. */
static void
test_hub_folder (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_folder (f, "a/folder");

  run_broken (f, download, 100000);
  assert_failed (download, "What has come is kept");
  run (download);
  assert_folder (f, download);
  g_assert_true (f->saw_range);
}

/* A part is missing at the hub; later it is there. */
static void
test_hub_folder_part (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_folder (f, "a/folder");

  f->no_index = TRUE;
  run (download);
  assert_failed (download, "no longer has it");
  f->no_index = FALSE;
  run (download);
  assert_folder (f, download);
}

/* The weights have come before, or those of another revision, which were as long: the right ones
 * are not asked for again. */
static void
test_hub_folder_begun (Fixture *f, gconstpointer data)
{
  const gboolean mixed = data != NULL;
  g_autoptr (AttuneDownload) download = new_folder (f, "a/folder");
  g_autofree char *part = g_strconcat (attune_download_get_path (download), ".part", NULL),
                  *come = g_build_filename (part, "model.safetensors", NULL),
                  *bytes = g_memdup2 (g_bytes_get_data (f->model, NULL), MODEL_BYTES);

  bytes[MODEL_BYTES / 2] ^= mixed;
  g_assert_cmpint (g_mkdir (part, 0700), ==, 0);
  g_assert_true (g_file_set_contents (come, bytes, MODEL_BYTES, NULL));
  run (download);
  assert_folder (f, download);
  g_assert_cmpint (f->n_files, ==, mixed ? 1 : 0);
}

static void
test_hub_folder_fails (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) other = new_folder (f, "a/m");
  g_autoptr (AttuneDownload) wrong = new_folder (f, "a/folder");

  run (other); /* which has a GGUF file only */
  assert_failed (other, "config.json");
  f->wrong_sum = TRUE;
  run (wrong);
  assert_failed (wrong, "not the file that was expected");
}

static void
assert_shards (Fixture *f, AttuneDownload *download)
{
  g_assert_cmpstr (attune_download_get_error (download), ==, NULL);
  g_assert_true (attune_download_is_done (download));
  for (guint i = 0; i < G_N_ELEMENTS (f->shards); i++)
    {
      g_autofree char *name = g_strdup_printf ("model-0000%u-of-00003.safetensors", i + 1);
      g_autofree char *path = g_build_filename (attune_download_get_path (download), name, NULL),
                      *bytes = NULL;
      gsize size;

      g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
      g_assert_cmpmem (bytes, size, g_bytes_get_data (f->shards[i], NULL), MODEL_BYTES);
    }
}

static void
test_shards (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_folder (f, "a/shards");
  g_autofree char *names = NULL;

  f->n_together = 3; /* none comes before all of them are asked for */
  run (download);
  assert_shards (f, download);
  names = list_folder (attune_download_get_path (download));
  g_assert_cmpstr (names, ==,
                   "config.json model-00001-of-00003.safetensors model-00002-of-00003.safetensors "
                   "model-00003-of-00003.safetensors tokenizer.json");
  g_assert_cmpint (f->n_files, ==, 3);
  g_assert_cmpfloat (attune_download_get_fraction (download), ==, 1);
}

/* One breaks off: the others stop, and what has come is gone on with. */
static void
test_shards_break (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_folder (f, "a/shards");
  g_autofree char *shard
      = g_build_filename (f->folder, "m.part", "model-00002-of-00003.safetensors", NULL),
      *begun = g_strconcat (shard, ".part", NULL);

  run_broken (f, download, 100000);
  g_assert_nonnull (attune_download_get_error (download));
  /* how much had come of each by then is chance; of this one it is so much */
  g_unlink (shard);
  g_assert_true (g_file_set_contents (begun, g_bytes_get_data (f->shards[1], NULL), 100000, NULL));
  f->saw_range = FALSE;
  run (download);
  assert_shards (f, download);
  g_assert_true (f->saw_range);
}

static gboolean
all_wait (Fixture *f)
{
  return f->waiting->len == 3;
}

static void
test_shards_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_folder (f, "a/shards");

  f->n_together = 4; /* which never come */
  attune_download_start (download);
  test_loop_until (all_wait, f);
  attune_download_cancel (download);
  test_loop_until (has_ended, download);
  g_assert_null (attune_download_get_error (download)); /* it was wished */
  g_assert_false (attune_download_is_done (download));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("/download/hub-folder", test_hub_folder);
  CASE ("/download/hub-folder-part", test_hub_folder_part);
  CASE ("/download/hub-folder-begun", test_hub_folder_begun);
  g_test_add ("/download/hub-folder-mixed", Fixture, "mixed", set_up, test_hub_folder_begun,
              tear_down);
  CASE ("/download/hub-folder-fails", test_hub_folder_fails);
  CASE ("/download/shards", test_shards);
  CASE ("/download/shards-break", test_shards_break);
  CASE ("/download/shards-cancel", test_shards_cancel);
  return g_test_run ();
}
