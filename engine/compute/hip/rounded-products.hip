/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which rounded arithmetic a device has: the first products of each kind tell. What the table calls
 * products in 8 bits is bf16 on a graphics card.
 */
#include "compute/hip/library.h"

static void
gpu_matmul_nt_rounded (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                       const AttuneTensor *w, float beta, void *)
{
  gpu_multiply_nt_16 (be, ATTUNE_PRECISION_BF16, y, x, w, 1.0f, beta);
}

static void
gpu_matmul_nn_rounded (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
                       const AttuneTensor *w, float beta, void *)
{
  gpu_multiply_nn_16 (be, ATTUNE_PRECISION_BF16, dx, dy, w, 1.0f, beta);
}

/* --- the first products: of small whole numbers, which 16 bits and f32 hold, so that any
 * difference is a fault */

#define TRIED_ROWS 35
#define TRIED_OUTPUTS 69
#define TRIED_INPUTS 50

static float
tried_value (gint64 i, int factor)
{
  return (float) (i * factor % 11 - 5);
}

static void
fill (AttuneTensor *t, int factor)
{
  for (gint64 i = 0; i < attune_tensor_count (t); i++)
    ((float *) t->data)[i] = tried_value (i, factor);
}

/* y (rows, columns) = a · b over @depth, where steps through them are given. */
static bool
is_product (const AttuneTensor *y, const float *a, gint64 a_down, gint64 a_right, const float *b,
            gint64 b_down, gint64 b_right, gint64 depth)
{
  for (gint64 i = 0; i < y->dims[0]; i++)
    for (gint64 j = 0; j < y->dims[1]; j++)
      {
        float sum = 0.0f;

        for (gint64 d = 0; d < depth; d++)
          sum += a[i * a_down + d * a_right] * b[d * b_down + j * b_right];
        if (sum != ((const float *) y->data)[i * y->dims[1] + j])
          return false;
      }
  return true;
}

static bool
multiplies (AttuneBackend *be, AttunePrecision precision)
{
  const int m = TRIED_ROWS, n = TRIED_OUTPUTS, k = TRIED_INPUTS;
  g_autofree float *x = g_new (float, m *k), *w = g_new (float, n *k), *dy = g_new (float, m *n);
  g_autofree float *y = g_new0 (float, m *n), *dx = g_new0 (float, m *k), *dw = g_new0 (float, n *k);
  AttuneTensor tx = { x, 2, { m, k } }, tw = { w, 2, { n, k } }, tdy = { dy, 2, { m, n } };
  AttuneTensor ty = { y, 2, { m, n } }, tdx = { dx, 2, { m, k } }, tdw = { dw, 2, { n, k } };
  g_autoptr (GError) error = NULL;

  fill (&tx, 7);
  fill (&tw, 3);
  fill (&tdy, 5);
  gpu_multiply_nt_16 (be, precision, &ty, &tx, &tw, 1.0f, 0.0f);
  gpu_multiply_nn_16 (be, precision, &tdx, &tdy, &tw, 1.0f, 0.0f);
  gpu_multiply_tn_16 (be, precision, &tdw, &tdy, &tx, 1.0f, 0.0f);
  return attune_backend_sync (be, &error) && is_product (&ty, x, k, 1, w, 1, k, k)
         && is_product (&tdx, dy, n, 1, w, k, 1, n) && is_product (&tdw, dy, 1, n, x, k, 1, m);
}

static bool
try_all (AttuneBackend *be)
{
  Gpu *gpu = gpu_of (be);

  gpu->can[ATTUNE_PRECISION_F32] = true;
  gpu->can[ATTUNE_PRECISION_BF16] = multiplies (be, ATTUNE_PRECISION_BF16);
  gpu->can[ATTUNE_PRECISION_F16] = multiplies (be, ATTUNE_PRECISION_F16);
  return gpu->can[ATTUNE_PRECISION_BF16] && gpu->can[ATTUNE_PRECISION_F16];
}

void
gpu_fill_rounded_products (AttuneBackend *be, const char *chip)
{
  Gpu *gpu = gpu_of (be);

  gpu->library = gpu_library_open (gpu->stream, chip);
  if (!try_all (be) && gpu->library != NULL)
    {
      gpu_library_close (gpu->library);
      gpu->library = NULL;
      try_all (be);
    }
  if (!gpu->can[ATTUNE_PRECISION_BF16])
    return;
  be->matmul_nt_int8 = gpu_matmul_nt_rounded;
  be->matmul_nn_int8 = gpu_matmul_nn_rounded;
}
