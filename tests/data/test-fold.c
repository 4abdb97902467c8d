/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Folds: every record for training or validation checks once, questions stay together, and the test
 * split stays out of it.
 */
#include "dataset-fixture.h"

#include <string.h>

/* The records of a split as questions, each with how often it is there. */
static void
count (AttuneDataset *dataset, AttuneSplit split, GHashTable *counts)
{
  g_auto (GStrv) questions = attune_dataset_get_texts (dataset, split, ATTUNE_FIELD_QUESTION, NULL);

  g_assert_cmpuint (g_strv_length (questions), ==, attune_dataset_count (dataset, split));
  for (guint i = 0; questions[i] != NULL; i++)
    {
      const int n = GPOINTER_TO_INT (g_hash_table_lookup (counts, questions[i]));

      g_hash_table_insert (counts, g_strdup (questions[i]), GINT_TO_POINTER (n + 1));
    }
}

static AttuneDataset *
open_fold (Fixture *f, int folds, int fold)
{
  g_autoptr (GError) error = NULL;
  AttuneDataset *dataset = attune_dataset_open (f->place.path, &error);

  g_assert_no_error (error);
  g_assert_true (attune_dataset_fold (dataset, folds, fold, &error));
  return dataset;
}

static void
test_each_once (Fixture *f, gconstpointer data)
{
  g_autofree char *table = make_table (0, 200);
  g_autoptr (GHashTable) checked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  AttuneDataset *whole;
  guint64 n, n_test;

  g_object_set (f->settings, "balance", ATTUNE_BALANCE_OVER, "similar-together", FALSE, NULL);
  import_good (f, "a.csv", table);
  whole = prepare_good (f);
  n_test = attune_dataset_count (whole, ATTUNE_SPLIT_TEST);
  n = 200 - n_test - attune_dataset_count (whole, ATTUNE_SPLIT_EXCLUDED);
  attune_dataset_close (whole);
  for (int fold = 1; fold <= 4; fold++)
    {
      g_autoptr (AttuneDataset) dataset = open_fold (f, 4, fold);
      g_autoptr (GHashTable) learned
          = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
          held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      GHashTableIter iter;
      gpointer question, times;

      g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TEST), ==, n_test);
      g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_VALIDATION), >=, n / 4);
      g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_VALIDATION), <=, n / 4 + 1);
      count (dataset, ATTUNE_SPLIT_TRAIN, learned);
      count (dataset, ATTUNE_SPLIT_VALIDATION, held);
      count (dataset, ATTUNE_SPLIT_VALIDATION, checked);
      g_assert_cmpuint (g_hash_table_size (learned) + g_hash_table_size (held), ==, n);
      g_hash_table_iter_init (&iter, held);
      while (g_hash_table_iter_next (&iter, &question, &times))
        {
          g_assert_cmpint (GPOINTER_TO_INT (times), ==, 1); /* a rare label's, too */
          g_assert_false (g_hash_table_contains (learned, question));
        }
    }
  g_assert_cmpuint (g_hash_table_size (checked), ==, n);
}

/* Records that belong together are not parted. */
static void
test_groups (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) table = g_string_new ("question,answer,group\n");

  for (int i = 0; i < 120; i++)
    g_string_append_printf (table, "What is number %d?,It is %d.,g%d\n", i, i, i % 12);
  g_object_set (f->settings, "similar-together", FALSE, NULL);
  import_good (f, "a.csv", table->str);
  attune_dataset_close (prepare_good (f));
  for (int fold = 1; fold <= 3; fold++)
    {
      g_autoptr (AttuneDataset) dataset = open_fold (f, 3, fold);
      g_auto (GStrv) held
          = attune_dataset_get_texts (dataset, ATTUNE_SPLIT_VALIDATION, ATTUNE_FIELD_GROUP, NULL);
      g_auto (GStrv) learned
          = attune_dataset_get_texts (dataset, ATTUNE_SPLIT_TRAIN, ATTUNE_FIELD_GROUP, NULL);

      g_assert_cmpuint (g_strv_length (held), >, 0);
      for (guint i = 0; held[i] != NULL; i++)
        g_assert_false (g_strv_contains ((const char *const *) learned, held[i]));
    }
}

static void
test_too_few (Fixture *f, gconstpointer data)
{
  g_autofree char *table = make_table (0, 6);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;

  g_object_set (f->settings, "test-share", 0.0, "similar-together", FALSE, NULL);
  import_good (f, "a.csv", table);
  dataset = prepare_good (f);
  g_assert_false (attune_dataset_fold (dataset, 7, 1, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY);
  g_assert_nonnull (strstr (error->message, "--folds 6"));
  g_clear_error (&error);
  g_assert_true (attune_dataset_fold (dataset, 6, 6, &error));
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_VALIDATION), ==, 1);
}

/* By default no record checks what was learned from one that is nearly the same. */
static void
test_similar (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) table = g_string_new ("question,answer\n");

  for (int i = 0; i < 60; i++)
    {
      const char c = 'a' + i / 3;

      for (int j = 0; j < 16; j++)
        g_string_append_printf (table, "%c%co ", c, 'a' + j);
      g_string_append_printf (table, "%s,%cat %cet %cit %cot\n",
                              i % 3 ? i % 3 > 1 ? "x" : "y" : "z", c, c, c, c);
    }
  import_good (f, "a.csv", table->str);
  attune_dataset_close (prepare_good (f));
  for (int fold = 1; fold <= 3; fold++)
    {
      g_autoptr (AttuneDataset) dataset = open_fold (f, 3, fold);
      g_auto (GStrv) held
          = attune_dataset_get_texts (dataset, ATTUNE_SPLIT_VALIDATION, ATTUNE_FIELD_ANSWER, NULL);
      g_auto (GStrv) learned
          = attune_dataset_get_texts (dataset, ATTUNE_SPLIT_TRAIN, ATTUNE_FIELD_ANSWER, NULL);

      g_assert_cmpuint (g_strv_length (held), >=, 12);
      for (guint i = 0; held[i] != NULL; i++)
        g_assert_false (g_strv_contains ((const char *const *) learned, held[i]));
    }
}

/* Texts that are learned whole, beside questions: they have none to tell them apart by. */
static void
test_whole_texts (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) table = g_string_new ("text,label\n");
  g_autofree char *questions = make_table (0, 30);
  guint n = 0, most = 0;

  for (int i = 0; i < 90; i++)
    g_string_append_printf (table, "Text number %d says %d.,l%d\n", i, i * i, i % 2);
  g_object_set (f->settings, "similar-together", FALSE, "test-share", 0.0, NULL);
  import_good (f, "a.csv", table->str);
  import_good (f, "b.csv", questions);
  attune_dataset_close (prepare_good (f));
  for (int fold = 1; fold <= 4; fold++)
    {
      g_autoptr (AttuneDataset) dataset = open_fold (f, 4, fold);

      n += attune_dataset_count (dataset, ATTUNE_SPLIT_VALIDATION);
      most = MAX (most, attune_dataset_count (dataset, ATTUNE_SPLIT_VALIDATION));
    }
  g_assert_cmpuint (n, ==, 120);
  g_assert_cmpuint (most, <=, 31);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/data/fold/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("each-once", test_each_once);
  ADD ("groups", test_groups);
  ADD ("too-few", test_too_few);
  ADD ("whole-texts", test_whole_texts);
  ADD ("similar", test_similar);
  return g_test_run ();
}
