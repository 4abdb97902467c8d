/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The evaluator walks the tree. The first failure is kept, and everything after it is undefined
 * until the walk ends.
 */
#include "text/jinja-tree.h"
#include "text/tokenizer.h"

#include <math.h>
#include <string.h>

#define STEPS_MAX 5000000
#define DEPTH_MAX 1000
#define ARGUMENTS_MAX 16

typedef enum
{
  FLOW_NEXT,
  FLOW_BREAK,
  FLOW_CONTINUE,
} Flow;

static JinjaValue eval (JinjaState *state, const JinjaNode *node);
static Flow run (JinjaState *state, const JinjaNode *node);

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

static gboolean
may_go_on (JinjaState *state, const JinjaNode *node)
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

/* --- names */

static JinjaMap *
innermost (JinjaState *state)
{
  return state->scopes->pdata[state->scopes->len - 1];
}

static void
set_name (JinjaState *state, JinjaMap *map, const char *name, JinjaValue value)
{
  jinja_map_set (state->pool, map, (JinjaString) { name, strlen (name), NULL, -1 }, value);
}

static JinjaValue
get_name (JinjaState *state, const char *name)
{
  for (guint i = state->scopes->len; i > 0; i--)
    {
      const JinjaValue value = jinja_map_get (state->scopes->pdata[i - 1], name, strlen (name));

      if (value.kind != JINJA_UNDEFINED)
        return value;
    }
  return jinja_undefined ();
}

/* --- expressions */

static JinjaValue
eval_member (JinjaState *state, const JinjaNode *node)
{
  const JinjaValue of = eval (state, node->a);

  if (of.kind == JINJA_MAP)
    return jinja_map_get (of.map, node->name, strlen (node->name));
  if (of.kind == JINJA_UNDEFINED)
    return jinja_fail (state, node, "“%s” of something that does not exist", node->name);
  return jinja_undefined ();
}

static JinjaValue
eval_index (JinjaState *state, const JinjaNode *node)
{
  const JinjaValue of = eval (state, node->a), at = eval (state, node->b);
  gsize n;

  if (of.kind == JINJA_UNDEFINED)
    return jinja_fail (state, node, "a part of something that does not exist");
  if (of.kind == JINJA_MAP && at.kind == JINJA_STRING)
    return jinja_map_get (of.map, at.string->text, at.string->length);
  if (at.kind != JINJA_INT || (of.kind != JINJA_LIST && of.kind != JINJA_STRING))
    return jinja_undefined ();
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
  const JinjaValue value = node != NULL ? eval (state, node) : jinja_none ();

  if (value.kind == JINJA_NONE)
    return fallback;
  if (value.kind != JINJA_INT)
    {
      jinja_fail (state, node, "a part needs whole numbers");
      return fallback;
    }
  return CLAMP (value.i < 0 ? MAX (value.i, -n - 1) + n : value.i, least, most);
}

static JinjaValue
eval_slice (JinjaState *state, const JinjaNode *node)
{
  const JinjaValue of = eval (state, node->a);
  const JinjaValue by = node->items[2] != NULL ? eval (state, node->items[2]) : jinja_int (1);
  gint64 n, from, to, count;
  JinjaValue part;

  if (by.kind != JINJA_INT || by.i == 0 || by.i < -G_MAXINT || by.i > G_MAXINT)
    return jinja_fail (state, node, "a part needs a whole number as its step");
  if (of.kind != JINJA_LIST && of.kind != JINJA_STRING)
    return jinja_fail (state, node, "a part of something that is neither list nor text");
  n = (gint64) (of.kind == JINJA_LIST ? of.list->n : jinja_length (of.string));
  from = slice_bound (state, node->items[0], n, by.i > 0 ? 0 : n - 1, by.i > 0 ? 0 : -1,
                      by.i > 0 ? n : n - 1);
  to = slice_bound (state, node->items[1], n, by.i > 0 ? n : -1, by.i > 0 ? 0 : -1,
                    by.i > 0 ? n : n - 1);
  count = by.i > 0 ? (to - from + by.i - 1) / by.i : (from - to - by.i - 1) / -by.i;
  count = MAX (count, 0);
  if (of.kind == JINJA_STRING)
    {
      if (by.i != 1)
        return jinja_fail (state, node, "steps through a text are not supported");
      return jinja_substring (state->pool, of.string, jinja_character (of.string, (gsize) from),
                              jinja_character (of.string, (gsize) (from + count)));
    }
  part = jinja_list (state->pool, (gsize) count);
  for (gint64 i = 0; i < count; i++)
    part.list->items[i] = of.list->items[from + i * by.i];
  return part;
}

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

/* < > <= >= */
static JinjaValue
compare (JinjaState *state, const JinjaNode *node, JinjaValue a, JinjaValue b)
{
  const gboolean or_equal = node->name[1] == '=';
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
    return jinja_fail (state, node, "“%s” of values that have no order", node->name);
  return jinja_bool ((or_equal && order == 0) || (*node->name == '<' ? order < 0 : order > 0));
}

static JinjaValue
eval_binary (JinjaState *state, const JinjaNode *node)
{
  const JinjaValue a = eval (state, node->a), b = eval (state, node->b);
  const char *name = node->name;

  if (state->error != NULL)
    return jinja_undefined ();
  if (g_str_equal (name, "=="))
    return jinja_bool (jinja_equal (a, b));
  if (g_str_equal (name, "!="))
    return jinja_bool (!jinja_equal (a, b));
  if (g_str_equal (name, "in"))
    return jinja_bool (jinja_contains (state, node, b, a));
  if (*name == '<' || *name == '>')
    return compare (state, node, a, b);
  if (*name == '~')
    return jinja_concat (state->pool, jinja_to_string (state->pool, a),
                         jinja_to_string (state->pool, b));
  if (is_number (a) && is_number (b))
    return calculate (state, node, a, b);
  if (*name == '+' && a.kind == JINJA_STRING && b.kind == JINJA_STRING)
    return jinja_concat (state->pool, a.string, b.string);
  if (*name == '+' && a.kind == JINJA_LIST && b.kind == JINJA_LIST)
    return add_lists (state, a.list, b.list);
  if (*name == '*' && a.kind == JINJA_STRING && b.kind == JINJA_INT)
    return repeat (state, node, a.string, b.i);
  return jinja_fail (state, node, "“%s” of values that do not go together", name);
}

/* Evaluates a node's items. Returns: how many; 0 after a failure. */
static guint
eval_items (JinjaState *state, const JinjaNode *node, JinjaValue arguments[ARGUMENTS_MAX])
{
  if (node->n > ARGUMENTS_MAX)
    {
      jinja_fail (state, node, "too many arguments");
      return 0;
    }
  for (guint i = 0; i < node->n; i++)
    {
      guint place = i;

      if (node->builtin == JINJA_DEFAULT && node->names[i] != NULL)
        {
          place = g_str_equal (node->names[i], "boolean");
          if (place == 0 && !g_str_equal (node->names[i], "default_value"))
            jinja_fail (state, node, "“default” has no “%s”", node->names[i]);
          if (place == 1 && i == 0)
            {
              jinja_fail (state, node, "“default” without a value is not supported");
              return 0;
            }
        }
      arguments[place] = eval (state, node->items[i]);
    }
  return state->error == NULL ? node->n : 0;
}

static JinjaValue
call_range (JinjaState *state, const JinjaNode *node, const JinjaValue *arguments, guint n)
{
  gint64 from = 0, to, by = 1, count;
  JinjaValue list;

  if (n < 1 || n > 3)
    return jinja_fail (state, node, "“range” needs one to three numbers");
  for (guint i = 0; i < n; i++)
    if (arguments[i].kind != JINJA_INT || arguments[i].i > STEPS_MAX || arguments[i].i < -STEPS_MAX)
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

static JinjaValue
eval_call (JinjaState *state, const JinjaNode *node)
{
  const char *name = node->a->name;
  JinjaValue arguments[ARGUMENTS_MAX];
  const guint n = eval_items (state, node, arguments);
  JinjaValue map;

  if (state->error != NULL)
    return jinja_undefined ();
  if (g_str_equal (name, "raise_exception"))
    return jinja_fail (state, node, "it refuses this conversation: %s",
                       n > 0 ? jinja_to_string (state->pool, arguments[0])->text : "");
  if (g_str_equal (name, "range"))
    return call_range (state, node, arguments, n);
  map = jinja_map (state->pool); /* namespace, dict */
  for (guint i = 0; i < n; i++)
    if (node->names[i] == NULL)
      return jinja_fail (state, node, "“%s” needs names for its values", name);
    else
      set_name (state, map.map, node->names[i], arguments[i]);
  return map;
}

static JinjaValue
eval_builtin (JinjaState *state, const JinjaNode *node)
{
  const JinjaValue self = eval (state, node->a);
  JinjaValue arguments[ARGUMENTS_MAX] = { 0 };
  const guint n = eval_items (state, node, arguments);

  return state->error == NULL ? jinja_builtin_call (state, node, self, arguments, n)
                              : jinja_undefined ();
}

static JinjaValue
eval_list (JinjaState *state, const JinjaNode *node)
{
  JinjaValue value
      = node->kind == JINJA_NODE_LIST ? jinja_list (state->pool, node->n) : jinja_map (state->pool);

  for (guint i = 0; i < node->n && state->error == NULL; i++)
    if (node->kind == JINJA_NODE_LIST)
      value.list->items[i] = eval (state, node->items[i]);
    else
      {
        const JinjaValue key = eval (state, node->items[i++]);

        if (key.kind != JINJA_STRING)
          return jinja_fail (state, node, "a dictionary's names must be texts");
        jinja_map_set (state->pool, value.map, *key.string, eval (state, node->items[i]));
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
      return get_name (state, node->name);
    case JINJA_NODE_LIST:
    case JINJA_NODE_MAP:
      return eval_list (state, node);
    case JINJA_NODE_MEMBER:
      return eval_member (state, node);
    case JINJA_NODE_INDEX:
      return eval_index (state, node);
    case JINJA_NODE_SLICE:
      return eval_slice (state, node);
    case JINJA_NODE_CALL:
      return eval_call (state, node);
    case JINJA_NODE_FILTER:
    case JINJA_NODE_TEST:
    case JINJA_NODE_METHOD:
      return eval_builtin (state, node);
    case JINJA_NODE_BINARY:
      return eval_binary (state, node);
    case JINJA_NODE_MINUS:
      value = eval (state, node->a);
      if (value.kind == JINJA_REAL)
        return jinja_real (-value.d);
      return value.kind == JINJA_INT && value.i > G_MININT64
                 ? jinja_int (-value.i)
                 : jinja_fail (state, node, "“-” of something that is no number");
    case JINJA_NODE_NOT:
      return jinja_bool (!jinja_is_true (eval (state, node->a)));
    case JINJA_NODE_AND:
      value = eval (state, node->a);
      return jinja_is_true (value) ? eval (state, node->b) : value;
    case JINJA_NODE_OR:
      value = eval (state, node->a);
      return jinja_is_true (value) ? value : eval (state, node->b);
    case JINJA_NODE_CHOICE:
      if (jinja_is_true (eval (state, node->b)))
        return eval (state, node->a);
      return node->c != NULL ? eval (state, node->c) : jinja_undefined ();
    default:
      g_assert_not_reached ();
    }
}

static JinjaValue
eval (JinjaState *state, const JinjaNode *node)
{
  JinjaValue value = jinja_undefined ();

  state->depth++;
  if (may_go_on (state, node))
    value = eval_inner (state, node);
  state->depth--;
  return value;
}

/* --- statements */

/* The names that a loop gives its body, and "loop". */
static void
open_iteration (JinjaState *state, const JinjaNode *node, const JinjaList *list, gsize i)
{
  const gint64 n = (gint64) list->n, at = (gint64) i;
  JinjaValue loop = jinja_map (state->pool);
  JinjaMap *scope = jinja_map (state->pool).map;
  const JinjaValue item = list->items[i];

  set_name (state, loop.map, "index", jinja_int (at + 1));
  set_name (state, loop.map, "index0", jinja_int (at));
  set_name (state, loop.map, "revindex", jinja_int (n - at));
  set_name (state, loop.map, "revindex0", jinja_int (n - at - 1));
  set_name (state, loop.map, "first", jinja_bool (i == 0));
  set_name (state, loop.map, "last", jinja_bool (at == n - 1));
  set_name (state, loop.map, "length", jinja_int (n));
  if (i > 0)
    set_name (state, loop.map, "previtem", list->items[i - 1]);
  if (at + 1 < n)
    set_name (state, loop.map, "nextitem", list->items[i + 1]);
  set_name (state, scope, "loop", loop);

  if (node->n == 1)
    set_name (state, scope, node->names[0], item);
  else if (item.kind != JINJA_LIST || item.list->n != node->n)
    jinja_fail (state, node, "the loop has %u names, but its items have another number of parts",
                node->n);
  else
    for (guint k = 0; k < node->n; k++)
      set_name (state, scope, node->names[k], item.list->items[k]);
  g_ptr_array_add (state->scopes, scope);
}

static void
close_iteration (JinjaState *state)
{
  g_ptr_array_set_size (state->scopes, (int) state->scopes->len - 1);
}

/* The items for which the loop's condition holds. */
static JinjaList *
choose_items (JinjaState *state, const JinjaNode *node, JinjaList *all)
{
  JinjaList *chosen;
  gsize n = 0;

  if (node->d == NULL)
    return all;
  chosen = jinja_list (state->pool, all->n).list;
  for (gsize i = 0; i < all->n && state->error == NULL; i++)
    {
      open_iteration (state, node, all, i);
      if (state->error == NULL && jinja_is_true (eval (state, node->d)))
        chosen->items[n++] = all->items[i];
      close_iteration (state);
    }
  chosen->n = n;
  return chosen;
}

static Flow
run_for (JinjaState *state, const JinjaNode *node)
{
  JinjaList *list = jinja_iterate (state, node, eval (state, node->a));
  Flow flow = FLOW_NEXT;

  list = choose_items (state, node, list);
  if (list->n == 0 && node->c != NULL && state->error == NULL)
    return run (state, node->c);
  for (gsize i = 0; i < list->n && state->error == NULL && flow != FLOW_BREAK; i++)
    {
      open_iteration (state, node, list, i);
      flow = run (state, node->b);
      close_iteration (state);
    }
  return FLOW_NEXT;
}

/* The output of @node as a value. */
static JinjaValue
capture (JinjaState *state, const JinjaNode *node)
{
  g_autoptr (AttuneMarkedText) own = attune_marked_text_new ();
  AttuneMarkedText *outer = state->out;
  JinjaValue value;

  state->out = own;
  run (state, node);
  state->out = outer;
  value = jinja_string (state->pool, own->text->str, own->text->len, ATTUNE_ORIGIN_PEOPLE);
  if (own->marks->len > 0)
    memcpy ((guint8 *) value.string->marks, own->marks->data, own->marks->len);
  if (own->empty->len > 0)
    value.string->empty = (gssize) g_array_index (own->empty, gsize, own->empty->len - 1);
  return value;
}

static void
run_set (JinjaState *state, const JinjaNode *node)
{
  const JinjaValue value = node->a != NULL ? eval (state, node->a) : capture (state, node->b);
  JinjaValue of;

  if (state->error != NULL)
    return;
  if (node->names == NULL)
    {
      set_name (state, innermost (state), node->name, value);
      return;
    }
  of = get_name (state, node->name);
  if (of.kind == JINJA_MAP)
    set_name (state, of.map, node->names[0], value);
  else
    jinja_fail (state, node, "“%s” is no namespace", node->name);
}

static Flow
run_inner (JinjaState *state, const JinjaNode *node)
{
  Flow flow = FLOW_NEXT;

  switch (node->kind)
    {
    case JINJA_NODE_TEXT:
      jinja_append (state->out, node->value.string);
      return FLOW_NEXT;
    case JINJA_NODE_OUTPUT:
      jinja_append (state->out, jinja_to_string (state->pool, eval (state, node->a)));
      return FLOW_NEXT;
    case JINJA_NODE_BLOCK:
      for (guint i = 0; i < node->n && flow == FLOW_NEXT && state->error == NULL; i++)
        flow = run (state, node->items[i]);
      return flow;
    case JINJA_NODE_IF:
      if (jinja_is_true (eval (state, node->a)))
        return run (state, node->b);
      return node->c != NULL ? run (state, node->c) : FLOW_NEXT;
    case JINJA_NODE_FOR:
      return run_for (state, node);
    case JINJA_NODE_SET:
      run_set (state, node);
      return FLOW_NEXT;
    case JINJA_NODE_BREAK:
      return FLOW_BREAK;
    case JINJA_NODE_CONTINUE:
      return FLOW_CONTINUE;
    default:
      g_assert_not_reached ();
    }
}

static Flow
run (JinjaState *state, const JinjaNode *node)
{
  Flow flow = FLOW_NEXT;

  state->depth++;
  if (may_go_on (state, node))
    flow = run_inner (state, node);
  state->depth--;
  return flow;
}

gboolean
jinja_template_render (const JinjaTemplate *self, JinjaPool *pool, const JinjaMap *variables,
                       AttuneMarkedText *out, GError **error)
{
  g_autoptr (GPtrArray) scopes = g_ptr_array_new ();
  JinjaState state = { .pool = pool, .out = out, .scopes = scopes };

  g_ptr_array_add (scopes, (gpointer) variables);
  g_ptr_array_add (scopes, jinja_map (pool).map);
  run (&state, self->root);
  if (state.error == NULL && pool->exceeded)
    jinja_fail (&state, self->root, "it takes too much memory");
  if (state.error == NULL)
    return TRUE;
  g_propagate_error (error, state.error);
  return FALSE;
}
