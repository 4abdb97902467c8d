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

/* --- what a query may not say */

/* What writes, or runs what nobody here has seen; after SELECT, SQL Server needs no semicolon
 * before the next of them. INTO also writes files. */
static gboolean
is_forbidden (const char *word, gsize n)
{
  static const char *const words[]
      = { "alter",   "backup",     "bulk",           "call",      "commit",     "create",
          "dbcc",    "declare",    "delete",         "deny",      "disable",    "drop",
          "enable",  "exec",       "execute",        "grant",     "insert",     "into",
          "kill",    "merge",      "opendatasource", "openquery", "openrowset", "reconfigure",
          "restore", "revoke",     "rollback",       "set",       "shutdown",   "truncate",
          "update",  "updatetext", "waitfor",        "writetext" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strlen (words[i]) == n && g_ascii_strncasecmp (word, words[i], n) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_in_word (char c)
{
  return g_ascii_isalnum (c) || c == '_' || (c & 0x80) != 0;
}

/* Whether servers differ in where a text, a name or a comment of @query ends: nothing in it counts
 * as hidden then. */
static gboolean
is_doubtful (const char *query)
{
  for (const char *p = query; *p != '\0'; p++)
    if (strchr ("\\[$#", *p) != NULL || (*p == '\'' && p > query && strchr ("qQ", p[-1]) != NULL)
        || (strncmp (p, "--", 2) == 0 && p[2] != '\0' && !g_ascii_isspace (p[2])))
      return TRUE;
  return FALSE;
}

/* Behind what @p begins that no server reads as words: a text, a name in quotes, or a comment; @p
 * where it begins none. %NULL: it has no end, or servers differ in where. */
static const char *
skip_hidden (const char *p)
{
  const char *end;

  if (strncmp (p, "--", 2) == 0)
    return p + strcspn (p, "\n");
  if (strncmp (p, "/*", 2) == 0)
    {
      end = strstr (p + 2, "*/");
      return end == NULL || g_strstr_len (p + 2, end - p - 2, "/*") != NULL ? NULL : end + 2;
    }
  if (strchr ("'\"`", *p) == NULL)
    return p;
  end = strchr (p + 1, *p); /* a doubled one ends a text and begins the next */
  return end == NULL ? NULL : end + 1;
}

/* Returns: (nullable): the first word that is not let through, with @n bytes. */
static const char *
find_forbidden (const char *query, gsize *n)
{
  gboolean hides = !is_doubtful (query);

  for (const char *p = query; hides && *p != '\0';)
    {
      const char *end = skip_hidden (p);

      hides = end != NULL;
      p = hides && end > p ? end : p + 1;
    }
  for (const char *p = query; *p != '\0';)
    {
      const char *end = hides ? skip_hidden (p) : p;

      if (end == p && is_in_word (*p))
        {
          while (is_in_word (*end))
            end++;
          *n = end - p;
          if (is_forbidden (p, *n))
            return p;
        }
      p = end > p ? end : p + 1;
    }
  return NULL;
}

gboolean
attune_sql_check_reads (const char *path, const char *query, GError **error)
{
  const char *start = skip_comments (query), *word;
  gsize n = 0;

  while (is_in_word (start[n]))
    n++;
  if (strstr (query, "/*!") != NULL || strstr (query, "/*M!") != NULL)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                   "The query of “%s” has a comment that some servers execute (/*!). Nothing was "
                   "done. Leave it out.",
                   path);
      return FALSE;
    }
  if (!(n == 6 && g_ascii_strncasecmp (start, "select", n) == 0)
      && !(n == 4 && g_ascii_strncasecmp (start, "with", n) == 0))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                   "The query of “%s” does something else than read its tables. Nothing was done. "
                   "Ask for rows with one SELECT.",
                   path);
      return FALSE;
    }
  if ((word = find_forbidden (query, &n)) == NULL)
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
               "The query of “%s” has the word “%.*s”, which may change the database. Nothing was "
               "done. Ask for rows with one SELECT; where only a name or a text reads so, ask for "
               "a view of the database that does without.",
               path, (int) n, word);
  return FALSE;
}
