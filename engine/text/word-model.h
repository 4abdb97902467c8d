/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What makes a word into tokens: merging, or the most likely way to write it; whichever the
 * vocabulary is for. Private to the tokenizer.
 */
#pragma once
#include "text/text-rules.h"

G_BEGIN_DECLS

typedef struct _AttuneWordModel AttuneWordModel;

/**
 * attune_word_model_new:
 * @index: spelling to id + 1 of @vocabulary's tokens
 *
 * Both are borrowed for as long as the model lives. Errors: #AttuneTextError.
 */
AttuneWordModel *attune_word_model_new (const AttuneVocabulary *vocabulary,
                                        const AttuneTextRules *rules, GHashTable *index,
                                        GError **error);
void attune_word_model_free (AttuneWordModel *self);

/* How long the first part of @word is that can be made into tokens by itself. */
gsize attune_word_model_cut (const AttuneWordModel *self, const char *word, gsize length);
/* Appends the tokens of such a part to @ids (gint32). */
void attune_word_model_encode (const AttuneWordModel *self, const char *word, gsize length,
                               GArray *ids);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneWordModel, attune_word_model_free)

G_END_DECLS
