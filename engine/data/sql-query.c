/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether a query is one that reads. A first look, in front of what the server forbids.
 */
#include "data/sql.h"

#include <string.h>

/* Behind white space and comments, which may stand in one another. */
static const char *
skip_comments (const char *p)
{
  for (guint depth = 0;;)
    if (strncmp (p, "/*", 2) == 0)
      {
        depth++;
        p += 2;
      }
    else if (depth > 0 && strncmp (p, "*/", 2) == 0)
      {
        depth--;
        p += 2;
      }
    else if (depth == 0 && strncmp (p, "--", 2) == 0)
      p += strcspn (p, "\n");
    else if (*p != '\0' && (depth > 0 || strchr (" \t\r\n\f", *p) != NULL))
      p++;
    else
      return p;
}

gboolean
attune_sql_check_query (const char *path, const char *query, GError **error)
{
  static const char *const words[] = { "select", "with", "values", "table", "(" };
  const char *p = skip_comments (query);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strncasecmp (p, words[i], strlen (words[i])) == 0)
      return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
               "The query of “%s” does something else than read its tables. Nothing was done. Ask "
               "for rows with one SELECT.",
               path);
  return FALSE;
}

gboolean
attune_sql_check_single (const char *path, const char *query, GError **error)
{
  const char *end = strchr (query, ';');

  if (end == NULL || *skip_comments (end + strspn (end, ";")) == '\0')
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
               "The query of “%s” has a semicolon before its end. Nothing was done. Ask for rows "
               "with one SELECT; where a text needs a semicolon, write it as CHAR(59).",
               path);
  return FALSE;
}
