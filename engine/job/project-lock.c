/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lock of a project: flock() on a file in its folder.
 */
#include "job/project-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

struct _AttuneProjectLock
{
  int fd;
};

AttuneProjectLock *
attune_project_lock (AttuneProject *project, GError **error)
{
  g_autoptr (AttuneProjectLock) self = g_new0 (AttuneProjectLock, 1);
  g_autofree char *path = NULL;

  g_return_val_if_fail (ATTUNE_IS_PROJECT (project), NULL);

  path = attune_project_get_file (project, ".lock");
  self->fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (self->fd < 0 || access (attune_project_get_path (project), W_OK) != 0)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
                   "The folder “%s” cannot be written: %s.", attune_project_get_path (project),
                   g_strerror (errno));
      return NULL;
    }
  if (flock (self->fd, LOCK_EX | LOCK_NB) != 0)
    {
      if (errno == EWOULDBLOCK)
        g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_LOCKED,
                     "The project “%s” is open in another window.",
                     attune_project_get_path (project));
      else
        g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
                     "The project “%s” cannot be locked: %s.", attune_project_get_path (project),
                     g_strerror (errno));
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
attune_project_unlock (AttuneProjectLock *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}
