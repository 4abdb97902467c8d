/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The protocol of a run folder: every state, events, torn lines, a full disk, requests.
 */
#include "job/json.h"
#include "job/run-curves.h"
#include "job/run-process.h"
#include "run-fixture.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run-folder/states", test_states);
  ADD ("/run-folder/missing-folder", test_missing_folder);
  ADD ("/run-folder/events", test_events);
  ADD ("/run-folder/torn-line", test_torn_line);
  ADD ("/run-folder/garbage", test_garbage);
  ADD ("/run-folder/log", test_log);
  ADD ("/run-folder/long-events", test_long_events);
  ADD ("/run-folder/full-disk", test_full_disk);
  ADD ("/run-folder/requests", test_requests);
  return g_test_run ();
}
