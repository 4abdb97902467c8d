/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Starting a worker, of a run or of a search, from a program that cannot compute. Light.
 */
#include "job/search.h"
#include "job/worker.h"

#include "core/file.h"
#include "core/priority.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <unistd.h>

#define LOCK_FD 3 /* the first one that is free in the worker */

char *
attune_worker_find_program (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);

  if (self != NULL)
    {
      g_autofree char *folder = g_path_get_dirname (self);
      g_autofree char *beside = g_build_filename (folder, "attunectl", NULL);

      if (g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&beside);
    }
  return g_find_program_in_path ("attunectl");
}

gboolean
attune_worker_fail_program (GError **error)
{
  g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
               "The program attunectl was not found, so nothing could be started. Is Attune "
               "installed whole?");
  return FALSE;
}

/* In the child, between fork and exec: async-signal-safe calls only. */
static void
set_up_child (gpointer data)
{
  attune_priority_lower (setsid () >= 0);
}

/* @words: (array zero-terminated=1): of attunectl, which takes the lock of @folder over. */
static int
start (const char *folder, const char *program, const char *const *words, GError **error)
{
  g_autofree char *found
      = program == NULL ? attune_worker_find_program () : g_canonicalize_filename (program, NULL);
  g_autofree char *log = g_build_filename (folder, "worker.log", NULL);
  g_autoptr (AttuneRunLock) lock = NULL;
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GSubprocess) worker = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  const char *pid;
  int fd;

  if (found == NULL)
    {
      attune_worker_fail_program (error);
      return 0;
    }
  if ((lock = attune_run_lock (folder, error)) == NULL)
    return 0;
  if ((fd = open (log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) < 0)
    {
      attune_file_fail (error, errno, "write", log);
      return 0;
    }

  /* What was asked of an earlier worker is not meant for this one. */
  attune_run_clear_request (folder, "stop");
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_subprocess_launcher_take_stdout_fd (launcher, fd);
  g_subprocess_launcher_set_stdin_file_path (launcher, "/dev/null");
  g_subprocess_launcher_take_fd (
      launcher, fcntl (attune_run_lock_get_fd (lock), F_DUPFD_CLOEXEC, LOCK_FD), LOCK_FD);
  g_subprocess_launcher_setenv (launcher, ATTUNE_RUN_LOCK_VARIABLE, G_STRINGIFY (LOCK_FD), TRUE);
  g_subprocess_launcher_set_cwd (launcher, "/");
  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  g_ptr_array_add (argv, found);
  while (*words != NULL)
    g_ptr_array_add (argv, (gpointer) *words++);
  g_ptr_array_add (argv, NULL);
  worker = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, error);
  g_subprocess_launcher_close (launcher);
  if (worker == NULL)
    return 0;
  pid = g_subprocess_get_identifier (worker);
  if (pid != NULL)
    attune_run_lock_set_pid (lock, (int) g_ascii_strtoll (pid, NULL, 10));
  /* It has ended already: its log and events say why. */
  return pid != NULL ? (int) g_ascii_strtoll (pid, NULL, 10) : -1;
}

int
attune_worker_start (const char *folder, const char *program, GError **error)
{
  g_autofree char *absolute = NULL;

  g_return_val_if_fail (folder != NULL, 0);

  absolute = g_canonicalize_filename (folder, NULL);
  return start (absolute, program, (const char *[]) { "work", absolute, NULL }, error);
}

int
attune_search_start (const AttuneSearch *self, const char *program, GError **error)
{
  g_autofree char *folder = NULL, *project = NULL, *name = NULL;

  g_return_val_if_fail (self != NULL, 0);

  folder = g_canonicalize_filename (self->folder, NULL);
  project = g_canonicalize_filename (attune_project_get_path (self->project), NULL);
  name = g_path_get_basename (folder);
  return start (folder, program,
                (const char *[]) { "search", project, "--resume", "--search", name, NULL }, error);
}
