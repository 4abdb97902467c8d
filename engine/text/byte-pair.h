/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Byte-pair merging: a word's bytes to tokens, always joining the neighbours whose merge was
 * learned first. Sennrich et al. 2016. Immutable but for a cache of words, which threads share
 * without a lock.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint32 left, right; /* tokens */
  gint32 joined;      /* the token they become */
} AttuneMerge;

typedef struct _AttuneBytePair AttuneBytePair;

/**
 * attune_byte_pair_new:
 * @bytes: the token of each byte; -1: the vocabulary has none, and the byte is left out
 * @merges: best first; copied
 */
AttuneBytePair *attune_byte_pair_new (const gint32 bytes[256], const AttuneMerge *merges,
                                      guint n_merges);
void attune_byte_pair_free (AttuneBytePair *self);

/* Appends the tokens of @word to @ids (gint32). Time: n log n in the word's length. */
void attune_byte_pair_encode (const AttuneBytePair *self, const char *word, gsize length,
                              GArray *ids);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneBytePair, attune_byte_pair_free)

G_END_DECLS
