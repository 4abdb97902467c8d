/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See preference.h.
 */
#include "tune/preference.h"

#include <math.h>

static double
sigmoid (double x)
{
  return x >= 0 ? 1 / (1 + exp (-x)) : exp (x) / (1 + exp (x));
}

/* log σ (x) without overflow */
static double
log_sigmoid (double x)
{
  return x >= 0 ? -log1p (exp (-x)) : x - log1p (exp (x));
}

static void
dpo_loss (AttunePreferenceLoss kind, double beta, const AttunePairScores *s, AttunePairLoss *out)
{
  const gboolean mean = kind == ATTUNE_PREFERENCE_LOSS_IPO; /* per token */
  const double n_chosen = mean ? s->n_chosen : 1, n_rejected = mean ? s->n_rejected : 1;
  const double h = (s->chosen - s->reference_chosen) / n_chosen
                   - (s->rejected - s->reference_rejected) / n_rejected;
  double slope;

  switch (kind)
    {
    case ATTUNE_PREFERENCE_LOSS_IPO:
      out->loss = (h - 1 / (2 * beta)) * (h - 1 / (2 * beta));
      slope = 2 * (h - 1 / (2 * beta));
      break;
    case ATTUNE_PREFERENCE_LOSS_HINGE:
      out->loss = MAX (0, 1 - beta * h);
      slope = beta * h < 1 ? -beta : 0;
      break;
    default:
      out->loss = -log_sigmoid (beta * h);
      slope = -beta * sigmoid (-beta * h);
    }
  out->d_chosen = slope / n_chosen;
  out->d_rejected = -slope / n_rejected;
  out->right = h > 0;
}

/* Below, 1 - e^a has no digits left: an answer that the model is sure of. */
#define SUREST -1e-12

static void
orpo_loss (double beta, const AttunePairScores *s, AttunePairLoss *out)
{
  const double a = s->chosen / s->n_chosen, b = s->rejected / s->n_rejected;
  const double rest_a = -expm1 (MIN (a, SUREST)), rest_b = -expm1 (MIN (b, SUREST));
  const double odds = a - b - log (rest_a) + log (rest_b);
  const double slope = -beta * sigmoid (-odds);

  out->loss = -a - beta * log_sigmoid (odds);
  out->d_chosen = (-1 + slope / rest_a) / s->n_chosen;
  out->d_rejected = -slope / rest_b / s->n_rejected;
  out->right = odds > 0;
}

static void
simpo_loss (double beta, double gamma, const AttunePairScores *s, AttunePairLoss *out)
{
  const double difference = s->chosen / s->n_chosen - s->rejected / s->n_rejected;
  const double x = beta * difference - gamma, slope = -beta * sigmoid (-x);

  out->loss = -log_sigmoid (x);
  out->d_chosen = slope / s->n_chosen;
  out->d_rejected = -slope / s->n_rejected;
  out->right = difference > 0;
}

static void
reward_loss (const AttunePlanValues *plan, const AttunePairScores *s, AttunePairLoss *out)
{
  const double x = s->chosen - s->rejected - plan->reward_margin, slope = -sigmoid (-x),
               sum = s->chosen + s->rejected;

  out->loss = -log_sigmoid (x) + plan->reward_centring * sum * sum;
  out->d_chosen = slope + 2 * plan->reward_centring * sum;
  out->d_rejected = -slope + 2 * plan->reward_centring * sum;
  out->right = s->chosen > s->rejected;
}

static void
kto_loss (const AttunePlanValues *plan, const AttunePairScores *s, double z, AttunePairLoss *out)
{
  const double beta = plan->preference_beta;
  const double good = sigmoid (beta * (s->chosen - s->reference_chosen - z)),
               bad = sigmoid (beta * (z - (s->rejected - s->reference_rejected)));

  /* TRL's mean is over all answers, of which a pair has two. */
  out->loss = (plan->desirable_weight * (1 - good) + plan->undesirable_weight * (1 - bad)) / 2;
  out->d_chosen = -plan->desirable_weight * beta * good * (1 - good) / 2;
  out->d_rejected = plan->undesirable_weight * beta * bad * (1 - bad) / 2;
  out->right = s->chosen - s->reference_chosen > s->rejected - s->reference_rejected;
}

void
attune_pair_loss (const AttunePlanValues *plan, const AttunePairScores *scores, double divergence,
                  AttunePairLoss *out)
{
  const double beta = plan->preference_beta;

  switch (plan->objective)
    {
    case ATTUNE_OBJECTIVE_ORPO:
      orpo_loss (beta, scores, out);
      break;
    case ATTUNE_OBJECTIVE_SIMPO:
      simpo_loss (beta, plan->simpo_gamma, scores, out);
      break;
    case ATTUNE_OBJECTIVE_REWARD:
      reward_loss (plan, scores, out);
      break;
    case ATTUNE_OBJECTIVE_KTO:
      kto_loss (plan, scores, divergence, out);
      break;
    default:
      dpo_loss (plan->preference_loss, beta, scores, out);
    }
}
