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
