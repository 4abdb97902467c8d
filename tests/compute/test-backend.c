/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every entry but products and attention, each level against the reference; and gradients against
 * central differences.
 */
#include "compute/harness.h"
#include "gradient-check.h"

/* Rows and columns: less than a vector, a few, and enough for two threads to share. */
static const gint64 sizes[][2] = { { 1, 1 }, { 2, 3 }, { 5, 37 }, { 131, 337 } };

/* Measured: 3e-7 at most; rounding of f32. */
#define TOLERANCE 1e-6

#define FOR_EACH_SIZE(b, rows, columns)                                                            \
  for (gsize i_ = 0; i_ < G_N_ELEMENTS (sizes); i_++, g_ptr_array_set_size (b->blocks, 0))         \
    for (gint64 rows = sizes[i_][0], columns = sizes[i_][1]; rows > 0; rows = 0)

static void
test_moves (Bench *b)
{
  FOR_EACH_SIZE (b, rows, columns)
  {
    AttuneTensor x = bench_random (b, rows, columns, -1, 1),
                 y = bench_filled (b, rows, columns, NAN);
    AttuneTensor zero = bench_filled (b, rows, columns, 0.0f);

    b->be->copy (b->be, &y, &x);
    assert_same_bits (&y, &x);
    b->be->zero (b->be, &y);
    assert_same_bits (&y, &zero);
  }
}

static void
test_sums (Bench *b)
{
  FOR_EACH_SIZE (b, rows, columns)
  {
    AttuneTensor x = bench_random (b, rows, columns, -1, 1),
                 bias = bench_random (b, 1, columns, -1, 1);
    AttuneTensor found = bench_random (b, rows, columns, -1, 1), expected = bench_copy (b, &found);
    AttuneTensor expected_sum;

    ((float *) x.data)[rows * columns / 2] = NAN;
    b->be->add (b->be, &found, &x);
    b->ref->add (b->ref, &expected, &x);
    assert_same_bits (&found, &expected);
    b->be->add_bias (b->be, &found, &bias);
    b->ref->add_bias (b->ref, &expected, &bias);
    assert_same_bits (&found, &expected);
    ((float *) found.data)[rows * columns / 2] = ((float *) expected.data)[rows * columns / 2] = 2;
    expected_sum = bench_copy (b, &bias);
    b->be->add_bias_backward (b->be, &bias, &found);
    b->ref->add_bias_backward (b->ref, &expected_sum, &found);
    assert_close (&bias, &expected_sum, TOLERANCE);
    b->be->scale (b->be, &found, 1.7f);
    b->ref->scale (b->ref, &expected, 1.7f);
    assert_same_bits (&found, &expected);
    ((float *) found.data)[0] = ((float *) expected.data)[0] = 1e6f;
    b->be->soft_cap (b->be, &found, 0.8f);
    b->ref->soft_cap (b->ref, &expected, 0.8f);
    assert_close (&found, &expected, TOLERANCE);
  }
}

static void
test_gates (Bench *b)
{
  /* Where e^-x is a denormal or more than f32 holds, too. */
  static const double ranges[] = { 1e-40, 3.0, 30.0, 120.0, 1e4, 1e30 };

  FOR_EACH_SIZE (b, rows, columns)
  for (gsize r = 0; r < G_N_ELEMENTS (ranges); r++)
    for (AttuneGate kind = ATTUNE_GATE_SILU; kind <= ATTUNE_GATE_SIGMOID; kind++)
      {
        AttuneTensor gate = bench_random (b, rows, columns, -ranges[r], ranges[r]);
        AttuneTensor up = bench_random (b, rows, columns, -1, 1),
                     dy = bench_random (b, rows, columns, -1, 1);
        AttuneTensor y = bench_filled (b, rows, columns, NAN), expected_y = bench_copy (b, &y);
        AttuneTensor dup = bench_copy (b, &y), expected_dgate = bench_copy (b, &y),
                     expected_dup = bench_copy (b, &y);

        if (rows > 1)
          ((float *) gate.data)[2] = NAN;
        b->be->gated_forward (b->be, &y, &gate, &up, kind);
        b->ref->gated_forward (b->ref, &expected_y, &gate, &up, kind);
        assert_near (&y, &expected_y, TOLERANCE, MAX (1e-37, 0.1 * MIN (1.0, ranges[r])));
        b->ref->gated_backward (b->ref, &expected_dgate, &expected_dup, &dy, &gate, &up, kind);
        b->be->gated_backward (b->be, &dy, &dup, &dy, &gate, &up, kind); /* dgate in dy's place */
        assert_near (&dy, &expected_dgate, TOLERANCE, 1.0);
        assert_near (&dup, &expected_dup, TOLERANCE, MAX (1e-37, 0.1 * MIN (1.0, ranges[r])));

        /* alone, in place */
        b->ref->gated_forward (b->ref, &expected_y, &gate, NULL, kind);
        b->ref->gated_backward (b->ref, &expected_dgate, NULL, &up, &gate, NULL, kind);
        b->be->gated_backward (b->be, &dup, NULL, &up, &gate, NULL, kind);
        b->be->gated_forward (b->be, &gate, &gate, NULL, kind);
        assert_near (&gate, &expected_y, TOLERANCE, MAX (1e-37, 0.1 * MIN (1.0, ranges[r])));
        assert_near (&dup, &expected_dgate, TOLERANCE, 1.0);
      }
}

static void
test_dropout (Bench *b)
{
  FOR_EACH_SIZE (b, rows, columns)
  for (guint64 offset = 0; offset < 7; offset += 3)
    {
      AttuneTensor x = bench_random (b, rows, columns, 1, 2),
                   found = bench_filled (b, rows, columns, NAN);
      AttuneTensor expected = bench_copy (b, &found);

      b->be->dropout (b->be, &found, &x, 0.3f, 11, 5, offset);
      b->ref->dropout (b->ref, &expected, &x, 0.3f, 11, 5, offset);
      assert_same_bits (&found, &expected);
      b->be->dropout (b->be, &x, &x, 0.3f, 11, 5, offset);
      assert_same_bits (&x, &expected);
    }
}

static void
test_norm (Bench *b)
{
  static const double ranges[] = { 1e-30, 1.0, 1e15 }; /* squares must stay in f32's range */

  FOR_EACH_SIZE (b, rows, columns)
  for (gsize r = 0; r < G_N_ELEMENTS (ranges); r++)
    {
      AttuneTensor x = bench_random (b, rows, columns, -ranges[r], ranges[r]),
                   w = bench_random (b, 1, columns, 0.5, 1.5),
                   dy = bench_random (b, rows, columns, -1, 1);
      AttuneTensor y = bench_filled (b, rows, columns, NAN), expected_y = bench_copy (b, &y);
      AttuneTensor rstd = bench_filled (b, 1, rows, NAN), expected_rstd = bench_copy (b, &rstd);
      AttuneTensor dx = bench_filled (b, rows, columns, 1), expected_dx = bench_copy (b, &dx);
      AttuneTensor dw = bench_filled (b, 1, columns, 1), expected_dw = bench_copy (b, &dw);

      b->be->rms_norm_forward (b->be, &y, &rstd, &x, &w, 1e-5f);
      b->ref->rms_norm_forward (b->ref, &expected_y, &expected_rstd, &x, &w, 1e-5f);
      assert_close (&y, &expected_y, TOLERANCE);
      assert_close (&rstd, &expected_rstd, TOLERANCE);
      b->be->rms_norm_backward (b->be, &dx, &dw, &dy, &x, &w, &rstd);
      b->ref->rms_norm_backward (b->ref, &expected_dx, &expected_dw, &dy, &x, &w, &rstd);
      assert_close (&dx, &expected_dx, 2 * TOLERANCE);
      assert_close (&dw, &expected_dw, 5 * TOLERANCE);
      b->be->rms_norm_backward (b->be, &dx, NULL, &dy, &x, &w, &rstd);
    }
}

static void
test_layer_norm (Bench *b)
{
  static const double means[] = { 0.0, 5.0 };

  FOR_EACH_SIZE (b, rows, columns)
  for (gsize r = 0; r < G_N_ELEMENTS (means); r++)
    {
      AttuneTensor x = bench_random (b, rows, columns, means[r] - 1.0, means[r] + 1.0),
                   w = bench_random (b, 1, columns, 0.5, 1.5),
                   bias = bench_random (b, 1, columns, -1, 1),
                   dy = bench_random (b, rows, columns, -1, 1);
      AttuneTensor y = bench_filled (b, rows, columns, NAN), expected_y = bench_copy (b, &y);
      AttuneTensor rstd = bench_filled (b, 1, rows, NAN), expected_rstd = bench_copy (b, &rstd);
      AttuneTensor dw = bench_filled (b, 1, columns, 1), expected_dw = bench_copy (b, &dw);
      AttuneTensor dx = bench_filled (b, rows, columns, 1), expected_dx = bench_copy (b, &dx);

      for (int with_bias = 0; with_bias <= 1; with_bias++)
        {
          b->be->layer_norm_forward (b->be, &y, &rstd, &x, &w, with_bias ? &bias : NULL, 1e-5f);
          b->ref->layer_norm_forward (b->ref, &expected_y, &expected_rstd, &x, &w,
                                      with_bias ? &bias : NULL, 1e-5f);
          /* A mean of 5 costs the differences some bits. */
          assert_close (&y, &expected_y, 5 * TOLERANCE);
          assert_close (&rstd, &expected_rstd, 5 * TOLERANCE);
        }
      b->be->layer_norm_backward (b->be, &dx, &dw, &dy, &x, &w, &expected_rstd);
      b->ref->layer_norm_backward (b->ref, &expected_dx, &expected_dw, &dy, &x, &w, &expected_rstd);
      if (columns > 1)
        {
          assert_close (&dx, &expected_dx, 5 * TOLERANCE);
          assert_close (&dw, &expected_dw, 5 * TOLERANCE);
        }
    }
}

static void
test_norm_nan (Bench *b)
{
  AttuneTensor x = bench_random (b, 3, 37, -1, 1), w = bench_random (b, 1, 37, 0.5, 1.5);
  AttuneTensor y = bench_filled (b, 3, 37, 0), rstd = bench_filled (b, 1, 3, 0);

  ((float *) x.data)[40] = NAN;
  b->be->rms_norm_forward (b->be, &y, &rstd, &x, &w, 1e-5f);
  for (int i = 0; i < 3 * 37; i++)
    g_assert_true (isnan (((float *) y.data)[i]) == (i / 37 == 1));
}

static void
test_rotary (Bench *b)
{
  static const struct
  {
    int rows, heads, dim, turned;
    float magnitude;
  } shapes[] = { { 1, 1, 2, 2, 1 },      { 7, 3, 10, 10, 1 },     { 67, 9, 64, 64, 1 },
                 { 13, 2, 130, 130, 1 }, { 13, 2, 20, 6, 1.25f }, { 5, 3, 80, 32, 1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (AttuneRotary kind = ATTUNE_ROTARY_HALVES; kind <= ATTUNE_ROTARY_INTERLEAVED; kind++)
      {
        const AttuneRotation rotation
            = { kind, shapes[i].dim, shapes[i].turned, shapes[i].magnitude },
            back = { kind, shapes[i].dim, shapes[i].turned, 1 / shapes[i].magnitude };
        const int rows = shapes[i].rows, half = shapes[i].turned / 2;
        AttuneTensor found = bench_random (b, rows, shapes[i].heads * shapes[i].dim, -1, 1),
                     expected = bench_copy (b, &found), before = bench_copy (b, &found),
                     frequencies = bench_tensor (b, ATTUNE_TYPE_F32, 1, half);
        gint32 *positions = bench_block (b, rows * sizeof *positions);

        for (int j = 0; j < half; j++)
          ((float *) frequencies.data)[j] = pow (10000.0, -(double) j / half);
        for (int row = 0; row < rows; row++)
          positions[row] = row < 3 ? row : g_rand_int_range (b->rand, 0, 200000);
        b->be->rotary (b->be, &found, positions, frequencies.data, &rotation, 1);
        b->ref->rotary (b->ref, &expected, positions, frequencies.data, &rotation, 1);
        assert_close (&found, &expected, TOLERANCE);
        b->be->rotary (b->be, &found, positions, frequencies.data, &back, -1);
        assert_close (&found, &before, TOLERANCE);
      }
}

static void
test_rows (Bench *b)
{
  static const AttuneType types[] = { ATTUNE_TYPE_F32, ATTUNE_TYPE_Q4_1, ATTUNE_TYPE_Q8_0 };
  static const gint32 ids[] = { 4, 0, 4, 2, 2, 2, 1 };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      AttuneTensor values = bench_random (b, 5, 2016, -1, 1),
                   table = bench_tensor (b, types[i], 5, 2016);
      AttuneTensor found = bench_filled (b, 7, 2016, NAN), expected = bench_copy (b, &found);
      AttuneTensor back = bench_filled (b, 5, 2016, NAN), expected_back = bench_copy (b, &back);

      b->be->encode (b->be, &table, &values);
      b->be->decode (b->be, &back, &table);
      b->ref->decode (b->ref, &expected_back, &table);
      assert_same_bits (&back, &expected_back);
      b->be->gather (b->be, &found, &table, ids);
      b->ref->gather (b->ref, &expected, &table, ids);
      assert_same_bits (&found, &expected);
      b->be->scatter_add (b->be, &back, &found, ids);
      b->ref->scatter_add (b->ref, &expected_back, &found, ids);
      assert_same_bits (&back, &expected_back);
    }
}

static void
test_cache_store (Bench *b)
{
  static const gint32 sequences[] = { 1, 0, 1 }, positions[] = { 6, 0, 3 };
  static const AttuneType types[] = { ATTUNE_TYPE_F32, ATTUNE_TYPE_BF16, ATTUNE_TYPE_Q8_0 };

  for (int i = 0; i < 3; i++)
    {
      const int dim = types[i] == ATTUNE_TYPE_Q8_0 ? 64 : 19;
      AttuneTensor x
          = bench_random (b, 3, 3 * dim, -1, 1),
          found = { bench_block (b, 4 * 2 * 3 * 7 * dim), 4, { 2, 3, 7, dim }, .type = types[i] },
          expected;

      if (types[i] != ATTUNE_TYPE_Q8_0)
        ((float *) x.data)[7] = NAN;
      ((float *) x.data)[dim + 22] = 1e-40f;

      memset (found.data, 5, attune_tensor_bytes (&found));
      expected = bench_copy (b, &found);
      b->be->cache_store (b->be, &found, &x, sequences, positions);
      b->ref->cache_store (b->ref, &expected, &x, sequences, positions);
      assert_same_bits (&found, &expected);
    }
}

static void
test_unsupported (Bench *b)
{
  AttuneTensor x = bench_random (b, 1, 32, -1, 1), y = bench_tensor (b, ATTUNE_TYPE_IQ4_NL, 1, 32);
  g_autoptr (GError) error = NULL;

  b->be->encode (b->be, &y, &x);
  g_assert_false (attune_backend_sync (b->be, &error));
  g_assert_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED);
  g_assert_true (attune_backend_sync (b->be, NULL)); /* handed out once */
}

static void
test_memory (Bench *b)
{
  g_autoptr (GError) error = NULL;
  const gsize sizes_bytes[] = { 1, 4097, (5 << 20) + 3 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes_bytes); i++)
    {
      const gsize n = sizes_bytes[i];
      char *memory = b->be->alloc (b->be, n);
      g_autofree char *read = g_malloc (n);

      g_assert_nonnull (memory);
      g_assert_cmpuint ((guintptr) memory % 64, ==, 0);
      attune_backend_download (b->be, read, memory, n);
      g_assert_cmpint (read[0] | read[n / 2] | read[n - 1], ==, 0);
      attune_backend_upload (b->be, memory + n - 1, "1", 1);
      attune_backend_download (b->be, read, memory, n);
      g_assert_cmpint (read[n - 1], ==, '1');
      b->be->release (b->be, memory, n);
    }
  g_assert_null (b->be->alloc (b->be, G_MAXSIZE - 100));
  g_assert_false (attune_backend_sync (b->be, &error));
  g_assert_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_MEMORY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add ("moves", test_moves);
  bench_add ("sums", test_sums);
  bench_add ("gates", test_gates);
  bench_add ("dropout", test_dropout);
  bench_add ("norm", test_norm);
  bench_add ("norm-nan", test_norm_nan);
  bench_add ("layer-norm", test_layer_norm);
  bench_add ("rotary", test_rotary);
  bench_add ("rows", test_rows);
  bench_add ("cache-store", test_cache_store);
  bench_add ("unsupported", test_unsupported);
  bench_add ("memory", test_memory);
  return g_test_run ();
}
