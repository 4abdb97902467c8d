/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Changes of single records by hand: written in a thread, one after another, since each reads what
 * the one before has written.
 */
#include "session-private.h"

#include <glib/gi18n.h>

typedef struct
{
  char *path;
  AttuneRecord imported;
  AttuneChange *change; /* (nullable) */
} Change;

static void
change_free (gpointer data)
{
  Change *change = data;

  g_free (change->path);
  attune_record_clear (&change->imported);
  attune_change_free (change->change);
  g_free (change);
}

void
attune_session_take_changes (AttuneSession *self, AttuneChanges *changes, const char *problem)
{
  g_clear_pointer (&self->changes, attune_changes_free);
  g_clear_pointer (&self->changes_text, g_free);
  self->changes = changes;
  self->changes_text = changes != NULL ? attune_changes_to_text (changes) : NULL;
  g_set_str (&self->changes_problem, problem);
  self->changes_serial++;
}

const AttuneChanges *
attune_session_get_changes (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->changes;
}

const char *
attune_session_get_changes_problem (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->changes_problem;
}

void
attune_session_set_changes_aside (AttuneSession *self)
{
  g_autofree char *path = NULL, *name = NULL, *text = NULL;
  g_autoptr (GError) error = NULL;

  g_return_if_fail (ATTUNE_IS_SESSION (self));

  if (!attune_session_may_change_data (self))
    return;
  path = attune_project_get_file (self->project, "dataset.h5");
  name = attune_changes_set_aside (path, &error);
  if (name != NULL)
    text = g_strdup_printf (_ ("The damaged file is kept as “%s”"), name);
  attune_session_say (self, text != NULL ? text : error->message);
  attune_session_load_data (self);
}

guint
attune_session_get_changes_serial (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), 0);
  return self->changes_serial;
}

gboolean
attune_session_has_new_changes (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), FALSE);
  return self->changes_stale;
}

static void
write_change (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Change *change = data;
  GError *error = NULL;
  AttuneChanges *changes
      = attune_changes_update (change->path, &change->imported, change->change, &error);

  if (changes != NULL)
    g_task_return_pointer (task, changes, (GDestroyNotify) attune_changes_free);
  else
    g_task_return_error (task, error);
}

void
attune_session_change_record (AttuneSession *self, const AttuneRecord *imported,
                              const AttuneChange *change, GAsyncReadyCallback callback,
                              gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);
  Change *work;

  g_return_if_fail (ATTUNE_IS_SESSION (self) && imported != NULL);

  if (self->read_only != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s",
                               self->read_only);
      return;
    }
  work = g_new0 (Change, 1);
  work->path = attune_project_get_file (self->project, "dataset.h5");
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    work->imported.fields[i] = g_strdup (imported->fields[i]);
  work->change = attune_change_copy (change);
  g_task_set_task_data (task, work, change_free);
  g_task_run_in_thread (task, write_change);
}

gboolean
attune_session_change_record_finish (AttuneSession *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;
  AttuneChanges *changes = g_task_propagate_pointer (G_TASK (result), &failure);

  if (changes == NULL)
    {
      if (failure->domain == ATTUNE_DATA_ERROR && !self->closed)
        attune_session_load_data (self); /* the Data page tells what can be done */
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  attune_session_take_changes (self, changes, NULL);
  attune_session_check_data (self);
  attune_session_changed (self);
  return TRUE;
}
