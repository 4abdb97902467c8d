/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The latest run: found, started, paused, and followed through its events while it lasts. The first
 * look at a long run is taken in a thread; what comes after is little.
 */
#include "session-private.h"

#include "job/json.h"
#include "job/run-speed.h"
#include "job/worker.h"
#include "program.h"

#include <glib/gi18n.h>

#define FOLLOW_MS 300
#define IDLE_FOLLOWS 7 /* of these, where nothing runs: about every two seconds */

/* --- events */

typedef struct
{
  char *folder;
  AttuneRunCurves *curves;
  GHashTable *events;
  AttuneRunPlan *plan;
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_free (reading->folder);
  g_clear_pointer (&reading->curves, attune_run_curves_free);
  g_clear_pointer (&reading->events, g_hash_table_unref);
  g_clear_pointer (&reading->plan, attune_run_plan_free);
  g_free (reading);
}

/* Takes in what was written since the last call. Returns: whether there was anything. */
static gboolean
read_events (const char *folder, AttuneRunCurves *curves, GHashTable *last)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = attune_run_read_events (folder, &curves->offset, &error);

  if (events == NULL)
    {
      g_debug ("%s", error->message);
      return FALSE;
    }
  for (guint i = 0; i < events->len; i++)
    {
      JsonNode *event = events->pdata[i];
      JsonObject *object = json_node_get_object (event);

      attune_run_curves_add (curves, object);
      g_hash_table_replace (last, g_strdup (attune_json_get_string (object, "event")),
                            json_node_ref (event));
    }
  return events->len > 0;
}

static void
read_run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;

  read_events (reading->folder, reading->curves, reading->events);
  reading->plan = attune_run_plan_read (reading->folder, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
run_read (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneSession *self = ATTUNE_SESSION (source);
  Reading *reading = g_task_get_task_data (G_TASK (result));

  self->reading_run = FALSE;
  if (self->closed || g_strcmp0 (reading->folder, self->run) != 0)
    return;
  attune_run_curves_free (self->curves);
  self->curves = g_steal_pointer (&reading->curves);
  g_hash_table_unref (self->run_events);
  self->run_events = g_steal_pointer (&reading->events);
  g_clear_pointer (&self->run_plan, attune_run_plan_free);
  self->run_plan = g_steal_pointer (&reading->plan);
  attune_session_changed (self);
}

/* Begins with another run. */
static void
set_run (AttuneSession *self, const char *folder)
{
  g_autoptr (GTask) task = NULL;
  Reading *reading;

  g_free (self->run);
  self->run = g_strdup (folder);
  attune_run_curves_free (self->curves);
  self->curves = attune_run_curves_new ();
  g_hash_table_remove_all (self->run_events);
  g_clear_pointer (&self->run_plan, attune_run_plan_free);
  self->speed = attune_project_find_speed (self->project, NULL);
  attune_session_changed (self);
  if (folder == NULL)
    return;

  reading = g_new0 (Reading, 1);
  reading->folder = g_strdup (folder);
  reading->curves = attune_run_curves_new ();
  reading->events
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_node_unref);
  self->reading_run = TRUE;
  task = g_task_new (self, NULL, run_read, NULL);
  g_task_set_task_data (task, reading, reading_free);
  g_task_run_in_thread (task, read_run);
}

/* --- following */

static void
tell_end (AttuneSession *self)
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
  self->speed = attune_project_find_speed (self->project, NULL);
  g_signal_emit_by_name (self, "stage-ended", ATTUNE_STAGE_TUNE, text);
}

void
attune_session_find_run (AttuneSession *self)
{
  g_autofree char *latest = attune_project_get_run (self->project, NULL, NULL);
  const AttuneRunState before = self->run_state;

  if (g_strcmp0 (latest, self->run) != 0)
    {
      set_run (self, latest);
      self->run_state = latest != NULL ? attune_run_get_state (latest) : ATTUNE_RUN_NEW;
      return;
    }
  if (latest == NULL || self->reading_run)
    return;
  /* The state first: what the worker wrote before it went is read below. */
  self->run_state = attune_run_get_state (latest);
  if (read_events (latest, self->curves, self->run_events) || self->run_state != before)
    attune_session_changed (self);
  if (before == ATTUNE_RUN_RUNNING && self->run_state != ATTUNE_RUN_RUNNING)
    tell_end (self);
}

/* A project whose folder somebody has taken away can only be looked at. */
static void
check_folder (AttuneSession *self)
{
  if (self->read_only != NULL
      || g_file_test (attune_project_get_path (self->project), G_FILE_TEST_IS_DIR))
    return;
  self->read_only
      = g_strdup (_ ("The folder of this project is no longer there. What is shown here "
                     "is what was read of it."));
  attune_session_say (self, self->read_only);
  attune_session_changed (self);
}

static gboolean
follow (gpointer data)
{
  AttuneSession *self = data;

  if (self->run_state != ATTUNE_RUN_RUNNING && ++self->idle_follows % IDLE_FOLLOWS != 0)
    return G_SOURCE_CONTINUE;
  check_folder (self);
  attune_session_find_run (self);
  return G_SOURCE_CONTINUE;
}

const char *
attune_session_get_run (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->run;
}

AttuneRunState
attune_session_get_run_state (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), ATTUNE_RUN_NEW);
  return self->run_state;
}

const AttuneRunCurves *
attune_session_get_curves (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->curves;
}

JsonObject *
attune_session_get_run_event (AttuneSession *self, const char *name)
{
  JsonNode *node;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self) && name != NULL, NULL);

  node = g_hash_table_lookup (self->run_events, name);
  return node != NULL ? json_node_get_object (node) : NULL;
}

/* --- asking */

static void
start (AttuneSession *self, const char *folder)
{
  g_autofree char *program = attune_find_program ();
  g_autoptr (GError) error = NULL;

  if (attune_worker_start (folder, program, &error) == 0)
    attune_session_fail (self, ATTUNE_STAGE_TUNE, error->message);
  attune_session_find_run (self);
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
  if (self->run_state == ATTUNE_RUN_RUNNING || attune_session_is_busy (self)
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
  else if (self->run != NULL && self->run_state != ATTUNE_RUN_RUNNING
           && self->run_state != ATTUNE_RUN_FINISHED)
    {
      g_autofree char *folder = g_strdup (self->run);

      g_clear_pointer (&self->errors[ATTUNE_STAGE_TUNE], g_free);
      start (self, folder);
    }
}

void
attune_session_pause_run (AttuneSession *self)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (ATTUNE_IS_SESSION (self));

  if (self->run_state != ATTUNE_RUN_RUNNING)
    return;
  if (!attune_run_request (self->run, "stop", &error))
    attune_session_fail (self, ATTUNE_STAGE_TUNE, error->message);
  else
    attune_session_say (self, _ ("It pauses after the present step"));
}

void
attune_session_follow (AttuneSession *self)
{
  if (self->follow_id == 0)
    self->follow_id = g_timeout_add (FOLLOW_MS, follow, self);
}
