/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole runs over answers that a tiny model writes itself: the rewards rise on a rule that it can
 * learn, stopped on the way a run ends with the same bits, and what cannot be is refused.
 */
#include "core/settings.h"
#include "pairs-run.h"

typedef struct
{
  Told told;
  double first, last; /* mean rewards of the first and the last steps */
  double divergence;  /* of the last step */
} Policy;

#define STEPS_SHOWN 4

static void
on_policy_step (gpointer data, const AttuneStepEvent *event)
{
  Policy *self = data;

  on_step (data, event);
  g_assert_true (event->has_reward && isfinite (event->reward) && isfinite (event->divergence));
  if (event->step <= STEPS_SHOWN)
    self->first += event->reward / STEPS_SHOWN;
  if (event->step > event->n_steps - STEPS_SHOWN)
    self->last += event->reward / STEPS_SHOWN;
  self->divergence = event->divergence;
  if (event->step == 1) /* it is the reference */
    g_assert_cmpfloat_with_epsilon (event->divergence, 0, 1e-3);
}

static void
on_policy_validation (gpointer data, const AttuneValidationEvent *event)
{
  on_validation (data, event);
  g_assert_true (event->has_reward && isfinite (event->reward));
}

static const AttuneTrainerFuncs policy_funcs = { .on_step = on_policy_step,
                                                 .on_validation = on_policy_validation,
                                                 .on_sample = on_sample,
                                                 .should_stop = should_stop };

static AttuneTrainerResult
run_policy (Fixture *f, const char *checkpoint, gboolean resume, Policy *policy)
{
  g_autofree char *path = g_build_filename (f->folder, checkpoint, NULL);
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;

  attune_trainer_run (f->plan, f->model, f->dataset, path, resume, &policy_funcs, policy, &result,
                      &error);
  g_assert_no_error (error);
  return result;
}

static GBytes *
read_policy_state (Fixture *f, const char *checkpoint, double *kl_weight)
{
  g_autofree char *path = g_build_filename (f->folder, checkpoint, NULL);
  AttuneCheckpoint state = { 0 };
  g_autoptr (GError) error = NULL;
  AttuneLoraConfig lora;
  gboolean found;
  float *all;

  g_assert_true (attune_plan_get_lora (f->plan, &lora, NULL));
  lora.n_labels = attune_plan_get_values (f->plan)->objective == ATTUNE_OBJECTIVE_PPO;
  state.count = attune_lora_count (attune_model_get_config (f->model), &lora);
  state.state_count = 2 * state.count;
  state.values = all = g_new (float, 4 * state.count);
  state.best = all + state.count;
  state.state = all + 2 * state.count;
  attune_checkpoint_load (path, &state, &found, &error);
  g_assert_no_error (error);
  g_assert_true (found);
  *kl_weight = state.kl_weight;
  return g_bytes_new_take (all, 4 * state.count * sizeof (float));
}

/* Answers that have the letter e in their first three are wanted: a model that knows nothing says
 * so here and there. */
static void
ask_for_form (Fixture *f)
{
  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_GRPO, "answer-reward", 0.0, "format-reward",
                1.0, "answer-format", "^.{0,3}[eE]", "answer-limit", 6, "group-size", 6,
                "batch-size", 4, "learning-rate", 2e-2, "warmup-ratio", 0.0, "max-steps", 20,
                "validate-every", 20, "max-validation-samples", 4, "samples", 0, "threads", 1,
                NULL);
}

/* Stopped after @steps, and gone on with, it ends with the bits of @whole. */
static void
check_resumed (Fixture *f, gint64 steps, const char *whole)
{
  Policy parts = { .told.stop_after = steps };
  g_autoptr (GBytes) expected = NULL, got = NULL;
  double one, other;

  run_policy (f, "parts.h5", FALSE, &parts);
  parts.told.stop_after = 0;
  run_policy (f, "parts.h5", TRUE, &parts);
  expected = read_policy_state (f, whole, &one);
  got = read_policy_state (f, "parts.h5", &other);
  g_assert_cmpfloat (one, ==, other);
  g_assert_true (g_bytes_equal (expected, got));
}

static gboolean
stop_when_asked_often (gpointer data)
{
  int *left = data;

  return --*left < 0;
}

/* Stopped while it writes, before its first step and in others, it ends with the same bits. */
static void
test_stopped_writing (Fixture *f, gconstpointer data)
{
  static const AttuneTrainerFuncs asked = { .should_stop = stop_when_asked_often };
  g_autofree char *path = g_build_filename (f->folder, "parts.h5", NULL);
  g_autoptr (GBytes) expected = NULL, got = NULL;
  g_autoptr (GError) error = NULL;
  Policy whole = { 0 };
  AttuneTrainerResult result = { .end = ATTUNE_END_STOPPED };
  double one, other;
  gint64 before = 0;
  int n = 0;

  ask_for_form (f);
  g_object_set (f->plan, "max-steps", 3, "validate-every", 3, NULL);
  run_policy (f, "whole.h5", FALSE, &whole);
  /* a call at a time: the first is before the first step, some are in steps */
  for (; result.end == ATTUNE_END_STOPPED; n++)
    {
      int left = 2 + 9 * n;

      attune_trainer_run (f->plan, f->model, f->dataset, path, TRUE, &asked, &left, &result,
                          &error);
      g_assert_no_error (error);
      g_assert_true (n > 0 || (result.end == ATTUNE_END_STOPPED && result.steps == 0));
      g_assert_false (n == 0 && g_file_test (path, G_FILE_TEST_EXISTS));
      g_assert_cmpint (result.steps, >=, before);
      before = result.steps;
    }
  g_test_message ("stopped %d times", n - 1);
  g_assert_cmpint (n, >, 3);
  expected = read_policy_state (f, "whole.h5", &one);
  got = read_policy_state (f, "parts.h5", &other);
  g_assert_true (g_bytes_equal (expected, got));
}

static void
test_grpo (Fixture *f, gconstpointer data)
{
  Policy whole = { 0 };
  AttuneTrainerResult result;

  ask_for_form (f);
  result = run_policy (f, "whole.h5", FALSE, &whole);
  g_test_message ("rewards from %.3f to %.3f, of the likeliest answers from %.3f to %.3f; "
                  "%.2f nats from the model before",
                  whole.first, whole.last, 1 - result.base_loss, 1 - result.best_loss,
                  whole.divergence);
  g_assert_cmpfloat (whole.last, >, whole.first + 0.1);
  g_assert_cmpfloat (result.best_loss, <=, result.base_loss - 0.5); /* seen: 1 to 0 */
  g_assert_cmpfloat (whole.divergence, >, 0);
}

/* Several updates of a step go on from where they were, and dropout has no part in them. */
static void
test_updates (Fixture *f, gconstpointer data)
{
  Policy whole = { 0 }, single = { 0 };
  g_autoptr (GBytes) many = NULL, one = NULL;
  double kl_weight;

  ask_for_form (f);
  g_object_set (f->plan, "max-steps", 3, "validate-every", 3, "policy-updates", 2, "lora-dropout",
                0.1, "micro-batch-tokens", 200, NULL);
  run_policy (f, "whole.h5", FALSE, &whole);
  check_resumed (f, 2, "whole.h5");
  many = read_policy_state (f, "whole.h5", &kl_weight);
  g_object_set (f->plan, "policy-updates", 1, NULL);
  run_policy (f, "single.h5", FALSE, &single);
  one = read_policy_state (f, "single.h5", &kl_weight);
  g_assert_false (g_bytes_equal (many, one));
  g_object_set (f->plan, "lora-dropout", 0.0, NULL);
  single = (Policy) { 0 };
  run_policy (f, "without.h5", FALSE, &single);
  g_bytes_unref (many);
  many = read_policy_state (f, "without.h5", &kl_weight);
  g_assert_true (g_bytes_equal (many, one));
}

/* A reward model, and a rule beside it that a model which knows nothing can learn. */
static void
test_ppo (Fixture *f, gconstpointer data)
{
  Told reward = { 0 };
  Policy whole = { 0 };
  g_autofree char *model = g_build_filename (f->folder, "reward.h5", NULL);
  AttuneTrainerResult result;
  g_autoptr (GBytes) state = NULL;
  double kl_weight;

  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_REWARD, "samples", 0, "learning-rate", 1e-2,
                NULL);
  run (f, "reward.h5", FALSE, &reward);
  ask_for_form (f);
  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_PPO, "reward-model", model, "model-reward",
                0.2, "batch-size", 20, "policy-updates", 3, "kl-weight", 0.01, "kl-target", 6.0,
                "kl-horizon", 1000, "value-weight", 0.5, "value-clip", 1.0, "max-steps", 16, NULL);
  result = run_policy (f, "whole.h5", FALSE, &whole);
  g_test_message ("rewards from %.3f to %.3f, of the likeliest answers from %.3f to %.3f; "
                  "%.2f nats from the model before",
                  whole.first, whole.last, -result.base_loss, -result.best_loss, whole.divergence);
  g_assert_cmpfloat (whole.last, >, whole.first + 0.2);
  state = read_policy_state (f, "whole.h5", &kl_weight);
  g_assert_cmpfloat (kl_weight, !=, 0.01); /* it was steered */
  g_object_set (f->plan, "max-steps", 3, "validate-every", 3, NULL);
  whole = (Policy) { 0 };
  run_policy (f, "short.h5", FALSE, &whole);
  check_resumed (f, 2, "short.h5");
}

/* What is no reward model, or one beside another model, is said so. */
static void
test_other_model (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "answers.h5", NULL),
                  *run_path = g_build_filename (f->folder, "whole.h5", NULL);
  Told told = { 0 };
  Policy policy = { 0 };
  AttuneTrainerResult result;
  g_autoptr (GError) error = NULL;

  g_object_set (f->plan, "max-steps", 1, "samples", 0, NULL);
  run (f, "answers.h5", FALSE, &told);
  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_PPO, "reward-model", path, NULL);
  g_assert_false (attune_trainer_run (f->plan, f->model, f->dataset, run_path, FALSE, &policy_funcs,
                                      &policy, &result, &error));
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DATA);
  g_assert_nonnull (strstr (error->message, "--objective reward"));
  g_clear_error (&error);

  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_REWARD, "reward-model", "", NULL);
  told = (Told) { 0 };
  run (f, "reward.h5", FALSE, &told);
  take_f16_model (f);
  g_free (path);
  path = g_build_filename (f->folder, "reward.h5", NULL);
  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_PPO, "reward-model", path, NULL);
  g_assert_false (attune_trainer_run (f->plan, f->model, f->dataset, run_path, FALSE, &policy_funcs,
                                      &policy, &result, &error));
  g_assert_nonnull (strstr (error->message, "another model"));
}

static void
check_refused (AttunePlan *plan, const char *advice)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (attune_plan_check (plan, &error));
  g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, advice));
}

static void
test_refused (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();

  g_object_set (plan, "objective", ATTUNE_OBJECTIVE_PPO, NULL);
  check_refused (plan, "--objective grpo");
  g_object_set (plan, "reward-model", "/nowhere/at-all", NULL);
  /* results of a run are looked at without its reward model */
  g_assert_true (attune_plan_check (plan, NULL));
  g_object_set (plan, "kl-target", 6.0, "kl-horizon", 15, "batch-size", 16, NULL);
  check_refused (plan, "--kl-horizon 16");
  g_object_set (plan, "kl-horizon", 16, NULL);
  g_assert_true (attune_plan_check (plan, NULL));
  g_object_set (plan, "kl-weight", 0.0, NULL);
  check_refused (plan, "--kl-weight 0.2");
  g_object_set (plan, "kl-target", 0.0, "kl-weight", 0.2, "method", ATTUNE_METHOD_QLORA,
                "adapter-start", ATTUNE_ADAPTER_START_LOFTQ, NULL);
  check_refused (plan, "--adapter-start zero");
  g_object_set (plan, "method", ATTUNE_METHOD_LORA, "adapter-start", ATTUNE_ADAPTER_START_ZERO,
                NULL);
  g_object_set (plan, "objective", ATTUNE_OBJECTIVE_GRPO, "reward-model", "", NULL);
  g_assert_true (attune_plan_check (plan, NULL));
  g_object_set (plan, "ranks", 2, NULL);
  check_refused (plan, "--ranks 1");
  g_object_set (plan, "ranks", 1, "replay-share", 0.2, "earlier", "x.txt", NULL);
  check_refused (plan, "--ewc-weight");
  g_object_set (plan, "replay-share", 0.0, "earlier", "", "answer-reward", 0.0, NULL);
  check_refused (plan, "--answer-reward 1");
  g_object_set (plan, "format-reward", 1.0, NULL);
  check_refused (plan, "format-reward");
  g_object_set (plan, "answer-format", "(", NULL);
  check_refused (plan, "answer-format");
}

/* Objectives bring their own beginnings along, and settings of PPO alone are its own. */
static void
test_settings (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  AttunePlanValues before = *attune_plan_get_values (plan);

  g_assert_false (attune_plan_uses (plan, "group-size"));
  g_object_set (plan, "objective", ATTUNE_OBJECTIVE_PPO, NULL);
  g_assert_true (attune_plan_follow (plan, &before));
  g_assert_cmpfloat (attune_plan_get_values (plan)->kl_weight, ==, 0.2);
  g_assert_cmpint (attune_plan_get_values (plan)->policy_updates, ==, 4);
  g_assert_true (attune_plan_uses (plan, "gae-lambda"));
  g_assert_false (attune_plan_uses (plan, "kl-horizon"));
  g_assert_false (attune_plan_uses (plan, "group-size"));
  g_assert_false (attune_plan_uses (plan, "lora-dropout"));
  g_assert_false (attune_plan_uses (plan, "neftune-alpha"));
  g_assert_cmpfloat (attune_plan_get_values (plan)->answer_reward, ==, 0);
  before = *attune_plan_get_values (plan);
  g_object_set (plan, "objective", ATTUNE_OBJECTIVE_GRPO, NULL);
  g_assert_true (attune_plan_follow (plan, &before));
  g_assert_cmpfloat (attune_plan_get_values (plan)->kl_weight, ==, 0.04);
  g_assert_cmpint (attune_plan_get_values (plan)->policy_updates, ==, 1);
  g_assert_cmpfloat (attune_plan_get_values (plan)->answer_reward, ==, 1);
  g_assert_false (attune_plan_uses (plan, "gae-lambda"));
  g_assert_true (attune_plan_uses (plan, "group-size"));
  g_assert_false (attune_plan_uses (plan, "label-smoothing"));
}

/* @name is as it was afterwards. */
static void
check_no_estimate (Fixture *f, const AttuneDataFacts *facts, const char *name, const char *value,
                   const char *advice)
{
  g_autofree char *before = attune_settings_get_text (G_OBJECT (f->plan), name);
  g_autoptr (GError) error = NULL;
  AttuneEstimate e;

  g_object_set (f->plan, name, value, NULL);
  g_assert_false (attune_estimate (f->plan, attune_model_get_config (f->model), 100000, 100000,
                                   facts, &e, &error));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, advice));
  g_object_set (f->plan, name, before, NULL);
}

/* More answers take more room, and more time. */
static void
test_estimate (Fixture *f, gconstpointer data)
{
  const AttuneDecoderConfig *config = attune_model_get_config (f->model);
  AttuneEstimate few, many, ppo;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  AttuneDataFacts facts;

  attune_data_facts (f->dataset, FALSE, &facts, &error);
  g_assert_no_error (error);
  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_GRPO, "group-size", 2, NULL);
  g_assert_true (attune_estimate (f->plan, config, 100000, 100000, &facts, &few, &error));
  g_object_set (f->plan, "group-size", 8, NULL);
  g_assert_true (attune_estimate (f->plan, config, 100000, 100000, &facts, &many, &error));
  g_assert_cmpuint (many.sampling_bytes, >, few.sampling_bytes);
  g_assert_cmpfloat (many.flops, >, 3.5 * few.flops);
  g_assert_cmpuint (many.steps, ==, few.steps);
  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_PPO, "reward-model", f->folder, NULL);
  g_assert_true (attune_estimate (f->plan, config, 100000, 100000, &facts, &ppo, &error));
  g_assert_cmpint (ppo.trainable, ==, many.trainable + config->n_embd);
  /* what is written lies in no data set */
  g_assert_cmpuint (many.data_bytes, ==, few.data_bytes);
  check_no_estimate (f, &facts, "reward-model", "/nowhere/at-all", "/nowhere/at-all");
  g_object_set (f->plan, "answer-limit", config->max_tokens - (int) facts.longest_question, NULL);
  g_assert_true (attune_estimate (f->plan, config, 100000, 100000, &facts, &ppo, &error));
  text = g_strdup_printf ("--answer-limit %d", config->max_tokens - facts.longest_question);
  g_object_set (f->plan, "answer-limit", config->max_tokens - (int) facts.longest_question + 1,
                NULL);
  check_no_estimate (f, &facts, "reward-model", f->folder, text);
  g_object_set (f->plan, "answer-limit", 1, NULL);
  facts.longest_question = config->max_tokens;
  check_no_estimate (f, &facts, "reward-model", f->folder, "--max-tokens");
  facts.longest_question = 4;
  facts.n_unasked = 3;
  check_no_estimate (f, &facts, "reward-model", f->folder, "--objective text");
}

/* @reward: (nullable): a checkpoint */
static guint64
estimate_writing (Fixture *f, AttuneMethod method, const char *reward)
{
  const gint64 total = attune_model_count_parameters (f->model);
  AttuneDataFacts facts;
  AttuneEstimate e;
  g_autoptr (GError) error = NULL;

  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_GRPO, "method", method, "reward-model",
                reward, "learning-rate", 1e-4, NULL);
  attune_data_facts (f->dataset, FALSE, &facts, &error);
  g_assert_no_error (error);
  attune_estimate (f->plan, attune_model_get_config (f->model), attune_model_get_bytes (f->model),
                   total, &facts, &e, &error);
  g_assert_no_error (error);
  return e.sampling_bytes;
}

/* A reward model that keeps the base as the run does not takes room of its own. */
static void
test_other_bases (Fixture *f, gconstpointer data)
{
  g_autofree char *plain = g_build_filename (f->folder, "plain.h5", NULL),
                  *rounded = g_build_filename (f->folder, "rounded.h5", NULL);
  guint64 alone, stored;

  take_f16_model (f);
  stored = attune_model_get_bytes (f->model);
  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_REWARD, "samples", 0, "max-steps", 1, NULL);
  run (f, "plain.h5", FALSE, &(Told) { 0 });
  g_object_set (f->plan, "method", ATTUNE_METHOD_QLORA, NULL);
  run (f, "rounded.h5", FALSE, &(Told) { 0 });

  alone = estimate_writing (f, ATTUNE_METHOD_LORA, "");
  g_assert_cmpuint (estimate_writing (f, ATTUNE_METHOD_QLORA, ""), ==, alone);
  g_assert_cmpuint (estimate_writing (f, ATTUNE_METHOD_FULL, ""), >=, stored);
  alone = estimate_writing (f, ATTUNE_METHOD_LORA, plain); /* with its adapter */
  g_assert_cmpuint (estimate_writing (f, ATTUNE_METHOD_LORA, rounded), >, alone);
  g_assert_cmpuint (estimate_writing (f, ATTUNE_METHOD_QLORA, rounded), ==,
                    estimate_writing (f, ATTUNE_METHOD_LORA, rounded));
  g_assert_cmpuint (estimate_writing (f, ATTUNE_METHOD_QLORA, plain), >,
                    estimate_writing (f, ATTUNE_METHOD_QLORA, rounded));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/tune/policy-run/grpo", Fixture, NULL, set_up, test_grpo, tear_down);
  g_test_add ("/tune/policy-run/stopped-writing", Fixture, NULL, set_up, test_stopped_writing,
              tear_down);
  g_test_add ("/tune/policy-run/updates", Fixture, NULL, set_up, test_updates, tear_down);
  g_test_add ("/tune/policy-run/ppo", Fixture, NULL, set_up_pairs, test_ppo, tear_down);
  g_test_add ("/tune/policy-run/other-model", Fixture, NULL, set_up_pairs, test_other_model,
              tear_down);
  g_test_add ("/tune/policy-run/estimate", Fixture, NULL, set_up, test_estimate, tear_down);
  g_test_add ("/tune/policy-run/other-bases", Fixture, NULL, set_up_pairs, test_other_bases,
              tear_down);
  g_test_add_func ("/tune/policy-run/refused", test_refused);
  g_test_add_func ("/tune/policy-run/settings", test_settings);
  return g_test_run ();
}
