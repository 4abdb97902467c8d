/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Does a search: trial by trial, each of them by the worker, in this process.
 */
#include "job/json.h"
#include "job/run-plan.h"
#include "job/search.h"
#include "tune/trainer.h"

typedef struct
{
  AttuneSearch *search;
  const AttuneSearchFuncs *funcs;
  gpointer data;
  const char *folder; /* of the run at hand */
  gint64 stop_at;     /* step after whose validation it is stopped; 0: never */
} Work;

/* --- a new trial */

/* What the plan would take. FALSE with %ATTUNE_PLAN_ERROR where it cannot be. */
static gboolean
look (const Work *self, AttunePlan *plan, gint64 *steps, GError **error)
{
  AttuneProject *project = self->search->project;
  g_autofree char *path = attune_project_get_file (project, "dataset.h5");
  g_autoptr (AttuneModel) model = attune_model_open (attune_project_get_model (project), error);
  g_autoptr (AttuneDataset) dataset = NULL;
  AttuneDataFacts facts;
  AttuneEstimate estimate;

  if (model == NULL || (dataset = attune_plan_open_dataset (plan, path, error)) == NULL
      || !attune_data_facts (dataset,
                             attune_objective_labels (attune_plan_get_values (plan)->objective),
                             &facts, error)
      || !attune_estimate (plan, attune_model_get_config (model), attune_model_get_bytes (model),
                           attune_model_count_parameters (model), &facts, &estimate, error))
    return FALSE;
  *steps = estimate.steps;
  return attune_estimate_check (
      plan, attune_model_get_config (model), attune_model_get_bytes (model),
      attune_model_count_parameters (model), &facts, attune_memory_available (), error);
}

static void
free_history (AttuneSearchPoint *history, guint n)
{
  for (guint i = 0; i < n; i++)
    g_free (history[i].places);
  g_free (history);
}

static AttuneSearchPoint *
make_history (const AttuneSearch *search)
{
  AttuneSearchPoint *history = g_new (AttuneSearchPoint, search->trials->len + 1);

  for (guint i = 0; i < search->trials->len; i++)
    {
      const AttuneSearchTrial *trial = search->trials->pdata[i];

      history[i].score = trial->score;
      history[i].places = g_new (double, search->space->len + 1);
      for (guint j = 0; j < search->space->len; j++)
        history[i].places[j]
            = attune_search_variable_get_place (search->space->pdata[j], trial->texts[j]);
    }
  return history;
}

/* Its values, or FALSE where there are no more. */
static gboolean
add_trial (AttuneSearch *search)
{
  const guint number = search->trials->len, n = search->space->len;
  g_autofree double *places = g_new (double, n + 1);
  AttuneSearchPoint *history = make_history (search);
  AttuneSearchTrial *trial;
  const gboolean more = attune_search_propose (search->space, search->strategy, search->seed,
                                               search->n_trials, number, history, number, places);

  free_history (history, number);
  if (!more)
    return FALSE;
  trial = g_new0 (AttuneSearchTrial, 1);
  trial->texts = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    trial->texts[i] = attune_search_variable_get_text (search->space->pdata[i], places[i]);
  trial->runs = g_ptr_array_new_with_free_func (g_free);
  trial->score = NAN;
  g_ptr_array_add (search->trials, trial);
  return TRUE;
}

/* --- a run */

/* Makes a trial's run for @part; where its plan cannot be, the trial is refused. FALSE: @error. */
static gboolean
make_run (Work *self, AttuneSearchTrial *trial, int part, GError **error)
{
  AttuneSearch *search = self->search;
  g_autoptr (AttunePlan) plan = attune_search_make_plan (search, trial, part, error);
  g_autofree char *folder = NULL;
  g_autoptr (GError) reason = NULL;
  gint64 steps;

  if (plan == NULL)
    return FALSE;
  if (!look (self, plan, &steps, &reason))
    {
      if (reason->domain != ATTUNE_PLAN_ERROR)
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
      trial->refused = g_strdup (reason->message);
      return attune_search_save (search, error);
    }
  if (search->strategy == ATTUNE_SEARCH_HALVING)
    {
      gint64 parts = 1;

      for (int i = 1; i < ATTUNE_SEARCH_RUNGS; i++)
        parts *= ATTUNE_SEARCH_ETA;
      g_object_set (plan, "validate-every", (int) MAX (1, (steps + parts - 1) / parts), NULL);
    }
  if ((folder = attune_project_new_run (search->project, plan, error)) == NULL)
    return FALSE;
  g_ptr_array_add (trial->runs, g_path_get_basename (folder));
  return attune_search_save (search, error);
}

/* Of successive halving: a run is stopped where it is compared with the others. */
static void
on_event (const char *event, JsonObject *members, gpointer data)
{
  Work *self = data;

  if (self->funcs->on_event != NULL)
    self->funcs->on_event (event, members, self->data);
  if (self->stop_at > 0 && g_str_equal (event, "validation")
      && attune_json_get_int (members, "step") >= self->stop_at)
    attune_run_request (self->folder, "stop", NULL);
}

static gint64
find_stop (const AttuneSearch *search, const AttuneSearchTrial *trial, const char *folder)
{
  g_autoptr (AttuneRunPlan) plan = attune_run_plan_read (folder, NULL);
  const int rung = trial->halving.n_rungs;

  if (search->strategy != ATTUNE_SEARCH_HALVING || plan == NULL || rung >= ATTUNE_SEARCH_RUNGS - 1)
    return 0;
  return attune_search_rung_step (G_MAXINT64, attune_plan_get_values (plan->plan)->validate_every,
                                  rung);
}

/* @stopped: (out): it was stopped by somebody else. A run that diverges is no error. */
static gboolean
do_run (Work *self, AttuneSearchTrial *trial, const char *folder, gboolean *stopped, GError **error)
{
  g_autoptr (GError) reason = NULL;

  self->folder = folder;
  self->stop_at = find_stop (self->search, trial, folder);
  attune_run_clear_request (folder, "stop");
  if (!attune_worker_run_watched (folder, on_event, self, &reason)
      && !g_error_matches (reason, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DIVERGED))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  attune_search_read_runs (self->search);
  *stopped = attune_run_get_state (folder) == ATTUNE_RUN_STOPPED && trial->pending;
  return TRUE;
}

/* What is left of it to the end, or to its next rung. */
static gboolean
do_trial (Work *self, guint number, gboolean *stopped, GError **error)
{
  AttuneSearch *search = self->search;
  AttuneSearchTrial *trial = search->trials->pdata[number];

  for (int part = 0; part < attune_search_count_parts (search) && !*stopped; part++)
    {
      g_autofree char *folder = NULL;

      if (part >= (int) trial->runs->len && !make_run (self, trial, part, error))
        return FALSE;
      if (trial->refused != NULL)
        break;
      folder = attune_search_get_run_folder (search, trial->runs->pdata[part]);
      if (attune_run_get_state (folder) == ATTUNE_RUN_FINISHED)
        continue;
      if (self->funcs->on_run != NULL)
        self->funcs->on_run (self->data, search, number, folder);
      if (!do_run (self, trial, folder, stopped, error))
        return FALSE;
      if (isinf (trial->score))
        break; /* the other parts would not help it */
    }
  attune_search_read_runs (search);
  if (!*stopped && self->funcs->on_trial != NULL)
    self->funcs->on_trial (self->data, search, number);
  return TRUE;
}

/* --- all of it */

/* The trial to work at, which may be a new one; -1: there is none left. */
static int
choose_trial (AttuneSearch *search)
{
  const guint n = search->trials->len;
  g_autofree AttuneHalvingTrial *trials = g_new (AttuneHalvingTrial, n + 1);
  int next = n < search->n_trials ? (int) n : -1;

  for (guint i = 0; i < n; i++)
    {
      const AttuneSearchTrial *trial = search->trials->pdata[i];

      if (trial->pending)
        return i;
      trials[i] = trial->halving;
    }
  if (search->strategy == ATTUNE_SEARCH_HALVING)
    next = attune_halving_next (trials, n, search->n_trials);
  return next == (int) n && !add_trial (search) ? -1 : next;
}

gboolean
attune_search_run (AttuneSearch *self, const AttuneSearchFuncs *funcs, gpointer data,
                   gboolean *stopped, GError **error)
{
  Work work = { .search = self, .funcs = funcs, .data = data };
  int next;

  g_return_val_if_fail (self != NULL && funcs != NULL && stopped != NULL, FALSE);

  *stopped = FALSE;
  attune_search_read_runs (self);
  while (!*stopped && (next = choose_trial (self)) >= 0)
    if (!do_trial (&work, next, stopped, error))
      return FALSE;
  return TRUE;
}
