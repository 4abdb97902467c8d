/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See child-guard.h.
 */
#include "data/child-guard.h"

#include <signal.h>

struct _AttuneChildGuard
{
  GSubprocess *process; /* borrowed */
  char *pid;            /* while it lives; its group may live on */
  guint seconds;
  GMutex mutex;
  GCond cond;
  gboolean done, late;
  GThread *thread;
};

void
attune_child_guard_kill (AttuneChildGuard *self)
{
  /* nobody where it leads no group; a group outlives its leader, and has the output open */
  if (self->pid != NULL)
    kill (-(pid_t) g_ascii_strtoll (self->pid, NULL, 10), SIGKILL);
  g_subprocess_force_exit (self->process);
}

static gpointer
watch (gpointer data)
{
  AttuneChildGuard *self = data;
  const gint64 end = g_get_monotonic_time () + self->seconds * G_TIME_SPAN_SECOND;

  g_mutex_lock (&self->mutex);
  while (!self->done && !self->late)
    self->late = !g_cond_wait_until (&self->cond, &self->mutex, end);
  if (!self->done)
    attune_child_guard_kill (self);
  g_mutex_unlock (&self->mutex);
  return NULL;
}

AttuneChildGuard *
attune_child_guard_new (GSubprocess *process, guint seconds)
{
  AttuneChildGuard *self = g_new0 (AttuneChildGuard, 1);

  self->process = process;
  self->pid = g_strdup (g_subprocess_get_identifier (process));
  self->seconds = seconds;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->thread = g_thread_new ("child-guard", watch, self);
  return self;
}

gboolean
attune_child_guard_end (AttuneChildGuard *self)
{
  gboolean late;

  g_mutex_lock (&self->mutex);
  self->done = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
  g_thread_join (self->thread);
  late = self->late;
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self->pid);
  g_free (self);
  return late;
}
