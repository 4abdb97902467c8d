/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rounded arithmetic, which on a graphics card is bf16 with sums in f32: products with the frozen
 * base by the maker's library, or by our own kernel on the matrix units.
 */
#include "compute/hip/gpu-matrix.h"
#include "compute/hip/library.h"
#include "compute/hip/stored.h"

#define MATRIX_TILE 64 /* of c that a block computes: 16 tiles, shared out among its waves */
#define MATRIX_DEPTH 32
#define MATRIX_THREADS 256
#define MATRIX_PANEL_VALUES ((gint64) 16 << 20)

struct MatrixTiles
{
  alignas (32) uint16_t a[MATRIX_TILE][MATRIX_DEPTH + 8];
  alignas (32) uint16_t b[MATRIX_DEPTH][MATRIX_TILE + 8];
  alignas (32) float c[MATRIX_TILE][MATRIX_TILE];
};

/* c (m, n) = a (m, k) · b + beta · c; see gpu_library_multiply(). */
GPU_KERNEL
__launch_bounds__ (MATRIX_THREADS)
    matrix_kernel (float *c, int64_t ldc, const uint16_t *a, const uint16_t *b, bool transposed,
                   int64_t m, int64_t n, int64_t k, float beta)
{
  GPU_SHARED (MatrixTiles, shared);
  const int64_t row0 = (int64_t) blockIdx.x * MATRIX_TILE,
                column0 = (int64_t) blockIdx.y * MATRIX_TILE;
  const int wave = threadIdx.x / GPU_WAVE;
  GpuTileA tile_a;
  GpuTileB tile_b;
  GpuTileC tiles[GPU_WAVE / 16]; /* 4 waves have 4 tiles each, 8 have 2 */

  GPU_UNROLL
  for (int i = 0; i < GPU_WAVE / 16; i++)
    gpu_tile_clear (tiles[i]);
  for (int64_t from = 0; from < k; from += MATRIX_DEPTH)
    {
      for (int i = threadIdx.x; i < MATRIX_TILE * MATRIX_DEPTH; i += MATRIX_THREADS)
        {
          const int ar = i / MATRIX_DEPTH, ak = i % MATRIX_DEPTH;
          const int bc = transposed ? i / MATRIX_DEPTH : i % MATRIX_TILE,
                    bk = transposed ? i % MATRIX_DEPTH : i / MATRIX_TILE;

          shared.a[ar][ak]
              = row0 + ar < m && from + ak < k ? a[(row0 + ar) * k + from + ak] : (uint16_t) 0;
          shared.b[bk][bc] = column0 + bc < n && from + bk < k
                                 ? b[transposed ? (column0 + bc) * k + from + bk
                                                : (from + bk) * n + column0 + bc]
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
        *to = shared.c[i / MATRIX_TILE][i % MATRIX_TILE] + (beta != 0.0f ? beta * *to : 0.0f);
    }
}

/* Values @first … @first + @n - 1 of @w, rounded. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) round_kernel (uint16_t *y, GpuStored w, int64_t first, int64_t n)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    y[i] = gpu_to_bf16 (stored_value (w, first + i));
}

static void
multiply_rounded (GpuCall *call, float *c, int64_t ldc, const uint16_t *a, const uint16_t *b,
                  bool transposed, int64_t m, int64_t n, int64_t k, float beta)
{
  Gpu *gpu = call->gpu;

  if (m == 0 || n == 0)
    return;
  if (gpu->library != NULL && k > 0)
    {
      if (!gpu_library_multiply (gpu->library, c, ldc, a, b, transposed, m, n, k, beta))
        gpu_fail (gpu, ATTUNE_COMPUTE_ERROR_DEVICE,
                  "The library of the graphics card %s failed at a product.", gpu->name);
      return;
    }
  GPU_LAUNCH (matrix_kernel,
              dim3 ((unsigned) ((m + MATRIX_TILE - 1) / MATRIX_TILE),
                    (unsigned) ((n + MATRIX_TILE - 1) / MATRIX_TILE)),
              MATRIX_THREADS, call->stream, c, ldc, a, b, transposed, m, n, k, beta);
}

static void
round_values (GpuCall *call, uint16_t *y, const GpuStored &w, int64_t first, int64_t n)
{
  if (n > 0)
    GPU_LAUNCH (round_kernel, gpu_grid (n), GPU_BLOCK, call->stream, y, w, first, n);
}

/* y = x · wᵀ + beta · y, or with @back y = x · w + beta · y; a panel of w's rows at a time. */
static void
multiply_base (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
               const AttuneTensor *w, float beta, bool back)
{
  const gint64 t = attune_tensor_rows (x), n = attune_tensor_rows (w),
               k = attune_tensor_columns (w), of_x = attune_tensor_count (x),
               rows = CLAMP (MATRIX_PANEL_VALUES / MAX (k, 1), 1, MAX (n, 1));
  GpuCall call (be);
  GpuStored weights, in = GpuStored ();
  float *out;
  uint16_t *rounded, *panel;

  in.type = ATTUNE_TYPE_F32;
  in.data = (const uint8_t *) call.in (x);
  out = beta != 0.0f ? call.inout (y) : call.out (y);
  if (!call.stored (w, &weights))
    return;
  rounded = (uint16_t *) gpu_scratch (call.gpu,
                                      ((of_x + 127) / 128 * 128 + rows * k) * sizeof (uint16_t));
  if (rounded == NULL)
    return;
  panel = rounded + (of_x + 127) / 128 * 128;
  if (!back)
    round_values (&call, rounded, in, 0, of_x);
  for (gint64 row = 0; row < n; row += rows)
    {
      const gint64 here = MIN (rows, n - row);

      round_values (&call, panel, weights, row * k, here * k);
      if (!back)
        {
          multiply_rounded (&call, out + row, n, rounded, panel, true, t, here, k, beta);
          continue;
        }
      /* These columns of x, one after another. */
      if (here == n)
        round_values (&call, rounded, in, 0, of_x);
      else
        for (gint64 i = 0; i < t; i++)
          round_values (&call, rounded + i * here, in, i * n + row, here);
      multiply_rounded (&call, out, k, rounded, panel, false, t, k, here, row > 0 ? 1.0f : beta);
    }
}

static void
gpu_matmul_nt_rounded (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                       const AttuneTensor *w, float beta, void *)
{
  multiply_base (be, y, x, w, beta, false);
}

static void
gpu_matmul_nn_rounded (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
                       const AttuneTensor *w, float beta, void *)
{
  multiply_base (be, dx, dy, w, beta, true);
}

/* --- the first products: of small whole numbers, which bf16 and f32 hold, so that any difference
 * is a fault */

#define TRIED_ROWS 35
#define TRIED_OUTPUTS 69
#define TRIED_INPUTS 50

static float
tried_value (gint64 i, int factor)
{
  return (float) (i * factor % 11 - 5);
}

static bool
is_right (AttuneBackend *be, bool back)
{
  const int m = TRIED_ROWS, n = TRIED_OUTPUTS, k = TRIED_INPUTS, of_x = back ? n : k,
            of_y = back ? k : n;
  g_autofree float *x = g_new (float, m *of_x), *w = g_new (float, n *k),
                   *y = g_new0 (float, m *of_y);
  AttuneTensor tx = { x, 2, { m, of_x } }, tw = { w, 2, { n, k } }, ty = { y, 2, { m, of_y } };
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < m * of_x; i++)
    x[i] = tried_value (i, 7);
  for (int i = 0; i < n * k; i++)
    w[i] = tried_value (i, 3);
  multiply_base (be, &ty, &tx, &tw, 0.0f, back);
  if (!attune_backend_sync (be, &error))
    return false;
  for (int i = 0; i < m * of_y; i++)
    {
      float sum = 0.0f;

      for (int j = 0; j < of_x; j++)
        sum += x[i / of_y * of_x + j] * (back ? w[j * k + i % of_y] : w[i % of_y * k + j]);
      if (sum != y[i])
        return false;
    }
  return true;
}

void
gpu_fill_rounded_products (AttuneBackend *be, const char *chip)
{
  Gpu *gpu = gpu_of (be);

  gpu->library = gpu_library_open (gpu->stream, chip);
  if (gpu->library != NULL && !(is_right (be, false) && is_right (be, true)))
    {
      gpu_library_close (gpu->library);
      gpu->library = NULL;
    }
  if (gpu->library == NULL && !(is_right (be, false) && is_right (be, true)))
    return; /* all products are in f32 then */
  be->matmul_nt_int8 = gpu_matmul_nt_rounded;
  be->matmul_nn_int8 = gpu_matmul_nn_rounded;
}
