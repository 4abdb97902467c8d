/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How good a head's labels are. Standard errors are the jackknife's (Efron 1982), those of means
 * the usual ones. Light.
 */
#pragma once
#include "generate/confusion.h"
#include "generate/labels.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 n;
  double accuracy;                 /* all that is wanted, and nothing else; 0 of numbers */
  double macro_f1;                 /* over labels; 0 of numbers */
  double micro_f1, micro_f1_error; /* over all labels of all records; of several */
  double mae, mae_error;           /* of numbers: the mean distance, in their unit */
  double rmse, rmse_error;         /* the root of the mean of its square */
  double r2, r2_error;             /* the share of the squares that is explained; below 0: less
                                      than by the mean of what is measured on */
  double cost, cost_error;         /* mean, where there is a table */
} AttuneLabelScores;

/**
 * attune_label_score:
 * @wanted: (array length=n): rows of what is wanted; -1: none that is known
 * @unknown: (array length=n) (nullable): how many labels beside those are wanted, too
 * @shares: n · labels, what the head said
 * @confusion: (nullable): %NULL of numbers; what was said is ADDED
 *
 * Pure.
 */
AttuneLabelScores attune_label_score (const AttuneLabels *self, guint64 n, const gint32 *wanted,
                                      const guint32 *unknown, const float *shares,
                                      AttuneConfusion *confusion);
/* Of what is known without reading: how frequent each label is, or the mean. @shares: (array
 * length=labels). */
void attune_labels_fill_frequencies (const AttuneLabels *self, float *shares);
/* The loss of @shares, where row @wanted is. In nats, of numbers in squares of their spread. */
double attune_labels_get_loss (const AttuneLabels *self, gint32 wanted, const float *shares);
/* An empty one for these labels; %NULL of numbers. Returns: (transfer full). */
AttuneConfusion *attune_labels_new_confusion (const AttuneLabels *self);
/* "After step …": what a check has found. Returns: (transfer full). */
char *attune_label_scores_tell (const AttuneLabels *self, const AttuneLabelScores *scores,
                                gint64 step);

G_END_DECLS
