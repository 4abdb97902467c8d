/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Preferences: TRL's losses and their gradients, and whole runs over pairs.
 */
#include "tune/preference.h"
#include "core/settings.h"
#include "pairs-run.h"

static AttunePlanValues
read_settings (JsonObject *golden, JsonObject *c)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  g_autoptr (GError) error = NULL;

  attune_settings_set_text (G_OBJECT (plan), "objective",
                            json_object_get_string_member (c, "objective"), &error);
  g_assert_no_error (error);
  attune_settings_set_text (G_OBJECT (plan), "preference-loss",
                            json_object_get_string_member (c, "loss"), &error);
  g_assert_no_error (error);
  g_object_set (plan, "preference-beta", json_object_get_double_member (c, "beta"), "simpo-gamma",
                json_object_get_double_member (golden, "gamma"), "desirable-weight",
                json_object_get_double_member (golden, "desirable_weight"), "undesirable-weight",
                json_object_get_double_member (golden, "undesirable_weight"), NULL);
  return *attune_plan_get_values (plan); /* its strings are not looked at */
}

static void
test_golden (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "preferences.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *golden;
  JsonArray *cases;
  double worst = 0;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  golden = json_node_get_object (json_parser_get_root (parser));
  cases = json_object_get_array_member (golden, "cases");
  g_assert_cmpuint (json_array_get_length (cases), >=, 40);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *c = json_array_get_object_element (cases, i);
      const AttunePlanValues values = read_settings (golden, c);
#define NUMBER(name) json_object_get_double_member (c, name)
      const AttunePairScores scores = { .chosen = NUMBER ("chosen"),
                                        .rejected = NUMBER ("rejected"),
                                        .reference_chosen = NUMBER ("reference_chosen"),
                                        .reference_rejected = NUMBER ("reference_rejected"),
                                        .n_chosen = NUMBER ("n_chosen"),
                                        .n_rejected = NUMBER ("n_rejected") };
      AttunePairLoss loss;

      attune_pair_loss (&values, &scores, NUMBER ("divergence"), &loss);
      worst = MAX (worst, fabs (loss.loss - NUMBER ("value")));
      worst = MAX (worst, fabs (loss.d_chosen - NUMBER ("d_chosen")));
      worst = MAX (worst, fabs (loss.d_rejected - NUMBER ("d_rejected")));
#undef NUMBER
    }
  g_test_message ("largest difference: %.2g", worst);
  g_assert_cmpfloat (worst, <, 1e-6);
}

/* It learns to prefer, and stopped on the way it ends with the same bits, also where the file of
 * the reference is gone. */
static void
test_objective (Fixture *f, gconstpointer data)
{
  const char *objective = data;
  g_autofree char *reference = g_build_filename (f->folder, "parts-reference.h5", NULL);
  Told whole = { 0 }, told = { .stop_after = 5 };
  g_autoptr (GBytes) expected = NULL, got = NULL;
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;

  attune_settings_set_text (G_OBJECT (f->plan), "objective", objective, &error);
  g_assert_no_error (error);
  g_object_set (f->plan, "samples", 0, "lora-dropout", 0.1, "micro-batch-tokens", 200,
                "learning-rate", 5e-3, NULL);
  if (g_str_equal (objective, "simpo"))
    g_object_set (f->plan, "preference-beta", 2.0, NULL);
  result = run (f, "whole.h5", FALSE, &whole);
  g_test_message ("%s: from %.4f to %.4f", objective, result.base_loss, result.best_loss);
  if (g_str_equal (objective, "dpo"))
    g_assert_cmpfloat_with_epsilon (result.base_loss, G_LN2, 1e-6); /* it is the reference */
  if (g_str_equal (objective, "kto"))
    g_assert_cmpfloat_with_epsilon (result.base_loss, 0.5, 1e-6);
  g_assert_cmpfloat (result.best_loss, <, 0.95 * result.base_loss);

  run (f, "parts.h5", FALSE, &told);
  told.stop_after = 8;
  run (f, "parts.h5", TRUE, &told);
  g_unlink (reference);
  told.stop_after = 0;
  run (f, "parts.h5", TRUE, &told);
  expected = read_state (f, "whole.h5");
  got = read_state (f, "parts.h5");
  g_assert_true (g_bytes_equal (expected, got));
}

/* What counts is the sum over a step, however it is cut into micro-batches. */
static void
test_micro_batches (Fixture *f, gconstpointer data)
{
  Told one = { 0 }, many = { 0 };

  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_KTO, "samples", 0, "max-steps", 4, NULL);
  run (f, "one.h5", FALSE, &one);
  g_object_set (f->plan, "micro-batch-tokens", 64, NULL);
  run (f, "many.h5", FALSE, &many);
  g_assert_cmpfloat_with_epsilon (one.last_loss, many.last_loss, 1e-5);
  g_assert_cmpfloat (fabs (one.last_loss - one.first_loss), >, 1e-4);
}

/* The weights of the base learn: they are what the reference is read from again. */
static void
test_full (Fixture *f, gconstpointer data)
{
  Told told = { .stop_after = 6 };
  AttuneTrainerResult result;

  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_DPO, "method", ATTUNE_METHOD_LAYERS,
                "layers", "last 1", "learning-rate", 1e-3, "samples", 0, NULL);
  run (f, "full.h5", FALSE, &told);
  told.stop_after = 0;
  result = run (f, "full.h5", TRUE, &told);
  /* in f32 the last layer multiplies as the stored one does, to rounding */
  g_assert_cmpfloat_with_epsilon (result.base_loss, G_LN2, 1e-4);
  g_assert_cmpfloat (result.best_loss, <, 0.95 * G_LN2);
}

/* Without pairs nothing is begun, and it is said what to do. */
static void
test_no_pairs (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "none.h5", NULL);
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;
  AttuneDataFacts facts;
  AttuneEstimate e;
  Told told = { 0 };

  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_DPO, NULL);
  g_assert_false (attune_trainer_run (f->plan, f->model, f->dataset, path, FALSE, &funcs, &told,
                                      &result, &error));
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DATA);
  g_assert_nonnull (strstr (error->message, "chosen"));
  g_clear_error (&error);
  g_assert_true (attune_data_facts (f->dataset, FALSE, &facts, NULL));
  g_assert_false (
      attune_estimate (f->plan, attune_model_get_config (f->model), 1, 1, &facts, &e, &error));
  g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, "--objective answers"));
}

/* All of the text is learned: more tokens than those of the answers. */
static void
test_text (Fixture *f, gconstpointer data)
{
  Told answers = { 0 }, text = { 0 };
  AttuneTrainerResult result;

  g_object_set (f->plan, "samples", 0, NULL);
  run (f, "answers.h5", FALSE, &answers);
  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_TEXT, NULL);
  result = run (f, "text.h5", FALSE, &text);
  g_assert_cmpfloat (result.best_loss, <, result.base_loss);
  g_assert_cmpfloat (fabs (text.first_loss - answers.first_loss), >, 0.01);
}

int
main (int argc, char **argv)
{
  static const char *const objectives[] = { "dpo", "orpo", "simpo", "kto" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tune/preference/golden", test_golden);
  for (guint i = 0; i < G_N_ELEMENTS (objectives); i++)
    {
      g_autofree char *name = g_strdup_printf ("/tune/preference/%s", objectives[i]);

      g_test_add (name, Fixture, objectives[i], set_up_pairs, test_objective, tear_down);
    }
  g_test_add ("/tune/preference/micro-batches", Fixture, NULL, set_up_pairs, test_micro_batches,
              tear_down);
  g_test_add ("/tune/preference/full", Fixture, NULL, set_up_pairs, test_full, tear_down);
  g_test_add ("/tune/preference/no-pairs", Fixture, NULL, set_up, test_no_pairs, tear_down);
  g_test_add ("/tune/preference/text", Fixture, NULL, set_up, test_text, tear_down);
  return g_test_run ();
}
