/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any other database, by the driver that this computer has for it (ODBC, by unixODBC): told to only
 * read where it can be, else in a transaction that is rolled back; a query that may write is not
 * even asked (sql-query.c). Row by row as the driver's cursor hands them out. Whether a table is
 * whole in memory is up to the driver; here it never is.
 *
 * A driver that hangs cannot be called off from another thread, since few are made for that: a look
 * has a limit of time, which the driver keeps, and a reading ends between two rows.
 */
#include "data/odbc-private.h"

#include <string.h>

#define NAME_UNITS 512

/* Begins a statement of its own: a driver may keep nothing of the last. */
static gboolean
begin_statement (AttuneOdbc *self, GError **error)
{
  if (self->statement != NULL)
    SQLFreeHandle (SQL_HANDLE_STMT, self->statement);
  self->statement = NULL;
  self->moment = ATTUNE_ODBC_ASKING;
  if (!SQL_SUCCEEDED (SQLAllocHandle (SQL_HANDLE_STMT, self->connection, &self->statement)))
    return attune_odbc_fail (self, SQL_HANDLE_DBC, self->connection, error);
  if (self->end > 0)
    SQLSetStmtAttr (self->statement, SQL_ATTR_QUERY_TIMEOUT,
                    GSIZE_TO_POINTER ((gsize) ATTUNE_SQL_LOOK_SECONDS), SQL_IS_UINTEGER);
  return TRUE;
}

/* Returns: 1 with a row, 0 at the end, -1 with @error. */
static int
fetch (AttuneOdbc *self, GError **error)
{
  const SQLRETURN result = SQLFetch (self->statement);

  if (result == SQL_NO_DATA)
    return 0;
  if (!SQL_SUCCEEDED (result))
    {
      attune_odbc_fail_statement (self, error);
      return -1;
    }
  if (self->end > 0 && g_get_monotonic_time () > self->end)
    {
      attune_odbc_explain (self->source, self->moment, "HYT00", "too many rows", NULL, error);
      return -1;
    }
  return 1;
}

/* --- tables */

/* What a server keeps of itself. */
static gboolean
is_own (const char *schema)
{
  static const char *const names[] = { "information_schema", "sys", "pg_catalog", NULL };

  for (guint i = 0; names[i] != NULL; i++)
    if (g_ascii_strcasecmp (schema, names[i]) == 0)
      return TRUE;
  return FALSE;
}

/* Returns: (transfer full): @name in quotes. */
static char *
quote_name (const AttuneOdbc *self, const char *name)
{
  g_autofree char *twice = g_strconcat (self->quote, self->quote, NULL), *inner = NULL;
  g_auto (GStrv) parts = NULL;

  if (*self->quote == '\0')
    return g_strdup (name);
  parts = g_strsplit (name, self->quote, -1);
  inner = g_strjoinv (twice, parts);
  return g_strconcat (self->quote, inner, self->quote, NULL);
}

/* A table as it is listed: as it is called, unless that would not be understood. */
static char *
name_table (const AttuneOdbc *self, const char *schema, const char *name)
{
  g_autofree char *first = NULL, *second = NULL;

  if (strchr (schema, '.') == NULL && strchr (name, '.') == NULL
      && (*self->quote == '\0' || !g_str_has_prefix (name, self->quote)))
    return *schema == '\0' ? g_strdup (name) : g_strconcat (schema, ".", name, NULL);
  first = quote_name (self, schema);
  second = quote_name (self, name);
  return *schema == '\0' ? g_steal_pointer (&second) : g_strconcat (first, ".", second, NULL);
}

static char *
odbc_select (gpointer data, const char *table)
{
  const AttuneOdbc *self = data;
  g_auto (GStrv) parts = g_strsplit (table, ".", 2);
  g_autofree char *quoted = NULL;

  if (*self->quote == '\0' || g_str_has_prefix (table, self->quote))
    return g_strdup_printf ("SELECT * FROM %s", table);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *part = quote_name (self, parts[i]);

      g_free (parts[i]);
      parts[i] = part;
    }
  quoted = g_strjoinv (".", parts);
  return g_strdup_printf ("SELECT * FROM %s", quoted);
}

static GPtrArray *
odbc_list (gpointer data, GError **error)
{
  static SQLWCHAR kinds[] = { 'T', 'A', 'B', 'L', 'E', ',', 'V', 'I', 'E', 'W', 0 };
  AttuneOdbc *self = data;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int more;

  if (!begin_statement (self, error))
    return NULL;
  if (!SQL_SUCCEEDED (SQLTablesW (self->statement, NULL, 0, NULL, 0, NULL, 0, kinds, SQL_NTS)))
    {
      attune_odbc_fail_statement (self, error);
      return NULL;
    }
  while ((more = fetch (self, error)) == 1)
    {
      g_autofree char *schema = NULL;
      char *text;
      gsize n;

      /* by the reference: catalogue, schema, name, kind */
      if (!attune_odbc_get_text (self, 1, SQL_WVARCHAR, &text, &n, error))
        return NULL;
      schema = g_utf8_make_valid (text != NULL ? text : "", -1);
      if (!attune_odbc_get_text (self, 2, SQL_WVARCHAR, &text, &n, error))
        return NULL;
      if (!is_own (schema) && text != NULL && g_utf8_validate (text, n, NULL))
        g_ptr_array_add (names, name_table (self, schema, text));
    }
  return more == 0 ? g_steal_pointer (&names) : NULL;
}

/* --- rows */

static gboolean
describe_columns (AttuneOdbc *self, SQLSMALLINT n_columns, GPtrArray *columns, GError **error)
{
  g_array_set_size (self->types, 0);
  for (SQLSMALLINT i = 1; i <= n_columns; i++)
    {
      SQLWCHAR name[NAME_UNITS] = { 0 };
      SQLSMALLINT n = 0, type = 0, digits = 0, nullable = 0;
      SQLULEN size = 0;

      if (!SQL_SUCCEEDED (SQLDescribeColW (self->statement, i, name, NAME_UNITS, &n, &type, &size,
                                           &digits, &nullable)))
        return attune_odbc_fail_statement (self, error);
      name[NAME_UNITS - 1] = 0;
      g_ptr_array_add (columns, attune_odbc_from_wide (name, -1));
      g_array_append_val (self->types, type);
    }
  return TRUE;
}

/* A query that a person wrote, or found somewhere. */
static gboolean
check_own (const AttuneOdbc *self, const char *query, GError **error)
{
  if (!attune_sql_check_single (self->source->path, query, error)
      || !attune_sql_check_reads (self->source->path, query, error))
    return FALSE;
  if (self->guard != ATTUNE_ODBC_UNGUARDED)
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
               "The driver of “%s” can neither forbid a query to write nor undo what it did, so "
               "the query was not asked. Choose a table or a view instead.",
               self->source->path);
  return FALSE;
}

static gboolean
odbc_run (gpointer data, const char *query, GPtrArray *columns, GError **error)
{
  AttuneOdbc *self = data;
  /* many a driver takes no semicolon, not even at the end */
  g_autofree char *single
      = self->source->query != NULL ? g_strndup (query, strcspn (query, ";")) : g_strdup (query);
  g_autofree gunichar2 *wide = NULL;
  SQLSMALLINT n_columns = 0;
  SQLRETURN result;

  if ((self->source->query != NULL && !check_own (self, query, error))
      || (wide = g_utf8_to_utf16 (single, -1, NULL, NULL, error)) == NULL
      || !begin_statement (self, error))
    return FALSE;
  result = SQLExecDirectW (self->statement, (SQLWCHAR *) wide, SQL_NTS);
  if (!SQL_SUCCEEDED (result) && result != SQL_NO_DATA)
    return attune_odbc_fail_statement (self, error);
  SQLNumResultCols (self->statement, &n_columns);
  if (n_columns > 0)
    return describe_columns (self, n_columns, columns, error);
  SQLEndTran (SQL_HANDLE_DBC, self->connection, SQL_ROLLBACK);
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
               "The query of “%s” asks for no rows. %s Ask for rows with one SELECT.",
               self->source->path,
               self->guard == ATTUNE_ODBC_READ_ONLY ? "Nothing was done."
                                                    : "The server was told to undo what it did.");
  return FALSE;
}

static int
odbc_next (gpointer data, AttuneTableRow *row, GError **error)
{
  AttuneOdbc *self = data;
  const int more = fetch (self, error);

  if (more != 1)
    return more;
  self->moment = ATTUNE_ODBC_READING;
  attune_table_row_begin (row);
  for (guint i = 0; i < self->types->len; i++)
    {
      char *text;
      gsize n;

      if (!attune_odbc_get_text (self, i, g_array_index (self->types, SQLSMALLINT, i), &text, &n,
                                 error))
        return -1;
      if (text != NULL)
        attune_table_row_add (row, text, n);
      else
        attune_table_row_refuse (
            row,
            g_strdup_printf ("Its column %u holds bytes that are no characters in UTF-16.", i + 1));
    }
  return 1;
}

const AttuneSqlDriver attune_sql_odbc = {
  .format = "odbc",
  .open = attune_odbc_open,
  .list = odbc_list,
  .select = odbc_select,
  .run = odbc_run,
  .next = odbc_next,
  .close = attune_odbc_close,
};
