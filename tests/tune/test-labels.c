/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole runs that learn labels: they are learned, stopped on the way a run ends with the same bits,
 * what labels count changes it, and what cannot be is refused.
 */
#include "whole-run.h"

#include "generate/labels.h"

/* A run's adapter, head, best of both, and what the optimizer remembers. */
static GBytes *
read_label_state (Fixture *f, const char *checkpoint)
{
  g_autofree char *path = g_build_filename (f->folder, checkpoint, NULL), *json = NULL;
  const AttuneDecoderConfig *config = attune_model_get_config (f->model);
  g_autoptr (AttuneLabels) labels = NULL;
  g_autoptr (GError) error = NULL;
  AttuneCheckpoint state = { 0 };
  AttuneLoraConfig lora;
  gboolean found;
  float *all;

  json = attune_checkpoint_read_labels (path, &error);
  g_assert_no_error (error);
  labels = attune_labels_of_json (json, &error);
  g_assert_no_error (error);
  g_assert_true (attune_plan_get_lora (f->plan, &lora, NULL));
  lora.n_labels = attune_labels_count (labels);
  state.count = attune_lora_count (config, &lora);
  state.state_count = 2 * state.count;
  state.values = all = g_new (float, 4 * state.count);
  state.best = all + state.count;
  state.state = all + 2 * state.count;
  attune_checkpoint_load (path, &state, &found, &error);
  g_assert_no_error (error);
  g_assert_true (found);
  return g_bytes_new_take (all, 4 * state.count * sizeof (float));
}

static char *last_answer;

static void
on_labelled_sample (gpointer data, const AttuneSampleEvent *event)
{
  g_assert_true (g_str_has_prefix (event->question, "What is item"));
  g_free (last_answer);
  last_answer = g_strdup_printf ("%s: %s", event->expected, event->answer);
}

static const AttuneTrainerFuncs label_funcs = { .on_step = on_step,
                                                .on_validation = on_validation,
                                                .on_sample = on_labelled_sample,
                                                .on_message = on_message,
                                                .should_stop = should_stop };

static AttuneTrainerResult
run_labels (Fixture *f, const char *checkpoint, gboolean resume, Told *told)
{
  g_autofree char *path = g_build_filename (f->folder, checkpoint, NULL);
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;

  attune_trainer_run (f->plan, f->model, f->dataset, path, resume, &label_funcs, told, &result,
                      &error);
  g_assert_no_error (error);
  return result;
}

static void
ask_for_labels (Fixture *f)
{
  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_LABELS, "learning-rate", 1e-2, "max-steps",
                24, "validate-every", 8, NULL);
}

/* @data: a method */
static void
test_run (Fixture *f, gconstpointer data)
{
  Told whole = { 0 }, told = { .stop_after = 5 };
  g_autoptr (GBytes) expected = NULL, got = NULL;
  AttuneTrainerResult result;

  ask_for_labels (f);
  g_object_set (f->plan, "method", GPOINTER_TO_INT (data), NULL);
  result = run_labels (f, "whole.h5", FALSE, &whole);
  g_test_message ("from %.3f to %.3f, in training %.3f; %s; %s", result.base_loss, result.best_loss,
                  result.train_loss, whole.message, last_answer);
  /* a head of zeros knows nothing */
  g_assert_cmpfloat_with_epsilon (result.base_loss, log (4), 1e-6);
  g_assert_cmpfloat (result.train_loss, <, 0.8 * result.base_loss);
  g_assert_cmpfloat (result.best_loss, <, 0.8 * result.base_loss);
  g_assert_nonnull (strstr (whole.message, "of the labels are right"));
  g_assert_nonnull (strstr (last_answer, " %)"));
  g_free (whole.message);
  run_labels (f, "parts.h5", FALSE, &told);
  told.stop_after = 0;
  run_labels (f, "parts.h5", TRUE, &told);
  g_free (told.message);
  expected = read_label_state (f, "whole.h5");
  got = read_label_state (f, "parts.h5");
  g_assert_true (g_bytes_equal (expected, got));
  g_clear_pointer (&last_answer, g_free);
}

/* What labels count, and the focus on hard ones, each make another run. */
static void
test_settings (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "plain.h5", "inverse.h5", "effective.h5", "focal.h5" };
  GBytes *states[G_N_ELEMENTS (names)];

  ask_for_labels (f);
  g_object_set (f->plan, "max-steps", 4, "samples", 0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Told told = { 0 };

      g_object_set (f->plan, "label-weights", i < 3 ? (int) i : 0, "focal-gamma",
                    i == 3 ? 2.0 : 0.0, NULL);
      run_labels (f, names[i], FALSE, &told);
      g_free (told.message);
      states[i] = read_label_state (f, names[i]);
      for (guint j = 0; j < i; j++)
        g_assert_false (g_bytes_equal (states[i], states[j]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_bytes_unref (states[i]);
}

static void
set_up_several (Fixture *f, gconstpointer data)
{
  static const char *const labels[] = { "colour; often", "often", "bone; colour", "rarely" };

  set_up_labelled (f, labels);
}

static void
set_up_numbers (Fixture *f, gconstpointer data)
{
  static const char *const labels[] = { "1.5", "20", "-3.25", "8" };

  set_up_labelled (f, labels);
}

static void
check_resumed (Fixture *f)
{
  Told told = { .stop_after = 5 };
  g_autoptr (GBytes) expected = NULL, got = NULL;

  run_labels (f, "parts.h5", FALSE, &told);
  told.stop_after = 0;
  run_labels (f, "parts.h5", TRUE, &told);
  g_free (told.message);
  expected = read_label_state (f, "whole.h5");
  got = read_label_state (f, "parts.h5");
  g_assert_true (g_bytes_equal (expected, got));
}

/* Several labels to a record, and numbers. @data: what is told at a check */
static void
test_kinds (Fixture *f, gconstpointer data)
{
  const gboolean numbers = g_str_equal (data, "off in the mean");
  Told whole = { 0 };
  AttuneTrainerResult result;
  AttuneDataFacts facts;
  g_autoptr (GError) error = NULL;

  attune_data_facts (f->dataset, TRUE, &facts, &error);
  g_assert_no_error (error);
  g_assert_cmpint (facts.label_kind, ==, numbers ? ATTUNE_LABELS_NUMBER : ATTUNE_LABELS_SEVERAL);
  g_assert_cmpuint (facts.n_labels, ==, numbers ? 1 : 4);
  g_assert_cmpuint (facts.n_labelled, ==, facts.n_train);
  ask_for_labels (f);
  result = run_labels (f, "whole.h5", FALSE, &whole);
  g_test_message ("from %.3f to %.3f, in training %.3f; %s; %s", result.base_loss, result.best_loss,
                  result.train_loss, whole.message, last_answer);
  /* a head of zeros: no label is likelier than the other, and all numbers are the mean */
  if (!numbers)
    g_assert_cmpfloat_with_epsilon (result.base_loss, G_LN2, 1e-6);
  g_assert_cmpfloat (result.train_loss, <, 0.9 * (numbers ? 1 : result.base_loss));
  g_assert_nonnull (strstr (whole.message, data));
  g_clear_pointer (&last_answer, g_free);
  g_free (whole.message);
  check_resumed (f);
  g_clear_pointer (&last_answer, g_free);
}

/* A table of costs makes another run, which goes on with the same bits. */
static void
test_costs (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "costs.csv", NULL);
  Told whole = { 0 }, plain = { 0 };
  g_autoptr (GBytes) costly = NULL, other = NULL;

  g_assert_true (g_file_set_contents (path,
                                      "right,bone,colour,often,rarely\nbone,0,1,1,9\n"
                                      "colour,1,0,1,9\noften,1,1,0,9\nrarely,3,3,3,0\n",
                                      -1, NULL));
  ask_for_labels (f);
  g_object_set (f->plan, "samples", 0, "max-steps", 10, NULL);
  run_labels (f, "plain.h5", FALSE, &plain);
  g_free (plain.message);
  g_object_set (f->plan, "label-costs", path, NULL);
  run_labels (f, "whole.h5", FALSE, &whole);
  g_assert_nonnull (strstr (whole.message, "costs"));
  g_free (whole.message);
  check_resumed (f);
  costly = read_label_state (f, "whole.h5");
  other = read_label_state (f, "plain.h5");
  g_assert_false (g_bytes_equal (costly, other));
}

static void
test_facts (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) labels = attune_dataset_get_labels (f->dataset, ATTUNE_SPLIT_TRAIN, &error);
  const AttuneDecoderConfig *config = attune_model_get_config (f->model);
  AttuneDataFacts facts, read;
  AttuneEstimate estimate, text;

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (labels), ==,
                    attune_dataset_count (f->dataset, ATTUNE_SPLIT_TRAIN));
  for (guint i = 0; labels[i] != NULL; i++)
    {
      g_auto (AttuneRecord) record = { 0 };

      attune_dataset_get_record (f->dataset, ATTUNE_SPLIT_TRAIN, i, &record, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (labels[i], ==, record.fields[ATTUNE_FIELD_LABEL]);
    }
  attune_data_facts (f->dataset, TRUE, &facts, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (facts.n_labels, ==, 4);
  g_assert_cmpuint (facts.n_labelled, ==, facts.n_train);
  g_assert_cmpuint (facts.label_tokens, <, facts.train_tokens);
  g_assert_true (attune_estimate (f->plan, config, 100000, 100000, &facts, &text, &error));
  ask_for_labels (f);
  read = attune_plan_facts (attune_plan_get_values (f->plan), &facts);
  g_assert_cmpuint (read.target_tokens, ==, facts.n_labelled);
  g_assert_true (attune_estimate (f->plan, config, 100000, 100000, &facts, &estimate, &error));
  g_assert_cmpint (estimate.trainable, ==, text.trainable + 4 * config->n_embd);
  facts.n_labels = 1;
  g_assert_false (attune_estimate (f->plan, config, 100000, 100000, &facts, &estimate, &error));
  g_assert_nonnull (strstr (error->message, "only one label"));
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  static const int methods[] = { ATTUNE_METHOD_FULL, ATTUNE_METHOD_HALF, ATTUNE_METHOD_BIAS };

  ask_for_labels (f);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GError) error = NULL;

      g_object_set (f->plan, "method", methods[i], "learning-rate", 1e-5, NULL);
      g_assert_false (attune_plan_check (f->plan, &error));
      g_assert_nonnull (strstr (error->message, "--method lora"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/tune/labels/lora", Fixture, GINT_TO_POINTER (ATTUNE_METHOD_LORA), set_up, test_run,
              tear_down);
  g_test_add ("/tune/labels/dora", Fixture, GINT_TO_POINTER (ATTUNE_METHOD_DORA), set_up, test_run,
              tear_down);
  g_test_add ("/tune/labels/several", Fixture, "micro F1", set_up_several, test_kinds, tear_down);
  g_test_add ("/tune/labels/numbers", Fixture, "off in the mean", set_up_numbers, test_kinds,
              tear_down);
  g_test_add ("/tune/labels/costs", Fixture, NULL, set_up, test_costs, tear_down);
  g_test_add ("/tune/labels/settings", Fixture, NULL, set_up, test_settings, tear_down);
  g_test_add ("/tune/labels/facts", Fixture, NULL, set_up, test_facts, tear_down);
  g_test_add ("/tune/labels/refused", Fixture, NULL, set_up, test_refused, tear_down);
  return g_test_run ();
}
