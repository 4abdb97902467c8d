/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variants of an English text: some of its words replaced by synonyms of WordNet (as in Zhang,
 * Zhao and LeCun 2015, section 2.4). Private to data/.
 *
 * A word is replaced where it is clear what it means: as one part of speech that the words around
 * it allow, and in one sense, which is its only one or by far its most frequent; and by a word
 * whose own first sense is that one. Numbers, what stands beside them (doses, units), names,
 * abbreviations, addresses, and words that are part of a term ("heart attack") stay as they are.
 * Inflected words stay, too: a synonym would have to be inflected alike.
 */
#pragma once
#include "data/wordnet.h"

G_BEGIN_DECLS

/**
 * attune_synonyms_vary:
 * @n: how many variants, at most
 * @seed, @key: they are drawn from these; @key is of the record
 *
 * Returns: (transfer full): char*s that differ from @text and from each other; fewer than @n, or
 * none, where there is nothing to replace, or the text is not English
 */
GPtrArray *attune_synonyms_vary (const AttuneWordnet *wordnet, const char *text, guint n,
                                 guint64 seed, guint64 key);

G_END_DECLS
