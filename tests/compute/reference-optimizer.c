/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The optimizers as compute/backend.h has their formulas, in f64.
 */
#include "compute/reference-optimizer.h"

#include "compute/four-bits.h"

#include <math.h>

double
attune_reference_sum_squares (AttuneBackend *be, const AttuneTensor *x)
{
  double sum = 0.0;

  for (gint64 i = 0; i < attune_tensor_count (x); i++)
    sum += (double) ((float *) x->data)[i] * ((float *) x->data)[i];
  return sum;
}

static void
reference_adamw (const AttuneTensor *w, const AttuneTensor *m, const AttuneTensor *v,
                 const AttuneTensor *g, const AttuneAdamW *s)
{
  for (gint64 i = 0; i < attune_tensor_count (w); i++)
    {
      float *pw = (float *) w->data + i, *pm = (float *) m->data + i, *pv = (float *) v->data + i;
      const double grad = (double) ((float *) g->data)[i] * s->gradient_scale;
      const double first = s->beta1 * (double) *pm + (1.0 - s->beta1) * grad;
      const double second = s->beta2 * (double) *pv + (1.0 - s->beta2) * grad * grad;
      const double root = sqrt (second) / sqrt (1.0 - pow (s->beta2, s->step)) + s->eps;

      *pm = first;
      *pv = second;
      *pw = *pw * (1.0 - s->learning_rate * s->weight_decay)
            - s->learning_rate / (1.0 - pow (s->beta1, s->step)) * first / root;
    }
}

void
attune_reference_update (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *a,
                         const AttuneTensor *b, const AttuneTensor *g, AttuneOptimizer kind,
                         const AttuneAdamW *s)
{
  if (kind == ATTUNE_OPTIMIZER_ADAMW)
    {
      reference_adamw (w, a, b, g, s);
      return;
    }
  for (gint64 i = 0; i < attune_tensor_count (w); i++)
    {
      float *pw = (float *) w->data + i, *pa = (float *) a->data + i,
            *pb = b != NULL ? (float *) b->data + i : NULL;
      const double raw = (double) ((float *) g->data)[i] * s->gradient_scale;
      const double grad = kind == ATTUNE_OPTIMIZER_LION ? raw : raw + s->weight_decay * *pw;
      const double rest1 = 1.0 - s->beta1, rest2 = 1.0 - s->beta2, mean = *pa;
      double step = 0.0;

      if (kind == ATTUNE_OPTIMIZER_ADAM)
        {
          *pa = s->beta1 * mean + rest1 * grad;
          *pb = s->beta2 * (double) *pb + rest2 * grad * grad;
          step = *pa / (1.0 - pow (s->beta1, s->step))
                 / (sqrt (*pb / (1.0 - pow (s->beta2, s->step))) + s->eps);
        }
      else if (kind == ATTUNE_OPTIMIZER_LION)
        {
          const double sum = s->beta1 * mean + rest1 * grad;

          step = (sum > 0) - (sum < 0) + s->weight_decay * *pw;
          *pa = s->beta2 * mean + rest2 * grad;
        }
      else if (kind == ATTUNE_OPTIMIZER_SGD)
        step = *pa = s->beta1 * mean + grad;
      else if (kind == ATTUNE_OPTIMIZER_ADADELTA)
        {
          *pa = s->beta2 * mean + rest2 * grad * grad;
          step = sqrt (*pb + s->eps) / sqrt (*pa + s->eps) * grad;
          *pb = s->beta2 * (double) *pb + rest2 * step * step;
        }
      else
        {
          *pa = kind == ATTUNE_OPTIMIZER_ADAGRAD ? mean + grad * grad
                                                 : s->beta2 * mean + rest2 * grad * grad;
          step = grad / (sqrt (*pa) + s->eps);
        }
      *pw -= s->learning_rate * step;
    }
}

/* By the mean of squares that stands for element (row, i): of a vector, its own. */
void
attune_reference_adafactor (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *state,
                            const AttuneTensor *g, double *sums, const AttuneAdamW *s)
{
  const gint64 rows = attune_tensor_rows (w), columns = attune_tensor_columns (w);
  const double beta2 = 1.0 - pow (s->step, -0.8);
  float *row_means = state->data, *column_means = row_means + (rows > 1 ? rows : 0);
  g_autofree double *steps = g_new0 (double, rows *columns);
  double mean = 1.0, squares = 0.0;

  for (gint64 row = 0; rows > 1 && row < rows; row++)
    row_means[row] *= beta2;
  for (gint64 i = 0; i < columns; i++)
    column_means[i] *= beta2;
  for (gint64 i = 0; i < rows * columns; i++)
    {
      const double grad = (double) ((float *) g->data)[i] * s->gradient_scale;

      steps[i] = grad;
      if (rows > 1)
        row_means[i / columns] += (1.0 - beta2) * (grad * grad + 1e-30) / columns;
      column_means[i % columns] += (1.0 - beta2) * (grad * grad + 1e-30) / rows;
    }
  if (rows > 1)
    {
      mean = 0.0;
      for (gint64 row = 0; row < rows; row++)
        mean += (double) row_means[row] / rows;
    }
  for (gint64 i = 0; i < rows * columns; i++)
    {
      const double square
          = (rows > 1 ? row_means[i / columns] / mean : 1.0) * column_means[i % columns];

      steps[i] /= sqrt (square);
      squares += steps[i] * steps[i] / (rows * columns);
    }
  for (gint64 i = 0; i < rows * columns; i++)
    {
      float *pw = (float *) w->data + i;

      *pw = *pw * (1.0 - s->learning_rate * s->weight_decay)
            - s->learning_rate * steps[i] / MAX (1.0, sqrt (squares));
    }
}

static void
reference_encode_moments (float *largest, guint8 *bytes, const float *table, const float *x, int n)
{
  *largest = 0;
  for (int i = 0; i < n; i++)
    *largest = MAX (*largest, fabsf (x[i]));
  for (int i = 0; i < n; i++)
    bytes[i] = attune_dynamic_nearest (table, x[i] * (1.0f / MAX (*largest, 1e-38f)));
}

void
attune_reference_adamw_8bit (AttuneBackend *be, const AttuneTensor *w, AttuneMoments8 *moments,
                             const AttuneTensor *g, const AttuneAdamW *s)
{
  const gint64 n = attune_tensor_count (w);

  for (gint64 first = 0; first < n; first += ATTUNE_MOMENTS_BLOCK, moments++)
    {
      const int size = MIN (ATTUNE_MOMENTS_BLOCK, n - first);
      float *weights = (float *) w->data + first, m[ATTUNE_MOMENTS_BLOCK], v[ATTUNE_MOMENTS_BLOCK];

      for (int i = 0; i < size; i++)
        {
          const double grad = ((float *) g->data)[first + i] * s->gradient_scale;

          m[i] = s->beta1 * attune_dynamic_table[moments->first[i]] * moments->first_largest
                 + (1 - s->beta1) * grad;
          v[i] = s->beta2 * attune_dynamic_unsigned_table[moments->second[i]]
                     * moments->second_largest
                 + (1 - s->beta2) * grad * grad;
          weights[i] = weights[i] * (1 - s->learning_rate * s->weight_decay)
                       - s->learning_rate / (1 - pow (s->beta1, s->step)) * m[i]
                             / (sqrt (v[i]) / sqrt (1 - pow (s->beta2, s->step)) + s->eps);
        }
      reference_encode_moments (&moments->first_largest, moments->first, attune_dynamic_table, m,
                                size);
      reference_encode_moments (&moments->second_largest, moments->second,
                                attune_dynamic_unsigned_table, v, size);
    }
}
