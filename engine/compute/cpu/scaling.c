/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Factors by column and by row, their gradient, and the lengths of rows: what adapters need that
 * rescale a linear (DoRA, (IA)³).
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"

#include <math.h>

/* ns for one value when memory is the limit. */
#define NS_PER_VALUE 0.25

typedef struct
{
  gint64 rows, columns;
  float *y;
  const float *x, *g;
  float beta;
} Scaling;

static void
scale_columns_task (gpointer data, int worker, int n_workers)
{
  const Scaling *s = data;
  gint64 from = 0, to = s->rows, first = 0, last = s->columns;

  /* few long rows, as vectors are, by their columns */
  if (s->rows < n_workers)
    attune_split (s->columns, VL, worker, n_workers, &first, &last);
  else
    attune_split (s->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      const float *x = s->x + row * s->columns;
      float *y = s->y + row * s->columns;

      for (gint64 i = first; i < last; i += VL)
        {
          const gint64 left = last - i;
          vf value = vload_some (s->g + i, left) * vload_some (x + i, left);

          if (s->beta != 0.0f)
            value += vload_some (y + i, left);
          vstore_some (y + i, value, left);
        }
    }
}

void
LEVEL (scale_columns) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                       const AttuneTensor *g, float beta)
{
  Scaling s = { .rows = attune_tensor_rows (x),
                .columns = attune_tensor_columns (x),
                .y = y->data,
                .x = x->data,
                .g = g->data,
                .beta = beta };

  attune_cpu_run (attune_cpu (be), 2 * NS_PER_VALUE * s.rows * s.columns, scale_columns_task, &s);
}

/* By columns: each thread owns some and walks down all rows, so no sums are shared. */
static void
scale_columns_backward_task (gpointer data, int worker, int n_workers)
{
  const Scaling *s = data;
  gint64 from, to;

  attune_split (s->columns, 16, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i += VL)
    {
      vf sum = { 0 };

      for (gint64 row = 0; row < s->rows; row++)
        sum += vload_some (s->x + row * s->columns + i, to - i)
               * vload_some (s->g + row * s->columns + i, to - i);
      vstore_some (s->y + i, vload_some (s->y + i, to - i) + sum, to - i);
    }
}

void
LEVEL (scale_columns_backward) (AttuneBackend *be, const AttuneTensor *dg, const AttuneTensor *dy,
                                const AttuneTensor *x)
{
  Scaling s = { .rows = attune_tensor_rows (x),
                .columns = attune_tensor_columns (x),
                .y = dg->data,
                .x = x->data,
                .g = dy->data };

  attune_cpu_run (attune_cpu (be), 2 * NS_PER_VALUE * s.rows * s.columns,
                  scale_columns_backward_task, &s);
}

static void
scale_rows_task (gpointer data, int worker, int n_workers)
{
  const Scaling *s = data;
  gint64 from, to;

  attune_split (s->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      const vf factor = vset (s->g[row]);
      float *y = s->y + row * s->columns;

      for (gint64 i = 0; i < s->columns; i += VL)
        vstore_some (y + i, vload_some (y + i, s->columns - i) * factor, s->columns - i);
    }
}

void
LEVEL (scale_rows) (AttuneBackend *be, const AttuneTensor *x, const AttuneTensor *g)
{
  Scaling s = {
    .rows = attune_tensor_rows (x), .columns = attune_tensor_columns (x), .y = x->data, .g = g->data
  };

  attune_cpu_run (attune_cpu (be), NS_PER_VALUE * s.rows * s.columns, scale_rows_task, &s);
}

static void
inverse_norms_task (gpointer data, int worker, int n_workers)
{
  const Scaling *s = data;
  gint64 from, to;

  attune_split (s->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      vf sum = { 0 };
      float square;

      for (gint64 i = 0; i < s->columns; i += VL)
        {
          const vf x = vload_some (s->x + row * s->columns + i, s->columns - i);

          sum += x * x;
        }
      square = vsum (sum);
      s->y[row] = square != 0.0f ? 1.0f / sqrtf (square) : 0.0f;
    }
}

void
LEVEL (inverse_norms) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  Scaling s = {
    .rows = attune_tensor_rows (x), .columns = attune_tensor_columns (x), .y = y->data, .x = x->data
  };

  attune_cpu_run (attune_cpu (be), NS_PER_VALUE * s.rows * s.columns, inverse_norms_task, &s);
}
