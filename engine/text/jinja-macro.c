/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Macros, from how they are written to how they are called, and call blocks, which are macros
 * without a name that another macro calls as its “caller”.
 */
#include "text/jinja-parser.h"

#include <string.h>

/* --- read */

/* After "(": the parameters, up to and with ")". */
static void
parse_signature (JinjaParser *self, JinjaNode *macro)
{
  g_autoptr (GPtrArray) defaults = g_ptr_array_new (), names = g_ptr_array_new ();
  gboolean any = FALSE; /* whether one has a default */

  while (self->error == NULL && !jinja_accept (self, JINJA_TOKEN_OPERATOR, ")"))
    {
      JinjaNode *value = NULL;

      if (names->len > 0)
        jinja_expect (self, JINJA_TOKEN_OPERATOR, ",");
      if (self->token->kind != JINJA_TOKEN_NAME)
        {
          jinja_refuse (self, "a parameter of “%s” needs a name", macro->name);
          return;
        }
      g_ptr_array_add (names, (gpointer) jinja_keep (self, self->token));
      jinja_next (self);
      if (jinja_accept (self, JINJA_TOKEN_OPERATOR, "="))
        value = jinja_parse_expression (self, TRUE);
      else if (g_str_equal (names->pdata[names->len - 1], "caller"))
        jinja_refuse (self, "the parameter “caller” needs a value");
      else if (any)
        jinja_refuse (self, "a parameter without a value after one that has one");
      any |= value != NULL;
      g_ptr_array_add (defaults, value);
    }
  jinja_node_take (self, macro, defaults, names);
}

/* From the end of the tag on, to @end. */
static void
parse_macro_body (JinjaParser *self, JinjaNode *macro, const char *end)
{
  const int n_loops = self->n_loops;
  const guint n_callers = self->n_callers;

  jinja_expect (self, JINJA_TOKEN_BLOCK_END, NULL);
  self->n_loops = 0; /* a loop outside of it is none of its own */
  macro->b = jinja_parse_body (self);
  self->n_loops = n_loops;
  macro->value = jinja_bool (self->n_callers > n_callers);
  jinja_end_tag (self, end);
}

JinjaNode *
jinja_parse_macro (JinjaParser *self)
{
  JinjaNode *node = jinja_node_new (self, JINJA_NODE_MACRO);

  if (self->token->kind != JINJA_TOKEN_NAME)
    return jinja_refuse (self, "“macro” needs a name");
  node->name = jinja_keep (self, self->token);
  jinja_next (self);
  jinja_expect (self, JINJA_TOKEN_OPERATOR, "(");
  parse_signature (self, node);
  g_hash_table_add (self->macros, (gpointer) node->name);
  parse_macro_body (self, node, "endmacro");
  return node;
}

JinjaNode *
jinja_parse_call_block (JinjaParser *self)
{
  JinjaNode *node = jinja_node_new (self, JINJA_NODE_OUTPUT);
  JinjaNode *caller = jinja_node_new (self, JINJA_NODE_MACRO);

  caller->name = "caller";
  if (jinja_accept (self, JINJA_TOKEN_OPERATOR, "("))
    parse_signature (self, caller);
  node->a = jinja_parse_expression (self, TRUE);
  if (self->error == NULL && node->a->kind != JINJA_NODE_CALL)
    return jinja_refuse (self, "“call” needs the call of a macro");
  parse_macro_body (self, caller, "endcall");
  if (self->error == NULL)
    node->a->c = caller;
  return node;
}

/* --- called */

JinjaValue
jinja_close_macro (JinjaState *state, const JinjaNode *node)
{
  const gsize bytes = state->scopes->len * sizeof (JinjaMap *);
  JinjaMacro *macro = jinja_pool_alloc (state->pool, sizeof *macro);

  macro->node = node;
  macro->n_scopes = state->scopes->len;
  macro->scopes = jinja_pool_alloc (state->pool, bytes);
  memcpy (macro->scopes, state->scopes->pdata, bytes);
  return (JinjaValue) { .kind = JINJA_MACRO, .macro = macro };
}

/* Which of the arguments is the parameter @name, the @i-th, or -1. */
static int
find_argument (const JinjaNode *node, const char *name, guint i, guint n)
{
  for (guint k = 0; k < n; k++)
    if (node->names[k] != NULL ? g_str_equal (node->names[k], name) : k == i)
      return (int) k;
  return -1;
}

/* Gives the macro's parameters their values, in its own scope. */
static void
set_parameters (JinjaState *state, const JinjaNode *node, const JinjaNode *macro,
                const JinjaValue *arguments, guint n, JinjaValue caller)
{
  JinjaMap *own = state->scopes->pdata[state->scopes->len - 1];
  gboolean wants_caller = macro->value.i;
  guint used = 0;

  for (guint i = 0; i < macro->n; i++)
    {
      const int k = find_argument (node, macro->names[i], i, n);
      const gboolean is_caller = k < 0 && g_str_equal (macro->names[i], "caller");

      used += k >= 0;
      wants_caller |= is_caller;
      jinja_set (state, own, macro->names[i],
                 k >= 0      ? arguments[k]
                 : is_caller ? caller
                             : jinja_undefined ());
    }
  if (jinja_map_look (own, "caller", strlen ("caller")) == NULL && wants_caller)
    {
      const int k = find_argument (node, "caller", G_MAXUINT, n);

      used += k >= 0;
      jinja_set (state, own, "caller", k >= 0 ? arguments[k] : caller);
    }
  if (used < n)
    jinja_fail (state, node, "“%s” has no such parameter", macro->name);
  if (node->c != NULL && !wants_caller)
    jinja_fail (state, node, "“%s” does not use what it is called with", macro->name);
  for (guint i = 0; i < macro->n && state->error == NULL; i++)
    if (macro->items[i] != NULL && find_argument (node, macro->names[i], i, n) < 0
        && jinja_map_get (own, macro->names[i], strlen (macro->names[i])).kind == JINJA_UNDEFINED)
      jinja_set (state, own, macro->names[i], jinja_eval (state, macro->items[i]));
}

JinjaValue
jinja_call_macro (JinjaState *state, const JinjaNode *node, const JinjaMacro *macro,
                  const JinjaValue *arguments, guint n)
{
  const JinjaValue caller
      = node->c != NULL ? jinja_close_macro (state, node->c) : jinja_undefined ();
  g_autoptr (GPtrArray) scopes = g_ptr_array_sized_new (macro->n_scopes + 1);
  GPtrArray *outer = state->scopes;
  JinjaValue value = jinja_undefined ();

  for (guint i = 0; i < macro->n_scopes; i++)
    g_ptr_array_add (scopes, macro->scopes[i]);
  g_ptr_array_add (scopes, jinja_map (state->pool).map);
  state->scopes = scopes;
  set_parameters (state, node, macro->node, arguments, n, caller);
  if (state->error == NULL)
    value = jinja_capture (state, macro->node->b);
  state->scopes = outer;
  return value;
}
