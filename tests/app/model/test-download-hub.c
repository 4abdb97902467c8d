/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file from the hub: access, checks of what has come, a full disk, and what is on this computer
 * already.
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
  CASE ("/download/hub-fails", test_hub_fails);
  CASE ("/download/locked", test_locked);
  CASE ("/download/sizes", test_sizes);
  CASE ("/download/other-parts", test_other_parts);
  g_test_add ("/download/unsaid-parts", Fixture, "unsaid", set_up, test_other_parts, tear_down);
  CASE ("/download/no-room", test_no_room);
  CASE ("/download/full", test_full);
  CASE ("/download/cache", test_cache);
  g_test_add ("/download/cache/damaged", Fixture, "damaged", set_up, test_cache, tear_down);
  return g_test_run ();
}
