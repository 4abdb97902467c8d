/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Databases by ODBC: addresses and what drivers say; and, where the driver for SQLite is installed,
 * tables, queries and a file that goes away midway.
 */
#include "data/dataset.h"
#include "data/odbc.h"
#include "data/rows.h"
#include "data/sql.h"

#include <locale.h>
#include <sqlite3.h>
#include <unistd.h>

/* --- addresses */

static void
test_addresses (void)
{
  static const struct
  {
    const char *address, *shown, *connection;
  } cases[] = {
    { "odbc:tickets", "odbc:DSN=tickets", "DSN=tickets;" },
    { "odbc:tickets;UID=anna;PWD=hunter2", "odbc:DSN=tickets;UID=anna",
      "DSN=tickets;UID=anna;PWD=hunter2;" },
    { "odbc:Driver={SQL Server}; server = db ;Pwd={hunt;er}}2};",
      "odbc:Driver=SQL Server;server=db", "Driver=SQL Server;server=db;Pwd={hunt;er}}2};" },
    { "odbc:DSN=x;Secret=hunter2;Encrypt=yes", "odbc:DSN=x", "DSN=x;Secret=hunter2;Encrypt=yes;" },
  };
  static const char *const broken[] = {
    "odbc:", "odbc:;", "odbc:=x", "odbc:DSN=x;PWD=hun;ter", "odbc:PWD={hunter2", "odbc:A={b}c"
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *shown = attune_odbc_describe (cases[i].address, &error),
                      *connection = attune_odbc_get_connection (cases[i].address, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (shown, ==, cases[i].shown);
      g_assert_cmpstr (connection, ==, cases[i].connection);
      g_assert_true (attune_source_is_address (cases[i].address));
    }
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", broken[i]);
      g_assert_null (attune_odbc_describe (broken[i], &error));
      g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT);
      g_assert_null (strstr (error->message, "hunter2"));
    }
}

/* The password of the dialog is one with the address. */
static void
test_passwords (void)
{
  g_autofree char *odbc = attune_source_join_password ("odbc:tickets;UID=anna", "a;b}c"),
                  *connection = attune_odbc_get_connection (odbc, NULL),
                  *pwd = attune_odbc_find (odbc, "pwd"),
                  *none = attune_source_join_password ("odbc:tickets", ""),
                  *other = attune_source_join_password ("postgresql://h/d", "a&b"),
                  *hidden = attune_odbc_hide (odbc, "Login a;b}c of anna failed");

  g_assert_cmpstr (odbc, ==, "odbc:tickets;UID=anna;PWD={a;b}}c}");
  g_assert_cmpstr (connection, ==, "DSN=tickets;UID=anna;PWD={a;b}}c};");
  g_assert_cmpstr (pwd, ==, "a;b}c");
  g_assert_cmpstr (none, ==, "odbc:tickets");
  g_assert_cmpstr (other, ==, "postgresql://h/d?password=a%26b");
  g_assert_cmpstr (hidden, ==, "Login … of anna failed");
}

/* What any driver may say. */
static void
test_states (void)
{
  static const struct
  {
    AttuneOdbcMoment moment;
    const char *state, *reason, *part;
  } cases[] = {
    { ATTUNE_ODBC_CONNECTING, "IM002", "[unixODBC][Driver Manager]Data source name not found",
      "No ODBC data source is called “tickets” on this computer. There are: a, b." },
    { ATTUNE_ODBC_CONNECTING, "01000", "[x]Can't open lib '/lib/x.so' : file not found",
      "is not installed, or cannot be loaded (Can't open lib '/lib/x.so' : file not found)" },
    { ATTUNE_ODBC_CONNECTING, "28000", "[x] Login hunter2 failed for user 'anna'.",
      "You were not let in by “odbc:DSN=tickets”: name or password are wrong (Login … failed" },
    { ATTUNE_ODBC_CONNECTING, "08001", "[x]No route to host", "Could not reach" },
    { ATTUNE_ODBC_CONNECTING, "HYT00", "[x]Login timeout expired", "did not answer in time" },
    { ATTUNE_ODBC_ASKING, "42S02", "[x]Invalid object name 'a'", "has no such table (Invalid" },
    { ATTUNE_ODBC_ASKING, "42S22", "[x]Invalid column name 'a'", "has no such column" },
    /* as psqlodbc has them */
    { ATTUNE_ODBC_ASKING, "42P01", "ERROR: relation \"a\" does not exist", "has no such table" },
    { ATTUNE_ODBC_CONNECTING, "08001", "FATAL:  password authentication failed for user \"anna\"",
      "name or password are wrong" },
    { ATTUNE_ODBC_ASKING, "42501", "[x]permission denied", "Your name may not read this" },
    { ATTUNE_ODBC_ASKING, "25006", "[x]cannot execute DELETE", "Nothing was done" },
    { ATTUNE_ODBC_ASKING, "42000", "[x]Incorrect syntax near 100%s", "near 100%s" },
    { ATTUNE_ODBC_READING, "08S01", "[x]TCP Provider: Error code 0x68",
      "The connection is lost to “odbc:DSN=tickets” (TCP" },
    { ATTUNE_ODBC_READING, "HY000", "[x]disk I/O error", "could be read in part only" },
  };
  const AttuneSource source
      = { .path = (char *) "odbc:DSN=tickets", .address = (char *) "odbc:tickets;PWD=hunter2" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (attune_odbc_explain (&source, cases[i].moment, cases[i].state,
                                           cases[i].reason, "a, b", &error));
      g_test_message ("%s: %s", cases[i].state, error->message);
      g_assert_nonnull (strstr (error->message, cases[i].part));
      g_assert_null (strstr (error->message, "hunter2"));
    }
}

/* What may write is refused before any server sees it, however it is hidden. */
static void
test_reads (void)
{
  static const char *const good[] = {
    "SELECT a FROM b",
    "select 'delete me' AS answer, \"update\" FROM b -- set of all\n",
    "/* all */ WITH a AS (SELECT 1) SELECT REPLACE (x, 'it''s', 'drop') FROM a;",
    "SELECT updated, settings FROM inserts",
    "SELECT[a] FROM b",
  };
  static const char *const bad[] = {
    "SELECT 1 AS answer DELETE FROM codes COMMIT",
    "SELECT 1 EXEC sp_x",
    "SELECT 1\nDROP TABLE codes",
    "/*!DELETE FROM t WHERE id IN*/ (SELECT 1)",
    "SELECT 1 /*!50000 INTO OUTFILE '/tmp/x' */",
    "SELECT /*M!100100 1 */",
    "SELECT * FROM t INTO OUTFILE '/tmp/x'",
    "WITH a AS (SELECT 1) DELETE FROM codes",
    "SELECT 'a\\' DELETE FROM codes --'",
    "SELECT 1 AS [it's] DELETE FROM codes --'",
    "SELECT 1 --1 INTO OUTFILE '/tmp/x'",
    "SELECT 1 # '\nINTO OUTFILE 1 #'",
    "SELECT /* /* */ '*/ DELETE FROM codes --'",
    "SELECT q'!it's!' FROM t FOR UPDATE --'",
    "SELECT $$'$$ INTO t --'",
    "SELECT 'a DELETE",
    "SELECT * FROM OPENQUERY (other, 'DELETE FROM t')",
    "(SELECT 1)",
    "selectx",
    "",
    "VALUES (1)",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      attune_sql_check_reads ("x", good[i], &error);
      g_assert_no_error (error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_false (attune_sql_check_reads ("x", bad[i], &error));
      g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS);
      g_assert_nonnull (strstr (error->message, "Nothing was done"));
    }
}

/* --- a database */

typedef struct
{
  Place place;
  char *address;
} Database;

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
  "CREATE TABLE codes (number integer, name varchar);"                                             \
  "INSERT INTO codes VALUES (7, 'seven'), (8, 'eight');"                                           \
  "CREATE TABLE \"the Terms\" (id INTEGER PRIMARY KEY, question TEXT, answer TEXT, weight "        \
  "DOUBLE, "                                                                                       \
  "picture BLOB); INSERT INTO \"the Terms\" VALUES (1, 'What is gout?', 'A disease', 0.5, "        \
  "x'ff00fe'), (2, 'Is “ä” 𝄞?', NULL, NULL, NULL), (3, 'How long?', printf ('%.100000c', 'x'), "   \
  "1, "                                                                                            \
  "NULL), (4, 'Too long?', printf ('%.1100000c', 'x'), 1, NULL);"                                  \
  "CREATE VIEW short AS SELECT question, answer FROM \"the Terms\" WHERE id < 3;"

static void
set_up (Database *self, gconstpointer data)
{
  place_init (&self->place, "terms.db");
  write_database (self->place.path, TERMS);
  self->address
      = g_strdup_printf ("odbc:Driver=SQLite3;Database=%s;StepAPI=1;NoCreat=1", self->place.path);
}

static void
tear_down (Database *self, gconstpointer data)
{
  place_clear (&self->place);
  g_free (self->address);
}

/* Whether there is a driver; else the test is skipped. */
static gboolean
has_driver (const Database *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = attune_source_probe (self->address, &error);

  if (source == NULL
      && (strstr (error->message, "without ODBC") != NULL
          || strstr (error->message, "not installed") != NULL))
    {
      g_test_skip ("no ODBC driver for SQLite is here (Debian: libsqliteodbc)");
      return FALSE;
    }
  g_assert_no_error (error);
  return TRUE;
}

static char *
read_with (const char *address, AttuneSourceHints hints, AttuneSource **found, GError **error)
{
  g_autoptr (AttuneSource) source = attune_source_probe_as (address, &hints, error);
  g_autoptr (GString) rows = g_string_new (NULL);

  if (source == NULL
      || !attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, error))
    return NULL;
  if (found != NULL)
    *found = g_steal_pointer (&source);
  return g_string_free (g_steal_pointer (&rows), FALSE);
}

static void
test_tables (Database *self, gconstpointer data)
{
  g_autofree char *rows = NULL, *view = NULL, *query = NULL, *x = g_strnfill (100000, 'x'),
                  *expected = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GError) error = NULL;

  if (!has_driver (self))
    return;
  rows = read_with (self->address, ATTUNE_SOURCE_NO_HINTS, &source, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (source->format, ==, "odbc");
  g_assert_cmpstr (source->table, ==, "the Terms"); /* that with the columns */
  g_assert_cmpuint (source->tables->len, ==, 3);
  g_assert_cmpuint (source->columns->len, ==, 5);
  expected = g_strdup_printf ("1: [What is gout?] [A disease]\n2: [Is “ä” 𝄞?] []\n"
                              "3: [How long?] [%s]\n"
                              "4! Its column 3 is longer than a text that a model could read.\n",
                              x);
  g_assert_cmpstr (rows, ==, expected);
  view = read_with (self->address, (AttuneSourceHints) { .header = -1, .table = "short" }, NULL,
                    &error);
  g_assert_no_error (error);
  g_assert_cmpstr (view, ==, "1: [What is gout?] [A disease]\n2: [Is “ä” 𝄞?] []\n");
  query = read_with (self->address,
                     (AttuneSourceHints) { .header = -1,
                                           .query = "SELECT number AS question, 'ö' || name AS "
                                                    "answer FROM codes ORDER BY number; -- all" },
                     NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (query, ==, "1: [7] [öseven]\n2: [8] [öeight]\n");
}

static void
assert_refused (const char *address, AttuneSourceHints hints, AttuneDataError code,
                const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *rows = read_with (address, hints, NULL, &error);

  g_assert_null (rows);
  g_assert_error (error, ATTUNE_DATA_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_null (strstr (error->message, "hunter2"));
}

#define QUERY(text) ((AttuneSourceHints) { .header = -1, .query = text })

static void
test_refusals (Database *self, gconstpointer data)
{
  g_autofree char *before = NULL, *after = NULL, *none = NULL;
  gsize n_before, n_after;

  if (!has_driver (self))
    return;
  g_assert_true (g_file_get_contents (self->place.path, &before, &n_before, NULL));
  assert_refused (self->address, QUERY ("DELETE FROM codes"), ATTUNE_DATA_ERROR_SETTINGS,
                  "Nothing was done");
  assert_refused (self->address, QUERY ("SELECT 1; DELETE FROM codes"), ATTUNE_DATA_ERROR_SETTINGS,
                  "semicolon");
  assert_refused (self->address, QUERY ("WITH a AS (SELECT 1) DELETE FROM codes"),
                  ATTUNE_DATA_ERROR_SETTINGS, "“odbc:");
  assert_refused (self->address,
                  QUERY ("WITH a AS (SELECT 1) DELETE FROM codes RETURNING name AS answer"),
                  ATTUNE_DATA_ERROR_SETTINGS, "“odbc:");
  assert_refused (self->address, QUERY ("SELECT * FROM nowhere"), ATTUNE_DATA_ERROR_SETTINGS,
                  "nowhere");
  assert_refused (self->address, QUERY ("SELECT WHERE"), ATTUNE_DATA_ERROR_SETTINGS, "“odbc:");
  assert_refused (self->address, (AttuneSourceHints) { .header = -1, .table = "nowhere" },
                  ATTUNE_DATA_ERROR_COLUMNS, "codes");
  assert_refused ("odbc:hunter;PWD=hunter2", ATTUNE_SOURCE_NO_HINTS, ATTUNE_DATA_ERROR_SETTINGS,
                  "No ODBC data source is called “hunter”");
  assert_refused ("odbc:Driver=None;PWD=hunter2", ATTUNE_SOURCE_NO_HINTS,
                  ATTUNE_DATA_ERROR_SETTINGS, "SQLite3");
  g_assert_true (g_file_get_contents (self->place.path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
}

/* Cuts the file at its first row, as a disk that goes does. */
static gboolean
cut (const AttuneRecord *record, gpointer data, GError **error)
{
  Database *self = data;

  if (record->line == 1)
    g_assert_cmpint (truncate (self->place.path, 100000), ==, 0);
  return TRUE;
}

static void
test_gone_midway (Database *self, gconstpointer data)
{
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GError) error = NULL;

  if (!has_driver (self))
    return;
  write_database (self->place.path,
                  "CREATE TABLE t (question text, answer text); WITH RECURSIVE n (i) AS (SELECT 1 "
                  "UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT 'What is ' "
                  "|| i, printf ('%.4000c', 'x') FROM n;");
  source = attune_source_probe (self->address, &error);
  g_assert_no_error (error);
  g_assert_false (attune_source_read (source, cut, NULL, self, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ);
  g_assert_nonnull (strstr (error->message, "could be read in part only"));
}

/* By the name in the set-up; what is kept of it in a data set has no password. */
static void
test_import (Database *self, gconstpointer data)
{
  g_autofree char *ini
      = g_build_filename (self->place.folder, "odbc.ini", NULL),
      *text
      = g_strdup_printf ("[clinic]\nDriver=SQLite3\nDatabase=%s\nStepAPI=1\n", self->place.path),
      *dataset = g_build_filename (self->place.folder, "dataset.h5", NULL), *bytes = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GError) error = NULL;
  gsize n;

  if (!has_driver (self))
    return;
  g_assert_true (g_file_set_contents (ini, text, -1, NULL));
  g_setenv ("ODBCINI", ini, TRUE);
  source = attune_source_probe ("odbc:clinic;UID=anna;PWD=hunter2", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (source->path, ==, "odbc:DSN=clinic;UID=anna");
  g_assert_true (attune_dataset_import (dataset, source, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (dataset, &bytes, &n, NULL));
  g_assert_nonnull (memmem (bytes, n, "odbc:DSN=clinic;UID=anna", 24));
  g_assert_null (memmem (bytes, n, "hunter2", 7));
  assert_refused ("odbc:other", ATTUNE_SOURCE_NO_HINTS, ATTUNE_DATA_ERROR_SETTINGS,
                  "There are: clinic");
}

#define CASE(path, test) g_test_add (path, Database, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, ""); /* by which the driver manager tells what characters a driver takes */
  g_test_init (&argc, &argv, NULL);
  g_setenv ("ODBCINI", "/dev/null/none", TRUE); /* where unixODBC cannot make one */
  g_test_add_func ("/odbc/addresses", test_addresses);
  g_test_add_func ("/odbc/passwords", test_passwords);
  g_test_add_func ("/odbc/states", test_states);
  g_test_add_func ("/odbc/reads", test_reads);
  CASE ("/odbc/tables", test_tables);
  CASE ("/odbc/refusals", test_refusals);
  CASE ("/odbc/gone-midway", test_gone_midway);
  CASE ("/odbc/import", test_import);
  return g_test_run ();
}
