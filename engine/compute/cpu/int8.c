/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Products in 8 bits for training: activations rounded by their rows, weights by their outputs,
 * both to steps of 1/127 of the largest, summed as whole numbers. Sums are exact, so that the
 * result does not depend on the threads.
 *
 * Source: Wortsman et al. 2023 (SwitchBack), with a scale per output instead of one per matrix.
 */
#include "compute/cpu/int8.h"
#include "compute/cpu/entries.h"

/* Packed panels of a block: half of a second-level cache of 1 MiB. */
#define BLOCK_BYTES (512 << 10)

typedef struct
{
  AttuneCpu *cpu;
  const float *values; /* what x is rounded from */
  Rounded8 x;
  Stored w;
  gboolean transposed; /* y = x · wᵀ */
  gint64 n;
  float *y;
  float beta;
} Product;

/* --- rounding */

static void
round_row (const Rounded8 *x, gint64 row, const float *values)
{
  gint8 *q = x->q + row * x->stride;
  vf most = { 0 }, check = { 0 }, inverse;
  vi sum = { 0 };
  float largest;

  for (gint64 k = 0; k < x->columns; k += VL)
    {
      const vf v = vload_some (values + k, x->columns - k);

      most = vmax (vmax (v, -v), most);
      check += v * 0.0f; /* NaN where a value is none or infinite */
    }
  largest = vlargest (most);
  inverse = vset (largest > 1e-30f ? 127.0f / largest : 0.0f);
  memset (q, 0, x->stride);
  x->sum[row] = 0;
  x->scale[row] = vsum (check);
  if (isnan (x->scale[row])) /* what is no number has no whole number */
    return;
  for (gint64 k = 0; k < x->columns; k += VL)
    {
      const vf v = vload_some (values + k, x->columns - k);
      const vi whole = __builtin_convertvector (vround (v * inverse), vi);

      sum += whole;
      _mm_storeu_si128 ((__m128i *) (q + k), _mm512_cvtepi32_epi8 ((__m512i) whole));
    }
  x->sum[row] = _mm512_reduce_add_epi32 ((__m512i) sum);
  x->scale[row] = largest > 1e-30f ? largest / 127.0f : 0.0f;
}

static void
round_task (gpointer data, int worker, int n_workers)
{
  const Product *p = data;
  gint64 from, to;

  attune_split (p->x.rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    round_row (&p->x, row, p->values + row * p->x.columns);
}

/* Lays the rounded rows out in @scratch. */
static Rounded8
lay_out (const AttuneTensor *x, void *scratch)
{
  Rounded8 r = { .rows = attune_tensor_rows (x), .columns = attune_tensor_columns (x) };

  r.stride = (r.columns + 63) / 64 * 64;
  r.q = scratch;
  r.scale = (float *) (r.q + r.rows * r.stride);
  r.sum = (gint32 *) (r.scale + r.rows);
  return r;
}

/* --- multiplying */

typedef struct
{
  gint64 quads;
  const gint8 *x; /* the first row */
  gsize stride;
  const float *x_scale;
  const gint32 *x_sum;
  const guint8 *b;
  const float *b_scale;
  float *y;
  gsize ldy;
  int columns; /* that are written, of NR */
  float beta;
} Tile;

INLINE void
multiply_tile (const int rows, const Tile *t)
{
  vi sum[MR][2];

#pragma GCC unroll 14
  for (int i = 0; i < rows; i++)
    sum[i][0] = sum[i][1] = (vi) { 0 };
  for (gint64 quad = 0; quad < t->quads; quad++)
    {
      const __m512i b0 = _mm512_loadu_si512 (t->b + quad * 4 * NR),
                    b1 = _mm512_loadu_si512 (t->b + quad * 4 * NR + 4 * VL);

#pragma GCC unroll 14
      for (int i = 0; i < rows; i++)
        {
          gint32 word;
          __m512i all;

          memcpy (&word, t->x + i * t->stride + 4 * quad, sizeof word);
          all = _mm512_set1_epi32 (word);
          sum[i][0] = (vi) _mm512_dpbusd_epi32 ((__m512i) sum[i][0], b0, all);
          sum[i][1] = (vi) _mm512_dpbusd_epi32 ((__m512i) sum[i][1], b1, all);
        }
    }
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
    for (int j = 0; j < 2; j++)
      {
        float *y = t->y + i * t->ldy + j * VL;
        const int n = t->columns - j * VL;
        const vi whole = sum[i][j] - OFFSET * t->x_sum[i];
        vf value
            = __builtin_convertvector (whole, vf) * (vload (t->b_scale + j * VL) * t->x_scale[i]);

        if (n <= 0)
          continue;
        if (t->beta != 0.0f)
          value += vload_some (y, n);
        vstore_some (y, value, n);
      }
}

#define DEFINE(rows)                                                                               \
  static void tile_##rows (const Tile *t) { multiply_tile (rows, t); }
FOR_EACH_ROWS (DEFINE)
#undef DEFINE
#define NAME(rows) tile_##rows,
static void (*const tiles[MR]) (const Tile *t) = { FOR_EACH_ROWS (NAME) };

/* All rows of x with the packed panels of columns @n0 … @n1. */
static void
multiply_panels (const Product *p, gint64 n0, gint64 n1, const guint8 *panels, const float *scales)
{
  const gint64 quads = count_quads (p->x.columns);
  int rows;

  for (gint64 i = 0; i < p->x.rows; i += rows)
    {
      rows = MIN (MR, p->x.rows - i);
      for (gint64 n = n0; n < n1; n += NR)
        {
          const Tile tile = { .quads = quads,
                              .x = p->x.q + i * p->x.stride,
                              .stride = p->x.stride,
                              .x_scale = p->x.scale + i,
                              .x_sum = p->x.sum + i,
                              .b = panels + (n - n0) * 4 * quads,
                              .b_scale = scales + (n - n0),
                              .y = p->y + i * p->n + n,
                              .ldy = p->n,
                              .columns = MIN (NR, n1 - n),
                              .beta = p->beta };

          tiles[rows - 1](&tile);
        }
    }
}

static void
multiply_task (gpointer data, int worker, int n_workers)
{
  const Product *p = data;
  const gint64 quads = count_quads (p->x.columns),
               step = MAX (1, BLOCK_BYTES / (quads * 4 * NR)) * NR;
  float *scales = (float *) p->cpu->scratch[worker];
  float *values = scales + step;
  guint8 *panels = (guint8 *) (values + padded_k (p->x.columns));
  gint64 n0, n1;

  attune_split (p->n, NR, worker, n_workers, &n0, &n1);
  for (gint64 from = n0; from < n1; from += step)
    {
      const gint64 to = MIN (from + step, n1);

      for (gint64 n = from; n < to; n += NR)
        {
          Panel8 panel = { panels + (n - from) * 4 * quads, scales + (n - from) };

          if (p->transposed)
            attune_cpu_pack_nt_int8 (&p->w, n, &panel, values);
          else
            attune_cpu_pack_nn_int8 (&p->w, n, &panel);
        }
      multiply_panels (p, from, to, panels, scales);
    }
}

static void
multiply (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, const AttuneTensor *w,
          gboolean transposed, float beta, void *scratch)
{
  Product p = { .cpu = attune_cpu (be),
                .values = x->data,
                .x = lay_out (x, scratch),
                .w = stored_tensor (w),
                .transposed = transposed,
                .n = attune_tensor_columns (y),
                .y = y->data,
                .beta = beta };

  if (p.x.columns > ATTUNE_INT8_MAX_COLUMNS)
    attune_cpu_fail (p.cpu, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                     "A product over %" G_GINT64_FORMAT
                     " values is longer than 8-bit arithmetic can sum",
                     p.x.columns);
  if (p.x.rows == 0 || p.n == 0 || p.x.columns > ATTUNE_INT8_MAX_COLUMNS)
    return;
  attune_cpu_run (p.cpu, 0.1 * p.x.rows * p.x.columns, round_task, &p);
  attune_cpu_run (p.cpu, (double) p.x.rows * p.n * p.x.columns / 100.0, multiply_task, &p);
}

void
attune_cpu_matmul_nt_int8 (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                           const AttuneTensor *w, float beta, void *scratch)
{
  multiply (be, y, x, w, TRUE, beta, scratch);
}

void
attune_cpu_matmul_nn_int8 (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
                           const AttuneTensor *w, float beta, void *scratch)
{
  multiply (be, dx, dy, w, FALSE, beta, scratch);
}
