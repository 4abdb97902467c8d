/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Does a search: trial by trial, each of them by the worker, in this process.
 */
#include "job/json.h"
#include "job/run-plan.h"
#include "job/search.h"
#include "core/settings.h"
#include "compute/backend.h"
#include "tune/trainer.h"

typedef struct
{
  AttuneSearch *search;
  const AttuneSearchFuncs *funcs;
  gpointer data;
  const char *folder;  /* of the run at hand */
  gint64 stop_at;      /* step after whose validation it is stopped; 0: never */
  AttuneRunLock *lock; /* of the search */
  gboolean has_made;   /* a run, since it began */
} Work;

/* --- what it searches on */

static gboolean
fail_changed (const char *what, GError **error)
{
  g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
               "The %s of this search is no longer the one that its trials were made with, so that "
               "they could not be compared with new ones. Make a new search.",
               what);
  return FALSE;
}

static gboolean
check_data (AttuneSearch *search, AttuneDataset *dataset, GError **error)
{
  const char *hash = attune_dataset_get_hash (dataset);

  if (search->data_hash == NULL)
    search->data_hash = g_strdup (hash);
  return g_str_equal (search->data_hash, hash) || fail_changed ("data", error);
}

/* The model and the data, which are written down by the first call. */
static gboolean
check_inputs (AttuneSearch *search, GError **error)
{
  g_autofree char *path = attune_project_get_file (search->project, "dataset.h5");
  g_autoptr (AttuneModel) model
      = attune_model_open (attune_project_get_model (search->project), error);
  g_autoptr (AttuneDataset) dataset = NULL;
  const char *hash;

  if (model == NULL || (dataset = attune_dataset_open (path, error)) == NULL
      || (hash = attune_model_get_hash (model, error)) == NULL
      || !check_data (search, dataset, error))
    return FALSE;
  if (search->model_hash == NULL)
    search->model_hash = g_strdup (hash);
  return g_str_equal (search->model_hash, hash) || fail_changed ("model", error);
}

/* --- who watches it */

static gboolean
tell (AttuneRunLock *lock, const char *event, JsonObject *members, GError **error)
{
  const gboolean good = attune_run_append_event (lock, event, members, error);

  if (members != NULL)
    json_object_unref (members);
  return good;
}

static gboolean
tell_trial (const Work *self, const char *event, guint trial, const char *run, GError **error)
{
  JsonObject *members = json_object_new ();

  json_object_set_int_member (members, "trial", trial);
  if (run != NULL)
    json_object_set_string_member (members, "run", run);
  return tell (self->lock, event, members, error);
}

/* A signal, or who watches. */
static gboolean
is_asked_to_stop (const AttuneSearch *search)
{
  return attune_worker_was_signalled () || attune_run_has_request (search->folder, "stop");
}

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
      || !check_data (self->search, dataset, error)
      || !attune_data_facts (dataset,
                             attune_objective_labels (attune_plan_get_values (plan)->objective),
                             &facts, error)
      || !attune_estimate (plan, attune_model_get_config (model), attune_model_get_bytes (model),
                           attune_model_count_parameters (model), &facts, &estimate, error))
    return FALSE;
  *steps = estimate.steps;
  return attune_estimate_check (
      plan, attune_model_get_config (model), attune_model_get_bytes (model),
      attune_model_count_parameters (model), &facts,
      MIN (attune_memory_available (),
           self->search->memory_limit > 0 ? self->search->memory_limit : G_MAXUINT64),
      error);
}

/* --- a run */

static gboolean
is_of_search (const AttuneSearch *search, const char *run)
{
  for (guint i = 0; i < search->trials->len; i++)
    if (g_ptr_array_find_with_equal_func (((AttuneSearchTrial *) search->trials->pdata[i])->runs,
                                          run, g_str_equal, NULL))
      return TRUE;
  return FALSE;
}

/* A run that this search made and had no time to write down: one of @plan that nobody has begun.
 * Returns: (transfer full) (nullable): its folder. */
static char *
find_stray_run (const AttuneSearch *search, AttunePlan *plan)
{
  g_auto (GStrv) runs = attune_project_list_runs (search->project);

  for (guint i = g_strv_length (runs); i-- > 0;)
    {
      g_autofree char *folder = attune_search_get_run_folder (search, runs[i]);
      g_autoptr (AttuneRunPlan) other = NULL;

      if (is_of_search (search, runs[i]))
        return NULL; /* it was made before that one */
      if (attune_run_get_state (folder) == ATTUNE_RUN_NEW
          && (other = attune_run_plan_read (folder, NULL)) != NULL
          && attune_settings_equal (G_OBJECT (other->plan), G_OBJECT (plan)))
        return g_steal_pointer (&folder);
    }
  return NULL;
}

/* Makes a trial's run for @part; where its plan cannot be, the trial is refused. FALSE: @error. */
static gboolean
make_run (Work *self, AttuneSearchTrial *trial, int part, GError **error)
{
  AttuneSearch *search = self->search;
  g_autofree char *folder = NULL;
  g_autoptr (GError) reason = NULL;
  g_autoptr (AttunePlan) plan = attune_search_make_plan (search, trial, part, &reason);
  gint64 steps;

  if (plan == NULL || !look (self, plan, &steps, &reason))
    {
      if (plan != NULL && reason->domain != ATTUNE_PLAN_ERROR)
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
      trial->refused = g_strdup (reason->message);
      trial->short_now = g_error_matches (reason, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_MEMORY);
      return attune_search_save (search, error);
    }
  if (search->strategy == ATTUNE_SEARCH_HALVING)
    {
      gint64 parts = 1;

      for (int i = 1; i < ATTUNE_SEARCH_RUNGS; i++)
        parts *= ATTUNE_SEARCH_ETA;
      g_object_set (plan, "validate-every", (int) MAX (1, (steps + parts - 1) / parts), NULL);
    }
  if (!self->has_made)
    folder = find_stray_run (search, plan);
  self->has_made = TRUE;
  if (folder == NULL && (folder = attune_project_new_run (search->project, plan, error)) == NULL)
    return FALSE;
  g_ptr_array_add (trial->runs, g_path_get_basename (folder));
  return attune_search_save (search, error);
}

/* A run is stopped with the search, and by successive halving where it is compared with the others.
 */
static void
on_event (const char *event, JsonObject *members, gpointer data)
{
  Work *self = data;

  if (self->funcs->on_event != NULL)
    self->funcs->on_event (event, members, self->data);
  if (attune_run_has_request (self->search->folder, "stop"))
    attune_run_request (self->folder, "stop", NULL);
  else if (self->stop_at > 0 && g_str_equal (event, "validation")
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

/* One that was left over: whoever works on the run now may have been asked, too. */
static gboolean
clear_stop (const char *folder, GError **error)
{
  g_autoptr (AttuneRunLock) mine = attune_run_lock (folder, error);

  if (mine != NULL)
    attune_run_clear_request (folder, "stop");
  return mine != NULL;
}

/* @stopped: (out): it was stopped by somebody else, or told to and ended just then. A run of which
 * nothing can come any more is no error. */
static gboolean
do_run (Work *self, AttuneSearchTrial *trial, const char *folder, gboolean *stopped, GError **error)
{
  g_autoptr (GError) reason = NULL;

  self->folder = folder;
  self->stop_at = find_stop (self->search, trial, folder);
  if (!clear_stop (folder, error))
    return FALSE;
  attune_worker_run_watched (folder, on_event, self, &reason);
  attune_search_read_runs (self->search);
  if (reason != NULL && !isinf (trial->score))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&reason),
                                  "The search has stopped at its run “%s”; to be resumed, it tries "
                                  "that once more, and goes "
                                  "on without it where it fails in the same way again. ",
                                  folder);
      return FALSE;
    }
  *stopped = is_asked_to_stop (self->search)
             || (attune_run_get_state (folder) == ATTUNE_RUN_STOPPED && trial->pending);
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
      *stopped = is_asked_to_stop (search);
      if (trial->refused != NULL || *stopped)
        break;
      folder = attune_search_get_run_folder (search, trial->runs->pdata[part]);
      if (attune_run_get_state (folder) == ATTUNE_RUN_FINISHED)
        continue;
      if (self->funcs->on_run != NULL)
        self->funcs->on_run (self->data, search, number, folder);
      if (!tell_trial (self, "run", number, trial->runs->pdata[part], error)
          || !do_run (self, trial, folder, stopped, error))
        return FALSE;
      if (isinf (trial->score))
        break; /* the other parts would not help it */
    }
  attune_search_read_runs (search);
  if ((isfinite (trial->kept[0]) && !attune_search_save (search, error))
      || !tell_trial (self, "trial", number, NULL, error))
    return FALSE;
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
  if (next < (int) n || attune_search_add_trial (search))
    return next;
  /* no other values are left */
  return search->strategy == ATTUNE_SEARCH_HALVING ? attune_halving_next (trials, n, n) : -1;
}

/* @reason: (nullable): why it has failed. Returns: whether it has not. */
static gboolean
tell_end (AttuneRunLock *lock, gboolean stopped, const GError *reason, GError **error)
{
  JsonObject *members;

  if (reason == NULL)
    return tell (lock, stopped ? "stopped" : "finished", NULL, error);
  members = json_object_new ();
  json_object_set_string_member (members, "text", reason->message);
  tell (lock, "failed", members, NULL); /* the first failure is the one to tell of */
  g_propagate_error (error, g_error_copy (reason));
  return FALSE;
}

gboolean
attune_search_run (AttuneSearch *self, const AttuneSearchFuncs *funcs, gpointer data,
                   gboolean *stopped, GError **error)
{
  Work work = { .search = self, .funcs = funcs, .data = data };
  g_autoptr (AttuneRunLock) lock = NULL;
  g_autoptr (GError) reason = NULL;
  gboolean good;
  int next;

  g_return_val_if_fail (self != NULL && funcs != NULL && stopped != NULL, FALSE);

  *stopped = FALSE;
  if ((lock = attune_run_lock (self->folder, error)) == NULL)
    return FALSE;
  work.lock = lock;
  if (g_getenv (ATTUNE_RUN_LOCK_VARIABLE) == NULL) /* who started it has cleared what was left */
    attune_run_clear_request (self->folder, "stop");
  attune_worker_hold_signals ();
  good = tell (lock, "started", NULL, &reason) && check_inputs (self, &reason)
         && attune_search_save (self, &reason);
  attune_search_read_runs (self);
  while (good && !*stopped && (next = choose_trial (self)) >= 0)
    good = do_trial (&work, next, stopped, &reason);
  attune_worker_release_signals ();
  return tell_end (lock, *stopped, reason, error);
}
