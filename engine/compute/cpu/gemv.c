/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The product for few rows of x, as in decoding: each row of w is decoded in registers, once, and
 * multiplied with every row of x. Bound by the memory's rate, so nothing is packed.
 */
#include "compute/cpu/gemm.h"

/* Sums a row of w keeps per row of x: enough that additions need not wait for each other. */
#define SUMS 2

/* The products of w's row @row with @m rows of x, over all @columns. */
INLINE void
dot_rows (const AttuneType type, const int m, const guint8 *row, const AttuneScales *scales,
          gint64 columns, const float *x, gint64 ldx, float *y)
{
  vf sum[GEMV_MAX_ROWS][SUMS] = { 0 }, w[PARTS];
  const gint64 whole = columns / CHUNK * CHUNK;

  for (gint64 k = 0; k < whole; k += CHUNK)
    {
      decode_chunk (type, w, row, scales, k);
#pragma GCC unroll 8
      for (int i = 0; i < m; i++)
#pragma GCC unroll 8
        for (int part = 0; part < PARTS; part++)
          sum[i][part % SUMS]
              = vfma (vload (x + i * ldx + k + part * VL), w[part], sum[i][part % SUMS]);
    }
  if (whole < columns)
    {
      decode_rest (type, w, row, whole, columns - whole);
#pragma GCC unroll 8
      for (int i = 0; i < m; i++)
#pragma GCC unroll 8
        for (int part = 0; part < PARTS; part++)
          {
            const gint64 from = whole + part * VL;

            if (from < columns)
              sum[i][part % SUMS] = vfma (vload_some (x + i * ldx + from, columns - from), w[part],
                                          sum[i][part % SUMS]);
          }
    }
#pragma GCC unroll 8
  for (int i = 0; i < m; i++)
    y[i] = vsum (sum[i][0] + sum[i][1]);
}

#define DEFINE_ROWS(suffix, type, m)                                                               \
  static void dot_##suffix##_##m (AttuneType stored, const guint8 *row,                            \
                                  const AttuneScales *scales, gint64 columns, const float *x,      \
                                  gint64 ldx, float *y)                                            \
  {                                                                                                \
    dot_rows (type, m, row, scales, columns, x, ldx, y);                                           \
  }
#define DEFINE(suffix, type)                                                                       \
  DEFINE_ROWS (suffix, type, 1)                                                                    \
  DEFINE_ROWS (suffix, type, 2)                                                                    \
  DEFINE_ROWS (suffix, type, 4)                                                                    \
  DEFINE_ROWS (suffix, type, 8)
FOR_EACH_TYPE (DEFINE)
/* One copy for the types without code of their own. */
DEFINE (other, stored)
#undef DEFINE

typedef void (*Dot) (AttuneType stored, const guint8 *row, const AttuneScales *scales,
                     gint64 columns, const float *x, gint64 ldx, float *y);

/* For 1 << @power rows of x. */
static Dot
find_dot (AttuneType type, int power)
{
  switch (type)
    {
#define CASE(suffix, type)                                                                         \
  case type:                                                                                       \
    return (const Dot[]) { dot_##suffix##_1, dot_##suffix##_2, dot_##suffix##_4,                   \
                           dot_##suffix##_8 }[power];
      FOR_EACH_TYPE (CASE)
#undef CASE
    default:
      return (const Dot[]) { dot_other_1, dot_other_2, dot_other_4, dot_other_8 }[power];
    }
}

void
LEVEL (gemv) (const Stored *w, gint64 n0, gint64 n1, int m, const float *x, gint64 ldx, float *y,
              gint64 ldy, float alpha, float beta)
{
  int rows;

  for (int i = 0; i < m; i += rows)
    {
      const int left = m - i, power = left >= 8 ? 3 : left >= 4 ? 2 : left >= 2 ? 1 : 0;
      const Dot dot = find_dot (w->type, power);

      rows = 1 << power;
      for (gint64 n = n0; n < n1; n++)
        {
          float products[GEMV_MAX_ROWS];

          dot (w->type, w->data + n * w->row_bytes, w->scales, w->columns, x + i * ldx, ldx,
               products);
          for (int row = 0; row < rows; row++)
            {
              float *p = y + (i + row) * ldy + n;

              *p = alpha * products[row] + (beta != 0.0f ? *p : 0.0f);
            }
        }
    }
}
