/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Expressions. The evaluator walks the tree; the first failure is kept, and everything after it is
 * undefined until the walk ends.
 */
#include "text/jinja-tree.h"
#include "text/tokenizer.h"

#include <string.h>

#define STEPS_MAX 5000000
#define DEPTH_MAX 1000

JinjaValue
jinja_fail (JinjaState *state, const JinjaNode *node, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  if (state->error != NULL)
    return jinja_undefined ();
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (&state->error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_TEMPLATE,
               "line %d of the chat template: %s.", node->line, what);
  return jinja_undefined ();
}

gboolean
jinja_may_go_on (JinjaState *state, const JinjaNode *node)
{
  if (state->error == NULL && ++state->n_steps > STEPS_MAX)
    jinja_fail (state, node, "it takes too many steps");
  if (state->error == NULL
      && (state->pool->exceeded
          || (state->pool->limit > 0 && state->out->text->len > state->pool->limit)))
    jinja_fail (state, node, "it takes too much memory");
  if (state->error == NULL && state->depth > DEPTH_MAX)
    jinja_fail (state, node, "an expression has too many parts");
  return state->error == NULL;
}

#define BYTES_A_STEP 16

void
jinja_charge (JinjaState *state, const JinjaString *string, gsize times)
{
  state->n_steps += (gint64) MIN (string->length / BYTES_A_STEP * times, STEPS_MAX);
}

/* --- names */

void
jinja_set (JinjaState *state, JinjaMap *map, const char *name, JinjaValue value)
{
  jinja_map_set (state->pool, map, (JinjaString) { name, strlen (name), NULL, -1 }, value);
}

JinjaValue
jinja_get (JinjaState *state, const char *name)
{
  for (guint i = state->scopes->len; i > 0; i--)
    {
      const JinjaValue *value = jinja_map_look (state->scopes->pdata[i - 1], name, strlen (name));

      if (value != NULL)
        return *value;
    }
  return jinja_find_function (name);
}

/* --- expressions */

/* A dictionary's own attribute: to "." it comes before what the dictionary holds, to "[]" after. */
static gboolean
is_method (const char *name)
{
  static const char *const names[] = { "items", "keys", "values", "get", "copy", "fromkeys", NULL };

  return g_strv_contains (names, name);
}

static JinjaValue
eval_member (JinjaState *state, const JinjaNode *node)
{
  const JinjaValue of = jinja_eval (state, node->a);

  if (of.kind == JINJA_MAP && !of.map->is_namespace && is_method (node->name))
    return (JinjaValue) { .kind = JINJA_FUNCTION, .function = JINJA_FUNCTION_METHOD };
  if (of.kind == JINJA_MAP)
    return jinja_map_get (of.map, node->name, strlen (node->name));
  if (of.kind == JINJA_UNDEFINED)
    return jinja_fail (state, node, "“%s” of something that does not exist", node->name);
  return jinja_undefined ();
}

static JinjaValue
eval_index (JinjaState *state, const JinjaNode *node)
{
  const JinjaValue of = jinja_eval (state, node->a), at = jinja_eval (state, node->b);
  gsize n;

  if (of.kind == JINJA_UNDEFINED)
    return jinja_fail (state, node, "a part of something that does not exist");
  if (of.kind == JINJA_MAP && at.kind == JINJA_STRING)
    {
      const JinjaValue held = jinja_map_get (of.map, at.string->text, at.string->length);

      return held.kind == JINJA_UNDEFINED && !of.map->is_namespace && is_method (at.string->text)
                 ? (JinjaValue) { .kind = JINJA_FUNCTION, .function = JINJA_FUNCTION_METHOD }
                 : held;
    }
  if (of.kind == JINJA_MAP)
    {
      JinjaString key;

      return jinja_make_key (state->pool, at, &key) ? jinja_map_find (of.map, &key)
                                                    : jinja_undefined ();
    }
  if (at.kind != JINJA_INT || (of.kind != JINJA_LIST && of.kind != JINJA_STRING))
    return jinja_undefined ();
  if (of.kind == JINJA_STRING)
    jinja_charge (state, of.string, 1);
  n = of.kind == JINJA_LIST ? of.list->n : jinja_length (of.string);
  if (at.i >= (gint64) n || at.i < -(gint64) n)
    return jinja_undefined ();
  n = (gsize) (at.i < 0 ? at.i + (gint64) n : at.i);
  if (of.kind == JINJA_LIST)
    return of.list->items[n];
  return jinja_substring (state->pool, of.string, jinja_character (of.string, n),
                          jinja_character (of.string, n + 1));
}

/* A slice's bound as Python counts it: from the end if negative, cut to the list. */
static gint64
slice_bound (JinjaState *state, const JinjaNode *node, gint64 n, gint64 fallback, gint64 least,
             gint64 most)
{
  const JinjaValue value = node != NULL ? jinja_eval (state, node) : jinja_none ();

  if (value.kind == JINJA_NONE)
    return fallback;
  if (value.kind != JINJA_INT)
    {
      jinja_fail (state, node, "a part needs whole numbers");
      return fallback;
    }
  return CLAMP (value.i < 0 ? MAX (value.i, -n - 1) + n : value.i, least, most);
}

/* @count characters from @from on, each @by after the one before. */
static JinjaValue
slice_string (JinjaState *state, const JinjaNode *node, const JinjaString *string, gint64 from,
              gint64 by, gint64 count)
{
  const gint64 n = (gint64) jinja_length (string);
  g_autoptr (AttuneMarkedText) out = NULL;
  g_autofree gsize *places = NULL;
  gsize at = 0;

  if (by == 1)
    return jinja_substring (state->pool, string, jinja_character (string, (gsize) from),
                            jinja_character (string, (gsize) (from + count)));
  out = attune_marked_text_new ();
  places = g_new (gsize, (gsize) n + 1);
  for (gint64 i = 0; i < n; i++, at = jinja_next_character (string, at))
    places[i] = at;
  places[n] = string->length;
  for (gint64 i = 0; i < count && jinja_may_go_on (state, node); i++)
    {
      const gsize *place = &places[from + i * by];

      jinja_append (out, jinja_substring (state->pool, string, place[0], place[1]).string);
    }
  return jinja_take (state, out);
}

static JinjaValue
eval_slice (JinjaState *state, const JinjaNode *node)
{
  const JinjaValue of = jinja_eval (state, node->a);
  const JinjaValue by = node->items[2] != NULL ? jinja_eval (state, node->items[2]) : jinja_int (1);
  gint64 n, from, to, count;
  JinjaValue part;

  if (by.kind != JINJA_INT || by.i == 0 || by.i < -G_MAXINT || by.i > G_MAXINT)
    return jinja_fail (state, node, "a part needs a whole number as its step");
  if (of.kind != JINJA_LIST && of.kind != JINJA_STRING)
    return jinja_fail (state, node, "a part of something that is neither list nor text");
  if (of.kind == JINJA_STRING)
    jinja_charge (state, of.string, 1);
  n = (gint64) (of.kind == JINJA_LIST ? of.list->n : jinja_length (of.string));
  from = slice_bound (state, node->items[0], n, by.i > 0 ? 0 : n - 1, by.i > 0 ? 0 : -1,
                      by.i > 0 ? n : n - 1);
  to = slice_bound (state, node->items[1], n, by.i > 0 ? n : -1, by.i > 0 ? 0 : -1,
                    by.i > 0 ? n : n - 1);
  count = by.i > 0 ? (to - from + by.i - 1) / by.i : (from - to - by.i - 1) / -by.i;
  count = MAX (count, 0);
  if (of.kind == JINJA_STRING)
    return slice_string (state, node, of.string, from, by.i, count);
  part = jinja_list (state->pool, (gsize) count);
  for (gint64 i = 0; i < count; i++)
    part.list->items[i] = of.list->items[from + i * by.i];
  return part;
}

static JinjaValue
eval_builtin (JinjaState *state, const JinjaNode *node)
{
  const JinjaValue self = jinja_eval (state, node->a);
  JinjaValue arguments[JINJA_ARGUMENTS_MAX] = { 0 };
  const guint n = jinja_eval_items (state, node, arguments);

  return state->error == NULL ? jinja_builtin_call (state, node, self, arguments, n)
                              : jinja_undefined ();
}

static JinjaValue
eval_list (JinjaState *state, const JinjaNode *node)
{
  JinjaValue value = jinja_list (state->pool, node->n);

  value.list->is_tuple = node->name != NULL;
  for (guint i = 0; i < node->n && state->error == NULL; i++)
    value.list->items[i] = jinja_eval (state, node->items[i]);
  return value;
}

static JinjaValue
eval_map (JinjaState *state, const JinjaNode *node)
{
  JinjaValue value = jinja_map (state->pool);

  for (guint i = 0; i + 1 < node->n && state->error == NULL; i += 2)
    {
      const JinjaValue key = jinja_eval (state, node->items[i]);

      JinjaString name;

      if (!jinja_make_key (state->pool, key, &name))
        return jinja_fail (state, node, "a dictionary's names must be texts or whole numbers");
      jinja_map_set (state->pool, value.map, name, jinja_eval (state, node->items[i + 1]));
    }
  return value;
}

static JinjaValue
eval_inner (JinjaState *state, const JinjaNode *node)
{
  JinjaValue value;

  switch (node->kind)
    {
    case JINJA_NODE_LITERAL:
      return node->value;
    case JINJA_NODE_NAME:
      return jinja_get (state, node->name);
    case JINJA_NODE_LIST:
      return eval_list (state, node);
    case JINJA_NODE_MAP:
      return eval_map (state, node);
    case JINJA_NODE_MEMBER:
      return eval_member (state, node);
    case JINJA_NODE_INDEX:
      return eval_index (state, node);
    case JINJA_NODE_SLICE:
      return eval_slice (state, node);
    case JINJA_NODE_CALL:
      return jinja_call (state, node);
    case JINJA_NODE_CAPTURE:
      return jinja_capture (state, node->b);
    case JINJA_NODE_FILTER:
    case JINJA_NODE_TEST:
    case JINJA_NODE_METHOD:
      return eval_builtin (state, node);
    case JINJA_NODE_BINARY:
      value = jinja_eval (state, node->a);
      return jinja_operate (state, node, value, jinja_eval (state, node->b));
    case JINJA_NODE_MINUS:
      value = jinja_eval (state, node->a);
      if (value.kind == JINJA_REAL)
        return jinja_real (-value.d);
      return value.kind == JINJA_INT && value.i > G_MININT64
                 ? jinja_int (-value.i)
                 : jinja_fail (state, node, "“-” of something that is no number");
    case JINJA_NODE_NOT:
      return jinja_bool (!jinja_is_true (jinja_eval (state, node->a)));
    case JINJA_NODE_AND:
      value = jinja_eval (state, node->a);
      return jinja_is_true (value) ? jinja_eval (state, node->b) : value;
    case JINJA_NODE_OR:
      value = jinja_eval (state, node->a);
      return jinja_is_true (value) ? value : jinja_eval (state, node->b);
    case JINJA_NODE_CHOICE:
      if (jinja_is_true (jinja_eval (state, node->b)))
        return jinja_eval (state, node->a);
      return node->c != NULL ? jinja_eval (state, node->c) : jinja_undefined ();
    default:
      g_assert_not_reached ();
    }
}

JinjaValue
jinja_eval (JinjaState *state, const JinjaNode *node)
{
  JinjaValue value = jinja_undefined ();

  state->depth++;
  if (jinja_may_go_on (state, node))
    value = eval_inner (state, node);
  state->depth--;
  return value;
}
