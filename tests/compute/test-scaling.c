/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Factors by column and row, and lengths of rows, of every level against the reference.
 */
#include "compute/harness.h"

#define TOLERANCE 1e-6

static const gint64 sizes[][2] = { { 1, 1 }, { 3, 37 }, { 70, 129 }, { 5, 2048 }, { 1, 300 } };

static void
test_columns (Bench *b)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const gint64 rows = sizes[i][0], columns = sizes[i][1];
      AttuneTensor x = bench_random (b, rows, columns, -2, 2),
                   g = bench_random (b, 1, columns, -1, 1);
      AttuneTensor found = bench_filled (b, rows, columns, NAN), expected = bench_copy (b, &found);

      b->be->scale_columns (b->be, &found, &x, &g, 0);
      b->ref->scale_columns (b->ref, &expected, &x, &g, 0);
      assert_same_bits (&found, &expected);
      b->be->scale_columns (b->be, &found, &x, &g, 1);
      b->ref->scale_columns (b->ref, &expected, &x, &g, 1);
      assert_same_bits (&found, &expected);
      b->be->scale_columns (b->be, &found, &found, &g, 0); /* in place */
      b->ref->scale_columns (b->ref, &expected, &expected, &g, 0);
      assert_same_bits (&found, &expected);
    }
}

static void
test_columns_backward (Bench *b)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const gint64 rows = sizes[i][0], columns = sizes[i][1];
      AttuneTensor x = bench_random (b, rows, columns, -2, 2),
                   dy = bench_random (b, rows, columns, -1, 1);
      AttuneTensor found = bench_filled (b, 1, columns, 1), expected = bench_copy (b, &found);

      b->be->scale_columns_backward (b->be, &found, &dy, &x);
      b->ref->scale_columns_backward (b->ref, &expected, &dy, &x);
      assert_near (&found, &expected, TOLERANCE, rows);
    }
}

static void
test_rows (Bench *b)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const gint64 rows = sizes[i][0], columns = sizes[i][1];
      AttuneTensor x = bench_random (b, rows, columns, -2, 2), expected_x = bench_copy (b, &x);
      AttuneTensor g = bench_random (b, 1, rows, -1, 1);
      AttuneTensor found = bench_filled (b, 1, rows, NAN), expected = bench_copy (b, &found);

      b->be->scale_rows (b->be, &x, &g);
      b->ref->scale_rows (b->ref, &expected_x, &g);
      assert_same_bits (&x, &expected_x);
      if (rows > 1)
        memset (x.data, 0, columns * sizeof (float));
      b->be->inverse_norms (b->be, &found, &x);
      b->ref->inverse_norms (b->ref, &expected, &x);
      assert_close (&found, &expected, TOLERANCE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add ("columns", test_columns);
  bench_add ("columns-backward", test_columns_backward);
  bench_add ("rows", test_rows);
  return g_test_run ();
}
