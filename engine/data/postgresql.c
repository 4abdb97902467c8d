/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * PostgreSQL, by libpq: a transaction that can only read, and a cursor, so that a table of any size
 * is never whole in memory.
 */
#include "data/sql.h"

#include <libpq-fe.h>
#include <string.h>

/* Rows that are asked for at a time; they come one by one. */
#define FETCHED 200
#define CONNECT_SECONDS "10"
/* Between two looks whether to go on. */
#define POLL_MS 200

typedef struct
{
  PGconn *connection;
  PGresult *row; /* (nullable): of those asked for the one at hand, or their end, which has none */
  guint n_asked, n_given;
  gint64 end;       /* of a look, by the monotonic clock; 0: none */
  const char *path; /* borrowed */
  GCancellable *cancellable;
} Postgresql;

static void
postgresql_close (gpointer data)
{
  Postgresql *self = data;

  PQclear (self->row);
  PQfinish (self->connection);
  g_free (self);
}

/* libpq's sentence, which ends with a line feed. */
static gboolean
fail (const Postgresql *self, AttuneDataError code, const char *what, const char *reason,
      GError **error)
{
  g_autofree char *text = g_utf8_make_valid (reason != NULL ? reason : "", -1);

  g_set_error (error, ATTUNE_DATA_ERROR, code, "%s “%s”: %s", what, self->path, g_strchomp (text));
  return FALSE;
}

static gboolean
fail_connect (const Postgresql *self, GError **error)
{
  if (!PQconnectionNeedsPassword (self->connection))
    return fail (self, ATTUNE_DATA_ERROR_READ,
                 PQconnectionUsedPassword (self->connection) ? "You were not let in by"
                                                             : "Could not reach",
                 PQerrorMessage (self->connection), error);
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ,
               "“%s” wants a password. Write it into the address "
               "(postgresql://USER:PASSWORD@HOST/DATABASE) or into the file .pgpass.",
               self->path);
  return FALSE;
}

/* What a server notes by the way is nothing that has gone wrong. */
static void
ignore_notice (void *data, const char *notice)
{
}

/* Else the server would go on with a query that nobody waits for. */
static void
cancel (Postgresql *self)
{
  PGcancel *request = PQgetCancel (self->connection);
  char reason[256];

  if (request != NULL)
    PQcancel (request, reason, sizeof reason);
  PQfreeCancel (request);
}

static gboolean
fail_late (const Postgresql *self, GError **error)
{
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ,
               "“%s” gave no rows in %d seconds. Ask for less, or for a table.", self->path,
               ATTUNE_SQL_LOOK_SECONDS);
  return FALSE;
}

static gboolean
is_late (const Postgresql *self)
{
  return self->end > 0 && g_get_monotonic_time () > self->end;
}

/* Waits until the server has answered, or it is cancelled, or the time of a look is over. */
static gboolean
wait_for_answer (Postgresql *self, GError **error)
{
  while (PQisBusy (self->connection))
    {
      GPollFD socket = { PQsocket (self->connection), G_IO_IN, 0 };

      if (g_cancellable_is_cancelled (self->cancellable) || is_late (self))
        {
          cancel (self);
          return !g_cancellable_set_error_if_cancelled (self->cancellable, error)
                 && fail_late (self, error);
        }
      g_poll (&socket, 1, POLL_MS);
      if (!PQconsumeInput (self->connection))
        return fail (self, ATTUNE_DATA_ERROR_READ, "The connection is lost to",
                     PQerrorMessage (self->connection), error);
    }
  return TRUE;
}

static gboolean
fail_query (const Postgresql *self, const PGresult *result, GError **error)
{
  const char *state = PQresultErrorField (result, PG_DIAG_SQLSTATE);
  const char *reason = PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY);

  if (state == NULL)
    return fail (self, ATTUNE_DATA_ERROR_READ, "The connection is lost to",
                 PQerrorMessage (self->connection), error);
  if (g_str_equal (state, "57014")) /* query_canceled: by the time of a look, or by the server */
    return self->end > 0
               ? fail_late (self, error)
               : fail (self, ATTUNE_DATA_ERROR_READ, "The query was ended by", reason, error);
  if (g_str_equal (state, "25006") || g_str_has_prefix (state, "0A")) /* it would write */
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                   "The query of “%s” does something else than read its tables (%s). Nothing was "
                   "done. Ask for rows with one SELECT.",
                   self->path, reason != NULL ? reason : state);
      return FALSE;
    }
  if (g_str_equal (state, "42501"))
    return fail (self, ATTUNE_DATA_ERROR_READ, "Your name may not read this in", reason, error);
  return fail (self, ATTUNE_DATA_ERROR_SETTINGS, "This is not understood by", reason, error);
}

/* Sends one statement, after what is left of the answer to the last one. */
static gboolean
send_statement (Postgresql *self, const char *statement, GError **error)
{
  PGresult *left;

  do
    {
      if (!wait_for_answer (self, error))
        return FALSE;
      left = PQgetResult (self->connection);
      PQclear (left);
    }
  while (left != NULL);
  if (is_late (self))
    return fail_late (self, error);
  /* with parameters, though none: so the server takes one statement only */
  return PQsendQueryParams (self->connection, statement, 0, NULL, NULL, NULL, NULL, 0)
         || fail (self, ATTUNE_DATA_ERROR_READ, "The connection is lost to",
                  PQerrorMessage (self->connection), error);
}

/* Runs one statement. Returns: (transfer full), or %NULL with @error. */
static PGresult *
run (Postgresql *self, const char *statement, GError **error)
{
  PGresult *result = NULL, *next;

  if (!send_statement (self, statement, error))
    return NULL;
  do
    {
      if (!wait_for_answer (self, error))
        {
          PQclear (result);
          return NULL;
        }
      next = PQgetResult (self->connection);
      if (next != NULL)
        {
          PQclear (result);
          result = next;
        }
    }
  while (next != NULL);
  if (PQresultStatus (result) == PGRES_COMMAND_OK || PQresultStatus (result) == PGRES_TUPLES_OK)
    return result;
  fail_query (self, result, error);
  PQclear (result);
  return NULL;
}

static gboolean
run_silent (Postgresql *self, const char *statement, GError **error)
{
  PGresult *result = run (self, statement, error);

  PQclear (result);
  return result != NULL;
}

/* The same rows come in the same order, and times are written alike, whatever the server's settings
 * are. One that does not know this is read as it is. */
static void
settle (Postgresql *self)
{
  static const char *const statements[]
      = { "SET synchronize_seqscans = off", "SET datestyle = 'ISO'", "SET timezone = 'UTC'" };

  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    run_silent (self, statements[i], NULL);
}

static gpointer
postgresql_open (const AttuneSource *source, gboolean looking, GCancellable *cancellable,
                 GError **error)
{
  /* what comes first is overruled by what the address says */
  const char *const names[]
      = { "connect_timeout", "dbname", "application_name", "client_encoding", NULL };
  const char *const values[] = { CONNECT_SECONDS, source->address, "Attune", "UTF8", NULL };
  Postgresql *self = g_new0 (Postgresql, 1);
  g_autofree char *limit
      = g_strdup_printf ("SET statement_timeout = %d", ATTUNE_SQL_LOOK_SECONDS * 1000);

  self->path = source->path;
  self->cancellable = cancellable;
  if (looking)
    self->end = g_get_monotonic_time () + ATTUNE_SQL_LOOK_SECONDS * G_USEC_PER_SEC;
  self->connection = PQconnectdbParams (names, values, 1);
  PQsetNoticeProcessor (self->connection, ignore_notice, NULL);
  if (PQstatus (self->connection) != CONNECTION_OK)
    fail_connect (self, error);
  else if ((!looking || run_silent (self, limit, error))
           && run_silent (self, "SET default_transaction_read_only = on", error))
    {
      settle (self);
      return self;
    }
  postgresql_close (self);
  return NULL;
}

static GPtrArray *
postgresql_list (gpointer data, GError **error)
{
  static const char query[]
      = "SELECT CASE WHEN pg_table_is_visible (c.oid) THEN quote_ident (c.relname) ELSE "
        "quote_ident (n.nspname) || '.' || quote_ident (c.relname) END FROM pg_class c JOIN "
        "pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND "
        "n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' AND "
        "has_schema_privilege (n.oid, 'USAGE') AND has_table_privilege (c.oid, 'SELECT') "
        "ORDER BY c.relkind IN ('v', 'm'), 1";
  Postgresql *self = data;
  GPtrArray *names;
  PGresult *result = run (self, query, error);

  if (result == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  for (int i = 0; i < PQntuples (result); i++)
    g_ptr_array_add (names, g_utf8_make_valid (PQgetvalue (result, i, 0), -1));
  PQclear (result);
  return names;
}

/* As it is listed it is quoted. */
static char *
postgresql_select (gpointer data, const char *table)
{
  return g_strdup_printf ("SELECT * FROM %s", table);
}

/* Takes the next of the rows that were asked for. */
static gboolean
step (Postgresql *self, GError **error)
{
  g_clear_pointer (&self->row, PQclear);
  if (!wait_for_answer (self, error))
    return FALSE;
  self->row = PQgetResult (self->connection);
  return PQresultStatus (self->row) == PGRES_SINGLE_TUPLE
         || PQresultStatus (self->row) == PGRES_TUPLES_OK || fail_query (self, self->row, error);
}

/* Asks for rows: each comes by itself, for some are large. */
static gboolean
fetch (Postgresql *self, GError **error)
{
  g_autofree char *statement = NULL;

  self->n_given = 0;
  self->n_asked = self->end > 0 ? ATTUNE_PREVIEW_ROWS : FETCHED;
  statement = g_strdup_printf ("FETCH %u FROM attune_rows", self->n_asked);
  if (!send_statement (self, statement, error))
    return FALSE;
  PQsetSingleRowMode (self->connection);
  return step (self, error);
}

static gboolean
postgresql_run (gpointer data, const char *query, GPtrArray *columns, GError **error)
{
  Postgresql *self = data;
  g_autofree char *statement
      = g_strdup_printf ("DECLARE attune_rows NO SCROLL CURSOR FOR %s", query);

  if (!attune_sql_check_query (self->path, query, error) || !run_silent (self, "ROLLBACK", error)
      || !run_silent (self, "BEGIN TRANSACTION READ ONLY", error)
      || !run_silent (self, statement, error) || !fetch (self, error))
    return FALSE;
  for (int i = 0; i < PQnfields (self->row); i++)
    g_ptr_array_add (columns, g_utf8_make_valid (PQfname (self->row, i), -1));
  return TRUE;
}

static int
postgresql_next (gpointer data, AttuneTableRow *row, GError **error)
{
  Postgresql *self = data;

  if (PQntuples (self->row) > 0 && self->n_given > 0 && !step (self, error))
    return -1;
  if (PQntuples (self->row) == 0 && self->n_given == self->n_asked && !fetch (self, error))
    return -1;
  if (PQntuples (self->row) == 0)
    return 0;
  attune_table_row_begin (row);
  for (int i = 0; i < PQnfields (self->row); i++)
    attune_table_row_add (row, PQgetvalue (self->row, 0, i), PQgetlength (self->row, 0, i));
  self->n_given++;
  return 1;
}

const AttuneSqlDriver attune_sql_postgresql = {
  .format = "postgresql",
  .open = postgresql_open,
  .list = postgresql_list,
  .select = postgresql_select,
  .run = postgresql_run,
  .next = postgresql_next,
  .close = postgresql_close,
};
