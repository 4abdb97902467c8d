/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Searches: what can be varied and what not, values at their places, and that those strategies that
 * learn from earlier trials find better values than chance.
 */
#include "plan/estimate.h"
#include "plan/search.h"

#include <math.h>
#include <string.h>

static GPtrArray *
parse (const char *one, const char *two)
{
  const char *const words[] = { one, two, NULL };
  g_autoptr (GError) error = NULL;
  GPtrArray *space = attune_search_space_parse (words, &error);

  g_assert_no_error (error);
  return space;
}

static void
test_refused (void)
{
  static const struct
  {
    const char *word, *says;
  } wrong[] = {
    { "learning-rate", "1e-5..1e-3" },
    { "learning-rate=1e-3..1e-5", "rise" },
    { "learning-rate=1e-3..7", "0 to 1" },
    { "learning-rate=0..1e-3:log", ":linear" },
    { "learning-rate=1e-5..1e-3:wide", ":wide" },
    { "learning-rate=1e-5..1e-3/1", "2 to 1000" },
    { "learning-rate=1e-5:log..1e-3", "number" },
    { "learning-rate=1e-5/5..1e-3", "number" },
    { "learning-rate=1e-5..", "number" },
    { "learning-rate=1e-3,0.001", "twice" },
    { "lora-rank=all", "range" },
    { "speed=1,2", "no setting" },
    { "lora-rank=8", "at least two" },
    { "lora-rank=8,8", "twice" },
    { "lora-rank=8,x", "whole number" },
    { "schedule=cosine..linear", "schedule=all" },
    { "objective=answers,text", "what is measured" },
    { "folds=2,3", "what is measured" },
    { "seed=1,2", "find nothing" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      const char *const words[] = { wrong[i].word, NULL };
      g_autoptr (GError) error = NULL;

      g_assert_null (attune_search_space_parse (words, &error));
      g_assert_nonnull (error);
      if (strstr (error->message, wrong[i].says) == NULL)
        g_error ("%s: %s", wrong[i].word, error->message);
    }
}

/* A value stands where it was drawn: what was written is read back as the same place. */
static void
test_places (void)
{
  g_autoptr (GPtrArray) space = parse ("learning-rate=1e-5..1e-2", "lora_rank=4..6");
  const AttuneSearchVariable *rate = space->pdata[0], *rank = space->pdata[1];
  g_autofree char *low = attune_search_variable_get_text (rate, 0),
                  *middle = attune_search_variable_get_text (rate, 2.0 / 3),
                  *high = attune_search_variable_get_text (rate, 1);
  int counts[3] = { 0 };

  g_assert_true (rate->logarithmic);
  g_assert_cmpstr (low, ==, "1e-05");
  g_assert_cmpstr (middle, ==, "0.001");
  g_assert_cmpstr (high, ==, "0.01");
  g_assert_cmpfloat_with_epsilon (attune_search_variable_get_place (rate, "1e-3"), 2.0 / 3, 1e-9);
  g_assert_false (rank->logarithmic);
  for (int i = 0; i < 300; i++)
    {
      g_autofree char *text = attune_search_variable_get_text (rank, (i + 0.5) / 300);

      counts[atoi (text) - 4]++;
    }
  for (int i = 0; i < 3; i++) /* like shares */
    g_assert_cmpint (counts[i], ==, 100);
}

static void
test_grid (void)
{
  g_autoptr (GPtrArray) space = parse ("lora-rank=4,8", "learning-rate=1e-4..1e-2/3");
  static const char *const expected[][2] = { { "4", "0.0001" }, { "4", "0.001" }, { "4", "0.01" },
                                             { "8", "0.0001" }, { "8", "0.001" }, { "8", "0.01" } };
  double places[2];

  g_assert_cmpuint (attune_search_count_grid (space), ==, 6);
  for (guint i = 0; i < 6; i++)
    {
      g_assert_true (attune_search_propose (space, ATTUNE_SEARCH_GRID, 1, 6, i, NULL, 0, places));
      for (int j = 0; j < 2; j++)
        {
          g_autofree char *text = attune_search_variable_get_text (space->pdata[j], places[j]);

          g_assert_cmpstr (text, ==, expected[i][j]);
        }
    }
  g_assert_false (attune_search_propose (space, ATTUNE_SEARCH_GRID, 1, 6, 6, NULL, 0, places));
}

/* Ends that four digits would put out of the range, or onto each other. */
static void
test_digits (void)
{
  g_autoptr (GPtrArray) space = parse ("beta2=0.9..0.999999/2", "learning-rate=0.99991..0.99993/3");
  static const char *const expected[][2]
      = { { "0.9", "0.99991" }, { "0.999999", "0.99992" }, { "", "0.99993" } };

  for (int i = 0; i < 2; i++)
    for (guint j = 0; j < attune_search_variable_count_points (space->pdata[i]); j++)
      {
        g_autofree char *text = attune_search_variable_get_text (
            space->pdata[i], attune_search_variable_get_point (space->pdata[i], j));

        g_assert_cmpstr (text, ==, expected[j][i]);
        g_assert_true (attune_search_variable_has (space->pdata[i], text));
      }
  g_assert_false (attune_search_variable_has (space->pdata[0], "0.8"));
  g_assert_false (attune_search_variable_has (space->pdata[0], "0.95x"));
}

/* A grid of whole numbers over a range has each of them once. */
static void
test_whole_grid (void)
{
  g_autoptr (GPtrArray) space = parse ("lora-rank=1..16/8", "epochs=1..3/9");
  static const char *const expected[] = { "1", "2", "3", "5", "7", "11", "16" };
  double places[2];

  g_assert_cmpuint (attune_search_variable_count_points (space->pdata[1]), ==,
                    ((AttuneSearchVariable *) space->pdata[1])->whole ? 3 : 9);
  g_assert_cmpuint (attune_search_variable_count_points (space->pdata[0]), ==, 7);
  for (guint i = 0; i < 7; i++)
    {
      g_autofree char *text = NULL;
      const guint n = attune_search_variable_count_points (space->pdata[1]);

      g_assert_true (
          attune_search_propose (space, ATTUNE_SEARCH_GRID, 1, 10, i * n, NULL, 0, places));
      text = attune_search_variable_get_text (space->pdata[0], places[0]);
      g_assert_cmpstr (text, ==, expected[i]);
    }
}

/* Of the ten trials that a search has by default, the later ones are not drawn by chance; after
 * failures alone there is nothing to learn from. */
static void
test_few (void)
{
  g_autoptr (GPtrArray) space = parse ("learning-rate=1e-6..1e-1", NULL);
  double places[10], drawn;
  AttuneSearchPoint history[10];

  for (guint i = 0; i < 10; i++)
    {
      history[i] = (AttuneSearchPoint) { .places = &places[i], .score = i };
      attune_search_propose (space, ATTUNE_SEARCH_TPE, 1, 10, i, history, i, &places[i]);
      attune_search_propose (space, ATTUNE_SEARCH_RANDOM, 1, 10, i, NULL, 0, &drawn);
      g_assert_true ((places[i] == drawn) == (i < 3));
    }
  for (guint i = 0; i < 5; i++)
    history[i].score = INFINITY;
  attune_search_propose (space, ATTUNE_SEARCH_TPE, 1, 10, 5, history, 5, &places[5]);
  attune_search_propose (space, ATTUNE_SEARCH_RANDOM, 1, 10, 5, NULL, 0, &drawn);
  g_assert_cmpfloat (places[5], ==, drawn);
}

/* What is varied stands; what goes along with the method goes along. */
static void
test_plan (void)
{
  g_autoptr (GPtrArray) space = parse ("method=lora,full", "optimizer=adamw,lion");
  const char *const texts[] = { "full", "adamw" };
  g_autoptr (AttunePlan) plan = attune_plan_new (), changed = NULL, varied = NULL;
  g_autoptr (GPtrArray) both = parse ("method=lora,full", "learning-rate=5e-4,1e-3");
  const char *const rates[] = { "full", "5e-4" };

  changed = attune_search_space_make_plan (space, plan, texts, NULL);
  g_assert_cmpfloat (attune_plan_get_values (changed)->learning_rate, ==, 2e-5);
  varied = attune_search_space_make_plan (both, plan, rates, NULL);
  g_assert_cmpfloat (attune_plan_get_values (varied)->learning_rate, ==, 5e-4);
}

/* A valley at 3e-4, a choice that helps, and one of the ranks that fails. */
static double
valley (const GPtrArray *space, const double *places)
{
  g_autofree char *rate = attune_search_variable_get_text (space->pdata[0], places[0]),
                  *schedule = attune_search_variable_get_text (space->pdata[1], places[1]);
  const double off = log10 (g_ascii_strtod (rate, NULL) / 3e-4);

  if (g_str_equal (schedule, "restarts"))
    return INFINITY;
  return 2 + off * off + (g_str_equal (schedule, "linear") ? 0 : 0.3);
}

/* The means over 40 searches of the best of @n trials, and of what the last ten came to (a failure
 * counts as 30). */
static double
search (AttuneSearchStrategy strategy, guint n, double *last)
{
  g_autoptr (GPtrArray) space = parse ("learning-rate=1e-6..1e-1", "schedule=all");
  double sum = 0;

  *last = 0;
  for (int seed = 0; seed < 40; seed++)
    {
      g_autofree AttuneSearchPoint *history = g_new0 (AttuneSearchPoint, n);
      g_autofree double *places = g_new (double, 2 * n);
      double best = INFINITY;

      for (guint i = 0; i < n; i++)
        {
          history[i].places = places + 2 * i;
          g_assert_true (
              attune_search_propose (space, strategy, seed, n, i, history, i, history[i].places));
          history[i].score = valley (space, history[i].places);
          best = MIN (best, history[i].score);
          *last += i + 10 >= n ? MIN (history[i].score, 30) / 400 : 0;
        }
      sum += best / 40;
    }
  return sum - 2;
}

/* TPE finds a better one in as many trials; the controller learns what to draw, if slower. */
static void
test_learns (void)
{
  double random_last, tpe_last, policy_last;
  const double random = search (ATTUNE_SEARCH_RANDOM, 40, &random_last),
               tpe = search (ATTUNE_SEARCH_TPE, 40, &tpe_last);

  search (ATTUNE_SEARCH_POLICY, 100, &policy_last);
  g_test_message ("above the best: random %g, tpe %g; last ten: %g, %g, policy %g", random, tpe,
                  random_last, tpe_last, policy_last);
  g_assert_cmpfloat (tpe, <, 0.5 * random); /* seen: 0.023, 0.065 */
  g_assert_cmpfloat (tpe_last, <, 0.5 * random_last);
  g_assert_cmpfloat (policy_last, <, 0.5 * random_last);
}

/* 27 trials by one third each time: 27 begin, 9 go on, 3 end. */
static void
test_halving (void)
{
  AttuneHalvingTrial trials[27] = { 0 };
  guint n = 0, work = 0;
  int next, reached[ATTUNE_SEARCH_RUNGS] = { 0 };

  while ((next = attune_halving_next (trials, n, 27)) >= 0)
    {
      AttuneHalvingTrial *trial = &trials[next];

      n = MAX (n, (guint) next + 1);
      g_assert_cmpint (trial->n_rungs, <, ATTUNE_SEARCH_RUNGS);
      reached[trial->n_rungs]++;
      /* in no order; trial 10 is the best at every rung, and 5 fails at once */
      trial->scores[trial->n_rungs++] = next == 5 ? INFINITY : (10 * next + 8) % 27;
      g_assert_cmpuint (++work, <, 100);
    }
  g_assert_cmpuint (n, ==, 27);
  g_assert_cmpint (reached[0], ==, 27);
  /* without waiting, a few more go on than a third: Li et al. 2020, section 3.3 */
  g_assert_cmpint (reached[1], >=, 9);
  g_assert_cmpint (reached[1], <=, 14);
  g_assert_cmpint (reached[2], >=, 3);
  g_assert_cmpint (reached[2], <=, 7);
  g_assert_cmpint (trials[10].n_rungs, ==, 3);
  g_assert_cmpint (trials[5].n_rungs, ==, 1);
}

/* Of two, the better goes to the end. */
static void
test_halving_few (void)
{
  AttuneHalvingTrial trials[2] = { { 1, { 3 } }, { 1, { 2 } } };

  g_assert_cmpint (attune_halving_next (trials, 0, 2), ==, 0);
  g_assert_cmpint (attune_halving_next (trials, 2, 2), ==, 1);
  trials[1] = (AttuneHalvingTrial) { 2, { 2, 2 } };
  g_assert_cmpint (attune_halving_next (trials, 2, 2), ==, 1);
  trials[1].n_rungs = 3;
  g_assert_cmpint (attune_halving_next (trials, 2, 2), ==, -1);
}

static void
check_suggested (AttunePlan *plan, const char *name, const char *word)
{
  g_autofree char *found = attune_search_suggest (plan, name);

  g_assert_cmpstr (found, ==, word);
}

/* What is offered can always be searched over, with the value of now in it or usual ends. */
static void
test_suggested (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  guint n, offered = 0;
  g_autofree GParamSpec **settings = g_object_class_list_properties (G_OBJECT_GET_CLASS (plan), &n);

  check_suggested (plan, "learning-rate", "learning-rate=5e-05..0.005");
  check_suggested (plan, "lora-rank", "lora-rank=4..64");
  check_suggested (plan, "epochs", "epochs=1..4:linear");
  check_suggested (plan, "schedule", "schedule=all");
  check_suggested (plan, "seed", NULL);      /* says nothing */
  check_suggested (plan, "objective", NULL); /* another measure */
  check_suggested (plan, "targets", NULL);   /* words without end */
  check_suggested (plan, "rounds", NULL);    /* not of this method */
  g_object_set (plan, "lora-rank", 1, "learning-rate", 0.5, NULL);
  check_suggested (plan, "lora-rank", "lora-rank=1..4");
  check_suggested (plan, "learning-rate", "learning-rate=0.05..1");
  for (int method = 0; method < ATTUNE_N_METHODS; method++)
    {
      g_object_set (plan, "method", method, NULL);
      for (guint i = 0; i < n; i++)
        {
          g_autofree char *word = attune_search_suggest (plan, settings[i]->name);
          g_autoptr (GError) error = NULL;
          g_autoptr (GPtrArray) space = NULL;

          if (word == NULL)
            continue;
          space = attune_search_space_parse ((const char *[]) { word, NULL }, &error);
          g_assert_no_error (error);
          offered++;
        }
    }
  g_assert_cmpuint (offered, >, 10 * ATTUNE_N_METHODS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/search/refused", test_refused);
  g_test_add_func ("/plan/search/places", test_places);
  g_test_add_func ("/plan/search/grid", test_grid);
  g_test_add_func ("/plan/search/digits", test_digits);
  g_test_add_func ("/plan/search/whole-grid", test_whole_grid);
  g_test_add_func ("/plan/search/few", test_few);
  g_test_add_func ("/plan/search/plan", test_plan);
  g_test_add_func ("/plan/search/learns", test_learns);
  g_test_add_func ("/plan/search/suggested", test_suggested);
  g_test_add_func ("/plan/search/halving", test_halving);
  g_test_add_func ("/plan/search/halving-few", test_halving_few);
  return g_test_run ();
}
