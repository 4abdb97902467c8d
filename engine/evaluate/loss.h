/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loss with progress and cancelling. Private to evaluate/; attune_evaluate_loss() is the door.
 */
#pragma once
#include "evaluate/evaluate.h"

G_BEGIN_DECLS

typedef struct
{
  AttuneDecoder *decoder;
  AttuneActivations *activations;
  int max_tokens;
  AttuneDataset *dataset;
  AttuneSplit split;
  guint64 first, n;
  void (*progress) (gpointer data, guint64 done); /* (nullable): samples scored so far */
  gpointer data;
  GCancellable *cancellable; /* (nullable) */
} AttuneLossRun;

/* See attune_evaluate_loss(). */
gboolean attune_loss_run (const AttuneLossRun *run, double *loss, guint64 *target_tokens,
                          double *per_sample, GError **error);

G_END_DECLS
