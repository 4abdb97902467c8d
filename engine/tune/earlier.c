/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Earlier material while tuning: some of it is read in every step, and some tells what has been
 * forgotten.
 */
#include "tune/trainer-private.h"

/* The order of earlier samples is another one than that of the new. */
#define OTHER_SEED G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)

gboolean
attune_trainer_open_earlier (AttuneTrainer *self, GError **error)
{
  if (*self->plan->earlier == '\0')
    return TRUE;
  self->earlier
      = attune_earlier_open (self->plan->earlier, attune_model_get_tokenizer (self->model),
                             attune_model_get_template (self->model), error);
  return self->earlier != NULL;
}

gboolean
attune_trainer_set_up_earlier (AttuneTrainer *self, GError **error)
{
  guint64 n;

  if (self->earlier == NULL)
    return TRUE;
  n = attune_earlier_count (self->earlier, FALSE);
  self->n_replay = attune_plan_count_replay (self->plan);
  self->replay_order = g_new (guint32, n);
  self->replayed = g_new (guint32, MAX (1, self->n_replay));
  if (self->n_replay > 0 && self->sample_weights == NULL)
    self->sample_weights = g_new (float, attune_plan_count_samples (self->plan));
  self->replay_pass = -1;
  return !attune_plan_consolidates (self->plan)
         || attune_trainer_set_up_consolidation (self, error);
}

void
attune_trainer_clear_earlier (AttuneTrainer *self)
{
  AttuneTensor *vectors[] = { &self->fisher, &self->anchor, &self->difference };

  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    if (vectors[i]->data != NULL)
      self->be->release (self->be, vectors[i]->data, vectors[i]->dims[0] * sizeof (float));
  g_clear_pointer (&self->earlier, attune_earlier_free);
  g_clear_pointer (&self->replay_order, g_free);
  g_clear_pointer (&self->replayed, g_free);
}

gboolean
attune_trainer_read_replay (AttuneTrainer *self, int n, double *target_tokens, GError **error)
{
  /* as an endless run over them, in which each is read once before any is read again */
  const AttunePlanValues replay = { .seed = (gint64) ((guint64) self->plan->seed ^ OTHER_SEED),
                                    .batch_size = self->n_replay,
                                    .max_steps = G_MAXINT };

  if (self->n_replay == 0)
    return TRUE;
  attune_schedule_samples (&replay, attune_earlier_count (self->earlier, FALSE),
                           self->state.step + 1, self->replay_order, &self->replay_pass,
                           self->replayed);
  for (int i = 0; i < self->n_replay; i++)
    {
      AttuneSample *sample = &self->samples[n + i];

      if (!attune_earlier_get_sample (self->earlier, FALSE, self->replayed[i], self->max_tokens + 1,
                                      sample, error))
        return FALSE;
      if (self->plan->objective == ATTUNE_OBJECTIVE_TEXT)
        attune_sample_learn_all (sample);
      *target_tokens += attune_sample_targets (sample);
    }
  self->n_read = n + self->n_replay;
  return TRUE;
}

void
attune_trainer_weigh_replay (AttuneTrainer *self, double *target_tokens)
{
  const double share = self->plan->replay_share;
  double again = 0;

  self->replay_weight = 1;
  for (int i = self->n_new; i < self->n_read; i++)
    again += attune_sample_targets (&self->samples[i]);
  if (again == 0 || *target_tokens <= again)
    return;
  self->replay_weight = share / (1 - share) * (*target_tokens - again) / again;
  *target_tokens = (*target_tokens - again) / (1 - share);
}

gboolean
attune_trainer_probe (AttuneTrainer *self, GError **error)
{
  g_autofree char *sentence = NULL;
  AttuneLossSum sum;
  gint64 from, to;
  double numbers[2], loss;

  if (self->earlier == NULL)
    return TRUE;
  attune_split (attune_earlier_count_probe (self->earlier), 1, self->rank, self->n_ranks, &from,
                &to);
  if (!attune_earlier_loss (self->earlier, self->decoder, self->activations, self->pack, from,
                            to - from, &sum, error))
    return FALSE;
  numbers[0] = sum.nats;
  numbers[1] = sum.target_tokens;
  if (!attune_trainer_add (self, numbers, 2, error))
    return FALSE;
  if (numbers[1] == 0)
    return TRUE; /* its samples are all longer than is read at once, and none has begun to answer */
  loss = numbers[0] / numbers[1];
  if (self->state.step == 0)
    {
      self->state.earlier_loss = loss;
      sentence = g_strdup_printf ("Before tuning the loss on earlier material is %.4f.", loss);
    }
  else
    sentence = g_strdup_printf ("After step %" G_GINT64_FORMAT
                                " the loss on earlier material is %.4f; before, it was %.4f.",
                                self->state.step, loss, self->state.earlier_loss);
  if (self->funcs->on_message != NULL)
    self->funcs->on_message (self->funcs_data, sentence);
  return TRUE;
}
