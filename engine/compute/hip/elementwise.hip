/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Entries that go over elements one by one, and the sums over rows that belong to them.
 */
#include "compute/hip/device.h"

static void
gpu_zero (AttuneBackend *be, const AttuneTensor *x)
{
  GpuCall call (be);
  float *p = call.out (x);

  if (call.good () && attune_tensor_bytes (x) > 0)
    gpu_check (call.gpu, hipMemsetAsync (p, 0, attune_tensor_bytes (x), call.stream),
               "to clear its memory");
}

static void
gpu_copy (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  GpuCall call (be);
  const float *from = call.in (x);
  float *to = call.out (y);

  if (call.good () && attune_tensor_bytes (x) > 0)
    gpu_check (
        call.gpu,
        hipMemcpyAsync (to, from, attune_tensor_bytes (x), hipMemcpyDeviceToDevice, call.stream),
        "to copy");
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) add_kernel (float *y, const float *x, int64_t n)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    y[i] += x[i];
}

static void
gpu_add (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  const gint64 n = attune_tensor_count (x);
  GpuCall call (be);
  const float *from = call.in (x);
  float *to = call.inout (y);

  if (call.good () && n > 0)
    GPU_LAUNCH (add_kernel, gpu_grid (n), GPU_BLOCK, call.stream, to, from, n);
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    add_bias_kernel (float *y, const float *bias, int64_t n, int64_t columns)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    y[i] += bias[i % columns];
}

static void
gpu_add_bias (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *bias)
{
  const gint64 n = attune_tensor_count (y), columns = attune_tensor_count (bias);
  GpuCall call (be);
  const float *from = call.in (bias);
  float *to = call.inout (y);

  if (call.good () && n > 0)
    GPU_LAUNCH (add_bias_kernel, gpu_grid (n), GPU_BLOCK, call.stream, to, from, n, columns);
}

/* Sums over rows: a block has 32 columns, each of its groups some of the rows. */
struct ColumnSums
{
  float part[GPU_BLOCK / GPU_LANES][GPU_LANES];
};

/* dg ADDED Σ over rows of dy · x, or of dy alone. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    column_sums_kernel (float *dg, const float *dy, const float *x, int64_t rows, int64_t columns)
{
  GPU_SHARED (ColumnSums, shared);
  const int lane = threadIdx.x % GPU_LANES, group = threadIdx.x / GPU_LANES;
  const int64_t column = (int64_t) blockIdx.x * GPU_LANES + lane;
  float sum = 0.0f;

  for (int64_t row = group; column < columns && row < rows; row += GPU_BLOCK / GPU_LANES)
    sum += dy[row * columns + column] * (x != NULL ? x[row * columns + column] : 1.0f);
  shared.part[group][lane] = sum;
  __syncthreads ();
  if (group > 0 || column >= columns)
    return;
  for (int i = 1; i < GPU_BLOCK / GPU_LANES; i++)
    sum += shared.part[i][lane];
  dg[column] += sum;
}

static void
gpu_scale_columns_backward (AttuneBackend *be, const AttuneTensor *dg, const AttuneTensor *dy,
                            const AttuneTensor *x)
{
  const gint64 columns = attune_tensor_count (dg), rows = attune_tensor_count (dy) / columns;
  GpuCall call (be);
  const float *d = call.in (dy), *in = call.in (x);
  float *to = call.inout (dg);

  if (call.good ())
    GPU_LAUNCH (column_sums_kernel, dim3 ((unsigned) ((columns + GPU_LANES - 1) / GPU_LANES)),
                GPU_BLOCK, call.stream, to, d, in, rows, columns);
}

static void
gpu_add_bias_backward (AttuneBackend *be, const AttuneTensor *dbias, const AttuneTensor *dy)
{
  gpu_scale_columns_backward (be, dbias, dy, NULL);
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) scale_kernel (float *x, float factor, int64_t n)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    x[i] *= factor;
}

static void
gpu_scale (AttuneBackend *be, const AttuneTensor *x, float factor)
{
  const gint64 n = attune_tensor_count (x);
  GpuCall call (be);
  float *p = call.inout (x);

  if (call.good () && n > 0)
    GPU_LAUNCH (scale_kernel, gpu_grid (n), GPU_BLOCK, call.stream, p, factor, n);
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) approach_kernel (float *y, const float *x, float factor, int64_t n)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    y[i] += factor * (x[i] - y[i]);
}

static void
gpu_approach (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, float factor)
{
  const gint64 n = attune_tensor_count (x);
  GpuCall call (be);
  const float *from = call.in (x);
  float *to = call.inout (y);

  if (call.good () && n > 0)
    GPU_LAUNCH (approach_kernel, gpu_grid (n), GPU_BLOCK, call.stream, to, from, factor, n);
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) swap_kernel (float *y, float *x, int64_t n)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    {
      const float kept = y[i];

      y[i] = x[i];
      x[i] = kept;
    }
}

static void
gpu_swap (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  const gint64 n = attune_tensor_count (x);
  GpuCall call (be);
  float *a = call.inout (x), *b = call.inout (y);

  if (call.good () && n > 0)
    GPU_LAUNCH (swap_kernel, gpu_grid (n), GPU_BLOCK, call.stream, b, a, n);
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) soft_cap_kernel (float *x, float cap, int64_t n)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    x[i] = cap * tanhf (x[i] / cap);
}

static void
gpu_soft_cap (AttuneBackend *be, const AttuneTensor *x, float cap)
{
  const gint64 n = attune_tensor_count (x);
  GpuCall call (be);
  float *p = call.inout (x);

  if (call.good () && n > 0)
    GPU_LAUNCH (soft_cap_kernel, gpu_grid (n), GPU_BLOCK, call.stream, p, cap, n);
}

void
gpu_fill_elementwise (AttuneBackend *be)
{
  be->zero = gpu_zero;
  be->copy = gpu_copy;
  be->add = gpu_add;
  be->add_bias = gpu_add_bias;
  be->add_bias_backward = gpu_add_bias_backward;
  be->scale = gpu_scale;
  be->scale_columns_backward = gpu_scale_columns_backward;
  be->approach = gpu_approach;
  be->swap = gpu_swap;
  be->soft_cap = gpu_soft_cap;
}
