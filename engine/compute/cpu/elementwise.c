/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Element by element: copies, sums and the gated activations, one pass each.
 *
 *   silu (x) = x · σ(x)
 *   gelu (x) = x · σ(2 u),  u = √(2/π) (x + 0.044715 x³): the tanh form, as ½ (1 + tanh u) = σ(2 u)
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"

/* ns for one value when memory is the limit. */
#define NS_PER_VALUE 0.25

typedef struct
{
  gint64 n;
  float *y, *z;
  const float *x, *gate, *up;
  gint64 columns;
  AttuneGate kind;
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

/* The activation's value and its derivative. */
INLINE vf
activate (AttuneGate kind, vf x, vf *derivative)
{
  /* Far below 0 both are 0; without a bound, tiny times huge would say otherwise. */
  const vf y = vmax (vset (-1e3f), x);
  vf s, rest;

  if (kind == ATTUNE_GATE_SILU)
    {
      s = vsigmoid (y, &rest);
      *derivative = s * (1.0f + y * rest);
    }
  else
    {
      const vf near = vmin (vset (1e3f), y), square = near * near; /* no infinity in the cube */

      /* 2 √(2/π) = 1.5957691216 */
      s = vsigmoid (1.5957691216f * near * (1.0f + 0.044715f * square), &rest);
      *derivative = s * (1.0f + near * rest * (1.5957691216f * (1.0f + 3.0f * 0.044715f * square)));
    }
  return y * s;
}

INLINE void
gate_forward (const Elements *e, AttuneGate kind, gint64 from, gint64 to)
{
  for (gint64 i = from; i < to; i += VL)
    {
      vf slope;

      vstore_some (e->y + i,
                   activate (kind, vload_some (e->gate + i, to - i), &slope)
                       * vload_some (e->up + i, to - i),
                   to - i);
    }
}

static void
gated_forward_task (gpointer data, int worker, int n_workers)
{
  const Elements *e = data;
  gint64 from, to;

  attune_split (e->n, 1024, worker, n_workers, &from, &to);
  if (e->kind == ATTUNE_GATE_SILU)
    gate_forward (e, ATTUNE_GATE_SILU, from, to);
  else
    gate_forward (e, ATTUNE_GATE_GELU_TANH, from, to);
}

void
LEVEL (gated_forward) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *gate,
                       const AttuneTensor *up, AttuneGate kind)
{
  Elements e = {
    .n = attune_tensor_count (y), .y = y->data, .gate = gate->data, .up = up->data, .kind = kind
  };

  attune_cpu_run (attune_cpu (be), 4 * NS_PER_VALUE * e.n, gated_forward_task, &e);
}

/* y: dgate, z: dup, x: dy; all of a vector is read before any of it is written, so y or z may be x.
 */
INLINE void
gate_backward (const Elements *e, AttuneGate kind, gint64 from, gint64 to)
{
  for (gint64 i = from; i < to; i += VL)
    {
      const vf dy = vload_some (e->x + i, to - i), up = vload_some (e->up + i, to - i);
      vf slope, value = activate (kind, vload_some (e->gate + i, to - i), &slope);

      vstore_some (e->y + i, dy * up * slope, to - i);
      vstore_some (e->z + i, dy * value, to - i);
    }
}

static void
gated_backward_task (gpointer data, int worker, int n_workers)
{
  const Elements *e = data;
  gint64 from, to;

  attune_split (e->n, 1024, worker, n_workers, &from, &to);
  if (e->kind == ATTUNE_GATE_SILU)
    gate_backward (e, ATTUNE_GATE_SILU, from, to);
  else
    gate_backward (e, ATTUNE_GATE_GELU_TANH, from, to);
}

void
LEVEL (gated_backward) (AttuneBackend *be, const AttuneTensor *dgate, const AttuneTensor *dup,
                        const AttuneTensor *dy, const AttuneTensor *gate, const AttuneTensor *up,
                        AttuneGate kind)
{
  Elements e = { .n = attune_tensor_count (dy),
                 .y = dgate->data,
                 .z = dup->data,
                 .x = dy->data,
                 .gate = gate->data,
                 .up = up->data,
                 .kind = kind };

  attune_cpu_run (attune_cpu (be), 6 * NS_PER_VALUE * e.n, gated_backward_task, &e);
}
