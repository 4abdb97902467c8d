/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Validation while tuning: the loss on records that are not learned from, the best adapter, and
 * answers to look at.
 */
#include "tune/policy.h"

#include <math.h>

static guint64
validation_samples (const AttuneTrainer *self)
{
  const guint64 limit = self->plan->max_validation_samples;

  return limit > 0 ? MIN (limit, self->facts.n_validation) : self->facts.n_validation;
}

/* What the model is now is the best so far. That it was best at step 0, the base, needs no copy. */
static gboolean
keep_best (AttuneTrainer *self, GError **error)
{
  AttuneCheckpoint *state = &self->state;

  state->best_step = state->step;
  if (self->rank > 0)
    return TRUE; /* rank 0 keeps it */
  if (self->best.data != NULL)
    {
      self->be->copy (self->be, &self->best, &self->parameters->values);
      return attune_backend_sync (self->be, error);
    }
  attune_trainer_fetch_state (self);
  if (!attune_backend_sync (self->be, error))
    return FALSE; /* a card that was lost has given nothing */
  if (state->step > 0 && !attune_best_weights_save (self->checkpoint_path, state, error))
    return FALSE;
  attune_best_weights_keep (self->checkpoint_path, self->saved_best_step, state->best_step);
  return TRUE;
}

/* Each rank reads its part of the samples. */
static gboolean
validation_loss (AttuneTrainer *self, AttuneLossSum *sum, GError **error)
{
  double numbers[2];
  gint64 from, to;
  gboolean done;

  attune_split (validation_samples (self), 1, self->rank, self->n_ranks, &from, &to);
  done
      = self->plan->objective == ATTUNE_OBJECTIVE_TEXT
            ? attune_dataset_text_loss (self->decoder, self->activations, self->pack, self->dataset,
                                        ATTUNE_SPLIT_VALIDATION, from, to - from, sum, error)
            : attune_dataset_loss (self->decoder, self->activations, self->pack, self->dataset,
                                   ATTUNE_SPLIT_VALIDATION, from, to - from, sum, NULL, NULL,
                                   error);
  if (!done)
    return FALSE;
  numbers[0] = sum->nats;
  numbers[1] = sum->target_tokens;
  if (!attune_trainer_add (self, numbers, 2, error))
    return FALSE;
  sum->nats = numbers[0];
  sum->target_tokens = (guint64) numbers[1];
  return TRUE;
}

/* By the objective: in nats per learned token, or the mean over pairs. @told: (out): what there is
 * to say besides, or %NULL */
static gboolean
find_loss (AttuneTrainer *self, double *loss, double *reward, char **told, GError **error)
{
  AttuneLossSum sum;
  double accuracy;

  *told = NULL;
  if (self->policy != NULL)
    {
      if (!attune_policy_validate (self, validation_samples (self), loss, reward, error))
        return FALSE;
      *told = g_strdup_printf ("After step %" G_GINT64_FORMAT
                               " answers get a reward of %.3f in the mean.",
                               self->state.step, *reward);
      return TRUE;
    }
  if (attune_objective_prefers (self->plan->objective))
    {
      if (!attune_trainer_validate_pairs (self, validation_samples (self), loss, &accuracy, error))
        return FALSE;
      *told = g_strdup_printf ("After step %" G_GINT64_FORMAT
                               " the better answer is preferred in %.0f %% of the pairs.",
                               self->state.step, 100 * accuracy);
      return TRUE;
    }
  if (self->labels != NULL)
    return attune_trainer_validate_labels (self, validation_samples (self), loss, told, error);
  if (!validation_loss (self, &sum, error))
    return FALSE;
  *loss = sum.target_tokens > 0 ? sum.nats / sum.target_tokens : 0;
  return TRUE;
}

gboolean
attune_trainer_validate (AttuneTrainer *self, GError **error)
{
  AttuneCheckpoint *state = &self->state;
  g_autofree char *told = NULL;
  AttuneValidationEvent event = { .step = state->step, .has_reward = self->policy != NULL };

  if (validation_samples (self) == 0)
    return keep_best (self, error); /* nothing to compare with: the latest counts as the best */
  if (!find_loss (self, &event.loss, &event.reward, &told, error))
    return FALSE;
  event.best = state->step == 0 || event.loss < state->best_loss;
  if (state->step == 0)
    state->base_loss = event.loss;
  if (event.best)
    {
      state->best_loss = event.loss;
      state->bad_validations = 0;
      if (!keep_best (self, error))
        return FALSE;
    }
  else
    state->bad_validations++;
  if (self->funcs->on_validation != NULL)
    self->funcs->on_validation (self->funcs_data, &event);
  if (told != NULL && self->funcs->on_message != NULL)
    self->funcs->on_message (self->funcs_data, told);
  if (!attune_trainer_tell_gap (self, validation_samples (self), error))
    return FALSE;
  return attune_backend_sync (self->be, error);
}

gboolean
attune_trainer_compare_int8 (AttuneTrainer *self, GError **error)
{
  g_autofree char *sentence = NULL;
  AttuneLossSum sum;
  gboolean done;

  if (!attune_plan_uses (self->plan_object, "int8-compute") || !self->plan->int8_compute
      || self->funcs->on_message == NULL)
    return TRUE;
  if (self->be->matmul_nt_int8 == NULL)
    {
      self->funcs->on_message (self->funcs_data,
                               "This processor cannot multiply in 8 bits (AVX512-VNNI), so the run "
                               "goes on without that.");
      return TRUE;
    }
  if (validation_samples (self) == 0)
    return TRUE;
  self->decoder->int8 = TRUE;
  done = self->plan->objective == ATTUNE_OBJECTIVE_TEXT
             ? attune_dataset_text_loss (self->decoder, self->activations, self->pack,
                                         self->dataset, ATTUNE_SPLIT_VALIDATION, 0,
                                         validation_samples (self), &sum, error)
             : attune_dataset_loss (self->decoder, self->activations, self->pack, self->dataset,
                                    ATTUNE_SPLIT_VALIDATION, 0, validation_samples (self), &sum,
                                    NULL, NULL, error);
  self->decoder->int8 = FALSE;
  if (!done || sum.target_tokens == 0 || !(self->state.base_loss > 0))
    return done;
  sentence = g_strdup_printf (
      "Rounded arithmetic changes the loss of the base model from %.4f to %.4f (%+.2f %%). Checks "
      "are always computed in full precision.",
      self->state.base_loss, sum.nats / sum.target_tokens,
      100 * (sum.nats / sum.target_tokens / self->state.base_loss - 1));
  self->funcs->on_message (self->funcs_data, sentence);
  return TRUE;
}

gboolean
attune_trainer_show_samples (AttuneTrainer *self, GError **error)
{
  const guint64 n = MIN ((guint64) self->plan->samples, self->facts.n_validation);
  AttuneSampling sampling = ATTUNE_SAMPLING_GREEDY;

  if (self->labels != NULL && self->funcs->on_sample != NULL)
    return attune_trainer_show_labels (self, n, error);
  if (self->wanted != NULL && self->funcs->on_sample != NULL)
    return attune_trainer_show_rewards (self, n, error);
  if (self->generator == NULL || self->funcs->on_sample == NULL)
    return TRUE;
  sampling.max_tokens = ATTUNE_SAMPLE_ANSWER_TOKENS;
  for (guint64 i = 0; i < n; i++)
    {
      g_auto (AttuneSample) sample = { 0 };
      g_auto (AttuneRecord) record = { 0 };
      g_autofree char *answer = NULL;
      AttuneSampleEvent event = { .step = self->state.step };

      if (!attune_dataset_get_sample (self->dataset, ATTUNE_SPLIT_VALIDATION, i, &sample, error)
          || !attune_dataset_get_record (self->dataset, ATTUNE_SPLIT_VALIDATION, i, &record, error))
        return FALSE;
      answer = attune_generator_run (
          self->generator, sample.tokens,
          record.whole ? CLAMP (sample.n / 4, 1, 32) /* of a text, how it goes on */
                       : attune_sample_prompt_length (&sample),
          &sampling, NULL, NULL, error);
      if (answer == NULL)
        return FALSE;
      event.question = record.whole ? "…" : record.fields[ATTUNE_FIELD_QUESTION];
      event.expected = record.fields[ATTUNE_FIELD_ANSWER];
      event.answer = answer;
      self->funcs->on_sample (self->funcs_data, &event);
    }
  return TRUE;
}
