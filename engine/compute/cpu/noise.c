/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NEFTune's noise on embedded tokens. Every row has its own draws, so that threads share none.
 */
#include "core/random.h"
#include "compute/cpu/entries.h"

#include <math.h>

/* Rows of a micro-batch; see max_tokens. */
#define MAX_ROWS (1 << 24)

typedef struct
{
  gint64 columns;
  float *x;
  const gint32 *segments;
  int n;
  double alpha;
  guint64 seed, step;
} Noise;

static void
noise_task (gpointer data, int worker, int n_workers)
{
  const Noise *p = data;
  gint64 from, to;
  int segment = 0;

  attune_split (p->segments[p->n], 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      AttuneRandom random;
      double most;

      while (row >= p->segments[segment + 1])
        segment++;
      most = p->alpha
             / sqrt ((double) (p->segments[segment + 1] - p->segments[segment]) * p->columns);
      attune_random_init (&random, p->seed, ATTUNE_RANDOM_NOISE, p->step * MAX_ROWS + row);
      for (gint64 i = 0; i < p->columns; i++)
        p->x[row * p->columns + i] += (2 * attune_random_uniform (&random) - 1) * most;
    }
}

void
LEVEL (add_noise) (AttuneBackend *be, const AttuneTensor *x, const gint32 *segments, int n,
                   float alpha, guint64 seed, guint64 step)
{
  Noise p = { .columns = attune_tensor_columns (x),
              .x = x->data,
              .segments = segments,
              .n = n,
              .alpha = alpha,
              .seed = seed,
              .step = step };

  attune_cpu_run (attune_cpu (be), 20.0 * attune_tensor_count (x), noise_task, &p);
}
