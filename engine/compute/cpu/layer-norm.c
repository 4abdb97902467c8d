/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Layer normalisation, a row at a time; the formula stands in compute/backend.h. The mean is not
 * kept: backward takes it again while the row is in the cache.
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"

#define NS_PER_VALUE 0.4

typedef struct
{
  gint64 rows, columns;
  float *y, *rstd, *dx, *dw;
  const float *x, *w, *b, *dy, *kept_rstd;
  float eps;
} Norm;

static float
row_mean (const float *x, gint64 n)
{
  vf sum = { 0 };

  for (gint64 i = 0; i < n; i += VL)
    sum += vload_some (x + i, n - i);
  return vsum (sum) / n;
}

static void
forward_task (gpointer data, int worker, int n_workers)
{
  const Norm *p = data;
  const gint64 n = p->columns;
  gint64 from, to;

  attune_split (p->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      const float *x = p->x + row * n, mean = row_mean (x, n);
      float rstd;
      vf sum = { 0 };

      for (gint64 i = 0; i < n; i += VL)
        {
          const vf v = vkeep (vload_some (x + i, n - i) - mean, n - i, (vf) { 0 });

          sum = vfma (v, v, sum);
        }
      rstd = 1.0f / sqrtf (vsum (sum) / n + p->eps);
      p->rstd[row] = rstd;
      for (gint64 i = 0; i < n; i += VL)
        {
          vf y = (vload_some (x + i, n - i) - mean) * rstd * vload_some (p->w + i, n - i);

          if (p->b != NULL)
            y += vload_some (p->b + i, n - i);
          vstore_some (p->y + row * n + i, y, n - i);
        }
    }
}

void
LEVEL (layer_norm_forward) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *rstd,
                            const AttuneTensor *x, const AttuneTensor *w, const AttuneTensor *b,
                            float eps)
{
  Norm p = { .rows = attune_tensor_rows (x),
             .columns = attune_tensor_columns (x),
             .y = y->data,
             .rstd = rstd->data,
             .x = x->data,
             .w = w->data,
             .b = b != NULL ? b->data : NULL,
             .eps = eps };

  attune_cpu_run (attune_cpu (be), NS_PER_VALUE * p.rows * p.columns, forward_task, &p);
}

static void
backward_task (gpointer data, int worker, int n_workers)
{
  const Norm *p = data;
  const gint64 n = p->columns;
  gint64 from, to;

  attune_split (p->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      const float *x = p->x + row * n, *dy = p->dy + row * n;
      const float mean = row_mean (x, n), rstd = p->kept_rstd[row];
      float *dx = p->dx + row * n, mean_g, mean_gx;
      vf sum_g = { 0 }, sum_gx = { 0 };

      for (gint64 i = 0; i < n; i += VL)
        {
          const vf g = vload_some (dy + i, n - i) * vload_some (p->w + i, n - i);

          sum_g += g;
          sum_gx = vfma (g, (vload_some (x + i, n - i) - mean) * rstd, sum_gx);
        }
      mean_g = vsum (sum_g) / n;
      mean_gx = vsum (sum_gx) / n;
      for (gint64 i = 0; i < n; i += VL)
        {
          const vf g = vload_some (dy + i, n - i) * vload_some (p->w + i, n - i),
                   normed = (vload_some (x + i, n - i) - mean) * rstd;

          vstore_some (dx + i, vload_some (dx + i, n - i) + rstd * (g - mean_g - normed * mean_gx),
                       n - i);
        }
    }
}

/* dw by columns: each thread owns some and walks down all rows, so no sums are shared. */
static void
backward_gain_task (gpointer data, int worker, int n_workers)
{
  const Norm *p = data;
  gint64 from, to;

  attune_split (p->columns, VL, worker, n_workers, &from, &to);
  for (gint64 row = 0; row < p->rows && from < to; row++)
    {
      const float *x = p->x + row * p->columns, *dy = p->dy + row * p->columns;
      const float mean = row_mean (x, p->columns), rstd = p->kept_rstd[row];

      for (gint64 i = from; i < to; i += VL)
        vstore_some (p->dw + i,
                     vfma (vload_some (dy + i, to - i), (vload_some (x + i, to - i) - mean) * rstd,
                           vload_some (p->dw + i, to - i)),
                     to - i);
    }
}

void
LEVEL (layer_norm_backward) (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dw,
                             const AttuneTensor *dy, const AttuneTensor *x, const AttuneTensor *w,
                             const AttuneTensor *rstd)
{
  Norm p = { .rows = attune_tensor_rows (x),
             .columns = attune_tensor_columns (x),
             .dx = dx->data,
             .dw = dw != NULL ? dw->data : NULL,
             .dy = dy->data,
             .x = x->data,
             .w = w->data,
             .kept_rstd = rstd->data };

  attune_cpu_run (attune_cpu (be), NS_PER_VALUE * p.rows * p.columns, backward_task, &p);
  if (p.dw != NULL)
    attune_cpu_run (attune_cpu (be), NS_PER_VALUE * p.rows * p.columns, backward_gain_task, &p);
}
