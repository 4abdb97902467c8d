/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scores of a head for labels on held-out records.
 */
#pragma once
#include "evaluate/evaluate.h"
#include "generate/label-score.h"

G_BEGIN_DECLS

/* Base: who always says the most frequent label of what was learned from, or those that most of it
 * has, or the mean, and takes their shares there for the probabilities: what is known without
 * reading. Tuned: the head. */
typedef struct
{
  AttuneScores base, tuned;
  GPtrArray *base_answers, *tuned_answers; /* AttuneAnswer: the labels */
  AttuneConfusion *confusion;              /* of the head; %NULL of numbers */
} AttuneLabelEvaluation;
void attune_label_evaluation_clear (AttuneLabelEvaluation *self);

/**
 * attune_evaluate_labels:
 * @decoder: with the head; @labels: what it tells apart
 * @eos: of the tokenizer
 * @max_answers: that are kept, spread evenly over those that have a label
 *
 * Over all records of the split that have a label. One that was not learned is never right, and is
 * not in the loss. Blocks. Errors: %ATTUNE_EVALUATE_ERROR_EMPTY where no record has one.
 */
gboolean attune_evaluate_labels (AttuneDecoder *decoder, AttuneLabels *labels, gint32 eos,
                                 AttuneDataset *dataset, AttuneSplit split, int max_tokens,
                                 int max_answers, AttuneProgressFunc progress, gpointer data,
                                 AttuneLabelEvaluation *result, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneLabelEvaluation, attune_label_evaluation_clear)

G_END_DECLS
