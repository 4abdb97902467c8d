/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A conversation to the exact tokens a model reads, with a mask of those it has to learn. Text of
 * the template may hold special tokens; text of people never does.
 */
#pragma once
#include "text/tokenizer.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_ROLE_SYSTEM,
  ATTUNE_ROLE_USER,
  ATTUNE_ROLE_ASSISTANT,
} AttuneRole;

typedef struct
{
  AttuneRole role;
  const char *content; /* UTF-8, borrowed */
} AttuneMessage;

typedef struct _AttuneChatTemplate AttuneChatTemplate;

/**
 * attune_chat_template_new:
 * @source: (nullable): the model's own template (Jinja); %NULL for plain ChatML
 *
 * Returns: (transfer full): or %NULL where the template is one that this version cannot follow
 * exactly
 */
AttuneChatTemplate *attune_chat_template_new (const char *source, GError **error);
void attune_chat_template_free (AttuneChatTemplate *self);
/* Gives the template a name of its own: "bos_token" is "<s>". Before it is used. */
void attune_chat_template_set_token (AttuneChatTemplate *self, const char *name, const char *text);
const char *attune_chat_template_get_source (const AttuneChatTemplate *self); /* (nullable) */

/* Returns: (transfer full): the text as the reference renders it, special tokens spelled out. For
 * showing, and tests.
 * @generate: ends with the header after which the assistant speaks. */
char *attune_chat_template_render (const AttuneChatTemplate *self, const AttuneMessage *messages,
                                   guint n, gboolean generate, GError **error);

/**
 * attune_chat_template_encode:
 * @ids: (inout): GArray of gint32, appended
 * @learn: (inout) (nullable): GArray of guint8, appended; 1 where the token is the assistant's own,
 * its end-of-turn token included (so that the model learns to stop)
 */
gboolean attune_chat_template_encode (const AttuneChatTemplate *self,
                                      const AttuneTokenizer *tokenizer,
                                      const AttuneMessage *messages, guint n, gboolean generate,
                                      GArray *ids, GArray *learn, GError **error);

/* The token that ends the assistant's turn, or -1. */
gint32 attune_chat_template_get_stop (const AttuneChatTemplate *self,
                                      const AttuneTokenizer *tokenizer);

/* What decides which tokens a conversation becomes, as a SHA-256 in hex: the template, the
 * vocabulary and how text is cut. Models with the same key read the same. Returns: (transfer full).
 */
char *attune_chat_template_get_key (const AttuneChatTemplate *self,
                                    const AttuneTokenizer *tokenizer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneChatTemplate, attune_chat_template_free)

G_END_DECLS
