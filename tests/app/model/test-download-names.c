/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a file of the hub is called here: what stands in for one that is not there, and names that
 * are taken.
 */
#include "model/hub-client.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("/download/hub-keeps-other-model", test_hub_keeps_other_model);
  CASE ("/download/renamed", test_renamed);
  CASE ("/download/other-type", test_other_type);
  CASE ("/download/here", test_here);
  CASE ("/download/other-size", test_other_size);
  CASE ("/download/same-name", test_same_name);
  CASE ("/download/name-taken", test_name_taken);
  return g_test_run ();
}
