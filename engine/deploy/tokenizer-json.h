/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A vocabulary in the words of Hugging Face's tokenizer.json. Private to deploy/.
 */
#pragma once
#include "deploy/weights.h"

G_BEGIN_DECLS

/* Whether there are words for it; asked before anything is written. */
gboolean attune_export_check_tokenizer (const AttuneVocabulary *vocabulary, GError **error);

/* Returns: (transfer full): all of tokenizer.json. */
JsonNode *attune_export_make_tokenizer (const AttuneVocabulary *vocabulary);

/* SentencePiece's BPE joins the pair whose whole has the best score; as a list of pairs "left
 * right", best first. Returns: (transfer full) (element-type char) */
GPtrArray *attune_export_make_merges (const AttuneVocabulary *vocabulary);

/* Added tokens are found in text before it is cut; special ones are left out when tokens become
 * text. */
gboolean attune_export_is_added (const AttuneVocabulary *vocabulary, guint id, gboolean *special);
/* The members of such a token's object but its number. */
void attune_export_add_token (JsonBuilder *builder, const AttuneVocabulary *vocabulary, guint id,
                              gboolean special);

G_END_DECLS
