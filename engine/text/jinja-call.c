/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Calls: arguments, and the functions that transformers gives a template.
 */
#include "text/jinja-tree.h"

#include <locale.h>
#include <string.h>
#include <time.h>

#define RANGE_MAX 5000000
#define TIME_MAX_BYTES 256

/* A list of numbers is only made where it can be gone through. */

static const struct
{
  const char *name;
  JinjaFunction function;
} functions[] = {
  { "namespace", JINJA_FUNCTION_NAMESPACE },   { "dict", JINJA_FUNCTION_DICT },
  { "raise_exception", JINJA_FUNCTION_RAISE }, { "range", JINJA_FUNCTION_RANGE },
  { "strftime_now", JINJA_FUNCTION_TIME },
};

JinjaValue
jinja_find_function (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (g_str_equal (functions[i].name, name))
      return (JinjaValue) { .kind = JINJA_FUNCTION, .function = functions[i].function };
  return jinja_undefined ();
}

guint
jinja_eval_items (JinjaState *state, const JinjaNode *node,
                  JinjaValue arguments[JINJA_ARGUMENTS_MAX])
{
  guint n = 0;

  if (node->n > JINJA_ARGUMENTS_MAX)
    {
      jinja_fail (state, node, "too many arguments");
      return 0;
    }
  for (guint i = 0; i < node->n && state->error == NULL; i++)
    {
      guint place = i;

      if (node->builtin != JINJA_BUILTIN_NONE && node->names != NULL && node->names[i] != NULL
          && !jinja_builtin_takes_names (node->builtin))
        place
            = (guint) jinja_builtin_parameter (node->builtin, node->names[i]); /* parsed: is one */
      arguments[place] = jinja_eval (state, node->items[i]);
      n = MAX (n, place + 1);
    }
  return state->error == NULL ? n : 0;
}

static JinjaValue
call_range (JinjaState *state, const JinjaNode *node, const JinjaValue *arguments, guint n)
{
  gint64 from = 0, to, by = 1, count;
  JinjaValue list;

  if (n < 1 || n > 3)
    return jinja_fail (state, node, "“range” needs one to three numbers");
  for (guint i = 0; i < n; i++)
    if (arguments[i].kind != JINJA_INT || arguments[i].i > RANGE_MAX || arguments[i].i < -RANGE_MAX)
      return jinja_fail (state, node, "“range” needs whole numbers that are not too large");
  if (n == 3 && arguments[2].i == 0)
    return jinja_fail (state, node, "“range” needs a step");
  to = arguments[n > 1].i;
  from = n > 1 ? arguments[0].i : 0;
  by = n > 2 ? arguments[2].i : 1;
  count = MAX (0, by > 0 ? (to - from + by - 1) / by : (from - to - by - 1) / -by);
  list = jinja_list (state->pool, (gsize) count);
  for (gint64 i = 0; i < count; i++)
    list.list->items[i] = jinja_int (from + i * by);
  return list;
}

/* The time as Python's strftime writes it, whose days and months are English. */
static JinjaValue
call_time (JinjaState *state, const JinjaNode *node, const JinjaValue *arguments, guint n)
{
  locale_t plain = newlocale (LC_ALL_MASK, "C", (locale_t) 0);
  char text[TIME_MAX_BYTES];
  const time_t now = state->now != 0 ? state->now : time (NULL);
  struct tm parts;
  gsize length = 0;

  if (n == 1 && arguments[0].kind == JINJA_STRING && plain != (locale_t) 0
      && localtime_r (&now, &parts) != NULL)
    length = strftime_l (text, sizeof text, arguments[0].string->text, &parts, plain);
  if (plain != (locale_t) 0)
    freelocale (plain);
  if (n != 1 || arguments[0].kind != JINJA_STRING)
    return jinja_fail (state, node, "“strftime_now” needs a text");
  return jinja_string (state->pool, text, length, ATTUNE_ORIGIN_TEMPLATE);
}

static JinjaValue
make_map (JinjaState *state, const JinjaNode *node, gboolean is_namespace,
          const JinjaValue *arguments, guint n)
{
  JinjaValue map = jinja_map (state->pool);

  map.map->is_namespace = is_namespace;
  for (guint i = 0; i < n; i++)
    if (node->names[i] == NULL)
      return jinja_fail (state, node, "“%s” needs names for its values", node->a->name);
    else
      jinja_set (state, map.map, node->names[i], arguments[i]);
  return map;
}

JinjaValue
jinja_call (JinjaState *state, const JinjaNode *node)
{
  const JinjaValue callee = jinja_eval (state, node->a);
  JinjaValue arguments[JINJA_ARGUMENTS_MAX] = { 0 };
  const guint n = jinja_eval_items (state, node, arguments);

  if (state->error != NULL)
    return jinja_undefined ();
  if (callee.kind == JINJA_MACRO)
    return jinja_call_macro (state, node, callee.macro, arguments, n);
  if (node->c != NULL)
    return jinja_fail (state, node, "“call” of “%s”, which is no macro", node->a->name);
  if (callee.kind != JINJA_FUNCTION)
    return jinja_fail (state, node, "“%s” is no function", node->a->name);
  switch (callee.function)
    {
    case JINJA_FUNCTION_RAISE:
      return jinja_fail (state, node, "it refuses this conversation: %s",
                         n > 0 ? jinja_to_string (state->pool, arguments[0])->text : "");
    case JINJA_FUNCTION_RANGE:
      return call_range (state, node, arguments, n);
    case JINJA_FUNCTION_TIME:
      return call_time (state, node, arguments, n);
    case JINJA_FUNCTION_METHOD:
      return jinja_fail (state, node, "a method without what it belongs to");
    default:
      return make_map (state, node, callee.function == JINJA_FUNCTION_NAMESPACE, arguments, n);
    }
}
