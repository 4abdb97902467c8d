/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jinja2's filters and Python's methods that lay texts out: indent, title, capitalize, format.
 */
#include "text/jinja-tree.h"

#include <string.h>

/* Where the line at @at ends, and in @next where the one after it begins: as str.splitlines(). */
static gsize
find_line_end (const JinjaString *string, gsize at, gsize *next)
{
  for (; at < string->length; at = *next)
    {
      const gunichar c
          = g_utf8_get_char_validated (string->text + at, (gssize) (string->length - at));

      *next = jinja_next_character (string, at);
      if (c == '\r' && *next < string->length && string->text[*next] == '\n')
        (*next)++;
      if ((c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028
          || c == 0x2029)
        return at;
    }
  *next = string->length;
  return string->length;
}

/* Jinja2's indent: its lines after the first begin with @width spaces, empty ones not. */
JinjaValue
jinja_indent (JinjaState *state, const JinjaNode *node, const JinjaString *string,
              const JinjaValue *arguments)
{
  g_autoptr (AttuneMarkedText) out = attune_marked_text_new ();
  const gboolean first = jinja_is_true (arguments[1]), blank = jinja_is_true (arguments[2]);
  const gint64 n = arguments[0].kind == JINJA_INT ? arguments[0].i : 4;
  g_autofree char *spaces = NULL;
  JinjaValue width;

  if (n < 0 || n > 1000)
    return jinja_fail (state, node, "“indent” by such a number of spaces");
  spaces = g_strnfill ((gsize) n, ' ');
  width = arguments[0].kind == JINJA_STRING ? arguments[0] : jinja_literal (state->pool, spaces);
  for (gsize at = 0, next = 0, line = 0; line == 0 || at < string->length; at = next, line++)
    {
      const gsize end = find_line_end (string, at, &next);

      if (line > 0)
        attune_marked_text_append (out, "\n", 1, ATTUNE_ORIGIN_TEMPLATE);
      if (line == 0 ? first : (end > at || blank))
        jinja_append (out, width.string);
      jinja_append (out, jinja_substring (state->pool, string, at, end).string);
      if (jinja_may_go_on (state, node) == FALSE)
        break;
    }
  /* a line break at the end is one more line, that nothing is on */
  if (string->length > 0)
    {
      gsize next, last = 0, at = 0;

      for (; at < string->length; at = next)
        last = find_line_end (string, at, &next);
      if (last < string->length)
        {
          attune_marked_text_append (out, "\n", 1, ATTUNE_ORIGIN_TEMPLATE);
          if (blank)
            jinja_append (out, width.string);
        }
    }
  return jinja_take (state, out);
}

/* Jinja2's title cuts at white space and these signs. */
static gboolean
begins_word (gunichar before)
{
  return before >= (gunichar) -2 || jinja_is_space (before)
         || (before < 128 && before != 0 && strchr ("-({[<", (int) before) != NULL);
}

JinjaValue
jinja_change_case (JinjaState *state, const JinjaString *string, JinjaBuiltin how)
{
  g_autoptr (AttuneMarkedText) out = attune_marked_text_new ();
  gboolean large = how != JINJA_LOWER;
  JinjaValue value;

  for (gsize at = 0, next; at < string->length; at = next)
    {
      const AttuneOrigin origin
          = string->marks != NULL ? string->marks[at] : ATTUNE_ORIGIN_TEMPLATE;
      const gunichar c
          = g_utf8_get_char_validated (string->text + at, (gssize) (string->length - at));
      const gunichar new = how == JINJA_UPPER ? g_unichar_toupper (c)
                           : large            ? g_unichar_totitle (c)
                                              : g_unichar_tolower (c);
      char changed[6];

      next = jinja_next_character (string, at);
      if (c >= (gunichar) -2)
        attune_marked_text_append (out, string->text + at, next - at, origin);
      else
        attune_marked_text_append (out, changed, (gsize) g_unichar_to_utf8 (new, changed), origin);
      large = how == JINJA_TITLE && begins_word (c);
    }
  value = jinja_take (state, out);
  value.string->empty = string->empty;
  return value;
}

/* str.format with {}, {0} and {name}. */
JinjaValue
jinja_format (JinjaState *state, const JinjaNode *node, const JinjaString *string,
              const JinjaValue *arguments, guint n)
{
  g_autoptr (AttuneMarkedText) out = attune_marked_text_new ();
  guint next = 0;

  for (gsize at = 0; at < string->length; at++)
    {
      const char *p = string->text + at, *close;
      gssize found = -1;

      if ((*p == '{' || *p == '}') && p[1] == *p) /* doubled: itself */
        at++;
      else if (*p == '}')
        return jinja_fail (state, node, "“}” without “{” in “format”");
      else if (*p == '{')
        {
          close = memchr (p, '}', string->length - at);
          if (close == NULL)
            return jinja_fail (state, node, "“{” without “}” in “format”");
          if (close == p + 1)
            found = next++;
          else if (g_ascii_isdigit (p[1]) && close == p + 2)
            found = p[1] - '0';
          for (guint i = 0; found < 0 && i < node->n; i++)
            if (node->names[i] != NULL && strlen (node->names[i]) == (gsize) (close - p - 1)
                && memcmp (node->names[i], p + 1, (gsize) (close - p - 1)) == 0)
              found = i;
          if (found < 0 || found >= (gssize) n)
            return jinja_fail (state, node, "“format” has no value for a “{…}” of the text");
          jinja_append (out, jinja_to_string (state->pool, arguments[found]));
          at = (gsize) (close - string->text);
          continue;
        }
      jinja_append (out, jinja_substring (state->pool, string, at, at + 1).string);
      if (!jinja_may_go_on (state, node))
        break;
    }
  return jinja_take (state, out);
}
