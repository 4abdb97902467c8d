/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The losses of GRPO and PPO and their gradients, on numbers and through a model, against TRL's, as
 * tests/peers/make_rewards.py and make_ppo.py store them.
 */
#include "nn/golden-model.h"
#include "tune/policy-loss.h"

#define MOST_ANSWERS 8
#define MOST_TOKENS 64

static JsonObject *
load (const char *name, JsonParser *parser)
{
  g_autofree char *path = golden_path (name);
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static void
read_numbers (JsonObject *object, const char *name, double *values)
{
  JsonArray *array = json_object_get_array_member (object, name);

  g_assert_cmpuint (json_array_get_length (array), <=, MOST_TOKENS);
  for (guint i = 0; i < json_array_get_length (array); i++)
    values[i] = json_array_get_double_element (array, i);
}

/* Returns: how many tokens there are. */
static int
read_lengths (JsonObject *golden, int *lengths, int *n)
{
  JsonArray *array = json_object_get_array_member (golden, "lengths");
  int total = 0;

  *n = json_array_get_length (array);
  for (int i = 0; i < *n; i++)
    total += lengths[i] = json_array_get_int_element (array, i);
  return total;
}

static double
find_worst (const double *ours, JsonObject *c, const char *name, int n)
{
  double theirs[MOST_TOKENS], worst = 0;

  read_numbers (c, name, theirs);
  for (int i = 0; i < n; i++)
    worst = MAX (worst, fabs (ours[i] - theirs[i]));
  return worst;
}

static void
spread (const double *of_answers, const int *lengths, int n, double *of_tokens)
{
  for (int i = 0, t = 0; i < n; i++)
    for (int j = 0; j < lengths[i]; j++)
      of_tokens[t++] = of_answers[i];
}

static void
test_grpo (void)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *golden = load ("grpo.json", parser);
  JsonArray *cases = json_object_get_array_member (golden, "cases");
  double scores[MOST_ANSWERS], shares[MOST_ANSWERS], advantages[MOST_TOKENS], policy[MOST_TOKENS],
      old[MOST_TOKENS], reference[MOST_TOKENS], slope[MOST_TOKENS], worst = 0;
  int lengths[MOST_ANSWERS], n;
  const int total = read_lengths (golden, lengths, &n);

  read_numbers (golden, "scores", scores);
  attune_group_advantages (scores, n, json_object_get_int_member (golden, "group"), shares);
  g_assert_cmpfloat (find_worst (shares, golden, "advantages", n), <, 1e-12);
  spread (shares, lengths, n, advantages);
  g_assert_cmpuint (json_array_get_length (cases), ==, 4);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *c = json_array_get_object_element (cases, i);
      const AttunePlanValues plan = { .policy_clip = json_object_get_double_member (c, "clip"),
                                      .kl_weight = json_object_get_double_member (c, "beta") };
      const AttuneAnswerTokens tokens = {
        .n = n, .lengths = lengths, .old = old, .reference = reference, .advantages = advantages
      };
      double loss;

      read_numbers (c, "policy", policy);
      read_numbers (c, "old", old);
      read_numbers (c, "reference", reference);
      loss = attune_grpo_loss (&plan, &tokens, policy, slope);
      worst = MAX (worst, fabs (loss - json_object_get_double_member (c, "value")));
      worst = MAX (worst, find_worst (slope, c, "gradient", total));
    }
  g_test_message ("largest difference: %.2g", worst);
  g_assert_cmpfloat (worst, <, 1e-10);
}

/* A group in which all get the same teaches nothing. */
static void
test_alike (void)
{
  const double scores[] = { 2, 2, 2 };
  double advantages[3];

  attune_group_advantages (scores, 3, 3, advantages);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat (advantages[i], ==, 0);
}

static AttunePlanValues
ppo_plan (JsonObject *golden)
{
  return (AttunePlanValues) {
    .policy_clip = json_object_get_double_member (golden, "clip"),
    .value_clip = json_object_get_double_member (golden, "value_clip"),
    .value_weight = json_object_get_double_member (golden, "value_weight"),
    .discount = json_object_get_double_member (golden, "gamma"),
    .gae_lambda = json_object_get_double_member (golden, "lambda"),
  };
}

static void
test_ppo (void)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *golden = load ("ppo.json", parser);
  JsonArray *cases = json_object_get_array_member (golden, "cases");
  const AttunePlanValues plan = ppo_plan (golden);
  double scores[MOST_ANSWERS], old[MOST_TOKENS], reference[MOST_TOKENS], values[MOST_TOKENS],
      rewards[MOST_TOKENS], advantages[MOST_TOKENS], returns[MOST_TOKENS], policy[MOST_TOKENS],
      predicted[MOST_TOKENS], d_policy[MOST_TOKENS], d_values[MOST_TOKENS], worst = 0;
  int lengths[MOST_ANSWERS], n;
  const int total = read_lengths (golden, lengths, &n);
  const AttuneAnswerTokens tokens = { .n = n,
                                      .lengths = lengths,
                                      .old = old,
                                      .reference = reference,
                                      .values = values,
                                      .advantages = advantages,
                                      .returns = returns };

  g_assert_cmpint (attune_answer_tokens_count (&tokens), ==, total);
  read_numbers (golden, "scores", scores);
  read_numbers (golden, "old", old);
  read_numbers (golden, "reference", reference);
  read_numbers (golden, "values", values);
  attune_ppo_rewards (&tokens, scores, json_object_get_double_member (golden, "kl_weight"),
                      rewards);
  g_assert_cmpfloat (find_worst (rewards, golden, "rewards", total), <, 1e-12);
  attune_ppo_advantages (&plan, &tokens, rewards, advantages, returns);
  g_assert_cmpfloat (find_worst (advantages, golden, "advantages", total), <, 1e-10);
  g_assert_cmpfloat (find_worst (returns, golden, "returns", total), <, 1e-10);
  g_assert_cmpuint (json_array_get_length (cases), ==, 3);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *c = json_array_get_object_element (cases, i);
      double loss;

      read_numbers (c, "policy", policy);
      read_numbers (c, "predicted", predicted);
      loss = attune_ppo_loss (&plan, &tokens, policy, predicted, d_policy, d_values);
      worst = MAX (worst, fabs (loss - json_object_get_double_member (c, "value")));
      worst = MAX (worst, find_worst (d_policy, c, "gradient", total));
      worst = MAX (worst, find_worst (d_values, c, "d_values", total));
    }
  g_test_message ("largest difference: %.2g", worst);
  g_assert_cmpfloat (worst, <, 1e-10);
}

static void
test_control (void)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *golden = json_object_get_object_member (load ("ppo.json", parser), "controller");
  JsonArray *cases = json_object_get_array_member (golden, "cases");
  const double weight = json_object_get_double_member (golden, "weight");
  AttunePlanValues plan = { .kl_target = json_object_get_double_member (golden, "target"),
                            .kl_horizon = json_object_get_int_member (golden, "horizon") };

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *c = json_array_get_object_element (cases, i);
      const double kl = json_object_get_double_member (c, "kl");

      g_assert_cmpfloat_with_epsilon (
          attune_ppo_adapt (&plan, weight, kl, json_object_get_int_member (golden, "samples")),
          json_object_get_double_member (c, "weight"), 1e-12);
    }
  plan.kl_target = 0; /* fixed */
  g_assert_cmpfloat (attune_ppo_adapt (&plan, weight, 40, 64), ==, weight);
}

/* --- through a model */

static void
pack_answers (Golden *g, JsonObject *run)
{
  JsonArray *answers = json_object_get_array_member (run, "answers");

  g->pack = attune_pack_new (256, TRUE);
  for (guint i = 0; i < json_array_get_length (answers); i++)
    {
      JsonObject *answer = json_array_get_object_element (answers, i);
      JsonArray *ids = json_object_get_array_member (answer, "ids");
      const guint prompt = json_object_get_int_member (answer, "prompt");
      g_auto (AttuneSample) sample = { .n = json_array_get_length (ids) };

      sample.tokens = g_new (gint32, sample.n);
      sample.learn = g_new0 (guint8, sample.n);
      for (guint j = 0; j < sample.n; j++)
        {
          sample.tokens[j] = json_array_get_int_element (ids, j);
          sample.learn[j] = j >= prompt;
        }
      g_assert_true (attune_pack_add (g->pack, &sample));
    }
}

/* @weights: (nullable): of each token in the gradient */
static void
pass (Golden *g, const double *weights, double *policy)
{
  g_autoptr (GError) error = NULL;
  double losses[MOST_TOKENS];
  const AttuneBatch *batch = attune_pack_get_batch (g->pack);

  g_assert_cmpint (batch->n_targets, <=, MOST_TOKENS);
  if (weights != NULL)
    attune_pack_weigh_targets (g->pack, weights);
  batch = attune_pack_get_batch (g->pack);
  attune_decoder_forward_backward (g->decoder, g->act, batch, losses, weights != NULL ? 1 : 0,
                                   FALSE, 0, 0);
  attune_backend_sync (g->be, &error);
  g_assert_no_error (error);
  for (int i = 0; i < batch->n_targets; i++)
    policy[i] = -losses[i];
}

static Golden *
open_golden (const char *name, int n_labels)
{
  const AttuneLoraConfig lora
      = { .rank = 4, .alpha = 8, .targets = ATTUNE_TARGETS_ALL, .n_labels = n_labels };
  AttuneStepShape shape = {
    .max_tokens = 256, .max_targets = 256, .logit_rows = 7, .backward = TRUE, .lora_rank = 4
  };
  Golden *g = golden_load (name);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (g);
  pack_answers (g, json_object_get_object_member (g->golden, "run"));
  g->act = attune_activations_new (g->be, attune_model_get_config (g->model), &shape, &error);
  g_assert_no_error (error);
  g->parameters = attune_decoder_add_lora (g->decoder, &lora, 1, TRUE, &error);
  g_assert_no_error (error);
  golden_fill (g);
  g->be->zero (g->be, &g->parameters->grads);
  return g;
}

static void
check_gradients (Golden *g, JsonObject *run)
{
  JsonArray *gradients = json_object_get_array_member (run, "gradients");

  g_assert_cmpuint (json_array_get_length (gradients), ==, g->parameters->n_items);
  for (guint i = 0; i < json_array_get_length (gradients); i++)
    check_gradient (g, json_array_get_object_element (gradients, i));
}

static void
test_grpo_model (void)
{
  g_autoptr (Golden) g = open_golden ("grpo.json", 0);
  JsonObject *run = json_object_get_object_member (g->golden, "run");
  const AttunePlanValues plan = { .policy_clip = json_object_get_double_member (run, "clip"),
                                  .kl_weight = json_object_get_double_member (run, "beta") };
  double shares[MOST_ANSWERS], advantages[MOST_TOKENS], old[MOST_TOKENS], reference[MOST_TOKENS],
      policy[MOST_TOKENS], weights[MOST_TOKENS];
  int lengths[MOST_ANSWERS], n;
  const int total = read_lengths (g->golden, lengths, &n);
  const AttuneAnswerTokens tokens = {
    .n = n, .lengths = lengths, .old = old, .reference = reference, .advantages = advantages
  };

  read_numbers (g->golden, "advantages", shares);
  spread (shares, lengths, n, advantages);
  read_numbers (run, "old", old);
  read_numbers (run, "reference", reference);
  pass (g, NULL, policy);
  g_assert_cmpfloat (find_worst (policy, run, "policy", total), <, 1e-4);
  g_assert_cmpfloat_with_epsilon (attune_grpo_loss (&plan, &tokens, policy, weights),
                                  json_object_get_double_member (run, "loss"), 1e-4);
  for (int t = 0; t < total; t++)
    weights[t] = -weights[t];
  pass (g, weights, policy);
  check_gradients (g, run);
}

/* The value head learns beside the LM head, and what both read learns from both. */
static void
test_ppo_model (void)
{
  g_autoptr (Golden) g = open_golden ("ppo.json", 1);
  JsonObject *run = json_object_get_object_member (g->golden, "run");
  const AttunePlanValues plan = ppo_plan (g->golden);
  double old[MOST_TOKENS], values[MOST_TOKENS], advantages[MOST_TOKENS], returns[MOST_TOKENS],
      policy[MOST_TOKENS], predicted[MOST_TOKENS], weights[MOST_TOKENS], d_values[MOST_TOKENS];
  float said[MOST_TOKENS], wanted[MOST_TOKENS] = { 0 };
  gint32 numbers[MOST_TOKENS];
  int lengths[MOST_ANSWERS], n;
  const int total = read_lengths (g->golden, lengths, &n);
  const AttuneAnswerTokens tokens = { .n = n,
                                      .lengths = lengths,
                                      .old = old,
                                      .values = values,
                                      .advantages = advantages,
                                      .returns = returns };
  AttuneLabelHead *head = &g->decoder->labels;

  for (int t = 0; t < total; t++)
    numbers[t] = t;
  head->beside = TRUE;
  head->loss = (AttuneLabelLoss) { .kind = ATTUNE_LABELS_SCORE, .wanted = wanted };
  head->targets = numbers;
  head->shares = said;
  read_numbers (run, "old", old);
  read_numbers (run, "values", values);
  read_numbers (run, "advantages", advantages);
  read_numbers (run, "returns", returns);
  pass (g, NULL, policy);
  for (int t = 0; t < total; t++)
    predicted[t] = said[t];
  g_assert_cmpfloat (find_worst (policy, run, "policy", total), <, 1e-4);
  g_assert_cmpfloat (find_worst (predicted, run, "predicted", total), <, 1e-4);
  g_assert_cmpfloat_with_epsilon (
      attune_ppo_loss (&plan, &tokens, policy, predicted, weights, d_values),
      json_object_get_double_member (run, "loss"), 1e-4);
  for (int t = 0; t < total; t++)
    {
      weights[t] = -weights[t];
      wanted[t] = d_values[t];
    }
  pass (g, weights, policy);
  check_gradients (g, run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tune/policy/grpo", test_grpo);
  g_test_add_func ("/tune/policy/alike", test_alike);
  g_test_add_func ("/tune/policy/ppo", test_ppo);
  g_test_add_func ("/tune/policy/control", test_control);
  g_test_add_func ("/tune/policy/grpo-model", test_grpo_model);
  g_test_add_func ("/tune/policy/ppo-model", test_ppo_model);
  return g_test_run ();
}
