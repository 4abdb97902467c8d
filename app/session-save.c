/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The project's settings are written by themselves, a moment after they were changed, in a thread:
 * a disk that is busy must not hold the window up. One writes at a time; what was changed meanwhile
 * is written after it.
 */
#include "session-private.h"

#define SAVE_MS 400

static GMutex disk; /* who writes holds it */

typedef struct
{
  char *path, *text;
} Page;

static void
page_free (gpointer data)
{
  Page *page = data;

  g_free (page->path);
  g_free (page->text);
  g_free (page);
}

static void
write_page (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Page *page = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&disk);
  GError *error = NULL;

  if (attune_project_write_text (page->path, page->text, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
written (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneSession *self = ATTUNE_SESSION (source);
  g_autoptr (GError) error = NULL;

  self->saving = FALSE;
  if (!g_task_propagate_boolean (G_TASK (result), &error) && !self->closed)
    attune_session_say (self, error->message);
  if (self->save_again)
    attune_session_save (self);
  self->save_again = FALSE;
}

static gboolean
save (gpointer data)
{
  AttuneSession *self = data;
  g_autoptr (GTask) task = NULL;
  Page *page;

  self->save_id = 0;
  if (self->read_only != NULL)
    return G_SOURCE_REMOVE;
  if (self->saving)
    {
      self->save_again = TRUE;
      return G_SOURCE_REMOVE;
    }
  self->saving = TRUE;
  page = g_new0 (Page, 1);
  page->path = g_strdup (attune_project_get_path (self->project));
  page->text = attune_project_to_text (self->project);
  task = g_task_new (self, NULL, written, NULL);
  g_task_set_task_data (task, page, page_free);
  g_task_run_in_thread (task, write_page);
  return G_SOURCE_REMOVE;
}

void
attune_session_save (AttuneSession *self)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self));

  if (self->save_id == 0 && !self->closed)
    self->save_id = g_timeout_add (SAVE_MS, save, self);
}

/* On closing nobody comes back for it, and the program may end: it is on the disk when this
 * returns. */
void
attune_session_save_now (AttuneSession *self)
{
  g_autoptr (GMutexLocker) locker = NULL;
  g_autoptr (GError) error = NULL;
  const gboolean waits = self->save_id != 0 || self->saving;

  g_clear_handle_id (&self->save_id, g_source_remove);
  if (self->read_only != NULL || !waits)
    return;
  locker = g_mutex_locker_new (&disk); /* after what is being written */
  if (!attune_project_save (self->project, &error))
    attune_session_say (self, error->message);
}
