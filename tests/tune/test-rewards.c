/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loss of a reward model and its gradients, on numbers and through a model, against TRL's, as
 * tests/peers/make_rewards.py stores them.
 */
#include "generate/labels.h"
#include "nn/golden-model.h"
#include "tune/preference.h"

#define MOST_PAIRS 8

static AttunePlanValues
plan_of (JsonObject *c)
{
  return (AttunePlanValues) { .objective = ATTUNE_OBJECTIVE_REWARD,
                              .reward_margin = json_object_get_double_member (c, "margin"),
                              .reward_centring = json_object_get_double_member (c, "centring") };
}

static void
test_golden (void)
{
  g_autofree char *path = golden_path ("rewards.json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonArray *cases;
  double worst = 0;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  cases = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)),
                                        "cases");
  g_assert_cmpuint (json_array_get_length (cases), ==, 20);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *c = json_array_get_object_element (cases, i);
      const AttunePlanValues plan = plan_of (c);
      const AttunePairScores scores = { .chosen = json_object_get_double_member (c, "chosen"),
                                        .rejected = json_object_get_double_member (c, "rejected") };
      AttunePairLoss loss;

      attune_pair_loss (&plan, &scores, 0, &loss);
      worst = MAX (worst, fabs (loss.loss - json_object_get_double_member (c, "value")));
      worst = MAX (worst, fabs (loss.d_chosen - json_object_get_double_member (c, "d_chosen")));
      worst = MAX (worst, fabs (loss.d_rejected - json_object_get_double_member (c, "d_rejected")));
      g_assert_cmpint (loss.right, ==, scores.chosen > scores.rejected);
    }
  g_test_message ("largest difference: %.2g", worst);
  g_assert_cmpfloat (worst, <, 1e-12); /* seen: 4e-16 */
}

/* All that is learned: the head reads the last token. */
static void
add_text (Golden *g, JsonArray *ids, int number)
{
  g_auto (AttuneSample) sample = { .n = json_array_get_length (ids) };

  sample.tokens = g_new (gint32, sample.n);
  sample.learn = g_new0 (guint8, sample.n);
  for (guint i = 0; i < sample.n; i++)
    sample.tokens[i] = json_array_get_int_element (ids, i);
  attune_sample_learn_all (&sample);
  attune_sample_ask_score (&sample, number);
  g_assert_true (attune_pack_add (g->pack, &sample));
}

static void
pass (Golden *g, const float *wanted, float scale, float *rewards)
{
  double losses[2 * MOST_PAIRS];
  g_autoptr (GError) error = NULL;

  g->decoder->labels.loss = (AttuneLabelLoss) { .kind = ATTUNE_LABELS_SCORE, .wanted = wanted };
  g->decoder->labels.shares = rewards;
  attune_decoder_forward_backward (g->decoder, g->act, attune_pack_get_batch (g->pack), losses,
                                   scale, FALSE, 0, 0);
  attune_backend_sync (g->be, &error);
  g_assert_no_error (error);
  for (int i = 0; i < attune_pack_get_batch (g->pack)->n_targets; i++)
    g_assert_cmpfloat_with_epsilon (losses[i], wanted[i] * rewards[i], 1e-6);
}

static void
check_run (Golden *g, JsonObject *run)
{
  JsonArray *pairs = json_object_get_array_member (run, "pairs"),
            *gradients = json_object_get_array_member (run, "gradients");
  const int n = json_array_get_length (pairs);
  const AttunePlanValues plan = plan_of (run);
  float rewards[2 * MOST_PAIRS], wanted[2 * MOST_PAIRS];
  double sum = 0;

  for (int i = 0; i < n; i++)
    {
      JsonObject *pair = json_array_get_object_element (pairs, i);

      add_text (g, json_object_get_array_member (pair, "chosen"), 2 * i);
      add_text (g, json_object_get_array_member (pair, "rejected"), 2 * i + 1);
      wanted[2 * i] = wanted[2 * i + 1] = -1;
    }
  pass (g, wanted, 0, rewards);
  for (int i = 0; i < n; i++)
    {
      JsonArray *theirs
          = json_object_get_array_member (json_array_get_object_element (pairs, i), "rewards");
      const AttunePairScores scores = { .chosen = rewards[2 * i], .rejected = rewards[2 * i + 1] };
      AttunePairLoss loss;

      for (int j = 0; j < 2; j++)
        g_assert_cmpfloat_with_epsilon (rewards[2 * i + j],
                                        json_array_get_double_element (theirs, j), 1e-5);
      attune_pair_loss (&plan, &scores, 0, &loss);
      sum += loss.loss / n;
      wanted[2 * i] = loss.d_chosen / n;
      wanted[2 * i + 1] = loss.d_rejected / n;
    }
  g_assert_cmpfloat_with_epsilon (sum, json_object_get_double_member (run, "loss"), 1e-5);
  g->be->zero (g->be, &g->parameters->grads);
  pass (g, wanted, 1, rewards);
  g_assert_cmpuint (json_array_get_length (gradients), ==, g->parameters->n_items);
  for (guint i = 0; i < json_array_get_length (gradients); i++)
    check_gradient (g, json_array_get_object_element (gradients, i));
}

static void
test_model (void)
{
  const AttuneLoraConfig lora
      = { .rank = 4, .alpha = 8, .targets = ATTUNE_TARGETS_ALL, .n_labels = 1 };
  AttuneStepShape shape
      = { .max_tokens = 256, .max_targets = 256, .backward = TRUE, .lora_rank = 4 };
  g_autoptr (Golden) g = golden_load ("rewards.json");
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (g);
  g->pack = attune_pack_new (256, TRUE);
  g->act = attune_activations_new (g->be, attune_model_get_config (g->model), &shape, &error);
  g_assert_no_error (error);
  g->parameters = attune_decoder_add_lora (g->decoder, &lora, 1, TRUE, &error);
  g_assert_no_error (error);
  golden_fill (g);
  check_run (g, json_object_get_object_member (g->golden, "run"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tune/rewards/golden", test_golden);
  g_test_add_func ("/tune/rewards/model", test_model);
  return g_test_run ();
}
