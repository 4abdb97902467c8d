/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Panels of whole numbers from stored weights, which are whole numbers times a step that some
 * neighbours of a row share, plus, in some types, a least value: nothing is rounded but the steps
 * where they go into x; see int16.c.
 */
#include "compute/cpu/int16.h"

/* CHUNK weights: step · numbers + low. */
typedef struct
{
  gint16 numbers[CHUNK] __attribute__ ((aligned (64)));
  float step, low;
} Chunk16;

/* 16 signed bytes times @factor. */
INLINE void
store_numbers (gint16 *out, Bytes bytes, gint16 factor)
{
#if ATTUNE_LEVEL >= 3
  const __m256i wide = _mm256_cvtepi8_epi16 ((__m128i) bytes);

  _mm256_store_si256 ((__m256i *) out,
                      factor == 1 ? wide : _mm256_mullo_epi16 (wide, _mm256_set1_epi16 (factor)));
#else
  const __m128i low = _mm_cvtepi8_epi16 ((__m128i) bytes),
                high = _mm_cvtepi8_epi16 (_mm_srli_si128 ((__m128i) bytes, 8));

  _mm_store_si128 ((__m128i *) out, _mm_mullo_epi16 (low, _mm_set1_epi16 (factor)));
  _mm_store_si128 ((__m128i *) (out + 8), _mm_mullo_epi16 (high, _mm_set1_epi16 (factor)));
#endif
}

INLINE void
store_nibbles (Chunk16 *out, const guint8 *quants, gint8 zero)
{
  const Bytes both = load_bytes (quants);

  store_numbers (out->numbers, (both & 15) + (guint8) zero, 1);
  store_numbers (out->numbers + 16, (both >> 4) + (guint8) zero, 1);
}

INLINE void
store_five_bits (Chunk16 *out, const guint8 *p, gint8 zero)
{
  const Bytes both = load_bytes (p + 4);
  guint16 bits[2];

  memcpy (bits, p, sizeof bits);
  store_numbers (out->numbers, ((both & 15) | fifth_bits (bits[0])) + (guint8) zero, 1);
  store_numbers (out->numbers + 16, (both >> 4 | fifth_bits (bits[1])) + (guint8) zero, 1);
}

/* VL numbers as lanes of 32 bits. */
INLINE vi
load_wide (const gint16 *p)
{
#if ATTUNE_LEVEL == 4
  return (vi) _mm512_cvtepi16_epi32 (_mm256_loadu_si256 ((const __m256i *) p));
#elif ATTUNE_LEVEL == 3
  return (vi) _mm256_cvtepi16_epi32 (_mm_loadu_si128 ((const __m128i *) p));
#else
  return (vi) _mm_cvtepi16_epi32 (_mm_loadl_epi64 ((const __m128i *) p));
#endif
}

/* What the CHUNK weights from @column (a multiple of CHUNK) of the row that begins at @row share.
 */
INLINE void
load_steps (const AttuneType type, float *step, float *low, const guint8 *row, gint64 column)
{
  const gint64 chunk = column / CHUNK;
  const guint8 *p = NULL;

  *low = 0;
  switch (type)
    {
    case ATTUNE_TYPE_Q4_1:
    case ATTUNE_TYPE_Q5_1:
      p = row + chunk * (type == ATTUNE_TYPE_Q4_1 ? 20 : 24);
      *low = load_f16 (p + 2);
      break;
    case ATTUNE_TYPE_Q4_0:
      p = row + chunk * 18;
      break;
    case ATTUNE_TYPE_Q5_0:
      p = row + chunk * 22;
      break;
    case ATTUNE_TYPE_Q8_0:
      p = row + chunk * 34;
      break;
    case ATTUNE_TYPE_Q6_K:
      p = row + chunk / 8 * 210 + 208;
      break;
    default: /* Q4_K, Q5_K */
      load_q4_k_scale (row + chunk / 8 * (type == ATTUNE_TYPE_Q4_K ? 144 : 176), chunk % 8, step,
                       low);
      *low = -*low;
      return;
    }
  *step = load_f16 (p);
}

/* These weights. */
INLINE void
load_chunk (const AttuneType type, Chunk16 *out, const guint8 *row, gint64 column)
{
  const gint64 chunk = column / CHUNK;
  const int part = chunk % 8; /* of a super-block */
  const guint8 *p;

  load_steps (type, &out->step, &out->low, row, column);
  switch (type)
    {
    case ATTUNE_TYPE_Q4_0:
      store_nibbles (out, row + chunk * 18 + 2, -8);
      break;
    case ATTUNE_TYPE_Q4_1:
      store_nibbles (out, row + chunk * 20 + 4, 0);
      break;
    case ATTUNE_TYPE_Q5_0:
      store_five_bits (out, row + chunk * 22 + 2, -16);
      break;
    case ATTUNE_TYPE_Q5_1:
      store_five_bits (out, row + chunk * 24 + 4, 0);
      break;
    case ATTUNE_TYPE_Q8_0:
      p = row + chunk * 34 + 2;
      store_numbers (out->numbers, load_bytes (p), 1);
      store_numbers (out->numbers + 16, load_bytes (p + 16), 1);
      break;
    case ATTUNE_TYPE_Q4_K:
    case ATTUNE_TYPE_Q5_K:
      p = row + chunk / 8 * (type == ATTUNE_TYPE_Q4_K ? 144 : 176);
      for (int half = 0; half < 2; half++)
        {
          const guint8 *quants = p + (type == ATTUNE_TYPE_Q4_K ? 16 : 48) + part / 2 * 32;
          Bytes q = load_bits (quants, half, part % 2 * 4, 15);

          if (type == ATTUNE_TYPE_Q5_K)
            q |= load_bits (p + 16, half, part, 1) << 4;
          store_numbers (out->numbers + 16 * half, q, 1);
        }
      break;
    case ATTUNE_TYPE_Q6_K:
      p = row + chunk / 8 * 210;
      for (int half = 0; half < 2; half++)
        {
          const Bytes q = load_bits (p + part / 4 * 64 + part % 2 * 32, half, part % 4 / 2 * 4, 15)
                          | load_bits (p + 128 + part / 4 * 32, half, part % 4 * 2, 3) << 4;

          store_numbers (out->numbers + 16 * half, q - 32, (gint8) p[192 + 2 * part + half]);
        }
      break;
    default:
      g_assert_not_reached ();
    }
}

/* --- B = wᵀ: pairs of a row are words, which change places with those of other rows */

INLINE void
pack_nt (const AttuneType type, const Stored *w, gint64 n0, gint64 k0, int n_k, Strip16 *strip)
{
  const int n_rows = MIN (STRIP, w->rows - n0);
  const gsize panel = (gsize) n_k / 2 * NR;
  float words[STRIP][CHUNK / 2] __attribute__ ((aligned (64)));

  memset (words, 0, sizeof words);
  for (int k = 0; k < n_k; k += CHUNK)
    {
      float *step = strip->step + k / CHUNK * STRIP, *low = strip->low + k / CHUNK * STRIP;

      for (int i = n_rows; i < STRIP; i++)
        step[i] = low[i] = 0;
      for (int i = 0; i < n_rows; i++)
        {
          Chunk16 chunk;

          load_chunk (type, &chunk, w->data + (n0 + i) * w->row_bytes, k0 + k);
          step[i] = chunk.step;
          low[i] = chunk.low;
          memcpy (words[i], chunk.numbers, sizeof words[i]);
        }
      for (int group = 0; group < STRIP; group += VL)
        for (int j = 0; j < CHUNK / 2; j += VL)
          {
            float *out
                = (float *) strip->pairs + group / NR * panel + (k / 2 + j) * NR + group % NR;
            vf r[VL];

#pragma GCC unroll 16
            for (int i = 0; i < VL; i++)
              r[i] = vload (words[group + i] + j);
            vtranspose (r);
#pragma GCC unroll 16
            for (int i = 0; i < VL; i++)
              vstore (out + i * NR, r[i]);
          }
    }
}

/* --- B = w: a pair are two rows' numbers in the same column */

/* @values as parts of the largest of every COLUMN_BLOCK of them, which is left in values[block]
 * with its sign turned: its part is -@whole, which 16 bits hold, so that equal steps lose nothing.
 */
static void
take_parts (gint16 *parts, int whole, float *values, int n)
{
  for (int i = 0; i < n; i += COLUMN_BLOCK)
    {
      float largest = 0, factor;

      for (int j = i; j < i + COLUMN_BLOCK; j++)
        if (fabsf (values[j]) > fabsf (largest))
          largest = values[j];
      factor = fabsf (largest) > 1e-30f ? -whole / largest : 0;
      for (int j = i; j < i + COLUMN_BLOCK; j++)
        parts[j] = (gint16) MIN (lrintf (values[j] * factor), whole - 1);
      values[i / COLUMN_BLOCK] = factor != 0 ? -largest : 0;
    }
}

INLINE void
pack_nn (const AttuneType type, const Stored *w, const float *sizes, gint64 n0, gint64 k0, int n_k,
         Strip16 *strip)
{
  const int padded = (n_k + COLUMN_BLOCK - 1) / COLUMN_BLOCK * COLUMN_BLOCK;
  const gsize panel = (gsize) padded / 2 * NR;

  for (int k = 0; k < padded; k += 2)
    {
      Chunk16 chunks[2];

      for (int i = 0; i < 2; i++)
        {
          if (k + i < n_k)
            load_chunk (type, &chunks[i], w->data + (k0 + k + i) * w->row_bytes, n0);
          else
            memset (&chunks[i], 0, sizeof chunks[i]);
          strip->step[k + i] = sizes[k + i] > 0 ? chunks[i].step / sizes[k + i] : 0;
          strip->low[k + i] = sizes[k + i] > 0 ? chunks[i].low / sizes[k + i] : 0;
        }
      for (int i = 0; i < CHUNK; i += VL)
        {
          const vi first = load_wide (chunks[0].numbers + i),
                   second = load_wide (chunks[1].numbers + i);
          const vi pair = (first & 0xffff) | second << 16;

          memcpy (strip->pairs + i / NR * panel + k / 2 * NR + i % NR, &pair, sizeof pair);
        }
    }
  take_parts (strip->steps, 32768, strip->step, padded);
  if (!has_low (type))
    return;
  take_parts (strip->lows, LOW_PARTS, strip->low, padded);
  for (int i = 0; i < padded / COLUMN_BLOCK; i++)
    strip->low[i] /= LOW_PARTS;
}

INLINE float
size_row (const AttuneType type, const Stored *w, gint64 row)
{
  const guint8 *p = w->data + row * w->row_bytes;
  float size = 0, step, low;

  for (gint64 column = 0; column < w->columns; column += CHUNK)
    {
      load_steps (type, &step, &low, p, column);
      size = MAX (size, MAX (fabsf (step), fabsf (low) / 16));
    }
  return size > 1e-30f ? size : 0;
}

#define DEFINE(suffix, type)                                                                       \
  static void pack_nt_##suffix (const Stored *w, gint64 n0, gint64 k0, int n_k, Strip16 *strip)    \
  {                                                                                                \
    pack_nt (type, w, n0, k0, n_k, strip);                                                         \
  }                                                                                                \
  static void pack_nn_##suffix (const Stored *w, const float *sizes, gint64 n0, gint64 k0,         \
                                int n_k, Strip16 *strip)                                           \
  {                                                                                                \
    pack_nn (type, w, sizes, n0, k0, n_k, strip);                                                  \
  }                                                                                                \
  static float size_row_##suffix (const Stored *w, gint64 row) { return size_row (type, w, row); }
FOR_EACH_INT16_TYPE (DEFINE)
#undef DEFINE

float
LEVEL (size_row_int16) (const Stored *w, gint64 row)
{
  switch (w->type)
    {
#define CASE(suffix, type)                                                                         \
  case type:                                                                                       \
    return size_row_##suffix (w, row);
      FOR_EACH_INT16_TYPE (CASE)
#undef CASE
    default:
      g_return_val_if_reached (0);
    }
}

void
LEVEL (pack_int16) (const Stored *w, const float *sizes, gint64 n0, gint64 k0, int n_k,
                    Strip16 *strip)
{
  switch (w->type)
    {
#define CASE(suffix, type)                                                                         \
  case type:                                                                                       \
    if (sizes == NULL)                                                                             \
      pack_nt_##suffix (w, n0, k0, n_k, strip);                                                    \
    else                                                                                           \
      pack_nn_##suffix (w, sizes, n0, k0, n_k, strip);                                             \
    break;
      FOR_EACH_INT16_TYPE (CASE)
#undef CASE
    default:
      g_assert_not_reached ();
    }
}
