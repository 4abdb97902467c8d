/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Softmax and cross-entropy, a block a row.
 */
#include "compute/hip/device.h"

struct LossSums
{
  float largest[GPU_LANES];
  double sums[GPU_LANES];
};

struct LossSettings
{
  float scale, cap, smoothing;
};

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    cross_entropy_kernel (double *losses, float *logits, const int32_t *targets,
                          const float *weights, LossSettings settings, int64_t columns)
{
  GPU_SHARED (LossSums, shared);
  float *x = logits + (int64_t) blockIdx.x * columns, largest = -INFINITY, part = 0.0f, all = 0.0f;
  const int target = targets[blockIdx.x];
  const float chosen = x[target];
  const float scale = settings.scale * (weights != NULL ? weights[blockIdx.x] : 1.0f);
  const double smoothing = settings.smoothing;
  double sum, wanted = chosen;

  for (int64_t i = threadIdx.x; i < columns; i += blockDim.x)
    largest = gpu_larger (largest, x[i]);
  largest = gpu_block_largest (largest, shared.largest);
  for (int64_t i = threadIdx.x; i < columns; i += blockDim.x)
    {
      part += expf (x[i] - largest);
      all += x[i];
    }
  sum = gpu_block_sum ((double) part, shared.sums);
  if (smoothing > 0.0)
    wanted = (1.0 - smoothing) * chosen
             + smoothing * gpu_block_sum ((double) all, shared.sums) / columns;
  if (threadIdx.x == 0)
    losses[blockIdx.x] = log (sum) + (largest - wanted);
  if (settings.scale == 0.0f)
    return;
  /* The target's logit has been read by all: gpu_block_sum() waited. */
  for (int64_t i = threadIdx.x; i < columns; i += blockDim.x)
    {
      const float y = x[i], share = settings.cap > 0.0f ? y / settings.cap : 0.0f;
      const float of_target = i == target ? scale * (1.0f - settings.smoothing) : 0.0f;

      x[i] = (expf (y - largest) * (float) (scale / sum) - scale * settings.smoothing / columns
              - of_target)
             * (1.0f - share * share);
    }
}

static void
gpu_cross_entropy (AttuneBackend *be, double *losses, const AttuneTensor *logits,
                   const gint32 *targets, const AttuneCrossEntropy *settings)
{
  const gint64 rows = attune_tensor_rows (logits), columns = attune_tensor_columns (logits);
  const LossSettings own = { settings->scale, settings->cap, settings->smoothing };
  GpuCall call (be);
  const gint32 *wanted = call.list (targets, rows);
  const float *weights = call.list (settings->weights, rows);
  float *x = settings->scale != 0.0f ? call.inout (logits) : (float *) call.in (logits);
  double *found = call.result (losses, rows);

  if (call.good () && rows > 0)
    GPU_LAUNCH (cross_entropy_kernel, dim3 ((unsigned) rows), GPU_BLOCK, call.stream, found, x,
                wanted, weights, own, columns);
}

void
gpu_fill_loss (AttuneBackend *be)
{
  be->cross_entropy = gpu_cross_entropy;
}
