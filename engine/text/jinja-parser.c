/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A parser by recursive descent for statements; jinja-expression.c has the one for expressions.
 */
#include "text/jinja-parser.h"
#include "text/tokenizer.h"

#include <string.h>

#define POOL_LIMIT_BYTES (64 << 20)
#define SOURCE_MAX_BYTES (1 << 20) /* the longest real template has 25 kB */
#define DEPTH_MAX 100              /* of blocks in blocks and brackets in brackets */

gpointer
jinja_refuse (JinjaParser *self, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  if (self->error != NULL)
    return NULL;
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (&self->error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_TEMPLATE, "line %d: %s.",
               self->token->line, what);
  return NULL;
}

JinjaNode *
jinja_node_new (JinjaParser *self, JinjaNodeKind kind)
{
  JinjaNode *node = jinja_pool_alloc (self->pool, sizeof *node);

  node->kind = kind;
  node->line = self->token->line;
  return node;
}

/* Copies what was gathered in @items (and @names) into @node. */
void
jinja_node_take (JinjaParser *self, JinjaNode *node, GPtrArray *items, GPtrArray *names)
{
  node->n = items->len;
  node->items = jinja_pool_alloc (self->pool, (items->len + 1) * sizeof *node->items);
  if (items->len > 0)
    memcpy (node->items, items->pdata, items->len * sizeof *node->items);
  if (names == NULL)
    return;
  node->names = jinja_pool_alloc (self->pool, (names->len + 1) * sizeof *node->names);
  if (names->len > 0)
    memcpy (node->names, names->pdata, names->len * sizeof *node->names);
}

const char *
jinja_keep (JinjaParser *self, const JinjaToken *token)
{
  return jinja_literal (self->pool, token->text).string->text;
}

void
jinja_next (JinjaParser *self)
{
  if (self->token->kind != JINJA_TOKEN_END)
    self->token++;
}

gboolean
jinja_at (const JinjaParser *self, JinjaTokenKind kind, const char *text)
{
  return self->token->kind == kind && (text == NULL || g_str_equal (self->token->text, text));
}

gboolean
jinja_accept (JinjaParser *self, JinjaTokenKind kind, const char *text)
{
  if (!jinja_at (self, kind, text))
    return FALSE;
  jinja_next (self);
  return TRUE;
}

gboolean
jinja_expect (JinjaParser *self, JinjaTokenKind kind, const char *text)
{
  if (jinja_accept (self, kind, text))
    return TRUE;
  jinja_refuse (self, "“%s” is missing",
                text != NULL                     ? text
                : kind == JINJA_TOKEN_BLOCK_END  ? "%}"
                : kind == JINJA_TOKEN_OUTPUT_END ? "}}"
                                                 : "a name");
  return FALSE;
}

gboolean
jinja_enter (JinjaParser *self)
{
  if (++self->depth <= DEPTH_MAX)
    return TRUE;
  jinja_refuse (self, "too many blocks or brackets in one another");
  return FALSE;
}

/* Whether the tag at hand begins with one of the @words (separated by |). */
static gboolean
at_tag (const JinjaParser *self, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, "|", -1);

  return self->token->kind == JINJA_TOKEN_BLOCK && self->token[1].kind == JINJA_TOKEN_NAME
         && g_strv_contains ((const char *const *) list, self->token[1].text);
}

gboolean
jinja_end_tag (JinjaParser *self, const char *word)
{
  if (!at_tag (self, word))
    {
      jinja_refuse (self, "“{%% %s %%}” is missing", word);
      return FALSE;
    }
  jinja_next (self);
  jinja_next (self);
  return jinja_expect (self, JINJA_TOKEN_BLOCK_END, NULL);
}

/* After "if" or "elif". */
static JinjaNode *
parse_if (JinjaParser *self)
{
  JinjaNode *node = jinja_node_new (self, JINJA_NODE_IF);

  node->a = jinja_parse_expression (self, TRUE);
  jinja_expect (self, JINJA_TOKEN_BLOCK_END, NULL);
  node->b = jinja_parse_body (self);
  if (at_tag (self, "elif"))
    {
      jinja_next (self);
      jinja_next (self);
      if (jinja_enter (self))
        node->c = parse_if (self);
      self->depth--;
      return node;
    }
  if (at_tag (self, "else"))
    {
      jinja_end_tag (self, "else");
      node->c = jinja_parse_body (self);
    }
  jinja_end_tag (self, "endif");
  return node;
}

static JinjaNode *
parse_for (JinjaParser *self)
{
  JinjaNode *node = jinja_node_new (self, JINJA_NODE_FOR);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  do
    {
      if (self->token->kind != JINJA_TOKEN_NAME)
        return jinja_refuse (self, "“for” needs a name");
      g_ptr_array_add (names, (gpointer) jinja_keep (self, self->token));
      jinja_next (self);
    }
  while (jinja_accept (self, JINJA_TOKEN_OPERATOR, ","));
  jinja_node_take (self, node, none, names);
  node->n = names->len;

  jinja_expect (self, JINJA_TOKEN_NAME, "in");
  node->a = jinja_parse_expression (self, FALSE);
  if (jinja_accept (self, JINJA_TOKEN_NAME, "if"))
    node->d = jinja_parse_expression (self, TRUE);
  if (jinja_at (self, JINJA_TOKEN_NAME, "recursive"))
    return jinja_refuse (self, "recursive loops are not supported");
  jinja_expect (self, JINJA_TOKEN_BLOCK_END, NULL);
  self->n_loops++;
  node->b = jinja_parse_body (self);
  self->n_loops--;
  if (at_tag (self, "else"))
    {
      jinja_end_tag (self, "else");
      node->c = jinja_parse_body (self);
    }
  jinja_end_tag (self, "endfor");
  return node;
}

static JinjaNode *
parse_set (JinjaParser *self)
{
  JinjaNode *node = jinja_node_new (self, JINJA_NODE_SET);
  g_autoptr (GPtrArray) none = g_ptr_array_new (), member = g_ptr_array_new ();

  if (self->token->kind != JINJA_TOKEN_NAME)
    return jinja_refuse (self, "“set” needs a name");
  node->name = jinja_keep (self, self->token);
  jinja_next (self);
  if (jinja_accept (self, JINJA_TOKEN_OPERATOR, "."))
    {
      if (self->token->kind != JINJA_TOKEN_NAME)
        return jinja_refuse (self, "“set” needs a name after the dot");
      g_ptr_array_add (member, (gpointer) jinja_keep (self, self->token));
      jinja_node_take (self, node, none, member);
      jinja_next (self);
    }
  if (jinja_accept (self, JINJA_TOKEN_OPERATOR, "="))
    {
      node->a = jinja_parse_expression (self, TRUE);
      jinja_expect (self, JINJA_TOKEN_BLOCK_END, NULL);
      return node;
    }
  jinja_expect (self, JINJA_TOKEN_BLOCK_END, NULL);
  node->b = jinja_parse_body (self);
  jinja_end_tag (self, "endset");
  return node;
}

static JinjaNode *
parse_filter_block (JinjaParser *self)
{
  JinjaNode *node = jinja_node_new (self, JINJA_NODE_OUTPUT);
  JinjaNode *capture = jinja_node_new (self, JINJA_NODE_CAPTURE);

  capture->b = jinja_node_new (self, JINJA_NODE_SCOPE);
  node->a = jinja_parse_filters (self, capture);
  jinja_expect (self, JINJA_TOKEN_BLOCK_END, NULL);
  capture->b->b = jinja_parse_body (self);
  jinja_end_tag (self, "endfilter");
  return node;
}

/* A tag's inside, from its name on. */
static JinjaNode *
parse_statement (JinjaParser *self)
{
  const JinjaToken *name = self->token;

  jinja_next (self);
  if (name->kind != JINJA_TOKEN_NAME)
    return jinja_refuse (self, "a tag without a name");
  if (g_str_equal (name->text, "if"))
    return parse_if (self);
  if (g_str_equal (name->text, "for"))
    return parse_for (self);
  if (g_str_equal (name->text, "set"))
    return parse_set (self);
  if (g_str_equal (name->text, "generation")) /* who wrote what is known without it */
    {
      JinjaNode *scope = jinja_node_new (self, JINJA_NODE_SCOPE);

      jinja_expect (self, JINJA_TOKEN_BLOCK_END, NULL);
      scope->b = jinja_parse_body (self);
      jinja_end_tag (self, "endgeneration");
      return scope;
    }
  if (g_str_equal (name->text, "macro"))
    return jinja_parse_macro (self);
  if (g_str_equal (name->text, "call"))
    return jinja_parse_call_block (self);
  if (g_str_equal (name->text, "filter"))
    return parse_filter_block (self);
  if (g_str_equal (name->text, "break") || g_str_equal (name->text, "continue"))
    {
      if (self->n_loops == 0)
        return jinja_refuse (self, "“%s” outside of a loop", name->text);
      jinja_expect (self, JINJA_TOKEN_BLOCK_END, NULL);
      return jinja_node_new (self, *name->text == 'b' ? JINJA_NODE_BREAK : JINJA_NODE_CONTINUE);
    }
  return jinja_refuse (self, "the tag “%s” is not supported", name->text);
}

JinjaNode *
jinja_parse_body (JinjaParser *self)
{
  JinjaNode *node = jinja_node_new (self, JINJA_NODE_BLOCK);
  g_autoptr (GPtrArray) items = g_ptr_array_new ();

  if (!jinja_enter (self))
    return NULL;
  while (
      self->error == NULL && self->token->kind != JINJA_TOKEN_END
      && !at_tag (self, "elif|else|endif|endfor|endset|endgeneration|endmacro|endcall|endfilter"))
    {
      JinjaNode *item = NULL;

      if (self->token->kind == JINJA_TOKEN_TEXT)
        {
          item = jinja_node_new (self, JINJA_NODE_TEXT);
          item->value = jinja_string (self->pool, self->token->text, self->token->length,
                                      ATTUNE_ORIGIN_TEMPLATE);
          jinja_next (self);
        }
      else if (jinja_accept (self, JINJA_TOKEN_OUTPUT, NULL))
        {
          item = jinja_node_new (self, JINJA_NODE_OUTPUT);
          item->a = jinja_parse_expression (self, TRUE);
          jinja_expect (self, JINJA_TOKEN_OUTPUT_END, NULL);
        }
      else if (jinja_accept (self, JINJA_TOKEN_BLOCK, NULL))
        item = parse_statement (self);
      else
        jinja_refuse (self, "a sign where none can be");
      if (item != NULL)
        g_ptr_array_add (items, item);
    }
  self->depth--;
  jinja_node_take (self, node, items, NULL);
  return node;
}

JinjaTemplate *
jinja_template_new (const char *source, GError **error)
{
  g_autoptr (JinjaTemplate) self = g_new0 (JinjaTemplate, 1);
  g_autoptr (GArray) tokens = NULL;
  g_autoptr (GHashTable) macros = g_hash_table_new (g_str_hash, g_str_equal);
  JinjaParser parser = { 0 };

  if (strlen (source) > SOURCE_MAX_BYTES)
    {
      g_set_error_literal (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_TEMPLATE, "it is too long.");
      return NULL;
    }
  tokens = jinja_lex (source, error);
  if (tokens == NULL)
    return NULL;
  self->pool = jinja_pool_new (POOL_LIMIT_BYTES);
  parser.pool = self->pool;
  parser.macros = macros;
  parser.token = (const JinjaToken *) (gpointer) tokens->data;
  self->root = jinja_parse_body (&parser);
  if (parser.error == NULL && parser.token->kind != JINJA_TOKEN_END)
    jinja_refuse (&parser, "“%s” ends nothing", parser.token[1].text);
  if (parser.error == NULL && parser.called != NULL
      && !g_hash_table_contains (macros, parser.called->name))
    g_set_error (&parser.error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_TEMPLATE,
                 "line %d: the function “%s” is not supported.", parser.called->line,
                 parser.called->name);
  if (parser.error == NULL && self->pool->exceeded)
    jinja_refuse (&parser, "it is too long");
  if (parser.error != NULL)
    {
      g_propagate_error (error, parser.error);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
jinja_template_free (JinjaTemplate *self)
{
  if (self == NULL)
    return;
  jinja_pool_free (self->pool);
  g_free (self);
}
