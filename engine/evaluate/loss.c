/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The mean loss over samples, packed in their order: a sample that does not fit any more starts the
 * next stream. Part of evaluate/evaluate.h.
 */
#include "evaluate/loss.h"
#include "generate/pack.h"

#include <math.h>

G_DEFINE_QUARK (attune_evaluate_error, attune_evaluate_error)

/* The sums over the streams so far. */
typedef struct
{
  const AttuneLossRun *run;
  AttunePack *pack;
  guint64 first;      /* sample of the run that the pack begins with */
  double *losses;     /* max_tokens */
  double *per_sample; /* (nullable) */
  double sum;
  guint64 n_targets;
} Loss;

static void
loss_clear (Loss *self)
{
  g_clear_pointer (&self->pack, attune_pack_free);
  g_clear_pointer (&self->losses, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Loss, loss_clear)

/* Scores what is in the pack and empties it; the next one begins with sample @next. */
static gboolean
score_pack (Loss *self, guint64 next, GError **error)
{
  const AttuneLossRun *run = self->run;
  const AttuneBatch *batch = attune_pack_get_batch (self->pack);

  if (batch->n_targets > 0)
    {
      attune_decoder_forward_backward (run->decoder, run->activations, batch, self->losses, 0,
                                       FALSE, 0, 0);
      if (!attune_backend_sync (run->decoder->be, error))
        return FALSE;
    }
  for (int i = 0; i < batch->n_targets; i++)
    {
      const guint64 sample = self->first + attune_pack_get_owner (self->pack, i);

      if (!isfinite (self->losses[i]))
        {
          g_autofree char *where
              = attune_dataset_describe (run->dataset, run->split, run->first + sample);

          g_set_error (
              error, ATTUNE_EVALUATE_ERROR, ATTUNE_EVALUATE_ERROR_NUMBERS,
              "The loss of %s is not a number; the model's weights or its adapter are damaged.",
              where);
          return FALSE;
        }
      self->sum += self->losses[i];
      if (self->per_sample != NULL)
        self->per_sample[sample] += self->losses[i];
    }
  self->n_targets += batch->n_targets;
  self->first = next;
  attune_pack_clear (self->pack);
  if (run->progress != NULL)
    run->progress (run->data, next);
  return TRUE;
}

gboolean
attune_loss_run (const AttuneLossRun *run, double *loss, guint64 *target_tokens, double *per_sample,
                 GError **error)
{
  g_auto (Loss) self = { .run = run, .per_sample = per_sample };

  self.pack = attune_pack_new (run->max_tokens, TRUE);
  self.losses = g_new (double, run->max_tokens);
  for (guint64 i = 0; i < run->n; i++)
    {
      g_auto (AttuneSample) sample = { 0 };

      if (g_cancellable_set_error_if_cancelled (run->cancellable, error)
          || !attune_dataset_get_sample (run->dataset, run->split, run->first + i, &sample, error))
        return FALSE;
      if (per_sample != NULL)
        per_sample[i] = 0;
      if (!attune_pack_add (self.pack, &sample))
        {
          if (!score_pack (&self, i, error))
            return FALSE;
          attune_pack_add (self.pack, &sample); /* an empty pack takes every sample */
        }
    }
  if (!score_pack (&self, run->n, error))
    return FALSE;
  if (self.n_targets == 0)
    {
      g_set_error (error, ATTUNE_EVALUATE_ERROR, ATTUNE_EVALUATE_ERROR_EMPTY,
                   "There is nothing to score: no sample of this part of the data holds a token "
                   "that is learned.");
      return FALSE;
    }
  *loss = self.sum / self.n_targets;
  if (target_tokens != NULL)
    *target_tokens = self.n_targets;
  return TRUE;
}

gboolean
attune_evaluate_loss (AttuneDecoder *decoder, AttuneActivations *activations, int max_tokens,
                      AttuneDataset *dataset, AttuneSplit split, guint64 first, guint64 n,
                      double *loss, guint64 *target_tokens, double *per_sample, GError **error)
{
  const AttuneLossRun run = { decoder, activations, max_tokens, dataset, split, first, n };

  g_return_val_if_fail (decoder != NULL && activations != NULL && dataset != NULL && loss != NULL,
                        FALSE);
  g_return_val_if_fail (max_tokens > 1, FALSE);

  return attune_loss_run (&run, loss, target_tokens, per_sample, error);
}
