/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is written is read back; what is damaged, foreign or hostile is refused with a sentence; no
 * HDF5 identifier stays open.
 */
#include "scratch-folder.h"
#include "store/store.h"

#include <glib/gstdio.h>
#include <hdf5.h>
#include <string.h>

#define KIND "test"
#define VERSION 3

/* Every test ends with it. */
static void
assert_nothing_open (void)
{
  hsize_t n_spaces = 0;

  g_assert_cmpint (H5Fget_obj_count (H5F_OBJ_ALL, H5F_OBJ_ALL), ==, 0);
  H5Inmembers (H5I_DATASPACE, &n_spaces); /* those belong to no file */
  g_assert_cmpuint (n_spaces, ==, 0);
}

/* --- a file with one of everything */

static const char *const texts[]
    = { "What is MI?", "", NULL, "Größe ≥ 5 µm\nzweite Zeile", "last" };

static void
write_sample (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_create (path, KIND, VERSION, &error);
  const gint64 dims[3] = { 2, 3, 1 }, empty[1] = { 0 };
  const float cube[6] = { 0, 1, 2, 3, 4, -5.5f };
  const gint32 ids[3] = { 7, -8, 9 };

  g_assert_no_error (error);
  g_assert_true (attune_store_put (store, "a/b/cube", ATTUNE_STORE_F32, 3, dims, cube, &error));
  g_assert_true (attune_store_put (store, "empty", ATTUNE_STORE_I64, 1, empty, NULL, &error));
  for (int i = 0; i < 4; i++)
    g_assert_true (attune_store_append (store, "ids", ATTUNE_STORE_I32, 3, ids, &error));
  g_assert_true (attune_store_append_text (store, "words", 2, texts, &error));
  g_assert_true (attune_store_append_text (store, "words", 0, NULL, &error));
  g_assert_true (attune_store_append_text (store, "words", 3, texts + 2, &error));
  g_assert_true (attune_store_set_string (store, "note", "first", &error));
  g_assert_true (attune_store_set_string (store, "note", "Ünïcode", &error));
  g_assert_true (attune_store_set_int (store, "count", -3, &error));
  g_assert_true (attune_store_set_double (store, "loss", 0.1, &error));
  g_assert_true (attune_store_commit (store, &error));
  g_assert_no_error (error);
}

static void
test_round_trip (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autofree char *path = scratch_file (&folder, "a.h5"),
                  *part = scratch_file (&folder, "a.h5.part");
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = NULL;
  g_auto (GStrv) words = NULL;
  g_autofree char *note = NULL;
  AttuneStoreType type;
  gint64 dims[4], count;
  gint32 ids[5];
  float row[3];
  double loss;
  int n_dims;

  write_sample (path);
  g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
  store = attune_store_open (path, KIND, VERSION, &error);
  g_assert_no_error (error);

  g_assert_true (attune_store_shape (store, "a/b/cube", &type, &n_dims, dims, &error));
  g_assert_cmpint (type, ==, ATTUNE_STORE_F32);
  g_assert_cmpint (n_dims, ==, 3);
  g_assert_cmpint (dims[0] * 1000 + dims[1] * 100 + dims[2] * 10 + dims[3], ==, 2311);
  g_assert_true (attune_store_get (store, "a/b/cube", ATTUNE_STORE_F32, 1, 1, row, &error));
  g_assert_cmpfloat (row[2], ==, -5.5f);
  g_assert_true (attune_store_shape (store, "empty", &type, &n_dims, dims, &error));
  g_assert_cmpint (dims[0], ==, 0);
  g_assert_true (attune_store_get (store, "ids", ATTUNE_STORE_I32, 5, 5, ids, &error));
  g_assert_cmpint (ids[0], ==, 9);
  g_assert_cmpint (ids[2], ==, -8);

  g_assert_cmpint (attune_store_count_text (store, "words", &error), ==, 5);
  words = attune_store_get_text (store, "words", 1, 4, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (words[0], ==, "");
  g_assert_cmpstr (words[1], ==, "");
  g_assert_cmpstr (words[2], ==, texts[3]);
  g_assert_cmpstr (words[3], ==, "last");
  g_assert_null (words[4]);

  note = attune_store_get_string (store, "note", &error);
  g_assert_cmpstr (note, ==, "Ünïcode");
  g_assert_true (attune_store_get_int (store, "count", &count, &error));
  g_assert_cmpint (count, ==, -3);
  g_assert_true (attune_store_get_double (store, "loss", &loss, &error));
  g_assert_cmpfloat (loss, ==, 0.1);
  g_assert_true (attune_store_has (store, "words"));
  g_assert_true (attune_store_has (store, "a/b/cube"));
  g_assert_false (attune_store_has (store, "a/none/cube"));
  g_assert_no_error (error);
  g_clear_pointer (&store, attune_store_close);
  assert_nothing_open ();
}

/* --- wrong questions */

static void
expect (GError **error, int code, const char *part)
{
  g_assert_error (*error, ATTUNE_STORE_ERROR, code);
  g_assert_nonnull (strstr ((*error)->message, part));
  g_assert_true (g_utf8_validate ((*error)->message, -1, NULL));
  g_clear_error (error);
}

static void
test_wrong_requests (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autofree char *path = scratch_file (&folder, "a.h5");
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = NULL;
  gint32 ids[12];
  gint64 number;
  double real;

  write_sample (path);
  g_assert_null (attune_store_open (path, "other", VERSION, &error));
  expect (&error, ATTUNE_STORE_ERROR_SCHEMA, "other");
  g_assert_null (attune_store_open (path, KIND, VERSION - 1, &error));
  expect (&error, ATTUNE_STORE_ERROR_VERSION, "newer version of Attune");

  store = attune_store_open (path, KIND, VERSION + 1, &error); /* an older file is fine */
  g_assert_no_error (error);
  g_assert_false (attune_store_get (store, "ids", ATTUNE_STORE_I32, 10, 3, ids, &error));
  expect (&error, ATTUNE_STORE_ERROR_RANGE, "ids");
  g_assert_false (attune_store_get (store, "ids", ATTUNE_STORE_I32, G_MAXINT64, 2, ids, &error));
  expect (&error, ATTUNE_STORE_ERROR_RANGE, "ids");
  g_assert_false (attune_store_get (store, "ids", ATTUNE_STORE_I32, -1, 2, ids, &error));
  expect (&error, ATTUNE_STORE_ERROR_RANGE, "ids");
  g_assert_true (attune_store_get (store, "ids", ATTUNE_STORE_I32, 12, 0, ids, &error));
  g_assert_false (attune_store_get (store, "ids", ATTUNE_STORE_F32, 0, 3, ids, &error));
  expect (&error, ATTUNE_STORE_ERROR_SCHEMA, "ids");
  g_assert_false (attune_store_get (store, "nowhere", ATTUNE_STORE_I32, 0, 3, ids, &error));
  expect (&error, ATTUNE_STORE_ERROR_SCHEMA, "nowhere");
  g_assert_null (attune_store_get_text (store, "words", 3, 3, &error));
  expect (&error, ATTUNE_STORE_ERROR_RANGE, "words");
  g_assert_null (attune_store_get_text (store, "ids", 0, 1, &error));
  expect (&error, ATTUNE_STORE_ERROR_SCHEMA, "ids");
  g_assert_cmpint (attune_store_count_text (store, "none", &error), ==, -1);
  expect (&error, ATTUNE_STORE_ERROR_SCHEMA, "none");
  g_assert_null (attune_store_get_string (store, "no-note", &error));
  expect (&error, ATTUNE_STORE_ERROR_SCHEMA, "no-note");
  g_assert_false (attune_store_get_int (store, "loss", &number, &error)); /* not the type it has */
  expect (&error, ATTUNE_STORE_ERROR_SCHEMA, "loss");
  g_assert_false (attune_store_get_double (store, "absent", &real, &error));
  expect (&error, ATTUNE_STORE_ERROR_SCHEMA, "absent");
  g_clear_pointer (&store, attune_store_close);
  assert_nothing_open ();
}

/* --- damaged files */

static void
test_no_such_file (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autofree char *path = scratch_file (&folder, "none.h5"),
                  *deep = scratch_file (&folder, "no/a.h5");
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_store_open (path, KIND, VERSION, &error));
  expect (&error, ATTUNE_STORE_ERROR_OPEN, "none.h5");
  g_assert_null (attune_store_open (folder.path, KIND, VERSION, &error));
  expect (&error, ATTUNE_STORE_ERROR_OPEN, folder.path);
  g_assert_null (attune_store_create (deep, KIND, VERSION, &error));
  expect (&error, ATTUNE_STORE_ERROR_OPEN, "No such file");
  g_assert_true (g_file_set_contents (path, "{ \"not\": \"HDF5\" }", -1, NULL));
  g_assert_null (attune_store_open (path, KIND, VERSION, &error));
  expect (&error, ATTUNE_STORE_ERROR_OPEN, "signature");
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_null (attune_store_open (path, KIND, VERSION, &error));
  expect (&error, ATTUNE_STORE_ERROR_OPEN, "none.h5");
  assert_nothing_open ();
}

/* A file that was cut off opens nowhere. */
static void
test_truncated (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autofree char *path = scratch_file (&folder, "a.h5"), *cut = scratch_file (&folder, "cut.h5");
  g_autofree char *bytes = NULL;
  gsize n, n_tried = 0;

  write_sample (path);
  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  for (gsize length = 1; length < n; length += 1 + n / 97, n_tried++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (cut, bytes, length, NULL));
      g_assert_null (attune_store_open (cut, KIND, VERSION, &error));
      expect (&error, ATTUNE_STORE_ERROR_OPEN, "cut.h5");
    }
  g_assert_cmpuint (n_tried, >, 90);
  assert_nothing_open ();
}

/* A reader of a file somebody else made: h5py, or a person who means harm. */
static hid_t
foreign_file (const char *path)
{
  hid_t file;

  write_sample (path);
  file = H5Fopen (path, H5F_ACC_RDWR, H5P_DEFAULT);
  g_assert_cmpint (file, >=, 0);
  return file;
}

static void
overwrite_offsets (const char *path, const gint64 offsets[6])
{
  const hid_t file = foreign_file (path), set = H5Dopen2 (file, "words/offsets", H5P_DEFAULT);

  g_assert_cmpint (H5Dwrite (set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, offsets), >=, 0);
  H5Dclose (set);
  H5Fclose (file);
}

static void
test_bad_offsets (void)
{
  static const gint64 wrong[][6] = {
    { 0, 11, 11, 11, 12, 1000 },            /* past the end */
    { 0, 11, 5, 11, 20, 30 },               /* backwards */
    { -5, 11, 11, 11, 20, 30 },             /* before the start */
    { 0, G_MAXINT64, G_MAXINT64, 0, 0, 0 }, /* so large that sums would wrap */
  };
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autofree char *path = scratch_file (&folder, "a.h5");

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneStore) store = NULL;

      overwrite_offsets (path, wrong[i]);
      store = attune_store_open (path, KIND, VERSION, &error);
      g_assert_no_error (error);
      g_assert_null (attune_store_get_text (store, "words", 0, 5, &error));
      expect (&error, ATTUNE_STORE_ERROR_SCHEMA, "words");
    }
  assert_nothing_open ();
}

/* Bytes that are no characters, from a foreign writer, come out as valid UTF-8. */
static void
test_bad_bytes (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autofree char *path = scratch_file (&folder, "a.h5");
  const hid_t file = foreign_file (path), set = H5Dopen2 (file, "words/bytes", H5P_DEFAULT);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = NULL;
  g_auto (GStrv) words = NULL;
  guint8 bytes[64];

  memset (bytes, 0xff, sizeof bytes);
  bytes[2] = 0;
  g_assert_cmpint (H5Dwrite (set, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes), >=, 0);
  H5Dclose (set);
  H5Fclose (file);
  store = attune_store_open (path, KIND, VERSION, &error);
  words = attune_store_get_text (store, "words", 0, 5, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (words), ==, 5);
  for (int i = 0; i < 5; i++)
    g_assert_true (g_utf8_validate (words[i], -1, NULL));
}

/* A small file that claims an array of a terabyte. */
static void
test_claimed_size (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autofree char *path = scratch_file (&folder, "a.h5");
  const hid_t file = foreign_file (path), chunks = H5Pcreate (H5P_DATASET_CREATE);
  const hsize_t none = 0, chunk = 16, unlimited = H5S_UNLIMITED, huge = (hsize_t) 1 << 40;
  const hid_t space = H5Screate_simple (1, &none, &unlimited);
  hid_t set;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = NULL;
  AttuneStoreType type;
  gint64 dims[4];
  int n_dims;

  H5Pset_chunk (chunks, 1, &chunk);
  H5Ldelete (file, "ids", H5P_DEFAULT);
  set = H5Dcreate2 (file, "ids", H5T_NATIVE_INT32, space, H5P_DEFAULT, chunks, H5P_DEFAULT);
  g_assert_cmpint (H5Dset_extent (set, &huge), >=, 0);
  H5Dclose (set);
  H5Sclose (space);
  H5Pclose (chunks);
  H5Fclose (file);
  store = attune_store_open (path, KIND, VERSION, &error);
  g_assert_no_error (error);
  g_assert_false (attune_store_shape (store, "ids", &type, &n_dims, dims, &error));
  expect (&error, ATTUNE_STORE_ERROR_SCHEMA, "ids");
}

/* Links and storage outside the file are not followed: they could show any file of this person. */
static void
test_reads_nothing_else (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autofree char *path = scratch_file (&folder, "a.h5"), *other = scratch_file (&folder, "b.h5"),
                  *secret = scratch_file (&folder, "secret");
  const hid_t file = (write_sample (other), foreign_file (path));
  const hsize_t length = 6;
  const hid_t space = H5Screate_simple (1, &length, NULL), list = H5Pcreate (H5P_DATASET_CREATE);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = NULL;
  guint8 bytes[12];

  g_assert_true (g_file_set_contents (secret, "secret", 6, NULL));
  H5Pset_external (list, secret, 0, 6);
  H5Dclose (H5Dcreate2 (file, "outside", H5T_NATIVE_UINT8, space, H5P_DEFAULT, list, H5P_DEFAULT));
  g_assert_cmpint (H5Lcreate_external (other, "ids", file, "linked", H5P_DEFAULT, H5P_DEFAULT), >=,
                   0);
  g_assert_cmpint (H5Lcreate_external (other, "/", file, "group", H5P_DEFAULT, H5P_DEFAULT), >=, 0);
  H5Pclose (list);
  H5Sclose (space);
  H5Fclose (file);
  store = attune_store_open (path, KIND, VERSION, &error);
  g_assert_no_error (error);
  g_assert_false (attune_store_get (store, "outside", ATTUNE_STORE_U8, 0, 6, bytes, &error));
  expect (&error, ATTUNE_STORE_ERROR_SCHEMA, "outside");
  g_assert_false (attune_store_get (store, "linked", ATTUNE_STORE_I32, 0, 1, bytes, &error));
  expect (&error, ATTUNE_STORE_ERROR_SCHEMA, "linked");
  g_assert_false (attune_store_get (store, "group/ids", ATTUNE_STORE_I32, 0, 1, bytes, &error));
  expect (&error, ATTUNE_STORE_ERROR_SCHEMA, "group/ids");
  g_assert_false (attune_store_has (store, "group/ids"));
  g_clear_pointer (&store, attune_store_close);
  assert_nothing_open ();
}

/* Not committed: nothing at the place, and the earlier file stays. */
static void
test_not_committed (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autofree char *path = scratch_file (&folder, "a.h5"),
                  *part = scratch_file (&folder, "a.h5.part");
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;
  AttuneStore *store;
  gsize n_before, n_after;

  write_sample (path);
  g_assert_true (g_file_get_contents (path, &before, &n_before, NULL));
  store = attune_store_create (path, KIND, VERSION, &error);
  g_assert_true (attune_store_set_int (store, "count", 1, &error));
  attune_store_close (store);
  g_assert_no_error (error);
  g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
  assert_nothing_open ();
}

/* All of it, with another note. */
static void
test_copy_all (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autofree char *path = scratch_file (&folder, "a.h5"), *copy = scratch_file (&folder, "b.h5");
  g_autoptr (AttuneStore) from = NULL, to = NULL;
  g_auto (GStrv) words = NULL;
  g_autofree char *note = NULL, *old = NULL;
  g_autoptr (GError) error = NULL;
  gint32 ids[12];
  float cube[6];

  write_sample (path);
  from = attune_store_open (path, KIND, VERSION, &error);
  g_assert_no_error (error);
  to = attune_store_create (copy, KIND, VERSION, &error);
  g_assert_true (attune_store_copy_all (to, from, &error));
  g_assert_true (attune_store_set_string (to, "note", "second", &error));
  g_assert_true (attune_store_commit (to, &error));
  g_assert_no_error (error);
  g_clear_pointer (&to, attune_store_close);
  to = attune_store_open (copy, KIND, VERSION, &error);
  g_assert_no_error (error);
  g_assert_true (attune_store_get (to, "a/b/cube", ATTUNE_STORE_F32, 0, 2, cube, &error));
  g_assert_cmpfloat (cube[5], ==, -5.5f);
  g_assert_true (attune_store_get (to, "ids", ATTUNE_STORE_I32, 0, 12, ids, &error));
  g_assert_cmpint (ids[11], ==, 9);
  g_assert_true (attune_store_has (to, "empty"));
  words = attune_store_get_text (to, "words", 0, 5, &error);
  g_assert_cmpstr (words[3], ==, texts[3]);
  note = attune_store_get_string (to, "note", &error);
  old = attune_store_get_string (from, "note", &error);
  g_assert_cmpstr (note, ==, "second");
  g_assert_cmpstr (old, ==, "Ünïcode");
  g_clear_pointer (&to, attune_store_close);
  g_clear_pointer (&from, attune_store_close);
  assert_nothing_open ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/round-trip", test_round_trip);
  g_test_add_func ("/store/wrong-requests", test_wrong_requests);
  g_test_add_func ("/store/no-such-file", test_no_such_file);
  g_test_add_func ("/store/truncated", test_truncated);
  g_test_add_func ("/store/bad-offsets", test_bad_offsets);
  g_test_add_func ("/store/bad-bytes", test_bad_bytes);
  g_test_add_func ("/store/claimed-size", test_claimed_size);
  g_test_add_func ("/store/reads-nothing-else", test_reads_nothing_else);
  g_test_add_func ("/store/not-committed", test_not_committed);
  g_test_add_func ("/store/copy-all", test_copy_all);
  return g_test_run ();
}
