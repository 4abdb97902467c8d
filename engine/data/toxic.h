/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Toxic content, found by words and phrases: insults, slurs, profanity, threats, of English and
 * German, and of a list of the user's own for any language. The lists are ours and short: each
 * entry is one that hardly says anything else, so that texts of medicine, law or biology hold next
 * to none: “idiot” stands in a history of psychiatry, too. What is meant without such words, irony
 * say, is not found; nor is it told whether a word is used or quoted.
 */
#pragma once
#include "data/span.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_TOXIC_INSULT,
  ATTUNE_TOXIC_SLUR, /* of a group of people */
  ATTUNE_TOXIC_PROFANITY,
  ATTUNE_TOXIC_THREAT, /* and what urges somebody to harm themselves */
  ATTUNE_TOXIC_OWN,    /* of the user's list */
  ATTUNE_N_TOXIC,
} AttuneToxicKind;

/* "insult", "slur", "profanity", "threat", "own": as reports say it. */
const char *attune_toxic_kind_get_name (AttuneToxicKind kind);

typedef struct _AttuneToxicWords AttuneToxicWords;

/**
 * attune_toxic_words_new:
 * @path: (nullable): a text in UTF-8, a word or phrase on each line; “word*” is all that begins so;
 * lines that begin with # are passed over
 *
 * Returns: (transfer full): it can be used by several threads; %NULL with an error of reading the
 * file, or %ATTUNE_DATA_ERROR_FORMAT with the line that is none
 */
AttuneToxicWords *attune_toxic_words_new (const char *path, GError **error);
void attune_toxic_words_free (AttuneToxicWords *self);

/* Whole words, in any case, also with signs for letters (“sh1t”, “f*ck”). Returns: (transfer full):
 * #AttuneSpan, in their order, none within another. */
GArray *attune_toxic_find (const AttuneToxicWords *self, const char *text);

/* Returns: (transfer full): @text with "[…]" in their place. */
char *attune_toxic_mask (const char *text, const GArray *spans);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneToxicWords, attune_toxic_words_free)

G_END_DECLS
