/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Element by element: copies, sums, factors and soft caps, one pass each.
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"

/* ns for one value when memory is the limit. */
#define NS_PER_VALUE 0.25

typedef struct
{
  gint64 n;
  float *y;
  const float *x;
  gint64 columns;
  float factor;
} Elements;

static void
zero_task (gpointer data, int worker, int n_workers)
{
  const Elements *e = data;
  gint64 from, to;

  attune_split (e->n, 1024, worker, n_workers, &from, &to);
  memset (e->y + from, 0, (to - from) * sizeof *e->y);
}

void
LEVEL (zero) (AttuneBackend *be, const AttuneTensor *x)
{
  if (x->type == ATTUNE_TYPE_F32)
    {
      Elements e = { .n = attune_tensor_count (x), .y = x->data };

      attune_cpu_run (attune_cpu (be), NS_PER_VALUE * e.n, zero_task, &e);
    }
  else
    memset (x->data, 0, attune_tensor_bytes (x));
}

static void
approach_task (gpointer data, int worker, int n_workers)
{
  const Elements *e = data;
  gint64 from, to;

  attune_split (e->n, 1024, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i += VL)
    {
      const vf y = vload_some (e->y + i, to - i), x = vload_some (e->x + i, to - i);

      vstore_some (e->y + i, y + e->factor * (x - y), to - i);
    }
}

void
LEVEL (approach) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, float factor)
{
  Elements e = { .n = attune_tensor_count (y), .y = y->data, .x = x->data, .factor = factor };

  attune_cpu_run (attune_cpu (be), NS_PER_VALUE * e.n, approach_task, &e);
}

static void
swap_task (gpointer data, int worker, int n_workers)
{
  const Elements *e = data;
  float *other = (float *) e->x;
  gint64 from, to;

  attune_split (e->n, 1024, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i++)
    {
      const float kept = e->y[i];

      e->y[i] = other[i];
      other[i] = kept;
    }
}

void
LEVEL (swap) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  Elements e = { .n = attune_tensor_count (y), .y = y->data, .x = x->data };

  attune_cpu_run (attune_cpu (be), NS_PER_VALUE * e.n, swap_task, &e);
}

static void
copy_task (gpointer data, int worker, int n_workers)
{
  const Elements *e = data;
  gint64 from, to;

  attune_split (e->n, 1024, worker, n_workers, &from, &to);
  memcpy (e->y + from, e->x + from, (to - from) * sizeof *e->y);
}

void
LEVEL (copy) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  if (x->type == ATTUNE_TYPE_F32)
    {
      Elements e = { .n = attune_tensor_count (x), .y = y->data, .x = x->data };

      attune_cpu_run (attune_cpu (be), NS_PER_VALUE * e.n, copy_task, &e);
    }
  else
    memcpy (y->data, x->data, attune_tensor_bytes (x));
}

static void
add_task (gpointer data, int worker, int n_workers)
{
  const Elements *e = data;
  gint64 from, to;

  attune_split (e->n, 1024, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i += VL)
    vstore_some (e->y + i, vload_some (e->y + i, to - i) + vload_some (e->x + i, to - i), to - i);
}

void
LEVEL (add) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  Elements e = { .n = attune_tensor_count (x), .y = y->data, .x = x->data };

  attune_cpu_run (attune_cpu (be), NS_PER_VALUE * e.n, add_task, &e);
}

static void
add_bias_task (gpointer data, int worker, int n_workers)
{
  const Elements *e = data;
  gint64 from, to;

  attune_split (e->n / e->columns, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      float *y = e->y + row * e->columns;

      for (gint64 i = 0; i < e->columns; i += VL)
        {
          const gint64 left = e->columns - i;

          vstore_some (y + i, vload_some (y + i, left) + vload_some (e->x + i, left), left);
        }
    }
}

void
LEVEL (add_bias) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *bias)
{
  Elements e = { .n = attune_tensor_count (y),
                 .y = y->data,
                 .x = bias->data,
                 .columns = attune_tensor_count (bias) };

  if (e.n > 0)
    attune_cpu_run (attune_cpu (be), NS_PER_VALUE * e.n, add_bias_task, &e);
}

/* By columns: each thread owns some and walks down all rows, so no sums are shared. */
static void
add_bias_backward_task (gpointer data, int worker, int n_workers)
{
  const Elements *e = data;
  gint64 from, to;

  attune_split (e->columns, 16, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i += VL)
    {
      vf sum = { 0 };

      for (gint64 row = 0; row < e->n / e->columns; row++)
        sum += vload_some (e->x + row * e->columns + i, to - i);
      vstore_some (e->y + i, vload_some (e->y + i, to - i) + sum, to - i);
    }
}

void
LEVEL (add_bias_backward) (AttuneBackend *be, const AttuneTensor *dbias, const AttuneTensor *dy)
{
  Elements e = { .n = attune_tensor_count (dy),
                 .y = dbias->data,
                 .x = dy->data,
                 .columns = attune_tensor_count (dbias) };

  if (e.n > 0)
    attune_cpu_run (attune_cpu (be), NS_PER_VALUE * e.n, add_bias_backward_task, &e);
}

static void
scale_task (gpointer data, int worker, int n_workers)
{
  const Elements *e = data;
  gint64 from, to;

  attune_split (e->n, 1024, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i += VL)
    vstore_some (e->y + i, vload_some (e->y + i, to - i) * e->factor, to - i);
}

void
LEVEL (scale) (AttuneBackend *be, const AttuneTensor *x, float factor)
{
  Elements e = { .n = attune_tensor_count (x), .y = x->data, .factor = factor };

  attune_cpu_run (attune_cpu (be), NS_PER_VALUE * e.n, scale_task, &e);
}

static void
soft_cap_task (gpointer data, int worker, int n_workers)
{
  const Elements *e = data;
  gint64 from, to;

  attune_split (e->n, 1024, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i += VL)
    vstore_some (e->y + i, vtanh (vload_some (e->y + i, to - i) / e->factor) * e->factor, to - i);
}

void
LEVEL (soft_cap) (AttuneBackend *be, const AttuneTensor *x, float cap)
{
  Elements e = { .n = attune_tensor_count (x), .y = x->data, .factor = cap };

  attune_cpu_run (attune_cpu (be), 4 * NS_PER_VALUE * e.n, soft_cap_task, &e);
}
