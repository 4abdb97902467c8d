/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Attention forward without the matrix of scores (Dao et al. 2022): a block has 16 rows of a head
 * and walks over their keys, 32 at a time, with the softmax's sums so far.
 */
#include "compute/hip/attention.h"

#define GROUPS (HEAD_DIMS / GPU_LANES)
#define GROUP_ROWS (TILE_ROWS / GROUPS)

struct ForwardTile
{
  float q[TILE_ROWS][TILE_DIMS + 1];
  float k[TILE_KEYS][TILE_DIMS + 1];
  float weights[TILE_ROWS][TILE_KEYS];
  float fading[TILE_ROWS]; /* of what was summed before */
  float sums[TILE_ROWS];
};

/* Products of the group's rows with the lane's key. */
static __device__ inline void
multiply_keys (ForwardTile &shared, float products[GROUP_ROWS], const float *q, const float *k,
               const GpuHeads &heads, const GpuTile &tile, int from)
{
  const int lane = threadIdx.x % GPU_LANES, group = threadIdx.x / GPU_LANES;
  const int64_t ldq = (int64_t) heads.heads * heads.dim, ldk = (int64_t) heads.kv_heads * heads.dim;
  const int last = tile_place (tile, tile.n - 1);

  for (int r = 0; r < GROUP_ROWS; r++)
    products[r] = 0.0f;
  for (int d0 = 0; d0 < heads.dim; d0 += TILE_DIMS)
    {
      const bool inside = d0 + lane < heads.dim;

      for (int r = group; r < TILE_ROWS; r += GROUPS)
        shared.q[r][lane] = inside && r < tile.n ? q[(tile.first + r) * ldq + d0 + lane] : 0.0f;
      for (int r = group; r < TILE_KEYS; r += GROUPS)
        shared.k[r][lane]
            = inside && from + r <= last ? k[tile_key (tile, from + r) * ldk + d0 + lane] : 0.0f;
      __syncthreads ();
      for (int d = 0; d < TILE_DIMS; d++)
        for (int r = 0; r < GROUP_ROWS; r++)
          products[r]
              = gpu_fma (shared.q[group * GROUP_ROWS + r][d], shared.k[lane][d], products[r]);
      __syncthreads ();
    }
}

GPU_KERNEL
__launch_bounds__ (HEAD_DIMS)
    attention_kernel (float *out, float *lse, const float *q, const float *k, const float *v,
                      const GpuTile *tiles, GpuHeads heads)
{
  GPU_SHARED (ForwardTile, shared);
  const GpuTile tile = tiles[blockIdx.x];
  const int lane = threadIdx.x % GPU_LANES, group = threadIdx.x / GPU_LANES, head = blockIdx.y,
            of_kv = head / (heads.heads / heads.kv_heads),
            d = (int) (blockIdx.z * HEAD_DIMS + threadIdx.x);
  const int64_t ldq = (int64_t) heads.heads * heads.dim, ldk = (int64_t) heads.kv_heads * heads.dim;
  const int last = tile_place (tile, tile.n - 1),
            least = heads.window > 0 ? tile_place (tile, 0) - heads.window + 1 : 0;
  float largest[GROUP_ROWS], sums[GROUP_ROWS], products[GROUP_ROWS], values[TILE_ROWS];

  for (int r = 0; r < GROUP_ROWS; r++)
    {
      largest[r] = -INFINITY;
      sums[r] = 0.0f;
    }
  for (int r = 0; r < TILE_ROWS; r++)
    values[r] = 0.0f;
  for (int from = least > 0 ? least : 0; from <= last; from += TILE_KEYS)
    {
      multiply_keys (shared, products, q + head * heads.dim, k + of_kv * heads.dim, heads, tile,
                     from);
      for (int r = 0; r < GROUP_ROWS; r++)
        {
          const int row = group * GROUP_ROWS + r;
          const bool seen = row < tile.n && heads_see (heads, tile_place (tile, row), from + lane);
          float slope;
          const float score = seen ? heads_score (heads, products[r], &slope) : -INFINITY;
          const float most = gpu_larger (largest[r], gpu_lanes_largest (score));
          /* No key yet: nothing to fade. */
          const float fading = most == -INFINITY ? 1.0f : expf (largest[r] - most),
                      weight = seen ? expf (score - most) : 0.0f;

          sums[r] = sums[r] * fading + gpu_lanes_sum (weight);
          largest[r] = most;
          shared.weights[row][lane] = weight;
          if (lane == 0)
            shared.fading[row] = fading;
        }
      __syncthreads ();
      if (d < heads.dim)
        {
          for (int r = 0; r < TILE_ROWS; r++)
            values[r] *= shared.fading[r];
          for (int j = 0; j < TILE_KEYS && from + j <= last; j++)
            {
              const float value = v[tile_key (tile, from + j) * ldk + of_kv * heads.dim + d];

              for (int r = 0; r < TILE_ROWS; r++)
                values[r] = gpu_fma (shared.weights[r][j], value, values[r]);
            }
        }
      __syncthreads ();
    }
  for (int r = 0; r < GROUP_ROWS; r++)
    if (lane == 0)
      {
        const int row = group * GROUP_ROWS + r;

        shared.sums[row] = sums[r];
        if (row < tile.n && blockIdx.z == 0)
          lse[head * heads.rows + tile.first + row] = largest[r] + logf (sums[r]);
      }
  __syncthreads ();
  for (int r = 0; r < TILE_ROWS; r++)
    if (r < tile.n && d < heads.dim)
      out[(tile.first + r) * ldq + head * heads.dim + d] = values[r] / shared.sums[r];
}

static void
gpu_attention_forward (AttuneBackend *be, const AttuneTensor *out, const AttuneTensor *lse,
                       const AttuneTensor *q, const AttuneTensor *k, const AttuneTensor *v,
                       const AttuneAttention *shape)
{
  g_autoptr (GArray) tiles = tiles_of (shape);
  GpuCall call (be);
  const float *pq = call.in (q), *pk = call.in (k), *pv = call.in (v);
  const GpuTile *list = call.list ((const GpuTile *) tiles->data, tiles->len);
  float *to = call.out (out), *sums = call.out (lse);

  if (call.good () && tiles->len > 0)
    GPU_LAUNCH (attention_kernel, tiles_grid (tiles, shape->n_heads, shape->head_dim), HEAD_DIMS,
                call.stream, to, sums, pq, pk, pv, list, heads_of (shape));
}

void
gpu_fill_attention (AttuneBackend *be)
{
  be->attention_forward = gpu_attention_forward;
}
