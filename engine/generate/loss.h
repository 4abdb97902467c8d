/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loss of a model over samples of a data set: for validation while tuning and for evaluation.
 */
#pragma once
#include "generate/pack.h"

G_BEGIN_DECLS

typedef struct
{
  double nats;           /* summed over all learned tokens */
  guint64 target_tokens; /* learned tokens */
  guint64 tokens;        /* tokens read */
} AttuneLossSum;

/**
 * attune_dataset_loss:
 * @pack: of at most as many tokens as @activations are for
 * @first, @n: samples of @split
 * @per_sample: (nullable) (array length=n): summed nats of each
 *
 * Blocks. Samples stand in the order of the split, so the sum's order is fixed.
 */
gboolean attune_dataset_loss (AttuneDecoder *decoder, AttuneActivations *activations,
                              AttunePack *pack, AttuneDataset *dataset, AttuneSplit split,
                              guint64 first, guint64 n, AttuneLossSum *sum, double *per_sample,
                              GCancellable *cancellable, GError **error);

/* The same over all tokens of the samples, not of their answers alone. */
gboolean attune_dataset_text_loss (AttuneDecoder *decoder, AttuneActivations *activations,
                                   AttunePack *pack, AttuneDataset *dataset, AttuneSplit split,
                                   guint64 first, guint64 n, AttuneLossSum *sum, GError **error);

G_END_DECLS
