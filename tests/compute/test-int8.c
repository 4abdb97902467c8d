/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The 8-bit products of training against the reference, which rounds in the same way, and against
 * the exact product; to the same bits whatever the threads.
 */
#include "compute/harness.h"

/* Measured: 2e-7; whole numbers are summed exactly on both sides. */
#define TOLERANCE 1e-6
/* Of the exact product's largest value. Measured: 1.1e-2. */
#define ROUNDING 3e-2

static const AttuneType types[]
    = { ATTUNE_TYPE_F32, ATTUNE_TYPE_BF16, ATTUNE_TYPE_Q4_1, ATTUNE_TYPE_Q8_0, ATTUNE_TYPE_NF4 };

/* T, N, K; what has blocks is filled up to whole ones. */
static const gint64 shapes[][3] = {
  { 1, 1, 1 },     { 2, 33, 31 },    { 5, 7, 3 },      { 15, 16, 576 },
  { 29, 97, 130 }, { 64, 40, 1088 }, { 17, 1100, 64 },
};

/* FALSE, and the test is skipped, where the backend has no such products. */
static gboolean
can_run (Bench *b)
{
  if (b->be->matmul_nt_int8 != NULL)
    return TRUE;
  g_test_skip ("this processor has no AVX512-VNNI");
  return FALSE;
}

static AttuneTensor
stored (Bench *b, AttuneType type, gint64 n, gint64 k)
{
  const AttuneTypeInfo *info = attune_type_info (type);
  AttuneTensor x = bench_random (b, n, k, -1, 1), w = bench_tensor (b, type, n, k);

  info->encode (w.data, x.data, n * k);
  return w;
}

typedef void (*Product) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                         const AttuneTensor *w, float beta, void *scratch);

static void
compare (Bench *b, Product tested, Product plain, const AttuneTensor *x, const AttuneTensor *w,
         gint64 columns)
{
  const gint64 rows = attune_tensor_rows (x);
  void *scratch = bench_block (b, ATTUNE_INT8_SCRATCH (rows, attune_tensor_columns (x)));

  for (int beta = 0; beta <= 1; beta++)
    {
      AttuneTensor found = bench_filled (b, rows, columns, beta ? 1.0f : NAN),
                   expected = bench_copy (b, &found), again = bench_copy (b, &found);

      tested (b->be, &found, x, w, beta, scratch);
      plain (b->ref, &expected, x, w, beta, NULL);
      assert_near (&found, &expected, TOLERANCE, 0.1);
      tested (b->be, &again, x, w, beta, scratch);
      assert_same_bits (&again, &found);
    }
}

static void
test_products (Bench *b)
{
  if (!can_run (b))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (shapes); j++)
      {
        const int block = attune_type_info (types[i])->block;
        const gint64 t = shapes[j][0], n = shapes[j][1],
                     k = (shapes[j][2] + block - 1) / block * block;
        const AttuneTensor x = bench_random (b, t, k, -1, 1.5), dy = bench_random (b, t, n, -2, 1);
        const AttuneTensor w = stored (b, types[i], n, k);

        compare (b, b->be->matmul_nt_int8, b->ref->matmul_nt_int8, &x, &w, n);
        compare (b, b->be->matmul_nn_int8, b->ref->matmul_nn_int8, &dy, &w, k);
        g_ptr_array_set_size (b->blocks, 0);
      }
}

/* What rounding costs: no more than it must. */
static void
test_rounding (Bench *b)
{
  const AttuneTensor x = bench_random (b, 40, 576, -1, 1), dy = bench_random (b, 40, 192, -1, 1),
                     w = stored (b, ATTUNE_TYPE_Q8_0, 192, 576);
  AttuneTensor y = bench_filled (b, 40, 192, NAN), exact = bench_copy (b, &y),
               dx = bench_filled (b, 40, 576, NAN), exact_dx = bench_copy (b, &dx);
  void *scratch = bench_block (b, ATTUNE_INT8_SCRATCH (40, 576));

  if (!can_run (b))
    return;
  b->be->matmul_nt_int8 (b->be, &y, &x, &w, 0, scratch);
  b->ref->matmul_nt (b->ref, &exact, &x, &w, 1, 0);
  assert_close (&y, &exact, ROUNDING);
  b->be->matmul_nn_int8 (b->be, &dx, &dy, &w, 0, scratch);
  b->ref->matmul_nn (b->ref, &exact_dx, &dy, &w, 1, 0);
  assert_close (&dx, &exact_dx, ROUNDING);
}

/* Damage comes through to its own row; tiny and huge rows keep their digits. */
static void
test_extremes (Bench *b)
{
  AttuneTensor x = bench_random (b, 6, 96, -1, 1), w = stored (b, ATTUNE_TYPE_F32, 40, 96),
               found = bench_filled (b, 6, 40, NAN), expected = bench_copy (b, &found);
  float *values = x.data;
  void *scratch = bench_block (b, ATTUNE_INT8_SCRATCH (6, 96));

  if (!can_run (b))
    return;
  values[1 * 96 + 5] = NAN;
  values[2 * 96 + 95] = INFINITY;
  for (int i = 0; i < 96; i++)
    {
      values[3 * 96 + i] *= 1e-25f;
      values[4 * 96 + i] *= 1e25f;
      values[5 * 96 + i] = 1e-39f; /* denormal */
    }
  b->be->matmul_nt_int8 (b->be, &found, &x, &w, 0, scratch);
  b->ref->matmul_nt_int8 (b->ref, &expected, &x, &w, 0, NULL);
  for (int row = 0; row < 6; row++)
    {
      const AttuneTensor a = attune_tensor_slice (&found, row, 1),
                         e = attune_tensor_slice (&expected, row, 1);

      if (row == 1 || row == 2)
        g_assert_false (isfinite (((float *) a.data)[0]));
      else
        assert_close (&a, &e, TOLERANCE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add_levels ("products", test_products, 5, 5);
  bench_add_levels ("rounding", test_rounding, 5, 5);
  bench_add_levels ("extremes", test_extremes, 5, 5);
  return g_test_run ();
}
