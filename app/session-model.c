/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model: opened in a thread, for its tokenizer takes a while to build.
 */
#include "session-private.h"

#include <glib/gi18n.h>

typedef struct
{
  AttuneModel *model;
  char *reader;
} Opened;

static void
opened_free (gpointer data)
{
  Opened *found = data;

  g_clear_pointer (&found->model, attune_model_close);
  g_free (found->reader);
  g_free (found);
}

static void
open_model (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  AttuneModel *model = attune_model_open (data, &error);
  Opened *found;

  if (model == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  found = g_new (Opened, 1);
  *found = (Opened) { model, attune_chat_template_get_key (attune_model_get_template (model),
                                                           attune_model_get_tokenizer (model)) };
  g_task_return_pointer (task, found, opened_free);
}

static void
opened (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneSession *self = ATTUNE_SESSION (source);
  g_autoptr (GError) error = NULL;
  Opened *found = g_task_propagate_pointer (G_TASK (result), &error);

  attune_session_end (self, ATTUNE_STAGE_MODEL);
  if (self->closed)
    {
      g_clear_pointer (&found, opened_free);
      return;
    }
  if (found != NULL)
    {
      self->model = g_steal_pointer (&found->model);
      self->reader = g_steal_pointer (&found->reader);
      opened_free (found);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    attune_session_fail (self, ATTUNE_STAGE_MODEL, error->message);
  attune_session_check_data (self);
  attune_session_plan_changed (self);
  attune_session_prepare_if_ready (self);
}

void
attune_session_load_model (AttuneSession *self)
{
  const char *path = attune_project_get_model (self->project);
  g_autoptr (GTask) task = NULL;

  if (attune_session_is_busy (self))
    return;
  g_clear_pointer (&self->model, attune_model_close);
  g_clear_pointer (&self->reader, g_free);
  attune_session_check_data (self);
  attune_session_plan_changed (self);
  attune_session_changed (self);
  g_clear_pointer (&self->errors[ATTUNE_STAGE_MODEL], g_free);
  if (path == NULL)
    return;
  task = g_task_new (self, attune_session_begin (self, ATTUNE_STAGE_MODEL), opened, NULL);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, open_model);
}

AttuneModel *
attune_session_get_model (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->model;
}

void
attune_session_set_model (AttuneSession *self, const char *path)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self));

  if (self->read_only != NULL)
    attune_session_say (self, self->read_only);
  else if (attune_session_is_busy (self))
    attune_session_say (self, _ ("Wait until what is under way is done."));
  else
    {
      attune_project_set_model (self->project, path);
      attune_session_save (self);
      attune_session_load_model (self);
    }
}
