/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Attention of new rows over caches: a block has a row and a head, and walks over the keys, one a
 * thread; then a thread has values of the head. A row does not depend on the others.
 */
#include "compute/hip/stored.h"

#define KEYS 128
#define VALUES_EACH (GPU_MAX_HEAD_DIM / KEYS)

struct Cached
{
  float q[GPU_MAX_HEAD_DIM];
  float weights[KEYS];
  float part[GPU_LANES];
};

struct CachedHeads
{
  int heads, kv_heads, dim, window;
  float scale, cap;
  int64_t capacity;
};

GPU_KERNEL
__launch_bounds__ (KEYS)
    cached_kernel (float *out, const float *q, GpuStored k, GpuStored v, const int32_t *sequences,
                   const int32_t *positions, CachedHeads heads)
{
  GPU_SHARED (Cached, shared);
  const int head = blockIdx.y, position = positions[blockIdx.x],
            least = heads.window > 0 && position >= heads.window ? position - heads.window + 1 : 0;
  const int64_t at = ((int64_t) blockIdx.x * heads.heads + head) * heads.dim,
                first = ((int64_t) sequences[blockIdx.x] * heads.kv_heads
                         + head / (heads.heads / heads.kv_heads))
                        * heads.capacity;
  float largest = -INFINITY, sum = 0.0f, values[VALUES_EACH];

  for (int i = 0; i < VALUES_EACH; i++)
    values[i] = 0.0f;
  for (int d = threadIdx.x; d < heads.dim; d += KEYS)
    shared.q[d] = q[at + d];
  for (int from = least; from <= position; from += KEYS)
    {
      const int key = from + (int) threadIdx.x;
      float score = -INFINITY, most, fading, weight;

      __syncthreads ();
      if (key <= position)
        {
          score = 0.0f;
          for (int d = 0; d < heads.dim; d++)
            score = gpu_fma (shared.q[d], stored_value (k, (first + key) * heads.dim + d), score);
          score *= heads.scale;
          if (heads.cap > 0.0f)
            score = heads.cap * tanhf (score / heads.cap);
        }
      most = gpu_larger (largest, gpu_block_largest (score, shared.part));
      fading = expf (largest - most);
      weight = key <= position ? expf (score - most) : 0.0f;
      sum = sum * fading + gpu_block_sum (weight, shared.part);
      largest = most;
      shared.weights[threadIdx.x] = weight;
      __syncthreads ();
      for (int i = 0; i < VALUES_EACH; i++)
        {
          const int d = i * KEYS + (int) threadIdx.x;

          if (d >= heads.dim)
            continue;
          values[i] *= fading;
          for (int j = 0; j < KEYS && from + j <= position; j++)
            values[i] = gpu_fma (shared.weights[j],
                                 stored_value (v, (first + from + j) * heads.dim + d), values[i]);
        }
    }
  for (int i = 0; i < VALUES_EACH; i++)
    if (i * KEYS + (int) threadIdx.x < heads.dim)
      out[at + i * KEYS + threadIdx.x] = values[i] / sum;
}

static void
gpu_attention_cached (AttuneBackend *be, const AttuneTensor *out, const AttuneTensor *q,
                      const AttuneTensor *k_cache, const AttuneTensor *v_cache,
                      const AttuneCachedAttention *shape)
{
  const gint64 rows = attune_tensor_rows (q);
  const CachedHeads heads = { shape->n_heads, shape->n_kv_heads, shape->head_dim, shape->window,
                              shape->scale,   shape->cap,        shape->capacity };
  GpuCall call (be);
  GpuStored k, v;
  const gint32 *sequences = call.list (shape->sequences, rows),
               *positions = call.list (shape->positions, rows);
  const float *queries = call.in (q);
  float *to = call.out (out);

  if (shape->head_dim > GPU_MAX_HEAD_DIM)
    gpu_fail (call.gpu, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
              "Attention heads of %d values are larger than %d", shape->head_dim, GPU_MAX_HEAD_DIM);
  else if (call.stored (k_cache, &k) && call.stored (v_cache, &v) && rows > 0)
    GPU_LAUNCH (cached_kernel, dim3 ((unsigned) rows, (unsigned) shape->n_heads), KEYS, call.stream,
                to, queries, k, v, sequences, positions, heads);
}

void
gpu_fill_attention_cached (AttuneBackend *be)
{
  be->attention_cached = gpu_attention_cached;
}
