/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Super-blocks of VL rows as the product in 8 bits takes them, a block at a time: their words lie
 * in rows @ld apart, or packed. Private to compute/cpu.
 */
#pragma once
#include "compute/cpu/rounded-load.h"

INLINE vi
load_word (const gboolean packed, const guint8 *words, gsize ld, int i)
{
  return packed ? load_packed_words (words + 4 * VL * i) : load_words (words + 4 * i, ld);
}

/* QUADS words from word @i on. */
INLINE void
load_words_in_turn (const gboolean packed, vi q[QUADS], const guint8 *words, gsize ld, int i)
{
  if (packed)
    for (int j = 0; j < QUADS; j++)
      q[j] = load_packed_words (words + 4 * VL * (i + j));
  else
    {
      load_quads (q, words + 4 * i, ld);
      load_quads (q + 4, words + 4 * i + 16, ld);
    }
}

/* Q4_K and Q5_K: the 6-bit scale and minimum of chunk @chunk, as get_q4_k_scale() has them. */
INLINE void
load_super_scales (const gboolean packed, RoundedBlock *block, const guint8 *words, gsize ld,
                   int chunk)
{
  const int at = chunk % 4 * 8;
  const vu scales = (vu) load_word (packed, words, ld, 0) >> at,
           lows = (vu) load_word (packed, words, ld, 1) >> at;
  vu scale = scales & 63, low = lows & 63;

  if (chunk >= 4)
    {
      const vu both = (vu) load_word (packed, words, ld, 2) >> at;

      scale = (both & 15) | (scales >> 6 & 3) << 4;
      low = (both >> 4 & 15) | (lows >> 6 & 3) << 4;
    }
  block->d *= __builtin_convertvector ((vi) scale, vf);
  block->m *= -__builtin_convertvector ((vi) low, vf);
}

/* Chunk @chunk of a Q4_K or Q5_K whose factors stand in d and m. */
INLINE void
load_super_nibbles (const gboolean packed, const gboolean has_fifth, RoundedBlock *block,
                    const guint8 *words, gsize ld, int chunk)
{
  vi fifth[QUADS];

  load_super_scales (packed, block, words, ld, chunk);
  load_words_in_turn (packed, block->q, words, ld, (has_fifth ? 11 : 3) + chunk / 2 * QUADS);
  if (has_fifth)
    load_words_in_turn (packed, fifth, words, ld, 3);
  for (int j = 0; j < QUADS; j++)
    {
      block->q[j] = (vi) ((vu) block->q[j] >> chunk % 2 * 4 & 0x0f0f0f0f);
      if (has_fifth)
        block->q[j] |= (vi) (((vu) fifth[j] >> chunk & 0x01010101) << 4);
    }
}

/* Chunk @chunk of a Q6_K whose factor stands in d. */
INLINE void
load_super_sixes (const gboolean packed, RoundedBlock *block, const guint8 *words, gsize ld,
                  int chunk)
{
  const int n = chunk / 4, j = chunk % 4;
  const vi scales
      = (vi) ((vu) load_word (packed, words, ld, 48 + chunk / 2) << (1 - chunk % 2) * 16);
  const vf d = block->d;
  vi high[QUADS];

  load_words_in_turn (packed, block->q, words, ld, 16 * n + 8 * (j % 2));
  load_words_in_turn (packed, high, words, ld, 32 + 8 * n);
  for (int i = 0; i < QUADS; i++)
    block->q[i] = (vi) (((vu) block->q[i] >> j / 2 * 4 & 0x0f0f0f0f)
                        | ((vu) high[i] >> 2 * j & 0x03030303) << 4);
  block->d = d * __builtin_convertvector ((vi) ((vu) scales << 8) >> 24, vf);
  block->d2 = d * __builtin_convertvector (scales >> 24, vf);
  block->m = block->d * -32.0f;
  block->m2 = block->d2 * -32.0f;
}

/* Block @chunk of super-block @b of VL rows; @base: their first row, or where the packed ones
 * begin. */
INLINE void
load_super_block (const AttuneType type, const gboolean packed, RoundedBlock *block,
                  const guint8 *base, gsize ld, gint64 b, int chunk)
{
  const int n_halves = count_halves (type);
  const guint8 *p = base + b * rounded_unit_bytes (type) * (packed ? VL : 1), *words = p;

  if (packed)
    {
      block->d = load_packed_halves (p);
      if (n_halves == 2)
        block->m = load_packed_halves (p + 2 * VL);
      words = p + 2 * VL * n_halves;
    }
  else if (n_halves == 2)
    {
      const vi halves = load_words (p, ld);

      block->d = half_floats (halves, FALSE);
      block->m = half_floats (halves, TRUE);
      words = p + 4;
    }
  else /* beyond the last may lie nothing */
    block->d = half_floats (load_words (p + find_halves (type) - 2, ld), TRUE);
  if (type == ATTUNE_TYPE_Q6_K)
    load_super_sixes (packed, block, words, ld, chunk);
  else
    load_super_nibbles (packed, type == ATTUNE_TYPE_Q5_K, block, words, ld, chunk);
}
