/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The products as their formulas say, exact and in 8 bits.
 */
#include "compute/reference-products.h"
#include "compute/four-bits.h"

#include <math.h>

float *
attune_reference_decode (const AttuneTensor *x)
{
  float *y = g_new (float, MAX (attune_tensor_count (x), 1));

  attune_tensor_decode (y, x, 0, attune_tensor_count (x));
  return y;
}

/* C (m, n) = alpha · Σ a[i · ai + k · ak] · b[k · bk + j · bj] + beta · C */
static void
product (float *c, const float *a, const float *b, gint64 m, gint64 n, gint64 n_k, gint64 ai,
         gint64 ak, gint64 bk, gint64 bj, float alpha, float beta)
{
  for (gint64 i = 0; i < m; i++)
    for (gint64 j = 0; j < n; j++)
      {
        double sum = 0.0;

        for (gint64 k = 0; k < n_k; k++)
          sum += (double) a[i * ai + k * ak] * b[k * bk + j * bj];
        c[i * n + j] = alpha * sum + (beta != 0.0f ? (double) beta * c[i * n + j] : 0.0);
      }
}

void
attune_reference_matmul_nt (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                            const AttuneTensor *w, float alpha, float beta)
{
  g_autofree float *plain = attune_reference_decode (w);
  const gint64 k = attune_tensor_columns (w);

  product (y->data, x->data, plain, attune_tensor_rows (x), attune_tensor_rows (w), k, k, 1, 1, k,
           alpha, beta);
}

void
attune_reference_matmul_nn (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
                            const AttuneTensor *w, float alpha, float beta)
{
  g_autofree float *plain = attune_reference_decode (w);
  const gint64 n = attune_tensor_rows (w), k = attune_tensor_columns (w);

  product (dx->data, dy->data, plain, attune_tensor_rows (dy), k, n, n, 1, k, 1, alpha, beta);
}

void
attune_reference_matmul_tn (AttuneBackend *be, const AttuneTensor *dw, const AttuneTensor *dy,
                            const AttuneTensor *x, float alpha, float beta)
{
  const gint64 n = attune_tensor_columns (dy), k = attune_tensor_columns (x);

  product (dw->data, dy->data, x->data, n, k, attune_tensor_rows (x), 1, n, k, 1, alpha, beta);
}

void
attune_reference_round (AttuneBackend *be, AttuneRounded *r, const AttuneTensor *x)
{
  const float *values = x->data;

  for (gint64 i = 0; i < attune_tensor_count (x); i += ATTUNE_ROUNDED_BLOCK, r++)
    {
      float largest = 0.0f, broken = 0.0f;
      int sum = 0, first = 0;

      for (int j = 0; j < ATTUNE_ROUNDED_BLOCK; j++)
        {
          largest = fmaxf (largest, fabsf (values[i + j]));
          broken += values[i + j] * 0.0f;
        }
      if (!(largest > 1e-30f) || isnan (broken))
        largest = 0.0f;
      for (int j = 0; j < ATTUNE_ROUNDED_BLOCK; j++)
        {
          r->q[j] = largest > 0.0f ? (gint8) rintf (values[i + j] * (127.0f / largest)) : 0;
          sum += r->q[j];
          first += j < ATTUNE_ROUNDED_BLOCK / 2 ? r->q[j] : 0;
        }
      r->scale = largest / 127.0f + broken;
      r->sum = r->scale * sum;
      r->first = r->scale * first;
    }
}

void
attune_reference_matmul_rounded (AttuneBackend *be, int n, const AttuneTensor *y,
                                 const AttuneRounded *x, const AttuneTensor *w,
                                 const void *const *packed, float beta)
{
  const gint64 k = attune_tensor_columns (w), rows = attune_tensor_rows (y);
  AttuneTensor plain = { .n_dims = 2, .dims = { rows, k } };
  g_autofree float *values = plain.data = g_new (float, MAX (1, rows * k));

  for (gint64 i = 0; i < rows * k; i++)
    values[i] = x[i / ATTUNE_ROUNDED_BLOCK].scale
                * x[i / ATTUNE_ROUNDED_BLOCK].q[i % ATTUNE_ROUNDED_BLOCK];
  for (int i = 0; i < n; i++)
    attune_reference_matmul_nt (be, &y[i], &plain, &w[i], 1.0f, beta);
}

/* Rounds @n values @stride apart to steps of 1/127 of the largest; returns the step. */
static double
reference_round_line (double *q, const float *x, gint64 n, gint64 stride)
{
  float largest = 0.0f, broken = 0.0f;

  for (gint64 i = 0; i < n; i++)
    {
      largest = fmaxf (largest, fabsf (x[i * stride]));
      broken += x[i * stride] * 0.0f;
    }
  for (gint64 i = 0; i < n; i++)
    q[i] = largest > 1e-30f && !isnan (broken) ? rintf (x[i * stride] * (127.0f / largest)) : 0.0;
  return (largest > 1e-30f ? largest / 127.0f : 0.0f) + broken;
}

/* y (m, n) = a (m, k) · b + beta · y, each row of a and each column of b rounded; b's columns have
 * @across floats between values and @along between columns. */
static void
product_int8 (const AttuneTensor *y, const AttuneTensor *a, const float *b, gint64 across,
              gint64 along, float beta)
{
  const gint64 m = attune_tensor_rows (y), n = attune_tensor_columns (y),
               k = attune_tensor_columns (a);
  g_autofree double *rows = g_new (double, m *k + 1), *column = g_new (double, k + 1),
                    *steps = g_new (double, m + 1);

  for (gint64 i = 0; i < m; i++)
    steps[i] = reference_round_line (rows + i * k, (float *) a->data + i * k, k, 1);
  for (gint64 j = 0; j < n; j++)
    {
      const double step = reference_round_line (column, b + j * along, k, across);

      for (gint64 i = 0; i < m; i++)
        {
          float *out = (float *) y->data + i * n + j;
          double sum = 0.0;

          for (gint64 l = 0; l < k; l++)
            sum += rows[i * k + l] * column[l];
          *out = steps[i] * step * sum + (beta != 0.0f ? *out : 0.0f);
        }
    }
}

void
attune_reference_matmul_nt_int8 (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                                 const AttuneTensor *w, float beta, void *scratch)
{
  g_autofree float *plain = attune_reference_decode (w);

  product_int8 (y, x, plain, 1, attune_tensor_columns (w), beta);
}

void
attune_reference_matmul_nn_int8 (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
                                 const AttuneTensor *w, float beta, void *scratch)
{
  g_autofree float *plain = attune_reference_decode (w);

  product_int8 (dx, dy, plain, attune_tensor_columns (w), 1, beta);
}
