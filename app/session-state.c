/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where each stage stands, derived from what there is; nothing here is stored.
 */
#include "session-private.h"

#include "core/settings.h"

#include <glib/gi18n.h>

static const struct
{
  const char *name, *title;
} stages[ATTUNE_N_STAGES] = {
  [ATTUNE_STAGE_DATA] = { "data", N_ ("Data") },
  [ATTUNE_STAGE_MODEL] = { "model", N_ ("Model") },
  [ATTUNE_STAGE_PLAN] = { "plan", N_ ("Plan") },
  [ATTUNE_STAGE_TUNE] = { "tune", N_ ("Tune") },
  [ATTUNE_STAGE_EVALUATE] = { "evaluate", N_ ("Evaluate") },
  [ATTUNE_STAGE_DEPLOY] = { "deploy", N_ ("Deploy") },
};

const char *
attune_stage_get_name (AttuneStage stage)
{
  g_return_val_if_fail (stage < ATTUNE_N_STAGES, NULL);
  return stages[stage].name;
}

const char *
attune_stage_get_title (AttuneStage stage)
{
  g_return_val_if_fail (stage < ATTUNE_N_STAGES, NULL);
  return _ (stages[stage].title);
}

/* --- what is missing */

static const char *
missing_before_plan (AttuneSession *self)
{
  if (self->data == NULL)
    return _ ("Add your questions and answers first, on the Data page.");
  if (self->model == NULL)
    return _ ("Choose a model first, on the Model page.");
  if (!self->data->prepared)
    return _ ("Prepare the data first, on the Data page.");
  if (self->reader_stale)
    return _ ("The data was prepared for another model. Prepare it again, on the Data page.");
  return NULL;
}

static const char *
missing_before_use (AttuneSession *self)
{
  switch (self->run_state)
    {
    case ATTUNE_RUN_FINISHED:
    case ATTUNE_RUN_STOPPED:
    case ATTUNE_RUN_CRASHED:
      return NULL;
    case ATTUNE_RUN_RUNNING:
      return _ ("Tuning is under way: wait until it is done, or pause it.");
    case ATTUNE_RUN_NEW:
    case ATTUNE_RUN_FAILED:
    default:
      return _ ("Tune the model first, on the Tune page.");
    }
}

const char *
attune_session_get_missing (AttuneSession *self, AttuneStage stage)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);

  switch (stage)
    {
    case ATTUNE_STAGE_DATA:
      if (self->data == NULL)
        return _ ("Add a table of questions and answers.");
      return self->model == NULL ? _ ("Choose a model first: each model reads text in its own way.")
                                 : NULL;
    case ATTUNE_STAGE_PLAN:
      return missing_before_plan (self);
    case ATTUNE_STAGE_TUNE:
      return missing_before_plan (self) != NULL ? missing_before_plan (self) : self->plan_problem;
    case ATTUNE_STAGE_EVALUATE:
    case ATTUNE_STAGE_DEPLOY:
      return missing_before_use (self);
    case ATTUNE_STAGE_MODEL:
    case ATTUNE_N_STAGES:
    default:
      return NULL;
    }
}

/* --- where it stands */

static AttuneStageState
data_state (AttuneSession *self)
{
  if (self->data == NULL || !self->data->prepared)
    return ATTUNE_STAGE_STATE_READY;
  return attune_session_is_data_stale (self) ? ATTUNE_STAGE_STATE_STALE : ATTUNE_STAGE_STATE_DONE;
}

static AttuneStageState
plan_state (AttuneSession *self)
{
  if (missing_before_plan (self) != NULL)
    return ATTUNE_STAGE_STATE_WAITING;
  if (self->plan_problem != NULL)
    return ATTUNE_STAGE_STATE_ATTENTION;
  return self->run != NULL ? ATTUNE_STAGE_STATE_DONE : ATTUNE_STAGE_STATE_READY;
}

/* Whether data, model and plan are still those that the run was started with. */
static gboolean
is_run_current (AttuneSession *self)
{
  const AttuneRunPlan *plan = self->run_plan;
  g_autoptr (AttunePlan) now = NULL;

  if (plan == NULL)
    return TRUE;
  now = attune_plan_copy (attune_project_get_plan (self->project));
  /* how many threads it had makes no other result; the preferences may have said it */
  g_object_set (now, "threads", attune_plan_get_values (plan->plan)->threads, NULL);
  if (g_strcmp0 (plan->model_path, attune_project_get_model (self->project)) != 0
      || !attune_settings_equal (G_OBJECT (plan->plan), G_OBJECT (now)))
    return FALSE;
  return self->data == NULL || plan->data_hash == NULL
         || g_strcmp0 (plan->data_hash, self->data->hash) == 0;
}

static AttuneStageState
tune_state (AttuneSession *self)
{
  switch (self->run_state)
    {
    case ATTUNE_RUN_RUNNING:
      return ATTUNE_STAGE_STATE_RUNNING;
    case ATTUNE_RUN_FAILED:
    case ATTUNE_RUN_CRASHED:
      return ATTUNE_STAGE_STATE_ATTENTION;
    case ATTUNE_RUN_FINISHED:
      return is_run_current (self) ? ATTUNE_STAGE_STATE_DONE : ATTUNE_STAGE_STATE_STALE;
    case ATTUNE_RUN_STOPPED:
    case ATTUNE_RUN_NEW:
    default:
      return missing_before_plan (self) != NULL ? ATTUNE_STAGE_STATE_WAITING
                                                : ATTUNE_STAGE_STATE_READY;
    }
}

gboolean
attune_session_uses (AttuneSession *self, const char *run, gint64 step)
{
  g_autofree char *latest = NULL;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), FALSE);

  latest = self->run != NULL ? g_path_get_basename (attune_session_get_used_run (self)) : NULL;
  return g_strcmp0 (run, latest) == 0 && (step < 0 || self->run_step < 0 || step == self->run_step);
}

gboolean
attune_session_has_adapter (AttuneSession *self)
{
  const AttuneRunPlan *plan;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), TRUE);
  plan = self->used_plan != NULL ? self->used_plan : self->run_plan;
  return plan == NULL || attune_method_adapts (attune_plan_get_values (plan->plan)->method);
}

static AttuneStageState
evaluate_state (AttuneSession *self)
{
  const AttuneEvaluationSummary *newest = NULL;

  for (guint i = 0; self->evaluations != NULL && newest == NULL && i < self->evaluations->len; i++)
    {
      const AttuneEvaluationSummary *one = g_ptr_array_index (self->evaluations, i);

      newest = one->problem == NULL ? one : NULL;
    }
  if (newest == NULL)
    return missing_before_use (self) != NULL ? ATTUNE_STAGE_STATE_WAITING
                                             : ATTUNE_STAGE_STATE_READY;
  return attune_session_uses (self, newest->run, newest->step) ? ATTUNE_STAGE_STATE_DONE
                                                               : ATTUNE_STAGE_STATE_STALE;
}

static AttuneStageState
deploy_state (AttuneSession *self)
{
  gboolean any = FALSE;

  for (int i = 0; i < ATTUNE_N_EXPORTS; i++)
    {
      const AttuneExportRecord *record = self->exports[i];

      if (record != NULL && attune_session_uses (self, record->run, record->step))
        return ATTUNE_STAGE_STATE_DONE;
      any = any || record != NULL;
    }
  if (missing_before_use (self) != NULL)
    return ATTUNE_STAGE_STATE_WAITING;
  return any ? ATTUNE_STAGE_STATE_STALE : ATTUNE_STAGE_STATE_READY;
}

AttuneStageState
attune_session_get_state (AttuneSession *self, AttuneStage stage)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), ATTUNE_STAGE_STATE_WAITING);

  if (self->jobs[stage].cancellable != NULL
      || (stage == ATTUNE_STAGE_TUNE && self->run_state == ATTUNE_RUN_RUNNING))
    return ATTUNE_STAGE_STATE_RUNNING;
  if (self->errors[stage] != NULL)
    return ATTUNE_STAGE_STATE_ATTENTION;
  switch (stage)
    {
    case ATTUNE_STAGE_DATA:
      return data_state (self);
    case ATTUNE_STAGE_MODEL:
      return self->model != NULL ? ATTUNE_STAGE_STATE_DONE : ATTUNE_STAGE_STATE_READY;
    case ATTUNE_STAGE_PLAN:
      return plan_state (self);
    case ATTUNE_STAGE_TUNE:
      return tune_state (self);
    case ATTUNE_STAGE_EVALUATE:
      return evaluate_state (self);
    case ATTUNE_STAGE_DEPLOY:
      return deploy_state (self);
    case ATTUNE_N_STAGES:
    default:
      return ATTUNE_STAGE_STATE_WAITING;
    }
}
