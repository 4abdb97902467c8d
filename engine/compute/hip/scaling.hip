/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows and columns times a vector, and the lengths of rows.
 */
#include "compute/hip/device.h"

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) scale_columns_kernel (float *y, const float *x, const float *g,
                                                    float beta, int64_t n, int64_t columns)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    {
      const float value = g[i % columns] * x[i];

      y[i] = beta != 0.0f ? value + beta * y[i] : value;
    }
}

static void
gpu_scale_columns (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                   const AttuneTensor *g, float beta)
{
  const gint64 n = attune_tensor_count (x);
  GpuCall call (be);
  const float *from = call.in (x), *gain = call.in (g);
  float *to = call.inout (y);

  if (call.good () && n > 0)
    GPU_LAUNCH (scale_columns_kernel, gpu_grid (n), GPU_BLOCK, call.stream, to, from, gain, beta, n,
                attune_tensor_count (g));
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    scale_rows_kernel (float *x, const float *g, int64_t n, int64_t columns)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    x[i] *= g[i / columns];
}

static void
gpu_scale_rows (AttuneBackend *be, const AttuneTensor *x, const AttuneTensor *g)
{
  const gint64 n = attune_tensor_count (x);
  GpuCall call (be);
  const float *gain = call.in (g);
  float *p = call.inout (x);

  if (call.good () && n > 0)
    GPU_LAUNCH (scale_rows_kernel, gpu_grid (n), GPU_BLOCK, call.stream, p, gain, n,
                attune_tensor_columns (x));
}

struct RowSum
{
  float part[GPU_LANES];
};

/* A block a row. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) inverse_norms_kernel (float *y, const float *x, int64_t columns)
{
  GPU_SHARED (RowSum, shared);
  const float *row = x + (int64_t) blockIdx.x * columns;
  float sum = 0.0f;

  for (int64_t i = threadIdx.x; i < columns; i += blockDim.x)
    sum += row[i] * row[i];
  sum = gpu_block_sum (sum, shared.part);
  if (threadIdx.x == 0)
    y[blockIdx.x] = sum != 0.0f ? 1.0f / sqrtf (sum) : 0.0f;
}

static void
gpu_inverse_norms (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  const gint64 rows = attune_tensor_rows (x);
  GpuCall call (be);
  const float *from = call.in (x);
  float *to = call.out (y);

  if (call.good () && rows > 0)
    GPU_LAUNCH (inverse_norms_kernel, dim3 ((unsigned) rows), GPU_BLOCK, call.stream, to, from,
                attune_tensor_columns (x));
}

void
gpu_fill_scaling (AttuneBackend *be)
{
  be->scale_columns = gpu_scale_columns;
  be->scale_rows = gpu_scale_rows;
  be->inverse_norms = gpu_inverse_norms;
}
