/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Byte-pair merging: a word's symbols to tokens, always joining the neighbours whose merge was
 * learned first. Sennrich et al. 2016. A symbol is a byte, or a character. Immutable but for a
 * cache of words, which threads share without a lock.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint32 left, right; /* tokens */
  gint32 joined;      /* the token they become */
  gint32 rank;        /* the smallest first; of equal ones the leftmost */
} AttuneMerge;

/* What a word is before anything is merged; borrowed during attune_byte_pair_new(). */
typedef struct
{
  gint32 bytes[256]; /* the token of each byte; -1: none, and the byte is unknown */
  /* NULL: a word is its bytes. Else gunichar to symbol + 1: a word is its characters, and one that
   * is not here its bytes. Taken. */
  GHashTable *characters;
  guint n_tokens; /* symbols from here on can be merged, but are no tokens: what is left of them
                     becomes its bytes */
  gint32 unknown; /* -1: what is unknown is left out */
  gboolean fuse_unknown; /* several in a row are one */
} AttuneSymbols;

typedef struct _AttuneBytePair AttuneBytePair;

/* @merges: copied; of two for the same pair the last counts, as in the reference */
AttuneBytePair *attune_byte_pair_new (const AttuneSymbols *symbols, const AttuneMerge *merges,
                                      guint n_merges);
void attune_byte_pair_free (AttuneBytePair *self);

/* Appends the tokens of @word to @ids (gint32). Time: n log n in the word's length. */
void attune_byte_pair_encode (const AttuneBytePair *self, const char *word, gsize length,
                              GArray *ids);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneBytePair, attune_byte_pair_free)

G_END_DECLS
