/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The balance of labels: how often each is learned from, whichever records are drawn for it.
 */
#include "data/balance.h"

#define N 1000

/* 900 of "many", 90 of "some", 10 of "rare"; every tenth is for the test, and some have no label.
 */
static AttuneSplit
record_at (int i, char **question, const char **label)
{
  *question = g_strdup_printf ("What is number %d?", i);
  *label = i % 100 == 99 ? "rare" : i % 10 == 9 ? "some" : i % 50 == 0 ? "" : "many";
  return i % 5 == 4 && i % 3 == 0 ? ATTUNE_SPLIT_TEST : ATTUNE_SPLIT_TRAIN;
}

typedef struct
{
  guint records[3], learned[3], other; /* rare, some, many; without a label or for the test */
  guint8 times[N];
  gint64 count, samples, targets;
} Result;

static int
number_of (const char *label)
{
  return *label == 'r' ? 0 : *label == 's' ? 1 : *label == 'm' ? 2 : -1;
}

static JsonObject *
empty_report (void)
{
  JsonObject *report = json_object_new (), *sizes = json_object_new ();

  json_object_set_array_member (report, "steps", json_array_new ());
  json_object_set_array_member (report, "labels", json_array_new ());
  json_object_set_object_member (sizes, "train", json_object_new ());
  json_object_set_object_member (report, "sizes", sizes);
  return report;
}

/* The first @n records, balanced. */
static void
balance (AttuneDataSettings *settings, int n, Result *result)
{
  g_autoptr (AttuneBalance) self = attune_balance_new (attune_data_settings_get_values (settings));
  g_autoptr (JsonObject) report = empty_report ();
  g_autoptr (GByteArray) times = NULL;
  JsonObject *train, *step;

  for (int i = 0; i < n; i++)
    {
      g_autofree char *question = NULL;
      const char *label;
      const AttuneSplit split = record_at (i, &question, &label);
      const AttuneRecord record = { .fields = { [ATTUNE_FIELD_QUESTION] = question,
                                                [ATTUNE_FIELD_ANSWER] = "a",
                                                [ATTUNE_FIELD_LABEL] = (char *) label } };

      attune_balance_add (self, split, &record, &(AttuneSampleSize) { 20, 3, 15 });
    }
  times = attune_balance_finish (self);
  attune_balance_report (self, report);
  *result = (Result) { 0 };
  for (int i = 0; i < n; i++)
    {
      g_autofree char *question = NULL;
      const char *label;
      const AttuneSplit split = record_at (i, &question, &label);
      const int number = split == ATTUNE_SPLIT_TRAIN ? number_of (label) : -1;

      result->times[i] = times != NULL ? times->data[i] : 1;
      if (number < 0)
        g_assert_cmpuint (result->times[i], ==, 1);
      result->other += number < 0 && split == ATTUNE_SPLIT_TRAIN;
      if (number >= 0)
        {
          result->records[number]++;
          result->learned[number] += result->times[i];
        }
    }
  train = json_object_get_object_member (json_object_get_object_member (report, "sizes"), "train");
  step = json_array_get_object_element (json_object_get_array_member (report, "steps"), 0);
  result->count = json_object_get_int_member (step, "count");
  result->samples = json_object_get_int_member_with_default (train, "samples", 0);
  result->targets = json_object_get_int_member_with_default (train, "targets", 0);
}

static void
assert_sums (const Result *r)
{
  const guint samples = r->learned[0] + r->learned[1] + r->learned[2] + r->other;

  g_assert_cmpint (r->samples, ==, samples);
  g_assert_cmpint (r->targets, ==, 3 * samples);
}

static void
test_none (void)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  Result result;

  balance (settings, N, &result);
  g_assert_cmpint (result.count, ==, 0);
  for (int i = 0; i < N; i++)
    g_assert_cmpuint (result.times[i], ==, 1);
}

static void
test_over (void)
{
  g_autoptr (AttuneDataSettings) settings = g_object_new (
      ATTUNE_TYPE_DATA_SETTINGS, "balance", ATTUNE_BALANCE_OVER, "balance-limit", 100, NULL);
  g_autoptr (AttuneDataSettings) limited
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "balance", ATTUNE_BALANCE_OVER, NULL);
  Result result;

  balance (settings, N, &result);
  assert_sums (&result);
  for (int label = 0; label < 3; label++)
    g_assert_cmpuint (result.learned[label], ==,
                      MIN (result.records[2], 100 * result.records[label]));
  for (int i = 0; i < N; i++)
    g_assert_cmpuint (result.times[i], >=, 1);
  g_assert_cmpint (result.count, ==, result.records[0] + result.records[1]);

  balance (limited, N, &result); /* none is learned by heart */
  assert_sums (&result);
  g_assert_cmpuint (result.learned[0], ==, 10 * result.records[0]);
}

static void
test_under (void)
{
  g_autoptr (AttuneDataSettings) settings
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "balance", ATTUNE_BALANCE_UNDER, NULL);
  g_autoptr (AttuneDataSettings) other
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "balance", ATTUNE_BALANCE_UNDER, "seed",
                      G_GINT64_CONSTANT (43), NULL);
  Result first, again, fewer;
  guint moved = 0, kept = 0, stay = 0;

  balance (settings, N, &first);
  assert_sums (&first);
  for (int label = 0; label < 3; label++)
    g_assert_cmpuint (first.learned[label], ==, first.records[0]);
  balance (settings, N, &again);
  g_assert_cmpmem (first.times, N, again.times, N);
  balance (other, N, &again); /* another seed draws others */
  for (int i = 0; i < N; i++)
    moved += first.times[i] != again.times[i];
  g_assert_cmpuint (moved, >, 5);
  /* most that were drawn among more are drawn among fewer: it is the record that decides */
  balance (settings, N / 2, &fewer);
  for (int i = 0; i < N / 2; i++)
    if (i % 10 != 9 && first.times[i] == 1 && i % 50 != 0)
      {
        kept++;
        stay += fewer.times[i] == 1;
      }
  g_assert_cmpuint (stay * 2, >, kept);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/balance/none", test_none);
  g_test_add_func ("/data/balance/over", test_over);
  g_test_add_func ("/data/balance/under", test_under);
  return g_test_run ();
}
