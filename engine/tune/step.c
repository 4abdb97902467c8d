/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One optimizer step: read samples, pack them into micro-batches, add up gradients, clip, AdamW. Of
 * several ranks each does its part of the samples; see parallel.c.
 */
#include "tune/trainer-private.h"

#include <math.h>

/* Micro-batches of a step get different dropout masks; no step has more of them than this. */
#define MAX_MICRO_BATCHES 4096

/* What a step adds up, over all ranks in the end. */
typedef struct
{
  double nats, tokens, target_tokens;
} Sums;

static gboolean
read_samples (AttuneTrainer *self, int n, guint64 *target_tokens, GError **error)
{
  *target_tokens = 0;
  for (int i = 0; i < n; i++)
    {
      attune_sample_clear (&self->samples[i]);
      if (!attune_dataset_get_sample (self->dataset, ATTUNE_SPLIT_TRAIN, self->chosen[i],
                                      &self->samples[i], error))
        return FALSE;
      *target_tokens += attune_sample_targets (&self->samples[i]);
    }
  return TRUE;
}

/* The records of the pack that ends before sample @end, for a message: "raw.csv, line 17 and
 * raw.csv, line 40". */
static char *
describe_records (AttuneTrainer *self, int begin, int end)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = begin; i < end; i++)
    {
      g_autofree char *where
          = attune_dataset_describe (self->dataset, ATTUNE_SPLIT_TRAIN, self->chosen[i]);

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

static gboolean
diverged (AttuneTrainer *self, const char *what, int begin, int end, GError **error)
{
  g_autofree char *records = describe_records (self, begin, end);

  g_set_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DIVERGED,
               "Step %" G_GINT64_FORMAT
               " gave %s that is not a number, while learning from these records: %s. "
               "The run was rolled back to its last checkpoint. A lower learning rate usually "
               "helps; or look at these records.",
               self->state.step + 1, what, records);
  return FALSE;
}

/* Forward and backward of what is packed: samples @begin … @end - 1. */
static gboolean
run_pack (AttuneTrainer *self, int begin, int end, int micro_batch, guint64 step_targets,
          Sums *sums, GError **error)
{
  const AttuneBatch *batch = attune_pack_get_batch (self->pack);
  const guint64 draw = (guint64) (self->state.step + 1) * MAX_MICRO_BATCHES
                       + self->rank * (MAX_MICRO_BATCHES / self->n_ranks) + micro_batch;

  if (batch->n_targets == 0)
    return TRUE;
  self->decoder->int8 = self->plan->int8_compute;
  attune_decoder_forward_backward (self->decoder, self->activations, batch, self->losses,
                                   1.0f / step_targets, TRUE, self->plan->seed, draw);
  self->decoder->int8 = FALSE; /* validation and samples are exact */
  if (!attune_backend_sync (self->be, error))
    return FALSE;
  for (int i = 0; i < batch->n_targets; i++)
    sums->nats += self->losses[i];
  if (!isfinite (sums->nats))
    return diverged (self, "a loss", begin, end, error);
  sums->tokens += attune_pack_count_tokens (self->pack);
  sums->target_tokens += batch->n_targets;
  return TRUE;
}

/* Samples @begin … @end - 1. */
static gboolean
accumulate (AttuneTrainer *self, int begin, int end, guint64 step_targets, Sums *sums,
            GError **error)
{
  int micro_batch = 0;

  attune_pack_clear (self->pack);
  for (int i = begin; i < end; i++)
    {
      if (attune_pack_add (self->pack, &self->samples[i]))
        continue;
      if (!run_pack (self, begin, i, micro_batch++, step_targets, sums, error))
        return FALSE;
      attune_pack_clear (self->pack);
      attune_pack_add (self->pack, &self->samples[i]);
      begin = i;
    }
  return run_pack (self, begin, end, micro_batch, step_targets, sums, error);
}

/* The gradients of all, and their norm; of several ranks, this one's slice of them. */
static gboolean
add_up_gradients (AttuneTrainer *self, Sums *sums, double *norm, GError **error)
{
  double numbers[] = { sums->nats, sums->tokens, sums->target_tokens }, squares;
  AttuneTensor slice;

  attune_trainer_give_gradients (self);
  if (!attune_backend_sync (self->be, error)
      || !attune_trainer_add (self, numbers, G_N_ELEMENTS (numbers), error))
    return FALSE;
  *sums = (Sums) { numbers[0], numbers[1], numbers[2] };
  attune_trainer_take_gradients (self);
  slice = attune_trainer_slice (self, &self->parameters->grads);
  squares = self->be->sum_squares (self->be, &slice);
  if (!attune_backend_sync (self->be, error) || !attune_trainer_add (self, &squares, 1, error))
    return FALSE;
  *norm = sqrt (squares);
  return TRUE;
}

static void
update (AttuneTrainer *self, double rate, double norm)
{
  const AttunePlanValues *plan = self->plan;
  /* 1e-6 as in torch.nn.utils.clip_grad_norm_ */
  const double clip
      = plan->max_gradient_norm > 0 ? MIN (1, plan->max_gradient_norm / (norm + 1e-6)) : 1;
  const AttuneAdamW adamw = { .learning_rate = rate,
                              .beta1 = plan->beta1,
                              .beta2 = plan->beta2,
                              .eps = plan->epsilon,
                              .weight_decay = plan->weight_decay,
                              .gradient_scale = clip,
                              .step = self->state.step + 1 };

  const AttuneTensor slice = attune_trainer_slice (self, &self->parameters->values);

  attune_parameters_adamw (self->parameters,
                           (float *) slice.data - (float *) self->parameters->values.data,
                           slice.dims[0], &self->first_moment, &self->second_moment, &adamw);
}

gboolean
attune_trainer_step (AttuneTrainer *self, AttuneStepEvent *event, GError **error)
{
  const gint64 begun = g_get_monotonic_time (), step = self->state.step + 1;
  const double rate = attune_schedule_rate (self->plan, step, self->n_steps);
  const int n = attune_schedule_samples (self->plan, self->facts.n_train, step, self->order,
                                         &self->order_epoch, self->chosen);
  Sums sums = { 0 };
  guint64 targets;
  int begin, end;
  double norm;

  if (!read_samples (self, n, &targets, error))
    return FALSE;
  attune_trainer_choose_part (self, n, &begin, &end);
  self->be->zero (self->be, &self->parameters->grads);
  if (targets > 0 && !accumulate (self, begin, end, targets, &sums, error))
    return FALSE;
  if (!add_up_gradients (self, &sums, &norm, error))
    return FALSE;
  if (!isfinite (norm))
    return diverged (self, "a gradient", 0, n, error);
  update (self, rate, norm);
  if (!attune_backend_sync (self->be, error) || !attune_trainer_exchange_values (self, error))
    return FALSE;
  attune_decoder_update_norms (self->decoder);

  self->state.step = step;
  self->state.tokens += (guint64) sums.tokens;
  self->state.target_tokens += (guint64) sums.target_tokens;
  *event = (AttuneStepEvent) { .step = step,
                               .n_steps = self->n_steps,
                               .epoch
                               = MIN (step * (double) self->plan->batch_size / self->facts.n_train,
                                      self->plan->max_steps > 0 ? G_MAXDOUBLE : self->plan->epochs),
                               .loss = targets > 0 ? sums.nats / targets : 0,
                               .learning_rate = rate,
                               .gradient_norm = norm,
                               .tokens = (guint64) sums.tokens,
                               .target_tokens = targets,
                               .seconds = (g_get_monotonic_time () - begun) / 1e6 };
  return TRUE;
}
