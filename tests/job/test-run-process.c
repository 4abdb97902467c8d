/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lock between processes: who works on a run, how a worker is started, and how it is ended.
 */
#include "job/run-process.h"
#include "job/worker.h"
#include "run-fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Holds the lock in another process until it is killed. */
static pid_t
lock_elsewhere (Fixture *fixture)
{
  int ready[2];
  char byte;
  pid_t child;

  g_assert_cmpint (pipe (ready), ==, 0);
  child = fork ();
  if (child == 0)
    {
      g_autoptr (AttuneRunLock) lock = attune_run_lock (fixture->folder, NULL);

      if (lock == NULL || !attune_run_append_event (lock, "started", NULL, NULL)
          || write (ready[1], "x", 1) != 1)
        _exit (1);
      for (;;)
        pause ();
    }
  close (ready[1]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  close (ready[0]);
  return child;
}

static void
test_two_workers (Fixture *fixture, gconstpointer data)
{
  const pid_t child = lock_elsewhere (fixture);
  g_autofree char *pid = g_strdup_printf ("%d", (int) child);
  g_autoptr (AttuneRunLock) lock = NULL;
  g_autoptr (GError) error = NULL;

  assert_state (fixture, ATTUNE_RUN_RUNNING);
  g_assert_null (attune_run_lock (fixture->folder, &error));
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_LOCKED);
  g_assert_nonnull (strstr (error->message, pid)); /* who it is */
  g_clear_error (&error);
  g_assert_false (attune_worker_run (fixture->folder, &error));
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_LOCKED);
  g_clear_error (&error);
  g_assert_cmpint (attune_worker_start (fixture->folder, "/bin/true", &error), ==, 0);
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_LOCKED);
  g_clear_error (&error);

  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  assert_state (fixture, ATTUNE_RUN_CRASHED); /* the system gave the lock back */
  lock = attune_run_lock (fixture->folder, &error);
  g_assert_no_error (error);
}

/* Readers look at the state all the time; that must not keep a worker from beginning. */
static void
test_readers_do_not_lock_out (Fixture *fixture, gconstpointer data)
{
  const pid_t reader = fork ();

  if (reader == 0)
    for (;;)
      attune_run_get_state (fixture->folder);
  for (int i = 0; i < 100; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneRunLock) lock = attune_run_lock (fixture->folder, &error);

      g_assert_no_error (error);
    }
  kill (reader, SIGKILL);
  waitpid (reader, NULL, 0);
}

/* Where the kernel shares the processor out among sessions, the worker's comes last. */
static void
assert_session_is_lowered (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/autogroup", pid), *text = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL) && *text != '\0')
    g_assert_true (g_str_has_suffix (text, " nice 5\n"));
}

/* The lock passes from the starter to the worker without a gap, and goes with the worker. */
static void
test_start (Fixture *fixture, gconstpointer data)
{
  g_autofree char *program = g_build_filename (fixture->folder, "worker", NULL);
  g_autofree char *log = g_build_filename (fixture->folder, "worker.log", NULL), *text = NULL;
  g_autoptr (GError) error = NULL;
  int pid, group, nice_before = getpriority (PRIO_PROCESS, 0);

  /* Stands in for attunectl: says what it was given, and stays until it is told to go. */
  g_assert_true (g_file_set_contents (
      program,
      "#!/bin/sh\necho \"args $*\"; echo \"lock $" ATTUNE_RUN_LOCK_VARIABLE "\"\n"
      "while [ ! -e \"$2/request-stop\" ]; do sleep 0.02; done\n",
      -1, NULL));
  g_assert_cmpint (g_chmod (program, 0700), ==, 0);
  g_assert_true (
      attune_run_request (fixture->folder, "stop", NULL)); /* left over from an earlier worker */

  pid = attune_worker_start (fixture->folder, program, &error);
  g_assert_no_error (error);
  g_assert_cmpint (pid, >, 0);
  assert_state (fixture, ATTUNE_RUN_RUNNING);
  group = getpgid (pid);
  for (int i = 0; i < 250 && group != pid; i++, group = getpgid (pid))
    g_usleep (20000);
  g_assert_cmpint (group, ==,
                   pid); /* in a session of its own: closing the terminal does not reach it */
  g_assert_cmpint (getsid (pid), ==, pid);
  g_assert_cmpint (getpriority (PRIO_PROCESS, pid), ==, MAX (nice_before, 10));
  assert_session_is_lowered (pid);
  g_assert_cmpint (attune_worker_start (fixture->folder, program, &error), ==, 0);
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_LOCKED);

  g_assert_true (attune_run_request (fixture->folder, "stop", NULL));
  for (int i = 0; i < 500 && attune_run_get_state (fixture->folder) == ATTUNE_RUN_RUNNING; i++)
    g_usleep (20000);
  assert_state (fixture, ATTUNE_RUN_NEW);
  g_assert_true (g_file_get_contents (log, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "args work /"));
  g_assert_nonnull (strstr (text, fixture->folder));
  g_assert_nonnull (strstr (text, "lock 3"));
}

static void
test_start_without_program (Fixture *fixture, gconstpointer data)
{
  g_autofree char *program = g_build_filename (fixture->folder, "none", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (attune_worker_start (fixture->folder, program, &error), ==, 0);
  g_assert_nonnull (error);
  assert_state (fixture, ATTUNE_RUN_NEW); /* the lock is free again */
}

/* Only a worker of this user that has this lock open is ended. */
static void
test_end_worker (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "lock", NULL);
  g_autoptr (GError) error = NULL;
  pid_t child;

  g_assert_true (attune_run_end_worker (fixture->folder, &error)); /* nobody works on it */
  g_assert_no_error (error);
  child = lock_elsewhere (fixture);
  g_assert_false (attune_run_end_worker (fixture->folder, &error)); /* not attunectl */
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_LOCKED);
  g_clear_error (&error);
  g_assert_cmpint (kill (child, 0), ==, 0);
  for (int i = 0; i < 3; i++)
    {
      static const char *const wrong[] = { "1\n", "rubbish", "999999999" };

      g_assert_true (
          g_file_set_contents_full (path, wrong[i], -1, G_FILE_SET_CONTENTS_NONE, 0666, NULL));
      g_assert_false (attune_run_end_worker (fixture->folder, &error));
      g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_LOCKED);
      g_clear_error (&error);
    }
  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  waitpid (child, NULL, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run-folder/two-workers", test_two_workers);
  ADD ("/run-folder/readers-do-not-lock-out", test_readers_do_not_lock_out);
  ADD ("/run-folder/start", test_start);
  ADD ("/run-folder/start-without-program", test_start_without_program);
  ADD ("/run-folder/end-worker", test_end_worker);
  return g_test_run ();
}
