/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The losses over preference pairs, and what they change in each answer's log-probability. Pure
 * arithmetic; the formulas are TRL's.
 *
 * π, ρ: log-probability of an answer (c: the better, r: the worse one) under the model and under
 * the reference, the model before tuning; n: tokens; a = π / n; h = (πc - πr) - (ρc - ρr)
 *
 *   DPO      sigmoid  -log σ (β h)          IPO  (h / n, per answer, - 1 / 2β)²
 *            hinge    max (0, 1 - β h)
 *   ORPO     -ac - β log σ (log odds),      log odds = ac - ar - log ((1 - e^ac) / (1 - e^ar))
 *   SimPO    -log σ (β (ac - ar) - γ)
 *   reward   -log σ (πc - πr - m) + k (πc + πr)², π: what the head gives an answer (Bradley & Terry
 *            1952; Eisenstein et al. 2023)
 *   KTO      each answer by itself: wc (1 - σ (β (πc - ρc - z))), wr (1 - σ (β (z - (πr - ρr)))),
 *            z: mean of π - ρ over answers to other questions, at least 0
 */
#pragma once
#include "plan/plan.h"

G_BEGIN_DECLS

/* Sums over an answer's tokens, in nats. */
typedef struct
{
  double chosen, rejected;                     /* π; of a reward model, rewards */
  double reference_chosen, reference_rejected; /* ρ; where there is no reference, 0 */
  double n_chosen, n_rejected;                 /* tokens */
} AttunePairScores;

typedef struct
{
  double loss;
  double d_chosen, d_rejected; /* of the loss, with respect to π */
  gboolean right;              /* whether the better answer is preferred already */
} AttunePairLoss;

/* @divergence: z, of KTO. */
void attune_pair_loss (const AttunePlanValues *plan, const AttunePairScores *scores,
                       double divergence, AttunePairLoss *out);

G_END_DECLS
