/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Searches as attunectl does them on a tiny model: each trial an ordinary run, one that was
 * interrupted ends as the one that was not, and what makes no sense is refused.
 */
#include "job/search.h"
#include "program.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

static JsonObject *
get_trial (JsonNode *node, guint i)
{
  return json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (node), "trials"), i);
}

static guint
count_trials (JsonNode *node)
{
  return json_array_get_length (
      json_object_get_array_member (json_node_get_object (node), "trials"));
}

static char *
find_file (TestProject *self, const char *run, const char *name)
{
  return g_build_filename (self->project, "runs", run, name, NULL);
}

static char *
read_file (TestProject *self, const char *run, const char *name)
{
  g_autofree char *path = find_file (self, run, name);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
write_file (TestProject *self, const char *run, const char *name, const char *text)
{
  g_autofree char *path = find_file (self, run, name);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
remove_file (TestProject *self, const char *run, const char *name)
{
  g_autofree char *path = find_file (self, run, name);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

static double
read_run_loss (TestProject *self, const char *run)
{
  g_autofree char *text = read_file (self, run, "events.jsonl");
  g_autoptr (JsonNode) last = NULL;

  last = test_last_json (text);
  g_assert_cmpstr (test_string (last, "event"), ==, "finished");
  return test_number (last, NULL, "best_loss");
}

static void
test_folds (TestProject *self, gconstpointer data)
{
  g_autoptr (JsonNode) node = NULL, shown = NULL;
  g_autofree char *out = NULL, *text = NULL;
  JsonObject *trial;
  JsonArray *runs;
  double sum = 0, mean, first;

  test_project_prepare (self, "--max-steps 4");
  test_attunectl_bad (self, "search %P --folds 99", 1, "--folds 5");
  out = test_attunectl_good (self, "search %P --folds 3 --json");
  node = test_last_json (out);
  g_assert_cmpuint (count_trials (node), ==, 1);
  trial = get_trial (node, 0);
  runs = json_object_get_array_member (trial, "runs");
  g_assert_cmpuint (json_array_get_length (runs), ==, 3);
  for (guint i = 0; i < 3; i++)
    sum += read_run_loss (self, json_array_get_string_element (runs, i));
  mean = json_object_get_double_member (trial, "loss");
  g_assert_cmpfloat_with_epsilon (mean, sum / 3, 1e-12);
  g_assert_cmpfloat (json_object_get_double_member (trial, "low"), <, mean);
  g_assert_cmpfloat (json_object_get_double_member (trial, "high"), >, mean);
  /* each has learned from other records */
  first = read_run_loss (self, json_array_get_string_element (runs, 0));
  g_assert_cmpfloat (first, !=, read_run_loss (self, json_array_get_string_element (runs, 1)));
  /* a run of one part can be evaluated on what it was not shown */
  g_free (test_attunectl_good (self, "evaluate %P --run 1 --split validation --answers 1"));
  /* all that was held back has checked */
  text = read_file (self, "0001", "plan.json");
  g_assert_nonnull (strstr (text, "\"max-validation-samples\" : 0"));
  test_attunectl_bad (self, "search %P --take", 1, "nothing to take");
  /* what it came to is still known without its runs */
  remove_file (self, "0002", "plan.json");
  shown = test_attunectl_json (self, "search %P --show --json");
  g_assert_cmpfloat (json_object_get_double_member (get_trial (shown, 0), "loss"), ==, mean);
}

static void
test_mean (void)
{
  const double scores[] = { 1, 2, 3 };
  double lo, hi;

  /* 4.303 times the root of 1 / 3 + 1 / 2, at a variance of 1 */
  g_assert_cmpfloat (attune_search_mean (scores, 3, &lo, &hi), ==, 2);
  g_assert_cmpfloat_with_epsilon (lo, 2 - 3.92808, 1e-4);
  g_assert_cmpfloat_with_epsilon (hi, 2 + 3.92808, 1e-4);
  g_assert_cmpfloat (attune_search_mean (scores, 1, &lo, &hi), ==, 1);
  g_assert_true (isnan (lo) && isnan (hi));
  g_assert_cmpint (attune_search_rung_step (88, 10, 0), ==, 10);
  g_assert_cmpint (attune_search_rung_step (88, 10, 1), ==, 30);
  g_assert_cmpint (attune_search_rung_step (88, 10, 2), ==, 88);
  g_assert_cmpint (attune_search_rung_step (20, 10, 1), ==, 20);
}

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

static void
check_same (JsonNode *one, JsonNode *two)
{
  g_assert_cmpuint (count_trials (one), ==, count_trials (two));
  for (guint i = 0; i < count_trials (one); i++)
    {
      JsonObject *a = get_trial (one, i), *b = get_trial (two, i);

      g_assert_true (json_node_equal (json_object_get_member (a, "values"),
                                      json_object_get_member (b, "values")));
      g_assert_cmpfloat (json_object_get_double_member (a, "loss"), ==,
                         json_object_get_double_member (b, "loss"));
    }
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

static void
check_same_rungs (JsonNode *one, JsonNode *two)
{
  for (guint i = 0; i < count_trials (one); i++)
    g_assert_cmpint (json_object_get_int_member (get_trial (one, i), "rungs"), ==,
                     json_object_get_int_member (get_trial (two, i), "rungs"));
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

/* Those that were stopped at the first rung are as if their process had been killed there. */
static void
crash_at_rung (TestProject *self, JsonNode *node)
{
  for (guint i = 0; i < count_trials (node); i++)
    if (json_object_get_int_member (get_trial (node, i), "rungs") == 1)
      {
        const char *run = json_array_get_string_element (
            json_object_get_array_member (get_trial (node, i), "runs"), 0);
        g_autofree char *text = read_file (self, run, "events.jsonl");
        char *last = g_strrstr (text, "{\"time\"");

        g_assert_nonnull (strstr (last, "\"stopped\""));
        *last = '\0';
        write_file (self, run, "events.jsonl", text);
      }
}

/* Where the weights of the best are gone, those of the next best are used, not the latest ones. */
static void
check_next_best (TestProject *self, JsonNode *node, int best)
{
  g_autofree char *gone = NULL, *aside = NULL;
  g_autoptr (JsonNode) used = NULL;
  const char *run = json_array_get_string_element (
      json_object_get_array_member (get_trial (node, best), "runs"), 0);
  int next = -1;

  for (int i = 0; i < 4; i++)
    {
      JsonObject *trial = get_trial (node, i), *other = next >= 0 ? get_trial (node, next) : NULL;
      const gint64 rungs = json_object_get_int_member (trial, "rungs"),
                   others = other != NULL ? json_object_get_int_member (other, "rungs") : -1;

      if (i != best
          && (rungs > others
              || (rungs == others
                  && json_object_get_double_member_with_default (trial, "score", G_MAXDOUBLE)
                         < json_object_get_double_member_with_default (other, "score",
                                                                       G_MAXDOUBLE))))
        next = i;
    }
  gone = g_build_filename (self->project, "runs", run, "checkpoint.h5", NULL);
  aside = g_strconcat (gone, ".aside", NULL);
  g_assert_cmpint (g_rename (gone, aside), ==, 0);
  used = test_attunectl_json (self, "evaluate %P --answers 0 --json");
  g_assert_cmpstr (test_string (used, "run"), ==,
                   json_array_get_string_element (
                       json_object_get_array_member (get_trial (node, next), "runs"), 0));
  g_assert_cmpint (g_rename (aside, gone), ==, 0);
}

static void
test_halving (TestProject *self, gconstpointer data)
{
  g_autoptr (JsonNode) node = NULL, resumed = NULL, used = NULL, named = NULL, taken = NULL,
                       plan = NULL;
  g_autofree char *out = NULL;
  int reached[4] = { 0 }, best;

  test_project_prepare (self, "--max-steps 9");
  out = test_attunectl_good (
      self, "search %P --vary learning-rate=1e-5..1e-1 --strategy halving --trials 4 --json");
  node = test_last_json (out);
  g_assert_cmpuint (count_trials (node), ==, 4);
  for (guint i = 0; i < 4; i++)
    reached[json_object_get_int_member (get_trial (node, i), "rungs")]++;
  g_assert_cmpint (reached[0], ==, 0);
  g_assert_cmpint (reached[1], >=, 2);
  g_assert_cmpint (reached[3], >=, 1);
  best = test_number (node, NULL, "best");
  g_assert_cmpint (json_object_get_int_member (get_trial (node, best), "rungs"), ==, 3);

  /* the best is used, though others were begun after it; one that is named is that one */
  used = test_attunectl_json (self, "evaluate %P --answers 0 --json");
  g_assert_cmpstr (test_string (used, "run"), ==,
                   json_array_get_string_element (
                       json_object_get_array_member (get_trial (node, best), "runs"), 0));
  check_next_best (self, node, best);
  named = test_attunectl_json (self, "evaluate %P --run 1 --answers 0 --json");
  g_assert_cmpstr (test_string (named, "run"), ==, "0001");

  /* that is no reason to promote them */
  crash_at_rung (self, node);
  resumed = test_attunectl_json (self, "search %P --resume --json");
  check_same (node, resumed);
  check_same_rungs (node, resumed);

  g_free (test_attunectl_good (self, "plan %P --epochs 7"));
  taken = test_attunectl_json (self, "search %P --take --json");
  plan = test_attunectl_json (self, "plan %P --json");
  g_assert_cmpfloat (test_number (plan, "plan", "learning-rate"), ==,
                     g_ascii_strtod (attune_json_get_string (
                                         attune_json_get_object (get_trial (node, best), "values"),
                                         "learning-rate"),
                                     NULL));
  g_assert_cmpint (test_number (plan, "plan", "validate-every"), ==, 0);
  g_assert_cmpfloat (test_number (plan, "plan", "epochs"), ==, 7);
}

/* A value that this model has no room for is not the end of the others, none is tried twice, and
 * what was searched on has to stay. */
static void
check_values (TestProject *self)
{
#define RESUME "search %P --resume --trials 3 --json"
  g_autoptr (JsonNode) node = NULL, again = NULL;
  g_autofree char *path = g_build_filename (self->project, "searches", "0001", "lock", NULL);
  const char *run;
  int best, fd;

  node = test_attunectl_json (
      self, "search %P --vary lora-rank=500,4 --strategy random --trials 5 --json");
  g_assert_cmpuint (count_trials (node), ==, 2);
  best = test_number (node, NULL, "best");
  g_assert_cmpint (best, >=, 0);
  g_assert_nonnull (
      strstr (json_object_get_string_member (get_trial (node, 1 - best), "refused"), "lora-rank"));

  /* a run that cannot go on is tried twice, and then given up */
  run = json_array_get_string_element (
      json_object_get_array_member (get_trial (node, best), "runs"), 0);
  write_file (self, run, "events.jsonl", "");
  write_file (self, run, "checkpoint.h5", "Nothing that could be read.");
  test_attunectl_bad (self, RESUME, 1, "once more");
  again = test_attunectl_json (self, RESUME);
  g_assert_cmpuint (count_trials (again), ==, 2);
  g_assert_cmpint (test_number (again, NULL, "best"), ==, -1);

  fd = open (path, O_RDWR | O_CLOEXEC);
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, 0);
  test_attunectl_bad (self, RESUME, 1, "already works");
  close (fd);
  g_free (test_attunectl_good (self, "prepare %P --seed 2"));
  test_attunectl_bad (self, RESUME, 1, "Make a new search");
}

/* What search.json says has to be what could have been searched. */
static void
check_damaged (TestProject *self)
{
  g_autofree char *folder = g_build_filename (self->project, "searches", "0002", NULL),
                  *path = g_build_filename (folder, "search.json", NULL), *text = NULL;
  g_autoptr (GString) wrong = NULL;

  g_free (test_attunectl_good (self, "search %P --vary lora-rank=500,501 --strategy grid"));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  wrong = g_string_new (text);
  g_assert_cmpuint (g_string_replace (wrong, "\"501\"", "\"5\"", 0), ==, 1);
  g_assert_true (g_file_set_contents (path, wrong->str, -1, NULL));
  test_attunectl_bad (self, "search %P --take", 1, "damaged");
  g_string_assign (wrong, text);
  g_string_replace (wrong, "500,501", "500/1..501", 0);
  g_assert_true (g_file_set_contents (path, wrong->str, -1, NULL));
  test_attunectl_bad (self, "search %P --show", 1, "damaged");
}

static void
test_refused (TestProject *self, gconstpointer data)
{
  test_project_prepare (self, "--max-steps 2");
  test_attunectl_bad (self, "search %P", 1, "--vary learning-rate");
  test_attunectl_bad (self, "search %P --show", 1, "Nothing has been searched");
  test_attunectl_bad (self, "search %P --vary objective=all", 1, "compared");
  test_attunectl_bad (self, "search %P --vary epochs=1,2 --strategy luck", 1, "halving or policy");
  test_attunectl_bad (self, "search %P --vary epochs=1,2 --strategy halving --folds 2", 1,
                      "--folds 1");
  test_attunectl_bad (self, "search %P --vary epochs=1,2 --resume", 2, "keep theirs");
  test_attunectl_bad (self, "search %P --resume --take", 2, "Only one");
  test_attunectl_bad (self, "tune %P --folds 2 --fold 3", 1, "--fold 2");
  test_attunectl_bad (self, "search %P --resume --strategy grid", 2, "keep theirs");
  test_attunectl_bad (self, "search %P --show --trials 3", 2, "--resume");
  test_attunectl_bad (self, "search %P --folds 2 --fold 2", 2, "attunectl tune");
  check_values (self);
  check_damaged (self);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/job/search/" name, TestProject, NULL, test_project_set_up, function,               \
              test_project_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/search/mean", test_mean);
  ADD ("folds", test_folds);
  ADD ("resumed", test_resumed);
  ADD ("stray-run", test_stray_run);
  ADD ("watched", test_watched);
  ADD ("halving", test_halving);
  ADD ("halving-killed", test_halving_killed);
  ADD ("refused", test_refused);
  return g_test_run ();
}
