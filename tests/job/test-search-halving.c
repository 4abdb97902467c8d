/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Halving: those that lag behind stop at their rung, and the best is used and taken.
 */
#include "search-run.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("halving", test_halving);
  return g_test_run ();
}
