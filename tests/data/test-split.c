/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The split: each question's own, whatever stands beside it, and in the shares that were asked for.
 */
#include "data/clean.h"
#include "data/date.h"
#include "data/split.h"

#include <math.h>
#include <string.h>

#define N 20000

/* What the strata say of a record. */
static AttuneSplit
draw (AttuneStrata *strata, const char *question, const char *label, const char *group)
{
  const AttuneRecord record = { .fields = { [ATTUNE_FIELD_QUESTION] = (char *) question,
                                            [ATTUNE_FIELD_LABEL] = (char *) label,
                                            [ATTUNE_FIELD_GROUP] = (char *) group } };
  g_autofree char *plain = attune_plain_words (question);

  return attune_strata_draw (strata, attune_text_key (*group != '\0' ? group : plain), 0, &record);
}

/* Of a record by itself. */
static AttuneSplit
split_of (AttuneDataSettings *settings, const char *question)
{
  g_autoptr (AttuneStrata) strata = attune_strata_new (attune_data_settings_get_values (settings));

  return draw (strata, question, "", "");
}

/* Records that ask the same must not stand on both sides. */
static void
test_same_question (void)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();

  for (int i = 0; i < 500; i++)
    {
      g_autofree char *a = g_strdup_printf ("What is number %d?", i);
      g_autofree char *b = g_strdup_printf ("  WHAT IS “number”   %d", i);

      g_assert_cmpint (split_of (settings, a), ==, split_of (settings, b));
    }
}

/* Stored: another result would move the records of every project there is. */
static void
test_stays (void)
{
  static const struct
  {
    const char *question;
    AttuneSplit split;
  } stored[] = { { "What is gout?", ATTUNE_SPLIT_TRAIN },
                 { "What is number 0?", ATTUNE_SPLIT_TRAIN },
                 { "What is number 12?", ATTUNE_SPLIT_VALIDATION },
                 { "What is number 33?", ATTUNE_SPLIT_VALIDATION },
                 { "What is number 49?", ATTUNE_SPLIT_TEST },
                 { "What is number 52?", ATTUNE_SPLIT_TEST } };
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();

  for (guint i = 0; i < G_N_ELEMENTS (stored); i++)
    g_assert_cmpint (split_of (settings, stored[i].question), ==, stored[i].split);
}

static void
count (AttuneDataSettings *settings, guint *counts)
{
  for (int i = 0; i < ATTUNE_N_SPLITS; i++)
    counts[i] = 0;
  for (int i = 0; i < N; i++)
    {
      g_autofree char *question = g_strdup_printf ("What is number %d?", i);

      counts[split_of (settings, question)]++;
    }
}

/* Within five standard deviations: a right split fails once in 1.7 million seeds, and the seed is
 * fixed. */
static void
assert_share (guint found, double share)
{
  g_assert_cmpfloat (fabs (found - N * share), <=, 5 * sqrt (N * share * (1 - share)));
}

static void
test_shares (void)
{
  static const double shares[][2]
      = { { 0.1, 0.1 }, { 0.5, 0.5 }, { 0.0, 0.0 }, { 0.3, 0.0 }, { 0.0, 0.02 } };
  guint counts[ATTUNE_N_SPLITS];

  for (guint i = 0; i < G_N_ELEMENTS (shares); i++)
    {
      g_autoptr (AttuneDataSettings) settings
          = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "validation-share", shares[i][0], "test-share",
                          shares[i][1], NULL);

      count (settings, counts);
      assert_share (counts[ATTUNE_SPLIT_VALIDATION], shares[i][0]);
      assert_share (counts[ATTUNE_SPLIT_TEST], shares[i][1]);
      assert_share (counts[ATTUNE_SPLIT_TRAIN], MAX (0, 1 - shares[i][0] - shares[i][1]));
      g_assert_cmpuint (counts[ATTUNE_SPLIT_EXCLUDED], ==, 0);
    }
}

/* Another seed draws anew: a fifth of the records change places (2 · 0.1 · 0.9 + …). */
static void
test_seed (void)
{
  g_autoptr (AttuneDataSettings) a = attune_data_settings_new ();
  g_autoptr (AttuneDataSettings) b
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "seed", G_GINT64_CONSTANT (43), NULL);
  guint moved = 0;

  for (int i = 0; i < N; i++)
    {
      g_autofree char *question = g_strdup_printf ("What is number %d?", i);

      moved += split_of (a, question) != split_of (b, question);
    }
  assert_share (moved, 1 - 0.8 * 0.8 - 2 * 0.1 * 0.1);
}

/* A larger share for the test takes records from validation, one for validation from training; none
 * ever wanders from training into the test by the other's share. */
static void
test_shares_grow (void)
{
  g_autoptr (AttuneDataSettings) a = attune_data_settings_new ();
  g_autoptr (AttuneDataSettings) b
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "validation-share", 0.3, NULL);

  for (int i = 0; i < N; i++)
    {
      g_autofree char *question = g_strdup_printf ("What is number %d?", i);
      const AttuneSplit before = split_of (a, question), after = split_of (b, question);

      g_assert_true (before == after
                     || (before == ATTUNE_SPLIT_TRAIN && after == ATTUNE_SPLIT_VALIDATION));
    }
}

/* Records of one group stand in one split, whatever they ask; without a group nothing changes. */
static void
test_groups (void)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (AttuneStrata) strata = attune_strata_new (attune_data_settings_get_values (settings));
  guint counts[ATTUNE_N_SPLITS] = { 0 };

  for (int i = 0; i < 500; i++)
    {
      g_autofree char *group = g_strdup_printf ("patient %d", i);
      const AttuneSplit split = draw (strata, "a", "x", group);

      counts[split]++;
      for (int j = 0; j < 5; j++)
        {
          g_autofree char *question = g_strdup_printf ("What is number %d?", i * 5 + j);

          g_assert_cmpint (draw (strata, question, "x", group), ==, split);
          g_assert_cmpint (draw (strata, question, "x", ""), ==, split_of (settings, question));
        }
    }
  g_assert_cmpuint (counts[ATTUNE_SPLIT_TEST], >, 25);
  g_assert_cmpuint (counts[ATTUNE_SPLIT_VALIDATION], >, 25);
}

/* Each label has its share to within a record or two at any time. */
static void
test_strata (void)
{
  g_autoptr (AttuneDataSettings) settings
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "stratify", TRUE, "test-share", 0.2, NULL);
  g_autoptr (AttuneStrata) strata = attune_strata_new (attune_data_settings_get_values (settings));
  guint counts[3][ATTUNE_N_SPLITS] = { 0 }, n[3] = { 0 };

  for (int i = 0; i < 3000; i++)
    {
      const int label = i % 300 == 0 ? 0 : i % 10 == 0 ? 1 : 2; /* 10, 290 and 2700 records */
      g_autofree char *question = g_strdup_printf ("What is number %d?", i);
      const AttuneSplit split
          = draw (strata, question, (const char *[]) { "rare", "some", "many" }[label], "");

      counts[label][split]++;
      n[label]++;
      g_assert_cmpfloat (fabs (counts[label][ATTUNE_SPLIT_TEST] - 0.2 * n[label]), <=, 1);
      g_assert_cmpfloat (fabs (counts[label][ATTUNE_SPLIT_VALIDATION] - 0.1 * n[label]), <=, 2);
    }
  for (int label = 0; label < 3; label++)
    g_assert_cmpuint (counts[label][ATTUNE_SPLIT_TEST], >=, 1);
}

/* By time the day decides, and chance only what is checked with before it. */
static void
test_time (void)
{
  g_autoptr (AttuneDataSettings) settings = g_object_new (
      ATTUNE_TYPE_DATA_SETTINGS, "test-from", "1.3.2024", "validation-share", 0.25, NULL);
  g_autoptr (AttuneStrata) strata = attune_strata_new (attune_data_settings_get_values (settings));
  g_autoptr (AttuneStrata) both = NULL;
  const guint32 january = attune_date_parse ("2024-01-01"), february = january + 31,
                march = january + 60;
  const AttuneRecord record = { 0 };
  guint n_checked = 0;

  for (guint64 key = 0; key < 1000; key++)
    {
      const AttuneSplit split = attune_strata_draw (strata, key, february, &record);

      g_assert_cmpint (attune_strata_draw (strata, key, march, &record), ==, ATTUNE_SPLIT_TEST);
      g_assert_cmpint (attune_strata_draw (strata, key, march - 1, &record), ==, split);
      g_assert_cmpint (attune_strata_draw (strata, key, 0, &record), ==, ATTUNE_SPLIT_EXCLUDED);
      g_assert_cmpint (split, !=, ATTUNE_SPLIT_TEST);
      n_checked += split == ATTUNE_SPLIT_VALIDATION;
    }
  g_assert_cmpuint (n_checked, >, 200);
  g_assert_cmpuint (n_checked, <, 300);

  g_object_set (settings, "check-from", "February 2024", NULL);
  both = attune_strata_new (attune_data_settings_get_values (settings));
  for (guint64 key = 0; key < 100; key++)
    {
      g_assert_cmpint (attune_strata_draw (both, key, february - 1, &record), ==,
                       ATTUNE_SPLIT_TRAIN);
      g_assert_cmpint (attune_strata_draw (both, key, february, &record), ==,
                       ATTUNE_SPLIT_VALIDATION);
      g_assert_cmpint (attune_strata_draw (both, key, march + 300, &record), ==, ATTUNE_SPLIT_TEST);
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *test_from, *check_from;
    int folds;
    const char *says; /* %NULL: it goes together */
  } cases[] = {
    { "", "", 0, NULL },
    { "2024-01-31", "", 0, NULL },
    { "2024-01-31", "2024-01-30", 0, NULL },
    { "2024-01-31", "2024-01-31", 0, "before the final test" },
    { "soon", "", 0, "“soon” is not a date" },
    { "2024-01-31", "3/4/2023", 0, "“3/4/2023”" },
    { "", "2024-01-31", 0, "say from which date" },
    { "2024-01-31", "", 5, "Folds are drawn" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AttuneDataSettings) settings
          = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "test-from", cases[i].test_from, "check-from",
                          cases[i].check_from, "folds", cases[i].folds, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_true (attune_split_check (attune_data_settings_get_values (settings), &error)
                     == (cases[i].says == NULL));
      g_assert_true (cases[i].says == NULL || strstr (error->message, cases[i].says) != NULL);
    }
}

/* Over all folds each question is in the test exactly once, in parts of like size. */
static void
test_folds (void)
{
  enum
  {
    FOLDS = 5,
    QUESTIONS = 2000
  };
  guint in_test[QUESTIONS] = { 0 };

  for (int fold = 1; fold <= FOLDS; fold++)
    {
      g_autoptr (AttuneDataSettings) settings
          = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "folds", FOLDS, "fold", fold, NULL);
      guint counts[ATTUNE_N_SPLITS] = { 0 };

      for (int i = 0; i < QUESTIONS; i++)
        {
          g_autofree char *question = g_strdup_printf ("What is number %d?", i);
          const AttuneSplit split = split_of (settings, question);

          counts[split]++;
          in_test[i] += split == ATTUNE_SPLIT_TEST;
        }
      g_assert_cmpfloat (fabs (counts[ATTUNE_SPLIT_TEST] - 400.0), <=, 5 * sqrt (400 * 0.8));
      g_assert_cmpfloat (fabs (counts[ATTUNE_SPLIT_VALIDATION] - 160.0), <=, 5 * sqrt (160 * 0.9));
    }
  for (int i = 0; i < QUESTIONS; i++)
    g_assert_cmpuint (in_test[i], ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/split/same-question", test_same_question);
  g_test_add_func ("/data/split/stays", test_stays);
  g_test_add_func ("/data/split/shares", test_shares);
  g_test_add_func ("/data/split/seed", test_seed);
  g_test_add_func ("/data/split/shares-grow", test_shares_grow);
  g_test_add_func ("/data/split/groups", test_groups);
  g_test_add_func ("/data/split/strata", test_strata);
  g_test_add_func ("/data/split/time", test_time);
  g_test_add_func ("/data/split/refused", test_refused);
  g_test_add_func ("/data/split/folds", test_folds);
  return g_test_run ();
}
