/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Addresses of ODBC: "odbc:NAME" of a data source that is set up on this computer, or
 * "odbc:KEY=VALUE;KEY=VALUE" as drivers take it. What is shown and kept of them says where the data
 * is, and holds no password.
 */
#include "data/odbc.h"
#include "data/sql.h"

#include <string.h>

#define PREFIX "odbc:"

typedef struct
{
  char *key, *value; /* the value as it is meant, without braces */
} Pair;

static void
pair_free (gpointer data)
{
  Pair *pair = data;

  g_free (pair->key);
  g_free (pair->value);
  g_free (pair);
}

gboolean
attune_odbc_is_address (const char *path)
{
  return g_str_has_prefix (path, PREFIX);
}

/* A value ends at a semicolon, or is in braces, in which }} stands for one. Returns: (transfer
 * full), or %NULL where it never ends. */
static char *
take_value (const char **p)
{
  g_autoptr (GString) value = g_string_new (NULL);

  if (**p != '{')
    {
      const gsize n = strcspn (*p, ";");

      g_string_append_len (value, *p, n);
      *p += n;
      return g_strstrip (g_string_free (g_steal_pointer (&value), FALSE));
    }
  for (++*p; **p != '\0'; ++*p)
    {
      if (**p == '}' && (*p)[1] != '}')
        {
          ++*p;
          return g_string_free (g_steal_pointer (&value), FALSE);
        }
      *p += **p == '}';
      g_string_append_c (value, **p);
    }
  return NULL;
}

/* Returns: (transfer full): Pair*, or %NULL with @error. */
static GPtrArray *
parse (const char *address, GError **error)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (pair_free);
  const char *p = address + strlen (PREFIX);
  gboolean good = TRUE;

  while (good && *p != '\0')
    {
      const gsize n = strcspn (p, "=;");
      g_autofree char *key = g_strstrip (g_strndup (p, n));
      g_autofree char *value = NULL;

      p += n;
      if (*p == '=')
        {
          p++;
          value = take_value (&p);
        }
      else if (pairs->len == 0 && *key != '\0') /* a data source's name alone */
        {
          value = g_steal_pointer (&key);
          key = g_strdup ("DSN");
        }
      good = (value != NULL && *key != '\0' && (*p == ';' || *p == '\0'))
             || (value == NULL && *key == '\0' && *p == ';');
      if (good && value != NULL)
        {
          Pair *pair = g_new (Pair, 1);

          *pair = (Pair) { g_steal_pointer (&key), g_steal_pointer (&value) };
          g_ptr_array_add (pairs, pair);
        }
      p += *p == ';';
    }
  if (good && pairs->len > 0)
    return g_steal_pointer (&pairs);
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
               "This address of a database cannot be understood. It is written as odbc:NAME, or as "
               "odbc:Driver=…;Server=…;Database=…;UID=…; a password with a semicolon stands in "
               "braces: PWD={…}.");
  return NULL;
}

/* @keys: %NULL at their end. */
static gboolean
is_one_of (const char *key, const char *const *keys)
{
  for (; *keys != NULL; keys++)
    if (g_ascii_strcasecmp (key, *keys) == 0)
      return TRUE;
  return FALSE;
}

/* The keys that say where the data is; any other may hold a secret, as half of a password would
 * that was not put into braces. */
static const char *const shown[] = { "DSN",  "FILEDSN",  "Driver", "Server", "ServerName", "Host",
                                     "Port", "Database", "DB",     "UID",    "User",       NULL };

char *
attune_odbc_describe (const char *address, GError **error)
{
  g_autoptr (GPtrArray) pairs = parse (address, error);
  g_autoptr (GString) text = g_string_new (PREFIX);

  if (pairs == NULL)
    return NULL;
  for (guint i = 0; i < pairs->len; i++)
    {
      const Pair *pair = pairs->pdata[i];

      if (is_one_of (pair->key, shown))
        g_string_append_printf (text, "%s%s=%s", text->len > strlen (PREFIX) ? ";" : "", pair->key,
                                pair->value);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Returns: (transfer full): @value as it stands in braces. */
static char *
in_braces (const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, "}", -1);
  g_autofree char *inner = g_strjoinv ("}}", parts);

  return g_strdup_printf ("{%s}", inner);
}

char *
attune_odbc_get_connection (const char *address, GError **error)
{
  g_autoptr (GPtrArray) pairs = parse (address, error);
  g_autoptr (GString) text = g_string_new (NULL);

  if (pairs == NULL)
    return NULL;
  for (guint i = 0; i < pairs->len; i++)
    {
      const Pair *pair = pairs->pdata[i];
      g_autofree char *value = strpbrk (pair->value, "{};=") != NULL ? in_braces (pair->value)
                                                                     : g_strdup (pair->value);

      g_string_append_printf (text, "%s=%s;", pair->key, value);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
attune_odbc_find (const char *address, const char *key)
{
  g_autoptr (GPtrArray) pairs = parse (address, NULL);

  for (guint i = 0; pairs != NULL && i < pairs->len; i++)
    {
      Pair *pair = pairs->pdata[i];

      if (g_ascii_strcasecmp (pair->key, key) == 0)
        return g_steal_pointer (&pair->value);
    }
  return NULL;
}

char *
attune_odbc_hide (const char *address, const char *text)
{
  g_autoptr (GPtrArray) pairs = parse (address, NULL);
  g_autoptr (GString) hidden = g_string_new (text);

  for (guint i = 0; pairs != NULL && i < pairs->len; i++)
    {
      const Pair *pair = pairs->pdata[i];

      /* what is short and no password, as a "1" that switches something on, stands in many a
       * sentence */
      if (!is_one_of (pair->key, shown)
          && (strlen (pair->value) > 3
              || (*pair->value != '\0'
                  && is_one_of (pair->key, (const char *[]) { "PWD", "Password", NULL }))))
        g_string_replace (hidden, pair->value, "…", 0);
    }
  return g_string_free (g_steal_pointer (&hidden), FALSE);
}

char *
attune_source_join_password (const char *address, const char *password)
{
  g_autofree char *escaped = NULL;

  if (*password == '\0')
    return g_strdup (address);
  if (attune_odbc_is_address (address))
    {
      escaped = in_braces (password);
      return g_strdup_printf ("%s;PWD=%s", address, escaped);
    }
  escaped = g_uri_escape_string (password, NULL, FALSE);
  return g_strdup_printf ("%s%cpassword=%s", address, strchr (address, '?') != NULL ? '&' : '?',
                          escaped);
}
