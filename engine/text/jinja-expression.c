/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parser of expressions. What binds more tightly comes further down, in Jinja2's own order:
 * choice, or, and, not, comparison, + -, ~, * / // %, minus, then members, filters and tests.
 */
#include "text/jinja-parser.h"

#include <string.h>

static JinjaNode *parse_or (JinjaParser *self);
static JinjaNode *parse_unary (JinjaParser *self, gboolean filters);

JinjaNode *
jinja_new_pair (JinjaParser *self, JinjaNodeKind kind, const char *name, JinjaNode *a, JinjaNode *b)
{
  JinjaNode *node = jinja_node_new (self, kind);

  node->name = name;
  node->a = a;
  node->b = b;
  return node;
}

JinjaNode *
jinja_parse_expression (JinjaParser *self, gboolean choice)
{
  JinjaNode *node;

  if (!jinja_enter (self))
    return NULL;
  node = parse_or (self);
  while (choice && jinja_accept (self, JINJA_TOKEN_NAME, "if"))
    {
      JinjaNode *whole = jinja_node_new (self, JINJA_NODE_CHOICE);

      whole->a = node;
      whole->b = parse_or (self);
      if (jinja_accept (self, JINJA_TOKEN_NAME, "else"))
        whole->c = jinja_parse_expression (self, TRUE);
      node = whole;
    }
  self->depth--;
  return node;
}

/* The operator at hand if it is one of @names, as a static string. */
static const char *
take_operator (JinjaParser *self, const char *const *names, guint n)
{
  for (guint i = 0; i < n; i++)
    if (jinja_accept (self, g_ascii_isalpha (*names[i]) ? JINJA_TOKEN_NAME : JINJA_TOKEN_OPERATOR,
                      names[i]))
      return names[i];
  return NULL;
}

static JinjaNode *
parse_product (JinjaParser *self)
{
  static const char *const names[] = { "*", "/", "//", "%" };
  JinjaNode *node = parse_unary (self, TRUE);
  const char *name;

  while (self->error == NULL && (name = take_operator (self, names, G_N_ELEMENTS (names))) != NULL)
    node = jinja_new_pair (self, JINJA_NODE_BINARY, name, node, parse_unary (self, TRUE));
  return node;
}

static JinjaNode *
parse_tilde (JinjaParser *self)
{
  JinjaNode *node = parse_product (self);

  while (self->error == NULL && jinja_accept (self, JINJA_TOKEN_OPERATOR, "~"))
    node = jinja_new_pair (self, JINJA_NODE_BINARY, "~", node, parse_product (self));
  return node;
}

static JinjaNode *
parse_sum (JinjaParser *self)
{
  static const char *const names[] = { "+", "-" };
  JinjaNode *node = parse_tilde (self);
  const char *name;

  while (self->error == NULL && (name = take_operator (self, names, G_N_ELEMENTS (names))) != NULL)
    node = jinja_new_pair (self, JINJA_NODE_BINARY, name, node, parse_tilde (self));
  return node;
}

static JinjaNode *
parse_comparison (JinjaParser *self)
{
  static const char *const names[] = { "==", "!=", "<=", ">=", "<", ">", "in" };
  JinjaNode *left = parse_sum (self), *node = NULL;

  while (self->error == NULL)
    {
      const gboolean not_in = jinja_at (self, JINJA_TOKEN_NAME, "not")
                              && self->token[1].kind == JINJA_TOKEN_NAME
                              && g_str_equal (self->token[1].text, "in");
      const char *name;
      JinjaNode *right, *one;

      if (not_in)
        jinja_next (self);
      name = take_operator (self, names, G_N_ELEMENTS (names));
      if (name == NULL)
        break;
      right = parse_sum (self);
      one = jinja_new_pair (self, JINJA_NODE_BINARY, name, left, right);
      if (not_in)
        one = jinja_new_pair (self, JINJA_NODE_NOT, NULL, one, NULL);
      node = node != NULL ? jinja_new_pair (self, JINJA_NODE_AND, NULL, node, one)
                          : one; /* a < b < c */
      left = right;
    }
  return node != NULL ? node : left;
}

static JinjaNode *
parse_not (JinjaParser *self)
{
  JinjaNode *node;

  if (!jinja_accept (self, JINJA_TOKEN_NAME, "not"))
    return parse_comparison (self);
  node = jinja_enter (self) ? jinja_new_pair (self, JINJA_NODE_NOT, NULL, parse_not (self), NULL)
                            : NULL;
  self->depth--;
  return node;
}

static JinjaNode *
parse_and (JinjaParser *self)
{
  JinjaNode *node = parse_not (self);

  while (self->error == NULL && jinja_accept (self, JINJA_TOKEN_NAME, "and"))
    node = jinja_new_pair (self, JINJA_NODE_AND, NULL, node, parse_not (self));
  return node;
}

static JinjaNode *
parse_or (JinjaParser *self)
{
  JinjaNode *node = parse_and (self);

  while (self->error == NULL && jinja_accept (self, JINJA_TOKEN_NAME, "or"))
    node = jinja_new_pair (self, JINJA_NODE_OR, NULL, node, parse_and (self));
  return node;
}

/* @filters: whether what follows is of this; in -3 | abs it is of the whole. */
static JinjaNode *
parse_unary (JinjaParser *self, gboolean filters)
{
  JinjaNode *node;

  if (!jinja_enter (self))
    return NULL;
  if (jinja_accept (self, JINJA_TOKEN_OPERATOR, "-"))
    node = jinja_new_pair (self, JINJA_NODE_MINUS, NULL, parse_unary (self, FALSE), NULL);
  else
    node = jinja_parse_value (self);
  while (filters && self->error == NULL)
    if (jinja_accept (self, JINJA_TOKEN_OPERATOR, "|"))
      node = jinja_parse_filter (self, node);
    else if (jinja_accept (self, JINJA_TOKEN_NAME, "is"))
      node = jinja_parse_test (self, node);
    else
      break;
  self->depth--;
  return node;
}
