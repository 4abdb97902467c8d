/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole runs of a reward model: it learns which answers are better, stopped on the way it ends with
 * the same bits, and what cannot be is refused. What it says of held-out pairs is what a run says.
 */
#include "evaluate/rewards.h"
#include "generate/labels.h"
#include "pairs-run.h"

static GBytes *
read_reward_state (Fixture *f, const char *checkpoint)
{
  g_autofree char *path = g_build_filename (f->folder, checkpoint, NULL);
  AttuneCheckpoint state = { 0 };
  g_autoptr (GError) error = NULL;
  AttuneLoraConfig lora;
  gboolean found;
  float *all;

  g_assert_true (attune_plan_get_lora (f->plan, &lora, NULL));
  lora.n_labels = 1;
  state.count = attune_lora_count (attune_model_get_config (f->model), &lora);
  state.state_count = 2 * state.count;
  state.values = all = g_new (float, 4 * state.count);
  state.best = all + state.count;
  state.state = all + 2 * state.count;
  attune_checkpoint_load (path, &state, &found, &error);
  g_assert_no_error (error);
  g_assert_true (found);
  return g_bytes_new_take (all, 4 * state.count * sizeof (float));
}

/* Reads held-out pairs with the best head of the run. */
static void
evaluate (Fixture *f, const char *checkpoint, AttuneRewardEvaluation *result)
{
  g_autofree char *path = g_build_filename (f->folder, checkpoint, NULL);
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1);
  g_autoptr (AttuneParameters) parameters = NULL;
  g_autoptr (AttuneDecoder) decoder = NULL;
  g_autoptr (GError) error = NULL;
  AttuneLoraConfig lora;

  decoder = attune_decoder_new (attune_model_get_config (f->model), be, attune_model_lookup,
                                f->model, &error);
  g_assert_no_error (error);
  g_assert_true (attune_plan_get_lora (f->plan, &lora, NULL));
  lora.n_labels = 1;
  parameters = attune_checkpoint_read_adapter (path, TRUE, decoder, &lora, &error);
  g_assert_no_error (error);
  attune_evaluate_rewards (decoder, f->dataset, ATTUNE_SPLIT_VALIDATION, 100, 2, NULL, NULL, result,
                           &error);
  g_assert_no_error (error);
}

/* @data: a method */
static void
test_run (Fixture *f, gconstpointer data)
{
  Told whole = { 0 }, told = { .stop_after = 5 };
  g_autoptr (GBytes) expected = NULL, got = NULL;
  g_auto (AttuneRewardEvaluation) scores = { 0 };
  const AttuneAnswer *answer;
  AttuneTrainerResult result;

  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_REWARD, "method", GPOINTER_TO_INT (data),
                "learning-rate", 1e-2, "micro-batch-tokens", 200, NULL);
  result = run (f, "whole.h5", FALSE, &whole);
  g_test_message ("from %.3f to %.3f", result.base_loss, result.best_loss);
  /* a head of zeros gives all answers the same */
  g_assert_cmpfloat_with_epsilon (result.base_loss, G_LN2, 1e-6);
  g_assert_cmpfloat (result.best_loss, <, 0.5 * result.base_loss);
  g_assert_cmpuint (whole.samples, >, 0);
  run (f, "parts.h5", FALSE, &told);
  told.stop_after = 0;
  run (f, "parts.h5", TRUE, &told);
  expected = read_reward_state (f, "whole.h5");
  got = read_reward_state (f, "parts.h5");
  g_assert_true (g_bytes_equal (expected, got));

  evaluate (f, "whole.h5", &scores);
  g_assert_cmpfloat_with_epsilon (scores.tuned.loss, result.best_loss, 1e-3);
  g_assert_cmpfloat (scores.accuracy.value, >, 0.9);
  g_assert_cmpfloat (scores.accuracy.lo, <, scores.accuracy.value);
  g_assert_cmpfloat (scores.difference, >, 0);
  g_assert_cmpuint (scores.tuned_answers->len, ==, 2);
  answer = scores.tuned_answers->pdata[0];
  g_assert_cmpint (answer->exact, ==, g_str_equal (answer->expected, answer->answer));
}

/* The margin and the centring each make another run. */
static void
test_settings (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "plain.h5", "margin.h5", "centred.h5" };
  GBytes *states[G_N_ELEMENTS (names)];

  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_REWARD, "max-steps", 3, "samples", 0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Told told = { 0 };

      g_object_set (f->plan, "reward-margin", i == 1 ? 1.0 : 0.0, "reward-centring",
                    i == 2 ? 0.1 : 0.0, NULL);
      run (f, names[i], FALSE, &told);
      states[i] = read_reward_state (f, names[i]);
      for (guint j = 0; j < i; j++)
        g_assert_false (g_bytes_equal (states[i], states[j]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_bytes_unref (states[i]);
}

/* One number of the head is trained beside the adapter, and no answers are written. */
static void
test_facts (Fixture *f, gconstpointer data)
{
  const AttuneDecoderConfig *config = attune_model_get_config (f->model);
  AttuneEstimate text, reward;
  g_autoptr (GError) error = NULL;
  AttuneDataFacts facts, read;

  attune_data_facts (f->dataset, FALSE, &facts, &error);
  g_assert_no_error (error);
  g_assert_true (attune_estimate (f->plan, config, 100000, 100000, &facts, &text, &error));
  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_REWARD, NULL);
  read = attune_plan_facts (attune_plan_get_values (f->plan), &facts);
  g_assert_cmpuint (read.target_tokens, ==, 2 * facts.n_pairs);
  g_assert_true (attune_estimate (f->plan, config, 100000, 100000, &facts, &reward, &error));
  g_assert_cmpint (reward.trainable, ==, text.trainable + config->n_embd);
  g_assert_cmpuint (reward.sampling_bytes, ==, 0);
  g_assert_cmpuint (text.sampling_bytes, >, 0);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  static const int methods[] = { ATTUNE_METHOD_FULL, ATTUNE_METHOD_BIAS, ATTUNE_METHOD_PROMPT };
  const AttuneDecoderConfig *config = attune_model_get_config (f->model);
  AttuneDataFacts facts;
  AttuneEstimate e;
  g_autoptr (GError) no_pairs = NULL;

  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_REWARD, NULL);
  attune_data_facts (f->dataset, FALSE, &facts, &no_pairs);
  g_assert_no_error (no_pairs);
  facts.n_pairs = 0;
  g_assert_false (attune_estimate (f->plan, config, 1, 1, &facts, &e, &no_pairs));
  g_assert_nonnull (strstr (no_pairs->message, "(reward)"));
  g_clear_error (&no_pairs);
  /* there is no head for text that could read it */
  g_object_set (f->plan, "earlier", "x.txt", NULL);
  g_assert_false (attune_plan_check (f->plan, &no_pairs));
  g_assert_nonnull (strstr (no_pairs->message, "learns rewards in place of it"));
  g_object_set (f->plan, "earlier", "", NULL);
  g_assert_false (attune_plan_uses (f->plan, "earlier"));
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
  g_test_add ("/tune/reward-run/lora", Fixture, GINT_TO_POINTER (ATTUNE_METHOD_LORA), set_up_pairs,
              test_run, tear_down);
  g_test_add ("/tune/reward-run/dora", Fixture, GINT_TO_POINTER (ATTUNE_METHOD_DORA), set_up_pairs,
              test_run, tear_down);
  g_test_add ("/tune/reward-run/settings", Fixture, NULL, set_up_pairs, test_settings, tear_down);
  g_test_add ("/tune/reward-run/facts", Fixture, NULL, set_up_pairs, test_facts, tear_down);
  g_test_add ("/tune/reward-run/refused", Fixture, NULL, set_up_pairs, test_refused, tear_down);
  return g_test_run ();
}
