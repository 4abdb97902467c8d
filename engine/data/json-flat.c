/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plainest of objects, without a tree of it: several times as fast. Whatever is not quite plain
 * is left to the parser, so that there is one opinion on what JSON is.
 */
#include "data/json-private.h"

#include <string.h>

static const char *
skip_space (const char *p)
{
  while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')
    p++;
  return p;
}

/* The number of four hexadecimal digits, or -1. */
static int
read_hex (const char *p)
{
  int code = 0;

  for (int i = 0; i < 4; i++)
    {
      const int digit = g_ascii_xdigit_value (p[i]);

      if (digit < 0)
        return -1;
      code = code << 4 | digit;
    }
  return code;
}

/* The character of the escape at @p, behind its backslash; @end: (out): behind it. 0: none that is
 * plain. */
static gunichar
read_escape (const char *p, const char **end)
{
  static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  const char *letter = *p != '\0' ? strchr (letters, *p) : NULL;
  int code, low;

  *end = p + 1;
  if (letter != NULL)
    return meant[letter - letters];
  if (*p != 'u' || (code = read_hex (p + 1)) <= 0)
    return 0;
  *end = p + 5;
  if (code < 0xd800 || code > 0xdfff)
    return code;
  if (code > 0xdbff || p[5] != '\\' || p[6] != 'u' || (low = read_hex (p + 7)) < 0xdc00
      || low > 0xdfff)
    return 0;
  *end = p + 11;
  return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/* The text that begins behind the quote at @p. Returns: (transfer full): or %NULL; @end: (out):
 * behind the closing quote. */
static char *
read_string (const char *p, const char **end)
{
  const char *start = p;
  g_autofree char *text = NULL;
  char *to;

  while ((guchar) *p >= ' ' && *p != '"' && *p != '\\')
    p++;
  if (*p == '"')
    {
      *end = p + 1;
      return g_strndup (start, p - start);
    }
  for (*end = p; (guchar) * *end >= ' ' && **end != '"'; ++*end)
    if (**end == '\\' && (*end)[1] != '\0')
      ++*end;
  if (**end != '"')
    return NULL;
  to = text = g_malloc (*end - start + 1); /* an escape is never shorter than its character */
  while (start < *end)
    {
      const char *next = start + 1;
      const gunichar c = *start == '\\' ? read_escape (start + 1, &next) : 0;

      if (*start == '\\' && c == 0)
        return NULL;
      if (c != 0)
        to += g_unichar_to_utf8 (c, to);
      else
        *to++ = *start;
      start = next;
    }
  *to = '\0';
  ++*end;
  return g_steal_pointer (&text);
}

/* A value that is a text as it stands. */
static char *
read_value (const char *p, const char **end)
{
  static const char *const words[] = { "true", "false", "null" };
  gsize n = *p == '-';

  if (*p == '"')
    return read_string (p + 1, end);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strncmp (p, words[i], strlen (words[i])) == 0)
      {
        *end = p + strlen (words[i]);
        return g_strdup (i < 2 ? words[i] : "");
      }
  n += strspn (p + n, "0123456789");
  /* written otherwise, or larger than the parser's numbers, it would be another text there */
  if (n == 0 || n > 18 || (*p == '0' && n > 1) || *p == '-'
      || (p[n] != '\0' && strchr (".eE", p[n])))
    return NULL;
  *end = p + n;
  return g_strndup (p, n);
}

gboolean
attune_json_read_flat (const char *text, gsize n, GHashTable *out)
{
  const char *p = skip_space (text);

  if (*p != '{')
    return FALSE;
  p = skip_space (p + 1);
  while (*p == '"')
    {
      g_autofree char *name = read_string (p + 1, &p), *value = NULL;

      if (name == NULL || *(p = skip_space (p)) != ':')
        return FALSE;
      value = read_value (skip_space (p + 1), &p);
      if (value == NULL)
        return FALSE;
      g_hash_table_insert (out, g_steal_pointer (&name), g_steal_pointer (&value));
      p = skip_space (p);
      if (*p == '}')
        return *skip_space (p + 1) == '\0';
      if (*p != ',')
        return FALSE;
      p = skip_space (p + 1);
    }
  return FALSE;
}
