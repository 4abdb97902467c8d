/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Losses over answers that the model wrote itself. Pure arithmetic; the formulas are TRL's (GRPO:
 * 0.24, loss_type "grpo"; PPO: 0.11).
 *
 * Letters: N answers of n_i tokens each, T tokens of all in a row. π, π', ρ: log-probability of a
 * token under the model, under the model that wrote it, and under the reference, the model before
 * tuning; A its advantage; r = e^(π - π'); v, v', R: what a head says will come, what it said when
 * the answer was written, and what came.
 *
 *   GRPO   A_i = (s_i - mean of the group) / (its standard deviation + 1e-4)  (Shao et al. 2024)
 *          mean over i of mean over t: - min (r A, clip (r, 1 - ε, 1 + ε) A)
 *                                      + β (e^(ρ - π) - (ρ - π) - 1)          (k3: Schulman 2020)
 *   PPO    rewards -κ (π' - ρ), the last one + s_i                     (Ziegler et al. 2019)
 *          A by GAE, then of mean 0 and variance 1; R = A + v'          (Schulman et al. 2016)
 *          mean over all t: max (- r A, - clip (r, 1 - ε, 1 + ε) A)     (Schulman et al. 2017)
 *                           + w / 2 · max ((v - R)², (clip (v, v' - δ, v' + δ) - R)²)
 */
#pragma once
#include "plan/plan.h"

G_BEGIN_DECLS

/* @n answers in groups of @group that follow one another. @advantages: (out) (array length=n) */
void attune_group_advantages (const double *scores, int n, int group, double *advantages);

/* What is known of the tokens of @n answers, each (array length=T) but for @lengths. */
typedef struct
{
  int n;
  const int *lengths;
  const double *old, *reference; /* π', ρ */
  const double *values;          /* v'; of PPO */
  const double *advantages;      /* A */
  const double *returns;         /* R; of PPO */
} AttuneAnswerTokens;

int attune_answer_tokens_count (const AttuneAnswerTokens *self);

/* @policy: π; @d_policy: (out): of the loss. Returns: the loss. */
double attune_grpo_loss (const AttunePlanValues *plan, const AttuneAnswerTokens *tokens,
                         const double *policy, double *d_policy);

/* @kl_weight: κ; @rewards: (out) */
void attune_ppo_rewards (const AttuneAnswerTokens *tokens, const double *scores, double kl_weight,
                         double *rewards);
/* @advantages, @returns: (out) */
void attune_ppo_advantages (const AttunePlanValues *plan, const AttuneAnswerTokens *tokens,
                            const double *rewards, double *advantages, double *returns);
/* @predicted: v; @d_policy, @d_values: (out). Returns: the loss. */
double attune_ppo_loss (const AttunePlanValues *plan, const AttuneAnswerTokens *tokens,
                        const double *policy, const double *predicted, double *d_policy,
                        double *d_values);

/* Of an answer, in the mean over all: Σ over its tokens of π' - ρ. */
double attune_answer_divergence (const AttuneAnswerTokens *tokens);
/* κ after a step of @n answers whose divergence was @divergence; fixed where the plan has no
 * target. */
double attune_ppo_adapt (const AttunePlanValues *plan, double kl_weight, double divergence, int n);

G_END_DECLS
