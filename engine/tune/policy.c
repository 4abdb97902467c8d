/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See policy.h. Answers are drawn at temperature 1, so that their probabilities are the model's
 * own. Nothing is left out or blurred by chance (dropout, NEFTune). Log-probabilities come from
 * passes that are as exact as those of the reference; what each token weighs follows from them, and
 * a last pass adds up the gradients. What the model was when it wrote is what it is in the step's
 * first update.
 */
#include "tune/policy.h"

#include "plan/policy.h"
#include "tune/policy-loss.h"

#include <math.h>
#include <string.h>

static gboolean
has_values (const AttuneTrainer *self)
{
  return self->plan->objective == ATTUNE_OBJECTIVE_PPO;
}

static int
count_group (const AttuneTrainer *self)
{
  return attune_policy_count_answers (self->plan) / self->plan->batch_size;
}

gboolean
attune_policy_set_up (AttuneTrainer *self, GError **error)
{
  const AttunePlanValues *plan = self->plan;
  AttunePolicy *policy = self->policy = g_new0 (AttunePolicy, 1);
  const int n = policy->most = attune_policy_count_answers (plan);
  const gsize tokens = (gsize) n * plan->answer_limit;
  double **arrays[]
      = { &policy->policy,    &policy->old,        &policy->reference, &policy->values,
          &policy->predicted, &policy->advantages, &policy->returns,   &policy->token_rewards,
          &policy->d_policy,  &policy->d_values };

  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    *arrays[i] = g_new0 (double, tokens);
  policy->lengths = g_new (int, n);
  policy->starts = g_new (int, n + 1);
  policy->scores = g_new (double, n);
  policy->shares = g_new (double, n);
  policy->rewards = g_new0 (float, n);
  policy->said = g_new0 (float, tokens);
  policy->wanted = g_new0 (float, tokens);
  policy->numbers = g_new (gint32, tokens);
  for (gsize i = 0; i < tokens; i++)
    policy->numbers[i] = i;
  if ((policy->rules = attune_rules_new (plan, error)) == NULL)
    return FALSE;
  if (has_values (self))
    {
      self->decoder->labels.beside = TRUE;
      self->decoder->labels.loss
          = (AttuneLabelLoss) { .kind = ATTUNE_LABELS_SCORE, .wanted = policy->wanted };
    }
  if (*plan->reward_model == '\0')
    return TRUE;
  policy->model = attune_reward_model_open (plan->reward_model, self->model, self->be,
                                            self->facts.max_tokens, error);
  return policy->model != NULL;
}

void
attune_policy_clear (AttuneTrainer *self)
{
  AttunePolicy *policy = self->policy;
  double *arrays[]
      = { policy->policy,    policy->old,        policy->reference, policy->values,
          policy->predicted, policy->advantages, policy->returns,   policy->token_rewards,
          policy->d_policy,  policy->d_values };

  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    g_free (arrays[i]);
  g_clear_pointer (&policy->rules, attune_rules_free);
  g_clear_pointer (&policy->model, attune_reward_model_free);
  g_free (policy->lengths);
  g_free (policy->starts);
  g_free (policy->scores);
  g_free (policy->shares);
  g_free (policy->rewards);
  g_free (policy->said);
  g_free (policy->wanted);
  g_free (policy->numbers);
  g_free (policy);
  self->policy = NULL;
}

static double
find_mean (const double *values, int n)
{
  double sum = 0;

  for (int i = 0; i < n; i++)
    sum += values[i];
  return n > 0 ? sum / n : 0;
}

/* --- passes over the answers */

typedef enum
{
  PASS_POLICY,    /* log-probabilities, and what the value head says */
  PASS_REFERENCE, /* log-probabilities of the model before tuning */
  PASS_BACKWARD,  /* gradients */
} Pass;

static gboolean
run_pack (AttuneTrainer *self, Pass pass, int first, double *to, GError **error)
{
  AttunePolicy *policy = self->policy;
  AttuneLabelHead *head = &self->decoder->labels;
  const AttuneBatch *batch = attune_pack_get_batch (self->pack);
  const gboolean backward = pass == PASS_BACKWARD;

  if (batch->n_targets == 0)
    return TRUE;
  if (backward)
    attune_pack_weigh_targets (self->pack, policy->d_policy + first);
  batch = attune_pack_get_batch (self->pack);
  head->shares = has_values (self) ? policy->said + first : NULL;
  head->targets = policy->numbers + first;
  if (backward && self->card != NULL)
    attune_trainer_round (self, TRUE);
  attune_decoder_forward_backward (self->decoder, self->activations, batch, self->losses,
                                   backward ? 1 : 0, pass != PASS_REFERENCE, 0, 0);
  attune_trainer_round (self, FALSE);
  head->shares = NULL;
  if (!attune_backend_sync (self->be, error))
    return FALSE;
  for (int i = 0; to != NULL && i < batch->n_targets; i++)
    to[first + i] = -self->losses[i];
  return TRUE;
}

/* @to: (nullable): log-probabilities of all tokens; @tokens: (nullable): read, ADDED */
static gboolean
walk (AttuneTrainer *self, Pass pass, double *to, double *tokens, GError **error)
{
  const AttunePolicy *policy = self->policy;
  int begin = 0;

  attune_pack_clear (self->pack);
  for (int i = 0; i <= policy->n; i++)
    {
      if (i < policy->n && attune_pack_add (self->pack, &self->samples[i]))
        continue;
      if (!run_pack (self, pass, policy->starts[begin], to, error))
        return FALSE;
      if (tokens != NULL)
        *tokens += attune_pack_count_tokens (self->pack);
      attune_pack_clear (self->pack);
      if (i < policy->n)
        attune_pack_add (self->pack, &self->samples[i]);
      begin = i;
    }
  return TRUE;
}

static gboolean
score (AttuneTrainer *self, GError **error)
{
  AttunePolicy *policy = self->policy;

  if (!walk (self, PASS_POLICY, policy->policy, NULL, error))
    return FALSE;
  for (int t = 0; has_values (self) && t < policy->starts[policy->n]; t++)
    policy->predicted[t] = policy->said[t];
  return TRUE;
}

static gboolean
score_reference (AttuneTrainer *self, GError **error)
{
  gboolean done;

  attune_decoder_set_base_only (self->decoder, TRUE);
  done = walk (self, PASS_REFERENCE, self->policy->reference, NULL, error);
  attune_decoder_set_base_only (self->decoder, FALSE);
  return done;
}

/* --- the step */

/* What is known of the answers in the first update, and stays. */
static void
find_advantages (AttuneTrainer *self, AttuneAnswerTokens *tokens)
{
  AttunePolicy *policy = self->policy;
  const int n = policy->starts[policy->n];

  *tokens = (AttuneAnswerTokens) { .n = policy->n,
                                   .lengths = policy->lengths,
                                   .old = policy->old,
                                   .reference = policy->reference,
                                   .values = policy->values,
                                   .advantages = policy->advantages,
                                   .returns = policy->returns };
  memcpy (policy->old, policy->policy, n * sizeof (double));
  memcpy (policy->values, policy->predicted, n * sizeof (double));
  if (has_values (self))
    {
      attune_ppo_rewards (tokens, policy->scores, self->state.kl_weight, policy->token_rewards);
      attune_ppo_advantages (self->plan, tokens, policy->token_rewards, policy->advantages,
                             policy->returns);
      return;
    }
  attune_group_advantages (policy->scores, policy->n, count_group (self), policy->shares);
  for (int i = 0; i < policy->n; i++)
    for (int t = policy->starts[i]; t < policy->starts[i + 1]; t++)
      policy->advantages[t] = policy->shares[i];
}

/* What each token weighs; what is added up is the gradient of -log p. Returns: the loss. */
static double
weigh (AttuneTrainer *self, const AttuneAnswerTokens *tokens)
{
  AttunePolicy *policy = self->policy;
  const double loss = has_values (self)
                          ? attune_ppo_loss (self->plan, tokens, policy->policy, policy->predicted,
                                             policy->d_policy, policy->d_values)
                          : attune_grpo_loss (self->plan, tokens, policy->policy, policy->d_policy);

  for (int t = 0; t < policy->starts[policy->n]; t++)
    {
      policy->d_policy[t] = -policy->d_policy[t];
      policy->wanted[t] = policy->d_values[t];
    }
  return loss;
}

/* One update of a step. @tokens: made in the first */
static gboolean
update (AttuneTrainer *self, int n, double rate, AttuneAnswerTokens *tokens, AttuneStepSums *sums,
        double *norm, GError **error)
{
  AttunePolicy *policy = self->policy;

  if (!score (self, error))
    return FALSE;
  if (self->inner == 0)
    find_advantages (self, tokens);
  sums->loss = weigh (self, tokens);
  if (!isfinite (sums->loss))
    return attune_trainer_diverged (self, "a loss", 0, n, error);
  self->be->zero (self->be, &self->parameters->grads);
  /* what is learned from several times counts once, as the estimate counts it */
  if (!walk (self, PASS_BACKWARD, NULL, self->inner == 0 ? &sums->tokens : NULL, error))
    return FALSE;
  sums->target_tokens = policy->starts[policy->n];
  if (!attune_trainer_add_up_gradients (self, sums, norm, error))
    return FALSE;
  if (!isfinite (*norm))
    return attune_trainer_diverged (self, "a gradient", 0, n, error);
  attune_trainer_update (self, rate, *norm);
  if (!attune_backend_sync (self->be, error))
    return FALSE;
  attune_decoder_update_norms (self->decoder);
  return TRUE;
}

gboolean
attune_policy_step (AttuneTrainer *self, int n, double rate, AttuneStepSums *sums, double *norm,
                    AttunePolicyNews *news, GError **error)
{
  AttunePolicy *policy = self->policy;
  AttuneAnswerTokens tokens = { 0 };
  /* another stream in every step; never 0 */
  const guint64 seed = (guint64) self->plan->seed * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)
                       + (guint64) self->state.step + 1;

  self->n_new = self->n_read = n;
  policy->told = g_get_monotonic_time ();
  if (!attune_policy_answer (self, ATTUNE_SPLIT_TRAIN, self->chosen, n, count_group (self),
                             MAX (1, seed), error)
      || !score_reference (self, error))
    return FALSE;
  for (self->inner = 0; self->inner < self->plan->policy_updates; self->inner++)
    if (!update (self, n, rate, &tokens, sums, norm, error))
      return FALSE;
  self->inner = 0;
  news->reward = find_mean (policy->scores, policy->n);
  news->divergence = attune_answer_divergence (&tokens);
  self->state.kl_weight
      = attune_ppo_adapt (self->plan, self->state.kl_weight, news->divergence, policy->n);
  sums->loss = attune_rules_get_most (policy->rules) - news->reward;
  return TRUE;
}

gboolean
attune_policy_validate (AttuneTrainer *self, guint64 n, double *loss, double *reward,
                        GError **error)
{
  AttunePolicy *policy = self->policy;
  g_autofree guint32 *numbers = g_new (guint32, policy->most);
  double sum = 0;

  policy->told = g_get_monotonic_time ();
  for (guint64 first = 0; first < n; first += policy->most)
    {
      const int m = MIN ((guint64) policy->most, n - first);

      for (int i = 0; i < m; i++)
        numbers[i] = first + i;
      if (!attune_policy_answer (self, ATTUNE_SPLIT_VALIDATION, numbers, m, 1, 0, error))
        return FALSE;
      sum += find_mean (policy->scores, m) * m;
    }
  *reward = sum / n;
  *loss = attune_rules_get_most (policy->rules) - *reward;
  return TRUE;
}
