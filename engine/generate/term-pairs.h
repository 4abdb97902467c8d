/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pairs of terms that a model is to treat alike, such as he and she, and what a text says with them
 * exchanged: its counterpart (counterfactual data augmentation: Lu et al. 2018).
 */
#pragma once
#include "data/dataset.h"
#include "text/tokenizer.h"

G_BEGIN_DECLS

typedef struct _AttuneTermPairs AttuneTermPairs;

/**
 * attune_term_pairs_open:
 * @path: a text in UTF-8, a pair on each line with a comma, semicolon or tab between: "he,she"
 *
 * A term may have several words, hyphens, full stops and apostrophes. Where one is in several
 * pairs, the first counts. Errors: those of reading a file, and %ATTUNE_DATA_ERROR_FORMAT with the
 * line that is no pair.
 *
 * Returns: (transfer full).
 */
AttuneTermPairs *attune_term_pairs_open (const char *path, GError **error);
void attune_term_pairs_free (AttuneTermPairs *self);
/* Of the file's bytes. Borrowed. */
const char *attune_term_pairs_get_hash (const AttuneTermPairs *self);

/* @text, valid UTF-8, with all terms exchanged, the longest first, which are found as whole words
 * (Unicode Standard Annex 29, with ICU's dictionaries) in any case, and written in the case that
 * they were found in. Not from two threads at once.
 * Returns: (transfer full) (nullable): %NULL where there are none. */
char *attune_term_pairs_exchange (const AttuneTermPairs *self, const char *text);

/**
 * attune_term_pairs_counterpart:
 * @out: (out caller-allocates): empty, and stays so where there is none
 *
 * The sample with all terms exchanged: stretches that are learned, and those that are not, each by
 * itself. There is none where nothing is exchanged, or where the text does not become the sample's
 * tokens again. Returns: whether there is one.
 */
gboolean attune_term_pairs_counterpart (const AttuneTermPairs *self,
                                        const AttuneTokenizer *tokenizer,
                                        const AttuneSample *sample, AttuneSample *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTermPairs, attune_term_pairs_free)

G_END_DECLS
