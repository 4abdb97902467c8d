/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The search for good settings: a process of its own, as a run is, that is followed through its
 * folder. All of it is read anew, in a thread, when its events have grown.
 */
#include "session-private.h"

#include "program.h"

#include <glib/gi18n.h>
#include <sys/stat.h>

typedef struct
{
  AttuneProject *project; /* only its path is asked for */
  char *known;            /* (nullable): the folder that the session has read */
  guint64 known_size;     /* of its events then */
  guint serial;           /* how often the session has begun one */
  AttuneRunState known_state;

  char *folder; /* (nullable): of the latest */
  AttuneRunState state;
  guint64 size;
  AttuneSearch *search; /* (nullable): nothing new, or it cannot be read */
  char *problem;        /* (nullable): why not */
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_object_unref (look->project);
  g_free (look->known);
  g_free (look->folder);
  g_free (look->problem);
  g_clear_pointer (&look->search, attune_search_free);
  g_free (look);
}

static guint64
measure_events (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "events.jsonl", NULL);
  struct stat info;

  return stat (path, &info) == 0 ? (guint64) info.st_size : 0;
}

static void
look_at_search (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Look *look = data;
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;

  if ((look->folder = attune_search_find_latest (look->project)) != NULL)
    {
      /* The state first: what was written before it ended is read below. */
      look->state = attune_run_get_state (look->folder);
      look->size = measure_events (look->folder);
      if (g_strcmp0 (look->folder, look->known) != 0 || look->state != look->known_state
          || look->size != look->known_size)
        {
          name = g_path_get_basename (look->folder);
          look->search = attune_search_open (look->project, name, &error);
          look->problem = error != NULL ? g_strdup (error->message) : NULL;
        }
    }
  g_task_return_boolean (task, TRUE);
}

static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneSession *self = ATTUNE_SESSION (source);
  Look *look = g_task_get_task_data (G_TASK (result));
  const gboolean ran = self->search_state == ATTUNE_RUN_RUNNING;

  self->looking_for_search = FALSE;
  if (look->serial != self->search_serial) /* another one was begun while the thread looked */
    {
      attune_session_look_for_search (self);
      return;
    }
  if (self->closed || look->folder == NULL || (look->search == NULL && look->problem == NULL))
    return;
  g_clear_pointer (&self->search, attune_search_free);
  self->search = g_steal_pointer (&look->search);
  g_set_str (&self->search_problem, look->problem);
  g_set_str (&self->search_folder, look->folder);
  self->search_state = look->state;
  self->search_size = look->size;
  if (ran && self->search_state == ATTUNE_RUN_FINISHED)
    g_signal_emit_by_name (self, "stage-ended", ATTUNE_STAGE_PLAN,
                           _ ("The search for good settings has ended"));
  attune_session_changed (self);
}

void
attune_session_look_for_search (AttuneSession *self)
{
  g_autoptr (GTask) task = NULL;
  Look *look;

  if (self->looking_for_search || self->closed)
    return;
  self->looking_for_search = TRUE;
  look = g_new0 (Look, 1);
  look->project = g_object_ref (self->project);
  look->serial = self->search_serial;
  look->known = g_strdup (self->search_folder);
  look->known_size = self->search_size;
  look->known_state = self->search_state;
  task = g_task_new (self, NULL, looked, NULL);
  g_task_set_task_data (task, look, look_free);
  g_task_run_in_thread (task, look_at_search);
}

void
attune_session_clear_search (AttuneSession *self)
{
  g_clear_pointer (&self->search, attune_search_free);
  g_clear_pointer (&self->search_folder, g_free);
  g_clear_pointer (&self->search_problem, g_free);
}

/* --- asking */

const AttuneSearch *
attune_session_get_search (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->search;
}

AttuneRunState
attune_session_get_search_state (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), ATTUNE_RUN_NEW);
  return self->search_state;
}

const char *
attune_session_get_search_problem (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->search_problem;
}

/* What keeps a search from beginning, or %NULL. */
static const char *
find_obstacle (AttuneSession *self)
{
  if (self->read_only != NULL)
    return self->read_only;
  if (attune_session_get_missing (self, ATTUNE_STAGE_PLAN) != NULL)
    return attune_session_get_missing (self, ATTUNE_STAGE_PLAN);
  if (self->search_state == ATTUNE_RUN_RUNNING)
    return _ ("A search is under way already.");
  if (self->run_state == ATTUNE_RUN_RUNNING || attune_session_is_busy (self))
    return _ ("Something else runs in this project. Wait until it is done, or stop it first.");
  return NULL;
}

const char *
attune_session_get_search_obstacle (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return find_obstacle (self);
}

static gboolean
start (AttuneSession *self, AttuneSearch *search, GError **error)
{
  g_autofree char *program = attune_find_program ();
  const guint64 limit = attune_session_get_memory_limit (self);

  /* Written only where it must be: who has just resumed it elsewhere may have written more trials
   * than are known here, and the disk may take its time. */
  if (search->memory_limit != limit)
    {
      search->memory_limit = limit;
      if (!attune_search_save (search, error))
        return FALSE;
    }
  if (attune_search_start (search, program, error) == 0)
    return FALSE;
  g_set_str (&self->search_folder, search->folder);
  g_clear_pointer (&self->search_problem, g_free);
  self->search_state = ATTUNE_RUN_RUNNING;
  self->search_size = G_MAXUINT64; /* so that it is read */
  self->search_serial++;
  attune_session_changed (self);
  attune_session_look_for_search (self);
  return TRUE;
}

static gboolean
fail (AttuneSession *self, GError **error)
{
  const char *obstacle = find_obstacle (self);

  if (obstacle != NULL)
    g_set_error_literal (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE, obstacle);
  return obstacle != NULL;
}

gboolean
attune_session_start_search (AttuneSession *self, const char *const *words,
                             AttuneSearchStrategy strategy, int n_trials, int n_folds,
                             GError **error)
{
  g_autoptr (AttunePlan) plan = NULL;
  AttuneSearch *search;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), FALSE);

  if (fail (self, error))
    return FALSE;
  plan = attune_session_make_run_plan (self);
  if (n_folds > 1) /* each record is to check once */
    g_object_set (plan, "folds", n_folds, "max-validation-samples", 0, NULL);
  search = attune_search_new (self->project, plan, words, strategy, n_trials, 1, error);
  if (search == NULL)
    return FALSE;
  g_clear_pointer (&self->search, attune_search_free);
  self->search = search;
  return start (self, search, error);
}

gboolean
attune_session_resume_search (AttuneSession *self, GError **error)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), FALSE);

  return self->search != NULL && !fail (self, error) && start (self, self->search, error);
}

gboolean
attune_session_stop_search (AttuneSession *self, GError **error)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), FALSE);

  return self->search_folder != NULL && attune_run_request (self->search_folder, "stop", error);
}

AttunePlan *
attune_session_make_best_plan (AttuneSession *self, GError **error)
{
  AttunePlan *plan;
  int best;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);

  plan = attune_project_get_plan (self->project);
  best = self->search != NULL ? attune_search_find_best (self->search) : -1;
  if (best < 0)
    return NULL;
  return attune_search_space_make_plan (
      self->search->space, plan,
      (const char *const *) ((AttuneSearchTrial *) self->search->trials->pdata[best])->texts,
      error);
}
