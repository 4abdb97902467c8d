/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Python's string methods, and Jinja2's filters of texts. Characters may be invalid UTF-8; then
 * each byte is one.
 */
#include "text/jinja-tree.h"

#include <string.h>

gsize
jinja_next_character (const JinjaString *string, gsize at)
{
  const gunichar c = g_utf8_get_char_validated (string->text + at, (gssize) (string->length - at));

  return c >= (gunichar) -2 ? at + 1
                            : (gsize) (g_utf8_next_char (string->text + at) - string->text);
}

gsize
jinja_character (const JinjaString *string, gsize i)
{
  gsize at = 0;

  for (; i > 0 && at < string->length; i--)
    at = jinja_next_character (string, at);
  return at;
}

gsize
jinja_length (const JinjaString *string)
{
  gsize n = 0;

  for (gsize at = 0; at < string->length; at = jinja_next_character (string, at))
    n++;
  return n;
}

/* Whether the character @from … @to of @string is to be stripped: white space, or one in @set. */
static gboolean
is_stripped (const JinjaString *string, gsize from, gsize to, const JinjaString *set)
{
  if (set == NULL)
    {
      const gunichar c = g_utf8_get_char_validated (string->text + from, (gssize) (to - from));

      return c < (gunichar) -2 && jinja_is_space (c);
    }
  for (gsize at = 0, next; at < set->length; at = next)
    {
      next = jinja_next_character (set, at);
      if (next - at == to - from && memcmp (set->text + at, string->text + from, to - from) == 0)
        return TRUE;
    }
  return FALSE;
}

static JinjaValue
strip (JinjaState *state, const JinjaString *string, const JinjaString *set, gboolean left,
       gboolean right)
{
  gsize from = 0, to = 0;
  JinjaValue value;

  jinja_charge (state, string, set != NULL ? set->length : 0);
  for (gsize next; left && from < string->length; from = next)
    {
      next = jinja_next_character (string, from);
      if (!is_stripped (string, from, next, set))
        break;
    }
  for (gsize at = from, next; at < string->length; at = next)
    {
      next = jinja_next_character (string, at);
      if (!right || !is_stripped (string, at, next, set))
        to = next;
    }
  value = jinja_substring (state->pool, string, from, MAX (from, to));
  /* an answer of nothing but white space becomes an empty answer */
  if (value.string->length == 0 && string->length > 0 && string->marks != NULL
      && string->marks[0] == ATTUNE_ORIGIN_ASSISTANT)
    value.string->empty = 0;
  return value;
}

/* Where @part begins in @string from @from on, or -1. */
gssize
jinja_find (const JinjaString *string, const JinjaString *part, gsize from)
{
  const char *at;

  if (part->length > string->length - from)
    return -1;
  at = memmem (string->text + from, string->length - from, part->text, part->length);
  return at != NULL ? at - string->text : -1;
}

static void
add_piece (JinjaState *state, GArray *pieces, const JinjaString *string, gsize from, gsize to)
{
  const JinjaValue piece = jinja_substring (state->pool, string, from, to);

  g_array_append_val (pieces, piece);
}

/* The pieces of @string between white space. */
static void
split_words (JinjaState *state, const JinjaString *string, gint64 most, GArray *pieces)
{
  for (gsize at = 0, next; at < string->length;)
    {
      gsize to = at;

      next = jinja_next_character (string, at);
      if (is_stripped (string, at, next, NULL))
        {
          at = next;
          continue;
        }
      if (pieces->len == (guint64) most) /* the rest, with what white space it ends in */
        {
          add_piece (state, pieces, string, at, string->length);
          return;
        }
      for (gsize q = at; q < string->length; q = next)
        {
          next = jinja_next_character (string, q);
          if (is_stripped (string, q, next, NULL))
            break;
          to = next;
        }
      add_piece (state, pieces, string, at, to);
      at = to;
    }
}

/* The pieces of @string between @separator, at most @most cuts; white space if it is %NULL. */
static JinjaValue
split (JinjaState *state, const JinjaNode *node, const JinjaString *string,
       const JinjaString *separator, gint64 most)
{
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (JinjaValue));
  gsize start = 0;
  JinjaValue list;

  if (separator != NULL && separator->length == 0)
    return jinja_fail (state, node, "“split” with an empty separator");
  if (separator == NULL)
    split_words (state, string, most, pieces);
  else
    {
      for (gssize at;
           pieces->len < (guint64) most && (at = jinja_find (string, separator, start)) >= 0;
           start = (gsize) at + separator->length)
        add_piece (state, pieces, string, start, (gsize) at);
      add_piece (state, pieces, string, start, string->length);
    }
  list = jinja_list (state->pool, pieces->len);
  if (pieces->len > 0)
    memcpy (list.list->items, pieces->data, pieces->len * sizeof (JinjaValue));
  return list;
}

JinjaValue
jinja_join (JinjaState *state, JinjaList *list, const JinjaString *separator)
{
  g_autoptr (AttuneMarkedText) out = attune_marked_text_new ();
  JinjaValue value;

  for (gsize i = 0; i < list->n; i++)
    {
      if (i > 0)
        jinja_append (out, separator);
      jinja_append (out, jinja_to_string (state->pool, list->items[i]));
    }
  value = jinja_string (state->pool, out->text->str, out->text->len, ATTUNE_ORIGIN_PEOPLE);
  if (out->marks->len > 0)
    memcpy ((guint8 *) value.string->marks, out->marks->data, out->marks->len);
  if (out->empty->len > 0)
    value.string->empty = (gssize) g_array_index (out->empty, gsize, 0);
  return value;
}

/* What was written to @out, as a value. */
JinjaValue
jinja_take (JinjaState *state, const AttuneMarkedText *out)
{
  JinjaValue value
      = jinja_string (state->pool, out->text->str, out->text->len, ATTUNE_ORIGIN_PEOPLE);

  if (out->marks->len > 0)
    memcpy ((guint8 *) value.string->marks, out->marks->data, out->marks->len);
  if (out->empty->len > 0)
    value.string->empty = (gssize) g_array_index (out->empty, gsize, out->empty->len - 1);
  return value;
}

static JinjaValue
replace (JinjaState *state, const JinjaNode *node, const JinjaString *string, JinjaValue old,
         JinjaValue new, gint64 most)
{
  JinjaValue pieces;

  if (old.kind != JINJA_STRING || new.kind != JINJA_STRING || old.string->length == 0)
    return jinja_fail (state, node, "“replace” needs two texts");
  pieces = split (state, node, string, old.string, most);
  if (pieces.list->n * new.string->length > state->pool->limit)
    return jinja_fail (state, node, "“replace” makes the text too long");
  return jinja_join (state, pieces.list, new.string);
}

JinjaValue
jinja_call_string (JinjaState *state, const JinjaNode *node, const JinjaString *self,
                   const JinjaValue *arguments, guint n)
{
  const JinjaString *first
      = n > 0 && arguments[0].kind == JINJA_STRING ? arguments[0].string : NULL;

  jinja_charge (state, self, 1);
  if (node->builtin == JINJA_INDENT)
    return jinja_indent (state, node, self, arguments);
  if (node->builtin == JINJA_FORMAT)
    return jinja_format (state, node, self, arguments, n);
  if (n > 0 && first == NULL && arguments[0].kind != JINJA_UNDEFINED
      && !(node->builtin != JINJA_REPLACE && arguments[0].kind == JINJA_NONE))
    return jinja_fail (state, node, "“%s” needs a text", node->name);
  if (n > (node->builtin == JINJA_REPLACE ? 3 : node->builtin == JINJA_SPLIT ? 2 : 1))
    return jinja_fail (state, node, "more arguments for “%s” than are supported", node->name);
  switch (node->builtin)
    {
    case JINJA_TRIM:
      return strip (state, self, first, TRUE, TRUE);
    case JINJA_LSTRIP:
      return strip (state, self, first, TRUE, FALSE);
    case JINJA_RSTRIP:
      return strip (state, self, first, FALSE, TRUE);
    case JINJA_UPPER:
    case JINJA_LOWER:
    case JINJA_CAPITALIZE:
    case JINJA_TITLE:
      return jinja_change_case (state, self, node->builtin);
    case JINJA_SPLIT:
      return split (state, node, self, first,
                    n > 1 && arguments[1].kind == JINJA_INT && arguments[1].i >= 0 ? arguments[1].i
                                                                                   : G_MAXINT64);
    case JINJA_REPLACE:
      return n >= 2 ? replace (state, node, self, arguments[0], arguments[1],
                               n > 2 && arguments[2].kind == JINJA_INT && arguments[2].i >= 0
                                   ? arguments[2].i
                                   : G_MAXINT64)
                    : jinja_fail (state, node, "“replace” needs two texts");
    default:
      if (first == NULL)
        return jinja_fail (state, node, "“%s” needs a text", node->name);
      if (first->length > self->length)
        return jinja_bool (FALSE);
      return jinja_bool (memcmp (node->builtin == JINJA_STARTSWITH
                                     ? self->text
                                     : self->text + self->length - first->length,
                                 first->text, first->length)
                         == 0);
    }
}
