/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A template's source cut into text and tokens, with white space treated as transformers sets
 * Jinja2 up for chat templates: trim_blocks and lstrip_blocks on. Private to the evaluator.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  JINJA_TOKEN_END,
  JINJA_TOKEN_TEXT,  /* outside of tags */
  JINJA_TOKEN_BLOCK, /* {% */
  JINJA_TOKEN_BLOCK_END,
  JINJA_TOKEN_OUTPUT, /* {{ */
  JINJA_TOKEN_OUTPUT_END,
  JINJA_TOKEN_NAME,
  JINJA_TOKEN_STRING, /* text: decoded */
  JINJA_TOKEN_INTEGER,
  JINJA_TOKEN_REAL,
  JINJA_TOKEN_OPERATOR, /* text: "==" */
} JinjaTokenKind;

typedef struct
{
  JinjaTokenKind kind;
  char *text;
  gsize length;
  int line; /* from 1 */
} JinjaToken;

/* Returns: (transfer full): JinjaToken, the last is END; errors: #AttuneTextError. */
GArray *jinja_lex (const char *source, GError **error);

G_END_DECLS
