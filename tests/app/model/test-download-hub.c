/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models from the hub: its files and folders, what stands in for a file that is not there, and what
 * is on this computer already.
 */
#include "model/hub-client.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

static void
test_hub (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);

  f->need_token = TRUE;
  run (download);
  assert_failed (download, "access token");
  attune_download_set_hub (download, f->address, TOKEN);
  run_broken (f, download, 50000);
  run (download);
  assert_done (f, download);
  g_assert_true (f->saw_range && f->saw_token);
  g_assert_false (f->other_saw_token); /* the token is for the hub alone */
}

static void
test_deleted (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);

  run (download);
  assert_done (f, download);
  attune_download_start (download);
  g_assert_false (attune_download_is_running (download));
  g_assert_cmpint (g_unlink (attune_download_get_path (download)), ==, 0);
  run (download);
  assert_done (f, download);
}

static AttuneDownload *
new_folder (Fixture *f, const char *repository)
{
  const AttuneCatalogueModel model = { .name = (char *) "M",
                                       .file = (char *) "m",
                                       .bytes = MODEL_BYTES,
                                       .repository = (char *) repository };

  return attune_download_new (&model, f->folder);
}

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
test_hub_keeps_other_model (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "m.gguf", NULL), *text = NULL;
  g_autoptr (AttuneDownload) download = NULL;

  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  download = attune_download_new_hub ("a/m", "m.gguf", f->folder);
  run (download);
  assert_done (f, download);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
}

static void
test_hub_fails (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *repository, *file, *word;
  } cases[] = {
    { "a/gone", "m.gguf", "no longer has it" },
    { "a/m", "n.gguf", "no longer has the file" },
    { "a/circle", "m.gguf", "without end" },
    { "a/strange", "m.gguf", "could not be understood" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AttuneDownload) download
          = attune_download_new_hub (cases[i].repository, cases[i].file, f->folder);

      run (download);
      assert_failed (download, cases[i].word);
    }
}

/* --- a file that is called otherwise */

/* A file of the catalogue that the hub has under another name. */
static AttuneDownload *
new_file (Fixture *f, const char *repository, const char *file)
{
  const AttuneCatalogueModel model = { .name = (char *) "M",
                                       .file = (char *) file,
                                       .bytes = MODEL_BYTES / 5 * 4, /* about: the hub knows */
                                       .hub_repository = (char *) repository };

  return attune_download_new (&model, f->folder);
}

static void
test_renamed (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_file (f, "a/renamed", "new-name-7b.q8_0.gguf");
  g_autofree char *left = NULL;

  run (download);
  assert_done (f, download);
  left = list_folder (f->folder);
  g_assert_cmpstr (left, ==, "new-name-7b.q8_0.gguf"); /* as the catalogue will look for it */
}

static void
test_other_type (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) near = new_file (f, "a/retyped", "n.Q4_K_M.gguf");
  g_autoptr (AttuneDownload) far = new_file (f, "a/retyped", "n-F16.gguf");
  g_autofree char *left = NULL;

  run (near);
  assert_done (f, near);
  left = list_folder (f->folder);
  g_assert_cmpstr (left, ==, "N-Q4_K_S.gguf"); /* its name says what it is */
  run (far);
  assert_failed (far, "no longer has the file “n-F16.gguf”, but N-Q2_K.gguf, N-Q4_K_S.gguf");
}

/* A second time, and in the next session, it is not fetched again. */
static void
test_here (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (AttuneDownload) near = new_file (f, "a/retyped", "n.Q4_K_M.gguf");
      g_autoptr (AttuneDownload) file = attune_download_new_hub ("a/m", "m.gguf", f->folder);
      g_autofree char *left = NULL;

      run (near);
      assert_done (f, near);
      run (file);
      assert_done (f, file);
      g_assert_cmpint (f->n_files, ==, 2);
      left = list_folder (f->folder);
      g_assert_cmpstr (left, ==, "N-Q4_K_S.gguf m.gguf");
    }
}

/* Called alike, but of another size: another model. */
static void
test_other_size (Fixture *f, gconstpointer data)
{
  const AttuneCatalogueModel model = { .name = (char *) "M",
                                       .file = (char *) "new-name-70b.q8_0.gguf",
                                       .bytes = MODEL_BYTES * 10,
                                       .hub_repository = (char *) "a/renamed" };
  g_autoptr (AttuneDownload) other = attune_download_new (&model, f->folder);
  g_autoptr (AttuneDownload) near = new_file (f, "a/renamed", "new-name-6b.q8_0.gguf");
  g_autofree char *left = NULL;

  run (other);
  assert_failed (other, "no longer has the file");
  run (near); /* as large, but the name says another one: it is not called so */
  assert_done (f, near);
  left = list_folder (f->folder);
  g_assert_cmpstr (left, ==, "New.Name-7B.Q8_0.gguf");
}

/* --- names that are taken */

/* Two of one repository are called alike, in two of its folders. */
static void
test_same_name (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) one = attune_download_new_hub ("a/twice", "q8/m.gguf", f->folder);
  g_autoptr (AttuneDownload) two = attune_download_new_hub ("a/twice", "q2/m.gguf", f->folder);
  g_autofree char *left = NULL;

  attune_download_start (two);
  run (one);
  test_loop_until (has_ended, two);
  assert_done (f, one);
  g_assert_true (attune_download_is_done (two));
  left = list_folder (f->folder);
  g_assert_cmpstr (left, ==, "a-twice-q2-m.gguf a-twice-q8-m.gguf");
}

/* Somebody else takes the name while the file comes: both stay. */
static void
test_name_taken (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);
  g_autofree char *path = g_build_filename (f->folder, "m.gguf", NULL), *text = NULL, *left = NULL;

  f->taken = path;
  run (download);
  assert_done (f, download);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  left = list_folder (f->folder);
  g_assert_cmpstr (left, ==, "m-2.gguf m.gguf");
}

/* Two at once would mix up their bytes. */
static void
test_locked (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);
  g_autofree char *path = g_build_filename (f->folder, "m.gguf.part", NULL);
  const int file = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (flock (file, LOCK_EX | LOCK_NB), ==, 0);
  run (download);
  assert_failed (download, "being fetched already");
  close (file);
  run (download);
  assert_done (f, download);
}

/* --- sizes and places */

/* Without a checksum the size is all there is to go by. */
static void
test_sizes (Fixture *f, gconstpointer data)
{
  for (guint bytes = 1; bytes <= 3; bytes++)
    {
      g_autoptr (AttuneDownload) download
          = attune_download_new_hub ("a/unsure", "m.gguf", f->folder);
      g_autofree char *left = NULL;

      f->word_bytes = bytes;
      run (download);
      if (bytes == 2)
        {
          g_assert_true (attune_download_is_done (download));
          g_assert_cmpint (g_unlink (attune_download_get_path (download)), ==, 0);
        }
      else
        assert_failed (download, "not the file that was expected");
      left = list_folder (f->folder);
      g_assert_cmpstr (left, ==, "");
    }
}

/* A server sends parts from another place than was asked for. */
static void
test_other_parts (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);

  f->parts = data != NULL ? UNSAID_PARTS : OTHER_PARTS;
  run_broken (f, download, 100000);
  run (download);
  assert_done (f, download);
  g_assert_true (f->saw_range);
}

/* It breaks off, goes on, and then the disk takes no more: that is told. */
static void
test_no_room (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);
  struct rlimit before, small;

  getrlimit (RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = 200000;
  signal (SIGXFSZ, SIG_IGN);
  f->break_after = 100000;
  setrlimit (RLIMIT_FSIZE, &small);
  run (download);
  setrlimit (RLIMIT_FSIZE, &before);
  assert_failed (download, "Could not write");
  g_assert_cmpint (f->n_files, ==, 2);
  run (download);
  assert_done (f, download);
}

static void
test_full (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);
  g_autofree char *part = g_build_filename (f->folder, "m.gguf.part", NULL);

  g_assert_cmpint (symlink ("/dev/full", part), ==, 0);
  run (download);
  assert_failed (download, "The disk is full");
}

/* --- several at once */

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

/* --- what is on this computer already */

static void
test_cache (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder),
                             again = new_folder (f, "a/folder");
  const char *cache = g_getenv ("HF_HUB_CACHE");
  const gboolean damaged = data != NULL;

  for (int i = 0; i < 2; i++)
    {
      g_autofree char *blobs
          = g_build_filename (cache, i == 0 ? "models--a--m" : "models--a--folder", "blobs", NULL);
      g_autofree char *blob = g_build_filename (blobs, f->model_sum, NULL);

      g_assert_cmpint (g_mkdir_with_parents (blobs, 0700), ==, 0);
      g_assert_true (g_file_set_contents (blob, g_bytes_get_data (f->model, NULL),
                                          MODEL_BYTES - damaged, NULL));
    }
  run (download);
  assert_done (f, download);
  run (again);
  g_assert_cmpstr (attune_download_get_error (again), ==, NULL);
  g_assert_cmpint (f->n_files, ==, damaged ? 2 : 0); /* nothing large was asked for */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("/download/hub", test_hub);
  CASE ("/download/deleted", test_deleted);
  CASE ("/download/hub-folder", test_hub_folder);
  CASE ("/download/hub-folder-part", test_hub_folder_part);
  CASE ("/download/hub-folder-begun", test_hub_folder_begun);
  g_test_add ("/download/hub-folder-mixed", Fixture, "mixed", set_up, test_hub_folder_begun,
              tear_down);
  CASE ("/download/hub-folder-fails", test_hub_folder_fails);
  CASE ("/download/hub-keeps-other-model", test_hub_keeps_other_model);
  CASE ("/download/hub-fails", test_hub_fails);
  CASE ("/download/renamed", test_renamed);
  CASE ("/download/other-type", test_other_type);
  CASE ("/download/here", test_here);
  CASE ("/download/other-size", test_other_size);
  CASE ("/download/same-name", test_same_name);
  CASE ("/download/name-taken", test_name_taken);
  CASE ("/download/locked", test_locked);
  CASE ("/download/sizes", test_sizes);
  CASE ("/download/other-parts", test_other_parts);
  g_test_add ("/download/unsaid-parts", Fixture, "unsaid", set_up, test_other_parts, tear_down);
  CASE ("/download/no-room", test_no_room);
  CASE ("/download/full", test_full);
  CASE ("/download/shards", test_shards);
  CASE ("/download/shards-break", test_shards_break);
  CASE ("/download/shards-cancel", test_shards_cancel);
  CASE ("/download/cache", test_cache);
  g_test_add ("/download/cache/damaged", Fixture, "damaged", set_up, test_cache, tear_down);
  return g_test_run ();
}
