/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The 16-bit products of training against the exact product: equal where nothing needs rounding,
 * near it otherwise; to the same bits whatever the threads and the other rows.
 */
#include "compute/harness.h"

/* Of sums in f32. Measured: 4e-7. */
#define TOLERANCE 2e-6
/* What rounding x, and the steps, may cost. Measured: 6e-5, Q6_K 2e-4. */
#define ROUNDING 3e-4

#define HEAD_ROUNDING 1e-3

static const AttuneType types[]
    = { ATTUNE_TYPE_Q4_0, ATTUNE_TYPE_Q4_1, ATTUNE_TYPE_Q5_0, ATTUNE_TYPE_Q5_1,
        ATTUNE_TYPE_Q8_0, ATTUNE_TYPE_Q4_K, ATTUNE_TYPE_Q5_K, ATTUNE_TYPE_Q6_K };

/* T, N, K; K is filled up to whole blocks. */
static const gint64 shapes[][3] = {
  { 1, 1, 32 },   { 2, 33, 64 },    { 5, 7, 96 },     { 15, 16, 576 },  { 29, 97, 160 },
  { 8, 70, 864 }, { 16, 40, 1600 }, { 17, 1100, 64 }, { 30, 129, 256 },
};

/* FALSE, and the test is skipped, where the backend has no such products. */
static gboolean
can_run (Bench *b)
{
  if (b->be->matmul_nt_int16 != NULL)
    return TRUE;
  g_test_skip ("there are no products in 16 bits on this level");
  return FALSE;
}

static void
put_f16 (guint8 *p, float value)
{
  const guint16 bits = attune_f32_to_f16 (value);

  memcpy (p, &bits, sizeof bits);
}

/* w (n, k) of any bits, but for the steps: @vary: of all sizes, else all the same. */
static AttuneTensor
stored (Bench *b, AttuneType type, gint64 n, gint64 k, gboolean vary)
{
  const AttuneTypeInfo *info = attune_type_info (type);
  const gboolean is_super = info->block == 256;
  AttuneTensor w = bench_tensor (b, type, n, k);
  guint8 *p = w.data;

  for (gint64 i = 0; i < attune_tensor_bytes (&w); i++)
    p[i] = g_rand_int_range (b->rand, 0, 256);
  for (; p < (guint8 *) w.data + attune_tensor_bytes (&w); p += info->bytes)
    {
      const float d = vary ? g_rand_double_range (b->rand, -0.02, 0.06) : 0.03125f,
                  m = vary ? g_rand_double_range (b->rand, -0.2, 0.1) : -0.125f;

      put_f16 (type == ATTUNE_TYPE_Q6_K ? p + 208 : p, d);
      if (type == ATTUNE_TYPE_Q4_1 || type == ATTUNE_TYPE_Q5_1)
        put_f16 (p + 2, m);
      if (!is_super || type == ATTUNE_TYPE_Q6_K)
        continue;
      put_f16 (p + 2, fabsf (m));
      for (int i = 4; i < 16 && !vary; i++)
        p[i] = 0x55;
    }
  return w;
}

/* Whole numbers of at most @largest, which each 32 of a row hold, too. */
static AttuneTensor
whole (Bench *b, gint64 rows, gint64 columns, int largest)
{
  AttuneTensor x = bench_tensor (b, ATTUNE_TYPE_F32, rows, columns);

  for (gint64 i = 0; i < rows; i++)
    for (gint64 j = 0; j < columns; j++)
      ((float *) x.data)[i * columns + j]
          = j % 32 == 0 ? largest : g_rand_int_range (b->rand, -largest, largest + 1);
  return x;
}

static gint64
fill_up (AttuneType type, gint64 k)
{
  const int block = attune_type_info (type)->block;

  return (k + block - 1) / block * block;
}

typedef void (*Product) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                         const AttuneTensor *w, float beta);
typedef void (*Exact) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                       const AttuneTensor *w, float alpha, float beta);

static void
compare (Bench *b, Product tested, Exact exact, const AttuneTensor *x, const AttuneTensor *w,
         gint64 columns, double tolerance)
{
  const gint64 rows = attune_tensor_rows (x);

  for (int beta = 0; beta <= 1; beta++)
    {
      AttuneTensor found = bench_filled (b, rows, columns, beta ? 1.0f : NAN),
                   expected = bench_copy (b, &found), again = bench_copy (b, &found), one;
      AttuneTensor last = attune_tensor_slice (x, rows - 1, 1);

      tested (b->be, &found, x, w, beta);
      exact (b->ref, &expected, x, w, 1, beta);
      assert_near (&found, &expected, tolerance, 0.1);
      /* A row is the same without the others. */
      one = attune_tensor_slice (&again, rows - 1, 1);
      tested (b->be, &one, &last, w, beta);
      found = attune_tensor_slice (&found, rows - 1, 1);
      assert_same_bits (&one, &found);
    }
}

/* Where x is whole numbers of its largest and the steps are all the same, nothing is lost. */
static void
test_exact (Bench *b)
{
  if (!can_run (b))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (shapes); j++)
      {
        const gboolean six = types[i] == ATTUNE_TYPE_Q6_K;
        const gint64 t = shapes[j][0], n = shapes[j][1], k = fill_up (types[i], shapes[j][2]);
        const AttuneTensor x = whole (b, t, k, six ? 16383 : 32767),
                           dy = whole (b, t, n, six ? 8191 : 32767),
                           w = stored (b, types[i], n, k, FALSE);

        g_test_message ("%s %d x %d x %d", attune_type_info (types[i])->name, (int) t, (int) n,
                        (int) k);
        compare (b, b->be->matmul_nt_int16, b->ref->matmul_nt, &x, &w, n, TOLERANCE);
        compare (b, b->be->matmul_nn_int16, b->ref->matmul_nn, &dy, &w, k, TOLERANCE);
        g_ptr_array_set_size (b->blocks, 0);
      }
}

/* What rounding costs: no more than it must. */
static void
test_rounding (Bench *b)
{
  if (!can_run (b))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const gint64 k = fill_up (types[i], 576);
      const AttuneTensor x = bench_random (b, 40, k, -1, 1), dy = bench_random (b, 40, 192, -1, 1),
                         w = stored (b, types[i], 192, k, TRUE);

      g_test_message ("%s", attune_type_info (types[i])->name);
      compare (b, b->be->matmul_nt_int16, b->ref->matmul_nt, &x, &w, 192, ROUNDING);
      compare (b, b->be->matmul_nn_int16, b->ref->matmul_nn, &dy, &w, k, ROUNDING);
      g_ptr_array_set_size (b->blocks, 0);
    }
}

/* What the head of a language model hands back: one number near -1 among many that are next to
 * nothing, and rows of w of very different sizes. Measured: 4e-4 at most. */
static void
test_heads (Bench *b)
{
  if (!can_run (b))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      AttuneTensor dy = bench_random (b, 24, 640, 0, 2e-3),
                   w = stored (b, types[i], 640, 256, TRUE);
      const gsize row = attune_type_bytes (types[i], 256);
      const int block = attune_type_info (types[i])->bytes,
                at = types[i] == ATTUNE_TYPE_Q6_K ? 208 : 0;

      for (int j = 0; j < 24; j++)
        ((float *) dy.data)[j * 640 + j * 25] = -1;
      for (int j = 0; j < 640; j++) /* every third a hundredth of its neighbours */
        for (gsize p = j % 3 == 0 ? 0 : row; p < row; p += block)
          {
            guint8 *numbers = (guint8 *) w.data + j * row + p;

            put_f16 (numbers + at, 2e-4f);
            if (types[i] != ATTUNE_TYPE_Q4_0 && types[i] != ATTUNE_TYPE_Q5_0
                && types[i] != ATTUNE_TYPE_Q8_0 && types[i] != ATTUNE_TYPE_Q6_K)
              put_f16 (numbers + 2, 1e-3f);
          }
      g_test_message ("%s", attune_type_info (types[i])->name);
      for (int j = 0; j < 24; j++) /* each against its own largest */
        {
          const AttuneTensor one = attune_tensor_slice (&dy, j, 1);
          AttuneTensor found = bench_filled (b, 1, 256, NAN), expected = bench_copy (b, &found);

          b->be->matmul_nn_int16 (b->be, &found, &one, &w, 0);
          b->ref->matmul_nn (b->ref, &expected, &one, &w, 1, 0);
          assert_near (&found, &expected, HEAD_ROUNDING, 1e-37);
        }
      g_ptr_array_set_size (b->blocks, 0);
    }
}

/* The largest sums that there are fit: all numbers at their end. */
static void
test_largest (Bench *b)
{
  if (!can_run (b))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const AttuneTypeInfo *info = attune_type_info (types[i]);
      const AttuneTensor x = bench_filled (b, 9, 256, -1), dy = bench_filled (b, 9, 64, -1);
      AttuneTensor w = stored (b, types[i], 64, 256, FALSE);

      for (guint8 *p = w.data; p < (guint8 *) w.data + attune_tensor_bytes (&w); p += info->bytes)
        for (int j = info->block == 256 && types[i] != ATTUNE_TYPE_Q6_K ? 16 : 4; j < info->bytes;
             j++)
          if (types[i] != ATTUNE_TYPE_Q6_K)
            p[j] = types[i] == ATTUNE_TYPE_Q8_0 ? 0x80 : 0xff;
          else if (j < 208)
            p[j] = j < 192 ? 0 : 0x80;
      compare (b, b->be->matmul_nt_int16, b->ref->matmul_nt, &x, &w, 64, ROUNDING);
      compare (b, b->be->matmul_nn_int16, b->ref->matmul_nn, &dy, &w, 256, ROUNDING);
      g_ptr_array_set_size (b->blocks, 0);
    }
}

/* More rows than are rounded at once: to the same bits as some at a time. */
static void
test_many_rows (Bench *b)
{
  const AttuneTensor x = bench_random (b, 3000, 768, -1, 1),
                     w = stored (b, ATTUNE_TYPE_Q4_1, 40, 768, TRUE);
  AttuneTensor all = bench_filled (b, 3000, 40, NAN), some = bench_filled (b, 3000, 40, NAN);

  if (!can_run (b))
    return;
  b->be->matmul_nt_int16 (b->be, &all, &x, &w, 0);
  for (int row = 0; row < 3000; row += 600)
    {
      const AttuneTensor x_part = attune_tensor_slice (&x, row, 600),
                         part = attune_tensor_slice (&some, row, 600);

      b->be->matmul_nt_int16 (b->be, &part, &x_part, &w, 0);
    }
  assert_same_bits (&all, &some);
}

/* Damage comes through to its own row; tiny and huge rows keep their digits. */
static void
test_extremes (Bench *b)
{
  AttuneTensor x = bench_random (b, 6, 96, -1, 1), w = stored (b, ATTUNE_TYPE_Q4_1, 40, 96, TRUE),
               found = bench_filled (b, 6, 40, NAN), expected = bench_copy (b, &found);
  float *values = x.data;

  if (!can_run (b))
    return;
  values[1 * 96 + 5] = NAN;
  values[2 * 96 + 95] = -INFINITY;
  for (int i = 0; i < 96; i++)
    {
      values[3 * 96 + i] *= 1e-25f;
      values[4 * 96 + i] *= 1e25f;
      values[5 * 96 + i] = 1e-39f; /* denormal */
    }
  b->be->matmul_nt_int16 (b->be, &found, &x, &w, 0);
  b->ref->matmul_nt (b->ref, &expected, &x, &w, 1, 0);
  for (int row = 0; row < 6; row++)
    {
      const AttuneTensor a = attune_tensor_slice (&found, row, 1),
                         e = attune_tensor_slice (&expected, row, 1);

      if (row == 1 || row == 2)
        g_assert_false (isfinite (((float *) a.data)[0]));
      else
        assert_near (&a, &e, ROUNDING, 1e-30);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add_levels ("exact", test_exact, 2, 5);
  bench_add_levels ("rounding", test_rounding, 2, 5);
  bench_add_levels ("heads", test_heads, 2, 5);
  bench_add_levels ("many-rows", test_many_rows, 2, 5);
  bench_add_levels ("largest", test_largest, 2, 5);
  bench_add_levels ("extremes", test_extremes, 2, 5);
  return g_test_run ();
}
