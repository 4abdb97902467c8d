/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decoding of stored values in registers, 32 at a time: to the same bits as compute/blocks.c, which
 * says what the formats are. Private to compute/cpu; @type is a constant where these are used, so
 * that only its case remains.
 */
#pragma once
#include "compute/blocks.h"
#include "compute/cpu/vector.h"

#define CHUNK 32               /* values decoded at once; divides every block */
#define PARTS (CHUNK / VL)     /* vectors of a chunk */
#define HALF_PARTS (PARTS / 2) /* vectors of 16 values */

typedef guint8 Bytes __attribute__ ((vector_size (16)));

INLINE Bytes
load_bytes (const guint8 *p)
{
  Bytes bytes;

  memcpy (&bytes, p, sizeof bytes);
  return bytes;
}

/* f16 at any address. */
INLINE float
load_f16 (const guint8 *p)
{
  guint16 bits;

  memcpy (&bits, p, sizeof bits);
#if ATTUNE_LEVEL >= 3
  return _cvtsh_ss (bits);
#else
  return attune_f16_to_f32 (bits);
#endif
}

/* VL of 16 unsigned bytes as floats: those from @part · VL. */
INLINE vf
unsigned_part (Bytes bytes, int part)
{
#if ATTUNE_LEVEL == 4
  return (vf) _mm512_cvtepi32_ps (_mm512_cvtepu8_epi32 ((__m128i) bytes));
#elif ATTUNE_LEVEL == 3
  const __m128i half = part == 0 ? (__m128i) bytes : _mm_srli_si128 ((__m128i) bytes, 8);

  return (vf) _mm256_cvtepi32_ps (_mm256_cvtepu8_epi32 (half));
#else
  vi wide;

  for (int i = 0; i < VL; i++)
    wide[i] = bytes[part * VL + i];
  return __builtin_convertvector (wide, vf);
#endif
}

/* VL signed bytes at any address as floats. */
INLINE vf
load_signed (const guint8 *p)
{
#if ATTUNE_LEVEL == 4
  return (vf) _mm512_cvtepi32_ps (_mm512_cvtepi8_epi32 (_mm_loadu_si128 ((const __m128i *) p)));
#elif ATTUNE_LEVEL == 3
  return (vf) _mm256_cvtepi32_ps (_mm256_cvtepi8_epi32 (_mm_loadl_epi64 ((const __m128i *) p)));
#else
  vi wide;

  for (int i = 0; i < VL; i++)
    wide[i] = (gint8) p[i];
  return __builtin_convertvector (wide, vf);
#endif
}

/* The nibbles of 16 bytes, the low ones first: (q + zero) · d + m. Where the format has no m it is
 * -0, which adds nothing to any number, not even to -0. */
INLINE void
decode_nibbles (vf y[PARTS], const guint8 *quants, float zero, float d, float m)
{
#if ATTUNE_LEVEL == 4
  /* What each of the 16 nibbles stands for in this block, then one permutation for 16 values. It
   * looks at the low four bits of an index only: low nibbles need no mask, high ones only a shift.
   */
  const vf table = (__builtin_convertvector (vlane (), vf) + zero) * d + m;
  const __m512i both = _mm512_cvtepu8_epi32 (_mm_loadu_si128 ((const __m128i *) quants));

  y[0] = (vf) _mm512_permutexvar_ps (both, (__m512) table);
  y[1] = (vf) _mm512_permutexvar_ps (_mm512_srli_epi32 (both, 4), (__m512) table);
#else
  const Bytes both = load_bytes (quants), low = both & 15, high = both >> 4;

  for (int i = 0; i < HALF_PARTS; i++)
    {
      y[i] = (unsigned_part (low, i) + zero) * d + m;
      y[i + HALF_PARTS] = (unsigned_part (high, i) + zero) * d + m;
    }
#endif
}

/* 16 where the bit of @bits is set, for the fifth bit of 16 values. */
INLINE Bytes
fifth_bits (guint16 bits)
{
  const Bytes each = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128 };
  const guint64 spread[2] = { (bits & 0xff) * G_GUINT64_CONSTANT (0x0101010101010101),
                              (bits >> 8) * G_GUINT64_CONSTANT (0x0101010101010101) };

  return (Bytes) ((load_bytes ((const guint8 *) spread) & each) == each) & 16;
}

/* The same with a fifth bit each, in four bytes before the nibbles. */
INLINE void
decode_five_bits (vf y[PARTS], const guint8 *p, float zero, float d, float m)
{
  const Bytes both = load_bytes (p + 4);
  guint16 bits[2];
  Bytes low, high;

  memcpy (bits, p, sizeof bits);
  low = (both & 15) | fifth_bits (bits[0]);
  high = both >> 4 | fifth_bits (bits[1]);
  for (int i = 0; i < HALF_PARTS; i++)
    {
      y[i] = (unsigned_part (low, i) + zero) * d + m;
      y[i + HALF_PARTS] = (unsigned_part (high, i) + zero) * d + m;
    }
}

#if ATTUNE_LEVEL < 4
/* @table of VL of 16 nibbles. */
INLINE vf
table_part (const float *table, Bytes nibbles, int part)
{
#if ATTUNE_LEVEL == 3
  const __m128i half = part == 0 ? (__m128i) nibbles : _mm_srli_si128 ((__m128i) nibbles, 8);
  const __m256i index = _mm256_cvtepu8_epi32 (half);
  const __m256 low = _mm256_permutevar8x32_ps (_mm256_loadu_ps (table), index),
               high = _mm256_permutevar8x32_ps (_mm256_loadu_ps (table + 8), index);

  /* Bit 3 of the index, moved to the sign, chooses the half of the table. */
  return (vf) _mm256_blendv_ps (low, high, _mm256_castsi256_ps (_mm256_slli_epi32 (index, 28)));
#else
  vf x;

  for (int i = 0; i < VL; i++)
    x[i] = table[nibbles[part * VL + i]];
  return x;
#endif
}
#endif

/* 16 bytes of NF4 or FP4: two neighbours share one, the first in the high nibble. */
INLINE void
decode_pairs (vf y[PARTS], const guint8 *quants, const float *values, float absmax)
{
#if ATTUNE_LEVEL == 4
  const vf table = vload (values) * absmax;

  for (int i = 0; i < PARTS; i++)
    {
      const __m512i bytes
          = _mm512_cvtepu8_epi64 (_mm_loadl_epi64 ((const __m128i *) (quants + 8 * i)));
      const __m512i pairs
          = _mm512_or_si512 (_mm512_srli_epi64 (bytes, 4), _mm512_slli_epi64 (bytes, 32));

      y[i] = (vf) _mm512_permutexvar_ps (pairs, (__m512) table);
    }
#else
  const Bytes both = load_bytes (quants), high = both >> 4, low = both & 15;
  const Bytes first = { 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23 },
              second = { 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31 };
  const Bytes nibbles[2]
      = { __builtin_shuffle (high, low, first), __builtin_shuffle (high, low, second) };

  for (int i = 0; i < PARTS; i++)
    y[i] = table_part (values, nibbles[i / HALF_PARTS], i % HALF_PARTS) * absmax;
#endif
}

/* VL values of a 16-bit type at any address. */
INLINE vf
load_half_floats (const AttuneType type, const guint8 *p)
{
  guint16 bits[VL];

#if ATTUNE_LEVEL == 4
  if (type == ATTUNE_TYPE_F16)
    return (vf) _mm512_cvtph_ps (_mm256_loadu_si256 ((const __m256i *) p));
  (void) bits;
  return (vf) _mm512_slli_epi32 (_mm512_cvtepu16_epi32 (_mm256_loadu_si256 ((const __m256i *) p)),
                                 16);
#elif ATTUNE_LEVEL == 3
  if (type == ATTUNE_TYPE_F16)
    return (vf) _mm256_cvtph_ps (_mm_loadu_si128 ((const __m128i *) p));
  (void) bits;
  return (vf) _mm256_slli_epi32 (_mm256_cvtepu16_epi32 (_mm_loadu_si128 ((const __m128i *) p)), 16);
#else
  vf x;

  memcpy (bits, p, sizeof bits);
  for (int i = 0; i < VL; i++)
    x[i] = type == ATTUNE_TYPE_F16 ? attune_f16_to_f32 (bits[i]) : attune_bf16_to_f32 (bits[i]);
  return x;
#endif
}

#include "compute/cpu/decode-k.h"

/* The CHUNK values from @column (a multiple of CHUNK) of the row that begins at @row. @scales: of
 * the tensor, for types that need them */
INLINE void
decode_chunk (const AttuneType type, vf y[PARTS], const guint8 *row, const AttuneScales *scales,
              gint64 column)
{
  const gint64 chunk = column / CHUNK;
  const guint8 *p = NULL;
  float d;

  switch (type)
    {
    case ATTUNE_TYPE_F32:
      for (int i = 0; i < PARTS; i++)
        y[i] = vload ((const float *) row + column + i * VL);
      break;
    case ATTUNE_TYPE_F16:
    case ATTUNE_TYPE_BF16:
      for (int i = 0; i < PARTS; i++)
        y[i] = load_half_floats (type, row + 2 * (column + i * VL));
      break;
    case ATTUNE_TYPE_Q4_0:
      p = row + chunk * 18;
      decode_nibbles (y, p + 2, -8.0f, load_f16 (p), -0.0f);
      break;
    case ATTUNE_TYPE_Q4_1:
      p = row + chunk * 20;
      decode_nibbles (y, p + 4, 0.0f, load_f16 (p), load_f16 (p + 2));
      break;
    case ATTUNE_TYPE_Q5_0:
      p = row + chunk * 22;
      decode_five_bits (y, p + 2, -16.0f, load_f16 (p), -0.0f);
      break;
    case ATTUNE_TYPE_Q5_1:
      p = row + chunk * 24;
      decode_five_bits (y, p + 4, 0.0f, load_f16 (p), load_f16 (p + 2));
      break;
    case ATTUNE_TYPE_Q8_0:
      p = row + chunk * 34;
      d = load_f16 (p);
      for (int i = 0; i < PARTS; i++)
        y[i] = load_signed (p + 2 + i * VL) * d;
      break;
    case ATTUNE_TYPE_NF4:
    case ATTUNE_TYPE_FP4:
      p = row + chunk / 2 * 36;
      memcpy (&d, p + 32, sizeof d);
      decode_pairs (y, p + chunk % 2 * 16,
                    type == ATTUNE_TYPE_NF4 ? attune_nf4_table : attune_fp4_table, d);
      break;
    case ATTUNE_TYPE_NF4_DOUBLE:
    case ATTUNE_TYPE_FP4_DOUBLE:
      p = row + chunk / 2 * 33;
      decode_pairs (y, p + chunk % 2 * 16,
                    type == ATTUNE_TYPE_NF4_DOUBLE ? attune_nf4_table : attune_fp4_table,
                    attune_double_scale (p, scales));
      break;
    case ATTUNE_TYPE_Q2_K:
      decode_q2_k (y, row + chunk / 8 * 84, chunk % 8);
      break;
    case ATTUNE_TYPE_Q3_K:
      decode_q3_k (y, row + chunk / 8 * 110, chunk % 8);
      break;
    case ATTUNE_TYPE_Q4_K:
      decode_q4_k (y, row + chunk / 8 * 144, chunk % 8);
      break;
    case ATTUNE_TYPE_Q5_K:
      decode_q5_k (y, row + chunk / 8 * 176, chunk % 8);
      break;
    case ATTUNE_TYPE_Q6_K:
      decode_q6_k (y, row + chunk / 8 * 210, chunk % 8);
      break;
    default:
      decode_other (type, y, row, chunk);
      break;
    }
}

/* The same for the last @n < CHUNK values of a row (only the plain types have such), the rest 0. */
INLINE void
decode_rest (const AttuneType type, vf y[PARTS], const guint8 *row, gint64 column, int n)
{
  float padded[CHUNK] __attribute__ ((aligned (64))) = { 0 };
  const gsize size = type == ATTUNE_TYPE_F32 ? 4 : 2;

  if (type == ATTUNE_TYPE_F32)
    attune_decode_f32 (padded, row + size * column, n);
  else if (type == ATTUNE_TYPE_F16)
    attune_decode_f16 (padded, row + size * column, n);
  else if (type == ATTUNE_TYPE_BF16)
    attune_decode_bf16 (padded, row + size * column, n);
  for (int i = 0; i < PARTS; i++)
    y[i] = vload (padded + i * VL);
}

INLINE void
decode_some (const AttuneType type, vf y[PARTS], const guint8 *row, const AttuneScales *scales,
             gint64 column, gint64 n)
{
  if (G_LIKELY (n >= CHUNK))
    decode_chunk (type, y, row, scales, column);
  else
    decode_rest (type, y, row, column, n);
}

/* What is done once per stored type: X (suffix, type). The others share one copy that asks for the
 * type chunk by chunk. */
#define FOR_EACH_TYPE(X)                                                                           \
  X (f32, ATTUNE_TYPE_F32)                                                                         \
  X (f16, ATTUNE_TYPE_F16)                                                                         \
  X (bf16, ATTUNE_TYPE_BF16)                                                                       \
  X (q4_0, ATTUNE_TYPE_Q4_0)                                                                       \
  X (q4_1, ATTUNE_TYPE_Q4_1)                                                                       \
  X (q5_0, ATTUNE_TYPE_Q5_0)                                                                       \
  X (q5_1, ATTUNE_TYPE_Q5_1)                                                                       \
  X (q8_0, ATTUNE_TYPE_Q8_0)                                                                       \
  X (q2_k, ATTUNE_TYPE_Q2_K)                                                                       \
  X (q3_k, ATTUNE_TYPE_Q3_K)                                                                       \
  X (q4_k, ATTUNE_TYPE_Q4_K)                                                                       \
  X (q5_k, ATTUNE_TYPE_Q5_K)                                                                       \
  X (q6_k, ATTUNE_TYPE_Q6_K)                                                                       \
  X (nf4, ATTUNE_TYPE_NF4)                                                                         \
  X (nf4_double, ATTUNE_TYPE_NF4_DOUBLE)
