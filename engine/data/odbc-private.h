/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of the reader of databases by ODBC share: odbc-connect.c reaches one, odbc.c asks
 * it, odbc-value.c takes what it answers. Only they know the driver manager.
 */
#pragma once
#include "data/odbc.h"
#include "data/sql.h"

#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>

G_BEGIN_DECLS

/* A value comes in pieces of this. */
#define ATTUNE_ODBC_PIECE_BYTES 65536

/* How sure it is that a query changes nothing. */
typedef enum
{
  ATTUNE_ODBC_UNGUARDED,
  ATTUNE_ODBC_UNDONE,    /* it is in a transaction that is rolled back */
  ATTUNE_ODBC_READ_ONLY, /* the server forbids it */
} AttuneOdbcGuard;

typedef struct
{
  SQLHENV environment;
  SQLHDBC connection;
  SQLHSTMT statement;
  gboolean connected;
  AttuneOdbcGuard guard;
  gboolean narrow;            /* the driver gives no UTF-16: text comes in its own encoding */
  char quote[8];              /* around names; "": none */
  GArray *types;              /* SQLSMALLINT of each column */
  GByteArray *value;          /* the one at hand */
  guint8 *piece;              /* ATTUNE_ODBC_PIECE_BYTES, aligned for UTF-16 */
  const AttuneSource *source; /* borrowed */
  AttuneOdbcMoment moment;
  gint64 end; /* of a look, by the monotonic clock; 0: none */
} AttuneOdbc;

gpointer attune_odbc_open (const AttuneSource *source, gboolean looking, GCancellable *cancellable,
                           GError **error);
void attune_odbc_close (gpointer data);
/* Hand on what is said of a handle that failed, or of the statement. Return %FALSE. */
gboolean attune_odbc_fail (const AttuneOdbc *self, SQLSMALLINT kind, SQLHANDLE handle,
                           GError **error);
gboolean attune_odbc_fail_statement (const AttuneOdbc *self, GError **error);
/* @n: units, or -1: as far as a zero. Returns: (transfer full): as UTF-8; "" where it is none. */
char *attune_odbc_from_wide (const SQLWCHAR *text, glong n);
/* A column of the row at hand as UTF-8. @type: SQL's; @text: (out): with @n bytes, as long as the
 * next is not asked for; where it is none, %NULL. Returns: %FALSE with @error. */
gboolean attune_odbc_get_text (AttuneOdbc *self, guint column, SQLSMALLINT type, char **text,
                               gsize *n, GError **error);

G_END_DECLS
