/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The protocol of a run folder: every state, the lock between processes, torn lines, a full disk,
 * curves.
 */
#include "job/json.h"
#include "job/run-curves.h"
#include "job/run-folder.h"
#include "job/run-process.h"
#include "job/run-summary.h"
#include "job/worker.h"
#include "scratch-folder.h"
#include "store/store.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *folder, *events;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("attune-run-XXXXXX", NULL);
  fixture->events = g_build_filename (fixture->folder, "events.jsonl", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  test_remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->events);
}

static void
append (Fixture *fixture, const char *text)
{
  FILE *file = g_fopen (fixture->events, "a");

  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (text, 1, strlen (text), file), ==, strlen (text));
  fclose (file);
}

static void
assert_state (Fixture *fixture, AttuneRunState state)
{
  g_assert_cmpstr (attune_run_state_get_name (attune_run_get_state (fixture->folder)), ==,
                   attune_run_state_get_name (state));
}

static void
test_states (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *event;
    AttuneRunState state;
  } cases[] = {
    { "started", ATTUNE_RUN_CRASHED },    { "step", ATTUNE_RUN_CRASHED },
    { "stopped", ATTUNE_RUN_STOPPED },    { "started", ATTUNE_RUN_CRASHED },
    { "failed", ATTUNE_RUN_FAILED },      { "started", ATTUNE_RUN_CRASHED },
    { "validation", ATTUNE_RUN_CRASHED }, { "finished", ATTUNE_RUN_FINISHED },
  };

  assert_state (fixture, ATTUNE_RUN_NEW);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      AttuneRunLock *lock = attune_run_lock (fixture->folder, &error);

      g_assert_no_error (error);
      assert_state (fixture, ATTUNE_RUN_RUNNING);
      g_assert_true (attune_run_append_event (lock, cases[i].event, NULL, &error));
      assert_state (fixture, ATTUNE_RUN_RUNNING);
      attune_run_unlock (lock);
      assert_state (fixture, cases[i].state);
    }
  append (fixture, "{\"event\": \"start"); /* torn: does not count */
  assert_state (fixture, ATTUNE_RUN_FINISHED);
}

static void
test_missing_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *none = g_build_filename (fixture->folder, "none", NULL);
  g_autoptr (GError) error = NULL;
  guint64 offset = 0;
  g_autoptr (GPtrArray) events = attune_run_read_events (none, &offset, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (events->len, ==, 0);
  g_assert_cmpint (attune_run_get_state (none), ==, ATTUNE_RUN_NEW);
  g_assert_null (attune_run_find_event (none, "step"));
  g_assert_null (attune_run_lock (none, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

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

static void
test_events (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AttuneRunLock) lock = attune_run_lock (fixture->folder, NULL);
  g_autoptr (JsonObject) members = json_object_new ();
  g_autoptr (GPtrArray) first = NULL, second = NULL, third = NULL;
  g_autoptr (JsonNode) found = NULL;
  guint64 offset = 0, before;

  json_object_set_int_member (members, "step", 1);
  json_object_set_string_member (members, "text", "two\nlines, “quoted”");
  g_assert_true (attune_run_append_event (lock, "step", members, NULL));
  first = attune_run_read_events (fixture->folder, &offset, NULL);
  g_assert_cmpuint (first->len, ==, 1);
  g_assert_cmpstr (attune_json_get_string (json_node_get_object (first->pdata[0]), "text"), ==,
                   "two\nlines, “quoted”");
  g_assert_cmpfloat (attune_json_get_double (json_node_get_object (first->pdata[0]), "time"), >,
                     1.7e9);

  before = offset;
  append (fixture, "{\"event\": \"step\", \"st"); /* being written */
  second = attune_run_read_events (fixture->folder, &offset, NULL);
  g_assert_cmpuint (second->len, ==, 0);
  g_assert_cmpuint (offset, ==, before);
  append (fixture, "ep\": 2}\nrubbish\n[1]\n{\"event\": 3}\n{\"no\": 1}\n\n{\"event\": \"end\"}\n");
  third = attune_run_read_events (fixture->folder, &offset, NULL);
  g_assert_cmpuint (third->len, ==, 2); /* the damaged ones are passed over */
  found = attune_run_find_event (fixture->folder, "step");
  g_assert_cmpint (attune_json_get_int (json_node_get_object (found), "step"), ==, 2);
  g_assert_null (attune_run_find_event (fixture->folder, "finished"));
}

/* Megabytes of rubbish are passed over piece by piece, with and without an end of line, and what
 * stands behind them is found. */
static void
test_garbage (Fixture *fixture, gconstpointer data)
{
  g_autofree char *much = g_strnfill (5 << 20, '\xff');
  g_autoptr (AttuneRunCurves) curves = attune_run_curves_new ();
  guint64 offset = 0, before;
  guint events = 0, calls = 0;

  append (fixture, "{\"event\": \"step\", \"step\": 1, \"loss\": 2}\n");
  append (fixture, much);
  append (fixture, "\n{\"event\": \"step\", \"step\": 2, \"loss\": null}\n"
                   "{\"event\": \"step\", \"step\": -3, \"loss\": 1}\n"
                   "{\"event\": \"step\"}\n{\"event\": \"validation\", \"step\": \"x\"}\n");
  do
    {
      g_autoptr (GPtrArray) some = NULL;

      before = offset;
      some = attune_run_read_some_events (fixture->folder, &offset, 1 << 10, NULL);
      events += some->len;
      g_assert_cmpuint (++calls, <, 20);
    }
  while (offset != before);
  g_assert_cmpuint (events, ==, 5);
  g_assert_true (attune_run_curves_read (curves, fixture->folder, NULL));
  g_assert_cmpuint (curves->steps->len, ==, 2);
  /* No loss is not a loss of 0. */
  g_assert_true (isnan (g_array_index (curves->steps, AttuneCurvePoint, 1).loss));

  append (fixture, much); /* and no end: not searched for ever */
  assert_state (fixture, ATTUNE_RUN_CRASHED);
  g_assert_null (attune_run_find_event (fixture->folder, NULL));
}

static void
test_log (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "worker.log", NULL),
                  *much = g_strnfill (20 << 10, 'x'), *text = NULL;
  g_autofree char *log = g_strconcat (much, "\nout of \x1b[1mmemory\xff\n\n", NULL);

  g_assert_null (attune_run_read_log (fixture->folder));
  g_assert_true (g_file_set_contents (path, "\n", -1, NULL));
  g_assert_null (attune_run_read_log (fixture->folder));
  g_assert_true (g_file_set_contents (path, log, -1, NULL));
  text = attune_run_read_log (fixture->folder);
  g_assert_cmpstr (text, ==, "out of  [1mmemory\xef\xbf\xbd");
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

/* A worker was killed in the middle of a line: the next one begins a new line. */
static void
test_torn_line (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AttuneRunLock) lock = NULL;
  g_autoptr (GPtrArray) events = NULL;
  guint64 offset = 0;

  append (fixture, "{\"event\": \"a\"}\n{\"event\": \"b\", \"lo");
  lock = attune_run_lock (fixture->folder, NULL);
  g_assert_true (attune_run_append_event (lock, "c", NULL, NULL));
  g_assert_true (attune_run_append_event (lock, "d", NULL, NULL));
  events = attune_run_read_events (fixture->folder, &offset, NULL);
  g_assert_cmpuint (events->len, ==, 3);
  g_assert_cmpstr (attune_json_get_string (json_node_get_object (events->pdata[1]), "event"), ==,
                   "c");
}

/* Longer than the tail that is looked at first. */
static void
test_long_events (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AttuneRunLock) lock = attune_run_lock (fixture->folder, NULL);
  g_autoptr (JsonObject) members = json_object_new ();
  g_autofree char *much = g_strnfill (300 << 10, 'x');
  g_autoptr (JsonNode) found = NULL;

  g_assert_true (attune_run_append_event (lock, "wanted", NULL, NULL));
  json_object_set_string_member (members, "text", much);
  for (int i = 0; i < 3; i++)
    g_assert_true (attune_run_append_event (lock, "long", members, NULL));
  found = attune_run_find_event (fixture->folder, "wanted");
  g_assert_nonnull (found);
  g_clear_pointer (&found, json_node_unref);
  found = attune_run_find_event (fixture->folder, "long");
  g_assert_cmpuint (strlen (attune_json_get_string (json_node_get_object (found), "text")), ==,
                    300 << 10);
}

/* A limit on file size stands in for a full disk. What was written before is whole, and so is what
 * comes after. */
static void
test_full_disk (Fixture *fixture, gconstpointer data)
{
  int status;
  const pid_t child = fork ();
  g_autoptr (AttuneRunLock) lock = NULL;
  g_autoptr (GPtrArray) events = NULL;
  guint64 offset = 0;

  if (child == 0)
    {
      const struct rlimit limit = { 1000, 1000 };
      g_autoptr (AttuneRunLock) here = attune_run_lock (fixture->folder, NULL);
      g_autoptr (GError) error = NULL;

      signal (SIGXFSZ, SIG_IGN);
      setrlimit (RLIMIT_FSIZE, &limit);
      for (int i = 0; i < 100; i++)
        if (!attune_run_append_event (here, "step", NULL, &error))
          _exit (strstr (error->message, "events.jsonl") != NULL && i > 5 ? 0 : 1);
      _exit (2);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  lock = attune_run_lock (fixture->folder, NULL);
  g_assert_true (attune_run_append_event (lock, "room again", NULL, NULL));
  events = attune_run_read_events (fixture->folder, &offset, NULL);
  g_assert_cmpuint (events->len, >, 6);
  g_assert_cmpstr (
      attune_json_get_string (json_node_get_object (events->pdata[events->len - 1]), "event"), ==,
      "room again");
}

static void
test_requests (Fixture *fixture, gconstpointer data)
{
  g_assert_false (attune_run_has_request (fixture->folder, "stop"));
  g_assert_true (attune_run_request (fixture->folder, "stop", NULL));
  g_assert_true (attune_run_request (fixture->folder, "stop", NULL)); /* twice is once */
  g_assert_true (attune_run_has_request (fixture->folder, "stop"));
  g_assert_false (attune_run_has_request (fixture->folder, "checkpoint"));
  attune_run_clear_request (fixture->folder, "stop");
  attune_run_clear_request (fixture->folder, "stop");
  g_assert_false (attune_run_has_request (fixture->folder, "stop"));
}

/* Steps that were done again after a crash are there once; run.h5 holds what the events say. */
static void
test_curves (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AttuneRunCurves) curves = attune_run_curves_new ();
  g_autoptr (JsonObject) result = json_object_new ();
  g_autofree char *path = g_build_filename (fixture->folder, "run.h5", NULL);
  g_autoptr (AttuneStore) store = NULL;
  g_auto (GStrv) answers = NULL;
  g_autoptr (GError) error = NULL;
  gint64 steps[4];
  double losses[4];

  append (fixture,
          "{\"event\": \"validation\", \"step\": 0, \"loss\": 5, \"best\": true}\n"
          "{\"event\": \"step\", \"step\": 1, \"loss\": 4}\n"
          "{\"event\": \"step\", \"step\": 2, \"loss\": 3}\n"
          "{\"event\": \"step\", \"step\": 3, \"loss\": 2.5}\n"
          "{\"event\": \"validation\", \"step\": 3, \"loss\": 3.5, \"best\": true}\n"
          "{\"event\": \"sample\", \"step\": 3, \"question\": \"q\", \"answer\": \"old\"}\n"
          "{\"event\": \"started\"}\n"
          "{\"event\": \"step\", \"step\": 3, \"loss\": 2.25}\n");
  g_assert_true (attune_run_curves_read (curves, fixture->folder, &error));
  g_assert_cmpuint (curves->steps->len, ==, 3);
  g_assert_cmpuint (curves->validations->len, ==, 1);
  g_assert_cmpuint (curves->samples->len, ==, 0);
  append (fixture,
          "{\"event\": \"validation\", \"step\": 3, \"loss\": 3.25, \"best\": true}\n"
          "{\"event\": \"sample\", \"step\": 3, \"question\": \"q\", \"answer\": \"new\"}\n"
          "{\"event\": \"step\", \"step\": 4, \"loss\": 2}\n");
  g_assert_true (attune_run_curves_read (curves, fixture->folder, &error));
  g_assert_cmpuint (curves->steps->len, ==, 4);
  g_assert_cmpuint (curves->validations->len, ==, 2);
  g_assert_cmpuint (curves->samples->len, ==, 1);

  g_assert_true (attune_run_curves_write (curves, fixture->folder, result, &error));
  g_assert_no_error (error);
  store = attune_store_open (path, "run", 1, &error);
  g_assert_no_error (error);
  g_assert_true (attune_store_get (store, "train/step", ATTUNE_STORE_I64, 0, 4, steps, &error));
  g_assert_true (attune_store_get (store, "train/loss", ATTUNE_STORE_F64, 0, 4, losses, &error));
  g_assert_cmpint (steps[3], ==, 4);
  g_assert_cmpfloat (losses[2], ==, 2.25);
  answers = attune_store_get_text (store, "samples/answer", 0, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (answers[0], ==, "new");
}

/* What a list of runs says, also of one that has crashed or is damaged. */
static void
test_summary (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AttuneRunSummary) none = attune_run_summary_read (fixture->folder), crashed = NULL,
                               rewarded = NULL, finished = NULL;

  g_assert_cmpint (none->state, ==, ATTUNE_RUN_NEW);
  g_assert_cmpfloat (none->begun, ==, 0);
  g_assert_cmpint (none->best_step, ==, -1);
  g_assert_true (isnan (none->best_loss));
  g_assert_null (none->plan);

  append (fixture, "{\"event\": \"started\", \"time\": 1795575128.5}\n"
                   "{\"event\": \"validation\", \"step\": 0, \"loss\": 5}\n"
                   "{\"event\": \"validation\", \"step\": 10, \"loss\": 2}\n"
                   "{\"event\": \"validation\", \"step\": 20, \"loss\": 3}\n"
                   "{\"event\": \"validation\", \"step\": 30, \"loss\": null}\n");
  crashed = attune_run_summary_read (fixture->folder);
  g_assert_cmpint (crashed->state, ==, ATTUNE_RUN_CRASHED);
  g_assert_cmpfloat (crashed->begun, ==, 1795575128.5);
  g_assert_cmpint (crashed->best_step, ==, 10);
  g_assert_cmpfloat (crashed->best_loss, ==, 2);

  append (fixture, "{\"event\": \"finished\", \"best_loss\": -0.5, \"best_reward\": 1.5, "
                   "\"best_step\": 30}\n");
  rewarded = attune_run_summary_read (fixture->folder);
  g_assert_cmpfloat (rewarded->best_loss, ==, -0.5);
  g_assert_cmpfloat (rewarded->best_reward, ==, 1.5);
  append (fixture, "{\"event\": \"finished\", \"best_loss\": 1.5, \"best_step\": 40}\n");
  finished = attune_run_summary_read (fixture->folder);
  g_assert_cmpint (finished->state, ==, ATTUNE_RUN_FINISHED);
  g_assert_cmpint (finished->best_step, ==, 40);
  g_assert_cmpfloat (finished->best_loss, ==, 1.5);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run-folder/states", test_states);
  ADD ("/run-folder/missing-folder", test_missing_folder);
  ADD ("/run-folder/two-workers", test_two_workers);
  ADD ("/run-folder/readers-do-not-lock-out", test_readers_do_not_lock_out);
  ADD ("/run-folder/start", test_start);
  ADD ("/run-folder/start-without-program", test_start_without_program);
  ADD ("/run-folder/events", test_events);
  ADD ("/run-folder/torn-line", test_torn_line);
  ADD ("/run-folder/garbage", test_garbage);
  ADD ("/run-folder/log", test_log);
  ADD ("/run-folder/end-worker", test_end_worker);
  ADD ("/run-folder/long-events", test_long_events);
  ADD ("/run-folder/full-disk", test_full_disk);
  ADD ("/run-folder/requests", test_requests);
  ADD ("/run-folder/curves", test_curves);
  ADD ("/run-folder/summary", test_summary);
  return g_test_run ();
}
