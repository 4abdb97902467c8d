/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The most likely way to write a text with the tokens of a vocabulary, each of which has a
 * likelihood of its own. Kudo 2018; SentencePiece's “unigram”. Immutable once made.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _AttuneUnigram AttuneUnigram;

/**
 * attune_unigram_new:
 * @bytes: 256: the token of each byte, for what has no token of its own; or %NULL: that is unknown
 * @unknown: -1: what is unknown is left out
 */
AttuneUnigram *attune_unigram_new (const gint32 *bytes, gint32 unknown);
void attune_unigram_free (AttuneUnigram *self);
/* @score: the logarithm of its likelihood. All before the first text. */
void attune_unigram_add (AttuneUnigram *self, const char *piece, gint32 id, double score);

/* Appends the tokens of @text to @ids (gint32). Several unknown characters in a row are one token.
 * Time: as long as the text, times the longest token. */
void attune_unigram_encode (const AttuneUnigram *self, const char *text, gsize length, GArray *ids);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneUnigram, attune_unigram_free)

G_END_DECLS
