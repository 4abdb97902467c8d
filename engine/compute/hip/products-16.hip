/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Products whose factors are rounded to 16 bits, with sums in f32: by the maker's library, or by
 * our own kernel on the matrix units.
 *
 * f16 ends at 6e-8 and at 65504, which gradients and activations do not keep to: those of a product
 * are multiplied by a power of two that brings the largest to 2^14, and the result by its inverse.
 * That is what loss scaling is for (Micikevicius et al. 2018), for each product by itself, so that
 * none overflows and no step is lost. All of it stays on the device.
 */
#include "compute/hip/gpu-matrix.h"
#include "compute/hip/library.h"
#include "compute/hip/stored.h"

#define MATRIX_TILE 64 /* of c that a block computes: 16 tiles, shared out among its waves */
#define MATRIX_DEPTH 32
#define MATRIX_THREADS 256
#define MATRIX_PANEL_VALUES ((gint64) 16 << 20)
#define LARGEST_BLOCKS 64 /* that look for the largest value */
#define WANTED_EXPONENT 14
#define LEAST_EXPONENT (-100)

struct MatrixTiles
{
  alignas (32) uint16_t a[MATRIX_TILE][MATRIX_DEPTH + 8];
  alignas (32) uint16_t b[MATRIX_DEPTH][MATRIX_TILE + 8];
  alignas (32) float c[MATRIX_TILE][MATRIX_TILE];
};

/* Where @row and @column of a factor lie. */
static __device__ inline int64_t
factor_at (const GpuFactor &factor, int64_t row, int64_t column)
{
  return factor.transposed ? column * factor.ld + row : row * factor.ld + column;
}

/* See gpu_library_multiply(). */
template <bool HALF>
GPU_KERNEL
__launch_bounds__ (MATRIX_THREADS)
    matrix_kernel (float *c, int64_t ldc, GpuFactor a, GpuFactor b, int64_t m, int64_t n, int64_t k,
                   const float *alpha, const float *beta)
{
  GPU_SHARED (MatrixTiles, shared);
  const int64_t row0 = (int64_t) blockIdx.x * MATRIX_TILE,
                column0 = (int64_t) blockIdx.y * MATRIX_TILE;
  const int wave = threadIdx.x / GPU_WAVE;
  GpuTileA<HALF> tile_a;
  GpuTileB<HALF> tile_b;
  GpuTileC tiles[GPU_WAVE / 16]; /* 4 waves have 4 tiles each, 8 have 2 */

  GPU_UNROLL
  for (int i = 0; i < GPU_WAVE / 16; i++)
    gpu_tile_clear (tiles[i]);
  for (int64_t from = 0; from < k; from += MATRIX_DEPTH)
    {
      for (int i = threadIdx.x; i < MATRIX_TILE * MATRIX_DEPTH; i += MATRIX_THREADS)
        {
          /* Neighbouring threads read neighbouring values, whichever way a factor lies. */
          const int ar = a.transposed ? i % MATRIX_TILE : i / MATRIX_DEPTH,
                    ak = a.transposed ? i / MATRIX_TILE : i % MATRIX_DEPTH;
          const int bc = b.transposed ? i / MATRIX_DEPTH : i % MATRIX_TILE,
                    bk = b.transposed ? i % MATRIX_DEPTH : i / MATRIX_TILE;

          shared.a[ar][ak] = row0 + ar < m && from + ak < k
                                 ? a.data[factor_at (a, row0 + ar, from + ak)]
                                 : (uint16_t) 0;
          shared.b[bk][bc] = column0 + bc < n && from + bk < k
                                 ? b.data[factor_at (b, from + bk, column0 + bc)]
                                 : (uint16_t) 0;
        }
      __syncthreads ();
      for (int depth = 0; depth < MATRIX_DEPTH; depth += 16)
        GPU_UNROLL
      for (int i = 0; i < GPU_WAVE / 16; i++)
        {
          const int tile = wave * (GPU_WAVE / 16) + i;

          gpu_tile_load (tile_a, &shared.a[tile / 4 * 16][depth], MATRIX_DEPTH + 8);
          gpu_tile_load (tile_b, &shared.b[depth][tile % 4 * 16], MATRIX_TILE + 8);
          gpu_tile_multiply (tiles[i], tile_a, tile_b);
        }
      __syncthreads ();
    }
  GPU_UNROLL
  for (int i = 0; i < GPU_WAVE / 16; i++)
    {
      const int tile = wave * (GPU_WAVE / 16) + i;

      gpu_tile_store (&shared.c[tile / 4 * 16][tile % 4 * 16], MATRIX_TILE, tiles[i]);
    }
  __syncthreads ();
  for (int i = threadIdx.x; i < MATRIX_TILE * MATRIX_TILE; i += MATRIX_THREADS)
    {
      const int64_t row = row0 + i / MATRIX_TILE, column = column0 + i % MATRIX_TILE;
      float *to = c + row * ldc + column;

      if (row < m && column < n)
        *to = *alpha * shared.c[i / MATRIX_TILE][i % MATRIX_TILE]
              + (*beta != 0.0f ? *beta * *to : 0.0f);
    }
}

/* Values @first … @first + @n - 1 of @w times @scale (nullable), rounded. */
template <bool HALF>
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    round_kernel (uint16_t *y, GpuStored w, int64_t first, int64_t n, const float *scale)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    {
      const float value = stored_value (w, first + i);

      if (HALF)
        y[i] = gpu_to_f16 (scale != NULL ? value * *scale : value);
      else
        y[i] = gpu_to_bf16 (value);
    }
}

struct LargestPart
{
  float part[GPU_LANES];
};

/* The largest |x| of each block's share. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) largest_kernel (float *largest, const float *x, int64_t n)
{
  GPU_SHARED (LargestPart, shared);
  float found = 0.0f;

  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    found = gpu_larger (found, fabsf (x[i]));
  found = gpu_block_largest (found, shared.part);
  if (threadIdx.x == 0)
    largest[blockIdx.x] = found;
}

/* What a product needs of numbers, in the device's memory. */
struct Numbers
{
  float scales[2]; /* of the factors that are no weights */
  float alpha, beta, one;
  float largest[2][LARGEST_BLOCKS];
};

/* A power of two; 1 where there is nothing to scale or what is no number. */
static __device__ inline float
scale_for (float largest)
{
  int exponent;

  if (!(largest > 0.0f) || isinf (largest))
    return 1.0f;
  frexpf (largest, &exponent);
  return ldexpf (1.0f, WANTED_EXPONENT - (exponent > LEAST_EXPONENT ? exponent : LEAST_EXPONENT));
}

/* @n: factors that were looked at, 0 to 2 */
GPU_KERNEL
__launch_bounds__ (GPU_LANES) numbers_kernel (Numbers *numbers, float alpha, float beta, int n)
{
  const int lane = threadIdx.x;
  double unscale = 1.0;

  for (int i = 0; i < 2; i++)
    {
      float largest = 0.0f, scale = 1.0f;

      if (i < n) /* all lanes alike */
        {
          for (int j = lane; j < LARGEST_BLOCKS; j += GPU_LANES)
            largest = gpu_larger (largest, numbers->largest[i][j]);
          scale = scale_for (gpu_lanes_largest (largest));
        }
      unscale /= scale;
      if (lane == 0)
        numbers->scales[i] = scale;
    }
  if (lane == 0)
    {
      numbers->alpha = (float) (alpha * unscale);
      numbers->beta = beta;
      numbers->one = 1.0f;
    }
}

/* --- a product: two factors in 16 bits, one of which may come a panel at a time */

static gsize
rounded_bytes (gint64 n)
{
  return (n + 127) / 128 * 128 * sizeof (uint16_t);
}

struct Product
{
  GpuCall *call;
  bool half;
  Numbers *numbers;
  uint16_t *first, *second;
};

/* Room for factors of @of_first and @of_second values. */
static bool
begin_product (Product *p, GpuCall *call, AttunePrecision precision, gint64 of_first,
               gint64 of_second)
{
  char *memory = (char *) gpu_scratch (call->gpu, (sizeof (Numbers) + 255) / 256 * 256
                                                      + rounded_bytes (of_first)
                                                      + rounded_bytes (of_second));

  *p = Product ();
  p->call = call;
  p->half = precision == ATTUNE_PRECISION_F16;
  p->numbers = (Numbers *) memory;
  p->first = (uint16_t *) (memory + (sizeof (Numbers) + 255) / 256 * 256);
  p->second = (uint16_t *) ((char *) p->first + rounded_bytes (of_first));
  return memory != NULL;
}

static void
round_factor (const Product &p, uint16_t *y, const GpuStored &w, gint64 first, gint64 n,
              const float *scale)
{
  if (n <= 0)
    return;
  if (p.half)
    GPU_LAUNCH (round_kernel<true>, gpu_grid (n), GPU_BLOCK, p.call->stream, y, w, first, n, scale);
  else
    GPU_LAUNCH (round_kernel<false>, gpu_grid (n), GPU_BLOCK, p.call->stream, y, w, first, n,
                scale);
}

static GpuStored
plain (const float *x)
{
  GpuStored stored = GpuStored ();

  stored.type = ATTUNE_TYPE_F32;
  stored.data = (const uint8_t *) x;
  return stored;
}

/* Of activations or gradients: their scales, then the factors. @x2 (nullable) */
static void
round_factors (const Product &p, const float *x1, gint64 n1, const float *x2, gint64 n2,
               float alpha, float beta)
{
  Numbers *numbers = p.numbers;
  const int n = !p.half ? 0 : x2 != NULL ? 2 : 1;

  for (int i = 0; i < n; i++)
    GPU_LAUNCH (largest_kernel, dim3 (LARGEST_BLOCKS), GPU_BLOCK, p.call->stream,
                numbers->largest[i], i == 0 ? x1 : x2, (int64_t) (i == 0 ? n1 : n2));
  GPU_LAUNCH (numbers_kernel, dim3 (1), GPU_LANES, p.call->stream, numbers, alpha, beta, n);
  round_factor (p, p.first, plain (x1), 0, n1, &numbers->scales[0]);
  if (x2 != NULL)
    round_factor (p, p.second, plain (x2), 0, n2, &numbers->scales[1]);
}

static void
multiply_factors (const Product &p, float *c, int64_t ldc, const GpuFactor &a, const GpuFactor &b,
                  int64_t m, int64_t n, int64_t k, const float *beta)
{
  Gpu *gpu = p.call->gpu;
  const dim3 grid ((unsigned) ((m + MATRIX_TILE - 1) / MATRIX_TILE),
                   (unsigned) ((n + MATRIX_TILE - 1) / MATRIX_TILE));

  if (m == 0 || n == 0)
    return;
  if (gpu->library != NULL && k > 0)
    {
      if (!gpu_library_multiply (gpu->library, c, ldc, a, b, p.half, m, n, k, &p.numbers->alpha,
                                 beta))
        gpu_fail (gpu, ATTUNE_COMPUTE_ERROR_DEVICE,
                  "The library of the graphics card %s failed at a product.", gpu->name);
      return;
    }
  if (p.half)
    GPU_LAUNCH (matrix_kernel<true>, grid, MATRIX_THREADS, p.call->stream, c, ldc, a, b, m, n, k,
                &p.numbers->alpha, beta);
  else
    GPU_LAUNCH (matrix_kernel<false>, grid, MATRIX_THREADS, p.call->stream, c, ldc, a, b, m, n, k,
                &p.numbers->alpha, beta);
}

/* y = alpha · x · wᵀ + beta · y, or with @back y = alpha · x · w + beta · y; a panel of w's rows at
 * a time. */
static void
multiply_weights (AttuneBackend *be, AttunePrecision precision, const AttuneTensor *y,
                  const AttuneTensor *x, const AttuneTensor *w, float alpha, float beta, bool back)
{
  const gint64 t = attune_tensor_rows (x), n = attune_tensor_rows (w),
               k = attune_tensor_columns (w), of_x = attune_tensor_count (x),
               rows = CLAMP (MATRIX_PANEL_VALUES / MAX (k, 1), 1, MAX (n, 1));
  GpuCall call (be);
  GpuStored weights;
  const float *in = call.in (x);
  float *out = beta != 0.0f ? call.inout (y) : call.out (y);
  Product p;

  if (!call.stored (w, &weights) || !begin_product (&p, &call, precision, of_x, rows * k))
    return;
  round_factors (p, in, of_x, NULL, 0, alpha, beta);
  for (gint64 row = 0; row < n; row += rows)
    {
      const gint64 here = MIN (rows, n - row);

      round_factor (p, p.second, weights, row * k, here * k, NULL);
      if (back)
        multiply_factors (p, out, k, GpuFactor{ p.first + row, n, false },
                          GpuFactor{ p.second, k, false }, t, k, here,
                          row > 0 ? &p.numbers->one : &p.numbers->beta);
      else
        multiply_factors (p, out + row, n, GpuFactor{ p.first, k, false },
                          GpuFactor{ p.second, k, true }, t, here, k, &p.numbers->beta);
    }
}

void
gpu_multiply_nt_16 (AttuneBackend *be, AttunePrecision precision, const AttuneTensor *y,
                    const AttuneTensor *x, const AttuneTensor *w, float alpha, float beta)
{
  multiply_weights (be, precision, y, x, w, alpha, beta, false);
}

void
gpu_multiply_nn_16 (AttuneBackend *be, AttunePrecision precision, const AttuneTensor *dx,
                    const AttuneTensor *dy, const AttuneTensor *w, float alpha, float beta)
{
  multiply_weights (be, precision, dx, dy, w, alpha, beta, true);
}

void
gpu_multiply_tn_16 (AttuneBackend *be, AttunePrecision precision, const AttuneTensor *dw,
                    const AttuneTensor *dy, const AttuneTensor *x, float alpha, float beta)
{
  const gint64 n = attune_tensor_columns (dy), k = attune_tensor_columns (x),
               t = attune_tensor_rows (x);
  GpuCall call (be);
  const float *d = call.in (dy), *in = call.in (x);
  float *out = beta != 0.0f ? call.inout (dw) : call.out (dw);
  Product p;

  if (!call.good () || !begin_product (&p, &call, precision, t * n, t * k))
    return;
  round_factors (p, d, t * n, in, t * k, alpha, beta);
  multiply_factors (p, out, k, GpuFactor{ p.first, n, true }, GpuFactor{ p.second, k, false }, n, k,
                    t, &p.numbers->beta);
}
