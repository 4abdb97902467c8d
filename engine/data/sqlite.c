/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SQLite files. Somebody else's file may mean harm, and so may a query that was found somewhere:
 * both can only read, and what they read is this file.
 */
#include "data/sql.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* For another program to end what it writes. */
#define WAIT_MS 2000
/* Instructions of SQLite's machine between two looks whether to go on; some milliseconds. */
#define STEPS 100000
/* A value longer than this ends the reading; of shorter ones a row is kept aside. */
#define MAX_VALUE_BYTES (256 << 20)

typedef struct
{
  sqlite3 *database;
  sqlite3_stmt *statement;
  GPtrArray *tables; /* char* */
  const char *path;  /* borrowed */
  GCancellable *cancellable;
  gint64 end; /* of a look, by the monotonic clock; 0: none */
} Sqlite;

static void
sqlite_close (gpointer data)
{
  Sqlite *self = data;

  sqlite3_finalize (self->statement);
  sqlite3_close (self->database);
  g_clear_pointer (&self->tables, g_ptr_array_unref);
  g_free (self);
}

static gboolean
fail (const Sqlite *self, GError **error)
{
  const char *reason = sqlite3_errmsg (self->database);

  switch (sqlite3_errcode (self->database) & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ,
                   "“%s” is being written by another program. Close it there, and try again.",
                   self->path);
      break;
    case SQLITE_INTERRUPT:
      if (!g_cancellable_set_error_if_cancelled (self->cancellable, error))
        g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ,
                     "“%s” gave no rows in %d seconds. Ask for less, or for a table.", self->path,
                     ATTUNE_SQL_LOOK_SECONDS);
      break;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                   "“%s” is no database that can be read: it is damaged, or has a password (%s).",
                   self->path, reason);
      break;
    case SQLITE_AUTH:
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                   "The query of “%s” does something else than read its tables (%s). Nothing was "
                   "done. A query begins with SELECT.",
                   self->path, reason);
      break;
    case SQLITE_ERROR:
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                   "What is asked of “%s” cannot be read (%s). Look how its tables and columns are "
                   "written in the query, or choose a table.",
                   self->path, reason);
      break;
    default:
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ, "Could not read “%s”: %s.",
                   self->path, reason);
    }
  return FALSE;
}

/* Called by SQLite now and then; what is not 0 ends the query. */
static int
has_to_end (gpointer data)
{
  const Sqlite *self = data;

  return g_cancellable_is_cancelled (self->cancellable)
         || (self->end > 0 && g_get_monotonic_time () > self->end);
}

/* What a query may do. */
static int
authorize (gpointer data, int action, const char *a, const char *b, const char *c, const char *d)
{
  return action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE
                 || (action == SQLITE_FUNCTION && g_strcmp0 (b, "load_extension") != 0)
                 /* which the tables of a full-text search ask */
                 || (action == SQLITE_PRAGMA && g_strcmp0 (a, "data_version") == 0)
             ? SQLITE_OK
             : SQLITE_DENY;
}

/* Lists the tables, and connects the virtual ones, which a query may not. */
static gboolean
find_tables (Sqlite *self, GError **error)
{
  /* virtual tables are there by what they show; what they keep it in is no table of a person's */
  static const char query[]
      = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'view', "
        "'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type = 'view', name";
  sqlite3_stmt *statement = NULL;
  int result;

  self->tables = g_ptr_array_new_with_free_func (g_free);
  sqlite3_prepare_v2 (self->database, query, -1, &statement, NULL);
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    {
      const char *name = (const char *) sqlite3_column_text (statement, 0);

      if (name != NULL && g_utf8_validate (name, -1, NULL))
        g_ptr_array_add (self->tables, g_strdup (name));
    }
  if (result != SQLITE_DONE)
    fail (self, error);
  sqlite3_finalize (statement);
  return result == SQLITE_DONE;
}

/* Whether a write-ahead log belongs to the file, and holds nothing: SQLite would make one beside
 * it, though it only reads. */
static gboolean
has_empty_log (const char *path)
{
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  guchar start[20] = { 0 };
  FILE *file = g_fopen (path, "rbe");
  GStatBuf about;
  gsize n = 0;

  if (file != NULL)
    {
      n = fread (start, 1, sizeof start, file);
      fclose (file);
    }
  /* file format, section 1.3: the versions for writing and reading are 2 */
  return n == sizeof start && start[18] == 2 && start[19] == 2
         && (g_stat (log, &about) != 0 || about.st_size == 0);
}

/* Returns: (transfer full): the file's name as SQLite takes it. */
static char *
get_uri (const char *path)
{
  g_autofree char *whole = g_canonicalize_filename (path, NULL),
                  *escaped = g_uri_escape_string (whole, "/", FALSE);

  return g_strdup_printf ("file:%s%s", escaped, has_empty_log (path) ? "?immutable=1" : "");
}

static gpointer
sqlite_open (const AttuneSource *source, gboolean looking, GCancellable *cancellable,
             GError **error)
{
  Sqlite *self = g_new0 (Sqlite, 1);
  g_autofree char *uri = get_uri (source->path);

  self->path = source->path;
  self->cancellable = cancellable;
  if (looking)
    self->end = g_get_monotonic_time () + ATTUNE_SQL_LOOK_SECONDS * G_USEC_PER_SEC;
  if (sqlite3_open_v2 (uri, &self->database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL)
      != SQLITE_OK)
    {
      fail (self, error);
      sqlite_close (self);
      return NULL;
    }
  sqlite3_db_config (self->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (self->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (self->database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_limit (self->database, SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES);
  sqlite3_limit (self->database, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_busy_timeout (self->database, WAIT_MS);
  sqlite3_progress_handler (self->database, STEPS, has_to_end, self);
  if (!find_tables (self, error))
    {
      sqlite_close (self);
      return NULL;
    }
  /* from here on what is run is of somebody else */
  sqlite3_set_authorizer (self->database, authorize, self);
  return self;
}

static GPtrArray *
sqlite_list (gpointer data, GError **error)
{
  const Sqlite *self = data;

  return g_ptr_array_ref (self->tables);
}

static char *
sqlite_select (gpointer data, const char *table)
{
  g_auto (GStrv) parts = g_strsplit (table, "\"", -1);
  g_autofree char *quoted = g_strjoinv ("\"\"", parts);

  return g_strdup_printf ("SELECT * FROM \"%s\"", quoted);
}

/* Whether only comments and semicolons are left. */
static gboolean
is_blank (const Sqlite *self, const char *text)
{
  while (*text != '\0')
    {
      sqlite3_stmt *statement = NULL;
      const char *rest = text;
      const int result = sqlite3_prepare_v2 (self->database, text, -1, &statement, &rest);

      sqlite3_finalize (statement);
      if (result != SQLITE_OK || statement != NULL)
        return FALSE;
      if (rest == text)
        return TRUE;
      text = rest;
    }
  return TRUE;
}

static gboolean
sqlite_run (gpointer data, const char *query, GPtrArray *columns, GError **error)
{
  Sqlite *self = data;
  const char *rest = NULL;
  const char *fault = NULL;

  g_clear_pointer (&self->statement, sqlite3_finalize);
  if (sqlite3_prepare_v2 (self->database, query, -1, &self->statement, &rest) != SQLITE_OK)
    return fail (self, error);
  if (self->statement == NULL || sqlite3_column_count (self->statement) == 0)
    fault = "asks for nothing";
  else if (!sqlite3_stmt_readonly (self->statement))
    fault = "writes";
  else if (!is_blank (self, rest))
    fault = "is more than one";
  if (fault != NULL)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                   "The query of “%s” %s. Nothing was done. Ask for rows with one SELECT.",
                   self->path, fault);
      return FALSE;
    }
  for (int i = 0; i < sqlite3_column_count (self->statement); i++)
    {
      const char *name = sqlite3_column_name (self->statement, i);

      g_ptr_array_add (columns, g_utf8_make_valid (name != NULL ? name : "", -1));
    }
  return TRUE;
}

static void
add_value (Sqlite *self, int column, AttuneTableRow *row)
{
  if (sqlite3_column_type (self->statement, column) == SQLITE_BLOB)
    {
      /* many programs write text as bytes; what is none is kept aside as bad UTF-8 */
      const char *bytes = sqlite3_column_blob (self->statement, column);

      attune_table_row_add (row, bytes != NULL ? bytes : "",
                            sqlite3_column_bytes (self->statement, column));
      return;
    }
  const char *text = (const char *) sqlite3_column_text (self->statement, column);

  attune_table_row_add (row, text != NULL ? text : "",
                        text != NULL ? sqlite3_column_bytes (self->statement, column) : 0);
}

static int
sqlite_next (gpointer data, AttuneTableRow *row, GError **error)
{
  Sqlite *self = data;
  const int result = sqlite3_step (self->statement);

  if (result == SQLITE_DONE)
    return 0;
  if (result != SQLITE_ROW)
    {
      fail (self, error);
      return -1;
    }
  attune_table_row_begin (row);
  for (int i = 0; i < sqlite3_column_count (self->statement); i++)
    add_value (self, i, row);
  return 1;
}

const AttuneSqlDriver attune_sql_sqlite = {
  .format = "sqlite",
  .open = sqlite_open,
  .list = sqlite_list,
  .select = sqlite_select,
  .run = sqlite_run,
  .next = sqlite_next,
  .close = sqlite_close,
};
