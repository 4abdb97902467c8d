/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the product in 8 bits: stored weights of VL rows at a time as bytes, and their dot
 * products with rounded values. Private to compute/cpu.
 *
 * Lane i of every vector belongs to row i, so that no sum runs across lanes. A vector of bytes
 * holds four neighbours of each row; x comes as the same four in every lane.
 *
 *   y = Σ over blocks of  d · scale · (q · x)  +  m · sum        w = d · q + m, see AttuneRounded
 */
#pragma once
#include "compute/blocks.h"
#include "compute/cpu/cpu.h"
#include "compute/cpu/vector.h"

#define BLOCK 32          /* values in a block of x, and in most of w's */
#define QUADS (BLOCK / 4) /* vectors of bytes in a block */

/* Where no instruction takes unsigned bytes of eight bits without saturation, wide ones are signed.
 */
#ifdef ATTUNE_VNNI
#define WIDE_OFFSET 128
#else
#define WIDE_OFFSET 0
#endif

/* A block of VL rows of w. */
typedef struct
{
  vi q[QUADS]; /* narrow: unsigned, at most 63; wide: all of 8 bits, WIDE_OFFSET more than it is */
  vf d, m;
  vf d2, m2; /* of the second half, where it has its own */
} RoundedBlock;

/* The types whose products can be had in 8 bits: X (suffix, type). */
#define FOR_EACH_ROUNDED_TYPE(X)                                                                   \
  X (q4_0, ATTUNE_TYPE_Q4_0)                                                                       \
  X (q4_1, ATTUNE_TYPE_Q4_1)                                                                       \
  X (q5_0, ATTUNE_TYPE_Q5_0)                                                                       \
  X (q5_1, ATTUNE_TYPE_Q5_1)                                                                       \
  X (q8_0, ATTUNE_TYPE_Q8_0)                                                                       \
  X (q4_k, ATTUNE_TYPE_Q4_K)                                                                       \
  X (q5_k, ATTUNE_TYPE_Q5_K)                                                                       \
  X (q6_k, ATTUNE_TYPE_Q6_K)                                                                       \
  X (nf4, ATTUNE_TYPE_NF4)

INLINE gboolean
is_super (const AttuneType type)
{
  return type == ATTUNE_TYPE_Q4_K || type == ATTUNE_TYPE_Q5_K || type == ATTUNE_TYPE_Q6_K;
}

/* What a stored block holds besides its bytes: f16 numbers, at its beginning or at its end, and
 * words of four bytes. */
INLINE int
count_halves (const AttuneType type)
{
  return type == ATTUNE_TYPE_Q4_1 || type == ATTUNE_TYPE_Q5_1 || type == ATTUNE_TYPE_Q4_K
                 || type == ATTUNE_TYPE_Q5_K
             ? 2
             : 1;
}

INLINE int
find_halves (const AttuneType type)
{
  return type == ATTUNE_TYPE_Q6_K ? 208 : 0;
}

/* How a block's bytes are multiplied. */
typedef enum
{
  KIND_NARROW,
  KIND_WIDE,
  KIND_HALVED, /* narrow, at most 63, and the halves have their own d and m */
  N_KINDS
} Kind;

INLINE Kind
find_kind (const AttuneType type)
{
  if (type == ATTUNE_TYPE_Q6_K)
    return KIND_HALVED;
  return type == ATTUNE_TYPE_Q8_0 || type == ATTUNE_TYPE_NF4 ? KIND_WIDE : KIND_NARROW;
}

/* Values and bytes of what is packed as one: a block, or a super-block of eight. */
INLINE int
rounded_unit_values (const AttuneType type)
{
  return is_super (type) ? 8 * BLOCK : BLOCK;
}

INLINE int
rounded_unit_bytes (const AttuneType type)
{
  switch (type)
    {
    case ATTUNE_TYPE_Q4_K:
      return 144;
    case ATTUNE_TYPE_Q5_K:
      return 176;
    case ATTUNE_TYPE_Q6_K:
      return 210;
    case ATTUNE_TYPE_Q4_1:
      return 20;
    case ATTUNE_TYPE_Q5_0:
      return 22;
    case ATTUNE_TYPE_Q5_1:
      return 24;
    case ATTUNE_TYPE_Q8_0:
      return 34;
    default:
      return 18; /* Q4_0; half of NF4's 64 */
    }
}

/* --- dot products */

#if ATTUNE_LEVEL >= 2 && !defined(ATTUNE_VNNI)
#define HAS_PAIRS
typedef gint16 vh __attribute__ ((vector_size (4 * VL)));

/* Unsigned @a times signed @b, summed by pairs of neighbours; each must stay below 2¹⁵. */
INLINE vh
multiply_pairs (vi a, vi b)
{
#if ATTUNE_LEVEL == 4
  return (vh) _mm512_maddubs_epi16 ((__m512i) a, (__m512i) b);
#elif ATTUNE_LEVEL == 3
  return (vh) _mm256_maddubs_epi16 ((__m256i) a, (__m256i) b);
#else
  return (vh) _mm_maddubs_epi16 ((__m128i) a, (__m128i) b);
#endif
}

/* The two of each lane together. */
INLINE vi
join_pairs (vh pairs)
{
#if ATTUNE_LEVEL == 4
  return (vi) _mm512_madd_epi16 ((__m512i) pairs, _mm512_set1_epi16 (1));
#elif ATTUNE_LEVEL == 3
  return (vi) _mm256_madd_epi16 ((__m256i) pairs, _mm256_set1_epi16 (1));
#else
  return (vi) _mm_madd_epi16 ((__m128i) pairs, _mm_set1_epi16 (1));
#endif
}

/* Σ of unsigned @a times signed @b over the four bytes of a lane. */
INLINE vi
dot_bytes (vi a, vi b)
{
  return join_pairs (multiply_pairs (a, b));
}

/* The same for signed @a: |a| · (b with the sign of a). At most 128 · 127 · 2. */
INLINE vi
dot_signed (vi a, vi b)
{
#if ATTUNE_LEVEL == 4
  const __m512i turned = _mm512_mask_sub_epi8 ((__m512i) b, _mm512_movepi8_mask ((__m512i) a),
                                               _mm512_setzero_si512 (), (__m512i) b);

  return dot_bytes ((vi) _mm512_abs_epi8 ((__m512i) a), (vi) turned);
#elif ATTUNE_LEVEL == 3
  return dot_bytes ((vi) _mm256_abs_epi8 ((__m256i) a),
                    (vi) _mm256_sign_epi8 ((__m256i) b, (__m256i) a));
#else
  return dot_bytes ((vi) _mm_abs_epi8 ((__m128i) a), (vi) _mm_sign_epi8 ((__m128i) b, (__m128i) a));
#endif
}
#endif

/* @c + Σ q · x over the four bytes of a lane; @x: four values, the same for every lane. */
INLINE vi
dot_quad (const gboolean wide, vi c, vi q, gint32 x)
{
  const vi all = x - (vi) { 0 };

#if defined(ATTUNE_VNNI) && ATTUNE_LEVEL == 4
  return (vi) _mm512_dpbusd_epi32 ((__m512i) c, (__m512i) q, (__m512i) all);
#elif defined(ATTUNE_VNNI)
  return (vi) _mm256_dpbusd_avx_epi32 ((__m256i) c, (__m256i) q, (__m256i) all);
#elif ATTUNE_LEVEL >= 2
  return c + (wide ? dot_signed (q, all) : dot_bytes (q, all));
#else
  for (int i = 0; i < 32; i += 8)
    {
      const vi value = (vi) ((vu) q << (24 - i)) >> 24; /* at most 63 where it is unsigned */

      c += value * ((vi) ((vu) all << (24 - i)) >> 24);
    }
  return c;
#endif
}

/* --- stored blocks */

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

/* --- super-blocks: their words lie in rows @ld apart, or packed */

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
