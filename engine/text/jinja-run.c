/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Statements: they write, choose, repeat and give names.
 */
#include "text/jinja-tree.h"

#include <string.h>

typedef enum
{
  FLOW_NEXT,
  FLOW_BREAK,
  FLOW_CONTINUE,
} Flow;

static Flow run (JinjaState *state, const JinjaNode *node);

static JinjaMap *
innermost (JinjaState *state)
{
  return state->scopes->pdata[state->scopes->len - 1];
}

/* The names that a loop gives its body, and "loop". */
static void
open_iteration (JinjaState *state, const JinjaNode *node, const JinjaList *list, gsize i)
{
  const gint64 n = (gint64) list->n, at = (gint64) i;
  JinjaValue loop = jinja_map (state->pool);
  JinjaMap *scope = jinja_map (state->pool).map;
  const JinjaValue item = list->items[i];

  jinja_set (state, loop.map, "index", jinja_int (at + 1));
  jinja_set (state, loop.map, "index0", jinja_int (at));
  jinja_set (state, loop.map, "revindex", jinja_int (n - at));
  jinja_set (state, loop.map, "revindex0", jinja_int (n - at - 1));
  jinja_set (state, loop.map, "first", jinja_bool (i == 0));
  jinja_set (state, loop.map, "last", jinja_bool (at == n - 1));
  jinja_set (state, loop.map, "length", jinja_int (n));
  if (i > 0)
    jinja_set (state, loop.map, "previtem", list->items[i - 1]);
  if (at + 1 < n)
    jinja_set (state, loop.map, "nextitem", list->items[i + 1]);
  jinja_set (state, scope, "loop", loop);

  if (node->n == 1)
    jinja_set (state, scope, node->names[0], item);
  else if (item.kind != JINJA_LIST || item.list->n != node->n)
    jinja_fail (state, node, "the loop has %u names, but its items have another number of parts",
                node->n);
  else
    for (guint k = 0; k < node->n; k++)
      jinja_set (state, scope, node->names[k], item.list->items[k]);
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
      if (state->error == NULL && jinja_is_true (jinja_eval (state, node->d)))
        chosen->items[n++] = all->items[i];
      close_iteration (state);
    }
  chosen->n = n;
  return chosen;
}

static Flow
run_for (JinjaState *state, const JinjaNode *node)
{
  JinjaList *list = jinja_iterate (state, node, jinja_eval (state, node->a));
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

JinjaValue
jinja_capture (JinjaState *state, const JinjaNode *node)
{
  g_autoptr (AttuneMarkedText) own = attune_marked_text_new ();
  AttuneMarkedText *outer = state->out;

  state->out = own;
  run (state, node);
  state->out = outer;
  return jinja_take (state, own);
}

static void
run_set (JinjaState *state, const JinjaNode *node)
{
  const JinjaValue value
      = node->a != NULL ? jinja_eval (state, node->a) : jinja_capture (state, node->b);
  JinjaValue of;

  if (state->error != NULL)
    return;
  if (node->names == NULL)
    {
      jinja_set (state, innermost (state), node->name, value);
      return;
    }
  of = jinja_get (state, node->name);
  if (of.kind == JINJA_MAP)
    jinja_set (state, of.map, node->names[0], value);
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
      jinja_append (state->out, jinja_to_string (state->pool, jinja_eval (state, node->a)));
      return FLOW_NEXT;
    case JINJA_NODE_BLOCK:
      for (guint i = 0; i < node->n && flow == FLOW_NEXT && state->error == NULL; i++)
        flow = run (state, node->items[i]);
      return flow;
    case JINJA_NODE_IF:
      if (jinja_is_true (jinja_eval (state, node->a)))
        return run (state, node->b);
      return node->c != NULL ? run (state, node->c) : FLOW_NEXT;
    case JINJA_NODE_FOR:
      return run_for (state, node);
    case JINJA_NODE_SET:
      run_set (state, node);
      return FLOW_NEXT;
    case JINJA_NODE_MACRO:
      jinja_set (state, innermost (state), node->name, jinja_close_macro (state, node));
      return FLOW_NEXT;
    case JINJA_NODE_SCOPE:
      g_ptr_array_add (state->scopes, jinja_map (state->pool).map);
      flow = run (state, node->b);
      g_ptr_array_set_size (state->scopes, (int) state->scopes->len - 1);
      return flow;
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
  if (jinja_may_go_on (state, node))
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
