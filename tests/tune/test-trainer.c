/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole runs of a tiny model over a small data set.
 */
#include "whole-run.h"

static void
test_learns (Fixture *f, gconstpointer data)
{
  Told told = { 0 };
  const AttuneTrainerResult result = run (f, "a.h5", FALSE, &told);

  g_assert_cmpint (result.end, ==, ATTUNE_END_FINISHED);
  g_assert_cmpint (told.steps, ==, 12);
  g_assert_cmpuint (told.validations, ==, 4); /* base, 4, 8, 12 */
  g_assert_cmpuint (told.samples, ==, 4);
  g_assert_cmpuint (told.checkpoints, ==, 4);
  g_assert_cmpfloat (result.best_loss, <, 0.8 * result.base_loss);
  g_assert_cmpfloat (result.base_loss, ==, told.first_loss);
  g_assert_cmpint (result.best_step, >, 0);
}

/* Stopped twice on the way, the run ends with the same bits. */
static void
test_resume (Fixture *f, gconstpointer data)
{
  Told whole = { 0 }, told = { .stop_after = 3 };
  AttuneTrainerResult result;
  g_autoptr (GBytes) expected = NULL, got = NULL;

  g_object_set (f->plan, "lora-dropout", 0.1, NULL);
  run (f, "whole.h5", FALSE, &whole);
  result = run (f, "parts.h5", FALSE, &told);
  g_assert_cmpint (result.end, ==, ATTUNE_END_STOPPED);
  g_assert_cmpint (told.steps, ==, 3);
  told.stop_after = 9;
  run (f, "parts.h5", TRUE, &told);
  told.stop_after = 0;
  result = run (f, "parts.h5", TRUE, &told);
  g_assert_cmpint (result.end, ==, ATTUNE_END_FINISHED);
  g_assert_cmpint (told.steps, ==, 12);
  expected = read_state (f, "whole.h5");
  got = read_state (f, "parts.h5");
  g_assert_true (g_bytes_equal (expected, got));
}

/* How a step is cut into micro-batches changes nothing but rounding: the loss is normalised over
 * the whole step. */
static void
test_micro_batches (Fixture *f, gconstpointer data)
{
  Told one = { 0 }, many = { 0 };

  g_object_set (f->plan, "max-steps", 4, NULL);
  run (f, "one.h5", FALSE, &one);
  g_object_set (f->plan, "micro-batch-tokens", 64, NULL);
  run (f, "many.h5", FALSE, &many);
  g_assert_cmpfloat_with_epsilon (one.last_loss, many.last_loss, 1e-4);
  g_assert_cmpfloat (fabs (one.last_loss - one.first_loss), >, 1e-2);
}

static void
test_early_stop (Fixture *f, gconstpointer data)
{
  Told told = { 0 };
  AttuneTrainerResult result;

  /* far too high a rate, from the second step on: validation only gets worse */
  g_object_set (f->plan, "learning-rate", 0.5, "patience", 2, "validate-every", 1, "samples", 0,
                "warmup-ratio", 0.0, NULL);
  result = run (f, "early.h5", FALSE, &told);
  g_assert_cmpint (result.end, ==, ATTUNE_END_EARLY);
  g_assert_cmpint (result.best_step, ==, 0);
  g_assert_cmpint (result.steps, ==, 2);
}

static void
test_divergence (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "nan.h5", NULL);
  g_autoptr (GBytes) state = NULL;
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;
  Told told = { 0 };
  const float *values;

  g_object_set (f->plan, "learning-rate", 1.0, "weight-decay", 10.0, "max-gradient-norm", 0.0,
                "warmup-ratio", 0.0, "validate-every", 50, "max-steps", 200, "samples", 0,
                "patience", 0, NULL);
  g_assert_false (attune_trainer_run (f->plan, f->model, f->dataset, path, FALSE, &funcs, &told,
                                      &result, &error));
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DIVERGED);
  g_assert_nonnull (strstr (error->message, "table.csv, line "));
  g_assert_nonnull (strstr (error->message, "Step "));
  /* the checkpoint is from before */
  state = read_state (f, "nan.h5");
  values = g_bytes_get_data (state, NULL);
  for (gsize i = 0; i < g_bytes_get_size (state) / sizeof (float); i++)
    g_assert_true (isfinite (values[i]));
}

static void
test_other_plan (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "a.h5", NULL);
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;
  Told told = { .stop_after = 2 };

  run (f, "a.h5", FALSE, &told);
  g_object_set (f->plan, "learning-rate", 1e-3, NULL);
  g_assert_false (attune_trainer_run (f->plan, f->model, f->dataset, path, TRUE, &funcs, &told,
                                      &result, &error));
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/tune/trainer/" name, Fixture, NULL, set_up, function, tear_down)

/* Rounded arithmetic learns as well, and says what it changes; or that it cannot be had. */
static void
test_int8 (Fixture *f, gconstpointer data)
{
  AttuneTrainerFuncs with_message = funcs;
  g_autofree char *path = g_build_filename (f->folder, "int8.h5", NULL);
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;
  Told told = { 0 };

  with_message.on_message = on_message;
  g_object_set (f->plan, "int8-compute", TRUE, NULL);
  attune_trainer_run (f->plan, f->model, f->dataset, path, FALSE, &with_message, &told, &result,
                      &error);
  g_assert_no_error (error);
  g_assert_nonnull (told.message);
  g_test_message ("%s", told.message);
  g_assert_true (strstr (told.message, "changes the loss") != NULL
                 || strstr (told.message, "cannot multiply in 8 bits") != NULL);
  g_assert_cmpfloat (result.best_loss, <, result.base_loss);
  g_free (told.message);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("learns", test_learns);
  ADD ("resume", test_resume);
  ADD ("micro-batches", test_micro_batches);
  ADD ("early-stop", test_early_stop);
  ADD ("divergence", test_divergence);
  ADD ("other-plan", test_other_plan);
  ADD ("int8", test_int8);
  return g_test_run ();
}
