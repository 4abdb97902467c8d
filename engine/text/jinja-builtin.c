/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Filters, tests and string methods.
 */
#include "text/jinja-tree.h"

#include <string.h>

typedef enum
{
  FILTER = 1,
  TEST = 2,
  METHOD = 4,
} Uses;

static const struct
{
  const char *name;
  Uses uses;
  JinjaBuiltin builtin;
} builtins[] = {
  { "trim", FILTER, JINJA_TRIM },
  { "strip", METHOD, JINJA_TRIM },
  { "lstrip", METHOD, JINJA_LSTRIP },
  { "rstrip", METHOD, JINJA_RSTRIP },
  { "upper", FILTER | METHOD, JINJA_UPPER },
  { "lower", FILTER | METHOD, JINJA_LOWER },
  { "replace", FILTER | METHOD, JINJA_REPLACE },
  { "split", METHOD, JINJA_SPLIT },
  { "startswith", METHOD, JINJA_STARTSWITH },
  { "endswith", METHOD, JINJA_ENDSWITH },
  { "items", FILTER | METHOD, JINJA_ITEMS },
  { "keys", METHOD, JINJA_KEYS },
  { "values", METHOD, JINJA_VALUES },
  { "get", METHOD, JINJA_GET },
  { "length", FILTER, JINJA_LENGTH },
  { "count", FILTER, JINJA_LENGTH },
  { "first", FILTER, JINJA_FIRST },
  { "last", FILTER, JINJA_LAST },
  { "tojson", FILTER, JINJA_TOJSON },
  { "default", FILTER, JINJA_DEFAULT },
  { "d", FILTER, JINJA_DEFAULT },
  { "join", FILTER, JINJA_JOIN },
  { "string", FILTER, JINJA_STRING_OF },
  { "int", FILTER, JINJA_INT_OF },
  { "list", FILTER, JINJA_LIST_OF },
  { "safe", FILTER, JINJA_SAFE },
  { "reverse", FILTER, JINJA_REVERSE },
  { "defined", TEST, JINJA_IS_DEFINED },
  { "undefined", TEST, JINJA_IS_UNDEFINED },
  { "none", TEST, JINJA_IS_NONE },
  { "string", TEST, JINJA_IS_STRING },
  { "mapping", TEST, JINJA_IS_MAPPING },
  { "iterable", TEST, JINJA_IS_ITERABLE },
  { "sequence", TEST, JINJA_IS_ITERABLE }, /* maps are both in Jinja2 */
  { "number", TEST, JINJA_IS_NUMBER },
  { "integer", TEST, JINJA_IS_INTEGER },
  { "boolean", TEST, JINJA_IS_BOOLEAN },
  { "true", TEST, JINJA_IS_TRUE },
  { "false", TEST, JINJA_IS_FALSE },
  { "odd", TEST, JINJA_IS_ODD },
  { "even", TEST, JINJA_IS_EVEN },
  { "equalto", TEST, JINJA_IS_EQUAL },
  { "eq", TEST, JINJA_IS_EQUAL },
  { "==", TEST, JINJA_IS_EQUAL },
  { "in", TEST, JINJA_IS_IN },
};

JinjaBuiltin
jinja_builtin_find (const char *what, const char *name)
{
  const Uses use = *what == 'f' ? FILTER : *what == 't' ? TEST : METHOD;

  for (guint i = 0; i < G_N_ELEMENTS (builtins); i++)
    if ((builtins[i].uses & use) && g_str_equal (builtins[i].name, name))
      return builtins[i].builtin;
  return JINJA_BUILTIN_NONE;
}

/* --- strings: characters may be invalid UTF-8; then each byte is one */

static gsize
next_character (const JinjaString *string, gsize at)
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
    at = next_character (string, at);
  return at;
}

gsize
jinja_length (const JinjaString *string)
{
  gsize n = 0;

  for (gsize at = 0; at < string->length; at = next_character (string, at))
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
      next = next_character (set, at);
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

  for (gsize next; left && from < string->length; from = next)
    {
      next = next_character (string, from);
      if (!is_stripped (string, from, next, set))
        break;
    }
  for (gsize at = from, next; at < string->length; at = next)
    {
      next = next_character (string, at);
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

static JinjaValue
change_case (JinjaState *state, const JinjaString *string, gunichar (*change) (gunichar))
{
  g_autoptr (AttuneMarkedText) out = attune_marked_text_new ();
  JinjaValue value;

  for (gsize at = 0, next; at < string->length; at = next)
    {
      const AttuneOrigin origin
          = string->marks != NULL ? string->marks[at] : ATTUNE_ORIGIN_TEMPLATE;
      const gunichar c
          = g_utf8_get_char_validated (string->text + at, (gssize) (string->length - at));
      char changed[6];

      next = next_character (string, at);
      if (c >= (gunichar) -2)
        attune_marked_text_append (out, string->text + at, next - at, origin);
      else
        attune_marked_text_append (out, changed, (gsize) g_unichar_to_utf8 (change (c), changed),
                                   origin);
    }
  value = jinja_string (state->pool, out->text->str, out->text->len, ATTUNE_ORIGIN_PEOPLE);
  value.string->empty = string->empty;
  if (out->marks->len > 0)
    memcpy ((guint8 *) value.string->marks, out->marks->data, out->marks->len);
  return value;
}

/* Where @part begins in @string from @from on, or -1. */
static gssize
find (const JinjaString *string, const JinjaString *part, gsize from)
{
  const char *at;

  if (part->length > string->length - from)
    return -1;
  at = memmem (string->text + from, string->length - from, part->text, part->length);
  return at != NULL ? at - string->text : -1;
}

/* The pieces of @string between @separator; white space if it is %NULL. */
static JinjaValue
split (JinjaState *state, const JinjaNode *node, const JinjaString *string,
       const JinjaString *separator)
{
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (JinjaValue));
  gsize start = 0;
  JinjaValue list, piece;

  if (separator == NULL)
    return jinja_fail (state, node, "“split” without a separator is not supported");
  if (separator->length == 0)
    return jinja_fail (state, node, "“split” with an empty separator");
  for (gssize at; (at = find (string, separator, start)) >= 0;
       start = (gsize) at + separator->length)
    {
      piece = jinja_substring (state->pool, string, start, (gsize) at);
      g_array_append_val (pieces, piece);
    }
  piece = jinja_substring (state->pool, string, start, string->length);
  g_array_append_val (pieces, piece);
  list = jinja_list (state->pool, pieces->len);
  memcpy (list.list->items, pieces->data, pieces->len * sizeof (JinjaValue));
  return list;
}

static JinjaValue
join (JinjaState *state, JinjaList *list, const JinjaString *separator)
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

static JinjaValue
replace (JinjaState *state, const JinjaNode *node, const JinjaString *string, JinjaValue old,
         JinjaValue new)
{
  JinjaValue pieces;

  if (old.kind != JINJA_STRING || new.kind != JINJA_STRING || old.string->length == 0)
    return jinja_fail (state, node, "“replace” needs two texts");
  pieces = split (state, node, string, old.string);
  if (pieces.list->n * new.string->length > state->pool->limit)
    return jinja_fail (state, node, "“replace” makes the text too long");
  return join (state, pieces.list, new.string);
}

gboolean
jinja_contains (JinjaState *state, const JinjaNode *node, JinjaValue container, JinjaValue value)
{
  if (container.kind == JINJA_STRING && value.kind == JINJA_STRING)
    return find (container.string, value.string, 0) >= 0;
  if (container.kind == JINJA_MAP)
    return value.kind == JINJA_STRING
           && jinja_map_get (container.map, value.string->text, value.string->length).kind
                  != JINJA_UNDEFINED;
  if (container.kind == JINJA_LIST)
    for (gsize i = 0; i < container.list->n; i++)
      if (jinja_equal (container.list->items[i], value))
        return TRUE;
  if (container.kind != JINJA_LIST && container.kind != JINJA_UNDEFINED)
    jinja_fail (state, node, "“in” needs a list, a text or a dictionary");
  return FALSE;
}

JinjaList *
jinja_iterate (JinjaState *state, const JinjaNode *node, JinjaValue value)
{
  JinjaValue list;

  switch (value.kind)
    {
    case JINJA_LIST:
      return value.list;
    case JINJA_UNDEFINED:
      return jinja_list (state->pool, 0).list;
    case JINJA_MAP:
      list = jinja_list (state->pool, value.map->n);
      for (gsize i = 0; i < value.map->n; i++)
        list.list->items[i] = (JinjaValue) { .kind = JINJA_STRING, .string = &value.map->keys[i] };
      return list.list;
    case JINJA_STRING:
      list = jinja_list (state->pool, jinja_length (value.string));
      for (gsize i = 0, at = 0, next; i < list.list->n; i++, at = next)
        {
          next = next_character (value.string, at);
          list.list->items[i] = jinja_substring (state->pool, value.string, at, next);
        }
      return list.list;
    default:
      jinja_fail (state, node, "a value that is no list");
      return jinja_list (state->pool, 0).list;
    }
}

/* --- by kind of receiver */

static JinjaValue
call_string (JinjaState *state, const JinjaNode *node, const JinjaString *self,
             const JinjaValue *arguments, guint n)
{
  const JinjaString *first
      = n > 0 && arguments[0].kind == JINJA_STRING ? arguments[0].string : NULL;

  if (n > 0 && first == NULL && !(node->builtin == JINJA_SPLIT && arguments[0].kind == JINJA_NONE))
    return jinja_fail (state, node, "“%s” needs a text", node->name);
  if (n > (node->builtin == JINJA_REPLACE ? 2 : 1))
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
      return change_case (state, self, g_unichar_toupper);
    case JINJA_LOWER:
      return change_case (state, self, g_unichar_tolower);
    case JINJA_SPLIT:
      return split (state, node, self, first);
    case JINJA_REPLACE:
      return n == 2 ? replace (state, node, self, arguments[0], arguments[1])
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

static JinjaValue
call_map (JinjaState *state, const JinjaNode *node, const JinjaMap *self,
          const JinjaValue *arguments, guint n)
{
  JinjaValue list;

  if (node->builtin == JINJA_GET)
    {
      JinjaValue value = jinja_undefined ();

      if (n < 1 || arguments[0].kind != JINJA_STRING)
        return jinja_fail (state, node, "“get” needs a name");
      value = jinja_map_get (self, arguments[0].string->text, arguments[0].string->length);
      return value.kind != JINJA_UNDEFINED ? value : n > 1 ? arguments[1] : jinja_none ();
    }
  list = jinja_list (state->pool, self->n);
  for (gsize i = 0; i < self->n; i++)
    {
      const JinjaValue key = { .kind = JINJA_STRING, .string = &self->keys[i] };

      list.list->items[i] = node->builtin == JINJA_KEYS ? key : self->values[i];
      if (node->builtin == JINJA_ITEMS)
        {
          JinjaValue pair = jinja_list (state->pool, 2);

          pair.list->is_tuple = TRUE;
          pair.list->items[0] = key;
          pair.list->items[1] = self->values[i];
          list.list->items[i] = pair;
        }
    }
  return list;
}

static JinjaValue
call_any (JinjaState *state, const JinjaNode *node, JinjaValue self, const JinjaValue *arguments,
          guint n)
{
  static const JinjaString nothing = { "", 0, NULL, -1 };
  JinjaList *list;
  JinjaValue value;

  if (n > 0 && node->builtin != JINJA_DEFAULT && node->builtin != JINJA_JOIN)
    return jinja_fail (state, node, "arguments of “%s” are not supported", node->name);
  switch (node->builtin)
    {
    case JINJA_TOJSON:
      return (JinjaValue) { .kind = JINJA_STRING, .string = jinja_to_json (state->pool, self) };
    case JINJA_SAFE:
    case JINJA_STRING_OF:
      return (JinjaValue) { .kind = JINJA_STRING, .string = jinja_to_string (state->pool, self) };
    case JINJA_INT_OF:
      if (self.kind == JINJA_STRING)
        return jinja_int (g_ascii_strtoll (self.string->text, NULL, 10));
      return jinja_int (self.kind == JINJA_REAL ? (gint64) CLAMP (self.d, -1e18, 1e18)
                        : self.kind == JINJA_INT || self.kind == JINJA_BOOL ? self.i
                                                                            : 0);
    case JINJA_DEFAULT:
      if (self.kind == JINJA_UNDEFINED
          || (n > 1 && jinja_is_true (arguments[1]) && !jinja_is_true (self)))
        return n > 0 ? arguments[0] : jinja_literal (state->pool, "");
      return self;
    case JINJA_LENGTH:
      if (self.kind == JINJA_STRING)
        return jinja_int ((gint64) jinja_length (self.string));
      return jinja_int ((gint64) jinja_iterate (state, node, self)->n);
    case JINJA_JOIN:
      if (n > 1 || (n == 1 && arguments[0].kind != JINJA_STRING))
        return jinja_fail (state, node, "“join” needs a text");
      return join (state, jinja_iterate (state, node, self),
                   n == 1 ? arguments[0].string : &nothing);
    case JINJA_FIRST:
    case JINJA_LAST:
      list = jinja_iterate (state, node, self);
      return list->n == 0 ? jinja_undefined ()
                          : list->items[node->builtin == JINJA_FIRST ? 0 : list->n - 1];
    default: /* JINJA_LIST_OF, JINJA_REVERSE */
      list = jinja_iterate (state, node, self);
      value = jinja_list (state->pool, list->n);
      for (gsize i = 0; i < list->n; i++)
        value.list->items[node->builtin == JINJA_REVERSE ? list->n - 1 - i : i] = list->items[i];
      return value;
    }
}

static JinjaValue
call_test (JinjaState *state, const JinjaNode *node, JinjaValue self, const JinjaValue *arguments,
           guint n)
{
  const gboolean whole = self.kind == JINJA_INT || self.kind == JINJA_BOOL;

  if (n != (node->builtin == JINJA_IS_EQUAL || node->builtin == JINJA_IS_IN))
    return jinja_fail (state, node, "the wrong number of arguments for “%s”", node->name);
  switch (node->builtin)
    {
    case JINJA_IS_DEFINED:
      return jinja_bool (self.kind != JINJA_UNDEFINED);
    case JINJA_IS_UNDEFINED:
      return jinja_bool (self.kind == JINJA_UNDEFINED);
    case JINJA_IS_NONE:
      return jinja_bool (self.kind == JINJA_NONE);
    case JINJA_IS_STRING:
      return jinja_bool (self.kind == JINJA_STRING);
    case JINJA_IS_MAPPING:
      return jinja_bool (self.kind == JINJA_MAP);
    case JINJA_IS_ITERABLE:
      return jinja_bool (self.kind == JINJA_MAP || self.kind == JINJA_LIST
                         || self.kind == JINJA_STRING || self.kind == JINJA_UNDEFINED);
    case JINJA_IS_NUMBER:
      return jinja_bool (whole || self.kind == JINJA_REAL);
    case JINJA_IS_INTEGER:
      return jinja_bool (self.kind == JINJA_INT);
    case JINJA_IS_BOOLEAN:
      return jinja_bool (self.kind == JINJA_BOOL);
    case JINJA_IS_TRUE:
      return jinja_bool (self.kind == JINJA_BOOL && self.i);
    case JINJA_IS_FALSE:
      return jinja_bool (self.kind == JINJA_BOOL && !self.i);
    case JINJA_IS_EQUAL:
      return jinja_bool (jinja_equal (self, arguments[0]));
    case JINJA_IS_IN:
      return jinja_bool (jinja_contains (state, node, arguments[0], self));
    default: /* odd, even */
      if (!whole)
        return jinja_fail (state, node, "“%s” needs a whole number", node->name);
      return jinja_bool ((self.i % 2 != 0) == (node->builtin == JINJA_IS_ODD));
    }
}

JinjaValue
jinja_builtin_call (JinjaState *state, const JinjaNode *node, JinjaValue self,
                    const JinjaValue *arguments, guint n)
{
  if (node->builtin >= JINJA_IS_DEFINED)
    return call_test (state, node, self, arguments, n);
  if (node->builtin >= JINJA_LENGTH)
    return call_any (state, node, self, arguments, n);
  if (node->builtin >= JINJA_ITEMS)
    return self.kind == JINJA_MAP ? call_map (state, node, self.map, arguments, n)
                                  : jinja_fail (state, node, "“%s” needs a dictionary", node->name);
  if (node->kind == JINJA_NODE_FILTER
      && self.kind != JINJA_STRING) /* filters take anything as text, methods do not */
    self = (JinjaValue) { .kind = JINJA_STRING, .string = jinja_to_string (state->pool, self) };
  if (self.kind != JINJA_STRING)
    return jinja_fail (state, node, "“%s” needs a text", node->name);
  return call_string (state, node, self.string, arguments, n);
}
