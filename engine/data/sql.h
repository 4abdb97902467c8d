/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a kind of database does for a source of records: tell its tables, and run one query that
 * only reads, row by row. Private to data/.
 */
#pragma once
#include "data/import-private.h"

G_BEGIN_DECLS

/* A look at a database ends after this time, whatever its query does. */
#define ATTUNE_SQL_LOOK_SECONDS 20

typedef struct
{
  const char *format;
  /* @looking: it is a look, not a reading */
  gpointer (*open) (const AttuneSource *source, gboolean looking, GCancellable *cancellable,
                    GError **error);
  /* Returns: (transfer full): char*: tables and views as they are shown and chosen. */
  GPtrArray *(*list) (gpointer self, GError **error);
  /* Returns: (transfer full): the query that reads all of a table that was listed. */
  char *(*select) (gpointer self, const char *table);
  /* @columns: gets their names */
  gboolean (*run) (gpointer self, const char *query, GPtrArray *columns, GError **error);
  /* Returns: 1 with the next row, 0 at the end, -1 with @error. */
  int (*next) (gpointer self, AttuneTableRow *row, GError **error);
  void (*close) (gpointer self);
} AttuneSqlDriver;

extern const AttuneSqlDriver attune_sql_sqlite, attune_sql_postgresql, attune_sql_odbc;

/* Whether it is "postgresql://…", and no file. */
gboolean attune_postgresql_is_address (const char *path);
/* How the connection is told apart and shown: without its password. Returns: (transfer full), or
 * %NULL with @error where it is no such address. */
char *attune_postgresql_describe (const char *address, GError **error);
/* The same of "odbc:…". */
gboolean attune_odbc_is_address (const char *path);
char *attune_odbc_describe (const char *address, GError **error);

/* Whether @query begins as one that reads does. @path: as it is shown */
gboolean attune_sql_check_query (const char *path, const char *query, GError **error);
/* Whether it is one: a semicolon is at its end only. One in a text is refused, too: how texts end
 * differs from server to server. */
gboolean attune_sql_check_single (const char *path, const char *query, GError **error);
/* Whether @query is a SELECT, or WITH and one, without a word that writes, for servers that cannot
 * all be told to only read: outside of texts, names in quotes and comments, and inside them, too,
 * where servers differ in what ends them. */
gboolean attune_sql_check_reads (const char *path, const char *query, GError **error);

G_END_DECLS
