/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Products in 8 bits: rounding against its own bound, products against the reference with the same
 * rounded x. What a row gives must not depend on its neighbours, on the threads or on the products
 * beside it: to the bit.
 */
#include "compute/harness.h"
#ifdef __x86_64__
#include "compute/cpu/cpu.h"
#include "compute/vnni-trap.h"
#endif

/* Measured: 9e-7 at most, of the largest result. */
#define TOLERANCE 5e-6
/* NF4's table is rounded to steps of 1/127 as well. Measured: 6e-3. */
#define NF4_TOLERANCE 2e-2

static const AttuneType types[]
    = { ATTUNE_TYPE_Q4_0, ATTUNE_TYPE_Q4_1, ATTUNE_TYPE_Q5_0, ATTUNE_TYPE_Q5_1, ATTUNE_TYPE_Q8_0,
        ATTUNE_TYPE_Q4_K, ATTUNE_TYPE_Q5_K, ATTUNE_TYPE_Q6_K, ATTUNE_TYPE_NF4 };

/* T, N, K: less, more and as many as a group, a tile and a panel hold. */
static const gint64 shapes[][3] = {
  { 1, 1, 64 },   { 1, 16, 576 },  { 1, 37, 1088 }, { 2, 33, 64 }, { 3, 15, 128 }, { 4, 17, 64 },
  { 5, 48, 192 }, { 7, 31, 1088 }, { 8, 40, 512 },  { 9, 16, 64 }, { 17, 5, 64 },  { 35, 70, 576 },
};

/* Any bits are weights of these types, but for the scales. */
static AttuneTensor
stored (Bench *b, AttuneType type, gint64 n, gint64 k)
{
  const AttuneTypeInfo *info = attune_type_info (type);
  AttuneTensor w = bench_tensor (b, type, n, k);
  guint8 *p = w.data;

  for (gint64 i = 0; i < attune_tensor_bytes (&w); i++)
    p[i] = g_rand_int_range (b->rand, 0, 256);
  for (gint64 i = 0; i < attune_tensor_bytes (&w); i += info->bytes)
    {
      /* Q6_K's has a scale of 8 bits besides, so that all types' weights are about as large. */
      const float most = type == ATTUNE_TYPE_Q6_K ? 0.1f / 256 : 0.1f;
      const float scale = g_rand_double_range (b->rand, -most, most);
      const guint16 half = attune_f32_to_f16 (scale), min = attune_f32_to_f16 (0.7f * scale);

      if (type == ATTUNE_TYPE_NF4)
        memcpy (p + i + 32, &scale, sizeof scale);
      else
        memcpy (p + i + (type == ATTUNE_TYPE_Q6_K ? 208 : 0), &half, sizeof half);
      if (type == ATTUNE_TYPE_Q4_1 || type == ATTUNE_TYPE_Q5_1 || type == ATTUNE_TYPE_Q4_K
          || type == ATTUNE_TYPE_Q5_K)
        memcpy (p + i + 2, &min, sizeof min);
    }
  return w;
}

static AttuneRounded *
rounded (Bench *b, const AttuneTensor *x)
{
  AttuneRounded *r
      = bench_block (b, attune_tensor_count (x) / ATTUNE_ROUNDED_BLOCK * sizeof (AttuneRounded));

  b->be->round (b->be, r, x);
  return r;
}

static void
check_rows (Bench *b, const AttuneTensor *together, const AttuneRounded *r, const AttuneTensor *w)
{
  const gint64 n_blocks = attune_tensor_columns (w) / ATTUNE_ROUNDED_BLOCK;

  for (gint64 row = 0; row < together->dims[0]; row++)
    {
      const AttuneTensor expected = attune_tensor_slice (together, row, 1);
      AttuneTensor alone = bench_filled (b, 1, together->dims[1], NAN);

      b->be->matmul_rounded (b->be, 1, &alone, r + row * n_blocks, w, NULL, 0);
      assert_same_bits (&alone, &expected);
    }
}

/* Packed weights give the same bits. */
static void
check_packed (Bench *b, const AttuneTensor *expected, const AttuneRounded *r, const AttuneTensor *w)
{
  const gint64 size = attune_packed_bytes (w);
  AttuneTensor found = bench_filled (b, expected->dims[0], expected->dims[1], NAN);
  void *packed = bench_block (b, size);

  g_assert_cmpint (size == 0, ==, w->type == ATTUNE_TYPE_NF4);
  if (size == 0)
    return;
  memset (packed, 0, size);
  b->be->pack_rounded (b->be, packed, w);
  b->be->matmul_rounded (b->be, 1, &found, r, w, (const void *[]) { packed }, 0);
  assert_same_bits (&found, expected);
}

static void
check_product (Bench *b, AttuneType type, gint64 t, gint64 n, gint64 k)
{
  const AttuneTensor x = bench_random (b, t, k, -1, 1.5), w = stored (b, type, n, k);
  const AttuneRounded *r = rounded (b, &x);

  for (int beta = 0; beta <= 1; beta++)
    {
      AttuneTensor found = bench_filled (b, t, n, beta ? 1.0f : NAN),
                   expected = bench_copy (b, &found), again = bench_copy (b, &found);

      b->be->matmul_rounded (b->be, 1, &found, r, &w, NULL, beta);
      b->ref->matmul_rounded (b->ref, 1, &expected, r, &w, NULL, beta);
      assert_near (&found, &expected, type == ATTUNE_TYPE_NF4 ? NF4_TOLERANCE : TOLERANCE, 0.1);
      b->be->matmul_rounded (b->be, 1, &again, r, &w, NULL, beta);
      assert_same_bits (&again, &found);
      if (beta != 0)
        continue;
      check_rows (b, &found, r, &w);
      if (b->be->pack_rounded != NULL) /* the reference has none */
        check_packed (b, &found, r, &w);
    }
}

static void
check_shapes (Bench *b, const gint64 list[][3], gsize n)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    for (gsize j = 0; j < n; j++)
      {
        /* Whole blocks, which of some types are longer. */
        const gint64 block = attune_type_info (types[i])->block,
                     k = (list[j][2] + block - 1) / block * block;

        g_assert_true (attune_type_can_round (types[i]));
        g_test_message ("%s %d x %d x %d", attune_type_info (types[i])->name, (int) list[j][0],
                        (int) list[j][1], (int) k);
        check_product (b, types[i], list[j][0], list[j][1], k);
        g_ptr_array_set_size (b->blocks, 0);
      }
}

static void
test_products (Bench *b)
{
  check_shapes (b, shapes, G_N_ELEMENTS (shapes));
  g_assert_false (attune_type_can_round (ATTUNE_TYPE_F32));
}

/* Three products of one x in a call, of different types and lengths, as one by one. */
static void
test_shared (Bench *b)
{
  const AttuneTensor x = bench_random (b, 3, 192, -1, 1);
  const AttuneTensor w[]
      = { stored (b, ATTUNE_TYPE_Q4_0, 50, 192), stored (b, ATTUNE_TYPE_Q8_0, 7, 192),
          stored (b, ATTUNE_TYPE_Q5_1, 64, 192) };
  const AttuneRounded *r = rounded (b, &x);
  AttuneTensor together[3], alone[3];

  for (int i = 0; i < 3; i++)
    {
      together[i] = bench_filled (b, 3, w[i].dims[0], NAN);
      alone[i] = bench_filled (b, 3, w[i].dims[0], NAN);
      b->be->matmul_rounded (b->be, 1, &alone[i], r, &w[i], NULL, 0);
    }
  b->be->matmul_rounded (b->be, 3, together, r, w, NULL, 0);
  for (int i = 0; i < 3; i++)
    assert_same_bits (&together[i], &alone[i]);
}

/* The largest weights of eight bits with the largest of x: where 16-bit sums would overflow. */
static void
test_largest (Bench *b)
{
  AttuneTensor x = bench_filled (b, 2, 64, -1), w = bench_tensor (b, ATTUNE_TYPE_Q8_0, 16, 64),
               found = bench_filled (b, 2, 16, NAN), expected = bench_copy (b, &found);
  guint8 *p = w.data;

  for (gint64 i = 0; i < attune_tensor_bytes (&w); i++)
    p[i] = i % 34 == 0 ? 0 : i % 34 == 1 ? 0x3c : i / 340 % 2 ? 0x80 : 0x7f; /* d = 1 */
  b->be->matmul_rounded (b->be, 1, &found, rounded (b, &x), &w, NULL, 0);
  b->ref->matmul_nt (b->ref, &expected, &x, &w, 1, 0);
  assert_close (&found, &expected, TOLERANCE);
}

/* The largest of 5 and 6 bits, several of which are summed in 16. */
static void
test_largest_narrow (Bench *b)
{
  static const AttuneType narrow[] = { ATTUNE_TYPE_Q4_1, ATTUNE_TYPE_Q5_1, ATTUNE_TYPE_Q6_K };

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (narrow); i++)
    {
      const AttuneTypeInfo *info = attune_type_info (narrow[i / 2]);
      AttuneTensor x = bench_filled (b, 2, 256, i % 2 ? 1 : -1),
                   w = bench_tensor (b, narrow[i / 2], 16, 256),
                   found = bench_filled (b, 2, 16, NAN), expected = bench_copy (b, &found);
      const guint8 scales[] = { 0, 0x3c, 0, 0 }; /* d = 1, m = 0 */
      guint8 *p = w.data;

      memset (p, 0xff, attune_tensor_bytes (&w));
      for (gint64 at = 0; at < attune_tensor_bytes (&w); at += info->bytes)
        if (narrow[i / 2] == ATTUNE_TYPE_Q6_K)
          memcpy (p + at + 208, scales, 2);
        else
          memcpy (p + at, scales, 4);
      b->be->matmul_rounded (b->be, 1, &found, rounded (b, &x), &w, NULL, 0);
      b->ref->matmul_nt (b->ref, &expected, &x, &w, 1, 0);
      assert_close (&found, &expected, TOLERANCE);
    }
}

static void
check_rounding (Bench *b, const AttuneTensor *x)
{
  const AttuneRounded *r = rounded (b, x);
  const float *values = x->data;

  for (gint64 i = 0; i < attune_tensor_count (x); i += ATTUNE_ROUNDED_BLOCK, r++)
    {
      int sum = 0, first = 0;

      for (int j = 0; j < ATTUNE_ROUNDED_BLOCK; j++)
        {
          /* Half a step, and what the scale's own rounding adds. */
          g_assert_cmpfloat (fabs (values[i + j] - (double) r->scale * r->q[j]), <=,
                             0.50002 * r->scale + 1e-30);
          g_assert_cmpint (r->q[j], >=, -127);
          sum += r->q[j];
          first += j < ATTUNE_ROUNDED_BLOCK / 2 ? r->q[j] : 0;
        }
      g_assert_cmpfloat (r->sum, ==, r->scale * sum);
      g_assert_cmpfloat (r->first, ==, r->scale * first);
    }
}

static void
test_rounding (Bench *b)
{
  AttuneTensor ordinary = bench_random (b, 5, 96, -3, 2),
               tiny = bench_random (b, 3, 64, 1e-40, 1e-38),
               huge = bench_random (b, 3, 64, -1e35, 1e35), none = bench_filled (b, 1, 32, 0),
               negative = bench_filled (b, 2, 32, -1e-3f);

  check_rounding (b, &ordinary);
  check_rounding (b, &tiny);
  check_rounding (b, &huge);
  check_rounding (b, &none);
  check_rounding (b, &negative);
}

/* Damage comes through: to its own row, and to no other. */
static void
test_damage (Bench *b)
{
  static const float broken[] = { NAN, INFINITY, -INFINITY };
  const AttuneTensor w = stored (b, ATTUNE_TYPE_Q4_1, 20, 128);

  for (gsize i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      AttuneTensor x = bench_random (b, 3, 128, -1, 1), y = bench_filled (b, 3, 20, NAN);

      ((float *) x.data)[128 + 77] = broken[i];
      b->be->matmul_rounded (b->be, 1, &y, rounded (b, &x), &w, NULL, 0);
      for (int j = 0; j < 60; j++)
        g_assert_cmpint (isfinite (((float *) y.data)[j]) != 0, ==, j / 20 != 1);
    }
}

#ifdef __x86_64__
/* What machines with AVX2 and AVX-VNNI run, on any with AVX2. */
static void
run_with_vnni (Bench *b, Check check)
{
  if (strcmp (b->be->name, "cpu (AVX2)") != 0)
    return;
  attune_cpu_fill_rounded_3_vnni (b->be);
  vnni_trapped = 0;
  vnni_catch ();
  check (b);
  g_test_message ("%" G_GUINT64_FORMAT " instructions caught", vnni_trapped);
  g_assert_true (vnni_trapped > 0 || __builtin_cpu_supports ("avxvnni"));
}

static void
test_few_products (Bench *b)
{
  static const gint64 few[][3] = { { 1, 9, 64 }, { 5, 17, 64 } };

  check_shapes (b, few, G_N_ELEMENTS (few));
}

static void
test_products_vnni (Bench *b)
{
  run_with_vnni (b, test_few_products);
}

static void
test_largest_vnni (Bench *b)
{
  run_with_vnni (b, test_largest);
}
#endif

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add_up_to ("products", test_products, 5);
  bench_add_up_to ("shared", test_shared, 5);
  bench_add_up_to ("largest", test_largest, 5);
  bench_add_up_to ("largest-narrow", test_largest_narrow, 5);
  bench_add_up_to ("rounding", test_rounding, 5);
  bench_add_up_to ("damage", test_damage, 5);
#ifdef __x86_64__
  bench_add_levels ("products-vnni", test_products_vnni, 3, 3);
  bench_add_levels ("largest-vnni", test_largest_vnni, 3, 3);
#endif
  return g_test_run ();
}
