/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The latest run: what is known of it, and starting, pausing, resuming and ending it. Following it
 * while it lasts: session-follow.c.
 */
#include "session-private.h"

#include "job/run-process.h"
#include "job/run-speed.h"
#include "job/worker.h"
#include "program.h"

#include <glib/gi18n.h>

/* A worker that hangs is given so long to pause by itself. */
#define END_SECONDS 10

/* Begins with another run, of which a thread will read what there is. @used: (nullable): the one of
 * its search that is used in its place */
static void
set_run (AttuneSession *self, const char *folder, const char *used)
{
  g_set_str (&self->run, folder);
  attune_run_curves_free (self->curves);
  self->curves = attune_run_curves_new ();
  attune_run_news_free (self->news);
  self->news = attune_run_news_new ();
  g_clear_pointer (&self->run_plan, attune_run_plan_free);
  g_clear_pointer (&self->jobs[ATTUNE_STAGE_TUNE].doing, g_free);
  self->run_step = -1;
  g_set_str (&self->used_run, used);
  g_clear_pointer (&self->used_plan, attune_run_plan_free);
  self->run_read = FALSE;
  self->pausing = FALSE;
  self->silent = FALSE;
  self->heard = g_get_monotonic_time ();
  attune_session_changed (self);
}

void
attune_session_find_run (AttuneSession *self)
{
  g_autofree char *latest = attune_project_get_run (self->project, NULL, NULL);

  if (g_strcmp0 (latest, self->run) != 0)
    {
      g_autofree char *used = attune_project_get_used_run (self->project, NULL, NULL);

      set_run (self, latest, g_strcmp0 (used, latest) != 0 ? used : NULL);
    }
  self->run_state = latest != NULL ? attune_run_get_state (latest) : ATTUNE_RUN_NEW;
  self->speed = attune_project_find_speed (self->project, NULL);
  attune_session_look (self);
}

void
attune_session_run_ended (AttuneSession *self)
{
  const char *text;

  switch (self->run_state)
    {
    case ATTUNE_RUN_FINISHED:
      text = _ ("Tuning is done");
      break;
    case ATTUNE_RUN_STOPPED:
      text = _ ("Tuning is paused");
      break;
    case ATTUNE_RUN_FAILED:
    case ATTUNE_RUN_CRASHED:
    case ATTUNE_RUN_NEW:
    case ATTUNE_RUN_RUNNING:
    default:
      text = _ ("Tuning has stopped unexpectedly");
      break;
    }
  g_clear_handle_id (&self->end_id, g_source_remove);
  self->speed = attune_project_find_speed (self->project, NULL);
  if (self->search_state != ATTUNE_RUN_RUNNING) /* a search goes on with the next one */
    g_signal_emit_by_name (self, "stage-ended", ATTUNE_STAGE_TUNE, text);
}

/* --- what is known */

const char *
attune_session_get_run (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->run;
}

const char *
attune_session_get_used_run (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->used_run != NULL ? self->used_run : self->run;
}

AttuneRunState
attune_session_get_run_state (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), ATTUNE_RUN_NEW);
  return self->run_state;
}

gboolean
attune_session_is_ending (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), FALSE);
  return self->end_id != 0;
}

gboolean
attune_session_is_pausing (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), FALSE);
  return self->pausing;
}

const AttuneRunCurves *
attune_session_get_curves (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->curves;
}

gint64
attune_session_get_run_step (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), -1);
  return self->run_step;
}

const AttuneRunNews *
attune_session_get_news (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->news;
}

/* --- asking */

static void
start (AttuneSession *self, const char *folder)
{
  g_autofree char *program = attune_find_program ();
  g_autoptr (GError) error = NULL;

  if (attune_worker_start (folder, program, &error) == 0)
    attune_session_fail (self, ATTUNE_STAGE_TUNE, error->message);
  else
    {
      if (g_strcmp0 (folder, self->run) != 0)
        set_run (self, folder, NULL);
      self->run_state = ATTUNE_RUN_RUNNING;
      self->run_serial++; /* what a thread has seen before is out of date */
      self->heard = g_get_monotonic_time ();
      attune_session_changed (self);
    }
  attune_session_look (self);
}

/* A search makes and resumes its runs itself. */
static gboolean
is_searching (AttuneSession *self)
{
  if (self->search_state == ATTUNE_RUN_RUNNING)
    attune_session_say (
        self, _ ("A search for good settings is under way. Stop it first, on the Plan page."));
  return self->search_state == ATTUNE_RUN_RUNNING;
}

void
attune_session_start_run (AttuneSession *self)
{
  g_autofree char *folder = NULL;
  g_autoptr (AttunePlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  g_return_if_fail (ATTUNE_IS_SESSION (self));

  if (self->read_only != NULL)
    {
      attune_session_say (self, self->read_only);
      return;
    }
  if (self->run_state == ATTUNE_RUN_RUNNING || is_searching (self) || attune_session_is_busy (self)
      || attune_session_get_missing (self, ATTUNE_STAGE_TUNE) != NULL)
    return;
  g_clear_pointer (&self->errors[ATTUNE_STAGE_TUNE], g_free);
  plan = attune_session_make_run_plan (self);
  if ((folder = attune_project_new_run (self->project, plan, &error)) == NULL)
    attune_session_fail (self, ATTUNE_STAGE_TUNE, error->message);
  else
    start (self, folder);
}

void
attune_session_resume_run (AttuneSession *self)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self));

  if (self->read_only != NULL)
    attune_session_say (self, self->read_only);
  else if (self->run != NULL && self->run_state != ATTUNE_RUN_RUNNING && !is_searching (self)
           && self->run_state != ATTUNE_RUN_FINISHED)
    {
      g_autofree char *folder = g_strdup (self->run);

      g_clear_pointer (&self->errors[ATTUNE_STAGE_TUNE], g_free);
      start (self, folder);
    }
}

/* Returns: whether the worker will see it. */
static gboolean
ask_to_stop (AttuneSession *self)
{
  g_autoptr (GError) error = NULL;

  if (attune_run_request (self->run, "stop", &error))
    {
      self->pausing = TRUE;
      attune_session_changed (self);
      return TRUE;
    }
  attune_session_fail (self, ATTUNE_STAGE_TUNE, error->message);
  return FALSE;
}

void
attune_session_pause_run (AttuneSession *self)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self));

  if (self->run_state != ATTUNE_RUN_RUNNING || self->pausing)
    return;
  if (self->read_only != NULL)
    attune_session_say (self, self->read_only);
  else if (ask_to_stop (self))
    attune_session_say (self, _ ("It pauses after the present step"));
}

static gboolean
end_now (gpointer data)
{
  AttuneSession *self = data;
  g_autoptr (GError) error = NULL;

  self->end_id = 0;
  /* Should it have spoken again, it will pause by itself. */
  if (self->run_state == ATTUNE_RUN_RUNNING && attune_session_get_run_silence (self) > 0
      && !attune_run_end_worker (self->run, &error))
    attune_session_fail (self, ATTUNE_STAGE_TUNE, error->message);
  attune_session_look (self);
  return G_SOURCE_REMOVE;
}

void
attune_session_end_run (AttuneSession *self)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self));

  if (self->run_state != ATTUNE_RUN_RUNNING || self->end_id != 0 || self->read_only != NULL)
    return;
  ask_to_stop (self); /* a disk that is full does not keep the process from being ended */
  self->end_id = g_timeout_add_seconds (self->end_seconds > 0 ? self->end_seconds : END_SECONDS,
                                        end_now, self);
  attune_session_changed (self);
}
