/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parser's files share.
 */
#pragma once
#include "text/jinja-lexer.h"
#include "text/jinja-tree.h"

G_BEGIN_DECLS

typedef struct
{
  JinjaPool *pool;
  const JinjaToken *token; /* the next one; the last is END and is not passed */
  int depth, n_loops;
  GHashTable *macros;      /* names of all that were read */
  const JinjaNode *called; /* (nullable): the first name called that was no macro until then */
  GError *error;           /* the first */
} JinjaParser;

/* Keeps the first error. Returns: %NULL. */
gpointer jinja_refuse (JinjaParser *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
JinjaNode *jinja_node_new (JinjaParser *self, JinjaNodeKind kind);
void jinja_node_take (JinjaParser *self, JinjaNode *node, GPtrArray *items, GPtrArray *names);
const char *jinja_keep (JinjaParser *self, const JinjaToken *token);
void jinja_next (JinjaParser *self);
gboolean jinja_at (const JinjaParser *self, JinjaTokenKind kind, const char *text);
gboolean jinja_accept (JinjaParser *self, JinjaTokenKind kind, const char *text);
gboolean jinja_expect (JinjaParser *self, JinjaTokenKind kind, const char *text);
/* One level deeper; the caller takes self->depth back. %FALSE with an error where it is too deep.
 */
gboolean jinja_enter (JinjaParser *self);

/* @choice: whether "a if b else c" may stand here. Returns: (nullable): with an error kept. */
JinjaNode *jinja_parse_expression (JinjaParser *self, gboolean choice);

/* After the name that a filter block begins with, or with it: "trim | upper". */
JinjaNode *jinja_parse_filters (JinjaParser *self, JinjaNode *of);

G_END_DECLS
