/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Elastic weight consolidation (Kirkpatrick et al. 2017): what learns is held the more to where it
 * began, the more the earlier material needs it. With F the diagonal of Fisher's information of a
 * token of that, estimated from what its samples say themselves,
 *
 *   F = Σ over samples of (gradient of the sample's nats)² / their target tokens,
 *
 * a token of it is worse by about 1/2 Σ F · (w - w₀)² where w has gone to. The loss of a step gets
 * this, times the weight: at 1 an earlier token counts as much as a new one.
 *
 * F and w₀ follow from the model, the plan and the material, and are kept in a file of their own
 * (needed.c); a resumed run that has lost it finds the same again.
 */
#include "tune/trainer-private.h"

#include <math.h>

/* Values whose way from where they began is in memory at once. */
#define PIECE (1 << 20)

static AttuneTensor
part_of (const AttuneTensor *vector, gint64 first, gint64 n)
{
  return (AttuneTensor) { (float *) vector->data + first, 2, { 1, n } };
}

static gboolean
take (AttuneTrainer *self, AttuneTensor *vector, gint64 count, GError **error)
{
  *vector = (AttuneTensor) { NULL, 1, { count } };
  vector->data = self->be->alloc (self->be, count * sizeof (float));
  return vector->data != NULL || attune_backend_sync (self->be, error);
}

/* Adds what one sample needs. */
static gboolean
add_sample (AttuneTrainer *self, guint64 index, double *target_tokens, GError **error)
{
  const gint64 n = self->parameters->count;
  const AttuneTensor fisher = part_of (&self->fisher, 0, n),
                     grads = part_of (&self->parameters->grads, 0, n);
  g_auto (AttuneSample) sample = { 0 };
  const AttuneBatch *batch;

  if (!attune_earlier_get_sample (self->earlier, FALSE, index, self->max_tokens + 1, &sample,
                                  error))
    return FALSE;
  attune_pack_clear (self->pack);
  attune_pack_add (self->pack, &sample);
  batch = attune_pack_get_batch (self->pack);
  if (batch->n_targets == 0)
    return TRUE;
  self->be->zero (self->be, &self->parameters->grads);
  attune_decoder_forward_backward (self->decoder, self->activations, batch, self->losses, 1, FALSE,
                                   0, 0);
  self->be->scale_columns_backward (self->be, &fisher, &grads, &grads);
  *target_tokens += batch->n_targets;
  return attune_backend_sync (self->be, error);
}

/* Every 10 s. */
static void
tell_progress (AttuneTrainer *self, guint64 done, guint64 n, gint64 *told)
{
  g_autofree char *sentence = NULL;

  if (self->funcs->on_message == NULL || g_get_monotonic_time () - *told < 10 * G_USEC_PER_SEC)
    return;
  *told = g_get_monotonic_time ();
  sentence = g_strdup_printf ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                              " earlier samples have said which weights they need.",
                              done, n);
  self->funcs->on_message (self->funcs_data, sentence);
}

gboolean
attune_trainer_set_up_consolidation (AttuneTrainer *self, GError **error)
{
  const gint64 count = self->parameters->count;
  const guint64 all = attune_earlier_count (self->earlier, FALSE),
                n = MIN (all, (guint64) self->plan->ewc_samples);
  gint64 told = g_get_monotonic_time ();
  double target_tokens = 0;

  g_return_val_if_fail (self->parameters->grads.dims[0] == count, FALSE);

  if (!take (self, &self->fisher, count, error) || !take (self, &self->anchor, count, error)
      || !take (self, &self->difference, MIN (PIECE, count), error))
    return FALSE;
  if (attune_trainer_load_needed (self))
    return attune_backend_sync (self->be, error);
  if (self->funcs->on_message != NULL)
    self->funcs->on_message (self->funcs_data,
                             "Finding out which weights the earlier material needs.");
  attune_decoder_update_norms (self->decoder);
  self->be->copy (self->be, &self->anchor, &self->parameters->values);
  for (guint64 i = 0; i < n && !self->stopped; i++) /* evenly: they lie in their sources' order */
    {
      if (!add_sample (self, i * all / n, &target_tokens, error))
        return FALSE;
      tell_progress (self, i + 1, n, &told);
      self->stopped
          = self->funcs->should_stop != NULL && self->funcs->should_stop (self->funcs_data);
    }
  if (target_tokens > 0)
    self->be->scale (self->be, &self->fisher, (float) (self->plan->ewc_weight / target_tokens));
  if (isfinite (self->be->sum_squares (self->be, &self->fisher)))
    return attune_backend_sync (self->be, error)
           && (self->stopped || attune_trainer_save_needed (self, error));
  g_set_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DIVERGED,
               "What the earlier material needs (--ewc-weight) is too large to be a number. Use a "
               "smaller weight than %g, or other material.",
               self->plan->ewc_weight);
  return FALSE;
}

void
attune_trainer_consolidate (AttuneTrainer *self)
{
  AttuneBackend *be = self->be;

  if (self->fisher.data == NULL)
    return;
  for (gint64 first = 0; first < self->parameters->count; first += PIECE)
    {
      const gint64 n = MIN (PIECE, self->parameters->count - first);
      const AttuneTensor way = part_of (&self->difference, 0, n),
                         values = part_of (&self->parameters->values, first, n),
                         anchor = part_of (&self->anchor, first, n),
                         grads = part_of (&self->parameters->grads, first, n),
                         fisher = part_of (&self->fisher, first, n);

      be->copy (be, &way, &anchor);
      be->scale (be, &way, -1);
      be->add (be, &way, &values);
      be->scale_columns (be, &grads, &way, &fisher, 1);
    }
}
