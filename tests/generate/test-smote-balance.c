/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SMOTE on a data set, with the tiny model to say where records lie: what is mixed and what is
 * repeated, that it is learned from and nothing else, and where samples lie.
 */
#include "data/dataset-private.h"
#include "data/report-view.h"
#include "data/rows.h"
#include "data/smote-balance.h"
#include "generate/embed.h"
#include "tiny-llama.h"

#include <math.h>

typedef struct
{
  TinyLlama *tiny;
  Place place;
  AttuneDataSettings *settings;
  gboolean mixes_texts;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->tiny = tiny_llama_new (FALSE);
  place_init (&f->place, "dataset.h5");
  f->settings = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "balance", ATTUNE_BALANCE_SMOTE,
                              "balance-limit", 100, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  tiny_llama_free (f->tiny);
  place_clear (&f->place);
  g_object_unref (f->settings);
}

/* Takes @table in, and prepares it. */
static void
prepare_table (Fixture *f, const char *table)
{
  g_autofree char *path = g_build_filename (f->place.folder, "table.csv", NULL);
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, table, -1, NULL));
  source = attune_source_probe (path, &error);
  g_assert_no_error (error);
  attune_dataset_import (f->place.path, source, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  attune_dataset_prepare (f->place.path, f->settings, f->tiny->tokenizer,
                          attune_model_get_template (f->tiny->model), NULL, NULL, NULL, NULL,
                          &error);
  g_assert_no_error (error);
}

/* 80 of "many"; 20 of "mixed", which have one answer; 10 of "own", each with its own; 1 of "lone".
 */
static void
prepare (Fixture *f)
{
  g_autoptr (GString) table = g_string_new ("question,answer,label\n");

  for (int i = 0; i < 80; i++)
    g_string_append_printf (table, "What is the number %d in words?,It is %d.,many\n", i, i);
  for (int i = 0; i < 20; i++)
    g_string_append_printf (table, "The lamp %d is broken. Who mends it?,Call the porter.,mixed\n",
                            i * 7);
  for (int i = 0; i < 10; i++)
    g_string_append_printf (table, "Where does corridor %d lead to?,To ward %d.,own\n", i, i);
  g_string_append (table, "Where is the exit?,Down the stairs.,lone\n");
  prepare_table (f, table->str);
}

static gboolean
embed (gpointer data, AttuneDataset *dataset, const guint32 *numbers, guint n, float *vectors,
       GCancellable *cancellable, GError **error)
{
  return attune_embed_samples (data, dataset, ATTUNE_SPLIT_TRAIN, numbers, n, 64, vectors,
                               cancellable, error);
}

static gboolean
balance_to (Fixture *f, const char *from, GCancellable *cancellable, JsonNode **report,
            GError **error)
{
  const AttuneEmbedder embedder
      = { f->tiny->decoder->config.n_embd, embed, f->tiny->decoder, f->mixes_texts };

  return attune_dataset_balance_smote (from, f->place.path, f->settings, f->tiny->tokenizer,
                                       attune_model_get_template (f->tiny->model), &embedder, NULL,
                                       NULL, cancellable, report, error);
}

static gboolean
balance (Fixture *f, GCancellable *cancellable, JsonNode **report, GError **error)
{
  return balance_to (f, f->place.path, cancellable, report, error);
}

static AttuneDataset *
open_good (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  AttuneDataset *dataset = attune_dataset_open (f->place.path, &error);

  g_assert_no_error (error);
  return dataset;
}

static guint
count (AttuneDataset *dataset, AttuneSplit split, const char *label)
{
  g_auto (GStrv) labels = attune_dataset_get_labels (dataset, split, NULL);
  guint n = 0;

  for (guint i = 0; labels[i] != NULL; i++)
    n += g_str_equal (labels[i], label);
  return n;
}

/* The sample that stands there reads as its record says, and is as long as is said. */
static void
assert_sample (Fixture *f, AttuneDataset *dataset, guint i, const AttuneRecord *record,
               const GArray *lengths)
{
  g_auto (AttuneSample) sample = { 0 };
  g_autofree char *text = NULL;

  g_assert_true (attune_dataset_get_sample (dataset, ATTUNE_SPLIT_TRAIN, i, &sample, NULL));
  g_assert_cmpuint (sample.n, ==, g_array_index (lengths, guint32, i));
  text = attune_tokenizer_decode (f->tiny->tokenizer, sample.tokens, sample.n, TRUE);
  g_assert_nonnull (strstr (text, record->fields[ATTUNE_FIELD_QUESTION]));
  g_assert_nonnull (strstr (text, record->fields[ATTUNE_FIELD_ANSWER]));
}

static void
test_balance (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDataset) before = NULL, after = NULL;
  g_autoptr (GHashTable) mixes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (JsonNode) report = NULL, stored = NULL;
  g_autoptr (AttuneReportView) view = NULL;
  g_autoptr (GArray) lengths = NULL;
  g_autoptr (GError) error = NULL;
  guint many, n_mixed = 0;

  prepare (f);
  before = open_good (f);
  many = count (before, ATTUNE_SPLIT_TRAIN, "many");
  balance (f, NULL, &report, &error);
  g_assert_no_error (error);
  after = open_good (f);
  g_assert_cmpuint (count (after, ATTUNE_SPLIT_TRAIN, "many"), ==, many);
  g_assert_cmpuint (count (after, ATTUNE_SPLIT_TRAIN, "mixed"), ==, many);
  g_assert_cmpuint (count (after, ATTUNE_SPLIT_TRAIN, "own"), ==, many);
  for (int split = ATTUNE_SPLIT_VALIDATION; split <= ATTUNE_SPLIT_TEST; split++)
    {
      g_auto (GStrv) old = attune_dataset_get_texts (before, split, ATTUNE_FIELD_QUESTION, NULL),
                     new = attune_dataset_get_texts (after, split, ATTUNE_FIELD_QUESTION, NULL);

      g_assert_cmpstrv (old, new);
    }
  lengths = attune_dataset_get_lengths (after, ATTUNE_SPLIT_TRAIN, NULL);
  for (guint i = 0; i < attune_dataset_count (after, ATTUNE_SPLIT_TRAIN); i++)
    {
      g_auto (AttuneRecord) record = { 0 };
      g_autofree char *where = attune_dataset_describe (after, ATTUNE_SPLIT_TRAIN, i);
      const gboolean mixed = strstr (where, ", mixed with another") != NULL;

      g_assert_true (attune_dataset_get_record (after, ATTUNE_SPLIT_TRAIN, i, &record, NULL));
      assert_sample (f, after, i, &record, lengths);
      n_mixed += mixed;
      if (!mixed)
        continue;
      g_assert_cmpstr (record.fields[ATTUNE_FIELD_LABEL], ==, "mixed");
      g_assert_cmpstr (record.fields[ATTUNE_FIELD_ANSWER], ==, "Call the porter.");
      g_assert_true (g_str_has_prefix (record.fields[ATTUNE_FIELD_QUESTION], "The lamp "));
      g_assert_nonnull (strstr (record.fields[ATTUNE_FIELD_QUESTION] + 9, "The lamp "));
      g_hash_table_add (mixes, g_strdup (record.fields[ATTUNE_FIELD_QUESTION]));
    }
  /* each mix once; for those that were drawn again records are repeated */
  g_assert_cmpuint (g_hash_table_size (mixes), ==, n_mixed);
  g_assert_cmpuint (n_mixed, <=, many - count (before, ATTUNE_SPLIT_TRAIN, "mixed"));
  g_assert_cmpuint (4 * n_mixed, >, 3 * (many - count (before, ATTUNE_SPLIT_TRAIN, "mixed")));

  g_assert_cmpstr (attune_dataset_get_hash (before), !=, attune_dataset_get_hash (after));
  stored = json_from_string (attune_dataset_get_report (after), NULL);
  g_assert_true (json_node_equal (report, stored));
  view = attune_report_view_new (stored);
  for (guint i = 0; i < view->labels->len; i++)
    {
      const AttuneReportLabel *label = view->labels->pdata[i];

      g_assert_cmpuint (label->learned, ==, count (after, ATTUNE_SPLIT_TRAIN, label->label));
      g_assert_cmpuint (label->original, ==, count (before, ATTUNE_SPLIT_TRAIN, label->label));
    }
}

/* None is repeated more often than it may be. */
static void
test_limit (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDataset) dataset = NULL;
  const guint32 *members;
  g_autoptr (GError) error = NULL;
  guint most = 0;

  g_object_set (f->settings, "balance-limit", 3, NULL);
  prepare (f);
  g_assert_true (balance (f, NULL, NULL, &error));
  dataset = open_good (f);
  members = (const guint32 *) attune_dataset_get_members (dataset, ATTUNE_SPLIT_TRAIN)->data;
  for (guint i = 0, n = 0; i < attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN); i++)
    {
      g_autofree char *where = attune_dataset_describe (dataset, ATTUNE_SPLIT_TRAIN, i);

      n = i > 0 && members[i] == members[i - 1] ? n : 0;
      n += strstr (where, "mixed") == NULL;
      most = MAX (most, n);
    }
  g_assert_cmpuint (most, ==, 3);
}

/* The same again makes the same file; one that is cancelled leaves what was. */
static void
test_again (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *first = NULL, *second = NULL, *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_before, n_after;

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (AttuneDataset) dataset = NULL;
      char **hash = i == 0 ? &first : &second;

      g_remove (f->place.path);
      prepare (f);
      g_assert_true (balance (f, NULL, NULL, &error));
      dataset = open_good (f);
      *hash = g_strdup (attune_dataset_get_hash (dataset));
    }
  g_assert_cmpstr (first, ==, second);

  g_remove (f->place.path);
  prepare (f);
  g_assert_true (g_file_get_contents (f->place.path, &before, &n_before, NULL));
  g_cancellable_cancel (cancellable);
  g_assert_false (balance (f, cancellable, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (g_file_get_contents (f->place.path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
}

/* As a program does it that may be stopped: what was before stands until all is done. */
static void
test_beside (Fixture *f, gconstpointer data)
{
  g_autofree char *beside = g_build_filename (f->place.folder, ATTUNE_DATASET_UNBALANCED, NULL),
                  *before = NULL, *after = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gsize n_before, n_after;

  prepare (f);
  g_assert_true (g_file_get_contents (f->place.path, &before, &n_before, NULL));
  g_object_set (f->settings, "seed", (gint64) 7, NULL);
  attune_dataset_prepare_to (f->place.path, beside, f->settings, f->tiny->tokenizer,
                             attune_model_get_template (f->tiny->model), NULL, NULL, NULL, NULL,
                             &error);
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  g_assert_false (balance_to (f, beside, cancellable, NULL, &error));
  g_clear_error (&error);
  g_assert_true (g_file_get_contents (f->place.path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);

  g_assert_true (balance_to (f, beside, NULL, NULL, &error));
  dataset = open_good (f);
  g_assert_cmpuint (count (dataset, ATTUNE_SPLIT_TRAIN, "mixed"), ==,
                    count (dataset, ATTUNE_SPLIT_TRAIN, "many"));
}

/* The questions that were mixed. Returns: (transfer full). */
static GHashTable *
balance_mixed (Fixture *f)
{
  GHashTable *mixes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_assert_true (balance (f, NULL, NULL, &error));
  dataset = open_good (f);
  for (guint i = 0; i < attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN); i++)
    {
      g_auto (AttuneRecord) record = { 0 };
      g_autofree char *where = attune_dataset_describe (dataset, ATTUNE_SPLIT_TRAIN, i);

      if (strstr (where, "mixed") == NULL)
        continue;
      g_assert_true (attune_dataset_get_record (dataset, ATTUNE_SPLIT_TRAIN, i, &record, NULL));
      g_hash_table_add (
          mixes,
          g_strdup (record.fields[record.whole ? ATTUNE_FIELD_ANSWER : ATTUNE_FIELD_QUESTION]));
      n++;
    }
  g_assert_cmpuint (n, ==, g_hash_table_size (mixes)); /* each once */
  /* whatever was mixed, all weigh the same */
  g_assert_cmpuint (count (dataset, ATTUNE_SPLIT_TRAIN, "rare"), ==,
                    count (dataset, ATTUNE_SPLIT_TRAIN, "many"));
  return mixes;
}

/* What may be mixed: the columns, and a row of the rare label by its number. */
typedef struct
{
  const char *columns, *many, *rare;
  guint n_rare;
  gboolean mixes_texts, mixes;
} Mixable;

static void
test_mixable (Fixture *f, gconstpointer data)
{
  static const Mixable cases[] = {
    { "question,answer,label", "What is %d?,It is %d.,many\n", "Is %d it? Is it?,No.,rare\n", 12,
      FALSE, TRUE },
    /* a pair has two answers to one question */
    { "question,answer,label,rejected", "What is %d?,It is %d.,many,\n",
      "Is %d it? Is it?,No.,rare,Yes.\n", 12, FALSE, FALSE },
    { "question,answer,label,system", "What is %d?,It is %d.,many,\n",
      "Is %d it? Is it?,No.,rare,Answer as %d.\n", 12, FALSE, FALSE },
    { "text,label", "Thing %d is %d.,many\n", "Case %d is open. It is not closed.,rare\n", 12,
      FALSE, FALSE },
    { "text,label", "Thing %d is %d.,many\n", "Case %d is open. It is not closed.,rare\n", 12, TRUE,
      TRUE },
    /* of two there are two mixes */
    { "question,answer,label", "What is %d?,It is %d.,many\n", "Is %d it?,No.,rare\n", 2, FALSE,
      TRUE },
  };

  g_object_set (f->settings, "validation-share", 0.0, "test-share", 0.0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) table = g_string_new (cases[i].columns);
      g_autoptr (GHashTable) mixes = NULL;

      g_test_message ("%s, %u", cases[i].columns, cases[i].n_rare);
      g_string_append_c (table, '\n');
      for (guint n = 0; n < 40 + cases[i].n_rare; n++)
        {
          g_auto (GStrv) parts = g_strsplit (n < 40 ? cases[i].many : cases[i].rare, "%d", -1);
          g_autofree char *number = g_strdup_printf ("%u", n), *row = g_strjoinv (number, parts);

          g_string_append (table, row);
        }
      g_remove (f->place.path);
      f->mixes_texts = cases[i].mixes_texts;
      prepare_table (f, table->str);
      mixes = balance_mixed (f);
      g_assert_cmpint (g_hash_table_size (mixes) > 0, ==, cases[i].mixes);
      g_assert_cmpuint (cases[i].n_rare > 2 ? 0 : g_hash_table_size (mixes), <=, 2);
    }
}

/* What the evaluation file asks is not learned, also where two records make it. */
static void
test_evaluation_file (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->place.folder, "evaluation.csv", NULL);
  g_autoptr (GHashTable) mixes = NULL, again = NULL;
  g_autoptr (GString) table = g_string_new ("question,answer,label\n"),
                      file = g_string_new ("question,answer\n");
  GHashTableIter iterator;
  gpointer question;

  g_object_set (f->settings, "validation-share", 0.0, "test-share", 0.0, NULL);
  for (guint i = 0; i < 40; i++)
    g_string_append_printf (table, "What is %u?,It is %u.,many\n", i, i);
  for (guint i = 0; i < 12; i++)
    g_string_append_printf (table, "Is %u it?,No.,rare\n", i);
  prepare_table (f, table->str);
  mixes = balance_mixed (f);
  g_assert_cmpuint (g_hash_table_size (mixes), >, 10);
  g_hash_table_iter_init (&iterator, mixes);
  while (g_hash_table_iter_next (&iterator, &question, NULL))
    g_string_append_printf (file, "%s,No.\n", (const char *) question);
  g_assert_true (g_file_set_contents (path, file->str, -1, NULL));
  g_object_set (f->settings, "evaluation-file", path, NULL);
  g_remove (f->place.path);
  prepare_table (f, table->str);
  again = balance_mixed (f);
  g_hash_table_iter_init (&iterator, again);
  while (g_hash_table_iter_next (&iterator, &question, NULL))
    g_assert_false (g_hash_table_contains (mixes, question));
}

/* In a cross-validation nothing is learned that was mixed of what validates. */
static void
test_folds (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  prepare (f);
  g_assert_true (balance (f, NULL, NULL, &error));
  for (int fold = 1; fold <= 3; fold++)
    {
      g_autoptr (AttuneDataset) dataset = open_good (f);
      g_autoptr (GHashTable) lamps = g_hash_table_new (NULL, NULL);
      guint n_mixed = 0;

      g_assert_true (attune_dataset_fold (dataset, 3, fold, &error));
      for (guint i = 0; i < attune_dataset_count (dataset, ATTUNE_SPLIT_VALIDATION); i++)
        {
          g_auto (AttuneRecord) record = { 0 };
          const char *question;

          g_assert_true (
              attune_dataset_get_record (dataset, ATTUNE_SPLIT_VALIDATION, i, &record, NULL));
          question = record.fields[ATTUNE_FIELD_QUESTION];
          if (!g_str_has_prefix (question, "The lamp "))
            continue;
          g_assert_true (g_strrstr (question, "The lamp ") == question); /* no mix of two */
          g_hash_table_add (lamps, GINT_TO_POINTER (atoi (question + 9)));
        }
      g_assert_cmpuint (g_hash_table_size (lamps), >, 0);
      for (guint i = 0; i < attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN); i++)
        {
          g_auto (AttuneRecord) record = { 0 };
          const char *lamp;

          g_assert_true (attune_dataset_get_record (dataset, ATTUNE_SPLIT_TRAIN, i, &record, NULL));
          lamp = record.fields[ATTUNE_FIELD_QUESTION];
          for (guint n = 0; (lamp = strstr (lamp, "The lamp ")) != NULL; lamp += 9, n++)
            {
              g_assert_false (g_hash_table_contains (lamps, GINT_TO_POINTER (atoi (lamp + 9))));
              n_mixed += n;
            }
        }
      g_assert_cmpuint (n_mixed, >, 0);
    }
}

/* Whichever samples are packed together, each lies where it lies alone. */
static void
test_embed (Fixture *f, gconstpointer data)
{
  const guint width = f->tiny->decoder->config.n_embd, n = 12;
  g_autofree float *all = g_new (float, n *width), *alone = g_new (float, width);
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  guint32 numbers[12];
  double moved = 0;

  prepare (f);
  dataset = open_good (f);
  for (guint i = 0; i < n; i++)
    numbers[i] = i * 3;
  g_assert_true (attune_embed_samples (f->tiny->decoder, dataset, ATTUNE_SPLIT_TRAIN, numbers, n,
                                       200, all, NULL, &error));
  for (guint i = 0; i < n; i++)
    {
      g_assert_true (attune_embed_samples (f->tiny->decoder, dataset, ATTUNE_SPLIT_TRAIN,
                                           &numbers[i], 1, 100, alone, NULL, &error));
      for (guint j = 0; j < width; j++)
        {
          g_assert_cmpfloat_with_epsilon (all[i * width + j], alone[j], 1e-4);
          moved += fabsf (all[i * width + j] - all[j]);
        }
    }
  g_assert_cmpfloat (moved, >, 0.1); /* they do not all lie in one place */
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("/smote-balance/balance", test_balance);
  CASE ("/smote-balance/limit", test_limit);
  CASE ("/smote-balance/again", test_again);
  CASE ("/smote-balance/beside", test_beside);
  CASE ("/smote-balance/mixable", test_mixable);
  CASE ("/smote-balance/evaluation-file", test_evaluation_file);
  CASE ("/smote-balance/folds", test_folds);
  CASE ("/smote-balance/embed", test_embed);
  return g_test_run ();
}
