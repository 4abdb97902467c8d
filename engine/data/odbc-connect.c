/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reaching a database by ODBC, and leaving it as it was: it is told to only read, and what was done
 * nevertheless is rolled back.
 */
#include "data/odbc-private.h"

#include <string.h>

G_STATIC_ASSERT (sizeof (SQLWCHAR) == sizeof (gunichar2));

#define CONNECT_SECONDS 10

void
attune_odbc_close (gpointer data)
{
  AttuneOdbc *self = data;

  if (self->statement != NULL)
    SQLFreeHandle (SQL_HANDLE_STMT, self->statement);
  if (self->connected)
    {
      SQLEndTran (SQL_HANDLE_DBC, self->connection, SQL_ROLLBACK);
      SQLDisconnect (self->connection);
    }
  if (self->connection != NULL)
    SQLFreeHandle (SQL_HANDLE_DBC, self->connection);
  if (self->environment != NULL)
    SQLFreeHandle (SQL_HANDLE_ENV, self->environment);
  g_array_unref (self->types);
  g_byte_array_unref (self->value);
  g_free (self->piece);
  g_free (self);
}

/* The names that the driver manager knows, which depend on @list: SQLDataSources() or SQLDrivers().
 * Returns: (transfer full) (nullable). */
static char *
list_known (const AttuneOdbc *self,
            SQLRETURN (*list) (SQLHENV, SQLUSMALLINT, SQLCHAR *, SQLSMALLINT, SQLSMALLINT *,
                               SQLCHAR *, SQLSMALLINT, SQLSMALLINT *))
{
  g_autoptr (GString) names = g_string_new (NULL);
  SQLCHAR name[256], more[256];
  SQLSMALLINT n, n_more;

  for (SQLUSMALLINT which = SQL_FETCH_FIRST; names->len < 1000; which = SQL_FETCH_NEXT)
    {
      g_autofree char *valid = NULL;

      if (!SQL_SUCCEEDED (
              list (self->environment, which, name, sizeof name, &n, more, sizeof more, &n_more)))
        break;
      valid = g_utf8_make_valid ((const char *) name, -1);
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", valid);
    }
  return names->len > 0 ? g_string_free (g_steal_pointer (&names), FALSE) : NULL;
}

char *
attune_odbc_from_wide (const SQLWCHAR *text, glong n)
{
  char *utf8 = g_utf16_to_utf8 ((const gunichar2 *) text, n, NULL, NULL, NULL);

  return utf8 != NULL ? utf8 : g_strdup ("");
}

gboolean
attune_odbc_fail (const AttuneOdbc *self, SQLSMALLINT kind, SQLHANDLE handle, GError **error)
{
  SQLWCHAR state[6] = { 0 }, text[SQL_MAX_MESSAGE_LENGTH] = { 0 };
  SQLINTEGER native;
  SQLSMALLINT n;
  g_autofree char *code = NULL, *reason = NULL, *known = NULL, *driver = NULL;

  SQLGetDiagRecW (kind, handle, 1, state, &native, text, G_N_ELEMENTS (text), &n);
  text[G_N_ELEMENTS (text) - 1] = 0;
  code = attune_odbc_from_wide (state, 5);
  reason = attune_odbc_from_wide (text, -1);
  if (self->moment == ATTUNE_ODBC_CONNECTING)
    {
      driver = attune_odbc_find (self->source->address, "Driver");
      known = list_known (self, driver != NULL || strstr (reason, "open lib") != NULL
                                    ? SQLDrivers
                                    : SQLDataSources);
    }
  return attune_odbc_explain (self->source, self->moment, code, reason, known, error);
}

gboolean
attune_odbc_fail_statement (const AttuneOdbc *self, GError **error)
{
  return attune_odbc_fail (self, SQL_HANDLE_STMT, self->statement, error);
}

/* What a driver does not know it goes without. */
static gboolean
set_number (AttuneOdbc *self, SQLINTEGER attribute, gsize value)
{
  return SQL_SUCCEEDED (
      SQLSetConnectAttr (self->connection, attribute, GSIZE_TO_POINTER (value), SQL_IS_UINTEGER));
}

static void
find_quote (AttuneOdbc *self)
{
  SQLCHAR quote[8] = { 0 };
  SQLSMALLINT n = 0;

  if (SQL_SUCCEEDED (
          SQLGetInfo (self->connection, SQL_IDENTIFIER_QUOTE_CHAR, quote, sizeof quote, &n))
      && g_utf8_validate ((const char *) quote, -1, NULL)
      && quote[0] != ' ') /* " ": there is none */
    g_strlcpy (self->quote, (const char *) quote, sizeof self->quote);
}

/* Returns: whether the server did it. */
static gboolean
tell (AttuneOdbc *self, const char *order)
{
  SQLHSTMT statement;
  SQLRETURN result;

  if (!SQL_SUCCEEDED (SQLAllocHandle (SQL_HANDLE_STMT, self->connection, &statement)))
    return FALSE;
  result = SQLExecDirect (statement, (SQLCHAR *) order, SQL_NTS);
  SQLFreeHandle (SQL_HANDLE_STMT, statement);
  return SQL_SUCCEEDED (result) || result == SQL_NO_DATA;
}

/* Those that can are told to only read, for as long as the connection is there; what a query does
 * besides on the others is undone by a transaction that is rolled back, where there are any.
 * SQLite's driver would have the whole table in memory in one; SQLite has a switch of its own. */
static void
forbid_writing (AttuneOdbc *self)
{
  static const struct
  {
    const char *name; /* how the server's begins */
    const char *order;
    AttuneOdbcGuard guard;
  } servers[] = {
    { "SQLite", "PRAGMA query_only = ON", ATTUNE_ODBC_READ_ONLY },
    { "PostgreSQL", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", ATTUNE_ODBC_READ_ONLY },
    { "MySQL", "SET SESSION TRANSACTION READ ONLY", ATTUNE_ODBC_READ_ONLY },
    { "MariaDB", "SET SESSION TRANSACTION READ ONLY", ATTUNE_ODBC_READ_ONLY },
  };
  SQLCHAR name[32] = { 0 };
  SQLUSMALLINT capable = SQL_TC_NONE;
  SQLSMALLINT n = 0;

  SQLGetInfo (self->connection, SQL_DBMS_NAME, name, sizeof name, &n);
  SQLGetInfo (self->connection, SQL_TXN_CAPABLE, &capable, sizeof capable, &n);
  for (guint i = 0; i < G_N_ELEMENTS (servers); i++)
    if (g_ascii_strncasecmp ((const char *) name, servers[i].name, strlen (servers[i].name)) == 0
        && tell (self, servers[i].order))
      self->guard = servers[i].guard;
  if (g_ascii_strcasecmp ((const char *) name, "SQLite") != 0
      && set_number (self, SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF) && capable != SQL_TC_NONE
      && self->guard == ATTUNE_ODBC_UNGUARDED)
    self->guard = ATTUNE_ODBC_UNDONE;
}

static gboolean
connect (AttuneOdbc *self, GError **error)
{
  g_autofree char *text = attune_odbc_get_connection (self->source->address, error);
  g_autofree gunichar2 *wide = NULL;
  SQLSMALLINT n;

  if (text == NULL)
    return FALSE;
  wide = g_utf8_to_utf16 (text, -1, NULL, NULL, error);
  if (wide == NULL)
    return FALSE;
  set_number (self, SQL_ATTR_LOGIN_TIMEOUT, CONNECT_SECONDS);
  set_number (self, SQL_ATTR_ACCESS_MODE, SQL_MODE_READ_ONLY);
  if (self->end > 0)
    set_number (self, SQL_ATTR_CONNECTION_TIMEOUT, ATTUNE_SQL_LOOK_SECONDS);
  if (!SQL_SUCCEEDED (SQLDriverConnectW (self->connection, NULL, (SQLWCHAR *) wide, SQL_NTS, NULL,
                                         0, &n, SQL_DRIVER_NOPROMPT)))
    return attune_odbc_fail (self, SQL_HANDLE_DBC, self->connection, error);
  self->connected = TRUE;
  self->moment = ATTUNE_ODBC_ASKING;
  forbid_writing (self);
  find_quote (self);
  return TRUE;
}

gpointer
attune_odbc_open (const AttuneSource *source, gboolean looking, GCancellable *cancellable,
                  GError **error)
{
  AttuneOdbc *self = g_new0 (AttuneOdbc, 1);

  self->source = source;
  self->types = g_array_new (FALSE, FALSE, sizeof (SQLSMALLINT));
  self->value = g_byte_array_new ();
  self->piece = g_malloc (ATTUNE_ODBC_PIECE_BYTES);
  if (looking)
    self->end = g_get_monotonic_time () + ATTUNE_SQL_LOOK_SECONDS * G_USEC_PER_SEC;
  if (SQL_SUCCEEDED (SQLAllocHandle (SQL_HANDLE_ENV, SQL_NULL_HANDLE, &self->environment))
      && SQL_SUCCEEDED (SQLSetEnvAttr (self->environment, SQL_ATTR_ODBC_VERSION,
                                       GSIZE_TO_POINTER (SQL_OV_ODBC3), 0))
      && SQL_SUCCEEDED (SQLAllocHandle (SQL_HANDLE_DBC, self->environment, &self->connection)))
    {
      if (connect (self, error))
        return self;
    }
  else
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ,
                 "“%s” cannot be read: ODBC does not start on this computer.", source->path);
  attune_odbc_close (self);
  return NULL;
}
