/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The filters, tests and methods there are, and those of values of any kind.
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
  const char *parameters; /* their names, for keyword arguments */
} builtins[] = {
  { "trim", FILTER, JINJA_TRIM, "chars" },
  { "strip", METHOD, JINJA_TRIM, "" },
  { "lstrip", METHOD, JINJA_LSTRIP, "" },
  { "upper", FILTER | METHOD, JINJA_UPPER, "" },
  { "lower", FILTER | METHOD, JINJA_LOWER, "" },
  { "replace", FILTER | METHOD, JINJA_REPLACE, "old new count" },
  { "split", METHOD, JINJA_SPLIT, "sep maxsplit" },
  { "startswith", METHOD, JINJA_STARTSWITH, "" },
  { "endswith", METHOD, JINJA_ENDSWITH, "" },
  { "items", FILTER | METHOD, JINJA_ITEMS, "" },
  { "keys", METHOD, JINJA_KEYS, "" },
  { "values", METHOD, JINJA_VALUES, "" },
  { "get", METHOD, JINJA_GET, "" },
  { "length", FILTER, JINJA_LENGTH, "" },
  { "count", FILTER, JINJA_LENGTH, "" },
  { "first", FILTER, JINJA_FIRST, "" },
  { "last", FILTER, JINJA_LAST, "" },
  { "tojson", FILTER, JINJA_TOJSON, "ensure_ascii indent separators sort_keys" },
  { "default", FILTER, JINJA_DEFAULT, "default_value boolean" },
  { "d", FILTER, JINJA_DEFAULT, "default_value boolean" },
  { "join", FILTER, JINJA_JOIN, "d attribute" },
  { "string", FILTER, JINJA_STRING_OF, "" },
  { "int", FILTER, JINJA_INT_OF, "default base" },
  { "list", FILTER, JINJA_LIST_OF, "" },
  { "safe", FILTER, JINJA_SAFE, "" },
  { "reverse", FILTER, JINJA_REVERSE, "" },
  { "rstrip", METHOD, JINJA_RSTRIP, "chars" },
  { "indent", FILTER, JINJA_INDENT, "width first blank" },
  { "capitalize", FILTER | METHOD, JINJA_CAPITALIZE, "" },
  { "title", FILTER, JINJA_TITLE, "" },
  { "format", METHOD, JINJA_FORMAT, "" },
  { "from_json", FILTER, JINJA_UNSAFE, "" }, /* of other programs: refused where it is reached */
  { "append", METHOD, JINJA_UNSAFE, "" },
  { "extend", METHOD, JINJA_UNSAFE, "" },
  { "insert", METHOD, JINJA_UNSAFE, "" },
  { "pop", METHOD, JINJA_UNSAFE, "" },
  { "update", METHOD, JINJA_UNSAFE, "" },
  { "abs", FILTER, JINJA_ABS, "" },
  { "float", FILTER, JINJA_FLOAT_OF, "default" },
  { "dictsort", FILTER, JINJA_DICTSORT, "case_sensitive by reverse" },
  { "map", FILTER, JINJA_MAP_OF, "" },
  { "select", FILTER, JINJA_SELECT, "" },
  { "reject", FILTER, JINJA_REJECT, "" },
  { "selectattr", FILTER, JINJA_SELECTATTR, "" },
  { "rejectattr", FILTER, JINJA_REJECTATTR, "" },
  { "sort", FILTER, JINJA_SORT, "reverse case_sensitive attribute" },
  { "unique", FILTER, JINJA_UNIQUE, "case_sensitive attribute" },
  { "min", FILTER, JINJA_MIN, "case_sensitive attribute" },
  { "max", FILTER, JINJA_MAX, "case_sensitive attribute" },
  { "sum", FILTER, JINJA_SUM, "attribute start" },
  { "defined", TEST, JINJA_IS_DEFINED, "" },
  { "undefined", TEST, JINJA_IS_UNDEFINED, "" },
  { "none", TEST, JINJA_IS_NONE, "" },
  { "string", TEST, JINJA_IS_STRING, "" },
  { "mapping", TEST, JINJA_IS_MAPPING, "" },
  { "iterable", TEST, JINJA_IS_ITERABLE, "" },
  { "sequence", TEST, JINJA_IS_ITERABLE, "" }, /* maps are both in Jinja2 */
  { "number", TEST, JINJA_IS_NUMBER, "" },
  { "integer", TEST, JINJA_IS_INTEGER, "" },
  { "boolean", TEST, JINJA_IS_BOOLEAN, "" },
  { "true", TEST, JINJA_IS_TRUE, "" },
  { "false", TEST, JINJA_IS_FALSE, "" },
  { "odd", TEST, JINJA_IS_ODD, "" },
  { "even", TEST, JINJA_IS_EVEN, "" },
  { "equalto", TEST, JINJA_IS_EQUAL, "" },
  { "eq", TEST, JINJA_IS_EQUAL, "" },
  { "==", TEST, JINJA_IS_EQUAL, "" },
  { "in", TEST, JINJA_IS_IN, "" },
  { "ne", TEST, JINJA_IS_NE, "" },
  { "!=", TEST, JINJA_IS_NE, "" },
  { "gt", TEST, JINJA_IS_GT, "" },
  { "greaterthan", TEST, JINJA_IS_GT, "" },
  { ">", TEST, JINJA_IS_GT, "" },
  { "lt", TEST, JINJA_IS_LT, "" },
  { "lessthan", TEST, JINJA_IS_LT, "" },
  { "<", TEST, JINJA_IS_LT, "" },
  { "ge", TEST, JINJA_IS_GE, "" },
  { ">=", TEST, JINJA_IS_GE, "" },
  { "le", TEST, JINJA_IS_LE, "" },
  { "<=", TEST, JINJA_IS_LE, "" },
  { "callable", TEST, JINJA_IS_CALLABLE, "" },
  { "float", TEST, JINJA_IS_FLOAT, "" },
  { "lower", TEST, JINJA_IS_LOWER, "" },
  { "upper", TEST, JINJA_IS_UPPER, "" },
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

gboolean
jinja_builtin_takes_names (JinjaBuiltin builtin)
{
  return builtin == JINJA_MAP_OF || builtin == JINJA_FORMAT;
}

int
jinja_builtin_parameter (JinjaBuiltin builtin, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (builtins); i++)
    if (builtins[i].builtin == builtin && *builtins[i].parameters != 0)
      {
        g_auto (GStrv) names = g_strsplit (builtins[i].parameters, " ", -1);

        for (int k = 0; names[k] != NULL; k++)
          if (g_str_equal (names[k], name))
            return k;
      }
  return -1;
}

gboolean
jinja_test_takes_argument (JinjaBuiltin builtin)
{
  return builtin == JINJA_IS_EQUAL || (builtin >= JINJA_IS_IN && builtin <= JINJA_IS_LE);
}

gboolean
jinja_contains (JinjaState *state, const JinjaNode *node, JinjaValue container, JinjaValue value)
{
  if (container.kind == JINJA_STRING)
    jinja_charge (state, container.string, 1);
  if (container.kind == JINJA_STRING && value.kind == JINJA_STRING)
    return jinja_find (container.string, value.string, 0) >= 0;
  if (container.kind == JINJA_MAP)
    {
      JinjaString key;

      return jinja_make_key (state->pool, value, &key)
             && jinja_map_find (container.map, &key).kind != JINJA_UNDEFINED;
    }
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
        list.list->items[i] = jinja_key_value (&value.map->keys[i]);
      return list.list;
    case JINJA_STRING:
      list = jinja_list (state->pool, jinja_length (value.string));
      for (gsize i = 0, at = 0, next; i < list.list->n; i++, at = next)
        {
          next = jinja_next_character (value.string, at);
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
call_map (JinjaState *state, const JinjaNode *node, const JinjaMap *self,
          const JinjaValue *arguments, guint n)
{
  JinjaValue list;

  if (node->builtin == JINJA_GET)
    {
      JinjaValue value = jinja_undefined ();

      JinjaString key;

      if (n < 1)
        return jinja_fail (state, node, "“get” needs a name");
      if (jinja_make_key (state->pool, arguments[0], &key))
        value = jinja_map_find (self, &key);
      return value.kind != JINJA_UNDEFINED ? value : n > 1 ? arguments[1] : jinja_none ();
    }
  list = jinja_list (state->pool, self->n);
  for (gsize i = 0; i < self->n; i++)
    {
      const JinjaValue key = jinja_key_value (&self->keys[i]);

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

  switch (node->builtin)
    {
    case JINJA_TOJSON:
      return jinja_write_json (state, node, self, arguments, n);
    case JINJA_SAFE:
      value = (JinjaValue) { .kind = JINJA_STRING, .string = jinja_to_string (state->pool, self) };
      value = jinja_substring (state->pool, value.string, 0, value.string->length);
      value.string->is_markup = TRUE;
      return value;
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
        {
          jinja_charge (state, self.string, 1);
          return jinja_int ((gint64) jinja_length (self.string));
        }
      if (self.kind == JINJA_LIST && self.list->is_lazy)
        return jinja_fail (state, node, "the length of a list that is not made yet");
      return jinja_int ((gint64) jinja_iterate (state, node, self)->n);
    case JINJA_ABS:
      if (self.kind == JINJA_REAL)
        return jinja_real (self.d < 0 ? -self.d : self.d);
      return self.kind == JINJA_INT && self.i > G_MININT64
                 ? jinja_int (self.i < 0 ? -self.i : self.i)
                 : jinja_fail (state, node, "“abs” needs a number");
    case JINJA_FLOAT_OF:
      if (self.kind == JINJA_STRING)
        return jinja_real (g_ascii_strtod (self.string->text, NULL));
      return jinja_real (self.kind == JINJA_REAL                             ? self.d
                         : self.kind == JINJA_INT || self.kind == JINJA_BOOL ? (double) self.i
                                                                             : 0);
    case JINJA_JOIN:
      list = jinja_iterate (state, node, self);
      if (n > 1 && arguments[1].kind == JINJA_STRING)
        list = jinja_pick (state, list, arguments[1].string);
      return jinja_join (state, list,
                         n > 0 && arguments[0].kind != JINJA_UNDEFINED
                             ? jinja_to_string (state->pool, arguments[0])
                             : &nothing);
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

  if (n != (guint) jinja_test_takes_argument (node->builtin))
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
    case JINJA_IS_NE:
      return jinja_bool (!jinja_equal (self, arguments[0]));
    case JINJA_IS_GT:
    case JINJA_IS_LT:
    case JINJA_IS_GE:
    case JINJA_IS_LE:
      return jinja_compare (state, node,
                            node->builtin == JINJA_IS_GT   ? ">"
                            : node->builtin == JINJA_IS_LT ? "<"
                            : node->builtin == JINJA_IS_GE ? ">="
                                                           : "<=",
                            self, arguments[0]);
    case JINJA_IS_CALLABLE:
      return jinja_bool (self.kind == JINJA_FUNCTION || self.kind == JINJA_MACRO);
    case JINJA_IS_FLOAT:
      return jinja_bool (self.kind == JINJA_REAL);
    case JINJA_IS_LOWER:
    case JINJA_IS_UPPER:
      return jinja_is_case (state, self, node->builtin == JINJA_IS_UPPER);
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
  if (node->builtin >= JINJA_DICTSORT)
    return jinja_call_list (state, node, self, arguments, n);
  if (node->builtin >= JINJA_LENGTH)
    return call_any (state, node, self, arguments, n);
  if (node->builtin == JINJA_UNSAFE)
    return jinja_fail (state, node, "“%s” is something that templates must not use", node->name);
  if (node->builtin >= JINJA_ITEMS)
    return self.kind == JINJA_MAP ? call_map (state, node, self.map, arguments, n)
           : self.kind == JINJA_UNDEFINED && node->kind == JINJA_NODE_FILTER
               ? jinja_list (state->pool, 0)
               : jinja_fail (state, node, "“%s” needs a dictionary", node->name);
  if (node->kind == JINJA_NODE_FILTER
      && self.kind != JINJA_STRING) /* filters take anything as text, methods do not */
    self = (JinjaValue) { .kind = JINJA_STRING, .string = jinja_to_string (state->pool, self) };
  if (self.kind != JINJA_STRING)
    return jinja_fail (state, node, "“%s” needs a text", node->name);
  return jinja_call_string (state, node, self.string, arguments, n);
}
