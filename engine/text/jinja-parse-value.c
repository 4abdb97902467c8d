/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parser of values: what is written out, and what may follow a value: members, indexes, calls,
 * filters and tests.
 */
#include "text/jinja-parser.h"

#include <string.h>

/* Expressions and, if @names is not %NULL, keyword arguments, up to and with @close. */
static void
parse_items (JinjaParser *self, const char *close, GPtrArray *items, GPtrArray *names)
{
  while (self->error == NULL && !jinja_accept (self, JINJA_TOKEN_OPERATOR, close))
    {
      const char *name = NULL;

      if (items->len > 0 && !jinja_expect (self, JINJA_TOKEN_OPERATOR, ","))
        return;
      if (items->len > 0 && jinja_accept (self, JINJA_TOKEN_OPERATOR, close)) /* a last comma */
        return;
      if (names != NULL && self->token->kind == JINJA_TOKEN_NAME
          && self->token[1].kind == JINJA_TOKEN_OPERATOR && g_str_equal (self->token[1].text, "="))
        {
          name = jinja_keep (self, self->token);
          jinja_next (self);
          jinja_next (self);
        }
      g_ptr_array_add (items, jinja_parse_expression (self, TRUE));
      if (names != NULL)
        g_ptr_array_add (names, (gpointer) name);
    }
}

static JinjaNode *
parse_map (JinjaParser *self)
{
  JinjaNode *node = jinja_node_new (self, JINJA_NODE_MAP);
  g_autoptr (GPtrArray) items = g_ptr_array_new ();

  while (self->error == NULL && !jinja_accept (self, JINJA_TOKEN_OPERATOR, "}"))
    {
      if (items->len > 0 && !jinja_expect (self, JINJA_TOKEN_OPERATOR, ","))
        break;
      if (items->len > 0 && jinja_accept (self, JINJA_TOKEN_OPERATOR, "}"))
        break;
      g_ptr_array_add (items, jinja_parse_expression (self, TRUE));
      jinja_expect (self, JINJA_TOKEN_OPERATOR, ":");
      g_ptr_array_add (items, jinja_parse_expression (self, TRUE));
    }
  jinja_node_take (self, node, items, NULL);
  return node;
}

/* After "(": an expression in brackets, or a tuple, which is as good as a list here. */
static JinjaNode *
parse_bracket (JinjaParser *self)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  JinjaNode *node
      = jinja_at (self, JINJA_TOKEN_OPERATOR, ")") ? NULL : jinja_parse_expression (self, TRUE);

  if (node != NULL && jinja_accept (self, JINJA_TOKEN_OPERATOR, ")"))
    return node;
  if (node != NULL)
    {
      g_ptr_array_add (items, node);
      if (!jinja_at (self, JINJA_TOKEN_OPERATOR, ","))
        return jinja_refuse (self, "a bracket does not end");
    }
  node = jinja_node_new (self, JINJA_NODE_LIST);
  node->name = "(";
  parse_items (self, ")", items, NULL);
  jinja_node_take (self, node, items, NULL);
  return node;
}

/* A name: a constant, or a variable. */
static JinjaNode *
parse_name (JinjaParser *self)
{
  static const struct
  {
    const char *name;
    JinjaKind kind;
    gboolean value;
  } constants[] = {
    { "true", JINJA_BOOL, TRUE },   { "True", JINJA_BOOL, TRUE },  { "false", JINJA_BOOL, FALSE },
    { "False", JINJA_BOOL, FALSE }, { "none", JINJA_NONE, FALSE }, { "None", JINJA_NONE, FALSE },
  };
  static const char *const unsupported[] = { "cycler", "joiner", "lipsum", "varargs", "kwargs" };
  static const char *const words[] = { "and", "or", "not", "in", "is", "if", "else" };
  JinjaNode *node = jinja_node_new (self, JINJA_NODE_NAME);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (jinja_at (self, JINJA_TOKEN_NAME, words[i]))
      return jinja_refuse (self, "“%s” where a value is needed", words[i]);
  for (guint i = 0; i < G_N_ELEMENTS (unsupported); i++)
    if (jinja_at (self, JINJA_TOKEN_NAME, unsupported[i]))
      return jinja_refuse (self, "“%s” is not supported", unsupported[i]);
  node->name = jinja_keep (self, self->token);
  self->n_callers += g_str_equal (node->name, "caller");
  jinja_next (self);
  for (guint i = 0; i < G_N_ELEMENTS (constants); i++)
    if (g_str_equal (node->name, constants[i].name))
      {
        node->kind = JINJA_NODE_LITERAL;
        node->value = (JinjaValue) { .kind = constants[i].kind, .i = constants[i].value };
      }
  return node;
}

static JinjaNode *
parse_primary (JinjaParser *self)
{
  const JinjaToken *token = self->token;
  JinjaNode *node;

  if (token->kind == JINJA_TOKEN_NAME)
    return parse_name (self);
  if (token->kind == JINJA_TOKEN_OPERATOR && strchr ("([{", *token->text) != NULL)
    {
      jinja_next (self);
      if (*token->text == '(')
        return parse_bracket (self);
      if (*token->text == '{')
        return parse_map (self);
      else
        {
          g_autoptr (GPtrArray) items = g_ptr_array_new ();

          node = jinja_node_new (self, JINJA_NODE_LIST);
          parse_items (self, "]", items, NULL);
          jinja_node_take (self, node, items, NULL);
          return node;
        }
    }

  node = jinja_node_new (self, JINJA_NODE_LITERAL);
  if (token->kind == JINJA_TOKEN_STRING)
    {
      node->value = jinja_string (self->pool, token->text, token->length, ATTUNE_ORIGIN_TEMPLATE);
      for (jinja_next (self); self->token->kind == JINJA_TOKEN_STRING;
           jinja_next (self)) /* 'a' 'b' is one text */
        {
          const JinjaValue more = jinja_string (self->pool, self->token->text, self->token->length,
                                                ATTUNE_ORIGIN_TEMPLATE);

          node->value = jinja_concat (self->pool, node->value.string, more.string);
        }
      return node;
    }
  if (token->kind == JINJA_TOKEN_INTEGER)
    node->value = jinja_int (g_ascii_strtoll (token->text, NULL, 10));
  else if (token->kind == JINJA_TOKEN_REAL)
    node->value = jinja_real (g_ascii_strtod (token->text, NULL));
  else
    return jinja_refuse (self, "a value is missing");
  jinja_next (self);
  return node;
}

/* After "[". */
static JinjaNode *
parse_index (JinjaParser *self, JinjaNode *of)
{
  JinjaNode *node = jinja_node_new (self, JINJA_NODE_INDEX), *parts[3] = { NULL };
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  int n = 0;

  node->a = of;
  if (!jinja_at (self, JINJA_TOKEN_OPERATOR, ":"))
    parts[0] = jinja_parse_expression (self, TRUE);
  while (n < 2 && jinja_accept (self, JINJA_TOKEN_OPERATOR, ":"))
    {
      n++;
      if (!jinja_at (self, JINJA_TOKEN_OPERATOR, ":")
          && !jinja_at (self, JINJA_TOKEN_OPERATOR, "]"))
        parts[n] = jinja_parse_expression (self, TRUE);
    }
  jinja_expect (self, JINJA_TOKEN_OPERATOR, "]");
  if (n == 0)
    {
      node->b = parts[0];
      return node;
    }
  node->kind = JINJA_NODE_SLICE;
  for (int i = 0; i < 3; i++)
    g_ptr_array_add (items, parts[i]);
  jinja_node_take (self, node, items, NULL);
  return node;
}

/* After a filter's, test's or method's name and "(", if it has one. */
static JinjaNode *
parse_builtin (JinjaParser *self, JinjaNodeKind kind, const char *what, const char *name,
               JinjaNode *of)
{
  JinjaNode *node = jinja_node_new (self, kind);
  g_autoptr (GPtrArray) items = g_ptr_array_new (), names = g_ptr_array_new ();

  node->a = of;
  node->name = name;
  node->builtin = jinja_builtin_find (what, name);
  if (node->builtin == JINJA_BUILTIN_NONE)
    return jinja_refuse (self, "the %s “%s” is not supported", what, name);
  if (jinja_accept (self, JINJA_TOKEN_OPERATOR, "("))
    parse_items (self, ")", items, names);
  for (guint i = 0; i < names->len; i++)
    if (names->pdata[i] != NULL && !jinja_builtin_takes_names (node->builtin)
        && jinja_builtin_parameter (node->builtin, names->pdata[i]) < 0)
      return jinja_refuse (self, "“%s=” of the %s “%s” is not supported",
                           (const char *) names->pdata[i], what, name);
  jinja_node_take (self, node, items, names);
  return node;
}

/* After "is". */
JinjaNode *
jinja_parse_test (JinjaParser *self, JinjaNode *of)
{
  const gboolean negated = jinja_accept (self, JINJA_TOKEN_NAME, "not");
  JinjaNode *node;
  const char *name;

  if (self->token->kind != JINJA_TOKEN_NAME && !jinja_at (self, JINJA_TOKEN_OPERATOR, "=="))
    return jinja_refuse (self, "“is” needs a name");
  name = jinja_keep (self, self->token);
  jinja_next (self);
  node = parse_builtin (self, JINJA_NODE_TEST, "test", name, of);
  if (node == NULL)
    return NULL;
  if (node->n == 0 && jinja_test_takes_argument (node->builtin))
    {
      g_autoptr (GPtrArray) items = g_ptr_array_new (); /* "is equalto 3" */

      g_ptr_array_add (items, parse_primary (self));
      jinja_node_take (self, node, items, NULL);
    }
  return negated ? jinja_new_pair (self, JINJA_NODE_NOT, NULL, node, NULL) : node;
}

/* After ".": a member, or a method with its arguments. */
static JinjaNode *
parse_member (JinjaParser *self, JinjaNode *of)
{
  JinjaNode *node = jinja_node_new (self, JINJA_NODE_MEMBER);

  if (self->token->kind != JINJA_TOKEN_NAME)
    return jinja_refuse (self, "a name is missing after “.”");
  node->a = of;
  node->name = jinja_keep (self, self->token);
  jinja_next (self);
  if (jinja_at (self, JINJA_TOKEN_OPERATOR, "("))
    return parse_builtin (self, JINJA_NODE_METHOD, "method", node->name, of);
  return node;
}

static JinjaNode *
parse_call (JinjaParser *self, JinjaNode *of)
{
  JinjaNode *node = jinja_node_new (self, JINJA_NODE_CALL);
  g_autoptr (GPtrArray) items = g_ptr_array_new (), names = g_ptr_array_new ();

  if (of->kind != JINJA_NODE_NAME)
    return jinja_refuse (self, "a call of something that is no function");
  if (self->called == NULL && jinja_find_function (of->name).kind == JINJA_UNDEFINED
      && !g_hash_table_contains (self->macros, of->name) && !g_str_equal (of->name, "caller"))
    self->called = of; /* one that comes later, or calls itself */
  node->a = of;
  parse_items (self, ")", items, names);
  jinja_node_take (self, node, items, names);
  return node;
}

static JinjaNode *
parse_postfix (JinjaParser *self, JinjaNode *node)
{
  while (self->error == NULL && node != NULL)
    if (jinja_accept (self, JINJA_TOKEN_OPERATOR, "."))
      node = parse_member (self, node);
    else if (jinja_accept (self, JINJA_TOKEN_OPERATOR, "["))
      node = parse_index (self, node);
    else if (jinja_accept (self, JINJA_TOKEN_OPERATOR, "("))
      node = parse_call (self, node);
    else
      break;
  return node;
}

JinjaNode *
jinja_parse_value (JinjaParser *self)
{
  return parse_postfix (self, parse_primary (self));
}

JinjaNode *
jinja_parse_filter (JinjaParser *self, JinjaNode *of)
{
  const char *name = self->token->kind == JINJA_TOKEN_NAME ? jinja_keep (self, self->token) : "";

  jinja_next (self);
  return parse_postfix (self, parse_builtin (self, JINJA_NODE_FILTER, "filter", name, of));
}

JinjaNode *
jinja_parse_filters (JinjaParser *self, JinjaNode *of)
{
  do
    of = jinja_parse_filter (self, of);
  while (self->error == NULL && jinja_accept (self, JINJA_TOKEN_OPERATOR, "|"));
  return of;
}
