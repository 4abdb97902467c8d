/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Addresses of PostgreSQL servers: what is shown and kept of them is without the password.
 */
#include "data/sql.h"

#include <libpq-fe.h>
#include <string.h>

gboolean
attune_postgresql_is_address (const char *path)
{
  return g_str_has_prefix (path, "postgresql://") || g_str_has_prefix (path, "postgres://");
}

/* A part of a password that was not escaped is taken for another part of the address. */
static gboolean
is_whole (const char *host, const char *port, const char *database)
{
  return (host == NULL || strchr (host, '@') == NULL)
         && (port == NULL || port[strspn (port, "0123456789,")] == '\0')
         && (database == NULL || strchr (database, '@') == NULL);
}

char *
attune_postgresql_describe (const char *address, GError **error)
{
  char *reason = NULL;
  PQconninfoOption *options = PQconninfoParse (address, &reason);
  const char *host = NULL, *port = NULL, *user = NULL, *database = NULL;
  char *shown = NULL;

  if (options == NULL)
    {
      /* libpq's reason repeats the address, and so a password that is in it */
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                   "This address of a database cannot be understood. It is written as "
                   "postgresql://USER@HOST/DATABASE.");
      PQfreemem (reason);
      return NULL;
    }
  for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
    if (g_str_equal (o->keyword, "host"))
      host = o->val;
    else if (g_str_equal (o->keyword, "port"))
      port = o->val;
    else if (g_str_equal (o->keyword, "user"))
      user = o->val;
    else if (g_str_equal (o->keyword, "dbname"))
      database = o->val;
  if (is_whole (host, port, database))
    shown = g_strdup_printf ("postgresql://%s%s%s%s%s/%s", user != NULL ? user : "",
                             user != NULL ? "@" : "", host != NULL ? host : "",
                             port != NULL ? ":" : "", port != NULL ? port : "",
                             database != NULL ? database : "");
  else
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                 "This address of a database cannot be understood. In its password write %%2F for "
                 "/, %%40 for @, %%3A for : and %%3F for ?.");
  PQconninfoFree (options);
  return shown;
}
