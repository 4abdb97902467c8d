/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The gradient's norm, squared.
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"

typedef struct
{
  gint64 n;
  const float *x;
  double *sums; /* one per worker */
} Squares;

#define MAX_SUMS 1024

static void
sum_squares_task (gpointer data, int worker, int n_workers)
{
  const Squares *p = data;
  vd sum = { 0 };
  gint64 from, to;
  double total = 0.0;

  attune_split (p->n, 1024, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i += VL)
    {
      const vd x = __builtin_convertvector (vload_some (p->x + i, to - i), vd);

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
  Squares p = { .n = attune_tensor_count (x), .x = x->data, .sums = sums };

  attune_cpu_run (attune_cpu (be), 0.5 * p.n, sum_squares_task, &p);
  for (int i = 0; i < attune_cpu (be)->n_threads; i++)
    total += sums[i];
  return total;
}
