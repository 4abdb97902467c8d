/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tokenizer's own copy of the vocabulary it was made from.
 */
#pragma once
#include "text/tokenizer.h"

G_BEGIN_DECLS

/* @token_text, @merge_text: (out): what the strings of @to lie in */
void attune_vocabulary_copy (AttuneVocabulary *to, const AttuneVocabulary *from, char **token_text,
                             char **merge_text);
/* Frees what attune_vocabulary_copy() made, the two blocks not. */
void attune_vocabulary_clear (AttuneVocabulary *self);

G_END_DECLS
