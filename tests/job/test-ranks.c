/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run of two processes: it ends with a sentence when one is killed and goes on to the same bits,
 * it ends with its worker, and Ctrl+C saves.
 */
#include "work.h"

#include <unistd.h>

#define PLAN                                                                                       \
  "--max-steps 40 --batch-size 8 --validate-every 20 --checkpoint-every 4 --patience 0 --ranks 2"

static int
finish (GPid pid)
{
  int status;

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return status;
}

/* The process that @pid has started; waits for it. */
static GPid
find_child (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", pid, pid);

  for (int tries = 0; tries < 1000; tries++)
    {
      g_autofree char *text = NULL;

      if (g_file_get_contents (path, &text, NULL, NULL) && g_ascii_strtoll (text, NULL, 10) > 0)
        return (GPid) g_ascii_strtoll (text, NULL, 10);
      g_usleep (10000);
    }
  g_error ("%d has no child", pid);
}

static void
wait_for_step (const char *folder)
{
  for (int tries = 0; tries < 3000; tries++)
    {
      g_autoptr (JsonNode) step = attune_run_find_event (folder, "step");

      if (step != NULL && json_object_get_int_member (json_node_get_object (step), "step") >= 5)
        return;
      g_usleep (10000);
    }
  g_error ("there was no step");
}

static void
assert_goes_on (const char *folder, GBytes *expected)
{
  g_autoptr (GBytes) got = NULL;

  g_assert_cmpint (finish (test_start_work (folder)), ==, 0);
  g_assert_cmpint (attune_run_get_state (folder), ==, ATTUNE_RUN_FINISHED);
  got = test_read_values (folder);
  g_assert_true (g_bytes_equal (expected, got));
}

static void
test_killed (TestProject *self, gconstpointer data)
{
  g_autofree char *alone = NULL, *folder = NULL;
  g_autoptr (GBytes) expected = NULL;
  g_autoptr (JsonNode) last = NULL, end = NULL;
  GPid worker, child;
  int status;

  test_project_prepare (self, PLAN);
  alone = test_new_run (self);
  g_assert_cmpint (finish (test_start_work (alone)), ==, 0);
  expected = test_read_values (alone);
  end = attune_run_find_event (alone, "finished");
  g_assert_cmpfloat (test_number (end, NULL, "peak_bytes"), >, 30e6); /* of both */

  /* One of the two dies: the other says so, and what was saved counts. */
  folder = test_new_run (self);
  worker = test_start_work (folder);
  child = find_child (worker);
  wait_for_step (folder);
  kill (child, SIGKILL);
  status = finish (worker);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 1);
  g_assert_cmpint (attune_run_get_state (folder), ==, ATTUNE_RUN_FAILED);
  last = attune_run_find_event (folder, "failed");
  g_test_message ("%s", test_string (last, "text"));
  g_assert_nonnull (strstr (test_string (last, "text"), "Process 2 of the 2"));
  g_assert_nonnull (strstr (test_string (last, "text"), "resume"));
  assert_goes_on (folder, expected);
}

/* The worker dies: the other does not outlive it, and holds nothing of the run. */
static void
test_worker_killed (TestProject *self, gconstpointer data)
{
  g_autofree char *folder = NULL;
  GPid worker, child;
  int tries = 0;

  test_project_prepare (self, PLAN);
  folder = test_new_run (self);
  worker = test_start_work (folder);
  child = find_child (worker);
  wait_for_step (folder);
  kill (worker, SIGKILL);
  finish (worker);
  g_assert_cmpint (attune_run_get_state (folder), ==, ATTUNE_RUN_CRASHED);
  while (kill (child, 0) == 0 && tries++ < 500)
    {
      g_autofree char *path = g_strdup_printf ("/proc/%d/stat", child), *text = NULL;

      /* without an init in the container nobody buries it */
      if (!g_file_get_contents (path, &text, NULL, NULL) || strstr (text, ") Z ") != NULL)
        break;
      g_usleep (10000);
    }
  g_assert_cmpint (tries, <, 500);
  g_assert_cmpint (finish (test_start_work (folder)), ==, 0);
}

/* As a terminal sends it: to both. */
static void
test_interrupted (TestProject *self, gconstpointer data)
{
  g_autofree char *alone = NULL, *folder = NULL;
  g_autoptr (GBytes) expected = NULL;
  GPid worker, child;

  test_project_prepare (self, PLAN);
  alone = test_new_run (self);
  g_assert_cmpint (finish (test_start_work (alone)), ==, 0);
  expected = test_read_values (alone);
  folder = test_new_run (self);
  worker = test_start_work (folder);
  child = find_child (worker);
  wait_for_step (folder);
  kill (child, SIGINT);
  kill (worker, SIGINT);
  g_assert_cmpint (finish (worker), ==, 0);
  g_assert_cmpint (attune_run_get_state (folder), ==, ATTUNE_RUN_STOPPED);
  assert_goes_on (folder, expected);
}

#define ADD(name, function)                                                                        \
  g_test_add (name, TestProject, NULL, test_project_set_up, function, test_project_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/ranks/killed", test_killed);
  ADD ("/ranks/worker-killed", test_worker_killed);
  ADD ("/ranks/interrupted", test_interrupted);
  return g_test_run ();
}
