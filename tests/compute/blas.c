/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rocBLAS's functions that the GPU backend calls, as plain loops by columns: so that the order and
 * meaning of what it gives them is checked where there is no graphics card.
 */
#include "compute/types.h"

#define EXPORT __attribute__ ((visibility ("default")))

EXPORT int rocblas_create_handle (void **handle);
EXPORT int rocblas_destroy_handle (void *handle);
EXPORT int rocblas_set_stream (void *handle, void *stream);
EXPORT int rocblas_set_pointer_mode (void *handle, int mode);
EXPORT int rocblas_gemm_ex (void *handle, int op_a, int op_b, int m, int n, int k,
                            const void *alpha, const void *a, int a_type, int lda, const void *b,
                            int b_type, int ldb, const void *beta, const void *c, int c_type,
                            int ldc, void *d, int d_type, int ldd, int compute, int way,
                            gint32 solution, guint32 flags);
EXPORT int count_products (void);

static int n_products;

int
rocblas_create_handle (void **handle)
{
  *handle = &n_products;
  return 0;
}

int
rocblas_destroy_handle (void *handle)
{
  return handle != &n_products;
}

int
rocblas_set_stream (void *handle, void *stream)
{
  return 0;
}

/* Where alpha and beta lie; here it is all one. */
int
rocblas_set_pointer_mode (void *handle, int mode)
{
  return mode != 1;
}

int
count_products (void)
{
  return n_products;
}

static double
value (guint16 bits, int type)
{
  return type == 168 ? attune_bf16_to_f32 (bits) : attune_f16_to_f32 (bits);
}

/* d (m, n) = alpha · op (a) (m, k) · op (b) (k, n) + beta · c. The rest of what may be asked is
 * refused. */
int
rocblas_gemm_ex (void *handle, int op_a, int op_b, int m, int n, int k, const void *alpha,
                 const void *a, int a_type, int lda, const void *b, int b_type, int ldb,
                 const void *beta, const void *c, int c_type, int ldc, void *d, int d_type, int ldd,
                 int compute, int way, gint32 solution, guint32 flags)
{
  const gboolean across_a = op_a == 112, across_b = op_b == 112;
  const guint16 *pa = a, *pb = b;

  if ((op_a != 111 && op_a != 112) || (op_b != 111 && op_b != 112) || b_type != a_type
      || (a_type != 168 && a_type != 150) || c_type != 151 || d_type != 151 || compute != 151
      || way != 0 || lda < (across_a ? k : m) || ldb < (across_b ? n : k) || ldc < m || ldd < m)
    return 1;
  n_products++;
  for (int column = 0; column < n; column++)
    for (int row = 0; row < m; row++)
      {
        const float before = *(const float *) beta != 0.0f
                                 ? *(const float *) beta * ((const float *) c)[column * ldc + row]
                                 : 0.0f;
        double sum = 0;

        for (int i = 0; i < k; i++)
          sum += value (pa[across_a ? row * lda + i : i * lda + row], a_type)
                 * value (pb[across_b ? i * ldb + column : column * ldb + i], b_type);
        ((float *) d)[column * ldd + row] = (float) (*(const float *) alpha * sum + before);
      }
  return 0;
}
