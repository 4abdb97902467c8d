/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Attention backward, which computes the weights again from the scores and their log-sum-exp. Two
 * passes: a block has rows and walks over keys for dq, or has keys and walks over rows for dk and
 * dv; so every sum has one owner and one order.
 */
#include "compute/hip/attention.h"

#define SHARERS (HEAD_DIMS / TILE_ROWS)   /* threads that share a row of a tile of scores */
#define SCORES_EACH (TILE_ROWS / SHARERS) /* scores of a thread */

/* 16 rows with 16 keys. */
struct BackwardTile
{
  float q[TILE_ROWS][TILE_DIMS + 1], dout[TILE_ROWS][TILE_DIMS + 1];
  float k[TILE_ROWS][TILE_DIMS + 1], v[TILE_ROWS][TILE_DIMS + 1];
  float weights[TILE_ROWS][TILE_ROWS + 1], dscores[TILE_ROWS][TILE_ROWS + 1];
  int keys[TILE_ROWS];   /* which row of the stream each key is */
  int places[TILE_ROWS]; /* its place for the tile's rows; -1: they do not see it */
};

struct BackwardInputs
{
  const float *q, *k, *v, *dout, *lse, *delta;
};

/* delta (H, T) = Σ dout · out of each head; a group has one. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    delta_kernel (float *delta, const float *dout, const float *out, GpuHeads heads)
{
  const int lane = threadIdx.x % GPU_LANES;
  const int64_t at = ((int64_t) blockIdx.x * GPU_BLOCK + threadIdx.x) / GPU_LANES,
                row = at / heads.heads, head = at % heads.heads;
  const bool inside = row < heads.rows;
  const int64_t first = inside ? at * heads.dim : 0;
  float sum = 0.0f;

  for (int d = lane; inside && d < heads.dim; d += GPU_LANES)
    sum = gpu_fma (dout[first + d], out[first + d], sum);
  sum = gpu_lanes_sum (sum);
  if (inside && lane == 0)
    delta[head * heads.rows + row] = sum;
}

/* The weights of a tile's rows for the keys in @shared, and the scores' gradients. */
static __device__ inline void
differentiate_tile (BackwardTile &shared, const BackwardInputs &in, const GpuHeads &heads,
                    const GpuTile &tile, int head)
{
  const int of_kv = head / (heads.heads / heads.kv_heads);
  const int64_t ldq = (int64_t) heads.heads * heads.dim, ldk = (int64_t) heads.kv_heads * heads.dim;
  const int lane = threadIdx.x % TILE_DIMS, group = threadIdx.x / TILE_DIMS,
            row = threadIdx.x / SHARERS, part = threadIdx.x % SHARERS;
  float products[SCORES_EACH], dweights[SCORES_EACH];

  for (int i = 0; i < SCORES_EACH; i++)
    products[i] = dweights[i] = 0.0f;
  for (int d0 = 0; d0 < heads.dim; d0 += TILE_DIMS)
    {
      const bool inside = d0 + lane < heads.dim;

      __syncthreads ();
      for (int r = group; r < TILE_ROWS; r += HEAD_DIMS / TILE_DIMS)
        {
          const int64_t of_row = (tile.first + r) * ldq + head * heads.dim + d0 + lane,
                        of_key = shared.keys[r] * ldk + of_kv * heads.dim + d0 + lane;
          const bool is_row = inside && r < tile.n, is_key = inside && shared.places[r] >= 0;

          shared.q[r][lane] = is_row ? in.q[of_row] : 0.0f;
          shared.dout[r][lane] = is_row ? in.dout[of_row] : 0.0f;
          shared.k[r][lane] = is_key ? in.k[of_key] : 0.0f;
          shared.v[r][lane] = is_key ? in.v[of_key] : 0.0f;
        }
      __syncthreads ();
      for (int d = 0; d < TILE_DIMS; d++)
        for (int i = 0; i < SCORES_EACH; i++)
          {
            products[i] = gpu_fma (shared.q[row][d], shared.k[part + SHARERS * i][d], products[i]);
            dweights[i]
                = gpu_fma (shared.dout[row][d], shared.v[part + SHARERS * i][d], dweights[i]);
          }
    }
  for (int i = 0; i < SCORES_EACH; i++)
    {
      const int key = part + SHARERS * i;
      const int64_t at = head * heads.rows + tile.first + row;
      float weight = 0.0f, dscore = 0.0f, slope;

      if (row < tile.n && heads_see (heads, tile_place (tile, row), shared.places[key]))
        {
          weight = expf (heads_score (heads, products[i], &slope) - in.lse[at]);
          dscore = weight * (dweights[i] - in.delta[at]) * slope;
        }
      shared.weights[row][key] = weight;
      shared.dscores[row][key] = dscore;
    }
  __syncthreads ();
}

GPU_KERNEL
__launch_bounds__ (HEAD_DIMS)
    query_gradient_kernel (float *dq, BackwardInputs in, const GpuTile *tiles, GpuHeads heads)
{
  GPU_SHARED (BackwardTile, shared);
  const GpuTile tile = tiles[blockIdx.x];
  const int head = blockIdx.y, of_kv = head / (heads.heads / heads.kv_heads),
            d = (int) (blockIdx.z * HEAD_DIMS + threadIdx.x);
  const int64_t ldq = (int64_t) heads.heads * heads.dim, ldk = (int64_t) heads.kv_heads * heads.dim;
  const int last = tile_place (tile, tile.n - 1),
            least = heads.window > 0 ? tile_place (tile, 0) - heads.window + 1 : 0;
  float sums[TILE_ROWS];

  for (int r = 0; r < TILE_ROWS; r++)
    sums[r] = 0.0f;
  for (int from = least > 0 ? least : 0; from <= last; from += TILE_ROWS)
    {
      __syncthreads (); /* the last keys have been read */
      if (threadIdx.x < TILE_ROWS)
        {
          const int place = from + (int) threadIdx.x;

          shared.places[threadIdx.x] = place <= last ? place : -1;
          shared.keys[threadIdx.x] = (int) tile_key (tile, place <= last ? place : last);
        }
      differentiate_tile (shared, in, heads, tile, head);
      for (int i = 0; d < heads.dim && i < TILE_ROWS && from + i <= last; i++)
        {
          const float value = in.k[shared.keys[i] * ldk + of_kv * heads.dim + d];

          for (int r = 0; r < TILE_ROWS; r++)
            sums[r] = gpu_fma (shared.dscores[r][i], value, sums[r]);
        }
    }
  for (int r = 0; r < TILE_ROWS; r++)
    if (r < tile.n && d < heads.dim)
      dq[(tile.first + r) * ldq + head * heads.dim + d] = sums[r];
}

/* The place of row @i of @own as a key of @tile's sample; -1: it is none. */
static __device__ inline int
place_in (const GpuTile &own, int i, const GpuTile &tile)
{
  if (i >= own.n)
    return -1;
  if (own.start == tile.start)
    return tile_place (own, i);
  return own.start == 0 && own.first + i < tile.before ? own.first + i : -1;
}

/* Whether a row of @tile may see one of @own. */
static __device__ inline bool
tiles_meet (const GpuTile &own, const GpuTile &tile, const GpuHeads &heads)
{
  const int in_common = tile.before - own.first, n = own.start == tile.start ? own.n
                                                     : in_common < own.n     ? in_common
                                                                             : own.n;
  const int first = place_in (own, 0, tile),
            least = heads.window > 0 ? tile_place (tile, 0) - heads.window + 1 : 0;

  return first >= 0 && first <= tile_place (tile, tile.n - 1) && first + n - 1 >= least;
}

GPU_KERNEL
__launch_bounds__ (HEAD_DIMS)
    key_gradient_kernel (float *dk, float *dv, BackwardInputs in, const GpuTile *tiles, int n_tiles,
                         GpuHeads heads)
{
  GPU_SHARED (BackwardTile, shared);
  const GpuTile own = tiles[blockIdx.x];
  const int of_kv = blockIdx.y, group = heads.heads / heads.kv_heads,
            d = (int) (blockIdx.z * HEAD_DIMS + threadIdx.x);
  const int64_t ldq = (int64_t) heads.heads * heads.dim, ldk = (int64_t) heads.kv_heads * heads.dim;
  float key_sums[TILE_ROWS], value_sums[TILE_ROWS];

  for (int i = 0; i < TILE_ROWS; i++)
    key_sums[i] = value_sums[i] = 0.0f;
  for (int t = 0; t < n_tiles; t++)
    {
      const GpuTile tile = tiles[t];

      if (!tiles_meet (own, tile, heads))
        continue;       /* all threads alike */
      __syncthreads (); /* the last places have been read */
      if (threadIdx.x < TILE_ROWS)
        {
          shared.places[threadIdx.x] = place_in (own, threadIdx.x, tile);
          shared.keys[threadIdx.x] = own.first + ((int) threadIdx.x < own.n ? threadIdx.x : 0);
        }
      for (int head = of_kv * group; head < (of_kv + 1) * group; head++)
        {
          differentiate_tile (shared, in, heads, tile, head);
          for (int r = 0; d < heads.dim && r < tile.n; r++)
            {
              const int64_t at = (tile.first + r) * ldq + head * heads.dim + d;
              const float query = in.q[at], gradient = in.dout[at];

              for (int i = 0; i < TILE_ROWS; i++)
                {
                  key_sums[i] = gpu_fma (shared.dscores[r][i], query, key_sums[i]);
                  value_sums[i] = gpu_fma (shared.weights[r][i], gradient, value_sums[i]);
                }
            }
        }
    }
  for (int i = 0; i < TILE_ROWS; i++)
    if (i < own.n && d < heads.dim)
      {
        dk[(own.first + i) * ldk + of_kv * heads.dim + d] = key_sums[i];
        dv[(own.first + i) * ldk + of_kv * heads.dim + d] = value_sums[i];
      }
}

static void
gpu_attention_backward (AttuneBackend *be, const AttuneTensor *dq, const AttuneTensor *dk,
                        const AttuneTensor *dv, const AttuneTensor *dout, const AttuneTensor *out,
                        const AttuneTensor *lse, const AttuneTensor *q, const AttuneTensor *k,
                        const AttuneTensor *v, const AttuneAttention *shape)
{
  g_autoptr (GArray) tiles = tiles_of (shape);
  const GpuHeads heads = heads_of (shape);
  const gint64 n = heads.rows * heads.heads;
  GpuCall call (be);
  BackwardInputs in
      = { call.in (q), call.in (k), call.in (v), call.in (dout), call.in (lse), NULL };
  const float *given = call.in (out);
  const GpuTile *list = call.list ((const GpuTile *) tiles->data, tiles->len);
  float *to_q = call.out (dq), *to_k = call.out (dk), *to_v = call.out (dv);
  float *delta = call.good () ? (float *) gpu_scratch (call.gpu, n * sizeof (float)) : NULL;

  if (!call.good () || delta == NULL || tiles->len == 0)
    return;
  in.delta = delta;
  GPU_LAUNCH (delta_kernel, dim3 ((unsigned) ((n * GPU_LANES + GPU_BLOCK - 1) / GPU_BLOCK)),
              GPU_BLOCK, call.stream, delta, in.dout, given, heads);
  GPU_LAUNCH (query_gradient_kernel, tiles_grid (tiles, heads.heads, heads.dim), HEAD_DIMS,
              call.stream, to_q, in, list, heads);
  GPU_LAUNCH (key_gradient_kernel, tiles_grid (tiles, heads.kv_heads, heads.dim), HEAD_DIMS,
              call.stream, to_k, to_v, in, list, (int) tiles->len, heads);
}

void
gpu_fill_attention_backward (AttuneBackend *be)
{
  be->attention_backward = gpu_attention_backward;
}
