/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The run: the loop of steps, validation, checkpoints, early stopping.
 */
#include "tune/policy.h"
#include "tune/trainer-private.h"

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneTrainer, attune_trainer_clear)

/* Collective. */
static gboolean
save (AttuneTrainer *self, GError **error)
{
  if (!attune_trainer_gather (self, error))
    return FALSE;
  if (self->rank > 0)
    return TRUE;
  attune_trainer_fetch_state (self);
  if (!attune_backend_sync (self->be, error)
      || !attune_checkpoint_save (self->checkpoint_path, &self->state, error))
    return FALSE;
  if (self->best.data == NULL)
    attune_best_weights_keep (self->checkpoint_path, self->state.best_step, self->state.best_step);
  self->saved_best_step = self->state.best_step;
  if (self->funcs->on_checkpoint != NULL)
    self->funcs->on_checkpoint (self->funcs_data, self->state.step);
  return TRUE;
}

static gboolean
ask (const AttuneTrainer *self, gboolean (*question) (gpointer data))
{
  return question != NULL && question (self->funcs_data);
}

/* The mean over the steps so far, in which older ones fade: about the last tenth of the run counts.
 */
static void
track_train_loss (AttuneTrainer *self, const AttuneStepEvent *event)
{
  const double weight = 1.0 / MIN ((double) event->step, MAX (10, self->n_steps / 10.0));

  self->state.train_loss += weight * (self->new_loss - self->state.train_loss);
}

static gboolean
every (gint64 step, gint64 interval, gint64 n_steps)
{
  return step == n_steps || (interval > 0 && step % interval == 0);
}

/* Of the average, where one is kept. */
static gboolean
look_at (AttuneTrainer *self, GError **error)
{
  gboolean done;

  attune_trainer_swap_average (self);
  done = attune_trainer_validate (self, error) && attune_trainer_probe (self, error)
         && attune_trainer_show_samples (self, error);
  attune_trainer_swap_average (self);
  return done && attune_backend_sync (self->be, error);
}

static gboolean
one_step (AttuneTrainer *self, gboolean *validated, GError **error)
{
  const AttunePlanValues *plan = self->plan;
  const gint64 validate_every
      = plan->validate_every > 0 ? plan->validate_every : MAX (1, (self->n_steps + 4) / 5);
  AttuneStepEvent event;
  gboolean saves;

  if (!attune_trainer_step (self, &event, error))
    return FALSE;
  self->state.seconds += event.seconds;
  event.seconds_left = self->state.seconds / event.step * (self->n_steps - event.step);
  track_train_loss (self, &event);
  if (self->funcs->on_step != NULL)
    self->funcs->on_step (self->funcs_data, &event);

  *validated = every (event.step, validate_every, self->n_steps);
  if (*validated && !look_at (self, error))
    return FALSE;
  saves = (plan->checkpoint_every > 0 ? every (event.step, plan->checkpoint_every, self->n_steps)
                                      : *validated)
          || ask (self, self->funcs->should_checkpoint);
  /* Who is asked is rank 0; all bring what is to be saved. */
  return attune_trainer_agree (self, &saves, error) && (!saves || save (self, error));
}

/* Whether answers were given up that a step would have learned from: nothing has changed yet. */
static gboolean
was_stopped (const AttuneTrainer *self, const GError *reason)
{
  return self->stopped && g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
loop (AttuneTrainer *self, AttuneTrainerEnd *end, GError **error)
{
  *end = ATTUNE_END_FINISHED;
  while (self->state.step < self->n_steps)
    {
      gboolean validated, stop;
      g_autoptr (GError) reason = NULL;

      if (self->plan->patience > 0 && self->state.bad_validations >= self->plan->patience)
        {
          *end = ATTUNE_END_EARLY;
          return save (self, error);
        }
      stop = self->stopped || ask (self, self->funcs->should_stop);
      if (!attune_trainer_agree (self, &stop, error))
        return FALSE;
      if (stop)
        {
          *end = ATTUNE_END_STOPPED;
          return save (self, error);
        }
      if (!one_step (self, &validated, &reason) && !was_stopped (self, reason))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
    }
  return TRUE;
}

/* What is on the disk, which rank 0 reads. */
static gboolean
load (AttuneTrainer *self, gboolean *found, GError **error)
{
  if (!attune_checkpoint_load (self->checkpoint_path, &self->state, found, error))
    return FALSE;
  if (*found)
    attune_trainer_put_state (self);
  if (self->best.data != NULL)
    return TRUE;
  /* what the checkpoint does not name comes again, the same */
  self->saved_best_step = self->state.best_step;
  attune_best_weights_keep (self->checkpoint_path, self->saved_best_step, self->saved_best_step);
  return self->saved_best_step == 0
         || attune_best_weights_check (self->checkpoint_path, &self->state, error);
}

/* Goes on from the checkpoint, or begins: the base is validated and is the first checkpoint, so
 * that there is always one to roll back to. */
static gboolean
begin (AttuneTrainer *self, GError **error)
{
  gboolean found = FALSE;

  if (self->resume && self->rank == 0 && !load (self, &found, error))
    return FALSE;
  if (!attune_trainer_agree (self, &found, error)
      || (self->ranks != NULL && !attune_trainer_follow (self, found, error)))
    return FALSE;
  attune_decoder_update_norms (self->decoder);
  if (found)
    {
      g_autofree char *sentence
          = g_strdup_printf ("Going on after step %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT ".",
                             self->state.step, self->n_steps);

      if (self->funcs->on_message != NULL)
        self->funcs->on_message (self->funcs_data, sentence);
      self->resumed = TRUE;
      return TRUE;
    }
  return attune_trainer_validate (self, error) && attune_trainer_probe (self, error)
         && attune_trainer_compare_int8 (self, error) && attune_trainer_show_samples (self, error)
         && save (self, error);
}

static void
fill_result (const AttuneTrainer *self, AttuneTrainerResult *result)
{
  const AttuneCheckpoint *state = &self->state;

  result->validated = self->facts.n_validation > 0;
  result->has_rewards = self->policy != NULL;
  if (self->policy != NULL)
    result->most_reward = attune_rules_get_most (self->policy->rules);
  result->steps = state->step;
  result->base_loss = state->base_loss;
  result->best_loss = state->best_loss;
  result->best_step = state->best_step;
  result->train_loss = state->train_loss;
  result->seconds = state->seconds;
  if (state->seconds > 0)
    {
      result->tokens_per_second = state->tokens / state->seconds;
      result->target_tokens_per_second = state->target_tokens / state->seconds;
    }
}

/* A card that is lost has taken no more with it than the last steps. */
static void
tell_to_resume (char **message)
{
  g_autofree char *before = *message;

  *message = g_strdup_printf (
      "%s The run can be resumed from its last checkpoint; the processor goes on "
      "with it where the card does not answer then.",
      before);
}

gboolean
attune_trainer_run_rank (AttuneRanks *ranks, AttunePlan *plan, AttuneModel *model,
                         AttuneDataset *dataset, const char *checkpoint, gboolean resume,
                         const AttuneTrainerFuncs *funcs, gpointer data,
                         AttuneTrainerResult *result, GError **error)
{
  g_auto (AttuneTrainer) self = { .plan_object = plan,
                                  .plan = attune_plan_get_values (plan),
                                  .model = model,
                                  .dataset = dataset,
                                  .checkpoint_path = checkpoint,
                                  .resume = resume,
                                  .funcs = funcs,
                                  .funcs_data = data,
                                  .ranks = ranks,
                                  .rank = ranks != NULL ? attune_ranks_get_rank (ranks) : 0,
                                  .n_ranks = ranks != NULL ? attune_ranks_count (ranks) : 1 };
  g_autoptr (GError) reason = NULL;

  *result = (AttuneTrainerResult) { 0 };
  if (attune_trainer_set_up (&self, &reason) && begin (&self, &reason)
      && loop (&self, &result->end, &reason))
    {
      fill_result (&self, result);
      result->on_card = self.be->download != NULL;
      result->resumed = self.resumed;
      return TRUE;
    }
  if (was_stopped (&self, reason)) /* before there was a checkpoint: it will begin anew */
    {
      fill_result (&self, result);
      result->end = ATTUNE_END_STOPPED;
      return TRUE;
    }
  if (ranks != NULL)
    attune_ranks_fail (ranks, reason);
  attune_trainer_leave_cards (&self);
  if (g_error_matches (reason, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_DEVICE))
    tell_to_resume (&reason->message);
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

gboolean
attune_trainer_run (AttunePlan *plan, AttuneModel *model, AttuneDataset *dataset,
                    const char *checkpoint, gboolean resume, const AttuneTrainerFuncs *funcs,
                    gpointer data, AttuneTrainerResult *result, GError **error)
{
  return attune_trainer_run_rank (NULL, plan, model, dataset, checkpoint, resume, funcs, data,
                                  result, error);
}
