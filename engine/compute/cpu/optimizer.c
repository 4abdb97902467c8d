/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The optimizers' step on flat vectors (PyTorch's formulas), and Adafactor's on a matrix.
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"

typedef struct
{
  gint64 n;
  float *w, *a, *b;
  const float *g;
  AttuneOptimizer kind;
  float beta1, beta2, rest1, rest2; /* rest: 1 - beta, rounded once */
  float eps, gradient_scale, rate;
  float pull;  /* weight decay that is part of the gradient */
  float decay; /* 1 - learning rate · weight decay, of those that decay by themselves */
  float step_size, root_correction;
} Update;

/* What is taken from w; changes a and b. */
INLINE vf
find_step (const Update *p, vf g, vf *a, vf *b)
{
  switch (p->kind)
    {
    case ATTUNE_OPTIMIZER_LION:
      {
        const vf mean = p->beta1 * *a + p->rest1 * g;

        *a = p->beta2 * *a + p->rest2 * g;
        return vselect (mean > (vf) { 0 }, vset (p->rate),
                        vselect (mean < (vf) { 0 }, vset (-p->rate), (vf) { 0 }));
      }
    case ATTUNE_OPTIMIZER_SGD:
      *a = p->beta1 * *a + g;
      return p->rate * *a;
    case ATTUNE_OPTIMIZER_ADAGRAD:
      *a += g * g;
      return p->rate * g / (vsqrt (*a) + p->eps);
    case ATTUNE_OPTIMIZER_RMSPROP:
      *a = p->beta2 * *a + p->rest2 * g * g;
      return p->rate * g / (vsqrt (*a) + p->eps);
    case ATTUNE_OPTIMIZER_ADADELTA:
      {
        vf delta;

        *a = p->beta2 * *a + p->rest2 * g * g;
        delta = vsqrt (*b + p->eps) / vsqrt (*a + p->eps) * g;
        *b = p->beta2 * *b + p->rest2 * delta * delta;
        return p->rate * delta;
      }
    default: /* Adam's, with either decay */
      *a = p->beta1 * *a + p->rest1 * g;
      *b = p->beta2 * *b + p->rest2 * g * g;
      return p->step_size * *a / (vsqrt (*b) * p->root_correction + p->eps);
    }
}

static void
update_task (gpointer data, int worker, int n_workers)
{
  const Update *p = data;
  gint64 from, to;

  attune_split (p->n, 1024, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i += VL)
    {
      const gint64 left = to - i;
      const vf w = vload_some (p->w + i, left);
      const vf g = vload_some (p->g + i, left) * p->gradient_scale + p->pull * w;
      vf a = vload_some (p->a + i, left), b = { 0 }, step;

      if (p->b != NULL)
        b = vload_some (p->b + i, left);
      step = find_step (p, g, &a, &b);
      vstore_some (p->a + i, a, left);
      if (p->b != NULL)
        vstore_some (p->b + i, b, left);
      vstore_some (p->w + i, w * p->decay - step, left);
    }
}

void
LEVEL (update) (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *a,
                const AttuneTensor *b, const AttuneTensor *g, AttuneOptimizer kind,
                const AttuneAdamW *step)
{
  const gboolean apart = kind == ATTUNE_OPTIMIZER_ADAMW || kind == ATTUNE_OPTIMIZER_LION;
  Update p = {
    .n = attune_tensor_count (w),
    .w = w->data,
    .a = a->data,
    .b = b != NULL ? b->data : NULL,
    .g = g->data,
    .kind = kind,
    .beta1 = step->beta1,
    .beta2 = step->beta2,
    .rest1 = 1.0 - step->beta1,
    .rest2 = 1.0 - step->beta2,
    .eps = step->eps,
    .gradient_scale = step->gradient_scale,
    .rate = step->learning_rate,
    .pull = apart ? 0.0 : step->weight_decay,
    .decay = apart ? 1.0 - step->learning_rate * step->weight_decay : 1.0,
    .step_size = step->learning_rate / (1.0 - pow (step->beta1, step->step)),
    .root_correction = 1.0 / sqrt (1.0 - pow (step->beta2, step->step)),
  };

  attune_cpu_run (attune_cpu (be), 1.0 * p.n, update_task, &p);
}

/* --- Adafactor: a matrix at a time, in passes over its rows or columns */

typedef struct
{
  gint64 rows, columns;
  float *w, *row_means, *column_means; /* of squares; factored where row_means is there */
  const float *g;
  double beta2, gradient_scale;
  double mean_of_rows; /* of row_means, in the end */
  float factor, decay; /* of the last pass */
  double *sums;        /* one per row: of the row's squared steps */
} Factored;

/* HF and PyTorch add this to squared gradients. */
#define ADAFACTOR_EPS 1e-30

static void
row_means_task (gpointer data, int worker, int n_workers)
{
  const Factored *p = data;
  gint64 from, to;

  attune_split (p->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      const float *g = p->g + row * p->columns;
      double sum = 0.0;

      for (gint64 i = 0; i < p->columns; i++)
        sum += (double) g[i] * g[i];
      sum = sum * p->gradient_scale * p->gradient_scale / p->columns + ADAFACTOR_EPS;
      p->row_means[row] = p->beta2 * p->row_means[row] + (1.0 - p->beta2) * sum;
    }
}

/* Also of a vector, whose means are of one value each. */
static void
column_means_task (gpointer data, int worker, int n_workers)
{
  const Factored *p = data;
  gint64 from, to;

  attune_split (p->columns, 16, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i++)
    {
      double sum = 0.0;

      for (gint64 row = 0; row < p->rows; row++)
        sum += (double) p->g[row * p->columns + i] * p->g[row * p->columns + i];
      sum = sum * p->gradient_scale * p->gradient_scale / p->rows + ADAFACTOR_EPS;
      p->column_means[i] = p->beta2 * p->column_means[i] + (1.0 - p->beta2) * sum;
    }
}

INLINE double
row_factor (const Factored *p, gint64 row)
{
  return p->gradient_scale
         * (p->row_means != NULL ? 1.0 / sqrt (p->row_means[row] / p->mean_of_rows) : 1.0);
}

static void
squares_task (gpointer data, int worker, int n_workers)
{
  const Factored *p = data;
  gint64 from, to;

  attune_split (p->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      const float *g = p->g + row * p->columns;
      const double factor = row_factor (p, row);
      double sum = 0.0;

      for (gint64 i = 0; i < p->columns; i++)
        sum += (double) g[i] * g[i] / p->column_means[i];
      p->sums[row] = sum * factor * factor;
    }
}

static void
step_task (gpointer data, int worker, int n_workers)
{
  const Factored *p = data;
  gint64 from, to;

  attune_split (p->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      const float *g = p->g + row * p->columns;
      const float factor = p->factor * row_factor (p, row);
      float *w = p->w + row * p->columns;

      for (gint64 i = 0; i < p->columns; i++)
        w[i] = w[i] * p->decay - factor * g[i] / sqrtf (p->column_means[i]);
    }
}

void
LEVEL (adafactor) (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *state,
                   const AttuneTensor *g, double *sums, const AttuneAdamW *step)
{
  const gint64 rows = attune_tensor_rows (w), columns = attune_tensor_columns (w);
  const double work = 1.0 * rows * columns;
  Factored p = {
    .rows = rows,
    .columns = columns,
    .w = w->data,
    .row_means = rows > 1 ? state->data : NULL,
    .column_means = (float *) state->data + (rows > 1 ? rows : 0),
    .g = g->data,
    .beta2 = 1.0 - pow (step->step, -0.8),
    .gradient_scale = step->gradient_scale,
    .decay = 1.0 - step->learning_rate * step->weight_decay,
    .sums = sums,
  };
  double squares = 0.0;

  attune_cpu_run (attune_cpu (be), work, column_means_task, &p);
  if (p.row_means != NULL)
    {
      attune_cpu_run (attune_cpu (be), work, row_means_task, &p);
      for (gint64 row = 0; row < rows; row++)
        p.mean_of_rows += (double) p.row_means[row] / rows;
    }
  attune_cpu_run (attune_cpu (be), work, squares_task, &p);
  for (gint64 row = 0; row < rows; row++)
    squares += sums[row];
  /* Steps that are large on average are made smaller (Shazeer & Stern 2018, d = 1). */
  p.factor = step->learning_rate / MAX (1.0, sqrt (squares / rows / columns));
  attune_cpu_run (attune_cpu (be), work, step_task, &p);
}
