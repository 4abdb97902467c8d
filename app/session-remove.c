/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Taking data away, whole or one source of it, so that it can be brought back: what was there
 * stands beside it as dataset.h5.removed until more is taken away.
 */
#include "session-private.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define DATA "dataset.h5"
#define REMOVED DATA ".removed"

/* Moves the data aside or back. */
static void
move_data (AttuneSession *self, const char *from, const char *to)
{
  g_autofree char *old = attune_project_get_file (self->project, from);
  g_autofree char *new = attune_project_get_file (self->project, to);

  if (!attune_session_may_change_data (self))
    return;
  if (g_rename (old, new) != 0)
    attune_session_say (self, g_strerror (errno));
  attune_session_load_data (self);
}

void
attune_session_remove_data (AttuneSession *self)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self));
  move_data (self, DATA, REMOVED);
}

void
attune_session_restore_data (AttuneSession *self)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self));
  move_data (self, REMOVED, DATA);
}

/* --- one source */

typedef struct
{
  char *path, *removed, *rest;
  guint source;
  SessionJob *job; /* outlives it: the task holds the session */
} Removal;

static void
removal_free (gpointer data)
{
  Removal *removal = data;

  g_free (removal->path);
  g_free (removal->removed);
  g_free (removal->rest);
  g_free (removal);
}

static void
remove_source (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Removal *removal = data;
  GError *error = NULL;

  if (!attune_dataset_remove_source (removal->path, removal->rest, removal->source,
                                     attune_session_on_progress, removal->job, cancellable, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (g_rename (removal->path, removal->removed) == 0)
    {
      if (g_rename (removal->rest, removal->path) == 0)
        {
          g_task_return_boolean (task, TRUE);
          return;
        }
      g_rename (removal->removed, removal->path);
    }
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                           _ ("The table could not be removed: %s"), g_strerror (errno));
}

static void
source_removed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  attune_session_end_data (ATTUNE_SESSION (source), error);
}

void
attune_session_remove_source (AttuneSession *self, guint source)
{
  g_autoptr (GTask) task = NULL;
  Removal *removal;

  g_return_if_fail (ATTUNE_IS_SESSION (self));

  if (!attune_session_may_change_data (self))
    return;
  removal = g_new (Removal, 1);
  *removal = (Removal) {
    .path = attune_project_get_file (self->project, DATA),
    .removed = attune_project_get_file (self->project, REMOVED),
    .rest = attune_project_get_file (self->project, DATA ".rest"),
    .source = source,
    .job = &self->jobs[ATTUNE_STAGE_DATA],
  };
  task = g_task_new (self, attune_session_begin (self, ATTUNE_STAGE_DATA), source_removed, NULL);
  g_task_set_task_data (task, removal, removal_free);
  g_task_run_in_thread (task, remove_source);
}
