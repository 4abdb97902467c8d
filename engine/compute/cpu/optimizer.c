/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The optimizer's step on flat vectors (Loshchilov & Hutter 2019, PyTorch's formula), and the
 * gradient's norm.
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"

typedef struct
{
  gint64 n;
  float *w, *m, *v;
  const float *g;
  float beta1, beta2, rest1, rest2; /* rest: 1 - beta, rounded once */
  float eps, gradient_scale;
  float decay;           /* 1 - learning rate · weight decay */
  float step_size;       /* learning rate / (1 - β1^step) */
  float root_correction; /* 1 / √(1 - β2^step) */
  double *sums;          /* one per worker */
} Step;

#define MAX_SUMS 1024

static void
sum_squares_task (gpointer data, int worker, int n_workers)
{
  const Step *p = data;
  vd sum = { 0 };
  gint64 from, to;
  double total = 0.0;

  attune_split (p->n, 1024, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i += VL)
    {
      const vd x = __builtin_convertvector (vload_some (p->g + i, to - i), vd);

      sum += x * x;
    }
  for (int lane = 0; lane < VL; lane++)
    total += sum[lane];
  p->sums[worker] = total;
}

double
LEVEL (sum_squares) (AttuneBackend *be, const AttuneTensor *x)
{
  double sums[MAX_SUMS] = { 0 }, total = 0.0;
  Step p = { .n = attune_tensor_count (x), .g = x->data, .sums = sums };

  attune_cpu_run (attune_cpu (be), 0.5 * p.n, sum_squares_task, &p);
  for (int i = 0; i < attune_cpu (be)->n_threads; i++)
    total += sums[i];
  return total;
}

static void
adamw_task (gpointer data, int worker, int n_workers)
{
  const Step *p = data;
  gint64 from, to;

  attune_split (p->n, 1024, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i += VL)
    {
      const gint64 left = to - i;
      const vf g = vload_some (p->g + i, left) * p->gradient_scale;
      const vf m = p->beta1 * vload_some (p->m + i, left) + p->rest1 * g;
      const vf v = p->beta2 * vload_some (p->v + i, left) + p->rest2 * g * g;
      const vf w = vload_some (p->w + i, left) * p->decay;

      vstore_some (p->m + i, m, left);
      vstore_some (p->v + i, v, left);
      vstore_some (p->w + i, w - p->step_size * m / (vsqrt (v) * p->root_correction + p->eps),
                   left);
    }
}

void
LEVEL (adamw) (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *m,
               const AttuneTensor *v, const AttuneTensor *g, const AttuneAdamW *step)
{
  Step p = {
    .n = attune_tensor_count (w),
    .w = w->data,
    .m = m->data,
    .v = v->data,
    .g = g->data,
    .beta1 = step->beta1,
    .beta2 = step->beta2,
    .rest1 = 1.0 - step->beta1,
    .rest2 = 1.0 - step->beta2,
    .eps = step->eps,
    .gradient_scale = step->gradient_scale,
    .decay = 1.0 - step->learning_rate * step->weight_decay,
    .step_size = step->learning_rate / (1.0 - pow (step->beta1, step->step)),
    .root_correction = 1.0 / sqrt (1.0 - pow (step->beta2, step->step)),
  };

  attune_cpu_run (attune_cpu (be), 1.0 * p.n, adamw_task, &p);
}
