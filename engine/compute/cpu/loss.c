/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Softmax and cross-entropy of a row at a time: largest, sum, then the gradient in place.
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"

/* Vectors summed in f32 before the sum goes on in f64: a vocabulary is long. */
#define F32_VECTORS 32

typedef struct
{
  gint64 rows, columns;
  float *logits;
  const gint32 *targets;
  double *losses;
  const float *weights; /* (nullable) */
  float scale, cap, smoothing;
} Loss;

INLINE float
row_largest (const float *x, gint64 n)
{
  vf largest = vset (-INFINITY);

  for (gint64 i = 0; i < n; i += VL)
    largest = vmax (vkeep (vload_some (x + i, n - i), n - i, vset (-INFINITY)), largest);
  return vlargest (largest);
}

/* Σ e^(x - largest); x is replaced by the terms where @keep. */
INLINE double
row_sum (float *x, gint64 n, float largest, const gboolean keep)
{
  double sum = 0.0;

  for (gint64 from = 0; from < n; from += F32_VECTORS * VL)
    {
      const gint64 to = MIN (n, from + F32_VECTORS * VL);
      vf part = { 0 };

      for (gint64 i = from; i < to; i += VL)
        {
          const vf term = vkeep (vexp (vload_some (x + i, to - i) - largest), to - i, (vf) { 0 });

          part += term;
          if (keep)
            vstore_some (x + i, term, to - i);
        }
      sum += vsum_double (part);
    }
  return sum;
}

static double
row_mean (const float *x, gint64 n)
{
  double sum = 0.0;

  for (gint64 from = 0; from < n; from += F32_VECTORS * VL)
    {
      const gint64 to = MIN (n, from + F32_VECTORS * VL);
      vf part = { 0 };

      for (gint64 i = from; i < to; i += VL)
        part += vload_some (x + i, to - i);
      sum += vsum_double (part);
    }
  return sum / n;
}

/* The gradient of a row whose logits were capped: also through the cap, whose slope at its value y
 * is 1 - (y / cap)². The logits are needed to the end, so the terms are computed again. */
static void
differentiate_capped (float *x, gint64 n, gint32 target, float largest, float factor, float of_all,
                      float of_target, float cap)
{
  const float chosen = x[target] / cap;

  for (gint64 i = 0; i < n; i += VL)
    {
      const vf y = vload_some (x + i, n - i), share = y / cap;

      vstore_some (x + i, (vexp (y - largest) * factor - of_all) * (1.0f - share * share), n - i);
    }
  x[target] -= of_target * (1.0f - chosen * chosen);
}

static void
cross_entropy_task (gpointer data, int worker, int n_workers)
{
  const Loss *p = data;
  gint64 from, to;

  attune_split (p->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      float *x = p->logits + row * p->columns;
      const gint32 target = p->targets[row];
      const float largest = row_largest (x, p->columns), chosen = x[target];
      const float scale = p->scale * (p->weights != NULL ? p->weights[row] : 1.0f);
      const float of_all = scale * p->smoothing / p->columns,
                  of_target = scale * (1.0f - p->smoothing);
      const gboolean backward = p->scale != 0.0f, capped = p->cap > 0.0f;
      const double wanted = p->smoothing > 0.0f ? (1.0 - p->smoothing) * chosen
                                                      + p->smoothing * row_mean (x, p->columns)
                                                : chosen;
      const double sum = backward && !capped ? row_sum (x, p->columns, largest, TRUE)
                                             : row_sum (x, p->columns, largest, FALSE);

      p->losses[row] = log (sum) + (largest - wanted);
      if (backward && capped)
        differentiate_capped (x, p->columns, target, largest, scale / sum, of_all, of_target,
                              p->cap);
      if (!backward || capped)
        continue;
      for (gint64 i = 0; i < p->columns; i += VL)
        vstore_some (x + i, vload_some (x + i, p->columns - i) * (float) (scale / sum) - of_all,
                     p->columns - i);
      x[target] -= of_target;
    }
}

void
LEVEL (cross_entropy) (AttuneBackend *be, double *losses, const AttuneTensor *logits,
                       const gint32 *targets, const AttuneCrossEntropy *settings)
{
  Loss p = { .rows = attune_tensor_rows (logits),
             .columns = attune_tensor_columns (logits),
             .logits = logits->data,
             .targets = targets,
             .losses = losses,
             .weights = settings->weights,
             .scale = settings->scale,
             .cap = settings->cap,
             .smoothing = settings->smoothing };

  attune_cpu_run (attune_cpu (be), 1.0 * p.rows * p.columns, cross_entropy_task, &p);
}
