/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Following the latest run: a thread looks whether it lives and reads what it has written, and here
 * that is taken in. So a long run, a slow disk or megabytes of rubbish hold no window up.
 */
#include "session-private.h"

#include <glib/gi18n.h>
#include <string.h>

#define FOLLOW_MS 300
#define IDLE_FOLLOWS 7 /* of these, where nothing runs: about every two seconds */
/* Some hundred events, which are taken in within a few milliseconds. */
#define PIECE_BYTES (128 << 10)

/* No event for so long, and something may be wrong. Before the first step a model of many gigabytes
 * is read twice; between two steps a validation takes as long as some dozens of steps. */
#define SILENT_START_SECONDS 600
#define SILENT_SECONDS 120
#define SILENT_STEPS 50

typedef struct
{
  AttuneProject *project; /* only its path is asked for */
  char *run;              /* (nullable): the one that the session has */
  guint serial;           /* how often it has begun something */
  gboolean ran;           /* when the session looked last */
  gboolean read;          /* up to offset */
  guint64 offset;
  gboolean wants_plan;

  char *latest; /* (nullable): the run that there is now */
  AttuneRunState state;
  GPtrArray *events;        /* of a run that has been read: those that are new */
  gboolean more;            /* there are more of them */
  AttuneRunCurves *curves;  /* of another one: all of it */
  AttuneRunNews *news;      /* likewise */
  AttuneRunPlan *plan;      /* (nullable) */
  char *used;               /* the run that is used, where has_step: of a search the best */
  AttuneRunPlan *used_plan; /* (nullable): where that is another one */
  gint64 step;              /* of the adapter that is used */
  gboolean has_step;
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_object_unref (look->project);
  g_free (look->run);
  g_free (look->latest);
  g_free (look->used);
  g_clear_pointer (&look->used_plan, attune_run_plan_free);
  g_clear_pointer (&look->events, g_ptr_array_unref);
  g_clear_pointer (&look->curves, attune_run_curves_free);
  g_clear_pointer (&look->news, attune_run_news_free);
  g_clear_pointer (&look->plan, attune_run_plan_free);
  g_free (look);
}

/* --- in the thread */

/* All of a run. A long one takes a second. */
static void
read_all (Look *look)
{
  look->curves = attune_run_curves_new ();
  look->news = attune_run_news_new ();
  for (;;)
    {
      const guint64 before = look->curves->offset;
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) events
          = attune_run_read_some_events (look->latest, &look->curves->offset, PIECE_BYTES, &error);

      if (events == NULL)
        g_debug ("%s", error->message);
      attune_run_news_take (look->news, look->curves, events);
      if (look->curves->offset == before)
        return;
    }
}

static void
read_new (Look *look)
{
  const guint64 before = look->offset;
  g_autoptr (GError) error = NULL;

  look->events = attune_run_read_some_events (look->latest, &look->offset, PIECE_BYTES, &error);
  if (look->events == NULL)
    g_debug ("%s", error->message);
  look->more = look->offset - before >= PIECE_BYTES;
}

static void
look_at_runs (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Look *look = data;

  look->latest = attune_project_get_run (look->project, NULL, NULL);
  if (look->latest == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  /* The state first: what the worker wrote before it went is read below. */
  look->state = attune_run_get_state (look->latest);
  if (look->read && strcmp (look->latest, look->run) == 0)
    read_new (look);
  else
    read_all (look);
  if (look->wants_plan || look->curves != NULL || look->state != ATTUNE_RUN_RUNNING)
    look->plan = attune_run_plan_read (look->latest, NULL);
  look->used = attune_project_get_used_run (look->project, NULL, NULL);
  if (look->used == NULL)
    look->used = g_strdup (look->latest);
  /* while a search tries others, the best so far is what is used */
  if (strcmp (look->used, look->latest) != 0
      || (look->state != ATTUNE_RUN_RUNNING
          && (look->ran || look->curves != NULL
              || (look->events != NULL && look->events->len > 0))))
    {
      if (strcmp (look->used, look->latest) != 0)
        look->used_plan = attune_run_plan_read (look->used, NULL);
      look->step = attune_run_read_step (look->used);
      look->has_step = TRUE;
    }
  g_task_return_boolean (task, TRUE);
}

/* --- on the main thread */

static void
describe_step (AttuneSession *self)
{
  SessionJob *job = &self->jobs[ATTUNE_STAGE_TUNE];

  g_clear_pointer (&job->doing, g_free);
  if (self->run_state != ATTUNE_RUN_RUNNING)
    return;
  if (self->pausing)
    job->doing = g_strdup (_ ("Pausing after this step"));
  else if (!self->news->step.there)
    job->doing = g_strdup (_ ("Beginning"));
  else
    job->doing = g_strdup_printf (_ ("Step %lld of %lld"), (long long) self->news->step.step,
                                  (long long) self->news->step.steps);
}

/* Takes the place of what was known of another run, or of this one. */
static void
take_all (AttuneSession *self, Look *look)
{
  g_set_str (&self->run, look->latest);
  attune_run_curves_free (self->curves);
  self->curves = g_steal_pointer (&look->curves);
  attune_run_news_free (self->news);
  self->news = g_steal_pointer (&look->news);
  self->run_read = TRUE;
  self->heard = g_get_monotonic_time ();
}

static void
take_new (AttuneSession *self, Look *look)
{
  attune_run_news_take (self->news, self->curves, look->events);
  self->curves->offset = look->offset;
  if (look->events != NULL && look->events->len > 0)
    self->heard = g_get_monotonic_time ();
}

/* Returns: whether there is anything new to show. */
static gboolean
take (AttuneSession *self, Look *look)
{
  const AttuneRunState before = self->run_state;
  const gboolean was_silent = self->silent;
  gboolean any = look->curves != NULL || (look->events != NULL && look->events->len > 0);

  self->run_state = look->latest != NULL ? look->state : ATTUNE_RUN_NEW;
  if (look->curves != NULL)
    take_all (self, look);
  else if (look->latest != NULL)
    take_new (self, look);
  if (look->plan != NULL)
    {
      g_clear_pointer (&self->run_plan, attune_run_plan_free);
      self->run_plan = g_steal_pointer (&look->plan);
    }
  if (look->has_step)
    {
      self->run_step = look->step;
      g_set_str (&self->used_run, look->used);
      g_clear_pointer (&self->used_plan, attune_run_plan_free);
      self->used_plan = g_steal_pointer (&look->used_plan);
    }
  if (self->run_state != ATTUNE_RUN_RUNNING)
    self->pausing = FALSE;
  self->silent = attune_session_get_run_silence (self) > 0;
  describe_step (self);
  return any || self->run_state != before || self->silent != was_silent;
}

static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneSession *self = ATTUNE_SESSION (source);
  Look *look = g_task_get_task_data (G_TASK (result));
  const gboolean ran = self->run_state == ATTUNE_RUN_RUNNING,
                 same = g_strcmp0 (look->latest, look->run) == 0;

  self->looking = FALSE;
  if (self->closed)
    return;
  if (look->serial != self->run_serial) /* another run was begun while the thread looked */
    {
      attune_session_look (self);
      return;
    }
  if (look->latest == NULL && self->run != NULL)
    return; /* the folder is gone: what was read stays */
  if (take (self, look))
    attune_session_changed (self);
  if (same && ran && self->run_state != ATTUNE_RUN_RUNNING)
    attune_session_run_ended (self);
  if (look->more)
    attune_session_look (self);
}

void
attune_session_look (AttuneSession *self)
{
  g_autoptr (GTask) task = NULL;
  Look *look;

  if (self->looking || self->closed)
    return;
  self->looking = TRUE;
  look = g_new0 (Look, 1);
  look->project = g_object_ref (self->project);
  look->serial = self->run_serial;
  look->run = g_strdup (self->run);
  look->ran = self->run_state == ATTUNE_RUN_RUNNING;
  look->read = self->run_read;
  look->offset = self->curves->offset;
  look->wants_plan = self->run_plan == NULL || self->run_plan->data_hash == NULL;
  task = g_task_new (self, NULL, looked, NULL);
  g_task_set_task_data (task, look, look_free);
  g_task_run_in_thread (task, look_at_runs);
}

double
attune_session_get_run_silence (AttuneSession *self)
{
  const GArray *steps;
  double limit = SILENT_START_SECONDS, silence;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), 0);

  if (self->run_state != ATTUNE_RUN_RUNNING)
    return 0;
  steps = self->curves->steps;
  if (self->silence_limit > 0)
    limit = self->silence_limit;
  else if (steps->len > 0)
    limit = MAX (SILENT_SECONDS,
                 SILENT_STEPS * g_array_index (steps, AttuneCurvePoint, steps->len - 1).seconds);
  silence = (g_get_monotonic_time () - self->heard) / (double) G_USEC_PER_SEC;
  return silence > limit ? silence : 0;
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

  if (self->run_state != ATTUNE_RUN_RUNNING && self->search_state != ATTUNE_RUN_RUNNING
      && ++self->idle_follows % IDLE_FOLLOWS != 0)
    return G_SOURCE_CONTINUE;
  check_folder (self);
  attune_session_look (self);
  attune_session_look_for_search (self);
  return G_SOURCE_CONTINUE;
}

void
attune_session_follow (AttuneSession *self)
{
  if (self->follow_id == 0)
    self->follow_id = g_timeout_add (FOLLOW_MS, follow, self);
}
