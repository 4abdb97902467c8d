/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How often a reward model gives the better of two answers more, on held-out pairs.
 */
#pragma once
#include "evaluate/evaluate.h"
#include "evaluate/interval.h"

G_BEGIN_DECLS

/* Base: who guesses, and is right in half of the pairs. Tuned: the head. */
typedef struct
{
  AttuneScores base, tuned; /* exact_match: the share that is right; loss: -log σ (difference) */
  AttuneInterval accuracy;  /* of the head, with 95 % (Wilson 1927) */
  double difference;        /* mean of the better answer's reward less the worse one's */
  GPtrArray *base_answers, *tuned_answers; /* AttuneAnswer: which of the two it prefers */
} AttuneRewardEvaluation;
void attune_reward_evaluation_clear (AttuneRewardEvaluation *self);

/**
 * attune_evaluate_rewards:
 * @decoder: with a head of one row
 * @max_tokens: of an answer with its question; of longer ones the end is read
 * @max_answers: that are kept, spread evenly over the pairs
 *
 * Over all pairs of the split. Blocks. Errors: %ATTUNE_EVALUATE_ERROR_EMPTY where there are none.
 */
gboolean attune_evaluate_rewards (AttuneDecoder *decoder, AttuneDataset *dataset, AttuneSplit split,
                                  int max_tokens, int max_answers, AttuneProgressFunc progress,
                                  gpointer data, AttuneRewardEvaluation *result, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneRewardEvaluation, attune_reward_evaluation_clear)

G_END_DECLS
