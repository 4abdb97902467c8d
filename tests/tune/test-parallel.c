/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs of several ranks: against one process, from run to run, and resumed.
 */
#include "ranks-run.h"

#define RANKS 3

/* Largest difference of two states' values, which are the first of their four vectors. */
static double
compare_values (GBytes *a, GBytes *b)
{
  const float *x = g_bytes_get_data (a, NULL), *y = g_bytes_get_data (b, NULL);
  const gsize n = g_bytes_get_size (a) / sizeof (float) / 4;
  double worst = 0;

  g_assert_cmpuint (g_bytes_get_size (a), ==, g_bytes_get_size (b));
  for (gsize i = 0; i < n; i++)
    worst = MAX (worst, fabs (x[i] - y[i]));
  return worst;
}

/* Samples of a step are cut unevenly (5 over 3 ranks), and micro-batches are small: nothing
 * changes but rounding, to 16 bits of what was summed before. Measured: values differ by 8e-6,
 * losses by 2e-7. */
static void
test_like_one (Fixture *f, gconstpointer data)
{
  Told alone = { 0 }, together = { 0 };
  g_autoptr (GBytes) expected = NULL, got = NULL;
  AttuneTrainerResult one, many;

  /* rounding grows with the steps, and AdamW makes much of gradients next to zero */
  g_object_set (f->plan, "batch-size", 5, "max-steps", 6, "validate-every", 2, "micro-batch-tokens",
                64, "epsilon", 1e-4, NULL);
  one = run (f, "one.h5", FALSE, &alone);
  expected = read_state (f, "one.h5");
  g_object_set (f->plan, "ranks", RANKS, NULL);
  many = run_well (f, "many.h5", FALSE, &together);
  got = read_state (f, "many.h5");
  g_test_message ("values differ by %g, losses by %g", compare_values (expected, got),
                  fabs (alone.last_loss - together.last_loss));
  g_assert_cmpfloat (compare_values (expected, got), <, 3e-5);
  g_assert_cmpfloat (fabs (alone.last_loss - together.last_loss), <, 1e-5);
  g_assert_cmpfloat (fabs (alone.first_loss - alone.last_loss), >, 0.1);
  g_assert_cmpint (together.steps, ==, alone.steps);
  g_assert_cmpint (together.validations, ==, alone.validations);
  g_assert_cmpint (together.samples, ==, alone.samples);
  g_assert_cmpint (many.best_step, ==, one.best_step);
  g_assert_cmpfloat_with_epsilon (many.train_loss, one.train_loss, 1e-4);
  /* every token is counted once */
  g_assert_cmpfloat_with_epsilon (many.tokens_per_second * many.seconds,
                                  one.tokens_per_second * one.seconds, 1e-3);
}

/* Two runs, and one that was stopped twice on the way: the same bits. */
static void
test_same_bits (Fixture *f, gconstpointer data)
{
  Told first = { 0 }, second = { 0 }, told = { .stop_after = 3 };
  g_autoptr (GBytes) expected = NULL, again = NULL, resumed = NULL;

  g_object_set (f->plan, "ranks", 2, "lora-dropout", 0.1, NULL);
  run_well (f, "first.h5", FALSE, &first);
  expected = read_state (f, "first.h5");
  run_well (f, "second.h5", FALSE, &second);
  again = read_state (f, "second.h5");
  g_assert_true (g_bytes_equal (expected, again));
  g_assert_cmpint (run_well (f, "parts.h5", FALSE, &told).end, ==, ATTUNE_END_STOPPED);
  g_assert_cmpint (told.steps, ==, 3);
  told.stop_after = 9;
  run_well (f, "parts.h5", TRUE, &told);
  told.stop_after = 0;
  g_assert_cmpint (run_well (f, "parts.h5", TRUE, &told).end, ==, ATTUNE_END_FINISHED);
  resumed = read_state (f, "parts.h5");
  g_assert_true (g_bytes_equal (expected, resumed));
}

/* All weights: the best of them is a file that rank 0 writes. */
static void
test_full (Fixture *f, gconstpointer data)
{
  Told alone = { 0 }, together = { 0 };
  AttuneTrainerResult one, many;

  g_object_set (f->plan, "method", ATTUNE_METHOD_FULL, "learning-rate", 1e-3, NULL);
  one = run (f, "one.h5", FALSE, &alone);
  g_object_set (f->plan, "ranks", 2, NULL);
  many = run_well (f, "many.h5", FALSE, &together);
  g_assert_cmpfloat_with_epsilon (one.best_loss, many.best_loss, 1e-3);
  g_assert_cmpfloat (many.best_loss, <, 0.8 * many.base_loss);
}

/* More ranks than samples: some have nothing to do. */
static void
test_idle (Fixture *f, gconstpointer data)
{
  Told alone = { 0 }, together = { 0 };

  g_object_set (f->plan, "batch-size", 2, "max-steps", 4, NULL);
  run (f, "one.h5", FALSE, &alone);
  g_object_set (f->plan, "ranks", RANKS, NULL);
  run_well (f, "many.h5", FALSE, &together);
  g_assert_cmpfloat_with_epsilon (alone.last_loss, together.last_loss, 1e-4);
}

/* What one of them finds wrong, all end with. */
static void
test_divergence (Fixture *f, gconstpointer data)
{
  Told told = { 0 };
  g_autoptr (GError) error = NULL;

  g_object_set (f->plan, "ranks", 2, "learning-rate", 1.0, "weight-decay", 10.0,
                "max-gradient-norm", 0.0, "warmup-ratio", 0.0, "validate-every", 50, "max-steps",
                200, "samples", 0, "patience", 0, NULL);
  run_ranks (f, "nan.h5", FALSE, &told, &error);
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DIVERGED);
  g_assert_nonnull (strstr (error->message, "table.csv, line "));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/tune/parallel/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("like-one", test_like_one);
  ADD ("same-bits", test_same_bits);
  ADD ("full", test_full);
  ADD ("idle", test_idle);
  ADD ("divergence", test_divergence);
  return g_test_run ();
}
