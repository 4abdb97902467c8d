/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The adapters of several runs on one model, as one adapter. Compute side.
 */
#pragma once
#include "job/tuned-model.h"
#include "nn/merge-adapters.h"

G_BEGIN_DECLS

typedef struct
{
  AttuneMergeMethod method;
  double density;        /* of what leaves values out; 1: all stay */
  int rank;              /* of svd and its like; 0: the largest of theirs */
  guint64 seed;          /* of what is left out by chance */
  const double *weights; /* one for each run */
  const char *model;     /* what they stand on, where none of them is a run */
  GPtrArray *notes; /* (nullable) (element-type utf8): sentences are ADDED that are to be told */
  void (*progress) (gpointer data, double fraction, const char *what); /* (nullable) */
  gpointer progress_data;
} AttuneMergeOptions;

/**
 * attune_merged_model_open:
 * @runs: (array zero-terminated=1): paths of two or more run folders, or folders of adapters in
 * PEFT's format, which may have been made elsewhere
 * @threads: 0: one per physical core
 *
 * Opens their model with an ordinary adapter on it, which can be asked and exported as any other;
 * its plan is the first run's, or %NULL. Refused: runs of other models, adapters that rescale,
 * heads for labels, ranks that do not go together, folders with more in them than an adapter.
 * Blocks. Returns: (transfer full).
 */
AttuneTunedModel *attune_merged_model_open (const char *const *runs,
                                            const AttuneMergeOptions *options, int threads,
                                            GError **error);

G_END_DECLS
