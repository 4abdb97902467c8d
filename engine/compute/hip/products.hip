/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Products in f32, by tiles of 64 x 64 that threads of a block compute from shared memory. Stored
 * weights are decoded a panel of rows at a time, so that no whole matrix in f32 is needed.
 */
#include "compute/hip/stored.h"

#define PRODUCT_TILE 64
#define PRODUCT_DEPTH 16
#define PRODUCT_THREADS 256 /* 16 x 16, of 4 x 4 results each */
#define PANEL_VALUES ((gint64) 8 << 20)

struct ProductTiles
{
  float a[PRODUCT_DEPTH][PRODUCT_TILE + 4];
  float b[PRODUCT_DEPTH][PRODUCT_TILE + 4];
};

/* Where the values of a matrix lie: (row, column) at row · down + column · right. */
struct Matrix
{
  const float *data;
  int64_t down, right;
};

/* c (m, n) = alpha · a (m, k) · b (k, n) + beta · c; rows of c are @ldc apart. */
GPU_KERNEL
__launch_bounds__ (PRODUCT_THREADS)
    product_kernel (float *c, int64_t ldc, Matrix a, Matrix b, int64_t m, int64_t n, int64_t k,
                    float alpha, float beta)
{
  GPU_SHARED (ProductTiles, shared);
  const int64_t row0 = (int64_t) blockIdx.x * PRODUCT_TILE,
                column0 = (int64_t) blockIdx.y * PRODUCT_TILE;
  const int down = threadIdx.x / 16, right = threadIdx.x % 16;
  float sums[4][4] = { { 0.0f } };

  for (int64_t from = 0; from < k; from += PRODUCT_DEPTH)
    {
      for (int i = threadIdx.x; i < PRODUCT_TILE * PRODUCT_DEPTH; i += PRODUCT_THREADS)
        {
          /* Neighbouring threads read neighbouring values, whichever way the matrix lies. */
          const int ak = a.right == 1 ? i % PRODUCT_DEPTH : i / PRODUCT_TILE,
                    ar = a.right == 1 ? i / PRODUCT_DEPTH : i % PRODUCT_TILE;
          const int bk = b.right == 1 ? i / PRODUCT_TILE : i % PRODUCT_DEPTH,
                    bc = b.right == 1 ? i % PRODUCT_TILE : i / PRODUCT_DEPTH;

          shared.a[ak][ar] = row0 + ar < m && from + ak < k
                                 ? a.data[(row0 + ar) * a.down + (from + ak) * a.right]
                                 : 0.0f;
          shared.b[bk][bc] = column0 + bc < n && from + bk < k
                                 ? b.data[(from + bk) * b.down + (column0 + bc) * b.right]
                                 : 0.0f;
        }
      __syncthreads ();
      GPU_UNROLL
      for (int depth = 0; depth < PRODUCT_DEPTH; depth++)
        {
          float x[4], y[4];

          for (int i = 0; i < 4; i++)
            {
              x[i] = shared.a[depth][down + 16 * i];
              y[i] = shared.b[depth][right + 16 * i];
            }
          for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++)
              sums[i][j] = gpu_fma (x[i], y[j], sums[i][j]);
        }
      __syncthreads ();
    }
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++)
      {
        const int64_t row = row0 + down + 16 * i, column = column0 + right + 16 * j;

        if (row < m && column < n)
          {
            float *to = c + row * ldc + column;

            *to = alpha * sums[i][j] + (beta != 0.0f ? beta * *to : 0.0f);
          }
      }
}

static void
multiply (hipStream_t stream, float *c, int64_t ldc, Matrix a, Matrix b, int64_t m, int64_t n,
          int64_t k, float alpha, float beta)
{
  if (m > 0 && n > 0)
    GPU_LAUNCH (product_kernel,
                dim3 ((unsigned) ((m + PRODUCT_TILE - 1) / PRODUCT_TILE),
                      (unsigned) ((n + PRODUCT_TILE - 1) / PRODUCT_TILE)),
                PRODUCT_THREADS, stream, c, ldc, a, b, m, n, k, alpha, beta);
}

/* Values @first … @first + @n - 1 of @w. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) decode_kernel (float *y, GpuStored w, int64_t first, int64_t n)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    y[i] = stored_value (w, first + i);
}

/* Rows of @w at a time, and where they are decoded to; all of them where they are f32 already. */
static gint64
panel_rows (GpuCall *call, const AttuneTensor *w, const GpuStored *stored, float **panel)
{
  const gint64 rows = attune_tensor_rows (w), columns = attune_tensor_columns (w),
               n = CLAMP (PANEL_VALUES / MAX (columns, 1), 1, MAX (rows, 1));

  *panel = NULL;
  if (stored->type == ATTUNE_TYPE_F32)
    return MAX (rows, 1);
  *panel = (float *) gpu_scratch (call->gpu, n * columns * sizeof (float));
  return n;
}

static const float *
decode_panel (GpuCall *call, const GpuStored *w, float *panel, gint64 first, gint64 n)
{
  if (panel == NULL)
    return (const float *) w->data + first;
  if (n > 0)
    GPU_LAUNCH (decode_kernel, gpu_grid (n), GPU_BLOCK, call->stream, panel, *w, first, n);
  return panel;
}

/* --- few rows, as when text is written: reading the weights is all that counts, so they are
 * decoded as they are read, once for all rows */

#define FEW_ROWS 8

/* y (t, n) = alpha · x (t, k) · wᵀ + beta · y; a group of lanes has a row of w. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) few_rows_kernel (float *y, const float *x, GpuStored w, int t,
                                               int64_t n, int64_t k, float alpha, float beta)
{
  const int lane = threadIdx.x % GPU_LANES;
  const int64_t row = (int64_t) blockIdx.x * (GPU_BLOCK / GPU_LANES) + threadIdx.x / GPU_LANES;
  float sums[FEW_ROWS];

  for (int i = 0; i < FEW_ROWS; i++)
    sums[i] = 0.0f;
  for (int64_t at = lane; row < n && at < k; at += GPU_LANES)
    {
      const float value = stored_value (w, row * k + at);

      GPU_UNROLL
      for (int i = 0; i < FEW_ROWS; i++)
        if (i < t)
          sums[i] = gpu_fma (x[i * k + at], value, sums[i]);
    }
  GPU_UNROLL
  for (int i = 0; i < FEW_ROWS; i++)
    if (i < t) /* all lanes alike */
      {
        const float sum = gpu_lanes_sum (sums[i]);

        if (lane == 0 && row < n)
          y[i * n + row] = alpha * sum + (beta != 0.0f ? beta * y[i * n + row] : 0.0f);
      }
}

/* Whether factors are rounded to 16 bits: not those of a few rows, where that saves nothing. */
static bool
is_rounded (AttuneBackend *be, const AttuneTensor *x)
{
  return gpu_of (be)->precision != ATTUNE_PRECISION_F32 && attune_tensor_rows (x) > FEW_ROWS;
}

static void
multiply_nt (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
               const AttuneTensor *w, float alpha, float beta)
{
  const gint64 t = attune_tensor_rows (x), n = attune_tensor_rows (w),
               k = attune_tensor_columns (w);
  GpuCall call (be);
  GpuStored stored;
  const float *in = call.in (x);
  float *out = beta != 0.0f ? call.inout (y) : call.out (y), *panel;
  gint64 rows;

  if (!call.stored (w, &stored))
    return;
  if (t <= FEW_ROWS && t > 0 && n > 0)
    {
      GPU_LAUNCH (few_rows_kernel, dim3 ((unsigned) ((n * GPU_LANES + GPU_BLOCK - 1) / GPU_BLOCK)),
                  GPU_BLOCK, call.stream, out, in, stored, (int) t, n, k, alpha, beta);
      return;
    }
  rows = panel_rows (&call, w, &stored, &panel);
  for (gint64 row = 0; row < n && (panel != NULL || stored.type == ATTUNE_TYPE_F32); row += rows)
    {
      const gint64 here = MIN (rows, n - row);
      const float *values = decode_panel (&call, &stored, panel, row * k, here * k);

      multiply (call.stream, out + row, n, Matrix{ in, k, 1 }, Matrix{ values, 1, k }, t, here, k,
                alpha, beta);
    }
}

static void
gpu_matmul_nt (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
               const AttuneTensor *w, float alpha, float beta)
{
  if (is_rounded (be, x))
    {
      gpu_multiply_nt_16 (be, gpu_of (be)->precision, y, x, w, alpha, beta);
      return;
    }
  multiply_nt (be, y, x, w, alpha, beta);
}

static void
multiply_nn (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
               const AttuneTensor *w, float alpha, float beta)
{
  const gint64 t = attune_tensor_rows (dy), n = attune_tensor_rows (w),
               k = attune_tensor_columns (w);
  GpuCall call (be);
  GpuStored stored;
  const float *in = call.in (dy);
  float *out = beta != 0.0f ? call.inout (dx) : call.out (dx), *panel;
  gint64 rows;

  if (!call.stored (w, &stored))
    return;
  rows = panel_rows (&call, w, &stored, &panel);
  for (gint64 row = 0; row < MAX (n, 1) && (panel != NULL || stored.type == ATTUNE_TYPE_F32);
       row += rows)
    {
      const gint64 here = MIN (rows, n - row);
      const float *values = decode_panel (&call, &stored, panel, row * k, here * k);

      multiply (call.stream, out, k, Matrix{ in + row, n, 1 }, Matrix{ values, k, 1 }, t, k, here,
                alpha, row > 0 ? 1.0f : beta);
    }
}

static void
gpu_matmul_nn (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
               const AttuneTensor *w, float alpha, float beta)
{
  if (is_rounded (be, dy))
    {
      gpu_multiply_nn_16 (be, gpu_of (be)->precision, dx, dy, w, alpha, beta);
      return;
    }
  multiply_nn (be, dx, dy, w, alpha, beta);
}

static void
multiply_tn (AttuneBackend *be, const AttuneTensor *dw, const AttuneTensor *dy,
               const AttuneTensor *x, float alpha, float beta)
{
  const gint64 n = attune_tensor_columns (dy), k = attune_tensor_columns (x),
               t = attune_tensor_rows (x);
  GpuCall call (be);
  const float *d = call.in (dy), *in = call.in (x);
  float *out = beta != 0.0f ? call.inout (dw) : call.out (dw);

  if (call.good ())
    multiply (call.stream, out, k, Matrix{ d, 1, n }, Matrix{ in, k, 1 }, n, k, t, alpha, beta);
}

static void
gpu_matmul_tn (AttuneBackend *be, const AttuneTensor *dw, const AttuneTensor *dy,
               const AttuneTensor *x, float alpha, float beta)
{
  if (is_rounded (be, dy))
    {
      gpu_multiply_tn_16 (be, gpu_of (be)->precision, dw, dy, x, alpha, beta);
      return;
    }
  multiply_tn (be, dw, dy, x, alpha, beta);
}

static void
gpu_decode (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  const gint64 n = attune_tensor_count (x);
  GpuCall call (be);
  GpuStored stored;
  float *to = call.out (y);

  if (call.stored (x, &stored) && n > 0)
    GPU_LAUNCH (decode_kernel, gpu_grid (n), GPU_BLOCK, call.stream, to, stored, (int64_t) 0, n);
}

/* Rare, and the same bits as everywhere: the host does it. */
static void
gpu_encode (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  const AttuneTypeInfo *info = attune_type_info (y->type);
  const gint64 n = attune_tensor_count (x);
  g_autofree float *values = NULL;
  g_autofree char *encoded = NULL;
  GpuCall call (be);
  const float *from = call.in (x);
  float *to = call.out (y);

  if (info->encode == NULL)
    gpu_fail (call.gpu, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
              "The type %s can be read but not written.", info->name);
  if (!call.good () || info->encode == NULL || n == 0)
    return;
  values = g_new (float, n);
  encoded = (char *) g_malloc (attune_tensor_bytes (y));
  be->download (be, values, from, n * sizeof (float));
  info->encode (encoded, values, n);
  be->upload (be, to, encoded, attune_tensor_bytes (y));
}

void
gpu_fill_products (AttuneBackend *be)
{
  be->matmul_nt = gpu_matmul_nt;
  be->matmul_nn = gpu_matmul_nn;
  be->matmul_tn = gpu_matmul_tn;
  be->decode = gpu_decode;
  be->encode = gpu_encode;
}
