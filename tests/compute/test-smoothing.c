/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Running means, noise on embeddings, and the loss with smoothed and weighted targets: every level
 * against the plain loops, and the smoothed loss as PyTorch has it.
 */
#include "harness.h"

#include <json-glib/json-glib.h>

static void
test_approach_and_swap (Bench *b)
{
  static const gint64 counts[] = { 1, 37, 20011 };

  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      AttuneTensor y = bench_random (b, 1, counts[i], -1, 1),
                   x = bench_random (b, 1, counts[i], -1, 1);
      AttuneTensor expected = bench_copy (b, &y), kept = bench_copy (b, &x);

      b->be->approach (b->be, &y, &x, 0.3f);
      b->ref->approach (b->ref, &expected, &x, 0.3f);
      assert_close (&y, &expected, 1e-6);
      expected = bench_copy (b, &y);
      b->be->swap (b->be, &y, &x);
      assert_same_bits (&y, &kept);
      assert_same_bits (&x, &expected);
    }
}

/* In every segment as the plain loop draws it, within its bound, and not always the same. */
static void
test_noise (Bench *b)
{
  static const gint32 segments[] = { 0, 1, 6, 40 };
  const int columns = 37;
  AttuneTensor x = bench_random (b, 40, columns, -1, 1);
  AttuneTensor expected = bench_copy (b, &x), before = bench_copy (b, &x);
  const float *now = x.data, *then = before.data;

  b->be->add_noise (b->be, &x, segments, 3, 5, 42, 7);
  b->ref->add_noise (b->ref, &expected, segments, 3, 5, 42, 7);
  assert_close (&x, &expected, 1e-6);
  for (int segment = 0; segment < 3; segment++)
    {
      const int from = segments[segment] * columns, to = segments[segment + 1] * columns;
      const double most = 5 / sqrt (to - from);
      double largest = 0, sum = 0;

      for (int i = from; i < to; i++)
        {
          largest = MAX (largest, fabs (now[i] - then[i]));
          sum += now[i] - then[i];
        }
      g_assert_cmpfloat (largest, <=, most * 1.0001);
      g_assert_cmpfloat (largest, >, 0.9 * most);
      g_assert_cmpfloat (fabs (sum), <, 3 * most * sqrt ((to - from) / 3.0));
    }
  b->be->copy (b->be, &x, &before);
  b->be->add_noise (b->be, &x, segments, 3, 5, 42, 8);
  g_assert_cmpfloat (bench_difference (&x, &expected, 1), >, 0.1);
}

static void
test_cross_entropy (Bench *b)
{
  static const float weights[] = { 1, -0.5f, 0, 2, 0.25f };

  for (int variant = 0; variant < 8; variant++)
    {
      const AttuneCrossEntropy settings = { .scale = 0.25f,
                                            .weights = variant & 1 ? weights : NULL,
                                            .cap = variant & 2 ? 12.0f : 0,
                                            .smoothing = variant & 4 ? 0.1f : 0 };
      AttuneTensor found = bench_random (b, 5, 1003, -10, 10), expected = bench_copy (b, &found);
      gint32 targets[5];
      double losses[5], expected_losses[5];

      for (int row = 0; row < 5; row++)
        targets[row] = g_rand_int_range (b->rand, 0, 1003);
      b->be->cross_entropy (b->be, losses, &found, targets, &settings);
      b->ref->cross_entropy (b->ref, expected_losses, &expected, targets, &settings);
      for (int row = 0; row < 5; row++)
        g_assert_cmpfloat_with_epsilon (losses[row], expected_losses[row],
                                        1e-6 * MAX (1.0, expected_losses[row]));
      assert_near (&found, &expected, 1e-6, 0.25);
    }
}

static double
get_number (JsonObject *object, const char *name, int index)
{
  return json_array_get_double_element (json_object_get_array_member (object, name), index);
}

static void
test_golden (Bench *b)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "schedules.json", NULL);
  const AttuneCrossEntropy settings = { .scale = 1, .smoothing = 0.1f };
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *golden;
  int rows, columns;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  golden = json_object_get_object_member (json_node_get_object (json_parser_get_root (parser)),
                                          "smoothing");
  rows = json_object_get_int_member (golden, "rows");
  columns = json_object_get_int_member (golden, "columns");
  {
    AttuneTensor logits = bench_filled (b, rows, columns, 0);
    float *x = logits.data;
    gint32 targets[8];
    double losses[8];

    for (int i = 0; i < rows * columns; i++)
      x[i] = 4 * sin (0.7 * (i / columns) * columns + 0.9 * (i % columns));
    for (int row = 0; row < rows; row++)
      targets[row]
          = json_array_get_int_element (json_object_get_array_member (golden, "targets"), row);
    b->be->cross_entropy (b->be, losses, &logits, targets, &settings);
    for (int row = 0; row < rows; row++)
      g_assert_cmpfloat_with_epsilon (losses[row], get_number (golden, "losses", row), 2e-6);
    for (int i = 0; i < rows * columns; i++)
      g_assert_cmpfloat_with_epsilon (x[i], get_number (golden, "gradient", i), 1e-6);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add ("approach-and-swap", test_approach_and_swap);
  bench_add ("noise", test_noise);
  bench_add ("weighted-cross-entropy", test_cross_entropy);
  bench_add ("smoothed-golden", test_golden);
  return g_test_run ();
}
