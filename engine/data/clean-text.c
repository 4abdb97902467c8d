/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cleaning of one text.
 */
#include "data/clean-text.h"

#include <string.h>

/* @result when it differs from @text. */
static char *
if_changed (const char *text, GString *result)
{
  if (g_str_equal (text, result->str))
    {
      g_string_free (result, TRUE);
      return NULL;
    }
  return g_string_free (result, FALSE);
}

/* Invisible, and of no use to a reader or a model: zero-width space and joiners outside of emoji,
 * word joiner, byte order mark, soft hyphen. The zero-width joiner (U+200D) and non-joiner (U+200C)
 * mean something in emoji, Persian and Hindi, and stay. */
static gboolean
is_invisible (gunichar c)
{
  return c == 0x200B || c == 0x2060 || c == 0xFEFF || c == 0x00AD
         || (g_unichar_type (c) == G_UNICODE_CONTROL && c != '\n' && c != '\t');
}

/* Characters that are in NFC whatever stands beside them (Unicode's NFC_Quick_Check, and no
 * combining ones), and that are no blanks or invisible: Latin, Cyrillic, most signs, Chinese, kana.
 */
static gboolean
is_settled (gunichar c)
{
  return (c >= 0x00A1 && c <= 0x02FF && c != 0x00AD) || (c >= 0x0400 && c <= 0x0482)
         || (c >= 0x2010 && c <= 0x2027) || (c >= 0x2030 && c <= 0x205E)
         || (c >= 0x20A0 && c <= 0x20BF) || (c >= 0x2190 && c <= 0x21CC)
         || (c >= 0x2260 && c <= 0x226C) || (c >= 0x3041 && c <= 0x3096)
         || (c >= 0x30A1 && c <= 0x30FE) || (c >= 0x4E00 && c <= 0x9FA5);
}

/* Whether attune_clean_unicode() would change nothing, as far as can be told at a glance. */
static gboolean
is_tidy (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if ((guchar) *p < 0x80 ? ((guchar) *p < ' ' && *p != '\n' && *p != '\t') || *p == 0x7F
                           : !is_settled (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

char *
attune_clean_unicode (const char *text)
{
  g_autofree char *composed = is_tidy (text) ? NULL : g_utf8_normalize (text, -1, G_NORMALIZE_NFC);
  GString *result;

  if (composed == NULL) /* or it is no UTF-8, which is for others to say */
    return NULL;
  result = g_string_sized_new (strlen (text));
  for (const char *p = composed; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);

      if (c == 0x00A0 || c == 0x202F || c == 0x2007) /* no-break spaces */
        g_string_append_c (result, ' ');
      else if (c == '\r')
        {
          if (p[1] != '\n')
            g_string_append_c (result, '\n');
        }
      else if (!is_invisible (c))
        g_string_append_unichar (result, c);
    }
  return if_changed (text, result);
}

/* Whether attune_clean_space() would change nothing: words are parted by one blank, or by one or
 * two line ends. */
static gboolean
is_spaced (const char *text)
{
  guint lines = 2; /* a text begins with a word */
  gboolean blank = TRUE;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (*p == ' ')
      {
        if (blank || lines > 0)
          return FALSE;
        blank = TRUE;
      }
    else if (*p == '\n')
      {
        if (blank || ++lines > 2)
          return FALSE;
      }
    else if ((guchar) *p < 0x80 ? g_ascii_isspace (*p) || *p == '\v'
                                : g_unichar_isspace (g_utf8_get_char (p)))
      return FALSE;
    else
      {
        blank = FALSE;
        lines = 0;
      }
  return *text == '\0' || (!blank && lines == 0);
}

char *
attune_clean_space (const char *text)
{
  GString *result;
  guint lines = 0;
  gboolean blank = FALSE;

  if (is_spaced (text))
    return NULL;
  result = g_string_sized_new (strlen (text));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);

      if (c == '\n')
        lines++;
      else if (g_unichar_isspace (c))
        blank = TRUE;
      else
        {
          if (result->len > 0 && lines > 0)
            g_string_append (result, lines > 1 ? "\n\n" : "\n");
          else if (result->len > 0 && blank)
            g_string_append_c (result, ' ');
          g_string_append_unichar (result, c);
          lines = 0;
          blank = FALSE;
        }
    }
  return if_changed (text, result);
}

static const struct
{
  const char *name;
  gunichar character;
} entities[] = {
  { "amp", '&' },       { "lt", '<' },        { "gt", '>' },        { "quot", '"' },
  { "apos", '\'' },     { "nbsp", ' ' },      { "ndash", 0x2013 },  { "mdash", 0x2014 },
  { "hellip", 0x2026 }, { "lsquo", 0x2018 },  { "rsquo", 0x2019 },  { "ldquo", 0x201C },
  { "rdquo", 0x201D },  { "bull", 0x2022 },   { "deg", 0x00B0 },    { "plusmn", 0x00B1 },
  { "micro", 0x00B5 },  { "middot", 0x00B7 }, { "times", 0x00D7 },  { "le", 0x2264 },
  { "ge", 0x2265 },     { "auml", 0x00E4 },   { "ouml", 0x00F6 },   { "uuml", 0x00FC },
  { "szlig", 0x00DF },  { "eacute", 0x00E9 }, { "egrave", 0x00E8 }, { "copy", 0x00A9 },
  { "reg", 0x00AE },    { "euro", 0x20AC },
};

/* "&#x10FFFF;" */
#define MAX_ENTITY 10

/* The character of the entity that starts at @p (an ampersand), or 0; @end: (out): behind its
 * semicolon. */
static gunichar
read_entity (const char *p, const char **end)
{
  const char *semicolon = memchr (p, ';', strnlen (p, MAX_ENTITY));
  const gsize n = semicolon != NULL ? semicolon - p - 1 : 0;

  if (n < 2)
    return 0;
  *end = semicolon + 1;
  if (p[1] == '#')
    {
      const gboolean hex = p[2] == 'x' || p[2] == 'X';
      char *stop;
      const guint64 code = g_ascii_strtoull (p + (hex ? 3 : 2), &stop, hex ? 16 : 10);

      return stop == semicolon && code <= 0x10FFFF && g_unichar_validate (code)
                     && (code >= 32 || code == '\n' || code == '\t')
                 ? code
                 : 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (entities); i++)
    if (strlen (entities[i].name) == n && strncmp (p + 1, entities[i].name, n) == 0)
      return entities[i].character;
  return 0;
}

char *
attune_clean_html (const char *text)
{
  GString *result;

  if (strchr (text, '&') == NULL)
    return NULL;
  result = g_string_sized_new (strlen (text));
  for (const char *p = text; *p != '\0';)
    {
      const char *end;
      const gunichar c = *p == '&' ? read_entity (p, &end) : 0;

      if (c != 0)
        {
          g_string_append_unichar (result, c);
          p = end;
        }
      else
        g_string_append_c (result, *p++);
    }
  return if_changed (text, result);
}
