/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole runs with each optimizer and each aid: it learns, what it remembers is as much as was
 * predicted, and stopped on the way the run ends with the same bits.
 */
#include "whole-run.h"

static void
test_optimizer (Fixture *f, gconstpointer data)
{
  const AttuneOptimizer optimizer = GPOINTER_TO_INT (data);
  Told whole = { 0 }, told = { .stop_after = 5 };
  g_autoptr (GBytes) expected = NULL, got = NULL;
  AttuneTrainerResult result;
  AttunePlanValues before;

  g_object_set (f->plan, "learning-rate", 5e-4, NULL);
  before = *attune_plan_get_values (f->plan);
  g_object_set (f->plan, "optimizer", optimizer, "samples", 0, NULL);
  attune_plan_follow (f->plan, &before);
  g_object_set (f->plan, "learning-rate",
                10 * attune_plan_get_values (f->plan)->learning_rate > 1
                    ? 1.0
                    : 10 * attune_plan_get_values (f->plan)->learning_rate,
                NULL);
  result = run (f, "whole.h5", FALSE, &whole);
  g_test_message ("from %.3f to %.3f", result.base_loss, result.best_loss);
  g_assert_cmpfloat (result.best_loss, <, 0.95 * result.base_loss); /* Lion: 0.94 */
  run (f, "parts.h5", FALSE, &told);
  told.stop_after = 0;
  run (f, "parts.h5", TRUE, &told);
  expected = read_state (f, "whole.h5");
  got = read_state (f, "parts.h5");
  g_assert_true (g_bytes_equal (expected, got));
}

/* The whole model, whose matrices' moments are in 8 bits: it learns as with AdamW in 32, stopped on
 * the way it ends with the same bits, and so it does with the moments in a file, which does not
 * stay. */
static void
test_8bit (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "exact.h5", "whole.h5", "parts.h5", "paged.h5" };
  GBytes *states[G_N_ELEMENTS (names)];
  double losses[G_N_ELEMENTS (names)];
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_object_set (f->plan, "method", ATTUNE_METHOD_FULL, "learning-rate", 1e-3, "samples", 0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Told told = { .stop_after = i >= 2 ? 5 : 0 };
      AttuneTrainerResult result;

      g_object_set (f->plan, "optimizer",
                    i == 0 ? ATTUNE_OPTIMIZER_ADAMW : ATTUNE_OPTIMIZER_ADAMW_8BIT,
                    "paged-optimizer", i == 3, NULL);
      result = run (f, names[i], FALSE, &told);
      told.stop_after = 0;
      if (i >= 2)
        result = run (f, names[i], TRUE, &told);
      losses[i] = result.best_loss;
      states[i] = read_full_state (f, names[i]);
    }
  g_test_message ("%.4f; in 8 bits %.4f", losses[0], losses[1]);
  g_assert_cmpfloat_with_epsilon (losses[1], losses[0], 0.03 * losses[0]);
  for (guint i = 2; i < G_N_ELEMENTS (names); i++)
    g_assert_true (g_bytes_equal (states[1], states[i]));
  g_assert_cmpuint (g_bytes_get_size (states[1]), <, 0.75 * g_bytes_get_size (states[0]));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_bytes_unref (states[i]);
  dir = g_dir_open (f->folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_false (g_str_has_prefix (name, ".optimizer"));
}

/* What cannot be on the disk is said in words. */
static void
test_no_room (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "missing", "checkpoint.h5", NULL);
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;
  Told told = { 0 };

  g_object_set (f->plan, "paged-optimizer", TRUE, NULL);
  g_assert_false (attune_trainer_run (f->plan, f->model, f->dataset, path, FALSE, &funcs, &told,
                                      &result, &error));
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT);
  g_assert_nonnull (strstr (error->message, "--paged-optimizer no"));
}

/* Of weights of the base, of which a half learns at a time. */
static void
test_half (Fixture *f, gconstpointer data)
{
  const AttuneOptimizer optimizer = GPOINTER_TO_INT (data);
  const AttuneBaseParts parts = { .half = TRUE };
  const AttuneDecoderConfig *config = attune_model_get_config (f->model);
  Told told = { 0 };
  AttuneTrainerResult result;

  g_object_set (f->plan, "optimizer", optimizer, "method", ATTUNE_METHOD_HALF, "learning-rate",
                1e-3, "rounds", 3, "samples", 0, NULL);
  result = run (f, "half.h5", FALSE, &told);
  g_assert_cmpfloat (result.best_loss, <, 0.95 * result.base_loss);
  {
    g_autofree char *path = g_build_filename (f->folder, "half.h5", NULL);
    const gint64 n = attune_base_parts_count (config, &parts),
                 remembered = attune_base_parts_count_by_shape (
                     config, &parts, attune_optimizer_get_shape_count (optimizer));
    g_autofree float *values = g_new (float, n), *state_values = g_new (float, remembered);
    AttuneCheckpoint state
        = { .count = n, .values = values, .state_count = remembered, .state = state_values };
    g_autoptr (GError) error = NULL;
    gboolean found;

    attune_checkpoint_load (path, &state, &found, &error);
    g_assert_no_error (error);
    g_assert_true (found);
  }
}

/* Averaged weights, noise and smoothing: each changes the run, learns, and is resumed to the bit.
 */
static void
test_aid (Fixture *f, gconstpointer data)
{
  const char *name = data;
  Told plain = { 0 }, whole = { 0 }, told = { .stop_after = 5 };
  g_autoptr (GBytes) without = NULL, expected = NULL, got = NULL;
  AttuneTrainerResult result;

  g_object_set (f->plan, "samples", 0, NULL);
  run (f, "plain.h5", FALSE, &plain);
  without = read_state (f, "plain.h5");
  g_object_set (f->plan, name, g_str_equal (name, "neftune-alpha") ? 5.0 : 0.3, NULL);
  result = run (f, "whole.h5", FALSE, &whole);
  g_assert_cmpfloat (result.best_loss, <, 0.9 * result.base_loss);
  run (f, "parts.h5", FALSE, &told);
  told.stop_after = 0;
  run (f, "parts.h5", TRUE, &told);
  expected = read_state (f, "whole.h5");
  got = read_state (f, "parts.h5");
  g_assert_true (g_bytes_equal (expected, got));
  g_assert_false (g_bytes_equal (expected, without));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int i = 0; i < ATTUNE_N_OPTIMIZERS; i++)
    {
      g_autoptr (GEnumClass) klass = g_type_class_ref (ATTUNE_TYPE_OPTIMIZER);
      g_autofree char *name
          = g_strdup_printf ("/tune/optimizers/%s", g_enum_get_value (klass, i)->value_nick);

      g_test_add (name, Fixture, GINT_TO_POINTER (i), set_up, test_optimizer, tear_down);
    }
  g_test_add ("/tune/aids/average", Fixture, "ema-decay", set_up, test_aid, tear_down);
  g_test_add ("/tune/aids/noise", Fixture, "neftune-alpha", set_up, test_aid, tear_down);
  g_test_add ("/tune/aids/smoothing", Fixture, "label-smoothing", set_up, test_aid, tear_down);
  g_test_add ("/tune/optimizers/half", Fixture, GINT_TO_POINTER (ATTUNE_OPTIMIZER_ADAFACTOR),
              set_up, test_half, tear_down);
  g_test_add ("/tune/optimizers/half-8bit", Fixture, GINT_TO_POINTER (ATTUNE_OPTIMIZER_ADAMW_8BIT),
              set_up, test_half, tear_down);
  g_test_add ("/tune/optimizers/whole-8bit", Fixture, NULL, set_up, test_8bit, tear_down);
  g_test_add ("/tune/optimizers/no-room", Fixture, NULL, set_up, test_no_room, tear_down);
  return g_test_run ();
}
