/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parquet files that PyArrow wrote (tests/golden/parquet), whole, cut off and damaged.
 */
#include "data/rows.h"

static char *
find_file (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "golden", "parquet", name, NULL);
}

/* What make_parquet.py says of its rows. */
static char *
get_expected (void)
{
  GString *rows = g_string_new (NULL);

  for (int i = 0; i < 37; i++)
    {
      g_string_append_printf (rows, "%d: [", i + 1);
      if (i % 7 != 0)
        g_string_append_printf (rows, "What is %d?", i);
      g_string_append_printf (rows, "] [Answer %d ä] [class %d]\n", i % 3, i % 2);
    }
  return g_string_free (rows, FALSE);
}

static void
test_packings (void)
{
  static const char *const names[]
      = { "snappy.parquet", "zstd.parquet", "gzip.parquet", "none.parquet" };
  g_autofree char *expected = get_expected ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = find_file (names[i]), *rows = NULL;
      g_autoptr (AttuneSource) source = NULL;

      rows = rows_read (path, &source);
      g_assert_cmpstr (rows, ==, expected);
      g_assert_cmpstr (source->format, ==, "parquet");
      g_assert_cmpuint (source->columns->len, ==, 6);
      g_assert_cmpuint (source->preview->len, ==, 20);
      g_assert_cmpstr (((char **) source->preview->pdata[5])[0], ==, "5");
      g_assert_cmpstr (((char **) source->preview->pdata[5])[4], ==, "0.625");
    }
}

static void
test_types (void)
{
  g_autofree char *path = find_file ("types.parquet"), *rows = rows_read (path, NULL);

  g_assert_cmpstr (rows, ==,
                   "1: [-5] [0.1] [2024-02-29 12:30:01] [true] [2024-02-29] [-0.05]\n"
                   "2: [] [1e+300] [] [] [] [12.30]\n"
                   "3: [7] [-2.5] [1969-12-31 23:59:59] [false] [1969-12-31] []\n");
}

/* Lists of structs become conversations, as in JSON. */
static void
test_conversations (void)
{
  g_autofree char *path = find_file ("chat.parquet"), *rows = NULL;
  g_autoptr (AttuneSource) source = NULL;

  rows = rows_read (path, &source);
  g_assert_cmpstr (rows, ==,
                   "1: [What is \"gout\"?] [A\ndisease] [Be brief.]\n"
                   "2: [] []\n"
                   "3: [One?] [1]\n"
                   "4: \n");
  g_assert_true (g_ptr_array_find_with_equal_func (source->columns, "tags", g_str_equal, NULL));
}

static void
assert_refused (const char *path, AttuneDataError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = attune_source_probe (path, &error);
  g_autoptr (GString) rows = g_string_new (NULL);

  if (source != NULL)
    g_assert_false (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_nonnull (strstr (error->message, path));
}

static void
test_not_read (void)
{
  g_autofree char *lz4 = find_file ("lz4.parquet"), *delta = find_file ("delta.parquet");
  g_auto (Place) place = { 0 };

  assert_refused (lz4, ATTUNE_DATA_ERROR_FORMAT, "Zstandard");
  assert_refused (delta, ATTUNE_DATA_ERROR_FORMAT, "delta");
  place_init (&place, "a.parquet");
  g_assert_true (
      g_file_set_contents (place.path, "version https://git-lfs.github.com/spec/v1\n", -1, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "Git LFS");
  g_assert_true (g_file_set_contents (place.path, "question,answer\n", -1, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "it is none");
  g_assert_true (g_file_set_contents (place.path, "PAR1", -1, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "cut off");
  g_assert_true (g_file_set_contents (place.path, "PAR1\0\0\0\0\xff\xff\xff\x0fPAR1", 16, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "damaged");
  g_assert_true (g_file_set_contents (place.path, "PAR1\0\0\0\0\0\0\0\0PARE", 16, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "encrypted");
}

static void
read_damaged (const char *path, gboolean must_fail)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = attune_source_probe (path, &error);
  g_autoptr (GString) rows = g_string_new (NULL);

  if (source != NULL)
    g_assert_true (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error)
                   == (error == NULL));
  g_assert_true (!must_fail || error != NULL);
}

/* Cut off nowhere it is read; of each byte that is wrong it comes out with rows or an error. */
static void
test_damaged (void)
{
  static const char *const names[] = { "snappy.parquet", "chat.parquet" };
  g_auto (Place) place = { 0 };

  place_init (&place, "a.parquet");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = find_file (names[i]), *whole = NULL;
      gsize n;

      g_assert_true (g_file_get_contents (path, &whole, &n, NULL));
      for (gsize at = 0; at < n; at += 5)
        {
          g_assert_true (g_file_set_contents (place.path, whole, at, NULL));
          read_damaged (place.path, TRUE);
          whole[at] ^= 0x5b;
          g_assert_true (g_file_set_contents (place.path, whole, n, NULL));
          read_damaged (place.path, FALSE);
          whole[at] ^= 0x5b;
        }
    }
}

static void
copy_into (const char *folder, const char *golden, const char *name)
{
  g_autofree char *from = find_file (golden), *to = g_build_filename (folder, name, NULL),
                  *bytes = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (from, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (to, bytes, n, NULL));
}

/* A data set in parts and files: one part is read, and all of it. */
static void
test_folder (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autofree char *once = get_expected (), *rows = NULL, *test = NULL;
  g_autoptr (AttuneSource) source = NULL, other = NULL;
  g_autoptr (GError) error = NULL;

  place_init (&place, "README.md");
  g_assert_true (g_file_set_contents (place.path, "# A data set", -1, NULL));
  copy_into (place.folder, "snappy.parquet", "train-00000-of-00002.parquet");
  copy_into (place.folder, "zstd.parquet", "train-00001-of-00002.parquet");
  test = g_build_filename (place.folder, "test.jsonl", NULL);
  g_assert_true (
      g_file_set_contents (test, "{\"question\": \"a\", \"answer\": \"b\"}\n{broken\n", -1, NULL));
  rows = rows_read (place.folder, &source);
  g_string_append_printf (expected, "%s%s", once, once);
  g_assert_cmpstr (rows, ==, expected->str);
  g_assert_cmpstr (source->table, ==, "train");
  g_assert_cmpuint (source->tables->len, ==, 2);
  g_assert_cmpstr (source->tables->pdata[1], ==, "test");
  other = attune_source_probe_as (place.folder,
                                  &(AttuneSourceHints) { .header = -1, .table = "test" }, &error);
  g_assert_no_error (error);
  g_string_truncate (expected, 0);
  g_assert_true (attune_source_read (other, rows_add_record, rows_add_bad, expected, NULL, &error));
  g_assert_cmpstr (expected->str, ==,
                   "1: [a] [b]\n2! It is not a whole JSON object. (in test.jsonl)\n");
  g_assert_null (attune_source_probe_as (
      place.folder, &(AttuneSourceHints) { .header = -1, .table = "dev" }, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parquet/packings", test_packings);
  g_test_add_func ("/parquet/types", test_types);
  g_test_add_func ("/parquet/conversations", test_conversations);
  g_test_add_func ("/parquet/not-read", test_not_read);
  g_test_add_func ("/parquet/folder", test_folder);
  g_test_add_func ("/parquet/damaged", test_damaged);
  return g_test_run ();
}
