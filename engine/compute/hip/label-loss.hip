/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loss of labels, which are few: a thread a row, in f64. Formulas as in cpu/label-loss.c.
 */
#include "compute/hip/device.h"

#define LABEL_BLOCK 64

struct LabelSettings
{
  float scale, focal, smoothing, cost_share;
  const float *wanted, *weights, *positive, *costs; /* the last three (nullable) */
};

/* log σ (x) without overflow */
static __device__ inline double
log_sigmoid (double x)
{
  return x >= 0.0 ? -log1p (exp (-x)) : x - log1p (exp (x));
}

/* (1 - p)^γ, and what it grows by with p. Not by pow(), for which there are too few registers. */
static __device__ inline double
focus (double p, double gamma, double *slope)
{
  const double rest = p < 1.0 ? 1.0 - p : 0.0, power = rest > 0.0 ? exp (gamma * log (rest)) : 0.0;

  *slope = 0.0;
  if (gamma == 0.0)
    return 1.0;
  if (rest > 0.0)
    *slope = -gamma * power / rest;
  return power;
}

static __device__ inline double
label_weight (const LabelSettings &s, int64_t label)
{
  return s.weights != NULL ? s.weights[label] : 1.0;
}

static __device__ double
one_label (const LabelSettings &s, float *x, float *shares, const float *wanted, int64_t n)
{
  double largest = -INFINITY, sum = 0.0, log_sum, smoothed = 0.0, all = 0.0, slope, focal, chosen;
  double cost = 0.0;
  const double costly = s.costs != NULL ? s.cost_share : 0.0;
  int64_t target = 0;

  for (int64_t i = 0; i < n; i++)
    {
      largest = x[i] > largest ? x[i] : largest;
      target = wanted[i] > wanted[target] ? i : target;
    }
  for (int64_t i = 0; i < n; i++)
    sum += exp (x[i] - largest);
  log_sum = largest + log (sum);
  for (int64_t i = 0; i < n; i++)
    {
      const double share = (i == target ? 1.0 - s.smoothing : 0.0) + (double) s.smoothing / n,
                   w = share * label_weight (s, i);

      smoothed += w * (log_sum - x[i]);
      all += w;
      if (s.costs != NULL)
        cost += exp (x[i] - log_sum) * s.costs[target * n + i];
    }
  chosen = exp (x[target] - largest) / sum;
  focal = focus (chosen, s.focal, &slope);
  for (int64_t i = 0; i < n; i++)
    {
      const double p = exp (x[i] - largest) / sum,
                   share = (i == target ? 1.0 - s.smoothing : 0.0) + (double) s.smoothing / n;
      const double of_loss = p * all - share * label_weight (s, i),
                   of_share = chosen * ((i == target ? 1.0 : 0.0) - p),
                   of_cost = costly > 0.0 ? p * (s.costs[target * n + i] - cost) : 0.0;

      if (shares != NULL)
        shares[i] = (float) p;
      if (s.scale != 0.0f)
        x[i] = (float) (s.scale
                        * ((1.0 - costly) * (focal * of_loss + slope * of_share * smoothed)
                           + costly * of_cost));
    }
  return (1.0 - costly) * focal * smoothed + costly * cost;
}

static __device__ double
several_labels (const LabelSettings &s, float *x, float *shares, const float *wanted, int64_t n)
{
  double sum = 0.0;

  for (int64_t i = 0; i < n; i++)
    {
      const bool applies = wanted[i] > 0.5f;
      const double target = (applies ? 1.0 - s.smoothing : 0.0) + s.smoothing / 2.0,
                   w = label_weight (s, i), log_p = log_sigmoid (x[i]), p = exp (log_p),
                   more = s.positive != NULL ? s.positive[i] : 1.0;
      const double loss = -more * target * log_p - (1.0 - target) * log_sigmoid (-(double) x[i]);
      double slope;
      const double focal = focus (applies ? p : 1.0 - p, s.focal, &slope),
                   of_share = (applies ? 1.0 : -1.0) * p * (1.0 - p);

      sum += w * focal * loss / n;
      if (shares != NULL)
        shares[i] = (float) p;
      if (s.scale != 0.0f)
        x[i] = (float) (s.scale * w / n * (focal * ((1.0 - target) * p - more * target * (1.0 - p))
                                         + slope * of_share * loss));
    }
  return sum;
}

static __device__ double
label_numbers (const LabelSettings &s, float *x, float *shares, const float *wanted, int64_t n)
{
  double sum = 0.0;

  for (int64_t i = 0; i < n; i++)
    {
      const double distance = (double) x[i] - wanted[i];

      sum += distance * distance / n;
      if (shares != NULL)
        shares[i] = x[i];
      if (s.scale != 0.0f)
        x[i] = (float) (s.scale * 2.0 * distance / n);
    }
  return sum;
}

static __device__ double
label_scores (const LabelSettings &s, float *x, float *shares, const float *wanted, int64_t n)
{
  double sum = 0.0;

  for (int64_t i = 0; i < n; i++)
    {
      sum += (double) x[i] * wanted[i];
      if (shares != NULL)
        shares[i] = x[i];
      if (s.scale != 0.0f)
        x[i] = s.scale * wanted[i];
    }
  return sum;
}

/* A kernel a kind: all in one takes more registers than there are. */
template <int KIND>
GPU_KERNEL
__launch_bounds__ (LABEL_BLOCK)
    label_loss_kernel (double *losses, float *shares, float *logits, const int32_t *targets,
                       LabelSettings settings, int64_t rows, int64_t n)
{
  for (int64_t row = gpu_first (); row < rows; row += gpu_stride ())
    {
      float *x = logits + row * n, *own = shares != NULL ? shares + row * n : NULL;
      const float *wanted = settings.wanted + targets[row] * n;

      losses[row] = KIND == ATTUNE_LABELS_ONE ? one_label (settings, x, own, wanted, n)
                    : KIND == ATTUNE_LABELS_SEVERAL
                        ? several_labels (settings, x, own, wanted, n)
                    : KIND == ATTUNE_LABELS_NUMBER
                        ? label_numbers (settings, x, own, wanted, n)
                        : label_scores (settings, x, own, wanted, n);
    }
}

static void
gpu_label_loss (AttuneBackend *be, double *losses, float *shares, const AttuneTensor *logits,
                const gint32 *targets, const AttuneLabelLoss *settings)
{
  const gint64 rows = attune_tensor_rows (logits), n = attune_tensor_columns (logits);
  LabelSettings own
      = { settings->scale, settings->focal, settings->smoothing, settings->cost_share,
          NULL, NULL, NULL, NULL };
  GpuCall call (be);
  const gint32 *wanted = call.list (targets, rows);
  float *x = settings->scale != 0.0f ? call.inout (logits) : (float *) call.in (logits),
        *found_shares = shares != NULL ? call.result (shares, rows * n) : NULL;
  double *found = call.result (losses, rows);
  const dim3 grid ((unsigned) ((rows + LABEL_BLOCK - 1) / LABEL_BLOCK));
  gint32 last = -1;

  for (gint64 row = 0; row < rows; row++)
    last = MAX (last, targets[row]);
  own.wanted = call.list (settings->wanted, (last + 1) * n);
  own.weights = call.list (settings->weights, n);
  own.positive = call.list (settings->positive, n);
  own.costs = call.list (settings->costs, n * n);
  if (!call.good () || rows == 0)
    return;
  if (settings->kind == ATTUNE_LABELS_ONE)
    GPU_LAUNCH (label_loss_kernel<ATTUNE_LABELS_ONE>, grid, LABEL_BLOCK, call.stream, found,
                found_shares, x, wanted, own, rows, n);
  else if (settings->kind == ATTUNE_LABELS_SEVERAL)
    GPU_LAUNCH (label_loss_kernel<ATTUNE_LABELS_SEVERAL>, grid, LABEL_BLOCK, call.stream, found,
                found_shares, x, wanted, own, rows, n);
  else if (settings->kind == ATTUNE_LABELS_NUMBER)
    GPU_LAUNCH (label_loss_kernel<ATTUNE_LABELS_NUMBER>, grid, LABEL_BLOCK, call.stream, found,
                found_shares, x, wanted, own, rows, n);
  else
    GPU_LAUNCH (label_loss_kernel<ATTUNE_LABELS_SCORE>, grid, LABEL_BLOCK, call.stream, found,
                found_shares, x, wanted, own, rows, n);
}

void
gpu_fill_label_loss (AttuneBackend *be)
{
  be->label_loss = gpu_label_loss;
}
