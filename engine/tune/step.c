/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One optimizer step: read samples, pack them into micro-batches, add up gradients, change what
 * learns. Of several ranks each does its part of the samples; see parallel.c.
 */
#include "tune/policy.h"

#include <math.h>

static gboolean
read_samples (AttuneTrainer *self, int n, double *target_tokens, GError **error)
{
  if (self->labels != NULL)
    return attune_trainer_read_labelled (self, n, target_tokens, error);
  *target_tokens = 0;
  for (int i = 0; i < n; i++)
    {
      attune_sample_clear (&self->samples[i]);
      if (!attune_dataset_get_sample (self->dataset, ATTUNE_SPLIT_TRAIN, self->chosen[i],
                                      &self->samples[i], error))
        return FALSE;
      if (self->plan->objective == ATTUNE_OBJECTIVE_TEXT)
        attune_sample_learn_all (&self->samples[i]);
      *target_tokens += attune_sample_targets (&self->samples[i]);
    }
  return attune_trainer_read_replay (self, n, target_tokens, error);
}

/* Where a sample of the step comes from, for a message. */
static char *
describe_sample (AttuneTrainer *self, int sample)
{
  g_autofree char *record = NULL;
  int of = sample;

  if (sample >= self->n_new && sample < self->n_read)
    return g_strdup ("earlier material");
  if (sample >= self->n_read)
    for (of = 0; self->partners[of] != sample; of++)
      ;
  record = attune_dataset_describe (self->dataset, ATTUNE_SPLIT_TRAIN, self->chosen[of]);
  return of == sample ? g_steal_pointer (&record)
                      : g_strconcat (record, " (terms exchanged)", NULL);
}

char *
attune_trainer_describe_samples (AttuneTrainer *self, int begin, int end)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = begin; i < end; i++)
    {
      g_autofree char *where = describe_sample (self, i);

      if (i > begin)
        g_string_append (text, "; ");
      if (i - begin == 4 && end - i > 1) /* enough to look at */
        {
          g_string_append_printf (text, "and %d more", end - i);
          break;
        }
      g_string_append (text, where);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
attune_trainer_diverged (AttuneTrainer *self, const char *what, int begin, int end, GError **error)
{
  g_autofree char *records = attune_trainer_describe_samples (self, begin, end);

  g_set_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DIVERGED,
               "Step %" G_GINT64_FORMAT
               " gave %s that is not a number, while learning from these records: %s. "
               "The run was rolled back to its last checkpoint. A lower learning rate usually "
               "helps; or look at these records.",
               self->state.step + 1, what, records);
  return FALSE;
}

/* What a sample counts for in the step's mean loss. A counterpart may be there for the penalty
 * alone. */
static double
count_for (const AttuneTrainer *self, int sample)
{
  if (sample >= self->n_read)
    return self->plan->counterfactuals ? 1 : 0;
  return sample < self->n_new ? 1 : self->replay_weight;
}

/* Forward and backward of what is packed: samples @begin … @end - 1. @scores: forward alone, for
 * their sums */
static gboolean
run_pack (AttuneTrainer *self, int begin, int end, int micro_batch, double step_targets,
          gboolean scores, AttuneStepSums *sums, GError **error)
{
  const AttuneBatch *batch = attune_pack_get_batch (self->pack);
  const guint64 draw = (guint64) (self->state.step + 1) * ATTUNE_MAX_MICRO_BATCHES
                       + self->rank * (ATTUNE_MAX_MICRO_BATCHES / self->n_ranks) + micro_batch;

  if (batch->n_targets == 0)
    return TRUE;
  if (self->sample_weights != NULL && !scores)
    attune_pack_weigh (self->pack, self->sample_weights + begin);
  batch = attune_pack_get_batch (self->pack);
  attune_trainer_round (self, TRUE);
  attune_decoder_forward_backward (self->decoder, self->activations, batch, self->losses,
                                   scores ? 0 : (float) (1 / step_targets), TRUE, self->plan->seed,
                                   draw);
  attune_trainer_round (self, FALSE); /* validation and samples are exact */
  if (!attune_backend_sync (self->be, error))
    return FALSE;
  if (scores)
    {
      for (int i = 0; i < batch->n_targets; i++)
        self->sums[begin + attune_pack_get_owner (self->pack, i)] -= self->losses[i];
      return TRUE;
    }
  for (int i = 0; i < batch->n_targets; i++)
    {
      const int sample = begin + attune_pack_get_owner (self->pack, i);
      const double counts = count_for (self, sample);

      if (counts > 0)
        sums->loss += counts * self->losses[i];
      if (sample < self->n_new)
        {
          sums->new_loss += self->losses[i];
          sums->new_weight++;
        }
    }
  if (!isfinite (sums->loss))
    return attune_trainer_diverged (self, "a loss", begin, end, error);
  sums->tokens += attune_pack_count_tokens (self->pack);
  sums->target_tokens += batch->n_targets;
  return TRUE;
}

/* Samples @begin … @end - 1. */
static gboolean
accumulate (AttuneTrainer *self, int begin, int end, double step_targets, gboolean scores,
            AttuneStepSums *sums, GError **error)
{
  int micro_batch = 0;
  gboolean done;

  attune_pack_clear (self->pack);
  for (int i = begin; i < end; i++)
    {
      if (attune_pack_add (self->pack, &self->samples[i]))
        continue;
      if (!run_pack (self, begin, i, micro_batch++, step_targets, scores, sums, error))
        return FALSE;
      attune_pack_clear (self->pack);
      attune_pack_add (self->pack, &self->samples[i]);
      begin = i;
    }
  if (self->joined && !scores)
    attune_decoder_watch (self->decoder, attune_trainer_begin_exchange, self);
  done = run_pack (self, begin, end, micro_batch, step_targets, scores, sums, error);
  attune_decoder_watch (self->decoder, NULL, NULL);
  return done;
}

gboolean
attune_trainer_add_up_gradients (AttuneTrainer *self, AttuneStepSums *sums, double *norm,
                                 GError **error)
{
  double numbers[]
      = { sums->loss, sums->tokens, sums->target_tokens, sums->new_loss, sums->new_weight },
      squares;
  AttuneTensor slice;

  attune_trainer_give_gradients (self);
  if (!attune_backend_sync (self->be, error)
      || !attune_trainer_add (self, numbers, G_N_ELEMENTS (numbers), error))
    return FALSE;
  *sums = (AttuneStepSums) { numbers[0], numbers[1], numbers[2], numbers[3], numbers[4] };
  if (!attune_trainer_take_gradients (self, error))
    return FALSE;
  attune_trainer_consolidate (self);
  slice = attune_trainer_slice (self, &self->parameters->grads);
  squares = self->be->sum_squares (self->be, &slice);
  if (!attune_backend_sync (self->be, error) || !attune_trainer_add (self, &squares, 1, error))
    return FALSE;
  *norm = sqrt (squares);
  return TRUE;
}

/* What each of @n samples weighs; a pass forward says what the penalty makes of it. */
static gboolean
weigh (AttuneTrainer *self, int n, double step_targets, AttuneStepSums *sums, GError **error)
{
  for (int i = 0; self->sums != NULL && i < n; i++)
    self->sums[i] = 0;
  if (self->partners != NULL && self->plan->gap_weight > 0
      && !accumulate (self, 0, n, step_targets, TRUE, sums, error))
    return FALSE;
  attune_trainer_weigh_samples (self, n, step_targets);
  return TRUE;
}

/* Adds up the gradients of the step's @n samples. @weight: (out): what the sum of losses is divided
 * by for their mean */
static gboolean
accumulate_step (AttuneTrainer *self, int n, AttuneStepSums *sums, double *weight, GError **error)
{
  int begin, end;

  self->n_new = self->n_read = n;
  if (attune_objective_prefers (self->plan->objective))
    {
      *weight = n;
      if (!attune_trainer_accumulate_pairs (self, n, sums, error))
        return FALSE;
      return isfinite (sums->loss) || attune_trainer_diverged (self, "a loss", 0, n, error);
    }
  if (!read_samples (self, n, weight, error))
    return FALSE;
  n = attune_trainer_read_counterparts (self, n + self->n_replay, weight);
  attune_trainer_weigh_replay (self, weight);
  if (self->sample_weights != NULL && *weight > 0 && !weigh (self, n, *weight, sums, error))
    return FALSE;
  attune_trainer_choose_part (self, n, &begin, &end);
  return *weight == 0 || accumulate (self, begin, end, *weight, FALSE, sums, error);
}

/* The one update of a step over samples of the data. */
static gboolean
update (AttuneTrainer *self, int n, double rate, AttuneStepSums *sums, double *weight, double *norm,
        GError **error)
{
  self->be->zero (self->be, &self->parameters->grads);
  if (!accumulate_step (self, n, sums, weight, error)
      || !attune_trainer_add_up_gradients (self, sums, norm, error))
    return FALSE;
  if (!isfinite (*norm))
    return attune_trainer_diverged (self, "a gradient", 0, n, error);
  attune_trainer_update (self, rate, *norm);
  if (!attune_backend_sync (self->be, error) || !attune_trainer_exchange_values (self, error))
    return FALSE;
  attune_decoder_update_norms (self->decoder);
  return TRUE;
}

gboolean
attune_trainer_step (AttuneTrainer *self, AttuneStepEvent *event, GError **error)
{
  const gint64 begun = g_get_monotonic_time (), step = self->state.step + 1;
  const double rate = attune_schedule_rate (self->plan, step, self->n_steps);
  const int n = attune_schedule_samples (self->plan, self->facts.n_train, step, self->order,
                                         &self->order_epoch, self->chosen);
  AttuneStepSums sums = { 0 };
  AttunePolicyNews news = { 0 };
  double weight = 1, norm;

  attune_trainer_enter_round (self);
  if (!(self->policy != NULL ? attune_policy_step (self, n, rate, &sums, &norm, &news, error)
                             : update (self, n, rate, &sums, &weight, &norm, error)))
    return FALSE;
  attune_trainer_average (self);

  self->state.step = step;
  /* what is read again, and counterparts, are no part of what validation measures */
  self->new_loss = (self->n_replay > 0 || self->partners != NULL) && sums.new_weight > 0
                       ? sums.new_loss / sums.new_weight
                   : weight > 0 ? sums.loss / weight
                                : 0;
  self->state.tokens += (guint64) sums.tokens;
  self->state.target_tokens += (guint64) sums.target_tokens;
  *event = (AttuneStepEvent) { .step = step,
                               .n_steps = self->n_steps,
                               .epoch
                               = MIN (step * (double) self->plan->batch_size / self->facts.n_train,
                                      self->plan->max_steps > 0 ? G_MAXDOUBLE : self->plan->epochs),
                               .loss = weight > 0 ? sums.loss / weight : 0,
                               .learning_rate = rate,
                               .gradient_norm = norm,
                               .tokens = (guint64) sums.tokens,
                               .target_tokens = (guint64) sums.target_tokens,
                               .has_reward = self->policy != NULL,
                               .reward = news.reward,
                               .divergence = news.divergence,
                               .seconds = (g_get_monotonic_time () - begun) / 1e6 };
  return TRUE;
}
