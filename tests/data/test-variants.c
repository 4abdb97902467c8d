/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variants of records: learned from beside them, never checked or tested with, and told apart.
 */
#include "core/settings.h"
#include "data/dataset-fixture.h"
#include "data/dataset-variants.h"
#include "data/report-view.h"

#include <string.h>

#define N 60

/* Each asks for something of its own, in words that have a synonym. */
static void
import_questions (Fixture *f, const char *more)
{
  g_autoptr (GString) table = g_string_new ("question,answer,label\n");

  for (int i = 0; i < N; i++)
    g_string_append_printf (table,
                            "Which physician helps with the illness of the %c%c%c in it?,"
                            "It is case %c%c.,%s\n",
                            'a' + i % 20, 'b' + i / 20, 'a' + i % 7, 'a' + i % 20, 'a' + i / 20,
                            i % 3 ? "a" : "b");
  g_string_append (table, more);
  import_good (f, "questions.csv", table->str);
}

static char *
question_of (AttuneDataset *dataset, AttuneSplit split, guint64 i)
{
  g_auto (AttuneRecord) record = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (attune_dataset_get_record (dataset, split, i, &record, &error));
  g_assert_no_error (error);
  return g_steal_pointer (&record.fields[ATTUNE_FIELD_QUESTION]);
}

static AttuneReportView *
view_of (AttuneDataset *dataset)
{
  g_autoptr (JsonNode) node = json_from_string (attune_dataset_get_report (dataset), NULL);

  return attune_report_view_new (node);
}

/* Samples of what is learned, as the report says. */
static void
assert_sizes (AttuneDataset *dataset)
{
  g_autoptr (AttuneReportView) view = view_of (dataset);
  g_autoptr (GArray) lengths = attune_dataset_get_lengths (dataset, ATTUNE_SPLIT_TRAIN, NULL);
  const guint64 n = attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN);
  guint64 targets = 0, longest = 0;

  for (guint64 i = 0; i < n; i++)
    {
      g_auto (AttuneSample) sample = { 0 };

      g_assert_true (attune_dataset_get_sample (dataset, ATTUNE_SPLIT_TRAIN, i, &sample, NULL));
      g_assert_cmpuint (sample.n, ==, g_array_index (lengths, guint32, i));
      for (guint j = 0; j < sample.n; j++)
        targets += sample.learn[j];
      longest = MAX (longest, sample.n);
    }
  g_assert_cmpuint (view->sizes[ATTUNE_SPLIT_TRAIN].samples, ==, n);
  g_assert_cmpuint (view->sizes[ATTUNE_SPLIT_TRAIN].targets, ==, targets);
  g_assert_cmpuint (view->sizes[ATTUNE_SPLIT_TRAIN].longest, ==, longest);
}

static void
test_made (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDataset) plain = NULL, dataset = NULL;
  g_autoptr (AttuneReportView) view = NULL;
  const AttuneReportStep *step;
  guint64 n_train;

  import_questions (f, "");
  g_object_set (f->settings, "similar-together", FALSE, "drop-near-duplicates", FALSE, NULL);
  plain = prepare_good (f);
  n_train = attune_dataset_count (plain, ATTUNE_SPLIT_TRAIN);
  g_object_set (f->settings, "variants", 2, NULL);
  dataset = prepare_good (f);
  g_assert_cmpstr (attune_dataset_get_hash (plain), !=, attune_dataset_get_hash (dataset));
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN), ==, 3 * n_train);
  for (int split = ATTUNE_SPLIT_VALIDATION; split <= ATTUNE_SPLIT_TEST; split++)
    {
      g_assert_cmpuint (attune_dataset_count (dataset, split), ==,
                        attune_dataset_count (plain, split));
      g_assert_cmpuint (attune_dataset_count (dataset, split), >, 0);
      for (guint64 i = 0; i < attune_dataset_count (dataset, split); i++)
        {
          g_autofree char *question = question_of (dataset, split, i);

          g_assert_nonnull (strstr (question, "physician helps with the illness"));
        }
    }
  for (guint64 i = 0; i < 3 * n_train; i++)
    {
      g_autofree char *question = question_of (dataset, ATTUNE_SPLIT_TRAIN, i),
                      *origin = question_of (dataset, ATTUNE_SPLIT_TRAIN, i - i % 3),
                      *where = attune_dataset_describe (dataset, ATTUNE_SPLIT_TRAIN, i);
      g_auto (AttuneSample) sample = { 0 }, first = { 0 };

      g_assert_cmpint (i % 3 > 0, ==, strstr (where, "varied by WordNet") != NULL);
      g_assert_cmpint (i % 3 > 0, ==, strcmp (question, origin) != 0);
      g_assert_true (g_str_has_suffix (question, strstr (origin, " of the ")));
      g_assert_true (attune_dataset_get_sample (dataset, ATTUNE_SPLIT_TRAIN, i, &sample, NULL));
      g_assert_true (
          attune_dataset_get_sample (dataset, ATTUNE_SPLIT_TRAIN, i - i % 3, &first, NULL));
      g_assert_cmpint (i % 3 > 0, ==,
                       sample.n != first.n
                           || memcmp (sample.tokens, first.tokens, first.n * sizeof (gint32)) != 0);
    }
  assert_sizes (dataset);
  view = view_of (dataset);
  step = attune_report_view_find_step (view, "variants");
  g_assert_true (step->enabled);
  g_assert_cmpint (step->deed, ==, ATTUNE_CLEAN_MAKES);
  g_assert_cmpuint (step->count, ==, 2 * n_train);
  g_assert_cmpuint (view->n_variants, ==, 2 * n_train);
  g_assert_cmpstr (step->before[0], !=, step->after[0]);
}

/* One that asks what the test asks is not used: it would tell. */
static void
test_no_leak (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (AttuneReportView) view = NULL;
  guint n_asked = 0;

  import_good (f, "leak.csv",
               "question,answer,date\n"
               "Does the physician know it?,He does.,2024-01-01\n"
               "Is the lawyer in it?,She is in it.,2024-01-02\n"
               "Does the doctor know it?,I do not know that.,2024-02-02\n");
  g_object_set (f->settings, "test-from", "2024-02-01", "validation-share", 0.0, "variants", 1,
                NULL);
  dataset = prepare_good (f);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TEST), ==, 1);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN), ==, 3);
  for (guint64 i = 0; i < 3; i++)
    {
      g_autofree char *question = question_of (dataset, ATTUNE_SPLIT_TRAIN, i);

      g_assert_cmpstr (question, !=, "Does the doctor know it?");
      n_asked += g_str_equal (question, "Is the attorney in it?");
    }
  g_assert_cmpuint (n_asked, ==, 1);
  assert_sizes (dataset);
  view = view_of (dataset);
  g_assert_cmpuint (view->n_variants, ==, 1);
}

/* Questions that are checked or tested with are not learned from in other words. */
static void
assert_no_leak (AttuneDataset *dataset)
{
  g_autoptr (GHashTable) asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int split = ATTUNE_SPLIT_VALIDATION; split <= ATTUNE_SPLIT_TEST; split++)
    for (guint64 i = 0; i < attune_dataset_count (dataset, split); i++)
      g_hash_table_add (asked, question_of (dataset, split, i));
  g_assert_cmpuint (g_hash_table_size (asked), >, 0);
  for (guint64 i = 0; i < attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN); i++)
    {
      g_autofree char *question = question_of (dataset, ATTUNE_SPLIT_TRAIN, i);

      g_assert_false (g_hash_table_contains (asked, question));
    }
}

/* Pairs that ask the same in two words, each in a group of its own. */
static void
test_no_leak_of_groups (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) table = g_string_new ("question,answer,group,date\n");

  for (int i = 0; i < N; i++)
    g_string_append_printf (
        table, "Does the %s know the %c%c of it?,It is %c%c and %d.,g%d,2024-%02d-01\n",
        i % 2 ? "doctor" : "physician", 'a' + i / 2 % 26, 'b' + i / 52, 'a' + i % 26, 'a' + i / 26,
        i, i, i * 7 % N * 12 / N + 1);
  g_string_append (table, "Is the lawyer in it?,She is in it.,other,2024-01-01\n");
  import_good (f, "groups.csv", table->str);
  g_object_set (f->settings, "similar-together", FALSE, "variants", 1, NULL);
  for (int by_time = 0; by_time < 2; by_time++)
    {
      g_autoptr (AttuneDataset) dataset = NULL;

      g_object_set (f->settings, "test-from", by_time ? "2024-08-01" : "", NULL);
      dataset = prepare_good (f);
      assert_no_leak (dataset);
      /* nor in a part that a run checks with */
      for (int fold = 1; fold <= 3 && !by_time; fold++)
        {
          g_autoptr (AttuneDataset) part = attune_dataset_open (f->place.path, NULL);

          g_assert_true (attune_dataset_fold (part, 3, fold, NULL));
          assert_no_leak (part);
        }
    }
}

/* What holds a question of the evaluation file, or is similar to what is tested, is not used; what
 * is learned whole is not varied. */
static void
test_not_used (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->place.folder, "evaluation.csv", NULL);
  const char *row = "Does the physician say which of all these the case is in the end when it is "
                    "late and cold in there as it was before?";

  for (int late = 0; late < 2; late++)
    {
      g_autofree char *table = g_strdup_printf (
          "question,answer,date\n%s,It is.,2024-%02d-01\n"
          "Does the doctor say which of all these the case is in the end when it is late and cold "
          "in there as it was again?,It is.,2024-%02d-01\n"
          "Is the lawyer in it?,She is in it.,2024-01-02\n",
          late ? "Why is it?" : row, 1, 2);
      g_autoptr (AttuneDataset) dataset = NULL;
      g_autoptr (AttuneReportView) view = NULL;

      g_assert_true (g_file_set_contents (
          path, "question,answer\nIs the attorney in it?,Who knows that?\n", -1, NULL));
      import_good (f, late ? "late.csv" : "early.csv", table);
      g_object_set (f->settings, "test-from", "2024-02-01", "validation-share", 0.0, "variants", 1,
                    "evaluation-file", path, NULL);
      dataset = prepare_good (f);
      view = view_of (dataset);
      g_assert_cmpuint (view->n_variants, ==, 0);
    }
}

/* Repeated for the balance, a record stands there with its variants as often; parts check with
 * records as they are, each once. */
static void
test_balanced_and_folded (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GHashTable) checked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL;
  guint64 n = 0;

  import_questions (f, "");
  g_object_set (f->settings, "similar-together", FALSE, "drop-near-duplicates", FALSE, "variants",
                1, "balance", ATTUNE_BALANCE_OVER, NULL);
  dataset = prepare_good (f);
  assert_sizes (dataset);
  n = N - attune_dataset_count (dataset, ATTUNE_SPLIT_TEST);
  for (int fold = 1; fold <= 3; fold++)
    {
      g_autoptr (AttuneDataset) part = attune_dataset_open (f->place.path, &error);

      g_assert_no_error (error);
      g_assert_true (attune_dataset_fold (part, 3, fold, &error));
      for (guint64 i = 0; i < attune_dataset_count (part, ATTUNE_SPLIT_VALIDATION); i++)
        {
          char *question = question_of (part, ATTUNE_SPLIT_VALIDATION, i);

          g_assert_nonnull (strstr (question, "physician helps with the illness"));
          g_assert_true (g_hash_table_add (checked, question));
        }
      for (guint64 i = 0; i < attune_dataset_count (part, ATTUNE_SPLIT_TRAIN); i++)
        {
          g_auto (AttuneSample) sample = { 0 };

          g_assert_true (attune_dataset_get_sample (part, ATTUNE_SPLIT_TRAIN, i, &sample, NULL));
          g_assert_cmpuint (sample.n, >, 0);
        }
    }
  g_assert_cmpuint (g_hash_table_size (checked), ==, n);
}

/* Nor is one learned that is similar to what a part of a cross-validation checks with: the record
 * that it was made of is in the same part. */
static void
test_folded_similar (Fixture *f, gconstpointer data)
{
  static const char *const places[] = { "heart", "liver", "skin", "lung", "bone", "nerve" };
  g_autoptr (GString) table = g_string_new ("question,answer\n");
  g_autoptr (AttuneDataset) dataset = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    for (int later = 0; later < 2; later++)
      g_string_append_printf (table,
                              "Does the %s say of the %s which of all these %c%c the %c%c in the "
                              "end when it is late and "
                              "cold in there as it was %s?,Number %c is it.\n",
                              later ? "doctor" : "physician", places[i], 'a' + i, 'b' + i, 'c' + i,
                              'd' + i, later ? "again" : "before", 'a' + i);
  for (int i = 0; i < 20; i++)
    g_string_append_printf (table, "%c%c is what?,It is %c.\n", 'f' + i, 'a' + i % 7, 'a' + i);
  import_good (f, "pairs.csv", table->str);
  g_object_set (f->settings, "test-share", 0.0, "validation-share", 0.0, "variants", 1, NULL);
  dataset = prepare_good (f);
  for (int fold = 1; fold <= 5; fold++)
    {
      g_autoptr (AttuneDataset) part = attune_dataset_open (f->place.path, NULL);
      guint n[G_N_ELEMENTS (places)] = { 0 };

      g_assert_true (attune_dataset_fold (part, 5, fold, NULL));
      for (guint64 i = 0; i < attune_dataset_count (part, ATTUNE_SPLIT_VALIDATION); i++)
        {
          g_autofree char *question = question_of (part, ATTUNE_SPLIT_VALIDATION, i);

          for (guint j = 0; j < G_N_ELEMENTS (places); j++)
            n[j] += strstr (question, places[j]) != NULL;
        }
      for (guint j = 0; j < G_N_ELEMENTS (places); j++)
        g_assert_cmpuint (n[j], !=, 1); /* both of a pair, or none */
    }
}

/* Of a label whose questions have variants no more is learned than of one whose have none. */
static void
test_balanced (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) table = g_string_new ("question,answer,label\n");

  for (int i = 0; i < N; i++)
    g_string_append_printf (table, "%s the %c%c of it?,It is %c%c and %d.,%s\n",
                            i % 2 ? "Which physician helps with" : "Is it", 'a' + i / 2 % 26,
                            'b' + i / 52, 'a' + i % 26, 'a' + i / 26, i, i % 2 ? "with" : "none");
  import_good (f, "labels.csv", table->str);
  g_object_set (f->settings, "similar-together", FALSE, "drop-near-duplicates", FALSE, "variants",
                2, "test-share", 0.0, "validation-share", 0.0, NULL);
  for (int mode = ATTUNE_BALANCE_OVER; mode <= ATTUNE_BALANCE_UNDER; mode++)
    {
      g_autoptr (AttuneDataset) dataset = NULL;
      guint64 n[2] = { 0 };

      g_object_set (f->settings, "balance", mode, NULL);
      dataset = prepare_good (f);
      for (guint64 i = 0; i < attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN); i++)
        {
          g_autofree char *question = question_of (dataset, ATTUNE_SPLIT_TRAIN, i);

          n[g_str_has_prefix (question, "Which")]++;
        }
      g_assert_cmpuint (n[1], >, 0);
      g_assert_cmpuint (MAX (n[0], n[1]) - MIN (n[0], n[1]), <, 3); /* samples of a record */
      assert_sizes (dataset);
    }
}

/* Data that was prepared when there were no variants has none: it is not of an older way. */
static void
test_older (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) node = attune_settings_to_json (G_OBJECT (f->settings));

  g_assert_true (json_object_has_member (json_node_get_object (node), "variants"));
  json_object_remove_member (json_node_get_object (node), "variants");
  g_assert_true (attune_settings_has_all (G_OBJECT (f->settings), node));
  json_object_remove_member (json_node_get_object (node), "max-tokens");
  g_assert_false (attune_settings_has_all (G_OBJECT (f->settings), node));
}

static void
test_missing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *table = make_table (0, 20);

  import_good (f, "table.csv", table);
  g_object_set (f->settings, "variants", 1, NULL);
  g_setenv ("WNSEARCHDIR", f->place.folder, TRUE);
  g_assert_false (prepare (f, NULL, NULL, &error));
  g_unsetenv ("WNSEARCHDIR");
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ);
  g_assert_nonnull (strstr (error->message, "wordnet-base"));
}

/* --- somebody else's file */

typedef struct
{
  const char *what;
  gint32 records[2];
  gint64 offsets[3];
  gint64 n_use, n_learn;
} Parts;

static gboolean
read_parts (Fixture *f, const Parts *parts)
{
  static const gint32 ids[4] = { 1, 2, 3, 4 };
  static const guint8 ones[4] = { 1, 1, 1, 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_create (f->place.path, KIND, 1, &error);
  g_autoptr (AttuneDatasetBeside) variants = NULL;
  gint64 first, n;

  attune_store_append (store, "variants/record", ATTUNE_STORE_I32, 2, parts->records, &error);
  attune_store_append (store, "variants/use", ATTUNE_STORE_U8, parts->n_use, ones, &error);
  attune_store_append (store, "tokens/variant-offsets", ATTUNE_STORE_I64, 3, parts->offsets,
                       &error);
  attune_store_append (store, "tokens/variant-ids", ATTUNE_STORE_I32, 4, ids, &error);
  attune_store_append (store, "tokens/variant-learn", ATTUNE_STORE_U8, parts->n_learn, ones,
                       &error);
  attune_store_commit (store, &error);
  g_clear_pointer (&store, attune_store_close);
  g_assert_no_error (error);
  store = attune_store_open (f->place.path, KIND, 1, &error);
  g_assert_no_error (error);
  if (!attune_dataset_variants_read (store, 3, &variants, &error))
    return FALSE;
  g_assert_cmpuint (attune_dataset_beside_count (variants, 0), ==, 0);
  g_assert_cmpuint (attune_dataset_beside_count (variants, 2), ==, 2);
  attune_dataset_beside_locate (variants, attune_dataset_beside_find (variants, 2, 1), &first, &n);
  g_assert_cmpint (first, ==, 1);
  g_assert_cmpint (n, ==, 3);
  return TRUE;
}

static void
test_damaged (Fixture *f, gconstpointer data)
{
  static const Parts cases[] = {
    { "a record that there is not", { 0, 3 }, { 0, 1, 4 }, 2, 4 },
    { "a record below zero", { -1, 0 }, { 0, 1, 4 }, 2, 4 },
    { "records in disorder", { 2, 1 }, { 0, 1, 4 }, 2, 4 },
    { "offsets that go back", { 0, 1 }, { 0, 5, 4 }, 2, 4 },
    { "offsets past the end", { 0, 1 }, { 0, 1, 5 }, 2, 4 },
    { "a sample of nothing", { 0, 1 }, { 0, 4, 4 }, 2, 4 },
    { "too few to use", { 0, 1 }, { 0, 1, 4 }, 1, 4 },
    { "a mask that is too short", { 0, 1 }, { 0, 1, 4 }, 2, 3 },
  };
  static const Parts good = { "", { 2, 2 }, { 0, 1, 4 }, 2, 4 };

  g_assert_true (read_parts (f, &good));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].what);
      g_assert_false (read_parts (f, &cases[i]));
    }
}

#define ADD(name, function)                                                                        \
  g_test_add ("/data/variants/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("made", test_made);
  ADD ("no-leak", test_no_leak);
  ADD ("no-leak-of-groups", test_no_leak_of_groups);
  ADD ("not-used", test_not_used);
  ADD ("balanced-and-folded", test_balanced_and_folded);
  ADD ("folded-similar", test_folded_similar);
  ADD ("balanced", test_balanced);
  ADD ("older", test_older);
  ADD ("missing", test_missing);
  ADD ("damaged", test_damaged);
  return g_test_run ();
}
