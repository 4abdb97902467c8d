/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tiles of the 16-bit products: up to MR rows of x times a panel of whole numbers. One function
 * per number of rows, so that the whole sums of a block stay in registers.
 */
#include "compute/cpu/int16.h"

/* @c + the products of both numbers of a lane. */
INLINE vi
dot_pairs (vi c, vi a, vi b)
{
#if defined(ATTUNE_VNNI) && ATTUNE_LEVEL == 4
  return (vi) _mm512_dpwssd_epi32 ((__m512i) c, (__m512i) a, (__m512i) b);
#elif defined(ATTUNE_VNNI)
  return (vi) _mm256_dpwssd_avx_epi32 ((__m256i) c, (__m256i) a, (__m256i) b);
#elif ATTUNE_LEVEL == 4
  return c + (vi) _mm512_madd_epi16 ((__m512i) a, (__m512i) b);
#elif ATTUNE_LEVEL == 3
  return c + (vi) _mm256_madd_epi16 ((__m256i) a, (__m256i) b);
#else
  return c + (vi) _mm_madd_epi16 ((__m128i) a, (__m128i) b);
#endif
}

/* a · b / 32768, rounded. */
INLINE vh16
multiply_parts (vh16 a, vh16 b)
{
#if ATTUNE_LEVEL == 4
  return (vh16) _mm512_mulhrs_epi16 ((__m512i) a, (__m512i) b);
#elif ATTUNE_LEVEL == 3
  return (vh16) _mm256_mulhrs_epi16 ((__m256i) a, (__m256i) b);
#else
  return (vh16) _mm_mulhrs_epi16 ((__m128i) a, (__m128i) b);
#endif
}

/* A row of x times the steps that differ along k, which a strip's weights are then to be multiplied
 * with. Returns what the lows give, the same for all columns of the strip. */
INLINE float
fold_row (const gboolean low, int n_blocks, const gint16 *q, const float *step,
          const Strip16 *strip, gint16 *restrict folded, float *restrict folded_step)
{
  const gint16 *steps = strip->steps, *lows = strip->lows;
  float low_step[MAX_COLUMN_BLOCKS];
  vf sum = { 0 };

  for (int i = 0; i < n_blocks; i += VL)
    {
      vstore (folded_step + i, vload (step + i) * vload (strip->step + i));
      vstore (low_step + i, vload (step + i) * vload (strip->low + i));
    }
  for (int block = 0; block < n_blocks; block++)
#pragma GCC unroll 4
    for (int i = 0; i < COLUMN_BLOCK; i += 4 * VL, q += 4 * VL, folded += 4 * VL, steps += 4 * VL)
      {
        const vh16 first = *(const vh16_any *) q, second = *(const vh16_any *) (q + 2 * VL);

        *(vh16_any *) folded = multiply_parts (first, *(const vh16_any *) steps);
        *(vh16_any *) (folded + 2 * VL)
            = multiply_parts (second, *(const vh16_any *) (steps + 2 * VL));
        if (low)
          {
            vi whole = { 0 }; /* of four products: 4 · 32767 · LOW_PARTS fits */

            whole = dot_pairs (whole, (vi) first, *(const vi_any *) lows);
            whole = dot_pairs (whole, (vi) second, *(const vi_any *) (lows + 2 * VL));
            sum = vfma (__builtin_convertvector (whole, vf), vset (low_step[block]), sum);
            lows += 4 * VL;
          }
      }
  return low ? vsum (sum) : 0;
}

typedef struct
{
  int n_blocks;
  Rounded16 x;
  const gint32 *pairs;     /* a panel */
  const float *step, *low; /* its part of the strip's, where k runs along w's rows; */
  const float *rest;       /* else what is added to each row */
  float *y;
  gsize ldy;
  int columns; /* that are written, of NR */
  float beta;
} Tile;

/* How a block's whole sums become floats. */
typedef enum
{
  ALONG_ROWS,
  ALONG_ROWS_LOW,
  ACROSS_ROWS,
  N_WAYS
} Way;

INLINE void
multiply_tile (const Way way, const int rows, const Tile *t)
{
  const int n_pairs = (way == ACROSS_ROWS ? COLUMN_BLOCK : ROW_BLOCK) / 2;
  const gint32 *b = t->pairs;
  vf sum[MR][2]; /* in memory: the whole sums of a block take the registers */

#pragma GCC unroll 14
  for (int i = 0; i < rows; i++)
    sum[i][0] = sum[i][1] = (vf) { 0 };
  for (int block = 0; block < t->n_blocks; block++)
    {
      const gint16 *x = t->x.q + block * 2 * n_pairs;
      vi whole[MR][2];

#pragma GCC unroll 14
      for (int i = 0; i < rows; i++)
        whole[i][0] = whole[i][1] = (vi) { 0 };
      for (int pair = 0; pair < n_pairs; pair++, b += NR, x += 2)
        {
          const vi b0 = *(const vi_any *) b, b1 = *(const vi_any *) (b + VL);

          __builtin_prefetch (b + 12 * NR);
          __builtin_prefetch (b + 12 * NR + VL);
#pragma GCC unroll 14
          for (int i = 0; i < rows; i++)
            {
              gint32 word;
              vi all;

              memcpy (&word, x + i * t->x.ldq, sizeof word);
              all = word - (vi) { 0 };
              whole[i][0] = dot_pairs (whole[i][0], b0, all);
              whole[i][1] = dot_pairs (whole[i][1], b1, all);
            }
        }
#pragma GCC unroll 14
      for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (int j = 0; j < 2; j++)
          {
            const vf value = __builtin_convertvector (whole[i][j], vf);
            vf step = vset (t->x.step[i * t->x.ld + block]);

            /* What does not wait for the whole sums comes first. */
            if (way == ALONG_ROWS_LOW)
              sum[i][j] = vfma (vset (t->x.total[i * t->x.ld + block]),
                                vload (t->low + block * STRIP + j * VL), sum[i][j]);
            if (way != ACROSS_ROWS)
              step *= vload (t->step + block * STRIP + j * VL);
            sum[i][j] = vfma (value, step, sum[i][j]);
          }
    }
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
    for (int j = 0; j < 2; j++)
      {
        float *y = t->y + i * t->ldy + j * VL;
        const int n = t->columns - j * VL;
        vf value = sum[i][j];

        if (n <= 0)
          continue;
        if (way == ACROSS_ROWS)
          value += t->rest[i];
        if (t->beta != 0.0f)
          value += vload_some (y, n);
        vstore_some (y, value, n);
      }
}

#define DEFINE(rows)                                                                               \
  static void along_##rows (const Tile *t) { multiply_tile (ALONG_ROWS, rows, t); }                \
  static void along_low_##rows (const Tile *t) { multiply_tile (ALONG_ROWS_LOW, rows, t); }        \
  static void across_##rows (const Tile *t) { multiply_tile (ACROSS_ROWS, rows, t); }
FOR_EACH_ROWS (DEFINE)
#undef DEFINE
#define ALONG(rows) along_##rows,
#define ALONG_LOW(rows) along_low_##rows,
#define ACROSS(rows) across_##rows,
static void (*const tiles[N_WAYS][MR]) (const Tile *t) = {
  [ALONG_ROWS] = { FOR_EACH_ROWS (ALONG) },
  [ALONG_ROWS_LOW] = { FOR_EACH_ROWS (ALONG_LOW) },
  [ACROSS_ROWS] = { FOR_EACH_ROWS (ACROSS) },
};

void
ROUNDED (multiply_strip_int16) (const StripProduct16 *p)
{
  const Way way = !p->transposed ? ACROSS_ROWS : p->low ? ALONG_ROWS_LOW : ALONG_ROWS;
  const int n_blocks = p->n_k / (p->transposed ? ROW_BLOCK : COLUMN_BLOCK);
  float rest[MR];

  for (int i = 0; i < p->n_rows && !p->transposed; i++)
    {
      const gint16 *q = p->x.q + i * p->x.ldq;
      const float *step = p->x.step + i * p->x.ld;
      gint16 *folded = p->folded.q + i * p->folded.ldq;
      float *folded_step = p->folded.step + i * p->folded.ld;

      rest[i] = p->low ? fold_row (TRUE, n_blocks, q, step, &p->strip, folded, folded_step)
                       : fold_row (FALSE, n_blocks, q, step, &p->strip, folded, folded_step);
    }
  for (int j = 0; j < p->columns; j += NR)
    {
      const Tile tile = { .n_blocks = n_blocks,
                          .x = p->transposed ? p->x : p->folded,
                          .pairs = p->strip.pairs + (gsize) j / NR * (p->n_k / 2 * NR),
                          .step = p->strip.step + j,
                          .low = p->strip.low + j,
                          .rest = rest,
                          .y = p->y + j,
                          .ldy = p->ldy,
                          .columns = MIN (NR, p->columns - j),
                          .beta = p->beta };

      tiles[way][p->n_rows - 1](&tile);
    }
}
