/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loss of labels, which are few: a row at a time, in f64. Formulas with PyTorch's names:
 * softmax is cross_entropy with weight and label_smoothing before its mean is taken, several labels
 * are binary_cross_entropy_with_logits, numbers mse_loss; and Lin et al. 2017 (focal loss).
 */
#include "compute/cpu/cpu.h"

#include <math.h>

/* log σ (x) without overflow */
static double
log_sigmoid (double x)
{
  return x >= 0 ? -log1p (exp (-x)) : x - log1p (exp (x));
}

/* (1 - p)^γ, and what it grows by with p. */
static double
focus (double p, double gamma, double *slope)
{
  const double rest = MAX (0, 1 - p);

  *slope = 0;
  if (gamma == 0)
    return 1;
  if (rest > 0)
    *slope = -gamma * pow (rest, gamma - 1);
  return pow (rest, gamma);
}

static double
weight_of (const AttuneLabelLoss *s, gint64 label)
{
  return s->weights != NULL ? s->weights[label] : 1;
}

/* The label that is wanted. */
static gint64
find_wanted (const float *wanted, gint64 n)
{
  gint64 at = 0;

  for (gint64 i = 1; i < n; i++)
    if (wanted[i] > wanted[at])
      at = i;
  return at;
}

/* Σ p_j · cost (wanted, j), where there are costs. */
static double
expect_cost (const AttuneLabelLoss *s, gint64 target, gint64 n, const double *p)
{
  double sum = 0;

  for (gint64 i = 0; s->costs != NULL && i < n; i++)
    sum += p[i] * s->costs[target * n + i];
  return sum;
}

/* @p: (out): n probabilities */
static double
one_of (const AttuneLabelLoss *s, float *x, const float *wanted, gint64 n, double *p)
{
  const gint64 target = find_wanted (wanted, n);
  double largest = -INFINITY, sum = 0, log_sum, smoothed = 0, all = 0, slope, focal, cost;
  const double costly = s->costs != NULL ? s->cost_share : 0;

  for (gint64 i = 0; i < n; i++)
    largest = MAX (largest, x[i]);
  for (gint64 i = 0; i < n; i++)
    sum += p[i] = exp (x[i] - largest);
  log_sum = largest + log (sum);
  for (gint64 i = 0; i < n; i++)
    {
      const double share = (1 - s->smoothing) * (i == target) + s->smoothing / n,
                   w = share * weight_of (s, i);

      p[i] /= sum;
      smoothed += w * (log_sum - x[i]);
      all += w;
    }
  cost = expect_cost (s, target, n, p);
  focal = focus (p[target], s->focal, &slope);
  for (gint64 i = 0; s->scale != 0 && i < n; i++)
    {
      const double share = (1 - s->smoothing) * (i == target) + s->smoothing / n;
      const double of_loss = p[i] * all - share * weight_of (s, i),
                   of_share = p[target] * ((i == target) - p[i]),
                   of_cost = costly > 0 ? p[i] * (s->costs[target * n + i] - cost) : 0;

      x[i] = s->scale
             * ((1 - costly) * (focal * of_loss + slope * of_share * smoothed) + costly * of_cost);
    }
  return (1 - costly) * focal * smoothed + costly * cost;
}

static double
several_of (const AttuneLabelLoss *s, float *x, const float *wanted, gint64 n, double *p)
{
  double sum = 0;

  for (gint64 i = 0; i < n; i++)
    {
      const gboolean applies = wanted[i] > 0.5f;
      const double target = applies * (1 - s->smoothing) + s->smoothing / 2, w = weight_of (s, i),
                   more = s->positive != NULL ? s->positive[i] : 1;
      const double loss = -more * target * log_sigmoid (x[i]) - (1 - target) * log_sigmoid (-x[i]);
      double slope, focal, of_share;

      p[i] = exp (log_sigmoid (x[i]));
      focal = focus (applies ? p[i] : 1 - p[i], s->focal, &slope);
      of_share = (applies ? 1 : -1) * p[i] * (1 - p[i]);
      sum += w * focal * loss / n;
      if (s->scale != 0)
        x[i] = s->scale * w / n
               * (focal * ((1 - target) * p[i] - more * target * (1 - p[i]))
                  + slope * of_share * loss);
    }
  return sum;
}

static double
numbers (const AttuneLabelLoss *s, float *x, const float *wanted, gint64 n, double *p)
{
  double sum = 0;

  for (gint64 i = 0; i < n; i++)
    {
      const double distance = (double) x[i] - wanted[i];

      p[i] = x[i];
      sum += distance * distance / n;
      if (s->scale != 0)
        x[i] = s->scale * 2 * distance / n;
    }
  return sum;
}

static double
scores (const AttuneLabelLoss *s, float *x, const float *wanted, gint64 n, double *p)
{
  double sum = 0;

  for (gint64 i = 0; i < n; i++)
    {
      p[i] = x[i];
      sum += (double) x[i] * wanted[i];
      if (s->scale != 0)
        x[i] = s->scale * wanted[i];
    }
  return sum;
}

void
attune_cpu_label_loss (AttuneBackend *be, double *losses, float *shares, const AttuneTensor *logits,
                       const gint32 *targets, const AttuneLabelLoss *settings)
{
  const gint64 rows = attune_tensor_rows (logits), n = attune_tensor_columns (logits);
  g_autofree double *p = g_new (double, n);

  for (gint64 row = 0; row < rows; row++)
    {
      float *x = (float *) logits->data + row * n;
      const float *wanted = settings->wanted + targets[row] * n;

      losses[row] = settings->kind == ATTUNE_LABELS_ONE ? one_of (settings, x, wanted, n, p)
                    : settings->kind == ATTUNE_LABELS_SEVERAL
                        ? several_of (settings, x, wanted, n, p)
                    : settings->kind == ATTUNE_LABELS_NUMBER ? numbers (settings, x, wanted, n, p)
                                                             : scores (settings, x, wanted, n, p);
      for (gint64 i = 0; shares != NULL && i < n; i++)
        shares[row * n + i] = p[i];
    }
}
