/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the worker of a run among the processes and ends it.
 */
#include "job/run-process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* The process that the lock file names, or 0. */
static int
read_pid (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "lock", NULL), *text = NULL;
  gint64 pid = 0;

  if (!g_file_get_contents (path, &text, NULL, NULL)
      || !g_ascii_string_to_signed (g_strstrip (text), 10, 2, G_MAXINT, &pid, NULL))
    return 0;
  return (int) pid;
}

/* Whether it is attunectl, be it an older one that has been replaced while it ran. */
static gboolean
is_attunectl (int pid)
{
  g_autofree char *link = g_strdup_printf ("/proc/%d/exe", pid);
  g_autofree char *program = g_file_read_link (link, NULL);
  g_autofree char *name = program != NULL ? g_path_get_basename (program) : NULL;

  return name != NULL
         && (strcmp (name, "attunectl") == 0 || strcmp (name, "attunectl (deleted)") == 0);
}

static gboolean
is_ours (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d", pid);
  struct stat info;

  return stat (path, &info) == 0 && info.st_uid == geteuid ();
}

/* Whether it has the lock of @folder open. */
static gboolean
has_lock (int pid, const char *folder)
{
  g_autofree char *lock = g_build_filename (folder, "lock", NULL),
                  *path = g_strdup_printf ("/proc/%d/fd", pid);
  g_autoptr (GDir) files = g_dir_open (path, 0, NULL);
  const char *name;
  struct stat wanted;

  if (files == NULL || stat (lock, &wanted) != 0)
    return FALSE;
  while ((name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      struct stat info;

      if (stat (file, &info) == 0 && info.st_dev == wanted.st_dev && info.st_ino == wanted.st_ino)
        return TRUE;
    }
  return FALSE;
}

gboolean
attune_run_end_worker (const char *folder, GError **error)
{
  int pid, handle;
  gboolean good;

  g_return_val_if_fail (folder != NULL, FALSE);

  if (attune_run_get_state (folder) != ATTUNE_RUN_RUNNING)
    return TRUE;
  pid = read_pid (folder);
  /* A handle, taken before looking: the number may be given to another process meanwhile. */
  handle = pid > 0 ? pidfd_open (pid, 0) : -1;
  if (handle < 0)
    {
      g_set_error (
          error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_LOCKED,
          "The process that works on the run “%s” is not on this computer. End it where it "
          "was started.",
          folder);
      return FALSE;
    }
  good = is_ours (pid) && is_attunectl (pid) && has_lock (pid, folder);
  if (!good)
    g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_LOCKED,
                 "Process %d, which the run “%s” names, is not a worker of yours, so it was left "
                 "alone.",
                 pid, folder);
  else if (pidfd_send_signal (handle, SIGKILL, NULL, 0) != 0 && errno != ESRCH)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_LOCKED,
                   "The process %d could not be ended: %s.", pid, g_strerror (errno));
      good = FALSE;
    }
  close (handle);
  return good;
}
