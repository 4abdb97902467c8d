/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of tables and of caches.
 */
#include "compute/hip/stored.h"

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    gather_kernel (float *y, GpuStored table, const int32_t *ids, int64_t n, int64_t columns)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    y[i] = stored_value (table, ids[i / columns] * columns + i % columns);
}

static void
gpu_gather (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *table, const gint32 *ids)
{
  const gint64 n = attune_tensor_count (y), columns = attune_tensor_columns (y);
  GpuCall call (be);
  GpuStored stored;
  const gint32 *which = call.list (ids, attune_tensor_rows (y));
  float *to = call.out (y);

  if (call.stored (table, &stored) && n > 0)
    GPU_LAUNCH (gather_kernel, gpu_grid (n), GPU_BLOCK, call.stream, to, stored, which, n, columns);
}

/* A thread has a column and goes over the rows in order: sums do not depend on chance. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    scatter_add_kernel (float *y, const float *x, const int32_t *ids, int64_t rows, int64_t columns)
{
  for (int64_t i = gpu_first (); i < columns; i += gpu_stride ())
    for (int64_t row = 0; row < rows; row++)
      y[ids[row] * columns + i] += x[row * columns + i];
}

static void
gpu_scatter_add (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, const gint32 *ids)
{
  const gint64 rows = attune_tensor_rows (x), columns = attune_tensor_columns (x);
  GpuCall call (be);
  const gint32 *which = call.list (ids, rows);
  const float *from = call.in (x);
  float *to = call.inout (y);

  if (call.good () && rows > 0)
    GPU_LAUNCH (scatter_add_kernel, gpu_grid (columns), GPU_BLOCK, call.stream, to, from, which,
                rows, columns);
}

/* To nearest even; f32 of a scale, so neither infinite nor NaN but where the values are. */
static __device__ inline uint16_t
to_f16 (float x)
{
  uint32_t bits, rest, half = 0x3f000000u;
  uint16_t sign;
  float f;

  memcpy (&bits, &x, sizeof bits);
  rest = bits & 0x7fffffffu;
  sign = (uint16_t) (bits >> 16 & 0x8000u);
  if (rest > 0x7f800000u)
    return (uint16_t) (sign | 0x7e00u | (rest >> 13 & 0x3ffu));
  if (rest >= 0x477ff000u)
    return (uint16_t) (sign | 0x7c00u);
  if (rest < 0x38800000u)
    {
      memcpy (&f, &rest, sizeof f);
      f += 0.5f;
      memcpy (&rest, &f, sizeof rest);
      return (uint16_t) (sign | (rest - half));
    }
  return (uint16_t) (sign | ((rest - (112u << 23) + 0xfffu + (rest >> 13 & 1u)) >> 13));
}

/* 32 values as a block of Q8_0; as compute/blocks.c writes it. */
static __device__ inline void
encode_q8_0 (uint8_t *p, const float *x)
{
  float largest = 0.0f, d, inverse;
  uint16_t bits;

  for (int j = 0; j < 32; j++)
    largest = largest > fabsf (x[j]) ? largest : fabsf (x[j]);
  d = largest / 127.0f;
  inverse = d != 0.0f ? 1.0f / d : 0.0f;
  bits = to_f16 (d);
  p[0] = (uint8_t) (bits & 0xff);
  p[1] = (uint8_t) (bits >> 8);
  for (int j = 0; j < 32; j++)
    {
      const float q = roundf (x[j] * inverse);

      p[2 + j] = (uint8_t) (int8_t) (q >= -128.0f && q <= 127.0f ? q : 0.0f);
    }
}

/* (sequences, heads, capacity, dim) */
struct CacheShape
{
  int type;
  int64_t heads, capacity, dim;
};

/* A thread has @step neighbours of a row. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    cache_store_kernel (void *cache, const float *x, const int32_t *sequences,
                        const int32_t *positions, CacheShape shape, int64_t n, int step)
{
  const int64_t columns = shape.heads * shape.dim;

  for (int64_t part = gpu_first (); part < n / step; part += gpu_stride ())
    {
      const int64_t i = part * step, row = i / columns, head = i % columns / shape.dim;
      const int64_t at
          = ((sequences[row] * shape.heads + head) * shape.capacity + positions[row]) * shape.dim
            + i % shape.dim;

      if (shape.type == ATTUNE_TYPE_F32)
        ((float *) cache)[at] = x[i];
      else if (shape.type == ATTUNE_TYPE_BF16)
        ((uint16_t *) cache)[at] = gpu_to_bf16 (x[i]);
      else
        encode_q8_0 ((uint8_t *) cache + at / 32 * 34, x + i);
    }
}

static void
gpu_cache_store (AttuneBackend *be, const AttuneTensor *cache, const AttuneTensor *x,
                 const gint32 *sequences, const gint32 *positions)
{
  const gint64 rows = attune_tensor_rows (x), n = attune_tensor_count (x);
  const CacheShape shape = { cache->type, cache->dims[1], cache->dims[2], cache->dims[3] };
  const int step = cache->type == ATTUNE_TYPE_Q8_0 ? 32 : 1;
  GpuCall call (be);
  const gint32 *which = call.list (sequences, rows), *where = call.list (positions, rows);
  const float *from = call.in (x);
  void *to = call.inout (cache);

  if (call.good () && n > 0)
    GPU_LAUNCH (cache_store_kernel, gpu_grid (n / step), GPU_BLOCK, call.stream, to, from, which,
                where, shape, n, step);
}

void
gpu_fill_rows (AttuneBackend *be)
{
  be->gather = gpu_gather;
  be->scatter_add = gpu_scatter_add;
  be->cache_store = gpu_cache_store;
}
