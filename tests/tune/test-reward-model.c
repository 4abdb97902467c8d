/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a reward model says to the runs that learn by it: the same as its own validation has found,
 * and as an evaluation says, however the base lies in memory.
 */
#include "evaluate/rewards.h"
#include "pairs-run.h"
#include "tune/reward-model.h"

/* The loss of the held-out pairs, by what the model gives their answers. */
static double
ask (Fixture *f, const char *path)
{
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1);
  AttuneRewardModel *model;
  g_autoptr (GError) error = NULL;
  double loss = 0;
  int n = 0;

  model = attune_reward_model_open (path, f->model, be, 100, &error);
  g_assert_no_error (error);
  for (guint64 i = 0; i < attune_dataset_count (f->dataset, ATTUNE_SPLIT_VALIDATION); i++)
    {
      AttuneSample pair[2] = { 0 };
      float rewards[2];

      attune_dataset_get_sample (f->dataset, ATTUNE_SPLIT_VALIDATION, i, &pair[0], &error);
      g_assert_no_error (error);
      attune_dataset_get_rejected (f->dataset, ATTUNE_SPLIT_VALIDATION, i, &pair[1], &error);
      g_assert_no_error (error);
      attune_reward_model_ask (model, pair, 2, rewards, &error);
      g_assert_no_error (error);
      loss += log1p (exp (rewards[1] - rewards[0]));
      n++;
      attune_sample_clear (&pair[0]);
      attune_sample_clear (&pair[1]);
    }
  attune_reward_model_free (model);
  g_assert_cmpint (n, >, 0);
  return loss / n;
}

/* As an evaluation reads it: beside the base as it is stored. */
static double
evaluate (Fixture *f, const char *path)
{
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1);
  g_autoptr (AttuneParameters) parameters = NULL;
  g_autoptr (AttuneDecoder) decoder = NULL;
  g_auto (AttuneRewardEvaluation) result = { 0 };
  g_autoptr (GError) error = NULL;
  AttuneLoraConfig lora;

  decoder = attune_decoder_new (attune_model_get_config (f->model), be, attune_model_lookup,
                                f->model, &error);
  g_assert_no_error (error);
  g_assert_true (attune_plan_get_lora (f->plan, &lora, NULL));
  lora.n_labels = 1;
  parameters = attune_checkpoint_read_adapter (path, TRUE, decoder, &lora, &error);
  g_assert_no_error (error);
  attune_evaluate_rewards (decoder, f->dataset, ATTUNE_SPLIT_VALIDATION, 100, 0, NULL, NULL,
                           &result, &error);
  g_assert_no_error (error);
  return result.tuned.loss;
}

static void
check (Fixture *f, AttuneMethod method, AttuneAdapterStart start)
{
  g_autofree char *path = g_build_filename (f->folder, "reward.h5", NULL);
  Told told = { 0 };
  AttuneTrainerResult result;
  double loss;

  take_f16_model (f);
  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_REWARD, "method", method, "adapter-start",
                start, "samples", 0, "max-steps", 4, "validate-every", 4, "learning-rate", 1e-2,
                NULL);
  result = run (f, "reward.h5", FALSE, &told);
  loss = ask (f, path);
  g_test_message ("%.4f, in the run %.4f", loss, result.best_loss);
  g_assert_cmpfloat (result.best_loss, <, G_LN2);
  if (start == ATTUNE_ADAPTER_START_LOFTQ) /* which is used beside the whole base */
    g_assert_cmpfloat_with_epsilon (loss, evaluate (f, path), 1e-5);
  else
    g_assert_cmpfloat_with_epsilon (loss, result.best_loss, 1e-3);
}

static void
test_lora (Fixture *f, gconstpointer data)
{
  check (f, ATTUNE_METHOD_LORA, ATTUNE_ADAPTER_START_ZERO);
}

static void
test_principal (Fixture *f, gconstpointer data)
{
  check (f, ATTUNE_METHOD_LORA, ATTUNE_ADAPTER_START_PRINCIPAL);
}

static void
test_qlora (Fixture *f, gconstpointer data)
{
  check (f, ATTUNE_METHOD_QLORA, ATTUNE_ADAPTER_START_ZERO);
}

static void
test_loftq (Fixture *f, gconstpointer data)
{
  check (f, ATTUNE_METHOD_QLORA, ATTUNE_ADAPTER_START_LOFTQ);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test)                                                                            \
  g_test_add ("/tune/reward-model/" name, Fixture, NULL, set_up_pairs, test, tear_down)
  ADD ("lora", test_lora);
  ADD ("pissa", test_principal);
  ADD ("qlora", test_qlora);
  ADD ("loftq", test_loftq);
  return g_test_run ();
}
