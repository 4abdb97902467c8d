/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A database as a source of records: which table is read, or which query.
 */
#include "data/sql.h"

#include <string.h>

static const AttuneSqlDriver *
find_driver (const char *format)
{
  static const AttuneSqlDriver *const drivers[]
      = { &attune_sql_sqlite, &attune_sql_postgresql, &attune_sql_odbc };

  for (guint i = 0; i < G_N_ELEMENTS (drivers); i++)
    if (g_str_equal (format, drivers[i]->format))
      return drivers[i];
  g_return_val_if_reached (NULL);
}

gboolean
attune_source_is_address (const char *path)
{
  return attune_postgresql_is_address (path) || attune_odbc_is_address (path);
}

typedef struct
{
  const AttuneSqlDriver *driver;
  gpointer database;
} Connection;

static void
connection_clear (Connection *self)
{
  if (self->database != NULL)
    self->driver->close (self->database);
  self->database = NULL;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Connection, connection_clear)

/* --- which table */

/* As it is listed, or without the quotes that a name with capitals is listed in. */
static const char *
find_table (const GPtrArray *tables, const char *name)
{
  for (guint i = 0; i < tables->len; i++)
    {
      const char *listed = tables->pdata[i];
      const gsize n = strlen (listed);

      if (g_str_equal (listed, name)
          || (n == strlen (name) + 2 && listed[0] == '"' && listed[n - 1] == '"'
              && strncmp (listed + 1, name, n - 2) == 0))
        return listed;
    }
  return NULL;
}

static gboolean
fail_table (const AttuneSource *source, const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < MIN (source->tables->len, 20); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            (const char *) source->tables->pdata[i]);
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS,
               "“%s” has no table “%s”. Its tables are: %s%s.", source->path, name, names->str,
               source->tables->len > 20 ? ", …" : "");
  return FALSE;
}

static gboolean
look (AttuneSource *source, const Connection *self, const char *query, GError **error)
{
  g_auto (AttuneTableRow) row = { 0 };
  int more = 1;

  attune_table_row_init (&row, NULL);
  g_ptr_array_set_size (source->columns, 0);
  g_ptr_array_set_size (source->preview, 0);
  source->header = TRUE;
  if (!self->driver->run (self->database, query, source->columns, error))
    return FALSE;
  for (int i = 0; i < ATTUNE_PREVIEW_ROWS && more == 1; i++)
    {
      more = self->driver->next (self->database, &row, error);
      if (more == 1)
        attune_table_row_show (&row, source);
    }
  attune_source_guess_roles (source);
  return more >= 0;
}

/* Whether a column is called as what is asked or learned is. */
static gboolean
has_known_column (const AttuneSource *source)
{
  for (guint i = 0; i < source->columns->len; i++)
    {
      const AttuneField field = attune_field_guess (source->columns->pdata[i]);

      if (field == ATTUNE_FIELD_QUESTION || field == ATTUNE_FIELD_ANSWER
          || field == ATTUNE_FIELD_TEXT)
        return source->preview->len > 0;
    }
  return FALSE;
}

/* More would take long in a database of thousands of tables. */
#define TRIED_TABLES 20

/* The first table with a column that we know, else the first that can be read. */
static gboolean
guess_table (AttuneSource *source, const Connection *self, GError **error)
{
  const char *first = NULL;

  for (guint i = 0; i < MIN (source->tables->len, TRIED_TABLES); i++)
    {
      const char *name = source->tables->pdata[i];
      g_autofree char *query = self->driver->select (self->database, name);

      if (!look (source, self, query, NULL))
        continue;
      if (has_known_column (source))
        {
          source->table = g_strdup (name);
          return TRUE;
        }
      first = first == NULL && source->preview->len > 0 ? name : first;
    }
  source->table = g_strdup (first != NULL ? first : source->tables->pdata[0]);
  return TRUE;
}

static gboolean
choose_table (AttuneSource *source, const Connection *self, const char *wanted, GError **error)
{
  const char *found;

  if (source->tables->len == 0)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                   "“%s” holds no table that may be read.", source->path);
      return FALSE;
    }
  if (wanted == NULL)
    return guess_table (source, self, error);
  if ((found = find_table (source->tables, wanted)) == NULL)
    return fail_table (source, wanted, error);
  source->table = g_strdup (found);
  return TRUE;
}

/* What is read of an open database. Returns: (transfer full). */
static char *
get_query (const AttuneSource *source, const Connection *self)
{
  return source->query != NULL ? g_strdup (source->query)
                               : self->driver->select (self->database, source->table);
}

/* The address' password is kept nowhere but in @source->address. */
static gboolean
hide_password (AttuneSource *source, GError **error)
{
  char *shown = attune_postgresql_is_address (source->path)
                    ? attune_postgresql_describe (source->path, error)
                    : attune_odbc_describe (source->path, error);

  if (shown == NULL)
    return FALSE;
  source->address = g_steal_pointer (&source->path);
  source->path = shown;
  return TRUE;
}

gboolean
attune_sql_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error)
{
  g_auto (Connection) self = { find_driver (source->format), NULL };
  g_autofree char *query = NULL;

  if (attune_source_is_address (source->path) && !hide_password (source, error))
    return FALSE;
  if ((self.database = self.driver->open (source, TRUE, NULL, error)) == NULL
      || (source->tables = self.driver->list (self.database, error)) == NULL)
    return FALSE;
  source->query = g_strdup (hints->query);
  if (source->query == NULL && !choose_table (source, &self, hints->table, error))
    return FALSE;
  query = get_query (source, &self);
  if (!look (source, &self, query, error))
    return FALSE;
  if (source->preview->len > 0)
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
               "%s “%s” of “%s” holds no row that can be read.",
               source->query != NULL ? "The query" : "The table",
               source->query != NULL ? source->query : source->table, source->path);
  return FALSE;
}

/* The columns are those that were looked at; else roles would be of others. */
static gboolean
check_columns (const AttuneSource *source, const GPtrArray *found, GError **error)
{
  gboolean same = found->len == source->columns->len;

  for (guint i = 0; same && i < found->len; i++)
    same = g_str_equal (found->pdata[i], source->columns->pdata[i]);
  if (!same)
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS,
                 "The columns of “%s” have changed since it was looked at. Add it again.",
                 source->path);
  return same;
}

gboolean
attune_sql_read (const AttuneReading *reading, GError **error)
{
  const AttuneSource *source = reading->source;
  g_auto (Connection) self = { find_driver (source->format), NULL };
  g_autoptr (GPtrArray) columns = g_ptr_array_new_with_free_func (g_free);
  g_auto (AttuneTableRow) row = { 0 };
  g_autofree char *query = NULL;
  int more;

  attune_table_row_init (&row, source->roles);
  if ((self.database = self.driver->open (source, FALSE, reading->cancellable, error)) == NULL)
    return FALSE;
  query = get_query (source, &self);
  if (!self.driver->run (self.database, query, columns, error)
      || !check_columns (source, columns, error))
    return FALSE;
  while ((more = self.driver->next (self.database, &row, error)) == 1)
    if (g_cancellable_set_error_if_cancelled (reading->cancellable, error)
        || !attune_table_row_give (&row, reading, error))
      return FALSE;
  return more == 0;
}
