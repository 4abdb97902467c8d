/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A search that was stopped, killed or asked to stop from elsewhere ends as the one that was not.
 */
#include "job/search.h"
#include "search-run.h"

/* Waits until the run @name has begun to learn. */
static void
wait_for_step (TestProject *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->project, "runs", name, "events.jsonl", NULL);

  for (int tries = 0; tries < 3000; tries++)
    {
      g_autofree char *text = NULL;

      if (g_file_get_contents (path, &text, NULL, NULL) && strstr (text, "\"step\"") != NULL)
        return;
      g_usleep (10000);
    }
  g_error ("Run %s has not begun.", name);
}

/* Begins the search of @words and sends it @signal when the run @name learns. Returns: (transfer
 * full): what it has printed. */
static char *
search_until (TestProject *self, const char *words, const char *name, int signal)
{
  g_autofree char *line = g_strdup_printf ("search P %s --json", words), *out = NULL;
  g_auto (GStrv) split = g_strsplit (line, " ", -1), all = NULL;
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();
  g_autoptr (GSubprocess) program = NULL;
  g_autoptr (GError) error = NULL;

  g_set_str (&split[1], self->project);
  g_strv_builder_add (argv, test_attunectl ());
  g_strv_builder_addv (argv, (const char **) split);
  all = g_strv_builder_end (argv);
  program = g_subprocess_newv ((const char *const *) all, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  wait_for_step (self, name);
  g_subprocess_send_signal (program, signal);
  g_subprocess_communicate_utf8 (program, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&out);
}

static AttuneRunState
get_state (TestProject *self, const char *search)
{
  g_autofree char *folder = g_build_filename (self->project, "searches", search, NULL);

  return attune_run_get_state (folder);
}

static void
test_resumed (TestProject *self, gconstpointer data)
{
#define SEARCH "--vary learning-rate=1e-4..1e-1 --vary lora-rank=2,4 --strategy tpe --trials 4"
  g_autoptr (JsonNode) whole = NULL, stopped = NULL, resumed = NULL;
  g_autofree char *stopped_out = NULL;

  test_project_prepare (self, "--max-steps 4");
  whole = test_attunectl_json (self, "search %P " SEARCH " --json");
  g_assert_cmpint (test_number (whole, NULL, "best"), >=, 0);
  g_assert_cmpint (get_state (self, "0001"), ==, ATTUNE_RUN_FINISHED);

  /* the second trial's; the fourth is drawn by what they gave */
  stopped_out = search_until (self, SEARCH, "0006", SIGINT);
  stopped = test_last_json (stopped_out);
  g_assert_true (json_object_get_boolean_member (json_node_get_object (stopped), "stopped"));
  g_assert_cmpint (get_state (self, "0002"), ==, ATTUNE_RUN_STOPPED);
  resumed = test_attunectl_json (self, "search %P --resume --json");
  check_same (whole, resumed);
}

/* Takes the last trial out of search.json, as if there had been no time to write it down. */
static void
forget_last_trial (TestProject *self)
{
  g_autofree char *path = g_build_filename (self->project, "searches", "0001", "search.json", NULL),
                  *text = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *done;

  g_assert_true (json_parser_load_from_file (parser, path, NULL));
  done
      = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "done");
  json_array_remove_element (done, json_array_get_length (done) - 1);
  text = json_to_string (json_parser_get_root (parser), TRUE);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* A run that was made by a process that was killed before it wrote that down is not left over. */
static void
test_stray_run (TestProject *self, gconstpointer data)
{
  g_autoptr (JsonNode) whole = NULL, resumed = NULL;
  g_autofree char *fourth = find_file (self, "0004", "plan.json");
  JsonArray *runs;

  test_project_prepare (self, "--max-steps 2");
  whole = test_attunectl_json (self, "search %P --vary lora-rank=2,3,4 --strategy grid --json");
  g_assert_cmpuint (count_trials (whole), ==, 3);
  forget_last_trial (self);
  remove_file (self, "0003", "events.jsonl");
  remove_file (self, "0003", "checkpoint.h5");
  resumed = test_attunectl_json (self, "search %P --resume --json");
  check_same (whole, resumed);
  runs = json_object_get_array_member (get_trial (resumed, 2), "runs");
  g_assert_cmpstr (json_array_get_string_element (runs, 0), ==, "0003");
  g_assert_false (g_file_test (fourth, G_FILE_TEST_EXISTS));
}

static gboolean
is_over (TestProject *self)
{
  return get_state (self, "0001") != ATTUNE_RUN_RUNNING;
}

/* As a window does it: in a process of its own, asked to stop through the folder. */
static void
test_watched (TestProject *self, gconstpointer data)
{
  static const char *const words[] = { "lora-rank=2,3,4", NULL };
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (AttuneSearch) search = NULL, stopped = NULL, ended = NULL;
  g_autoptr (JsonNode) last = NULL;
  g_autoptr (GError) error = NULL;

  test_project_prepare (self, "--max-steps 40 --validate-every 40");
  project = attune_project_open (self->project, NULL);
  search = attune_search_new (project, attune_project_get_plan (project), words, ATTUNE_SEARCH_GRID,
                              -1, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (attune_search_start (search, test_attunectl (), &error), !=, 0);
  g_assert_no_error (error);
  g_assert_cmpint (get_state (self, "0001"), ==, ATTUNE_RUN_RUNNING);
  wait_for_step (self, "0001");
  g_assert_true (attune_run_request (search->folder, "stop", NULL));
  while (!is_over (self))
    g_usleep (10000);
  g_assert_cmpint (get_state (self, "0001"), ==, ATTUNE_RUN_STOPPED);
  stopped = attune_search_open (project, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (stopped->trials->len, ==, 1);

  g_assert_cmpint (attune_search_start (stopped, test_attunectl (), &error), !=, 0);
  while (!is_over (self))
    g_usleep (10000);
  g_assert_cmpint (get_state (self, "0001"), ==, ATTUNE_RUN_FINISHED);
  ended = attune_search_open (project, NULL, NULL);
  g_assert_cmpuint (ended->trials->len, ==, 3);
  g_assert_cmpint (attune_search_find_best (ended), >=, 0);
  last = attune_run_find_event (ended->folder, "trial");
  g_assert_cmpint (test_number (last, NULL, "trial"), ==, 2);
}

/* Killed on the way to a rung, and on the way to the next. */
static void
test_halving_killed (TestProject *self, gconstpointer data)
{
#define HALVING "--vary learning-rate=1e-5..1e-1 --strategy halving --trials 4"
  g_autoptr (JsonNode) whole = NULL, resumed = NULL;

  test_project_prepare (self, "--max-steps 18 --checkpoint-every 1");
  whole = test_attunectl_json (self, "search %P " HALVING " --json");
  g_free (search_until (self, HALVING, "0006", SIGKILL));
  g_assert_cmpint (get_state (self, "0002"), ==, ATTUNE_RUN_CRASHED);
  g_free (search_until (self, "--resume", "0008", SIGKILL));
  resumed = test_attunectl_json (self, "search %P --resume --json");
  check_same (whole, resumed);
  check_same_rungs (whole, resumed);
  g_assert_cmpint (get_state (self, "0002"), ==, ATTUNE_RUN_FINISHED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("resumed", test_resumed);
  ADD ("stray-run", test_stray_run);
  ADD ("watched", test_watched);
  ADD ("halving-killed", test_halving_killed);
  return g_test_run ();
}
