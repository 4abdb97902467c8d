/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Similar records: what is learned is not asked for in the test.
 */
#include "data/placement.h"

#include <string.h>

#define N 400

typedef struct
{
  AttuneSplit split;
  const char *reason;
} Place;

static Place
place_at (AttunePlacement *placement, const char *question, const char *answer, const char *label,
          const char *group, const char *date)
{
  g_autoptr (GError) error = NULL;
  const AttuneRecord record = { .fields = { [ATTUNE_FIELD_QUESTION] = (char *) question,
                                            [ATTUNE_FIELD_ANSWER] = (char *) answer,
                                            [ATTUNE_FIELD_LABEL] = (char *) label,
                                            [ATTUNE_FIELD_GROUP] = (char *) group,
                                            [ATTUNE_FIELD_DATE] = (char *) date } };
  g_auto (AttunePlainRecord) plain = { 0 };
  g_auto (AttuneSketch) sketch = { 0 };
  Place result = { ATTUNE_SPLIT_EXCLUDED, attune_placement_refuse (placement, &record) };

  if (result.reason != NULL)
    return result;
  attune_plain_record_init (&plain, &record);
  attune_sketcher_run (attune_placement_get_sketcher (placement), plain.question, plain.answer,
                       &sketch);
  g_assert_true (attune_placement_place (placement, &record, &plain, &sketch, &result.split,
                                         &result.reason, &error));
  g_assert_no_error (error);
  g_assert_true ((result.split == ATTUNE_SPLIT_EXCLUDED) == (result.reason != NULL));
  return result;
}

static Place
place_in_group (AttunePlacement *placement, const char *question, const char *answer,
                const char *label, const char *group)
{
  return place_at (placement, question, answer, label, group, "");
}

static Place
place (AttunePlacement *placement, const char *question, const char *answer)
{
  return place_in_group (placement, question, answer, "", "");
}

/* Words that no two numbers have in common. */
static char *
words_of (int i)
{
  GString *text = g_string_new (NULL);

  for (int j = 0; j < 12; j++)
    g_string_append_printf (text, "%s%c%c%c%c", j > 0 ? " " : "", 'a' + i % 20, 'a' + i / 20,
                            'a' + j, 'x');
  return g_string_free (text, FALSE);
}

static gint64
count_of (AttunePlacement *placement, const char *name)
{
  g_autoptr (JsonObject) report = json_object_new ();
  JsonArray *steps = json_array_new ();

  json_object_set_array_member (report, "steps", steps);
  attune_placement_report (placement, report);
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);

      if (g_str_equal (json_object_get_string_member (step, "name"), name))
        return json_object_get_int_member (step, "count");
    }
  g_assert_not_reached ();
}

static AttunePlacement *
open_placement (AttuneDataSettings *settings)
{
  g_autoptr (GError) error = NULL;
  AttunePlacement *placement = attune_placement_new (attune_data_settings_get_values (settings), N,
                                                     g_get_tmp_dir (), NULL, &error);

  g_assert_no_error (error);
  return placement;
}

/* Each record twice, with another question the second time. Returns: how many of the second ones
 * stand elsewhere than their first one; @out: how many are left out. */
static guint
count_leaks (AttunePlacement *placement, guint *out)
{
  Place first[N];
  guint leaks = 0;

  *out = 0;
  for (int i = 0; i < N; i++)
    {
      g_autofree char *answer = words_of (i);

      first[i] = place (placement, answer, answer);
    }
  for (int i = 0; i < N; i++)
    {
      g_autofree char *answer = words_of (i), *question = g_strconcat (answer, " again", NULL);
      const Place second = place (placement, question, answer);

      leaks += second.split != first[i].split;
      *out += second.reason != NULL && first[i].reason == NULL;
    }
  return leaks;
}

static void
test_together (void)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (AttunePlacement) placement = open_placement (settings);
  guint out;

  g_assert_cmpuint (count_leaks (placement, &out), ==, 0);
  g_assert_cmpuint (out, ==, 0);
  g_assert_cmpint (count_of (placement, "drop-similar"), ==, N);
  /* by themselves a third would stand elsewhere: 1 − 0.8² − 2 · 0.1² */
  g_assert_cmpint (count_of (placement, "similar-together"), >, N / 5);
  g_assert_cmpint (count_of (placement, "similar-together"), <, N / 2);
}

/* Switched off they stay where they are drawn, and are counted. */
static void
test_found (void)
{
  g_autoptr (AttuneDataSettings) settings
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "similar-together", FALSE, NULL);
  g_autoptr (AttunePlacement) placement = open_placement (settings);
  guint out, leaks = count_leaks (placement, &out);

  g_assert_cmpuint (leaks, >, N / 5);
  g_assert_cmpint (count_of (placement, "similar-together"), ==, leaks);
}

static void
test_left_out (void)
{
  g_autoptr (AttuneDataSettings) settings
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "drop-similar", TRUE, NULL);
  g_autoptr (AttunePlacement) placement = open_placement (settings);
  guint out;

  count_leaks (placement, &out);
  g_assert_cmpuint (out, ==, N);
  g_assert_cmpint (count_of (placement, "drop-similar"), ==, N);
  g_assert_cmpint (count_of (placement, "similar-together"), ==, 0);
}

/* Hundreds of copies of one record leave that one alone, however many were left out before. */
static void
test_many_copies (void)
{
  g_autoptr (AttuneDataSettings) settings
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "drop-similar", TRUE, "similarity", 0.7, NULL);
  g_autoptr (AttunePlacement) placement = open_placement (settings);
  g_autofree char *answer = words_of (0);
  guint kept = 0;

  for (int i = 0; i < 600; i++)
    {
      g_autofree char *question
          = g_strdup_printf ("copy %c%c", 'a' + i % 26, 'a' + i / 26); /* numbers would part them */

      kept += place (placement, question, answer).reason == NULL;
    }
  g_assert_cmpuint (kept, ==, 1);
}

/* Similar to a record of training and to one of the test: wherever it stood, it would tell. */
static void
test_torn (void)
{
  g_autoptr (AttuneDataSettings) settings
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "similarity", 0.4, NULL);
  g_autoptr (AttunePlacement) placement = open_placement (settings);
  int train = -1, test = -1;
  g_autofree char *a = NULL, *b = NULL, *both = NULL;
  Place torn;

  for (int i = 0; train < 0 || test < 0; i++)
    {
      g_autofree char *words = words_of (i);
      const AttuneSplit split = place (placement, words, "x").split;

      train = split == ATTUNE_SPLIT_TRAIN ? i : train;
      test = split == ATTUNE_SPLIT_TEST ? i : test;
    }
  a = words_of (train);
  b = words_of (test);
  both = g_strjoin (" ", a, b, NULL);
  torn = place (placement, both, "x");
  g_assert_cmpint (torn.split, ==, ATTUNE_SPLIT_EXCLUDED);
  g_assert_nonnull (strstr (torn.reason, "different things"));
  /* what is left out itself draws nothing to it */
  g_assert_cmpint (place (placement, both, "y").split, ==, ATTUNE_SPLIT_EXCLUDED);
  g_assert_cmpint (count_of (placement, "drop-torn"), ==, 2);
  g_assert_cmpint (count_of (placement, "similar-together"), ==, 0); /* nothing was moved */
}

/* Records of one group stand in one split, whatever they are similar to: else they are left out. */
static void
test_groups (void)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (AttunePlacement) placement = open_placement (settings);
  AttuneSplit groups[N];
  guint out = 0, n_similar = 0;

  for (int i = 0; i < N; i++)
    {
      g_autofree char *answer = words_of (i), *group = g_strdup_printf ("patient %d", i);

      groups[i] = place_in_group (placement, answer, answer, "", group).split;
    }
  for (int i = 0; i < N; i++) /* what the patient before has, and something of its own */
    {
      g_autofree char *answer = words_of ((i + 1) % N),
                      *question = g_strconcat (answer, " b", NULL);
      g_autofree char *own = words_of (i), *more = g_strconcat (own, " more", NULL);
      g_autofree char *group = g_strdup_printf ("patient %d", i);
      const Place second = place_in_group (placement, question, answer, "", group);

      n_similar += groups[i] != groups[(i + 1) % N];
      out += second.reason != NULL;
      if (second.reason != NULL)
        g_assert_nonnull (strstr (second.reason, "its group"));
      else
        g_assert_cmpint (second.split, ==, groups[i]);
      g_assert_cmpint (place_in_group (placement, more, own, "", group).split, ==, groups[i]);
    }
  g_assert_cmpuint (out, ==, n_similar);
  g_assert_cmpint (count_of (placement, "drop-torn"), ==, out);
  g_assert_cmpint (count_of (placement, "similar-together"), ==, 0);
}

/* Records that ask the same stand in one split, wherever the first of them was brought. */
static void
test_same_question (gconstpointer stratify)
{
  g_autoptr (AttuneDataSettings) settings
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "stratify", GPOINTER_TO_INT (stratify), NULL);
  g_autoptr (AttunePlacement) placement = open_placement (settings);
  AttuneSplit first[N];
  guint n_torn = 0;

  for (int i = 0; i < N; i++)
    {
      g_autofree char *words = words_of (i);

      first[i] = place_in_group (placement, words, words, "a", "").split;
    }
  for (int i = 0; i < N; i++)
    {
      const int before = MAX (i - 1, 0);
      const char question[] = { 'q', 'a' + i % 20, 'a' + i / 20, '\0' },
                 earlier[] = { 'q', 'a' + before % 20, 'a' + before / 20, '\0' };
      g_autofree char *answer = words_of (i);
      const AttuneSplit near = place_in_group (placement, question, answer, "b", "").split;
      Place torn;

      g_assert_cmpint (near, ==, first[i]);
      /* the same question, with an answer like nothing else */
      g_assert_cmpint (place_in_group (placement, question, "no idea", "a", "").split, ==, near);
      /* a question that is asked in one split, with an answer of another */
      torn = place_in_group (placement, earlier, answer, "a", "");
      n_torn += first[before] != first[i];
      g_assert_cmpint (torn.split, ==,
                       first[before] == first[i] ? first[i] : ATTUNE_SPLIT_EXCLUDED);
    }
  g_assert_cmpint (count_of (placement, "similar-together"), >, N / 5);
  g_assert_cmpuint (n_torn, >, N / 5);
  g_assert_cmpint (count_of (placement, "drop-torn"), ==, n_torn);
}

/* By time nothing leaves its time: what would have to, stays out. */
static void
test_time (void)
{
  g_autoptr (AttuneDataSettings) settings = g_object_new (
      ATTUNE_TYPE_DATA_SETTINGS, "test-from", "2024-03-01", "check-from", "2024-02-01", NULL);
  g_autoptr (AttunePlacement) placement = open_placement (settings),
                              none = open_placement (settings);
  g_autoptr (GError) error = NULL;
  g_autofree char *a = words_of (1), *b = words_of (2), *c = words_of (3), *d = words_of (4);
  g_autofree char *again = g_strconcat (a, " again", NULL);
  Place here;

  g_assert_cmpint (place_at (placement, a, a, "", "", "2024-01-31").split, ==, ATTUNE_SPLIT_TRAIN);
  g_assert_cmpint (place_at (placement, b, b, "", "x", "1.2.2024").split, ==,
                   ATTUNE_SPLIT_VALIDATION);
  g_assert_cmpint (place_at (placement, c, c, "", "", "March 2024").split, ==, ATTUNE_SPLIT_TEST);
  here = place_at (placement, again, a, "", "", "2024-04-01");
  g_assert_cmpstr (here.reason, ==,
                   "It is similar to a record of a time that is used for something else.");
  g_assert_cmpint (place_at (placement, again, a, "", "", "2024-01-01").split, ==,
                   ATTUNE_SPLIT_TRAIN);
  here = place_at (placement, a, d, "", "", "2024-04-01");
  g_assert_cmpstr (here.reason, ==,
                   "Its question is asked at a time that is used for something "
                   "else.");
  here = place_at (placement, d, d, "", "x", "2024-04-01");
  g_assert_cmpstr (here.reason, ==,
                   "Others of its group are from a time that is used for something else.");
  here = place_at (placement, d, d, "", "", "3/4/2024");
  g_assert_nonnull (strstr (here.reason, "no date"));
  g_assert_cmpint (count_of (placement, "drop-torn"), ==, 1);
  g_assert_cmpint (count_of (placement, "drop-torn-times"), ==, 2);
  g_assert_cmpint (count_of (placement, "test-from"), ==, 1);
  g_assert_true (attune_placement_check (placement, 1, NULL));

  place (none, a, a);
  g_assert_false (attune_placement_check (none, 0, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS);
}

/* One answer to many questions that have nothing in common: it stands in one split, where that is
 * wanted and it is no short one. */
static void
test_answers (void)
{
  g_autoptr (AttuneDataSettings) settings
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "answers-together", TRUE, NULL);
  g_autoptr (AttunePlacement) placement = open_placement (settings), off = NULL;
  const char *long_answer = "Drink water, rest, and wait.", *short_answer = "Drink some water now.";
  AttuneSplit first = ATTUNE_N_SPLITS;
  guint n_short[ATTUNE_N_SPLITS] = { 0 }, n_off[ATTUNE_N_SPLITS] = { 0 };
  const char *reason = NULL;

  for (int i = 0; i < 200; i++)
    {
      g_autofree char *question = words_of (i), *other = words_of (i + 200);
      const AttuneSplit split = place (placement, question, long_answer).split;

      first = i == 0 ? split : first;
      g_assert_cmpint (split, ==, first);
      n_short[place (placement, other, short_answer).split]++;
    }
  g_assert_cmpint (count_of (placement, "answers-together"), >, 0);
  g_assert_cmpint (count_of (placement, "drop-torn-answers"), ==, 0);
  g_assert_cmpuint (n_short[ATTUNE_SPLIT_TRAIN], >, 100);
  g_assert_cmpuint (n_short[ATTUNE_SPLIT_TEST], >, 5);

  /* records of groups that stand in all splits: those elsewhere than the answer cannot move */
  for (int i = 0; i < 100; i++)
    {
      g_autofree char *group = g_strdup_printf ("group %d", i), *question = words_of (i);
      const Place here
          = place_in_group (placement, question, "Call the doctor in the morning.", "", group);

      first = i == 0 ? here.split : first;
      g_assert_true (here.split == first || here.split == ATTUNE_SPLIT_EXCLUDED);
      reason = here.reason != NULL ? here.reason : reason;
    }
  g_assert_cmpstr (reason, ==, "Its answer is that of a record that is used for something else.");
  g_assert_cmpint (count_of (placement, "drop-torn-answers"), >, 5);
  g_assert_cmpint (count_of (placement, "drop-torn"), ==, 0); /* nothing of it is similar */

  g_object_set (settings, "answers-together", FALSE, NULL);
  off = open_placement (settings);
  for (int i = 0; i < 200; i++)
    {
      g_autofree char *question = words_of (i);

      n_off[place (off, question, long_answer).split]++;
    }
  g_assert_cmpuint (n_off[ATTUNE_SPLIT_TEST], >, 5);
  g_assert_cmpint (count_of (off, "answers-together"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/placement/together", test_together);
  g_test_add_func ("/data/placement/found", test_found);
  g_test_add_func ("/data/placement/left-out", test_left_out);
  g_test_add_func ("/data/placement/many-copies", test_many_copies);
  g_test_add_func ("/data/placement/torn", test_torn);
  g_test_add_func ("/data/placement/groups", test_groups);
  g_test_add_data_func ("/data/placement/same-question", GINT_TO_POINTER (FALSE),
                        test_same_question);
  g_test_add_data_func ("/data/placement/same-question-stratified", GINT_TO_POINTER (TRUE),
                        test_same_question);
  g_test_add_func ("/data/placement/time", test_time);
  g_test_add_func ("/data/placement/answers", test_answers);
  return g_test_run ();
}
