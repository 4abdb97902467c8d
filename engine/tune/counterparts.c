/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Samples with terms exchanged, while tuning: they are learned too, what is said of one and the
 * other is held together, and how far that is apart is told.
 */
#include "tune/gap.h"
#include "tune/trainer-private.h"

#include <math.h>

gboolean
attune_trainer_open_counterparts (AttuneTrainer *self, GError **error)
{
  const int n = attune_plan_count_samples (self->plan);

  if (*self->plan->term_pairs == '\0')
    return TRUE;
  self->term_pairs = attune_term_pairs_open (self->plan->term_pairs, error);
  if (self->term_pairs == NULL || !attune_plan_exchanges (self->plan))
    return self->term_pairs != NULL; /* what exchanging changes is told */
  self->partners = g_new (int, n);
  self->sums = g_new (double, n);
  self->sample_weights = g_new (float, n);
  return TRUE;
}

void
attune_trainer_clear_counterparts (AttuneTrainer *self)
{
  g_clear_pointer (&self->term_pairs, attune_term_pairs_free);
  g_clear_pointer (&self->partners, g_free);
  g_clear_pointer (&self->sums, g_free);
  g_clear_pointer (&self->sample_weights, g_free);
}

/* The counterpart of @sample in @other, no longer than is read at once; FALSE: none. */
static gboolean
find_counterpart (AttuneTrainer *self, const AttuneSample *sample, AttuneSample *other)
{
  attune_sample_clear (other);
  if (!attune_term_pairs_counterpart (self->term_pairs, attune_model_get_tokenizer (self->model),
                                      sample, other))
    return FALSE;
  other->n = MIN (other->n, (guint) self->max_tokens + 1);
  if (attune_sample_targets (other) > 0)
    return TRUE;
  attune_sample_clear (other);
  return FALSE;
}

/* Record @index; @other: (out): its counterpart, if there is one. */
static gboolean
read_record (AttuneTrainer *self, AttuneSplit split, guint64 index, AttuneSample *sample,
             AttuneSample *other, gboolean *found, GError **error)
{
  if (!attune_dataset_get_sample (self->dataset, split, index, sample, error))
    return FALSE;
  if (self->plan->objective == ATTUNE_OBJECTIVE_TEXT)
    attune_sample_learn_all (sample);
  *found = attune_sample_targets (sample) > 0 && find_counterpart (self, sample, other);
  return TRUE;
}

gboolean
attune_trainer_count_counterparts (AttuneTrainer *self, GError **error)
{
  g_autofree char *sentence = NULL;
  guint64 n = 0;

  if (self->partners == NULL)
    return TRUE;
  for (guint64 i = 0; i < self->facts.n_train; i++)
    {
      g_auto (AttuneSample) sample = { 0 }, other = { 0 };
      gboolean found;

      if (!read_record (self, ATTUNE_SPLIT_TRAIN, i, &sample, &other, &found, error))
        return FALSE;
      n += found;
    }
  if (n == 0)
    {
      g_set_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DATA,
                   "None of the terms in “%s” (--term-pairs) is in a record for training, so that "
                   "there is nothing to exchange. Write them as the records do, or choose no file.",
                   self->plan->term_pairs);
      return FALSE;
    }
  sentence = g_strdup_printf ("Terms are exchanged in %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                              " records for training.",
                              n, (guint64) self->facts.n_train);
  if (self->funcs->on_message != NULL)
    self->funcs->on_message (self->funcs_data, sentence);
  return TRUE;
}

int
attune_trainer_read_counterparts (AttuneTrainer *self, int n, double *target_tokens)
{
  int all = n;

  if (self->partners == NULL)
    return n;
  for (int i = 0; i < n; i++)
    {
      self->partners[i] = -1;
      if (i >= self->n_new || attune_sample_targets (&self->samples[i]) == 0
          || !find_counterpart (self, &self->samples[i], &self->samples[all]))
        continue;
      if (self->plan->counterfactuals)
        *target_tokens += attune_sample_targets (&self->samples[all]);
      self->partners[i] = all;
      self->partners[all++] = -1;
    }
  return all;
}

void
attune_trainer_weigh_samples (AttuneTrainer *self, int all, double target_tokens)
{
  g_autofree AttuneGapPair *pairs = g_new (AttuneGapPair, all + 1);
  g_autofree double (*slopes)[2] = g_malloc_n (all + 1, sizeof *slopes);
  int n = 0, at = 0;

  for (int i = 0; i < all; i++)
    self->sample_weights[i] = i < self->n_new    ? 1
                              : i < self->n_read ? (float) self->replay_weight
                                                 : self->plan->counterfactuals;
  if (self->partners == NULL)
    return;
  for (int i = 0; i < self->n_read; i++)
    if (self->partners[i] >= 0)
      pairs[n++] = (AttuneGapPair) { self->sums[i], self->sums[self->partners[i]],
                                     attune_sample_targets (&self->samples[i]),
                                     attune_sample_targets (&self->samples[self->partners[i]]) };
  attune_gap_loss (pairs, n, self->plan->gap_weight, slopes, NULL);
  for (int i = 0; i < self->n_read; i++)
    if (self->partners[i] >= 0)
      { /* what is added up is the gradient of -log p, divided by the step's targets */
        self->sample_weights[i] -= (float) (slopes[at][0] * target_tokens);
        self->sample_weights[self->partners[i]] -= (float) (slopes[at++][1] * target_tokens);
      }
}

/* --- telling */

/* Log-probability per token of what is learned of @sample. */
static gboolean
score (AttuneTrainer *self, const AttuneSample *sample, double *mean, GError **error)
{
  const AttuneBatch *batch;

  *mean = 0;
  attune_pack_clear (self->pack);
  attune_pack_add (self->pack, sample);
  batch = attune_pack_get_batch (self->pack);
  if (batch->n_targets == 0)
    return TRUE;
  attune_decoder_forward_backward (self->decoder, self->activations, batch, self->losses, 0, FALSE,
                                   0, 0);
  if (!attune_backend_sync (self->be, error))
    return FALSE;
  for (int i = 0; i < batch->n_targets; i++)
    *mean -= self->losses[i] / batch->n_targets;
  return TRUE;
}

gboolean
attune_trainer_tell_gap (AttuneTrainer *self, guint64 n, GError **error)
{
  g_autofree char *sentence = NULL;
  double sum = 0;
  guint64 n_pairs = 0;

  if (self->term_pairs == NULL || self->rank > 0 || self->funcs->on_message == NULL)
    return TRUE;
  for (guint64 i = 0; i < n; i++)
    {
      g_auto (AttuneSample) sample = { 0 }, other = { 0 };
      double one, two;
      gboolean found;

      if (!read_record (self, ATTUNE_SPLIT_VALIDATION, i, &sample, &other, &found, error))
        return FALSE;
      if (!found)
        continue;
      if (!score (self, &sample, &one, error) || !score (self, &other, &two, error))
        return FALSE;
      sum += fabs (one - two);
      n_pairs++;
    }
  if (n_pairs == 0)
    sentence = g_strdup ("None of the terms (--term-pairs) is in the records that check, so that "
                         "what they change cannot be told.");
  else
    sentence = g_strdup_printf ("After step %" G_GINT64_FORMAT
                                " exchanging the terms changes what is expected by %.4f "
                                "nats per token, over %" G_GUINT64_FORMAT " records.",
                                self->state.step, sum / n_pairs, n_pairs);
  if (n_pairs > 0 || self->state.step == 0)
    self->funcs->on_message (self->funcs_data, sentence);
  return TRUE;
}
