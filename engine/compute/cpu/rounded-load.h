/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stored blocks of VL rows as the product in 8 bits takes them: from where they lie in rows, and
 * from packed weights. Private to compute/cpu.
 */
#pragma once
#include "compute/cpu/rounded.h"

/* Four bytes of each row. */
INLINE vi
load_words (const guint8 *p, gsize ld)
{
  gint32 words[VL] __attribute__ ((aligned (4 * VL)));

  for (int i = 0; i < VL; i++)
    memcpy (words + i, p + i * ld, sizeof *words);
  return *(const vi *) words;
}

/* The same where the rows' words follow each other. */
INLINE vi
load_packed_words (const guint8 *p)
{
  vi words;

  memcpy (&words, p, sizeof words);
  return words;
}

/* VL f16 that follow each other. */
INLINE vf
load_packed_halves (const guint8 *p)
{
#if ATTUNE_LEVEL == 4
  return (vf) _mm512_cvtph_ps (_mm256_loadu_si256 ((const __m256i *) p));
#elif ATTUNE_LEVEL == 3
  return (vf) _mm256_cvtph_ps (_mm_loadu_si128 ((const __m128i *) p));
#else
  guint16 bits[VL];
  vf x;

  memcpy (bits, p, sizeof bits);
  for (int i = 0; i < VL; i++)
    x[i] = attune_f16_to_f32 (bits[i]);
  return x;
#endif
}

/* 16 bytes of VL / 4 rows, four rows apart. */
INLINE vi
load_lanes (const guint8 *p, gsize ld)
{
#if ATTUNE_LEVEL >= 3
#define HALF(p)                                                                                    \
  _mm256_inserti128_si256 (_mm256_castsi128_si256 (_mm_loadu_si128 ((const __m128i *) (p))),       \
                           _mm_loadu_si128 ((const __m128i *) ((p) + 4 * ld)), 1)
#if ATTUNE_LEVEL == 4
  return (vi) _mm512_inserti64x4 (_mm512_castsi256_si512 (HALF (p)), HALF (p + 8 * ld), 1);
#else
  return (vi) HALF (p);
#endif
#undef HALF
#else
  vi lanes;

  memcpy (&lanes, p, sizeof lanes);
  return lanes;
#endif
}

/* The pairs (a, b) of every 128 bits' first two words, or of its last two; the same for its halves.
 */
INLINE vi
zip_words (vi a, vi b, const int second)
{
  vi from;

  for (int i = 0; i < VL; i++)
    from[i] = i / 4 * 4 + i % 4 / 2 + 2 * second + i % 2 * VL;
  return __builtin_shuffle (a, b, from);
}

INLINE vi
zip_halves (vi a, vi b, const int second)
{
  vi from;

  for (int i = 0; i < VL; i++)
    from[i] = i / 4 * 4 + i % 2 + 2 * second + i % 4 / 2 * VL;
  return __builtin_shuffle (a, b, from);
}

/* 16 bytes of each row as four words: lane i of words[j] is row i's word j. */
INLINE void
load_quads (vi words[4], const guint8 *p, gsize ld)
{
  const vi a = load_lanes (p, ld), b = load_lanes (p + ld, ld), c = load_lanes (p + 2 * ld, ld),
           d = load_lanes (p + 3 * ld, ld);
  const vi ab = zip_words (a, b, 0), cd = zip_words (c, d, 0), ab_high = zip_words (a, b, 1),
           cd_high = zip_words (c, d, 1);

  words[0] = zip_halves (ab, cd, 0);
  words[1] = zip_halves (ab, cd, 1);
  words[2] = zip_halves (ab_high, cd_high, 0);
  words[3] = zip_halves (ab_high, cd_high, 1);
}

/* The f16 in the low half of each word, or in the high one. */
INLINE vf
half_floats (vi words, const gboolean high)
{
  const vu bits = high ? (vu) words >> 16 : (vu) words & 0xffff;

#if ATTUNE_LEVEL == 4
  return (vf) _mm512_cvtph_ps (_mm512_cvtepi32_epi16 ((__m512i) bits));
#elif ATTUNE_LEVEL == 3
  const __m128i low = _mm256_castsi256_si128 ((__m256i) bits),
                top = _mm256_extracti128_si256 ((__m256i) bits, 1);

  return (vf) _mm256_cvtph_ps (_mm_packus_epi32 (low, top));
#else
  vf x;

  for (int i = 0; i < VL; i++)
    x[i] = attune_f16_to_f32 (bits[i]);
  return x;
#endif
}

/* The fifth bits of values 4j … 4j + 3, each as 16 in its byte. */
INLINE vi
fifth_bits (vi bits, int j)
{
  /* The factor puts bit i of four into byte i; what falls beside it is masked. */
  return (vi) ((((vu) bits >> (4 * j) & 15) * 0x00204081 & 0x01010101) << 4);
}

/* attune_nf4_table[] in steps of 1/127, WIDE_OFFSET more than it is. */
INLINE vi
nf4_bytes (vi nibbles)
{
  gint8 table[16] = { -127, -88, -67, -50, -36, -23, -12, 0, 10, 20, 31, 43, 56, 71, 92, 127 };

  for (int i = 0; i < 16; i++)
    table[i] += WIDE_OFFSET;
#if ATTUNE_LEVEL == 4
  return (vi) _mm512_shuffle_epi8 (
      _mm512_broadcast_i32x4 (_mm_loadu_si128 ((const __m128i *) table)), (__m512i) nibbles);
#elif ATTUNE_LEVEL == 3
  return (vi) _mm256_shuffle_epi8 (
      _mm256_broadcastsi128_si256 (_mm_loadu_si128 ((const __m128i *) table)), (__m256i) nibbles);
#elif ATTUNE_LEVEL == 2
  return (vi) _mm_shuffle_epi8 (_mm_loadu_si128 ((const __m128i *) table), (__m128i) nibbles);
#else
  guint8 bytes[sizeof nibbles];

  memcpy (bytes, &nibbles, sizeof bytes);
  for (gsize i = 0; i < sizeof bytes; i++)
    bytes[i] = table[bytes[i]];
  memcpy (&nibbles, bytes, sizeof bytes);
  return nibbles;
#endif
}

/* NF4's 16 bytes: two neighbours share one, the first in the high nibble. */
INLINE void
load_pairs (vi q[QUADS], const guint8 *p, gsize ld)
{
  vi words[4];

  load_quads (words, p, ld);
  for (int j = 0; j < 4; j++)
    {
      const vu high = (vu) words[j] >> 4 & 0x0f0f0f0f, low = (vu) words[j] & 0x0f0f0f0f;

      /* The bytes h0 l0 h1 l1, then h2 l2 h3 l3. */
      q[2 * j] = nf4_bytes (
          (vi) ((high & 0xff) | (low & 0xff) << 8 | (high & 0xff00) << 8 | (low & 0xff00) << 16));
      q[2 * j + 1] = nf4_bytes ((vi) ((high >> 16 & 0xff) | (low >> 16 & 0xff) << 8
                                      | (high >> 24) << 16 | (low >> 24) << 24));
    }
}

/* Low nibbles in q[0 … 3], high ones in q[4 … 7]. */
INLINE void
part_nibbles (vi q[QUADS])
{
  for (int j = 0; j < 4; j++)
    {
      q[j + 4] = (vi) ((vu) q[j] >> 4 & 0x0f0f0f0f);
      q[j] &= 0x0f0f0f0f;
    }
}

/* Block @b of VL rows, the first of them at @row. */
INLINE void
load_block (const AttuneType type, RoundedBlock *block, const guint8 *row, gsize ld, gint64 b)
{
  const guint8 *p;
  vi scales, fifth;

  switch (type)
    {
    case ATTUNE_TYPE_Q4_0:
      p = row + b * 18;
      load_quads (block->q, p + 2, ld);
      part_nibbles (block->q);
      block->d = half_floats (load_words (p, ld), FALSE);
      block->m = block->d * -8.0f;
      break;
    case ATTUNE_TYPE_Q4_1:
      p = row + b * 20;
      load_quads (block->q, p + 4, ld);
      part_nibbles (block->q);
      scales = load_words (p, ld);
      block->d = half_floats (scales, FALSE);
      block->m = half_floats (scales, TRUE);
      break;
    case ATTUNE_TYPE_Q5_0:
    case ATTUNE_TYPE_Q5_1:
      p = row + b * (type == ATTUNE_TYPE_Q5_0 ? 22 : 24);
      scales = load_words (p, ld);
      block->d = half_floats (scales, FALSE);
      block->m = type == ATTUNE_TYPE_Q5_0 ? block->d * -16.0f : half_floats (scales, TRUE);
      p += type == ATTUNE_TYPE_Q5_0 ? 2 : 4;
      fifth = load_words (p, ld);
      load_quads (block->q, p + 4, ld);
      part_nibbles (block->q);
      for (int j = 0; j < QUADS; j++)
        block->q[j] |= fifth_bits (fifth, j);
      break;
    case ATTUNE_TYPE_Q8_0:
      p = row + b * 34;
      load_quads (block->q, p + 2, ld);
      load_quads (block->q + 4, p + 18, ld);
      for (int j = 0; j < QUADS; j++) /* adding 128 is turning the highest bit */
        block->q[j] ^= (gint32) (WIDE_OFFSET * 0x01010101u);
      block->d = half_floats (load_words (p, ld), FALSE);
      block->m = block->d * -(float) WIDE_OFFSET;
      break;
    case ATTUNE_TYPE_NF4:
      p = row + b / 2 * 36;
      load_pairs (block->q, p + b % 2 * 16, ld);
      block->d = (vf) load_words (p + 32, ld) * (1.0f / 127.0f);
      block->m = block->d * -(float) WIDE_OFFSET;
      break;
    default:
      break;
    }
}

/* The same from packed weights: @group is where those of VL rows begin. For every block lie there
 * the rows' first f16, then their second one where the type has it, then word by word what follows.
 */
INLINE void
load_packed_block (const AttuneType type, RoundedBlock *block, const guint8 *group, gint64 b)
{
  const int n_halves = count_halves (type);
  const guint8 *p = group + b * VL * rounded_unit_bytes (type), *words = p + 2 * VL * n_halves;

  block->d = load_packed_halves (p);
  if (n_halves == 2)
    block->m = load_packed_halves (p + 2 * VL);
  else if (find_kind (type) == KIND_WIDE)
    block->m = block->d * -(float) WIDE_OFFSET;
  else
    block->m = block->d * (type == ATTUNE_TYPE_Q4_0 ? -8.0f : -16.0f);
  if (find_kind (type) == KIND_WIDE)
    for (int j = 0; j < QUADS; j++)
      block->q[j] = load_packed_words (words + 4 * VL * j) ^ (gint32) (WIDE_OFFSET * 0x01010101u);
  else
    {
      const gboolean has_fifth = type == ATTUNE_TYPE_Q5_0 || type == ATTUNE_TYPE_Q5_1;

      for (int j = 0; j < 4; j++)
        block->q[j] = load_packed_words (words + 4 * VL * (j + has_fifth));
      part_nibbles (block->q);
      for (int j = 0; j < QUADS && has_fifth; j++)
        block->q[j] |= fifth_bits (load_packed_words (words), j);
    }
}
