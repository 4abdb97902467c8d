/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/schedule.h"

#include <json-glib/json-glib.h>
#include <string.h>

static const AttunePlanValues plan
    = { .learning_rate = 0.01, .epochs = 2, .batch_size = 4, .warmup_ratio = 0.1, .seed = 9 };

/* Against transformers' get_cosine_schedule_with_warmup, stored by tests/peers/make_adamw.py. */
static void
test_cosine (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "adamw.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  AttunePlanValues values = plan;
  JsonObject *golden;
  JsonArray *rates;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  golden = json_node_get_object (json_parser_get_root (parser));
  rates = json_object_get_array_member (golden, "rates");
  values.learning_rate = json_object_get_double_member (golden, "lr");
  g_assert_cmpuint (json_array_get_length (rates), ==, 100);
  for (guint i = 0; i < 100; i++)
    g_assert_cmpfloat_with_epsilon (attune_schedule_rate (&values, i + 1, 100),
                                    json_array_get_double_element (rates, i), 1e-12);
}

static void
test_linear_and_constant (void)
{
  AttunePlanValues values = plan;

  values.schedule = ATTUNE_SCHEDULE_LINEAR;
  g_assert_cmpfloat (attune_schedule_rate (&values, 1, 20), ==, 0);
  g_assert_cmpfloat_with_epsilon (attune_schedule_rate (&values, 3, 20), 0.01, 1e-12);
  g_assert_cmpfloat_with_epsilon (attune_schedule_rate (&values, 12, 20), 0.01 * 9 / 18, 1e-12);
  values.schedule = ATTUNE_SCHEDULE_CONSTANT;
  g_assert_cmpfloat (attune_schedule_rate (&values, 20, 20), ==, 0.01);
  values.warmup_ratio = 0;
  g_assert_cmpfloat (attune_schedule_rate (&values, 1, 20), ==, 0.01);
}

/* All of them against transformers', stored by tests/peers/make_schedules.py. */
static void
test_golden (void)
{
  static const struct
  {
    const char *name;
    AttuneSchedule schedule;
  } cases[] = { { "constant", ATTUNE_SCHEDULE_CONSTANT },
                { "linear", ATTUNE_SCHEDULE_LINEAR },
                { "cosine", ATTUNE_SCHEDULE_COSINE },
                { "restarts", ATTUNE_SCHEDULE_RESTARTS } };
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "schedules.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  AttunePlanValues values = plan;
  JsonObject *golden;
  int n;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  golden = json_node_get_object (json_parser_get_root (parser));
  n = json_object_get_int_member (golden, "steps");
  values.learning_rate = json_object_get_double_member (golden, "lr");
  values.cycles = json_object_get_int_member (golden, "cycles");
  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      JsonArray *rates = json_object_get_array_member (golden, cases[c].name);

      values.schedule = cases[c].schedule;
      g_assert_cmpuint (json_array_get_length (rates), ==, n);
      for (int i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon (attune_schedule_rate (&values, i + 1, n),
                                        json_array_get_double_element (rates, i), 1e-12);
    }
}

/* Rounds of half fine-tuning: as even as can be, none empty. */
static void
test_rounds (void)
{
  AttunePlanValues values = plan;
  gint64 first, round, last = -1;

  values.rounds = 4;
  for (gint64 step = 1; step <= 10; step++)
    {
      round = attune_schedule_round (&values, step, 10, &first);
      g_assert_true (round == last || (round == last + 1 && step == first));
      g_assert_cmpint (first, <=, step);
      last = round;
    }
  g_assert_cmpint (last, ==, 3);
  values.rounds = 40; /* more than steps */
  g_assert_cmpint (attune_schedule_round (&values, 10, 10, &first), ==, 9);
  g_assert_cmpint (first, ==, 10);
}

/* Every sample comes once in an epoch, in another order each time, whichever step one begins with.
 */
static void
test_order (void)
{
  enum
  {
    N = 10
  };
  guint32 order[N], chosen[4], again[4];
  guint seen[N] = { 0 };
  gint64 epoch = -1, fresh_epoch = -1;
  guint32 fresh_order[N];
  const gint64 n_steps = attune_schedule_steps (&plan, N);

  g_assert_cmpint (n_steps, ==, 5);
  for (gint64 step = 1; step <= n_steps; step++)
    {
      const int n = attune_schedule_samples (&plan, N, step, order, &epoch, chosen);

      g_assert_cmpint (n, ==, 4);
      for (int i = 0; i < n; i++)
        seen[chosen[i]]++;
    }
  for (int i = 0; i < N; i++)
    g_assert_cmpuint (seen[i], ==, 2);
  /* as after resuming: nothing is known of the steps before */
  attune_schedule_samples (&plan, N, 4, order, &epoch, chosen);
  attune_schedule_samples (&plan, N, 4, fresh_order, &fresh_epoch, again);
  g_assert_cmpmem (chosen, sizeof chosen, again, sizeof again);
}

static void
test_partial_step (void)
{
  AttunePlanValues values = plan;
  guint32 order[7], chosen[4];
  gint64 epoch = -1;

  values.epochs = 1;
  g_assert_cmpint (attune_schedule_steps (&values, 7), ==, 2);
  g_assert_cmpint (attune_schedule_samples (&values, 7, 2, order, &epoch, chosen), ==, 3);
  values.epochs = 0.001; /* never nothing at all */
  g_assert_cmpint (attune_schedule_steps (&values, 7), ==, 1);
  g_assert_cmpint (attune_schedule_samples (&values, 7, 1, order, &epoch, chosen), ==, 1);
  values.max_steps = 3;
  g_assert_cmpint (attune_schedule_steps (&values, 7), ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/schedule/golden", test_golden);
  g_test_add_func ("/plan/schedule/rounds", test_rounds);
  g_test_add_func ("/plan/schedule/cosine", test_cosine);
  g_test_add_func ("/plan/schedule/linear-and-constant", test_linear_and_constant);
  g_test_add_func ("/plan/schedule/order", test_order);
  g_test_add_func ("/plan/schedule/partial-step", test_partial_step);
  return g_test_run ();
}
