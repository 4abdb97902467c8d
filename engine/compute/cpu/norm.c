/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RMS normalisation, a row at a time; the formula stands in compute/backend.h.
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"

#define NS_PER_VALUE 0.3

typedef struct
{
  AttuneCpu *cpu;
  gint64 rows, columns;
  float *y, *rstd, *dx, *dw;
  const float *x, *w, *dy, *kept_rstd;
  float eps;
} Norm;

static void
forward_task (gpointer data, int worker, int n_workers)
{
  const Norm *p = data;
  const gint64 columns = p->columns;
  gint64 from, to;

  attune_split (p->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      const float *x = p->x + row * columns;
      float *y = p->y + row * columns, rstd;
      vf sum[2] = { { 0 }, { 0 } };

      for (gint64 i = 0; i < columns; i += VL)
        {
          const vf v = vload_some (x + i, columns - i);

          sum[i / VL % 2] = vfma (v, v, sum[i / VL % 2]);
        }
      rstd = 1.0f / sqrtf (vsum (sum[0] + sum[1]) / columns + p->eps);
      p->rstd[row] = rstd;
      for (gint64 i = 0; i < columns; i += VL)
        vstore_some (y + i,
                     vload_some (x + i, columns - i) * rstd * vload_some (p->w + i, columns - i),
                     columns - i);
    }
}

void
LEVEL (rms_norm_forward) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *rstd,
                          const AttuneTensor *x, const AttuneTensor *w, float eps)
{
  Norm p = { .rows = attune_tensor_rows (x),
             .columns = attune_tensor_columns (x),
             .y = y->data,
             .rstd = rstd->data,
             .x = x->data,
             .w = w->data,
             .eps = eps };

  attune_cpu_run (attune_cpu (be), NS_PER_VALUE * p.rows * p.columns, forward_task, &p);
}

static void
backward_task (gpointer data, int worker, int n_workers)
{
  const Norm *p = data;
  const gint64 columns = p->columns;
  gint64 from, to;

  attune_split (p->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      const float *x = p->x + row * columns, *dy = p->dy + row * columns;
      const float rstd = p->kept_rstd[row];
      float *dx = p->dx + row * columns, mean;
      vf sum[2] = { { 0 }, { 0 } };

      for (gint64 i = 0; i < columns; i += VL)
        {
          const vf g = vload_some (dy + i, columns - i) * vload_some (p->w + i, columns - i);

          sum[i / VL % 2] = vfma (g, vload_some (x + i, columns - i) * rstd, sum[i / VL % 2]);
        }
      mean = vsum (sum[0] + sum[1]) / columns;
      for (gint64 i = 0; i < columns; i += VL)
        {
          const gint64 left = columns - i;
          const vf g = vload_some (dy + i, left) * vload_some (p->w + i, left),
                   normed = vload_some (x + i, left) * rstd;

          vstore_some (dx + i, vload_some (dx + i, left) + rstd * (g - normed * mean), left);
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
  for (gint64 i = from; i < to; i += VL)
    {
      vf sum = { 0 };

      for (gint64 row = 0; row < p->rows; row++)
        {
          const float *x = p->x + row * p->columns + i, *dy = p->dy + row * p->columns + i;

          sum = vfma (vload_some (dy, to - i), vload_some (x, to - i) * p->kept_rstd[row], sum);
        }
      vstore_some (p->dw + i, vload_some (p->dw + i, to - i) + sum, to - i);
    }
}

void
LEVEL (rms_norm_backward) (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dw,
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
  const double work = NS_PER_VALUE * p.rows * p.columns;

  attune_cpu_run (attune_cpu (be), work, backward_task, &p);
  if (p.dw != NULL)
    attune_cpu_run (attune_cpu (be), work, backward_gain_task, &p);
}
