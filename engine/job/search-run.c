/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Does a search: trial by trial, each of them by the worker, in this process.
 */
#include "job/json.h"
#include "job/run-plan.h"
#include "job/search.h"
#include "core/file.h"
#include "compute/backend.h"
#include "tune/trainer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

/* Draws of a trial that were all there before, after which there is none left. */
#define REDRAWS 1000
#define LEARNED_REDRAWS 50 /* by what was learned; then at random */

typedef struct
{
  AttuneSearch *search;
  const AttuneSearchFuncs *funcs;
  gpointer data;
  const char *folder; /* of the run at hand */
  gint64 stop_at;     /* step after whose validation it is stopped; 0: never */
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

/* Returns: to be closed; -1: @error. */
static int
lock (const AttuneSearch *search, GError **error)
{
  g_autofree char *path = g_build_filename (search->folder, "lock", NULL);
  const int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

  if (fd < 0)
    attune_file_fail (error, errno, "lock", path);
  else if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  else
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_LOCKED,
                   "Somebody already works on the search “%s”. Wait until that is done, or stop it "
                   "first.",
                   search->folder);
      close (fd);
    }
  return -1;
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

static gboolean
is_there (const AttuneSearch *search, char **texts)
{
  for (guint i = 0; i < search->trials->len; i++)
    if (g_strv_equal (
            (const char *const *) texts,
            (const char *const *) ((AttuneSearchTrial *) search->trials->pdata[i])->texts))
      return TRUE;
  return FALSE;
}

/* Values that no trial has had. Returns: (transfer full): or %NULL where there are no more. */
static char **
draw_texts (const AttuneSearch *search)
{
  const guint number = search->trials->len, n = search->space->len;
  g_autofree double *places = g_new (double, n + 1);
  AttuneSearchPoint *history = make_history (search);
  g_auto (GStrv) texts = NULL;
  AttuneSearchStrategy strategy = search->strategy;
  gboolean found = FALSE;

  for (guint i = 0; i < REDRAWS && !found; i++)
    {
      if (i == LEARNED_REDRAWS && strategy != ATTUNE_SEARCH_GRID)
        strategy = ATTUNE_SEARCH_RANDOM;
      if (!attune_search_propose (search->space, strategy, search->seed, search->n_trials,
                                  number + i * ATTUNE_SEARCH_MOST_TRIALS, history, number, places))
        break;
      g_strfreev (texts);
      texts = g_new0 (char *, n + 1);
      for (guint j = 0; j < n; j++)
        texts[j] = attune_search_variable_get_text (search->space->pdata[j], places[j]);
      found = !is_there (search, texts);
    }
  free_history (history, number);
  return found ? g_steal_pointer (&texts) : NULL;
}

/* FALSE where there are no more. */
static gboolean
add_trial (AttuneSearch *search)
{
  char **texts = draw_texts (search);
  AttuneSearchTrial *trial;

  if (texts == NULL)
    return FALSE;
  trial = g_new0 (AttuneSearchTrial, 1);
  trial->texts = texts;
  trial->runs = g_ptr_array_new_with_free_func (g_free);
  trial->score = trial->kept[0] = trial->kept[1] = trial->kept[2] = NAN;
  g_ptr_array_add (search->trials, trial);
  return TRUE;
}

/* --- a run */

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
  *stopped = attune_worker_was_signalled ()
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
      *stopped = attune_worker_was_signalled ();
      if (trial->refused != NULL || *stopped)
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
  if (isfinite (trial->kept[0]) && !attune_search_save (search, error))
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
  if (next < (int) n || add_trial (search))
    return next;
  /* no other values are left */
  return search->strategy == ATTUNE_SEARCH_HALVING ? attune_halving_next (trials, n, n) : -1;
}

gboolean
attune_search_run (AttuneSearch *self, const AttuneSearchFuncs *funcs, gpointer data,
                   gboolean *stopped, GError **error)
{
  Work work = { .search = self, .funcs = funcs, .data = data };
  gboolean good;
  int fd, next;

  g_return_val_if_fail (self != NULL && funcs != NULL && stopped != NULL, FALSE);

  *stopped = FALSE;
  if ((fd = lock (self, error)) < 0)
    return FALSE;
  attune_worker_hold_signals ();
  good = check_inputs (self, error) && attune_search_save (self, error);
  attune_search_read_runs (self);
  while (good && !*stopped && (next = choose_trial (self)) >= 0)
    good = do_trial (&work, next, stopped, error);
  attune_worker_release_signals ();
  close (fd);
  return good;
}
