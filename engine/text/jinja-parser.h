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
  guint n_callers;         /* how often “caller” was named so far */
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

/* --- the parser of statements */

/* Up to a tag that belongs to who called. */
JinjaNode *jinja_parse_body (JinjaParser *self);
/* Passes the tag @word; %FALSE with an error where it is not there. */
gboolean jinja_end_tag (JinjaParser *self, const char *word);
/* After "macro" and after "call". */
JinjaNode *jinja_parse_macro (JinjaParser *self);
JinjaNode *jinja_parse_call_block (JinjaParser *self);

JinjaNode *jinja_new_pair (JinjaParser *self, JinjaNodeKind kind, const char *name, JinjaNode *a,
                           JinjaNode *b);

/* --- the parser of values */

/* A value with its members, indexes and calls. */
JinjaNode *jinja_parse_value (JinjaParser *self);
/* After "|", and after "is". */
JinjaNode *jinja_parse_filter (JinjaParser *self, JinjaNode *of);
JinjaNode *jinja_parse_test (JinjaParser *self, JinjaNode *of);
/* After the name that a filter block begins with, or with it: "trim | upper". */
JinjaNode *jinja_parse_filters (JinjaParser *self, JinjaNode *of);

G_END_DECLS
