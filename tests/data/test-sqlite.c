/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SQLite files: which table is read, what its values are as text, and databases and queries that
 * mean harm.
 */
#include "data/dataset.h"
#include "data/rows.h"

#include <sqlite3.h>

/* Writes the file anew by running @statements. */
static void
write_database (const char *path, const char *statements)
{
  sqlite3 *database = NULL;

  g_unlink (path);
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, statements, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
}

#define TERMS                                                                                      \
  "CREATE TABLE codes (number, name);"                                                             \
  "INSERT INTO codes VALUES (7, 'seven'), (8, 'eight');"                                           \
  "CREATE TABLE terms (id INTEGER PRIMARY KEY, question TEXT, answer, picture BLOB);"              \
  "INSERT INTO terms VALUES (5, 'What is gout?', 'A disease', x'ff00fe'),"                         \
  "(6, 'Normal pH?', 7.4, NULL), (9, NULL, 12, NULL), (10, x'c3a4', 'a letter', NULL);"            \
  "CREATE VIEW short AS SELECT question, answer FROM terms WHERE id < 7;"

/* All rows as text, or the error. @hints: which table or query */
static char *
read_with (const char *path, AttuneSourceHints hints, GError **error)
{
  g_autoptr (AttuneSource) source = attune_source_probe_as (path, &hints, error);
  g_autoptr (GString) rows = g_string_new (NULL);

  if (source == NULL
      || !attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, error))
    return NULL;
  return g_string_free (g_steal_pointer (&rows), FALSE);
}

static void
test_tables (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *rows = NULL, *view = NULL;

  place_init (&place, "terms"); /* its bytes say what it is */
  write_database (place.path, TERMS);
  rows = rows_read (place.path, &source);
  g_assert_cmpstr (rows, ==,
                   "1: [What is gout?] [A disease]\n2: [Normal pH?] [7.4]\n3: [] [12]\n"
                   "4: [ä] [a letter]\n");
  g_assert_cmpstr (source->format, ==, "sqlite");
  g_assert_cmpstr (source->table, ==, "terms"); /* not the first, but that with the columns */
  g_assert_cmpuint (source->tables->len, ==, 3);
  g_assert_cmpstr (source->tables->pdata[0], ==, "codes");
  g_assert_cmpstr (source->tables->pdata[2], ==, "short");
  g_assert_cmpuint (source->preview->len, ==, 4);
  view = read_with (place.path, (AttuneSourceHints) { .header = -1, .table = "short" }, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (view, ==, "1: [What is gout?] [A disease]\n2: [Normal pH?] [7.4]\n");
}

static void
test_queries (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *rows = NULL;

  place_init (&place, "terms.db");
  write_database (place.path, TERMS);
  rows = read_with (place.path,
                    (AttuneSourceHints) { .header = -1,
                                          .query = "SELECT upper(name) AS answer, number AS "
                                                   "question FROM codes ORDER BY number DESC; " },
                    &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rows, ==, "1: [8] [EIGHT]\n2: [7] [SEVEN]\n");
  g_free (g_steal_pointer (&rows));
  rows = read_with (
      place.path,
      (AttuneSourceHints) { .header = -1,
                            .query = "-- all\nSELECT * FROM codes; -- done\n; /* really */" },
      &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rows, ==, "1: [7] [seven]\n2: [8] [eight]\n");
}

/* Tables of a full-text search, of places: their makers read the file, too. */
static void
test_virtual_tables (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *rows = NULL, *boxes = NULL;

  place_init (&place, "a.db");
  write_database (place.path, "CREATE VIRTUAL TABLE notes USING fts5 (question, answer);"
                              "INSERT INTO notes VALUES ('What is gout?', 'A disease');"
                              "CREATE VIRTUAL TABLE boxes USING rtree (id, low, high);"
                              "INSERT INTO boxes VALUES (7, 1, 2);");
  rows = read_with (place.path, (AttuneSourceHints) { .header = -1, .table = "notes" }, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rows, ==, "1: [What is gout?] [A disease]\n");
  boxes = read_with (place.path,
                     (AttuneSourceHints) {
                         .header = -1, .query = "SELECT id AS question, low AS answer FROM boxes" },
                     &error);
  g_assert_no_error (error);
  g_assert_cmpstr (boxes, ==, "1: [7] [1.0]\n");
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (files) != NULL)
    n++;
  return n;
}

/* Returns: the sum that is kept of what was imported. */
static char *
import_sum (const Place *place, const char *name)
{
  g_autofree char *dataset = g_build_filename (place->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = attune_source_probe (place->path, &error);
  g_autoptr (JsonNode) report = NULL;

  g_assert_no_error (error);
  g_assert_true (attune_dataset_import (dataset, source, NULL, NULL, NULL, &report, &error));
  g_assert_no_error (error);
  return g_strdup (json_object_get_string_member (json_node_get_object (report), "sha256"));
}

/* A database with a write-ahead log: nothing is written beside it, and what stands in the log is
 * read. */
static void
test_log (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *rows = NULL, *more = NULL, *sum = NULL, *other = NULL;
  sqlite3 *writer = NULL;

  place_init (&place, "50 % of #1?.db");
  write_database (place.path, "PRAGMA journal_mode = wal; CREATE TABLE t (question, answer);"
                              "INSERT INTO t VALUES ('a', 'b');");
  g_assert_cmpuint (count_files (place.folder), ==, 1);
  rows = read_with (place.path, ATTUNE_SOURCE_NO_HINTS, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rows, ==, "1: [a] [b]\n");
  g_assert_cmpuint (count_files (place.folder), ==, 1);
  g_assert_cmpint (sqlite3_open (place.path, &writer), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (writer, "INSERT INTO t VALUES ('c', 'd')", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  more = read_with (place.path, ATTUNE_SOURCE_NO_HINTS, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (more, ==, "1: [a] [b]\n2: [c] [d]\n");
  sum = import_sum (&place, "one.h5");
  g_assert_cmpint (sqlite3_exec (writer, "INSERT INTO t VALUES ('e', 'f')", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  other = import_sum (&place, "two.h5");
  g_assert_cmpstr (sum, !=, other); /* though the file itself is the same */
  g_assert_cmpint (sqlite3_close (writer), ==, SQLITE_OK);
}

static void
assert_refused (const char *path, AttuneSourceHints hints, AttuneDataError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *rows = read_with (path, hints, &error);

  g_assert_null (rows);
  g_assert_error (error, ATTUNE_DATA_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_nonnull (strstr (error->message, path));
}

/* Nothing that is asked for changes the file or leaves it. */
static void
test_only_reads (void)
{
  static const char *const writing[] = { "DELETE FROM terms",
                                         "UPDATE terms SET answer = 1",
                                         "INSERT INTO codes VALUES (1, 2)",
                                         "INSERT INTO codes VALUES (1, 2) RETURNING *",
                                         "DROP TABLE terms",
                                         "PRAGMA user_version = 7",
                                         "VACUUM INTO 'copy.db'",
                                         "CREATE TABLE t (a)" };
  static const struct
  {
    const char *query, *part;
  } others[] = {
    { "", "asks for nothing" },
    { ";", "asks for nothing" },
    { "SELECT 1; DELETE FROM terms", "is more than one" },
    { "SELECT 1; SELECT 2", "is more than one" },
    { "SELECT * FROM nowhere", "no such table: nowhere" },
    { "SELEKT 1", "SELEKT" },
    { "SELECT load_extension('x')", "load_extension" },
    { "ATTACH '/etc/passwd' AS p", "Nothing was done" },
    { "PRAGMA table_info(terms)", "Nothing was done" },
  };
  g_auto (Place) place = { 0 };
  g_autofree char *before = NULL, *after = NULL;
  gsize n_before, n_after;

  place_init (&place, "terms.db");
  write_database (place.path, TERMS);
  g_assert_true (g_file_get_contents (place.path, &before, &n_before, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (writing); i++)
    assert_refused (place.path, (AttuneSourceHints) { .header = -1, .query = writing[i] },
                    ATTUNE_DATA_ERROR_SETTINGS, "Nothing was done");
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    assert_refused (place.path, (AttuneSourceHints) { .header = -1, .query = others[i].query },
                    ATTUNE_DATA_ERROR_SETTINGS, others[i].part);
  assert_refused (place.path, (AttuneSourceHints) { .header = -1, .table = "nowhere" },
                  ATTUNE_DATA_ERROR_COLUMNS, "codes, terms, short");
  assert_refused (place.path, (AttuneSourceHints) { .header = -1, .table = "\"; DROP TABLE terms" },
                  ATTUNE_DATA_ERROR_COLUMNS, "codes");
  g_assert_true (g_file_get_contents (place.path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
}

/* A value that is no text harms the row that uses it. */
static void
test_bad_rows (void)
{
  g_auto (Place) place = { 0 };
  g_autofree char *rows = NULL;

  place_init (&place, "a.sqlite");
  write_database (place.path,
                  "CREATE TABLE t (question, answer, other);"
                  "INSERT INTO t VALUES (x'ff', 'a', 1), ('b', x'610062', 1), ('c', 'd', x'ff'),"
                  "(printf('%.*c', 1100000, 'x'), 'e', 1), (x'666ffe', x'ff', 1);");
  rows = rows_read (place.path, NULL);
  g_assert_cmpstr (rows, ==,
                   "1! Its column 1 holds bytes that are no characters in UTF-8.\n"
                   "2! Its column 2 holds NUL bytes, which no text has.\n"
                   "3: [c] [d]\n"
                   "4! Its column 1 is longer than a text that a model could read.\n"
                   "5! Its column 1 holds bytes that are no characters in UTF-8.\n");
}

/* Another program writes: it is waited for, and then said. */
static void
test_being_written (void)
{
  g_auto (Place) place = { 0 };
  sqlite3 *writer = NULL;

  place_init (&place, "a.sqlite");
  write_database (place.path, TERMS);
  g_assert_cmpint (sqlite3_open (place.path, &writer), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (writer, "BEGIN EXCLUSIVE", NULL, NULL, NULL), ==, SQLITE_OK);
  assert_refused (place.path, ATTUNE_SOURCE_NO_HINTS, ATTUNE_DATA_ERROR_READ,
                  "being written by another program");
  g_assert_cmpint (sqlite3_close (writer), ==, SQLITE_OK);
}

static void
test_no_database (void)
{
  g_auto (Place) place = { 0 };
  g_autofree char *whole = NULL;
  gsize n;

  place_init (&place, "a.sqlite");
  g_assert_true (g_file_set_contents (place.path, "\x93no database at all", -1, NULL));
  assert_refused (place.path, ATTUNE_SOURCE_NO_HINTS, ATTUNE_DATA_ERROR_FORMAT, "password");
  write_database (place.path, "CREATE TABLE t (a); DROP TABLE t");
  assert_refused (place.path, ATTUNE_SOURCE_NO_HINTS, ATTUNE_DATA_ERROR_EMPTY, "no table");
  write_database (place.path, "CREATE TABLE t (question, answer)");
  assert_refused (place.path, ATTUNE_SOURCE_NO_HINTS, ATTUNE_DATA_ERROR_EMPTY, "no row");
  write_database (place.path, TERMS);
  g_assert_true (g_file_get_contents (place.path, &whole, &n, NULL));
  for (gsize cut = 16; cut < n; cut += 499) /* an error or fewer rows, never more */
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *rows = NULL;

      g_assert_true (g_file_set_contents (place.path, whole, cut, NULL));
      rows = read_with (place.path, ATTUNE_SOURCE_NO_HINTS, &error);
      g_assert_true ((rows == NULL) == (error != NULL));
    }
}

typedef struct
{
  GCancellable *cancellable;
  guint n;
} Ending;

static gboolean
cancel_at_end (const AttuneRecord *record, gpointer data, GError **error)
{
  Ending *self = data;

  if (++self->n == 29)
    g_cancellable_cancel (self->cancellable);
  return TRUE;
}

/* A query without end, whose last row has come, ends when it is cancelled. */
static void
test_cancelled (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Ending ending = { cancellable, 0 };
  const AttuneSourceHints hints = {
    .header = -1,
    .query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS "
             "question, i AS answer FROM n WHERE i < 30 OR i < 0",
  };
  g_autoptr (AttuneSource) source = NULL;

  place_init (&place, "a.sqlite");
  write_database (place.path, TERMS);
  source = attune_source_probe_as (place.path, &hints, &error);
  g_assert_no_error (error);
  g_assert_false (
      attune_source_read (source, cancel_at_end, rows_add_bad, &ending, cancellable, &error));
  g_assert_cmpuint (ending.n, ==, 29);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sqlite/tables", test_tables);
  g_test_add_func ("/sqlite/queries", test_queries);
  g_test_add_func ("/sqlite/virtual-tables", test_virtual_tables);
  g_test_add_func ("/sqlite/log", test_log);
  g_test_add_func ("/sqlite/only-reads", test_only_reads);
  g_test_add_func ("/sqlite/bad-rows", test_bad_rows);
  g_test_add_func ("/sqlite/being-written", test_being_written);
  g_test_add_func ("/sqlite/no-database", test_no_database);
  g_test_add_func ("/sqlite/cancelled", test_cancelled);
  return g_test_run ();
}
