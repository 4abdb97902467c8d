/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lock, state and requests of a run folder, and the writing of its events. Light: who only watches
 * a run needs this and run-events.c.
 */
#include "job/run-folder.h"

#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct _AttuneRunLock
{
  char *events_path;
  int fd;        /* of the lock; closing it gives the lock back */
  int events;    /* for appending */
  gboolean torn; /* the last line may be unfinished: begin a new one first */
};

const char *
attune_run_state_get_name (AttuneRunState state)
{
  static const char *const names[]
      = { "new", "running", "finished", "stopped", "failed", "crashed" };

  g_return_val_if_fail (state < G_N_ELEMENTS (names), NULL);
  return names[state];
}

/* --- the lock */

/* A reader that looks at the state holds the lock (shared) for an instant: try for a moment before
 * giving up. */
static int
take_lock (int fd)
{
  for (int tries = 0;; tries++)
    {
      if (flock (fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
      if (errno != EWOULDBLOCK || tries == 10)
        return errno;
      g_usleep (20 * 1000);
    }
}

/* The lock that attune_worker_start() took for this process, or -1. */
static int
adopt_lock (const char *path)
{
  static gsize adopted;
  const char *number = g_getenv (ATTUNE_RUN_LOCK_VARIABLE);
  struct stat given, wanted;
  int fd;

  if (number == NULL || !g_once_init_enter (&adopted))
    return -1;
  g_once_init_leave (&adopted, 1);
  fd = (int) g_ascii_strtoll (number, NULL, 10);
  if (fd <= 2 || fstat (fd, &given) != 0 || stat (path, &wanted) != 0
      || given.st_dev != wanted.st_dev || given.st_ino != wanted.st_ino || take_lock (fd) != 0)
    return -1;
  fcntl (fd, F_SETFD, FD_CLOEXEC);
  return fd;
}

static gboolean
fail_locked (GError **error, const char *folder, int fd)
{
  char owner[32] = "";
  const gssize n = pread (fd, owner, sizeof owner - 1, 0);

  owner[MAX (n, 0)] = '\0';
  g_strstrip (owner);
  g_set_error (
      error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_LOCKED,
      "Somebody already works on the run “%s”%s%s. Wait until that is done, or stop it first.",
      folder, *owner ? ": process " : "", owner);
  return FALSE;
}

static gboolean
open_events (AttuneRunLock *self, const char *folder, GError **error)
{
  struct stat info;
  char last = '\n';

  self->events_path = g_build_filename (folder, "events.jsonl", NULL);
  self->events = open (self->events_path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (self->events < 0)
    return attune_file_fail (error, errno, "write", self->events_path);
  if (fstat (self->events, &info) == 0 && info.st_size > 0
      && pread (self->events, &last, 1, info.st_size - 1) == 1)
    self->torn = last != '\n';
  return TRUE;
}

AttuneRunLock *
attune_run_lock (const char *folder, GError **error)
{
  g_autoptr (AttuneRunLock) self = g_new0 (AttuneRunLock, 1);
  g_autofree char *path = NULL;
  int code;

  g_return_val_if_fail (folder != NULL, NULL);

  self->events = -1;
  path = g_build_filename (folder, "lock", NULL);
  self->fd = adopt_lock (path);
  if (self->fd < 0)
    {
      self->fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
      if (self->fd < 0)
        {
          attune_file_fail (error, errno, "lock", folder);
          return NULL;
        }
      if ((code = take_lock (self->fd)) != 0)
        {
          if (code == EWOULDBLOCK)
            fail_locked (error, folder, self->fd);
          else
            attune_file_fail (error, code, "lock", folder);
          return NULL;
        }
    }

  attune_run_lock_set_pid (self, getpid ());
  if (!open_events (self, folder, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
attune_run_unlock (AttuneRunLock *self)
{
  if (self == NULL)
    return;
  if (self->events >= 0)
    close (self->events);
  /* Not LOCK_UN: that would take the lock from a worker that shares this description. */
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->events_path);
  g_free (self);
}

/* Only for messages and for ending it; the lock itself is what counts. */
void
attune_run_lock_set_pid (AttuneRunLock *self, int pid)
{
  g_autofree char *text = g_strdup_printf ("%d\n", pid);

  if (ftruncate (self->fd, 0) != 0 || pwrite (self->fd, text, strlen (text), 0) < 0)
    g_debug ("The process number could not be written beside %s", self->events_path);
}

int
attune_run_lock_get_fd (const AttuneRunLock *self)
{
  return self->fd;
}

/* --- events */

gboolean
attune_run_append_event (AttuneRunLock *self, const char *name, JsonObject *object, GError **error)
{
  g_autoptr (JsonObject) event = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL, *line = NULL;
  gsize length;
  gssize n;

  g_return_val_if_fail (self != NULL && name != NULL, FALSE);

  json_object_set_double_member (event, "time", g_get_real_time () / 1e6);
  json_object_set_string_member (event, "event", name);
  if (object != NULL)
    {
      JsonObjectIter iter;
      const char *member;
      JsonNode *value;

      json_object_iter_init (&iter, object);
      while (json_object_iter_next (&iter, &member, &value))
        json_object_set_member (event, member, json_node_copy (value));
    }
  json_node_set_object (node, event);
  text = json_to_string (node, FALSE);
  line = g_strconcat (self->torn ? "\n" : "", text, "\n", NULL);
  length = strlen (line);

  do
    n = write (self->events, line, length);
  while (n < 0 && errno == EINTR);
  if (n == (gssize) length)
    {
      self->torn = FALSE;
      return TRUE;
    }
  self->torn = self->torn || n > 0;
  /* A short write is what a disk gives that has just become full. */
  return attune_file_fail (error, n < 0 ? errno : ENOSPC, "write", self->events_path);
}

/* --- state */

static gboolean
is_locked (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "lock", NULL);
  const int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean locked;

  if (fd < 0)
    return FALSE;
  locked = flock (fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close (fd);
  return locked;
}

static gboolean
has_events (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "events.jsonl", NULL);
  struct stat info;

  return stat (path, &info) == 0 && info.st_size > 0;
}

AttuneRunState
attune_run_get_state (const char *folder)
{
  g_autoptr (JsonNode) last = NULL;
  const char *name;

  g_return_val_if_fail (folder != NULL, ATTUNE_RUN_NEW);

  if (is_locked (folder))
    return ATTUNE_RUN_RUNNING;
  last = attune_run_find_event (folder, NULL);
  if (last == NULL) /* killed in its first line, or it has written what nobody can read */
    return has_events (folder) ? ATTUNE_RUN_CRASHED : ATTUNE_RUN_NEW;
  name = json_object_get_string_member (json_node_get_object (last), "event");
  for (AttuneRunState state = ATTUNE_RUN_FINISHED; state <= ATTUNE_RUN_FAILED; state++)
    if (strcmp (name, attune_run_state_get_name (state)) == 0)
      return state;
  return ATTUNE_RUN_CRASHED;
}

/* --- requests */

static char *
request_path (const char *folder, const char *request)
{
  g_autofree char *name = g_strconcat ("request-", request, NULL);

  return g_build_filename (folder, name, NULL);
}

gboolean
attune_run_has_request (const char *folder, const char *request)
{
  g_autofree char *path = request_path (folder, request);

  return access (path, F_OK) == 0;
}

void
attune_run_clear_request (const char *folder, const char *request)
{
  g_autofree char *path = request_path (folder, request);

  g_unlink (path);
}

gboolean
attune_run_request (const char *folder, const char *request, GError **error)
{
  g_autofree char *path = request_path (folder, request);
  const int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

  if (fd < 0)
    return attune_file_fail (error, errno, "write", path);
  close (fd);
  return TRUE;
}
