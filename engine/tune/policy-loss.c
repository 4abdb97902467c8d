/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See policy-loss.h.
 */
#include "tune/policy-loss.h"

#include <math.h>

/* Added to a standard deviation, as TRL does. */
#define LEAST_DEVIATION 1e-4
/* Added to a variance. */
#define LEAST_VARIANCE 1e-8
/* How far a step's divergence may be from the target to count (Ziegler et al. 2019). */
#define MOST_ERROR 0.2

int
attune_answer_tokens_count (const AttuneAnswerTokens *self)
{
  int total = 0;

  for (int i = 0; i < self->n; i++)
    total += self->lengths[i];
  return total;
}

void
attune_group_advantages (const double *scores, int n, int group, double *advantages)
{
  for (int first = 0; first < n; first += group)
    {
      double mean = 0, squares = 0, deviation;

      for (int i = first; i < first + group; i++)
        mean += scores[i] / group;
      for (int i = first; i < first + group; i++)
        squares += (scores[i] - mean) * (scores[i] - mean);
      deviation = group > 1 ? sqrt (squares / (group - 1)) : 0;
      for (int i = first; i < first + group; i++)
        advantages[i] = (scores[i] - mean) / (deviation + LEAST_DEVIATION);
    }
}

/* - min (r A, clip (r) A); @slope: (out): by π */
static double
clipped_loss (double ratio, double advantage, double clip, double *slope)
{
  const double plain = -advantage * ratio, cut = -advantage * CLAMP (ratio, 1 - clip, 1 + clip);
  const gboolean inside = ratio >= 1 - clip && ratio <= 1 + clip;

  /* where both are the same the ratio is not cut */
  *slope = plain > cut || inside ? plain : 0;
  return MAX (plain, cut);
}

double
attune_grpo_loss (const AttunePlanValues *plan, const AttuneAnswerTokens *tokens,
                  const double *policy, double *d_policy)
{
  double loss = 0;

  for (int i = 0, t = 0; i < tokens->n; i++)
    for (int j = 0; j < tokens->lengths[i]; j++, t++)
      {
        const double share = 1.0 / tokens->n / tokens->lengths[i],
                     away = tokens->reference[t] - policy[t];
        double slope;
        const double own = clipped_loss (exp (policy[t] - tokens->old[t]), tokens->advantages[t],
                                         plan->policy_clip, &slope);

        loss += share * (own + plan->kl_weight * (exp (away) - away - 1));
        d_policy[t] = share * (slope + plan->kl_weight * (1 - exp (away)));
      }
  return loss;
}

void
attune_ppo_rewards (const AttuneAnswerTokens *tokens, const double *scores, double kl_weight,
                    double *rewards)
{
  for (int i = 0, t = 0; i < tokens->n; i++)
    for (int j = 0; j < tokens->lengths[i]; j++, t++)
      rewards[t] = -kl_weight * (tokens->old[t] - tokens->reference[t])
                   + (j == tokens->lengths[i] - 1 ? scores[i] : 0);
}

/* To mean 0 and variance 1. */
static void
whiten (double *values, int n)
{
  double mean = 0, squares = 0, scale;

  for (int t = 0; t < n; t++)
    mean += values[t] / n;
  for (int t = 0; t < n; t++)
    squares += (values[t] - mean) * (values[t] - mean);
  scale = 1 / sqrt (squares / MAX (1, n - 1) + LEAST_VARIANCE);
  for (int t = 0; t < n; t++)
    values[t] = (values[t] - mean) * scale;
}

void
attune_ppo_advantages (const AttunePlanValues *plan, const AttuneAnswerTokens *tokens,
                       const double *rewards, double *advantages, double *returns)
{
  for (int i = 0, first = 0; i < tokens->n; first += tokens->lengths[i++])
    {
      double next = 0, sum = 0;

      for (int t = first + tokens->lengths[i] - 1; t >= first; t--)
        {
          sum = rewards[t] + plan->discount * next - tokens->values[t]
                + plan->discount * plan->gae_lambda * sum;
          next = tokens->values[t];
          advantages[t] = sum;
          returns[t] = sum + tokens->values[t];
        }
    }
  whiten (advantages, attune_answer_tokens_count (tokens));
}

double
attune_ppo_loss (const AttunePlanValues *plan, const AttuneAnswerTokens *tokens,
                 const double *policy, const double *predicted, double *d_policy, double *d_values)
{
  const int n = attune_answer_tokens_count (tokens);
  double loss = 0;

  for (int t = 0; t < n; t++)
    {
      const double v = predicted[t], was = tokens->values[t],
                   cut = CLAMP (v, was - plan->value_clip, was + plan->value_clip),
                   plain = v - tokens->returns[t], kept = cut - tokens->returns[t];
      const gboolean is_cut = kept * kept > plain * plain;
      double slope;

      loss += clipped_loss (exp (policy[t] - tokens->old[t]), tokens->advantages[t],
                            plan->policy_clip, &slope)
                  / n
              + plan->value_weight / 2 * MAX (plain * plain, kept * kept) / n;
      d_policy[t] = slope / n;
      d_values[t] = is_cut ? 0 : plan->value_weight * plain / n;
    }
  return loss;
}

double
attune_answer_divergence (const AttuneAnswerTokens *tokens)
{
  const int n = attune_answer_tokens_count (tokens);
  double sum = 0;

  for (int t = 0; t < n; t++)
    sum += tokens->old[t] - tokens->reference[t];
  return tokens->n > 0 ? sum / tokens->n : 0;
}

double
attune_ppo_adapt (const AttunePlanValues *plan, double kl_weight, double divergence, int n)
{
  if (plan->kl_target <= 0)
    return kl_weight;
  return kl_weight
         * (1
            + CLAMP (divergence / plan->kl_target - 1, -MOST_ERROR, MOST_ERROR) * n
                  / plan->kl_horizon);
}
