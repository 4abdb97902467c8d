/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In the place of odbc.c where Attune is built without a driver manager.
 */
#include "data/sql.h"

static gpointer
odbc_open (const AttuneSource *source, gboolean looking, GCancellable *cancellable, GError **error)
{
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ,
               "“%s” cannot be read: this Attune was built without ODBC (unixODBC). Save the table "
               "as a CSV file, and add that.",
               source->path);
  return NULL;
}

/* What else there is is asked only of what could be opened. */
const AttuneSqlDriver attune_sql_odbc = { .format = "odbc", .open = odbc_open };
