/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rewards as attunectl does it on a tiny model: a reward model from pairs of answers, its scores
 * and its export; then runs that learn from answers of their own, by it and by rules.
 */
#include "program.h"

#include <glib/gstdio.h>

static void
write_pairs (const char *path)
{
  static const char *const things[]
      = { "bed", "food", "nurse", "room", "tea", "door", "lamp", "soap", "form", "call" };
  static const char *const better[] = { "Thank you", "We will look", "That is good", "Of course" };
  g_autoptr (GString) table = g_string_new ("prompt,chosen,rejected\n");

  for (guint i = 0; i < G_N_ELEMENTS (things); i++)
    for (guint j = 0; j < G_N_ELEMENTS (better); j++)
      g_string_append_printf (table, "My %s is number %u.,%s.,No no no no\n", things[i], 5 * i + j,
                              better[j]);
  g_assert_true (g_file_set_contents (path, table->str, table->len, NULL));
}

static void
test_refused (TestProject *self)
{
  test_attunectl_bad (self, "plan %P --objective reward --method full", 1, "--method lora");
  test_attunectl_bad (self, "plan %P --objective ppo", 1, "--objective reward");
  test_attunectl_bad (self, "plan %P --objective grpo --answer-reward 0", 1, "--answer-reward 1");
  test_attunectl_bad (self, "plan %P --objective ppo --reward-model /nowhere/at/all", 1,
                      "/nowhere/at/all");
}

/* Run 1. */
static void
test_model (TestProject *self)
{
  g_autofree char *events = NULL, *words = NULL, *readme = NULL, *path = NULL;
  g_autoptr (JsonNode) tuned = NULL, scores = NULL, exported = NULL;

  g_free (test_attunectl_good (self, "plan %P --objective reward --learning-rate 0.02 "
                                     "--max-steps 12 --samples 1"));
  events = test_attunectl_good (self, "tune %P --json");
  tuned = test_last_json (events);
  g_assert_cmpstr (test_string (tuned, "event"), ==, "finished");
  g_assert_nonnull (strstr (events, "the better answer is preferred"));
  g_assert_nonnull (strstr (events, "the worse answer"));
  scores = test_attunectl_json (self, "evaluate %P --json");
  g_assert_cmpfloat (test_number (scores, "tuned", "exact_match"), >, 0.7);
  g_assert_cmpfloat (test_number (scores, "tuned", "loss"), <, G_LN2);
  words = test_attunectl_good (self, "evaluate %P");
  g_assert_nonnull (strstr (words, "Better preferred"));
  test_attunectl_bad (self, "chat %P --prompt hello", 1, "reward model");
  test_attunectl_bad (self, "loss %M %T --adapter %P", 1, "attunectl evaluate");
  test_attunectl_bad (self, "export %P --format gguf-q8_0", 1, "--format adapter");
  exported = test_attunectl_json (self, "export %P --format adapter --json");
  g_assert_cmpfloat (test_number (exported, "check", "prompts"), >, 0); /* the head was compared */
  path = g_build_filename (self->project, "exports", "0001-adapter", "README.md", NULL);
  g_assert_true (g_file_get_contents (path, &readme, NULL, NULL));
  g_assert_nonnull (strstr (readme, "num_labels=1"));
}

/* Runs 2 and 3: events tell rewards, and what comes out writes text. */
static void
test_policies (TestProject *self)
{
  static const char *const settings[]
      = { "plan %P --objective ppo --reward-model %P/runs/0001 --answer-limit 6 --batch-size 4 "
          "--max-steps 3 --learning-rate 0.001",
          "plan %P --objective grpo --reward-model= --length-reward 1 --length-limit 3 "
          "--group-size 3 --answer-limit 6 --batch-size 4 --max-steps 3 --learning-rate 0.001" };
  g_autofree char *rewards = g_build_filename (self->project, "runs", "0001", NULL),
                  *aside = g_build_filename (self->project, "aside", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autofree char *events = NULL, *said = NULL;
      g_autoptr (JsonNode) tuned = NULL, scores = NULL, exported = NULL;

      g_free (test_attunectl_good (self, settings[i]));
      events = test_attunectl_good (self, "tune %P --json");
      tuned = test_last_json (events);
      g_assert_cmpstr (test_string (tuned, "event"), ==, "finished");
      g_assert_cmpfloat (test_number (tuned, NULL, "best_reward"), >=,
                         test_number (tuned, NULL, "base_reward"));
      g_assert_nonnull (strstr (events, "\"kl\""));
      g_assert_nonnull (strstr (events, "get a reward of"));
      g_assert_cmpint (g_rename (rewards, aside), ==, 0); /* it is not needed any more */
      scores = test_attunectl_json (self, "evaluate %P --answers 2 --answer-tokens 4 --json");
      g_assert_cmpfloat (test_number (scores, "tuned", "loss"), >, 0);
      exported = test_attunectl_json (self, "export %P --format adapter --json");
      g_assert_cmpfloat (test_number (exported, "check", "prompts"), >, 0);
      g_assert_cmpint (g_rename (aside, rewards), ==, 0);
      said = test_attunectl_good (self, "chat %P --prompt hello --max-tokens 4");
      g_assert_nonnull (said);
    }
}

static void
test_whole_way (TestProject *self, gconstpointer data)
{
  g_autofree char *methods = test_attunectl_good (self, "plan methods");

  g_assert_nonnull (strstr (methods, "grpo"));
  g_assert_nonnull (strstr (methods, "reward"));
  write_pairs (self->table);
  g_free (test_attunectl_good (self, "new %P --model %M"));
  g_free (test_attunectl_good (self, "import %P %T"));
  g_free (test_attunectl_good (self, "prepare %P"));
  test_refused (self);
  test_model (self);
  test_policies (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/rewards/whole-way", TestProject, NULL, test_project_set_up, test_whole_way,
              test_project_tear_down);
  return g_test_run ();
}
