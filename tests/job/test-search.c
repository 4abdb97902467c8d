/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Searches as attunectl does them on a tiny model: each trial an ordinary run, and what makes no
 * sense is refused.
 */
#include "job/search.h"
#include "search-run.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/search/mean", test_mean);
  ADD ("folds", test_folds);
  ADD ("refused", test_refused);
  return g_test_run ();
}
