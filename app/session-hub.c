/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data sets of the hub: fetched in a thread into the project's folder.
 */
#include "session-private.h"

#include "core/proxy.h"
#include "folders.h"

typedef struct
{
  AttuneHubData *data;
  char *hub, *token, *proxy, *folder;
  SessionJob *job; /* borrowed, of the session that the task holds */
} Fetching;

static void
fetching_free (gpointer data)
{
  Fetching *fetching = data;

  attune_hub_data_free (fetching->data);
  g_free (fetching->hub);
  g_free (fetching->token);
  g_free (fetching->proxy);
  g_free (fetching->folder);
  g_free (fetching);
}

static void
on_progress (gpointer data, guint64 done, guint64 total)
{
  const Fetching *fetching = data;

  attune_session_on_progress (fetching->job, total > 0 ? (double) done / total : 0, NULL);
}

static void
fetch (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Fetching *fetching = data;
  const AttuneFetch access
      = { .url = fetching->hub, .token = fetching->token, .proxy = fetching->proxy };
  GError *error = NULL;
  char *path = attune_hub_data_fetch (&access, fetching->data, fetching->data->bytes + 1,
                                      fetching->folder, on_progress, fetching, cancellable, &error);

  if (path != NULL)
    g_task_return_pointer (task, path, g_free);
  else
    g_task_return_error (task, error);
}

/* What waits for it is told after the session has. */
static void
fetched (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneSession *self = ATTUNE_SESSION (source);
  g_autoptr (GTask) outer = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_task_propagate_pointer (G_TASK (result), &error);

  attune_session_end_data (self, error);
  if (path != NULL && !self->closed)
    g_task_return_pointer (outer, g_steal_pointer (&path), g_free);
  else
    g_task_return_pointer (outer, NULL, NULL);
}

char *
attune_session_dup_proxy (AttuneSession *self, GError **error)
{
  g_autoptr (GSettings) settings = attune_open_settings ();
  g_autofree char *text = settings != NULL ? g_settings_get_string (settings, "proxy") : NULL;
  char *proxy = NULL;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  attune_proxy_read (text, &proxy, error);
  return proxy;
}

void
attune_session_fetch_data_async (AttuneSession *self, AttuneHubData *data, const char *token,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL, outer = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GError) error = NULL;
  g_autofree char *proxy = NULL;
  Fetching *fetching;

  g_return_if_fail (ATTUNE_IS_SESSION (self) && data != NULL);

  proxy = attune_session_dup_proxy (self, &error);
  if (error != NULL || !attune_session_may_change_data (self))
    {
      if (error != NULL)
        attune_session_fail (self, ATTUNE_STAGE_DATA, error->message);
      attune_hub_data_free (data);
      g_task_return_pointer (outer, NULL, NULL);
      return;
    }
  fetching = g_new0 (Fetching, 1);
  fetching->data = data;
  fetching->hub = attune_hub_get_address ();
  fetching->token = g_strdup (token);
  fetching->proxy = g_steal_pointer (&proxy);
  fetching->folder = attune_project_get_file (self->project, "datasets");
  fetching->job = &self->jobs[ATTUNE_STAGE_DATA];
  task = g_task_new (self, attune_session_begin (self, ATTUNE_STAGE_DATA), fetched,
                     g_steal_pointer (&outer));
  g_task_set_task_data (task, fetching, fetching_free);
  g_task_run_in_thread (task, fetch);
}

char *
attune_session_fetch_data_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
