/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The micro-kernels: up to MR rows times one or two vectors of results in registers, over all of k.
 * One function per number of rows, so that the compiler unrolls it and keeps everything in
 * registers.
 */
#include "compute/cpu/gemm.h"

/* Rows that B is fetched ahead by: some 300 cycles. */
#define AHEAD 10

typedef void (*Kernel) (int n_k, const float *a, gsize lda, const float *b, gsize ldb, float *c,
                        gsize ldc, int columns, float alpha, float beta);

/* @columns of c may be fewer than the vectors are wide: the last panel of a matrix. */
INLINE void
tile (const int rows, const int vectors, const gboolean by_columns, int n_k, const float *a,
      gsize lda, const float *b, gsize ldb, float *c, gsize ldc, int columns, float alpha,
      float beta)
{
  vf sum[MR][2];

#pragma GCC unroll 14
  for (int i = 0; i < rows; i++)
    {
      __builtin_prefetch (c + i * ldc, 1);
      __builtin_prefetch (c + i * ldc + VL, 1);
      sum[i][0] = sum[i][1] = (vf) { 0 };
    }

  for (int k = 0; k < n_k; k++)
    {
      const vf b0 = vload (b), b1 = vectors > 1 ? vload (b + VL) : b0;

      __builtin_prefetch (b + AHEAD * ldb);
      if (vectors > 1)
        __builtin_prefetch (b + AHEAD * ldb + VL);
#pragma GCC unroll 14
      for (int i = 0; i < rows; i++)
        {
          const vf factor = vset (by_columns ? a[i] : a[i * lda]);

          sum[i][0] = vfma (factor, b0, sum[i][0]);
          if (vectors > 1)
            sum[i][1] = vfma (factor, b1, sum[i][1]);
        }
      a += by_columns ? lda : 1;
      b += ldb;
    }

    /* Unrolled with constant indices: an index that varies would put the sums into memory. */
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++)
    {
#pragma GCC unroll 2
      for (int j = 0; j < vectors; j++)
        {
          float *p = c + i * ldc + j * VL;
          const int n = columns - j * VL;
          vf y = sum[i][j] * alpha;

          if (n <= 0)
            continue;
          if (beta != 0.0f)
            y += vload_some (p, n);
          vstore_some (p, y, n);
        }
    }
}

#define DEFINE(rows)                                                                               \
  static void rows_1_##rows (int n_k, const float *a, gsize lda, const float *b, gsize ldb,        \
                             float *c, gsize ldc, int columns, float alpha, float beta)            \
  {                                                                                                \
    tile (rows, 1, FALSE, n_k, a, lda, b, ldb, c, ldc, columns, alpha, beta);                      \
  }                                                                                                \
  static void rows_2_##rows (int n_k, const float *a, gsize lda, const float *b, gsize ldb,        \
                             float *c, gsize ldc, int columns, float alpha, float beta)            \
  {                                                                                                \
    tile (rows, 2, FALSE, n_k, a, lda, b, ldb, c, ldc, columns, alpha, beta);                      \
  }                                                                                                \
  static void columns_1_##rows (int n_k, const float *a, gsize lda, const float *b, gsize ldb,     \
                                float *c, gsize ldc, int columns, float alpha, float beta)         \
  {                                                                                                \
    tile (rows, 1, TRUE, n_k, a, lda, b, ldb, c, ldc, columns, alpha, beta);                       \
  }                                                                                                \
  static void columns_2_##rows (int n_k, const float *a, gsize lda, const float *b, gsize ldb,     \
                                float *c, gsize ldc, int columns, float alpha, float beta)         \
  {                                                                                                \
    tile (rows, 2, TRUE, n_k, a, lda, b, ldb, c, ldc, columns, alpha, beta);                       \
  }

FOR_EACH_ROWS (DEFINE)

/* [by columns][vectors - 1][rows - 1] */
#define ROWS_1(rows) rows_1_##rows,
#define ROWS_2(rows) rows_2_##rows,
#define COLUMNS_1(rows) columns_1_##rows,
#define COLUMNS_2(rows) columns_2_##rows,
static const Kernel kernels[2][2][MR] = {
  { { FOR_EACH_ROWS (ROWS_1) }, { FOR_EACH_ROWS (ROWS_2) } },
  { { FOR_EACH_ROWS (COLUMNS_1) }, { FOR_EACH_ROWS (COLUMNS_2) } },
};

/* Whether rows @lda floats apart all fall on the same of the 64 sets of a first-level cache: MR of
 * them would push each other out (8 ways), for each value of k. */
static gboolean
rows_collide (gsize lda)
{
  return lda % 1024 == 0;
}

void
LEVEL (multiply_tiles) (const Tiles *t, float *copy)
{
  const gboolean collide = !t->a_by_columns && t->n > NR && t->k <= MAX_K && rows_collide (t->lda);
  int rows;

  for (int i = 0; i < t->m; i += rows)
    {
      const float *a = t->a + i * (t->a_by_columns ? 1 : t->lda);
      gsize lda = t->lda;

      rows = rows_of_tile (t->m - i);
      if (collide)
        {
          lda = padded_k (t->k) + 16;
          for (int row = 0; row < rows; row++)
            memcpy (copy + row * lda, a + row * t->lda, t->k * sizeof *copy);
          a = copy;
        }
      for (int j = 0; j < t->n; j += NR)
        {
          const int columns = MIN (NR, t->n - j);

          kernels[t->a_by_columns][columns > VL][rows - 1](
              t->k, a, lda, t->b + j / NR * t->panel_stride, t->ldb, t->c + i * t->ldc + j, t->ldc,
              columns, t->alpha, t->beta);
        }
    }
}
