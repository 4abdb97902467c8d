/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adafactor on a matrix: means of squared gradients by rows and columns, in passes; of a vector,
 * the squares themselves.
 */
#include "compute/hip/device.h"

/* HF and PyTorch add this to squared gradients. */
#define LEAST_SQUARE 1e-30f

struct Factored
{
  float *w, *row_means, *column_means; /* factored where row_means is there */
  const float *g;
  double *sums; /* of the rows' squared steps, then two: the mean of row_means, their sum */
  int64_t rows, columns;
  float beta2, rest2, gradient_scale, rate, decay;
};

struct FactoredSums
{
  double part[GPU_LANES];
};

static __device__ inline float
square_at (const Factored &p, int64_t i)
{
  const float g = p.g[i] * p.gradient_scale;

  return g * g + LEAST_SQUARE;
}

/* A block a row. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) row_means_kernel (Factored p)
{
  GPU_SHARED (FactoredSums, shared);
  double sum = 0.0;

  for (int64_t i = threadIdx.x; i < p.columns; i += GPU_BLOCK)
    sum += square_at (p, blockIdx.x * p.columns + i);
  sum = gpu_block_sum (sum, shared.part);
  if (threadIdx.x == 0)
    p.row_means[blockIdx.x]
        = (float) ((double) p.beta2 * p.row_means[blockIdx.x] + (double) p.rest2 * sum / p.columns);
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) column_means_kernel (Factored p)
{
  for (int64_t i = gpu_first (); i < p.columns; i += gpu_stride ())
    {
      double sum = 0.0;

      for (int64_t row = 0; row < p.rows; row++)
        sum += square_at (p, row * p.columns + i);
      p.column_means[i]
          = (float) ((double) p.beta2 * p.column_means[i] + (double) p.rest2 * sum / p.rows);
    }
}

/* One block: the mean of the rows' means. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) mean_kernel (Factored p)
{
  GPU_SHARED (FactoredSums, shared);
  double sum = 0.0;

  for (int64_t i = threadIdx.x; p.row_means != NULL && i < p.rows; i += GPU_BLOCK)
    sum += p.row_means[i];
  sum = gpu_block_sum (sum, shared.part);
  if (threadIdx.x == 0)
    p.sums[p.rows] = p.row_means != NULL ? sum / p.rows : 1.0;
}

static __device__ inline float
step_at (const Factored &p, int64_t row, int64_t column)
{
  const float of_row = p.row_means != NULL ? p.row_means[row] / (float) p.sums[p.rows] : 1.0f;

  return p.g[row * p.columns + column] * p.gradient_scale
         / (sqrtf (of_row) * sqrtf (p.column_means[column]));
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) factored_squares_kernel (Factored p)
{
  GPU_SHARED (FactoredSums, shared);
  double sum = 0.0;

  for (int64_t i = threadIdx.x; i < p.columns; i += GPU_BLOCK)
    {
      const float step = step_at (p, blockIdx.x, i);

      sum += (double) step * step;
    }
  sum = gpu_block_sum (sum, shared.part);
  if (threadIdx.x == 0)
    p.sums[blockIdx.x] = sum;
}

/* One block: the sum of the rows' sums. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) total_kernel (Factored p)
{
  GPU_SHARED (FactoredSums, shared);
  double sum = 0.0;

  for (int64_t i = threadIdx.x; i < p.rows; i += GPU_BLOCK)
    sum += p.sums[i];
  sum = gpu_block_sum (sum, shared.part);
  if (threadIdx.x == 0)
    p.sums[p.rows + 1] = sum;
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) factored_update_kernel (Factored p)
{
  const double root = sqrt (p.sums[p.rows + 1] / ((double) p.rows * p.columns));
  const float factor = (float) (p.rate / (root > 1.0 ? root : 1.0));

  for (int64_t i = gpu_first (); i < p.rows * p.columns; i += gpu_stride ())
    p.w[i] = p.w[i] * p.decay - factor * step_at (p, i / p.columns, i % p.columns);
}

static void
gpu_adafactor (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *state,
               const AttuneTensor *g, double *, const AttuneAdamW *step)
{
  const double rest2 = pow ((double) step->step, -0.8);
  const gint64 rows = attune_tensor_rows (w), columns = attune_tensor_columns (w);
  GpuCall call (be);
  Factored p = Factored ();
  float *means;

  p.g = call.in (g);
  p.w = call.inout (w);
  means = call.state ((float *) state->data, columns + (rows > 1 ? rows : 0));
  p.sums = call.good () ? (double *) gpu_scratch (call.gpu, (rows + 2) * sizeof (double)) : NULL;
  if (!call.good () || p.sums == NULL || rows * columns == 0)
    return;
  p.row_means = rows > 1 ? means : NULL;
  p.column_means = means + (rows > 1 ? rows : 0);
  p.rows = rows;
  p.columns = columns;
  p.beta2 = (float) (1.0 - rest2);
  p.rest2 = (float) rest2;
  p.gradient_scale = (float) step->gradient_scale;
  p.rate = (float) step->learning_rate;
  p.decay = (float) (1.0 - step->learning_rate * step->weight_decay);
  if (rows > 1)
    GPU_LAUNCH (row_means_kernel, dim3 ((unsigned) rows), GPU_BLOCK, call.stream, p);
  GPU_LAUNCH (column_means_kernel, gpu_grid (columns), GPU_BLOCK, call.stream, p);
  GPU_LAUNCH (mean_kernel, dim3 (1), GPU_BLOCK, call.stream, p);
  GPU_LAUNCH (factored_squares_kernel, dim3 ((unsigned) rows), GPU_BLOCK, call.stream, p);
  GPU_LAUNCH (total_kernel, dim3 (1), GPU_BLOCK, call.stream, p);
  GPU_LAUNCH (factored_update_kernel, gpu_grid (rows * columns), GPU_BLOCK, call.stream, p);
}

void
gpu_fill_adafactor (AttuneBackend *be)
{
  be->adafactor = gpu_adafactor;
}
