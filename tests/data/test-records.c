/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking through a data set: records by block, search, samples in words, rows that could not be
 * read; and taking one source out.
 */
#include "data/bad-rows.h"
#include "data/reading.h"
#include "data/records.h"
#include "data/report-view.h"
#include "data/rows.h"
#include "data/summary.h"
#include "store/store.h"
#include "text/golden.h"

#define N_BOTH (1u << ATTUNE_SPLIT_TRAIN | 1u << ATTUNE_SPLIT_VALIDATION | 1u << ATTUNE_SPLIT_TEST)
#define ALL (N_BOTH | 1u << ATTUNE_SPLIT_EXCLUDED)

typedef struct
{
  Place place; /* the path is dataset.h5 */
  AttuneModel *model;
} Fixture;

static void
import (Fixture *f, const char *name, const char *table)
{
  g_autofree char *path = g_build_filename (f->place.folder, name, NULL);
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, table, -1, NULL));
  source = attune_source_probe (path, &error);
  g_assert_no_error (error);
  attune_dataset_import (f->place.path, source, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
prepare (Fixture *f)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (GError) error = NULL;

  attune_dataset_prepare (f->place.path, settings, attune_model_get_tokenizer (f->model),
                          attune_model_get_template (f->model), NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* Two tables: ten records, one of them twice, and three rows that cannot be read. */
static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) table = g_string_new ("question,answer,topic\n");

  place_init (&f->place, "dataset.h5");
  f->model = golden_tiny_model ();
  for (int i = 0; i < 8; i++)
    g_string_append_printf (table, "What is number %d?,It is %d.,t%d\n", i, i, i % 2);
  g_string_append (table, "broken\nWhat is number 0?,It is 0.,t0\n");
  import (f, "numbers.csv", table->str);
  import (f, "words.csv", "question,answer\nWas heißt ÄPFEL?,Apples.\na,b,c\nonly\n");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  place_clear (&f->place);
  attune_model_close (f->model);
}

static AttuneRecords *
open_records (const char *path)
{
  g_autoptr (GError) error = NULL;
  AttuneRecords *records = attune_records_open (path, &error);

  g_assert_no_error (error);
  return records;
}

static void
test_read (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneRecords) raw = open_records (f->place.path);
  g_autoptr (AttuneRecords) records = NULL;
  g_autoptr (GPtrArray) before = attune_records_read (raw, 0, 10, NULL), after = NULL;
  const AttuneRecordView *view = g_ptr_array_index (before, 9);

  g_assert_cmpuint (attune_records_count (raw), ==, 10);
  g_assert_false (attune_records_is_prepared (raw));
  g_assert_cmpstr (view->record.fields[ATTUNE_FIELD_ANSWER], ==, "Apples.");
  g_assert_cmpuint (view->source, ==, 1);
  g_assert_cmpuint (view->record.line, ==, 2);

  prepare (f);
  records = open_records (f->place.path);
  g_assert_true (attune_records_is_prepared (records));
  after = attune_records_read (records, 7, 3, NULL);
  g_assert_cmpuint (after->len, ==, 3);
  view = g_ptr_array_index (after, 0);
  g_assert_cmpstr (view->record.fields[ATTUNE_FIELD_QUESTION], ==, "What is number 7?");
  g_assert_cmpstr (view->record.fields[ATTUNE_FIELD_LABEL], ==, "t1");
  g_assert_cmpstr (view->reason, ==, "");
  view = g_ptr_array_index (after, 1); /* the first one again */
  g_assert_cmpint (view->split, ==, ATTUNE_SPLIT_EXCLUDED);
  g_assert_cmpint (attune_records_get_split (records, 8), ==, ATTUNE_SPLIT_EXCLUDED);
  g_assert_cmpstr (view->reason, !=, "");
  g_assert_cmpuint (view->record.line, ==, 11);
}

static void
test_sample (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneRecords) records = NULL;
  g_auto (AttuneSample) sample = { 0 }, none = { 0 };
  g_autoptr (GPtrArray) parts = NULL;
  g_autoptr (GString) all = g_string_new (NULL);
  guint learned = 0;

  prepare (f);
  records = open_records (f->place.path);
  g_assert_true (attune_records_read_sample (records, 3, &sample, NULL));
  parts = attune_sample_to_parts (&sample, attune_model_get_tokenizer (f->model));
  for (guint i = 0; i < parts->len; i++)
    {
      const AttuneReadPart *part = g_ptr_array_index (parts, i);

      g_string_append (all, part->text);
      if (part->learned)
        {
          g_assert_cmpstr (part->text, ==, "It is 3.<|im_end|>");
          learned++;
        }
    }
  g_assert_cmpuint (learned, ==, 1);
  g_assert_nonnull (strstr (all->str, "What is number 3?"));
  g_assert_true (attune_records_read_sample (records, 8, &none, NULL)); /* left out */
  g_assert_cmpuint (none.n, ==, 0);

  sample.tokens[0] = -1; /* of some other model */
  sample.tokens[sample.n - 1] = G_MAXINT32;
  g_clear_pointer (&parts, g_ptr_array_unref);
  parts = attune_sample_to_parts (&sample, attune_model_get_tokenizer (f->model));
  g_assert_true (g_str_has_prefix (((AttuneReadPart *) parts->pdata[0])->text, "\xef\xbf\xbd"));
}

static void
on_hits (gpointer data, const guint32 *hits, guint n, double fraction)
{
  for (guint i = 0; i < n; i++)
    g_string_append_printf (data, "%u ", hits[i]);
  g_assert_cmpfloat (fraction, <=, 1);
}

static void
assert_found (AttuneRecords *records, const char *text, guint splits, const char *expected)
{
  g_autoptr (GString) found = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (attune_records_search (records, text, splits, on_hits, found, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (found->str, ==, expected);
}

static void
test_search (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneRecords) raw = open_records (f->place.path), records = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GString) found = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  assert_found (raw, "NUMBER 0", ALL, "0 8 ");
  prepare (f);
  records = open_records (f->place.path);
  assert_found (records, "NUMBER 0", ALL, "0 8 ");
  assert_found (records, "NUMBER 0", N_BOTH, "0 ");
  assert_found (records, "it is 5", ALL, "5 "); /* in an answer */
  assert_found (records, "äpfel", ALL, "9 ");
  assert_found (records, "heisst", ALL, ""); /* ASCII is looked for as it stands */
  assert_found (records, "HEIßT", ALL, "9 ");
  assert_found (records, "nowhere", ALL, "");
  g_cancellable_cancel (cancelled);
  g_assert_false (attune_records_search (records, "is", ALL, on_hits, found, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Rows so long that a block holds but some of them. */
static void
test_long_by_hand (Fixture *f, gconstpointer data)
{
  g_autofree char *filler = g_strnfill (1000000, 'x');
  g_autoptr (GString) table = g_string_new ("question,answer\n");
  const AttuneChange left_out = { .excluded = TRUE };
  g_autoptr (AttuneRecords) records = NULL;
  g_autoptr (AttuneChanges) changes = NULL;
  g_auto (AttuneRecord) imported = { 0 };
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 10; i++)
    g_string_append_printf (table, "What is %d?,%d %s\n", i, i, filler);
  import (f, "long.csv", table->str);
  records = open_records (f->place.path);
  g_assert_true (attune_records_read_imported (records, 19, &imported, &error));
  changes = attune_changes_update (f->place.path, &imported, &left_out, &error);
  g_assert_no_error (error);
  assert_found (records, "", ALL | ATTUNE_RECORDS_BY_HAND, "19 ");
}

/* Empty rows that end a block are told for what they are. */
static void
test_empty_end (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneRecords) records = NULL;
  g_autoptr (GPtrArray) views = NULL;
  g_autoptr (GError) error = NULL;

  import (f, "empty.csv", "question,answer\nWhat is this?,A row.\n,\n,\n");
  prepare (f);
  records = open_records (f->place.path);
  views = attune_records_read (records, 11, 2, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpstr (((AttuneRecordView *) views->pdata[i])->reason, ==, "It has no answer.");
}

/* What is changed by hand is found as it is now, prepared or not. */
static void
test_by_hand (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneRecords) records = open_records (f->place.path);
  const AttuneChange left_out = { .excluded = TRUE };
  g_autoptr (AttuneChanges) changes = NULL;
  g_auto (AttuneRecord) imported = { 0 };
  g_autoptr (GError) error = NULL;

  assert_found (records, "", ALL | ATTUNE_RECORDS_BY_HAND, "");
  g_assert_true (attune_records_read_imported (records, 5, &imported, &error));
  changes = attune_changes_update (f->place.path, &imported, &left_out, &error);
  g_assert_no_error (error);
  assert_found (records, "", ALL | ATTUNE_RECORDS_BY_HAND, "5 ");
  assert_found (records, "it is 5", ALL | ATTUNE_RECORDS_BY_HAND, "5 ");
  assert_found (records, "it is 6", ALL | ATTUNE_RECORDS_BY_HAND, "");
}

/* What was found in a record is told and looked for, though it is masked. */
static void
test_found (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneRecords) raw = NULL, records = NULL;
  g_autoptr (GPtrArray) views = NULL;

  import (f, "found.csv",
          "question,answer\nWho?,a@b.org says no.\nWhy?,You idiot a@b.org.\n"
          "How?,My password is s3cr3t%pa.\nWhat?,Nothing.\n");
  raw = open_records (f->place.path);
  assert_found (raw, "", ALL | ATTUNE_RECORDS_FOUND (ATTUNE_FOUND_PERSONAL), "");
  prepare (f);
  records = open_records (f->place.path);
  assert_found (records, "", ALL | ATTUNE_RECORDS_FOUND (ATTUNE_FOUND_PERSONAL), "10 11 ");
  assert_found (records, "", ALL | ATTUNE_RECORDS_FOUND (ATTUNE_FOUND_SECRET), "12 ");
  assert_found (records, "", ALL | ATTUNE_RECORDS_FOUND (ATTUNE_FOUND_TOXIC), "11 ");
  assert_found (records, "", ALL | ATTUNE_RECORDS_ALL_FOUND, "10 11 12 ");
  assert_found (records, "why", ALL | ATTUNE_RECORDS_ALL_FOUND, "11 ");
  views = attune_records_read (records, 10, 4, NULL);
  g_assert_cmpuint (((AttuneRecordView *) views->pdata[1])->found, ==,
                    1u << ATTUNE_FOUND_PERSONAL | 1u << ATTUNE_FOUND_TOXIC);
  g_assert_cmpuint (((AttuneRecordView *) views->pdata[3])->found, ==, 0);
}

static void
test_bad_rows (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) all = attune_bad_rows_read (f->place.path, -1, 100, &error);
  g_autoptr (GPtrArray) second = attune_bad_rows_read (f->place.path, 1, 100, &error);
  g_autoptr (GPtrArray) few = attune_bad_rows_read (f->place.path, -1, 1, &error);
  const AttuneKeptRow *row;

  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 3);
  g_assert_cmpuint (second->len, ==, 2);
  g_assert_cmpuint (few->len, ==, 1);
  row = g_ptr_array_index (second, 1);
  g_assert_cmpuint (row->line, ==, 4);
  g_assert_cmpstr (row->reason, ==, "It has 1 column where the file has 2.");
  g_assert_true (g_str_has_prefix (row->text, "only"));
  g_assert_null (attune_bad_rows_read ("/nowhere/dataset.h5", -1, 1, &error));
  g_assert_nonnull (error);
}

static void
test_remove_source (Fixture *f, gconstpointer data)
{
  g_autofree char *to = g_strconcat (f->place.path, ".new", NULL);
  g_autoptr (AttuneDataSummary) summary = NULL;
  g_autoptr (AttuneRecords) records = NULL;
  g_autoptr (GPtrArray) views = NULL, bad = NULL, sources = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  const AttuneRecordView *view;

  prepare (f);
  g_assert_true (attune_dataset_remove_source (f->place.path, to, 0, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  summary = attune_data_summary_read (to, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (summary->n_records, ==, 1);
  g_assert_cmpuint (summary->n_bad, ==, 2);
  g_assert_false (summary->prepared);
  sources = attune_source_views_new (summary->sources);
  g_assert_cmpuint (sources->len, ==, 1);
  g_assert_true (g_str_has_suffix (((AttuneSourceView *) sources->pdata[0])->path, "words.csv"));
  records = open_records (to);
  views = attune_records_read (records, 0, 1, NULL);
  view = g_ptr_array_index (views, 0);
  g_assert_cmpstr (view->record.fields[ATTUNE_FIELD_ANSWER], ==, "Apples.");
  g_assert_cmpuint (view->source, ==, 0);
  bad = attune_bad_rows_read (to, 0, 10, NULL);
  g_assert_cmpuint (bad->len, ==, 2);

  /* the old one stands as it was */
  g_clear_pointer (&summary, attune_data_summary_free);
  summary = attune_data_summary_read (f->place.path, &error);
  g_assert_cmpuint (summary->n_records, ==, 10);
  g_assert_true (summary->prepared);

  g_assert_false (attune_dataset_remove_source (f->place.path, to, 2, NULL, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT);
  g_clear_error (&error);
  g_cancellable_cancel (cancelled);
  g_assert_false (
      attune_dataset_remove_source (f->place.path, to, 1, NULL, NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The summary knows for which model it was prepared. */
static void
test_reader (Fixture *f, gconstpointer data)
{
  g_autofree char *key = attune_chat_template_get_key (attune_model_get_template (f->model),
                                                       attune_model_get_tokenizer (f->model));
  g_autoptr (AttuneDataSummary) before = attune_data_summary_read (f->place.path, NULL);
  g_autoptr (AttuneDataSummary) after = NULL;

  g_assert_null (before->reader);
  prepare (f);
  after = attune_data_summary_read (f->place.path, NULL);
  g_assert_cmpstr (after->reader, ==, key);
}

static void
test_damaged (Fixture *f, gconstpointer data)
{
  static const guint8 splits[] = { 0, 9 };
  static const gint64 lines[] = { 1, 2 };
  static const char *const texts[] = { "a", "b" };
  g_autoptr (AttuneStore) store = attune_store_create (f->place.path, "dataset", 1, NULL);
  g_autoptr (GError) error = NULL;

  attune_store_append_text (store, "raw/question", 2, texts, NULL);
  attune_store_append (store, "raw/line", ATTUNE_STORE_I64, 2, lines, NULL);
  attune_store_append (store, "records/split", ATTUNE_STORE_U8, 2, splits, NULL);
  g_assert_true (attune_store_commit (store, &error));
  g_assert_null (attune_records_open (f->place.path, &error));
  g_assert_error (error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_SCHEMA);
  g_clear_error (&error);
  g_assert_null (attune_records_open ("/nowhere/dataset.h5", &error));
  g_assert_nonnull (error);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/data/records/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("read", test_read);
  ADD ("sample", test_sample);
  ADD ("search", test_search);
  ADD ("long-by-hand", test_long_by_hand);
  ADD ("empty-end", test_empty_end);
  ADD ("by-hand", test_by_hand);
  ADD ("found", test_found);
  ADD ("bad-rows", test_bad_rows);
  ADD ("remove-source", test_remove_source);
  ADD ("reader", test_reader);
  ADD ("damaged", test_damaged);
  return g_test_run ();
}
