/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The session as an object: what runs, what failed, and that the settings are written. Its parts:
 * session-data.c, -model.c, -plan.c, -run.c (tuning), -evaluation.c,
 * -ratings.c, -results.c (exports), -job.c (attunectl) and -state.c.
 */
#include "session-private.h"

#include "folders.h"

#include <glib/gi18n.h>

#define TICK_MS 100 /* how often a fraction is told */

G_DEFINE_FINAL_TYPE (AttuneSession, attune_session, G_TYPE_OBJECT)

enum
{
  CHANGED,
  PROGRESS,
  MESSAGE,
  STAGE_ENDED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

/* --- what is told */

static gboolean
tell_changed (gpointer data)
{
  AttuneSession *self = data;

  self->changed_id = 0;
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

void
attune_session_changed (AttuneSession *self)
{
  if (self->changed_id == 0 && !self->closed)
    self->changed_id = g_idle_add (tell_changed, self);
}

void
attune_session_say (AttuneSession *self, const char *text)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self));
  g_signal_emit (self, signals[MESSAGE], 0, text);
}

void
attune_session_fail (AttuneSession *self, AttuneStage stage, const char *message)
{
  g_free (self->errors[stage]);
  self->errors[stage] = g_strdup (message);
  attune_session_changed (self);
}

const char *
attune_session_get_error (AttuneSession *self, AttuneStage stage)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self) && stage < ATTUNE_N_STAGES, NULL);
  return self->errors[stage];
}

void
attune_session_clear_error (AttuneSession *self, AttuneStage stage)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self) && stage < ATTUNE_N_STAGES);
  g_clear_pointer (&self->errors[stage], g_free);
  attune_session_changed (self);
}

/* --- what runs */

static gboolean
tick (gpointer data)
{
  AttuneSession *self = data;

  for (int i = 0; i < ATTUNE_N_STAGES; i++)
    if (self->jobs[i].cancellable != NULL)
      {
        g_signal_emit (self, signals[PROGRESS], 0);
        return G_SOURCE_CONTINUE;
      }
  self->tick_id = 0;
  return G_SOURCE_REMOVE;
}

GCancellable *
attune_session_begin (AttuneSession *self, AttuneStage stage)
{
  SessionJob *job = &self->jobs[stage];

  g_assert (job->cancellable == NULL);
  job->cancellable = g_cancellable_new ();
  job->serial++;
  g_atomic_int_set (&job->permille, 0);
  g_clear_pointer (&job->doing, g_free);
  g_clear_pointer (&self->errors[stage], g_free);
  if (self->tick_id == 0)
    self->tick_id = g_timeout_add (TICK_MS, tick, self);
  attune_session_changed (self);
  return job->cancellable;
}

void
attune_session_end (AttuneSession *self, AttuneStage stage)
{
  g_clear_object (&self->jobs[stage].cancellable);
  g_clear_pointer (&self->jobs[stage].doing, g_free);
  attune_session_changed (self);
}

void
attune_session_on_progress (gpointer data, double fraction, const char *what)
{
  SessionJob *job = data;

  g_atomic_int_set (&job->permille, (int) (1000 * CLAMP (fraction, 0, 1)));
}

double
attune_session_get_progress (AttuneSession *self, AttuneStage stage)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self) && stage < ATTUNE_N_STAGES, -1);

  if (self->jobs[stage].cancellable != NULL)
    return g_atomic_int_get (&self->jobs[stage].permille) / 1000.0;
  if (stage == ATTUNE_STAGE_TUNE && self->run_state == ATTUNE_RUN_RUNNING)
    {
      const gint64 steps = self->news->started.steps;
      const GArray *done = self->curves->steps;

      if (steps <= 0 || done->len == 0)
        return 0;
      return (double) g_array_index (done, AttuneCurvePoint, done->len - 1).step / steps;
    }
  return -1;
}

const char *
attune_session_get_doing (AttuneSession *self, AttuneStage stage)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self) && stage < ATTUNE_N_STAGES, NULL);
  return self->jobs[stage].doing;
}

void
attune_session_cancel (AttuneSession *self, AttuneStage stage)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self) && stage < ATTUNE_N_STAGES);

  if (self->jobs[stage].cancellable != NULL)
    g_cancellable_cancel (self->jobs[stage].cancellable);
  else if (stage == ATTUNE_STAGE_TUNE)
    attune_session_pause_run (self);
}

gboolean
attune_session_is_busy (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), FALSE);

  return self->jobs[ATTUNE_STAGE_DATA].cancellable != NULL
         || self->jobs[ATTUNE_STAGE_MODEL].cancellable != NULL;
}

/* --- the settings */

static void
on_data_settings (AttuneSession *self)
{
  attune_session_check_data (self);
  attune_session_save (self);
}

static void
on_plan (AttuneSession *self)
{
  attune_session_plan_changed (self);
  attune_session_save (self);
}

/* --- the object */

AttuneProject *
attune_session_get_project (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->project;
}

char *
attune_session_get_title (AttuneSession *self)
{
  g_autofree char *name = NULL;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);

  name = g_path_get_basename (attune_project_get_path (self->project));
  if (g_str_has_suffix (name, ".attune"))
    name[strlen (name) - strlen (".attune")] = '\0';
  return g_filename_display_name (name);
}

const char *
attune_session_get_read_only (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->read_only;
}

static void
take_lock (AttuneSession *self)
{
  g_autoptr (GError) error = NULL;

  self->lock = attune_project_lock (self->project, &error);
  if (self->lock != NULL)
    return;
  if (g_error_matches (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_LOCKED))
    self->read_only
        = g_strdup (_ ("This project is open in another window. Here it can be looked at only."));
  else
    self->read_only
        = g_strdup (_ ("The folder of this project cannot be written. It can be looked at only."));
  g_debug ("%s", error->message);
}

AttuneSession *
attune_session_new (AttuneProject *project)
{
  AttuneSession *self;

  g_return_val_if_fail (ATTUNE_IS_PROJECT (project), NULL);

  self = g_object_new (ATTUNE_TYPE_SESSION, NULL);
  self->project = g_object_ref (project);
  self->settings = attune_open_settings ();
  take_lock (self);
  g_signal_connect_object (attune_project_get_data_settings (project), "notify",
                           G_CALLBACK (on_data_settings), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (attune_project_get_plan (project), "notify", G_CALLBACK (on_plan), self,
                           G_CONNECT_SWAPPED);
  if (self->settings != NULL)
    g_signal_connect_object (self->settings, "changed", G_CALLBACK (attune_session_plan_changed),
                             self, G_CONNECT_SWAPPED);
  attune_session_refresh (self);
  attune_session_follow (self);
  return self;
}

void
attune_session_refresh (AttuneSession *self)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self));

  attune_session_load_data (self);
  attune_session_load_model (self);
  attune_session_find_run (self);
  attune_session_look_for_search (self);
  attune_session_load_evaluation (self);
  attune_session_load_exports (self);
}

void
attune_session_close (AttuneSession *self)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self));

  if (self->closed)
    return;
  attune_session_save_now (self);
  attune_session_flush_ratings (self);
  self->closed = TRUE;
  for (int i = 0; i < ATTUNE_N_STAGES; i++)
    if (self->jobs[i].cancellable != NULL)
      g_cancellable_cancel (self->jobs[i].cancellable);
  g_clear_handle_id (&self->changed_id, g_source_remove);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_handle_id (&self->plan_id, g_source_remove);
  g_clear_handle_id (&self->follow_id, g_source_remove);
  g_clear_handle_id (&self->end_id, g_source_remove);
  g_clear_pointer (&self->lock, attune_project_unlock);
}

static void
attune_session_dispose (GObject *object)
{
  AttuneSession *self = ATTUNE_SESSION (object);

  if (self->project != NULL)
    attune_session_close (self);
  G_OBJECT_CLASS (attune_session_parent_class)->dispose (object);
}

static void
attune_session_finalize (GObject *object)
{
  AttuneSession *self = ATTUNE_SESSION (object);

  for (int i = 0; i < ATTUNE_N_STAGES; i++)
    {
      g_clear_object (&self->jobs[i].cancellable);
      g_free (self->jobs[i].doing);
      g_free (self->errors[i]);
    }
  for (int i = 0; i < ATTUNE_N_EXPORTS; i++)
    g_clear_pointer (&self->exports[i], attune_export_record_free);
  g_clear_pointer (&self->data, attune_data_summary_free);
  attune_session_take_changes (self, NULL, NULL);
  g_clear_pointer (&self->model, attune_model_close);
  g_clear_pointer (&self->curves, attune_run_curves_free);
  g_clear_pointer (&self->news, attune_run_news_free);
  g_clear_pointer (&self->run_plan, attune_run_plan_free);
  attune_session_clear_search (self);
  g_clear_pointer (&self->evaluations, g_ptr_array_unref);
  g_clear_pointer (&self->evaluation, attune_evaluation_free);
  attune_session_clear_ratings (self);
  g_free (self->evaluation_path);
  g_free (self->reader);
  g_free (self->plan_problem);
  g_free (self->run);
  g_free (self->used_run);
  g_clear_pointer (&self->used_plan, attune_run_plan_free);
  g_free (self->read_only);
  g_clear_object (&self->settings);
  g_clear_object (&self->project);
  G_OBJECT_CLASS (attune_session_parent_class)->finalize (object);
}

static void
attune_session_class_init (AttuneSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = attune_session_dispose;
  object_class->finalize = attune_session_finalize;

  signals[CHANGED] = g_signal_new ("changed", ATTUNE_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[PROGRESS] = g_signal_new ("progress", ATTUNE_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
  signals[MESSAGE] = g_signal_new ("message", ATTUNE_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[STAGE_ENDED] = g_signal_new ("stage-ended", ATTUNE_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_STRING);
}

static void
attune_session_init (AttuneSession *self)
{
  attune_session_init_ratings (self);
  self->exporting = -1;
  self->run_step = -1;
  self->news = attune_run_news_new ();
  self->curves = attune_run_curves_new ();
}
