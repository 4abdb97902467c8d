/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model is, in words and tokens, for people who look at it.
 */
#pragma once
#include "model/model.h"

G_BEGIN_DECLS

/* Bits that a value of the layers' weights is stored in: 4 for Q4_0 and Q4_1, 16 for F16 and BF16.
 * The type that holds most values counts. */
int attune_model_count_bits (const AttuneModel *self);

typedef struct
{
  gint32 id;
  char *text;       /* valid UTF-8; a byte that is no whole character is written "<E2>" */
  gboolean special; /* a mark of the template, not text */
} AttuneSeenToken;

void attune_seen_token_free (AttuneSeenToken *self);

/**
 * attune_model_see_text:
 * @text: UTF-8
 *
 * Returns: (transfer full): AttuneSeenToken, in order: how the model reads @text
 */
GPtrArray *attune_model_see_text (AttuneModel *self, const char *text);

/**
 * attune_model_see_question:
 * @system: (nullable): what stands before the conversation
 * @question: UTF-8
 *
 * Returns: (transfer full): AttuneSeenToken: all that the model reads before it answers @question,
 * the marks of its chat template included; or %NULL with @error
 */
GPtrArray *attune_model_see_question (AttuneModel *self, const char *system, const char *question,
                                      GError **error);

G_END_DECLS
