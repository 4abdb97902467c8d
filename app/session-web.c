/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Web pages: fetched in a thread into the project's folder, and then imported as a folder of
 * documents is.
 */
#include "session-private.h"

#include "data/web.h"

#include <glib/gi18n.h>

typedef struct
{
  char *address, *folder, *proxy;
  AttuneWebLimits limits;
  AttuneWebReport report;
  SessionJob *job; /* borrowed, of the session that the task holds */
} Fetching;

static void
fetching_free (gpointer data)
{
  Fetching *fetching = data;

  g_free (fetching->address);
  g_free (fetching->folder);
  g_free (fetching->proxy);
  attune_web_report_clear (&fetching->report);
  g_free (fetching);
}

static void
fetch (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Fetching *fetching = data;
  GError *error = NULL;
  AttuneSource *pages = NULL;

  if (attune_web_fetch (fetching->address, fetching->folder, &fetching->limits,
                        attune_session_on_progress, fetching->job, cancellable, &fetching->report,
                        &error))
    pages = attune_source_probe (fetching->folder, &error);
  if (pages != NULL)
    g_task_return_pointer (task, pages, (GDestroyNotify) attune_source_free);
  else
    g_task_return_error (task, error);
}

/* What was not read, which the count of rows does not tell. */
static void
say_rest (AttuneSession *self, const AttuneWebReport *report)
{
  const guint n = report->n_refused + report->n_others + report->n_failed;
  g_autofree char *text
      = report->lost
            ? g_strdup_printf (ngettext ("%u page fetched; then the server no longer answered",
                                         "%u pages fetched; then the server no longer answered",
                                         report->n_pages),
                               report->n_pages)
        : report->has_more
            ? g_strdup_printf (ngettext ("%u page fetched; there are more",
                                         "%u pages fetched; there are more", report->n_pages),
                               report->n_pages)
            : g_strdup_printf (ngettext ("%u address was not read: it is no page, is missing, or "
                                         "its server asks programs not to",
                                         "%u addresses were not read: they are no pages, are "
                                         "missing, or their server asks programs not to",
                                         n),
                               n);

  if (report->lost || report->has_more || n > 0)
    attune_session_say (self, text);
}

static void
fetched (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneSession *self = ATTUNE_SESSION (source);
  const Fetching *fetching = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  AttuneSource *pages = g_task_propagate_pointer (G_TASK (result), &error);

  attune_session_end_data (self, error);
  if (pages == NULL)
    return;
  if (self->closed)
    {
      attune_source_free (pages);
      return;
    }
  say_rest (self, &fetching->report);
  attune_session_import (self, pages);
}

void
attune_session_fetch_pages (AttuneSession *self, const char *address, guint max_pages)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *proxy = NULL;
  g_autoptr (GError) error = NULL;
  Fetching *fetching;

  g_return_if_fail (ATTUNE_IS_SESSION (self) && address != NULL);

  if (!attune_session_may_change_data (self))
    return;
  proxy = attune_session_dup_proxy (self, &error);
  if (error != NULL)
    {
      attune_session_fail (self, ATTUNE_STAGE_DATA, error->message);
      return;
    }
  fetching = g_new0 (Fetching, 1);
  fetching->proxy = g_steal_pointer (&proxy);
  fetching->address = g_strdup (address);
  fetching->folder = attune_project_get_web_folder (self->project, address);
  fetching->limits = attune_web_limits;
  fetching->limits.max_pages = max_pages;
  fetching->limits.proxy = fetching->proxy;
  fetching->job = &self->jobs[ATTUNE_STAGE_DATA];
  task = g_task_new (self, attune_session_begin (self, ATTUNE_STAGE_DATA), fetched, NULL);
  g_task_set_task_data (task, fetching, fetching_free);
  g_task_run_in_thread (task, fetch);
}
