/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole runs in which weights of the base learn: all, or some.
 */
#include "whole-run.h"

static const AttuneBaseParts all_parts = { 0 };

static void
make_full (Fixture *f)
{
  g_object_set (f->plan, "method", ATTUNE_METHOD_FULL, "learning-rate", 1e-3, "lora-dropout", 0.5,
                NULL); /* dropout is the adapter's: there is none */
}

/* All weights learn; one file of the best ones is left. */
static void
test_full (Fixture *f, gconstpointer data)
{
  Told told = { 0 };
  AttuneTrainerResult result;
  g_autofree char *names = NULL, *expected = NULL, *path = NULL;
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1);
  g_autoptr (AttuneDecoder) decoder = attune_decoder_new (attune_model_get_config (f->model), be,
                                                          attune_model_lookup, f->model, NULL);
  g_autoptr (AttuneParameters) parameters = NULL;
  g_autoptr (GBytes) state = NULL;
  g_autoptr (GError) error = NULL;
  gint64 step;

  make_full (f);
  result = run (f, "full.h5", FALSE, &told);
  g_assert_cmpint (result.end, ==, ATTUNE_END_FINISHED);
  g_assert_cmpuint (told.checkpoints, ==, 4);
  g_assert_cmpfloat (result.best_loss, <, 0.8 * result.base_loss);
  names = list_folder (f->folder);
  expected
      = g_strdup_printf ("dataset.h5 full-best-%d.h5 full.h5 table.csv", (int) result.best_step);
  g_assert_cmpstr (names, ==, expected);

  path = g_build_filename (f->folder, "full.h5", NULL);
  parameters = attune_checkpoint_read_weights (path, decoder, &all_parts, &step, &error);
  g_assert_no_error (error);
  g_assert_cmpint (step, ==, result.best_step);
  state = read_full_state (f, "full.h5");
  g_assert_cmpmem (parameters->values.data, parameters->count * sizeof (float),
                   (const float *) g_bytes_get_data (state, NULL) + parameters->count,
                   parameters->count * sizeof (float));
}

/* Killed after any validation and any checkpoint, so also with best weights that no checkpoint
 * names yet: gone on with, it ends with the same bits. */
static void
test_full_resume (Fixture *f, gconstpointer data)
{
  Told whole = { .watched = f->folder };
  g_autoptr (GBytes) expected = NULL;
  gboolean ahead = FALSE;

  make_full (f);
  g_object_set (f->plan, "validate-every", 2, "checkpoint-every", 5, "samples", 0, NULL);
  run (f, "whole.h5", FALSE, &whole);
  expected = read_full_state (f, "whole.h5");
  g_assert_cmpuint (whole.copies, ==, 11); /* 0, 2 … 12 validated; 0, 5, 10, 12 saved */
  for (guint i = 1; i < whole.copies; i++) /* at the first, nothing has been saved yet */
    {
      g_autofree char *name = g_strdup_printf ("copy-%u/whole.h5", i);
      g_autofree char *folder = g_strdup_printf ("%s/copy-%u", f->folder, i), *names = NULL;
      g_autoptr (GBytes) got = NULL;
      Told told = { 0 };

      names = list_folder (folder);
      ahead = ahead || g_regex_match_simple ("best.*best", names, 0, 0);
      /* where its checkpoint stands */
      told.steps = i < 4 ? 0 : i < 8 ? 5 : i < 10 ? 10 : 12;
      run (f, name, TRUE, &told);
      got = read_full_state (f, name);
      g_assert_true (g_bytes_equal (expected, got));
    }
  g_assert_true (ahead);
}

/* The best weights are gone, damaged, or the base was never surpassed. */
static void
test_full_best (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "full.h5", NULL), *best = NULL,
                  *bytes = NULL;
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1);
  g_autoptr (AttuneDecoder) decoder = attune_decoder_new (attune_model_get_config (f->model), be,
                                                          attune_model_lookup, f->model, NULL);
  g_autoptr (AttuneParameters) parameters = NULL;
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;
  Told told = { .stop_after = 9 };
  gint64 step;
  gsize n;

  make_full (f);
  result = run (f, "full.h5", FALSE, &told);
  g_assert_cmpint (result.best_step, >, 0);
  best = g_strdup_printf ("%s/full-best-%d.h5", f->folder, (int) result.best_step);
  g_assert_true (g_file_get_contents (best, &bytes, &n, NULL));
  bytes[n / 2] ^= 4;
  g_assert_true (g_file_set_contents (best, bytes, n, NULL));
  g_assert_null (attune_checkpoint_read_weights (path, decoder, &all_parts, &step, &error));
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT);
  g_assert_nonnull (strstr (error->message, "damaged"));
  g_clear_error (&error);
  g_assert_cmpint (g_unlink (best), ==, 0);
  g_assert_null (attune_checkpoint_read_weights (path, decoder, &all_parts, &step, &error));
  g_assert_nonnull (strstr (error->message, "missing"));
  g_assert_false (attune_decoder_has_trained_base (decoder));
  g_clear_error (&error);
  g_assert_false (attune_trainer_run (f->plan, f->model, f->dataset, path, TRUE, &funcs, &told,
                                      &result, &error));
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT);
  g_clear_error (&error);

  told = (Told) { .stop_after = 1 };
  run (f, "full.h5", FALSE, &told);
  parameters = attune_checkpoint_read_weights (path, decoder, &all_parts, &step, &error);
  g_assert_no_error (error);
  g_assert_cmpint (step, ==, 0);
}

/* Methods by which some of the weights learn: each learns, what it does not touch stays, and
 * stopped twice on the way it ends with the same bits. */
static void
check_parts (Fixture *f, AttuneMethod method, double rate)
{
  g_autofree char *whole_name = g_strdup_printf ("%s-whole.h5", attune_method_get_name (method)),
                  *part_name = g_strdup_printf ("%s-parts.h5", attune_method_get_name (method));
  g_autofree char *path = g_build_filename (f->folder, whole_name, NULL);
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1);
  g_autoptr (AttuneDecoder) decoder = attune_decoder_new (attune_model_get_config (f->model), be,
                                                          attune_model_lookup, f->model, NULL);
  g_autoptr (AttuneParameters) parameters = NULL;
  g_autoptr (GBytes) expected = NULL, got = NULL;
  g_autoptr (GError) error = NULL;
  Told whole = { 0 }, told = { .stop_after = 2 };
  AttuneTrainerResult result;
  AttuneBaseParts parts;
  gint64 step;

  g_object_set (f->plan, "method", method, "learning-rate", rate, "layers", "last 1", "rounds", 3,
                "samples", 0, NULL);
  result = run (f, whole_name, FALSE, &whole);
  g_assert_cmpfloat (result.best_loss, <, 0.95 * result.base_loss);
  run (f, part_name, FALSE, &told);
  told.stop_after = 7;
  run (f, part_name, TRUE, &told);
  told.stop_after = 0;
  run (f, part_name, TRUE, &told);
  expected = read_full_state (f, whole_name);
  got = read_full_state (f, part_name);
  g_assert_true (g_bytes_equal (expected, got));

  g_assert_true (attune_plan_get_parts (f->plan, &decoder->config, &parts, NULL));
  parameters = attune_checkpoint_read_weights (path, decoder, &parts, &step, &error);
  g_assert_no_error (error);
  g_assert_cmpint (step, ==, result.best_step);
  g_assert_true (attune_decoder_has_trained_base (decoder));
  g_assert_true ((attune_decoder_find_tensor (decoder, "blk.0.attn_q.weight")->data
                  == attune_model_lookup (f->model, "blk.0.attn_q.weight")->data)
                 == (method == ATTUNE_METHOD_LAYERS));
}

static void
test_layers (Fixture *f, gconstpointer data)
{
  check_parts (f, ATTUNE_METHOD_LAYERS, 3e-3);
}

static void
test_half (Fixture *f, gconstpointer data)
{
  check_parts (f, ATTUNE_METHOD_HALF, 1e-3);
}

/* The tiny model has no biases: nothing is begun. */
static void
test_bias (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "bias.h5", NULL);
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;
  Told told = { 0 };

  g_object_set (f->plan, "method", ATTUNE_METHOD_BIAS, "learning-rate", 1e-3, NULL);
  g_assert_false (attune_trainer_run (f->plan, f->model, f->dataset, path, FALSE, &funcs, &told,
                                      &result, &error));
  g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/tune/full/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("learns", test_full);
  ADD ("resume", test_full_resume);
  ADD ("best", test_full_best);
  ADD ("layers", test_layers);
  ADD ("half", test_half);
  ADD ("bias", test_bias);
  return g_test_run ();
}
