/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The products of every level against the reference, in shapes that no vector, tile or block
 * divides.
 */
#include "compute/harness.h"

#include "compute/four-bits.h"

/* Measured: 3e-7 at most; K = 1441 terms in f32. */
#define TOLERANCE 2e-6

/* w (n, k) in @type, from random values by way of its encoder, or random bits with sane scales
 * where it has none. */
static AttuneTensor
stored (Bench *b, AttuneType type, gint64 n, gint64 k)
{
  const AttuneTypeInfo *info = attune_type_info (type);
  AttuneTensor w = bench_tensor (b, type, n, k);
  guint8 *p = w.data;

  if (info->encode != NULL)
    {
      AttuneTensor x = bench_random (b, n, k, -1, 1);

      info->encode (w.data, x.data, n * k);
      return w;
    }
  for (gint64 i = 0; i < attune_tensor_bytes (&w); i++)
    {
      const int at = i % info->bytes;
      const guint8 scale[4] = { 0x12, 0x2c, 0x34, 0xa0 }; /* f16: 0.06, -0.008 */

      p[i] = at < 2 || (type == ATTUNE_TYPE_Q5_1 && at < 4) ? scale[at]
                                                            : g_rand_int_range (b->rand, 0, 256);
    }
  return w;
}

static const AttuneType types[]
    = { ATTUNE_TYPE_F32,  ATTUNE_TYPE_F16,  ATTUNE_TYPE_BF16, ATTUNE_TYPE_Q4_0, ATTUNE_TYPE_Q4_1,
        ATTUNE_TYPE_Q5_0, ATTUNE_TYPE_Q5_1, ATTUNE_TYPE_Q8_0, ATTUNE_TYPE_NF4 };

/* T, N, K; K of block types is filled up to whole blocks. */
static const gint64 shapes[][3] = {
  { 1, 1, 1 },     { 1, 37, 65 },   { 2, 33, 31 },    { 3, 16, 576 },
  { 5, 7, 3 },     { 8, 130, 129 }, { 9, 31, 17 },    { 29, 16, 577 },
  { 67, 131, 16 }, { 43, 97, 130 }, { 15, 1441, 96 }, { 16, 3, 1441 },
  { 7, 1, 200 },   { 100, 33, 1 },  { 131, 512, 64 }, { 64, 64, 512 },
};

typedef void (*Product) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                         const AttuneTensor *w, float alpha, float beta);

/* Both betas: overwriting what is NaN, adding to what is 1. */
static void
compare (Bench *b, Product tested, Product plain, gint64 rows, gint64 columns,
         const AttuneTensor *x, const AttuneTensor *w)
{
  for (int beta = 0; beta <= 1; beta++)
    {
      AttuneTensor found = bench_filled (b, rows, columns, beta ? 1.0f : NAN),
                   expected = bench_copy (b, &found), again = bench_copy (b, &found);

      tested (b->be, &found, x, w, 0.75f, beta);
      plain (b->ref, &expected, x, w, 0.75f, beta);
      assert_near (&found, &expected, TOLERANCE, beta ? 1.0 : 1e-37);
      tested (b->be, &again, x, w, 0.75f, beta);
      assert_same_bits (&again, &found);
    }
}

static void
each_shape (Bench *b, void (*check) (Bench *b, AttuneType type, gint64 t, gint64 n, gint64 k))
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (shapes); j++)
      {
        const int block = attune_type_info (types[i])->block;

        if (b->emulated && shapes[j][0] * shapes[j][1] * shapes[j][2] > 100000)
          continue;
        g_test_message ("%s %d x %d x %d", attune_type_info (types[i])->name, (int) shapes[j][0],
                        (int) shapes[j][1], (int) shapes[j][2]);
        check (b, types[i], shapes[j][0], shapes[j][1], (shapes[j][2] + block - 1) / block * block);
        g_ptr_array_set_size (b->blocks, 0);
      }
}

static void
check_nt (Bench *b, AttuneType type, gint64 t, gint64 n, gint64 k)
{
  const AttuneTensor x = bench_random (b, t, k, -1, 1), w = stored (b, type, n, k);

  compare (b, b->be->matmul_nt, b->ref->matmul_nt, t, n, &x, &w);
}

static void
check_nn (Bench *b, AttuneType type, gint64 t, gint64 n, gint64 k)
{
  const AttuneTensor dy = bench_random (b, t, n, -1, 1), w = stored (b, type, n, k);

  compare (b, b->be->matmul_nn, b->ref->matmul_nn, t, k, &dy, &w);
}

static void
test_nt (Bench *b)
{
  each_shape (b, check_nt);
}

static void
test_nn (Bench *b)
{
  each_shape (b, check_nn);
}

static void
test_tn (Bench *b)
{
  for (gsize j = 0; j < G_N_ELEMENTS (shapes); j++)
    {
      /* The shapes' longest side is also tried as T. */
      for (int turn = 0; turn < (b->emulated ? 1 : 3); turn++)
        {
          const gint64 t = shapes[j][turn], n = shapes[j][(turn + 1) % 3],
                       k = shapes[j][(turn + 2) % 3];
          const AttuneTensor dy = bench_random (b, t, n, -1, 1), x = bench_random (b, t, k, -1, 1);

          compare (b, b->be->matmul_tn, b->ref->matmul_tn, n, k, &dy, &x);
        }
      g_ptr_array_set_size (b->blocks, 0);
    }
}

/* No tokens: a gradient that overwrites is 0, one that adds is left alone. */
static void
test_empty (Bench *b)
{
  const AttuneTensor dy = bench_random (b, 0, 5, -1, 1), x = bench_random (b, 0, 37, -1, 1),
                     w = bench_random (b, 5, 37, -1, 1), nothing = bench_random (b, 0, 37, -1, 1);
  AttuneTensor dw = bench_filled (b, 5, 37, NAN), zero = bench_filled (b, 5, 37, 0.0f);

  b->be->matmul_tn (b->be, &dw, &dy, &x, 1, 0);
  assert_same_bits (&dw, &zero);
  b->be->matmul_nn (b->be, &nothing, &dy, &w, 1, 0);
  b->be->matmul_nt (b->be, &dy, &x, &w, 1, 0);
}

/* Denormal and huge factors whose products are ordinary numbers, and a NaN and an infinity that
 * must come through. */
static void
test_extremes (Bench *b)
{
  static const gint64 rows[] = { 3, 33 };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AttuneTensor x = bench_random (b, rows[i], 70, 1e-39, 1e-38),
                   w = bench_random (b, 41, 70, 1e37, 3e38),
                   dy = bench_random (b, rows[i], 41, 1e-39, 1e-38);

      compare (b, b->be->matmul_nt, b->ref->matmul_nt, rows[i], 41, &x, &w);
      compare (b, b->be->matmul_nn, b->ref->matmul_nn, rows[i], 70, &dy, &w);
      ((float *) x.data)[71] = NAN;
      ((float *) x.data)[2] = INFINITY;
      ((float *) dy.data)[43] = NAN;
      compare (b, b->be->matmul_nt, b->ref->matmul_nt, rows[i], 41, &x, &w);
      compare (b, b->be->matmul_nn, b->ref->matmul_nn, rows[i], 70, &dy, &w);
      compare (b, b->be->matmul_tn, b->ref->matmul_tn, 41, 70, &dy, &x);
    }
}

/* x to bf16 and back. */
static AttuneTensor
rounded_copy (Bench *b, const AttuneTensor *x)
{
  const gint64 n = attune_tensor_count (x);
  AttuneTensor y = bench_tensor (b, ATTUNE_TYPE_F32, x->dims[0], x->dims[1]);
  g_autofree float *plain = g_new (float, n);

  attune_tensor_decode (plain, x, 0, n);
  for (gint64 i = 0; i < n; i++)
    ((float *) y.data)[i] = attune_bf16_to_f32 (attune_f32_to_bf16 (plain[i]));
  return y;
}

/* The GPU's rounded arithmetic: exact products of what was rounded to bf16, by our kernel and by a
 * maker's library. */
static void
test_rounded (Bench *b)
{
  static const AttuneType some[] = { ATTUNE_TYPE_F32, ATTUNE_TYPE_BF16, ATTUNE_TYPE_NF4 };
  static const gint64 sizes[][3]
      = { { 1, 1, 64 }, { 33, 70, 128 }, { 67, 131, 64 }, { 130, 5, 192 } };

  for (gsize i = 0; i < G_N_ELEMENTS (some); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (sizes); j++)
      for (int beta = 0; beta <= 1; beta++)
        {
          const gint64 t = sizes[j][0], n = sizes[j][1], k = sizes[j][2];
          const AttuneTensor x = bench_random (b, t, k, -1, 1), dy = bench_random (b, t, n, -1, 1),
                             w = stored (b, some[i], n, k), rx = rounded_copy (b, &x),
                             rdy = rounded_copy (b, &dy), rw = rounded_copy (b, &w);
          AttuneTensor y = bench_filled (b, t, n, beta ? 1 : NAN), expected_y = bench_copy (b, &y),
                       dx = bench_filled (b, t, k, beta ? 1 : NAN),
                       expected_dx = bench_copy (b, &dx);

          b->be->matmul_nt_int8 (b->be, &y, &x, &w, beta, NULL);
          b->ref->matmul_nt (b->ref, &expected_y, &rx, &rw, 1, beta);
          assert_near (&y, &expected_y, TOLERANCE, 1.0);
          b->be->matmul_nn_int8 (b->be, &dx, &dy, &w, beta, NULL);
          b->ref->matmul_nn (b->ref, &expected_dx, &rdy, &rw, 1, beta);
          assert_near (&dx, &expected_dx, TOLERANCE, 1.0);
          g_ptr_array_set_size (b->blocks, 0);
        }
}

/* The emulation's plug-in, for what the table does not have. */
static void
set_precision (Bench *b, AttunePrecision precision)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("ATTUNE_PLUGIN_DIR"), "libattune-emulation.so", NULL);
  void *library = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  const AttunePlugin *(*get) (guint32 abi) = dlsym (library, "attune_plugin");

  g_assert_true (get (ATTUNE_BACKEND_ABI)->set_precision (b->be, precision));
}

/* All three products with factors of 16 bits; with f16 they are scaled, so that none is too small
 * or too large for it. Measured: 4e-3 and 6e-4. */
static void
test_precision (Bench *b)
{
  static const double sizes_of_gradients[] = { 1.0, 1e-9, 1e30 };
  static const double tolerances[ATTUNE_N_PRECISIONS] = { 0, 1e-2, 1.5e-3 };
  const gint64 t = 35, n = 69, k = 50;

  for (int p = ATTUNE_PRECISION_BF16; p < ATTUNE_N_PRECISIONS; p++)
    for (gsize i = 0; i < G_N_ELEMENTS (sizes_of_gradients); i++)
      {
        const double size = sizes_of_gradients[i];
        AttuneTensor x = bench_random (b, t, k, -1, 1), w = bench_random (b, n, k, -1, 1),
                     dy = bench_random (b, t, n, -size, size);
        AttuneTensor y = bench_filled (b, t, n, NAN), dx = bench_filled (b, t, k, NAN),
                     dw = bench_filled (b, n, k, size), ey = bench_copy (b, &y),
                     edx = bench_copy (b, &dx), edw = bench_copy (b, &dw), before;

        set_precision (b, p);
        b->be->matmul_nt (b->be, &y, &x, &w, 0.5f, 0);
        b->be->matmul_nn (b->be, &dx, &dy, &w, 0.5f, 0);
        b->be->matmul_tn (b->be, &dw, &dy, &x, 0.5f, 1);
        set_precision (b, ATTUNE_PRECISION_F32);
        b->ref->matmul_nt (b->ref, &ey, &x, &w, 0.5f, 0);
        b->ref->matmul_nn (b->ref, &edx, &dy, &w, 0.5f, 0);
        b->ref->matmul_tn (b->ref, &edw, &dy, &x, 0.5f, 1);
        assert_close (&y, &ey, tolerances[p]);
        assert_close (&dx, &edx, tolerances[p]);
        assert_close (&dw, &edw, tolerances[p]);
        g_assert_cmpfloat (bench_difference (&y, &ey, 1e-37), >, 1e-6); /* it was rounded */
        before = bench_copy (b, &y);
        b->be->matmul_nt (b->be, &y, &x, &w, 0.5f, 0); /* and is not any more */
        assert_close (&y, &ey, TOLERANCE);
        g_assert_cmpfloat (bench_difference (&before, &y, 1e-37), >, 1e-6);

        ((float *) dy.data)[n + 3] = NAN; /* what is no number comes through */
        set_precision (b, p);
        b->be->matmul_nn (b->be, &dx, &dy, &w, 1, 0);
        set_precision (b, ATTUNE_PRECISION_F32);
        for (gint64 j = 0; j < k; j++)
          g_assert_true (isnan (((float *) dx.data)[k + j]));
        g_ptr_array_set_size (b->blocks, 0);
      }
}

static void
test_library (Bench *b)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("ATTUNE_PLUGIN_DIR"), "libattune-blas.so", NULL);
  AttuneBackend *without = b->be;
  int (*count) (void);
  void *library = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  g_assert_nonnull (library);
  count = dlsym (library, "count_products");
  g_setenv ("GPU_EMULATION_LIBRARY", path, TRUE);
  b->be = bench_open_emulation ();
  g_unsetenv ("GPU_EMULATION_LIBRARY");
  test_rounded (b);
  test_precision (b);
  g_assert_cmpint (count (), >, 20); /* it was used */
  attune_backend_free (b->be);
  b->be = without;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add ("nt", test_nt);
  bench_add ("nn", test_nn);
  bench_add ("tn", test_tn);
  bench_add ("empty", test_empty);
  bench_add ("extremes", test_extremes);
  bench_add_emulation ("rounded", test_rounded);
  bench_add_emulation ("precision", test_precision);
  bench_add_emulation ("library", test_library);
  return g_test_run ();
}
