/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loss over a data set, pack by pack, forward only.
 */
#include "generate/loss.h"

/* Computes what is packed; @per_sample points to the pack's first sample. */
static gboolean
add_pack (AttuneDecoder *decoder, AttuneActivations *activations, AttunePack *pack, double *losses,
          AttuneLossSum *sum, double *per_sample, GError **error)
{
  const AttuneBatch *batch = attune_pack_get_batch (pack);

  if (batch->n_targets == 0)
    return TRUE;
  attune_decoder_forward_backward (decoder, activations, batch, losses, 0, FALSE, 0, 0);
  if (!attune_backend_sync (decoder->be, error))
    return FALSE;
  for (int i = 0; i < batch->n_targets; i++)
    {
      sum->nats += losses[i];
      if (per_sample != NULL)
        per_sample[attune_pack_get_owner (pack, i)] += losses[i];
    }
  sum->target_tokens += batch->n_targets;
  sum->tokens += attune_pack_count_tokens (pack);
  return TRUE;
}

static gboolean
find_loss (AttuneDecoder *decoder, AttuneActivations *activations, AttunePack *pack,
           AttuneDataset *dataset, AttuneSplit split, guint64 first, guint64 n, gboolean whole,
           AttuneLossSum *sum, double *per_sample, GCancellable *cancellable, GError **error)
{
  g_autofree double *losses = g_new (double, attune_pack_get_capacity (pack));
  guint64 begun = 0; /* first sample of the pack */

  *sum = (AttuneLossSum) { 0 };
  for (guint64 i = 0; per_sample != NULL && i < n; i++)
    per_sample[i] = 0;
  attune_pack_clear (pack);
  for (guint64 i = 0; i < n; i++)
    {
      g_auto (AttuneSample) sample = { 0 };

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !attune_dataset_get_sample (dataset, split, first + i, &sample, error))
        return FALSE;
      if (whole)
        attune_sample_learn_all (&sample);
      if (attune_pack_add (pack, &sample))
        continue;
      if (!add_pack (decoder, activations, pack, losses, sum,
                     per_sample != NULL ? per_sample + begun : NULL, error))
        return FALSE;
      attune_pack_clear (pack);
      attune_pack_add (pack, &sample);
      begun = i;
    }
  return add_pack (decoder, activations, pack, losses, sum,
                   per_sample != NULL ? per_sample + begun : NULL, error);
}

gboolean
attune_dataset_loss (AttuneDecoder *decoder, AttuneActivations *activations, AttunePack *pack,
                     AttuneDataset *dataset, AttuneSplit split, guint64 first, guint64 n,
                     AttuneLossSum *sum, double *per_sample, GCancellable *cancellable,
                     GError **error)
{
  return find_loss (decoder, activations, pack, dataset, split, first, n, FALSE, sum, per_sample,
                    cancellable, error);
}

gboolean
attune_dataset_text_loss (AttuneDecoder *decoder, AttuneActivations *activations, AttunePack *pack,
                          AttuneDataset *dataset, AttuneSplit split, guint64 first, guint64 n,
                          AttuneLossSum *sum, GError **error)
{
  return find_loss (decoder, activations, pack, dataset, split, first, n, TRUE, sum, NULL, NULL,
                    error);
}
