/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RMS norm and layer norm, a block a row; and the gains' gradients, which are sums over rows.
 */
#include "compute/hip/device.h"

#define ROW_BLOCK 128

struct RowSums
{
  float part[GPU_LANES];
};

GPU_KERNEL
__launch_bounds__ (ROW_BLOCK) rms_norm_kernel (float *y, float *rstd, const float *x,
                                               const float *w, float eps, int64_t columns)
{
  GPU_SHARED (RowSums, shared);
  const float *in = x + (int64_t) blockIdx.x * columns;
  float *out = y + (int64_t) blockIdx.x * columns, sum = 0.0f, r;

  for (int64_t i = threadIdx.x; i < columns; i += ROW_BLOCK)
    sum = gpu_fma (in[i], in[i], sum);
  r = 1.0f / sqrtf (gpu_block_sum (sum, shared.part) / columns + eps);
  for (int64_t i = threadIdx.x; i < columns; i += ROW_BLOCK)
    out[i] = in[i] * r * w[i];
  if (threadIdx.x == 0)
    rstd[blockIdx.x] = r;
}

static void
gpu_rms_norm_forward (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *rstd,
                      const AttuneTensor *x, const AttuneTensor *w, float eps)
{
  const gint64 rows = attune_tensor_rows (x), columns = attune_tensor_columns (x);
  GpuCall call (be);
  const float *in = call.in (x), *gain = call.in (w);
  float *out = call.out (y), *r = call.result ((float *) rstd->data, rows);

  if (call.good () && rows > 0)
    GPU_LAUNCH (rms_norm_kernel, dim3 ((unsigned) rows), ROW_BLOCK, call.stream, out, r, in, gain,
                eps, columns);
}

/* The mean of a row, and with @mean that of the squares of what is above it. */
static __device__ inline float
row_mean (const float *x, int64_t columns, float *part)
{
  float sum = 0.0f;

  for (int64_t i = threadIdx.x; i < columns; i += ROW_BLOCK)
    sum += x[i];
  return gpu_block_sum (sum, part) / columns;
}

GPU_KERNEL
__launch_bounds__ (ROW_BLOCK)
    layer_norm_kernel (float *y, float *rstd, const float *x, const float *w, const float *b,
                       float eps, int64_t columns)
{
  GPU_SHARED (RowSums, shared);
  const float *in = x + (int64_t) blockIdx.x * columns;
  const float mean = row_mean (in, columns, shared.part);
  float *out = y + (int64_t) blockIdx.x * columns, sum = 0.0f, r;

  for (int64_t i = threadIdx.x; i < columns; i += ROW_BLOCK)
    sum = gpu_fma (in[i] - mean, in[i] - mean, sum);
  r = 1.0f / sqrtf (gpu_block_sum (sum, shared.part) / columns + eps);
  for (int64_t i = threadIdx.x; i < columns; i += ROW_BLOCK)
    out[i] = (in[i] - mean) * r * w[i] + (b != NULL ? b[i] : 0.0f);
  if (threadIdx.x == 0)
    rstd[blockIdx.x] = r;
}

static void
gpu_layer_norm_forward (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *rstd,
                        const AttuneTensor *x, const AttuneTensor *w, const AttuneTensor *b,
                        float eps)
{
  const gint64 rows = attune_tensor_rows (x), columns = attune_tensor_columns (x);
  GpuCall call (be);
  const float *in = call.in (x), *gain = call.in (w), *bias = call.in (b);
  float *out = call.out (y), *r = call.result ((float *) rstd->data, rows);

  if (call.good () && rows > 0)
    GPU_LAUNCH (layer_norm_kernel, dim3 ((unsigned) rows), ROW_BLOCK, call.stream, out, r, in, gain,
                bias, eps, columns);
}

/* dx ADDED; with @centred it is layer norm's. The mean is needed again for the gains: @means. */
GPU_KERNEL
__launch_bounds__ (ROW_BLOCK)
    norm_backward_kernel (float *dx, float *means, const float *dy, const float *x, const float *w,
                          const float *rstd, int64_t columns, bool centred)
{
  GPU_SHARED (RowSums, shared);
  const int64_t at = (int64_t) blockIdx.x * columns;
  const float r = rstd[blockIdx.x], mean = centred ? row_mean (x + at, columns, shared.part) : 0.0f;
  float of_g = 0.0f, of_gx = 0.0f;

  for (int64_t i = threadIdx.x; i < columns; i += ROW_BLOCK)
    {
      const float g = dy[at + i] * w[i];

      of_g += g;
      of_gx = gpu_fma (g, (x[at + i] - mean) * r, of_gx);
    }
  of_g = centred ? gpu_block_sum (of_g, shared.part) / columns : 0.0f;
  of_gx = gpu_block_sum (of_gx, shared.part) / columns;
  for (int64_t i = threadIdx.x; i < columns; i += ROW_BLOCK)
    dx[at + i] += r * (dy[at + i] * w[i] - of_g - (x[at + i] - mean) * r * of_gx);
  if (threadIdx.x == 0)
    means[blockIdx.x] = mean;
}

struct GainSums
{
  float part[GPU_BLOCK / GPU_LANES][GPU_LANES];
};

/* dw ADDED Σ over rows of dy · (x - mean) · rstd: a block has 32 columns, a group some rows. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    gains_kernel (float *dw, const float *dy, const float *x, const float *rstd, const float *means,
                  int64_t rows, int64_t columns)
{
  GPU_SHARED (GainSums, shared);
  const int lane = threadIdx.x % GPU_LANES, group = threadIdx.x / GPU_LANES;
  const int64_t column = (int64_t) blockIdx.x * GPU_LANES + lane;
  float sum = 0.0f;

  for (int64_t row = group; column < columns && row < rows; row += GPU_BLOCK / GPU_LANES)
    {
      const int64_t at = row * columns + column;

      sum = gpu_fma (dy[at], (x[at] - means[row]) * rstd[row], sum);
    }
  shared.part[group][lane] = sum;
  __syncthreads ();
  if (group > 0 || column >= columns)
    return;
  for (int i = 1; i < GPU_BLOCK / GPU_LANES; i++)
    sum += shared.part[i][lane];
  dw[column] += sum;
}

static void
norm_backward (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dw,
               const AttuneTensor *dy, const AttuneTensor *x, const AttuneTensor *w,
               const AttuneTensor *rstd, bool centred)
{
  const gint64 rows = attune_tensor_rows (x), columns = attune_tensor_columns (x);
  GpuCall call (be);
  const float *d = call.in (dy), *in = call.in (x), *gain = call.in (w),
              *r = call.list ((const float *) rstd->data, rows);
  float *to = call.inout (dx), *dgain = dw != NULL && dw->data != NULL ? call.inout (dw) : NULL;
  float *means = call.good () ? (float *) gpu_scratch (call.gpu, rows * sizeof (float)) : NULL;

  if (!call.good () || rows == 0 || means == NULL)
    return;
  GPU_LAUNCH (norm_backward_kernel, dim3 ((unsigned) rows), ROW_BLOCK, call.stream, to, means, d,
              in, gain, r, columns, centred);
  if (dgain != NULL)
    GPU_LAUNCH (gains_kernel, dim3 ((unsigned) ((columns + GPU_LANES - 1) / GPU_LANES)), GPU_BLOCK,
                call.stream, dgain, d, in, r, means, rows, columns);
}

static void
gpu_rms_norm_backward (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dw,
                       const AttuneTensor *dy, const AttuneTensor *x, const AttuneTensor *w,
                       const AttuneTensor *rstd)
{
  norm_backward (be, dx, dw, dy, x, w, rstd, false);
}

static void
gpu_layer_norm_backward (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dw,
                         const AttuneTensor *dy, const AttuneTensor *x, const AttuneTensor *w,
                         const AttuneTensor *rstd)
{
  norm_backward (be, dx, dw, dy, x, w, rstd, true);
}

void
gpu_fill_norm (AttuneBackend *be)
{
  be->rms_norm_forward = gpu_rms_norm_forward;
  be->rms_norm_backward = gpu_rms_norm_backward;
  be->layer_norm_forward = gpu_layer_norm_forward;
  be->layer_norm_backward = gpu_layer_norm_backward;
}
