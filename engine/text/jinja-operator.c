/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What stands between two values: sums, comparisons, "in".
 */
#include "text/jinja-tree.h"

#include <math.h>
#include <string.h>

static gboolean
is_number (JinjaValue value)
{
  return value.kind == JINJA_INT || value.kind == JINJA_REAL || value.kind == JINJA_BOOL;
}

static double
as_real (JinjaValue value)
{
  return value.kind == JINJA_REAL ? value.d : (double) value.i;
}

/* Two numbers; whole ones stay whole but for "/". */
static JinjaValue
calculate (JinjaState *state, const JinjaNode *node, JinjaValue a, JinjaValue b)
{
  const char *name = node->name;
  const double x = as_real (a), y = as_real (b);
  gint64 whole = 0;
  gboolean overflow = FALSE;

  if ((*name == '/' || *name == '%') && y == 0)
    return jinja_fail (state, node, "a division by zero");
  if (a.kind == JINJA_REAL || b.kind == JINJA_REAL || g_str_equal (name, "/"))
    return jinja_real (*name == '+'               ? x + y
                       : *name == '-'             ? x - y
                       : *name == '*'             ? x * y
                       : g_str_equal (name, "//") ? floor (x / y)
                       : *name == '%'             ? x - y * floor (x / y)
                                                  : x / y);
  if (*name == '+')
    overflow = __builtin_add_overflow (a.i, b.i, &whole);
  else if (*name == '-')
    overflow = __builtin_sub_overflow (a.i, b.i, &whole);
  else if (*name == '*')
    overflow = __builtin_mul_overflow (a.i, b.i, &whole);
  else if (b.i == -1)
    overflow = *name == '/' && __builtin_sub_overflow ((gint64) 0, a.i, &whole);
  else
    {
      const gint64 rest = a.i % b.i;
      const gboolean below
          = rest != 0 && (rest < 0) != (b.i < 0); /* Python rounds down, C towards zero */

      whole = *name == '%' ? rest + (below ? b.i : 0) : a.i / b.i - below;
    }
  return overflow ? jinja_fail (state, node, "a number becomes too large") : jinja_int (whole);
}

static JinjaValue
repeat (JinjaState *state, const JinjaNode *node, const JinjaString *string, gint64 n)
{
  JinjaValue value = jinja_literal (state->pool, "");

  if (n > 0 && string->length > state->pool->limit / (gsize) n)
    return jinja_fail (state, node, "a text becomes too long");
  /* doubling: every copy is made once per power of two */
  for (int bit = 62; bit >= 0 && state->error == NULL; bit--)
    {
      if (value.string->length > 0)
        value = jinja_concat (state->pool, value.string, value.string);
      if (n > 0 && (n >> bit & 1))
        value = jinja_concat (state->pool, value.string, string);
    }
  return value;
}

static JinjaValue
add_lists (JinjaState *state, const JinjaList *a, const JinjaList *b)
{
  JinjaValue sum = jinja_list (state->pool, a->n + b->n);

  for (gsize i = 0; i < sum.list->n; i++)
    sum.list->items[i] = i < a->n ? a->items[i] : b->items[i - a->n];
  return sum;
}

JinjaValue
jinja_compare (JinjaState *state, const JinjaNode *node, const char *name, JinjaValue a,
               JinjaValue b)
{
  const gboolean or_equal = name[1] == '=';
  int order;

  if (is_number (a) && is_number (b))
    order = as_real (a) < as_real (b) ? -1 : as_real (a) > as_real (b);
  else if (a.kind == JINJA_STRING && b.kind == JINJA_STRING)
    {
      order = memcmp (a.string->text, b.string->text, MIN (a.string->length, b.string->length));
      if (order == 0)
        order = a.string->length < b.string->length ? -1 : a.string->length > b.string->length;
    }
  else
    return jinja_fail (state, node, "“%s” of values that have no order", name);
  return jinja_bool ((or_equal && order == 0) || (*name == '<' ? order < 0 : order > 0));
}

JinjaValue
jinja_is_case (JinjaState *state, JinjaValue value, gboolean upper)
{
  const JinjaString *text = jinja_to_string (state->pool, value);
  gboolean any = FALSE;

  jinja_charge (state, text, 1);
  for (gsize at = 0; at < text->length; at = jinja_next_character (text, at))
    {
      const gunichar c = g_utf8_get_char_validated (text->text + at, (gssize) (text->length - at));

      if (c < (gunichar) -2 && (upper ? g_unichar_islower (c) : g_unichar_isupper (c)))
        return jinja_bool (FALSE);
      any |= c < (gunichar) -2 && (upper ? g_unichar_isupper (c) : g_unichar_islower (c));
    }
  return jinja_bool (any);
}

/* @string as HTML, unless it was called safe. */
static const JinjaString *
escape (JinjaState *state, const JinjaString *string)
{
  static const char signs[] = "&<>'\"";
  static const char *const spelled[] = { "&amp;", "&lt;", "&gt;", "&#39;", "&#34;" };
  g_autoptr (AttuneMarkedText) out = NULL;

  if (string->is_markup)
    return string;
  out = attune_marked_text_new ();
  for (gsize i = 0; i < string->length; i++)
    {
      const char c = string->text[i];
      const char *sign = c != 0 ? strchr (signs, c) : NULL;
      const AttuneOrigin origin = string->marks != NULL ? string->marks[i] : ATTUNE_ORIGIN_TEMPLATE;

      if (sign != NULL)
        attune_marked_text_append (out, spelled[sign - signs], strlen (spelled[sign - signs]),
                                   origin);
      else
        attune_marked_text_append (out, &c, 1, origin);
    }
  return jinja_take (state, out).string;
}

JinjaValue
jinja_operate (JinjaState *state, const JinjaNode *node, JinjaValue a, JinjaValue b)
{
  const char *name = node->name;

  if (state->error != NULL)
    return jinja_undefined ();
  if (a.kind == JINJA_STRING && strchr ("=!<>", *name) != NULL)
    jinja_charge (state, a.string, 1);
  if (g_str_equal (name, "=="))
    return jinja_bool (jinja_equal (a, b));
  if (g_str_equal (name, "!="))
    return jinja_bool (!jinja_equal (a, b));
  if (g_str_equal (name, "in"))
    return jinja_bool (jinja_contains (state, node, b, a));
  if (*name == '<' || *name == '>')
    return jinja_compare (state, node, name, a, b);
  if (*name == '~')
    return jinja_concat (state->pool, jinja_to_string (state->pool, a),
                         jinja_to_string (state->pool, b));
  if (is_number (a) && is_number (b))
    return calculate (state, node, a, b);
  if (*name == '+' && a.kind == JINJA_STRING && b.kind == JINJA_STRING
      && (a.string->is_markup || b.string->is_markup))
    {
      JinjaValue both
          = jinja_concat (state->pool, escape (state, a.string), escape (state, b.string));

      both.string->is_markup = TRUE;
      return both;
    }
  if (*name == '+' && a.kind == JINJA_STRING && b.kind == JINJA_STRING)
    return jinja_concat (state->pool, a.string, b.string);
  if (*name == '+' && a.kind == JINJA_LIST && b.kind == JINJA_LIST)
    return add_lists (state, a.list, b.list);
  if (*name == '*' && a.kind == JINJA_STRING && b.kind == JINJA_INT)
    return repeat (state, node, a.string, b.i);
  return jinja_fail (state, node, "“%s” of values that do not go together", name);
}
