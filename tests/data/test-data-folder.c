/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data sets in a folder: which files are of which part, and what must not be taken for all of it.
 */
#include "data/parquet-rows.h"

static void
copy_into (const char *folder, const char *golden, const char *name)
{
  g_autofree char *from = parquet_find (golden), *to = g_build_filename (folder, name, NULL),
                  *bytes = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (from, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (to, bytes, n, NULL));
}

/* A data set in parts and files: one part is read, and all of it. */
static void
test_parts (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autofree char *rows = NULL, *test = NULL;
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
  parquet_add_expected (expected, 0);
  parquet_add_expected (expected, 37);
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

static AttuneSource *
probe_names (const char *folder, const char *const *names)
{
  g_autoptr (GError) error = NULL;
  AttuneSource *source;

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_assert_true (
          g_file_set_contents (path, "{\"question\": \"a\", \"answer\": \"b\"}\n", -1, NULL));
    }
  source = attune_source_probe (folder, &error);
  g_assert_no_error (error);
  return source;
}

/* Names are taken by whole words; papers about the data are none of it. */
static void
test_names (void)
{
  static const char *const names[]
      = { "Train.jsonl",   "val.jsonl", "latest.jsonl", "my_test-2.jsonl",
          "devices.jsonl", "README.md", "LICENSE.txt",  NULL };
  static const char *const latest[] = { "latest.jsonl", NULL };
  g_auto (Place) place = { 0 }, other = { 0 };
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GString) rows = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  place_init (&place, "a");
  source = probe_names (place.folder, names);
  g_assert_cmpstr (source->format, ==, "data-folder");
  g_assert_cmpuint (source->tables->len, ==, 3);
  g_assert_cmpstr (source->table, ==, "train");
  g_assert_true (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error));
  /* each row has a number of its own */
  g_assert_cmpstr (rows->str, ==, "1: [a] [b]\n2: [a] [b]\n3: [a] [b]\n");
  place_init (&other, "a");
  /* a name that only sounds like a part makes no data set */
  {
    g_autofree char *path = g_build_filename (other.folder, latest[0], NULL);

    g_assert_true (g_file_set_contents (path, "{}\n", -1, NULL));
  }
  g_assert_null (attune_source_probe (other.folder, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY);
}

/* Files of a part may have encodings of their own; what has gone meanwhile is told. */
static void
test_files (void)
{
  static const char *const names[] = { "train-1.jsonl", NULL };
  static const char latin[] = "{\"question\": \"a\", \"answer\": \"sch\xf6n\"}\n";
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GString) rows = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;

  place_init (&place, "train-2.jsonl");
  g_assert_true (g_file_set_contents (place.path, latin, -1, NULL));
  source = probe_names (place.folder, names);
  g_assert_true (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error));
  g_assert_cmpstr (rows->str, ==, "1: [a] [b]\n2: [a] [schön]\n");
  first = g_build_filename (place.folder, names[0], NULL);
  g_assert_cmpint (g_remove (first), ==, 0);
  g_assert_cmpint (g_remove (place.path), ==, 0);
  g_assert_false (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS);
}

/* A folder that cannot be seen whole is not read in part. */
static void
test_hidden (void)
{
  static const char *const names[] = { "train.jsonl", NULL };
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GString) rows = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) opened = NULL;

  place_init (&place, "closed");
  source = probe_names (place.folder, names);
  g_assert_cmpint (g_mkdir (place.path, 0), ==, 0);
  if ((opened = g_dir_open (place.path, 0, NULL)) != NULL)
    {
      g_test_skip ("this user may open any folder");
      return;
    }
  g_assert_false (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ);
  g_assert_nonnull (strstr (error->message, "closed"));
}

static void
write_in (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* Tables, each written in its own way, under a card; what tells of them is none of them. */
static void
test_tables (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GString) rows = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  place_init (&place, "first.csv");
  write_in (place.folder, "first.csv", "question,answer\na,b\n");
  write_in (place.folder, "dataset_infos.json", "{}");
  g_assert_null (attune_source_probe (place.folder, &error)); /* some files are no data set */
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY);
  g_clear_error (&error);
  write_in (place.folder, "README.md", "---\nlicense: mit\n---\n# A data set");
  write_in (place.folder, "second.csv", "question;answer\nc;d\ne;f\n");
  source = attune_source_probe (place.folder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (source->format, ==, "data-folder");
  g_assert_true (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error));
  g_assert_cmpstr (rows->str, ==, "2: [a] [b]\n4: [c] [d]\n5: [e] [f]\n");
  write_in (place.folder, "third.csv", "answer,question\nd,c\n");
  g_assert_false (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS);
  g_assert_nonnull (strstr (error->message, "third.csv"));
}

/* Lists of objects, where there is nothing better. */
static void
test_json (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GString) rows = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  place_init (&place, "train.json");
  write_in (place.folder, "train.json", "[{\"question\": \"a\", \"answer\": \"b\"}]");
  write_in (place.folder, "dev.json", "{\"question\": \"c\", \"answer\": \"d\"}\n");
  write_in (place.folder, "state.json", "{}");
  source = attune_source_probe (place.folder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (source->tables->len, ==, 2);
  g_assert_true (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error));
  g_assert_cmpstr (rows->str, ==, "1: [a] [b]\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data-folder/parts", test_parts);
  g_test_add_func ("/data-folder/names", test_names);
  g_test_add_func ("/data-folder/files", test_files);
  g_test_add_func ("/data-folder/hidden", test_hidden);
  g_test_add_func ("/data-folder/tables", test_tables);
  g_test_add_func ("/data-folder/json", test_json);
  return g_test_run ();
}
