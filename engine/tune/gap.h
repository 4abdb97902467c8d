/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The penalty on the gap between a text and its counterpart, in which terms are exchanged: logit
 * pairing (Kannan et al. 2018; Garg et al. 2019, counterfactual), here of the log-probability per
 * token of what is learned. Pure.
 *
 *   h = s / n - s' / n',   loss = weight · mean over pairs of h²
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* s and n of both. */
typedef struct
{
  double score, other_score; /* log-probabilities, nats */
  double n, other_n;         /* tokens */
} AttuneGapPair;

/* Returns: the loss of @n pairs, and in @slopes its derivatives by both scores of each. @gap: (out)
 * (nullable): mean |h| */
double attune_gap_loss (const AttuneGapPair *pairs, int n, double weight, double (*slopes)[2],
                        double *gap);

G_END_DECLS
