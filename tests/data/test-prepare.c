/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What preparing makes of records of every kind: its report, the balance of labels, texts that are
 * learned whole, long rows; and that it is the same with however many threads.
 */
#include "data/dataset-fixture.h"
#include "data/date.h"
#include "data/report-view.h"
#include "data/report.h"
#include "store/store.h"

#include <sys/resource.h>

static void
test_report (Fixture *f, gconstpointer data)
{
  static const char *const strange[]
      = { "",
          "[]",
          "3",
          "{}",
          "{\"steps\": 3, \"splits\": [], \"labels\": {}}",
          "{\"steps\": [1, {}, {\"enabled\": true, \"count\": 2}], \"tokens\": null}" };
  g_autoptr (JsonNode) report = NULL;
  g_autofree char *json = NULL, *text = NULL;
  g_autoptr (GError) error = NULL;

  import_good (f, "table.csv",
               "question,answer,topic\n"
               " a  ,b,x\nc,d,x\nc,d,x\ne,,y\nC,D,z\nf,g,y\ni,j,\nk\n");
  g_object_set (f->settings, "validation-share", 0.0, "test-share", 0.0, NULL);
  g_assert_true (prepare (f, NULL, &report, &error));
  json = json_to_string (report, FALSE);
  text = attune_data_report_to_text (json);
  g_assert_cmpstr (text, ==,
                   "Records\n"
                   "  Read                                   7\n"
                   "  Rows that could not be read            1\n"
                   "Cleaning\n"
                   "  White space tidied                     1\n"
                   "  Incomplete records left out            1\n"
                   "  Duplicates left out                    1\n"
                   "  Near duplicates left out               1\n"
                   "What is left\n"
                   "  To learn from                          4\n"
                   "  To check the progress with             0\n"
                   "  For the final test                     0\n"
                   "Length of a sample in tokens\n"
                   "  from 68 to 68, half of them up to 68, 95 % up to 68\n"
                   "  Tokens in all                        272\n"
                   "  of these learned (answers)             8\n"
                   "Labels\n"
                   "  x                                      2\n"
                   "  y                                      1\n");
  for (guint i = 0; i < G_N_ELEMENTS (strange); i++)
    g_free (attune_data_report_to_text (strange[i]));
  g_free (text);
  text = attune_data_report_to_text ("{}");
  g_assert_nonnull (strstr (text, "nothing to clean"));
}

/* A split by time, from the column to the report; rows added later move none of the others. */
static void
test_time (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) table = g_string_new ("question,answer,date\n");
  g_autoptr (AttuneDataset) dataset = NULL, more = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneReportView) report = NULL;
  g_autoptr (JsonNode) node = NULL;

  for (int i = 0; i < 60; i++)
    g_string_append_printf (table, "What is number %d?,It is %d.,%d.%d.2024\n", i, i, i % 20 + 1,
                            i / 20 + 1);
  g_string_append (table, "What is number 100?,It is 100.,3/4/2024\n");
  import_good (f, "dated.csv", table->str);
  g_object_set (f->settings, "test-from", "2024-03-11", "check-from", "2024-03-01", NULL);
  dataset = prepare_good (f);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN), ==, 40);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_VALIDATION), ==, 10);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TEST), ==, 10);
  for (guint i = 0; i < 10; i++)
    {
      g_auto (AttuneRecord) record = { 0 };

      g_assert_true (attune_dataset_get_record (dataset, ATTUNE_SPLIT_TEST, i, &record, NULL));
      g_assert_cmpuint (attune_date_parse (record.fields[ATTUNE_FIELD_DATE]), >=,
                        attune_date_parse ("2024-03-11"));
    }
  node = json_from_string (attune_dataset_get_report (dataset), NULL);
  report = attune_report_view_new (node);
  g_assert_cmpstr (report->first_date, ==, "2024-01-01");
  g_assert_cmpstr (report->last_date, ==, "2024-03-20");
  g_assert_cmpuint (report->n_unread_dates, ==, 1);
  g_assert_cmpuint (attune_report_view_find_step (report, "test-from")->count, ==, 1);

  g_string_assign (table, "question,answer,date\nWhat is number 200?,It is 200.,2024-05-01\n");
  import_good (f, "later.csv", table->str);
  more = prepare_good (f);
  g_assert_cmpuint (attune_dataset_count (more, ATTUNE_SPLIT_TRAIN), ==, 40);
  g_assert_cmpuint (attune_dataset_count (more, ATTUNE_SPLIT_VALIDATION), ==, 10);
  g_assert_cmpuint (attune_dataset_count (more, ATTUNE_SPLIT_TEST), ==, 11);

  g_object_set (f->settings, "test-from", "2023-12-01", "check-from", "", NULL);
  g_assert_false (prepare (f, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "from 2024-01-01 to 2024-05-01"));
}

/* The date of a table with slashes, or of another in seconds, is what the rest of its column shows;
 * what is chosen in vain beside a split by time is told. */
static void
test_odd_times (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) table = g_string_new ("question,answer,date\n");
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneReportView) report = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  for (int i = 1; i <= 28; i++)
    g_string_append_printf (table, "What is number %d?,It is %d.,%d/2/2024\n", i, i, i);
  import_good (f, "slashes.csv", table->str);
  g_string_assign (table, "question,answer,date\nWhat is number 300?,It is 300.,1710498600\n"
                          "What is number 301?,It is 301.,1710498601\n");
  import_good (f, "seconds.csv", table->str);
  g_object_set (f->settings, "test-from", "2024-02-20", "check-from", "2024-02-11", "stratify",
                TRUE, "validation-share", 0.2, NULL); /* the test's is as usual: not chosen */
  dataset = prepare_good (f);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN), ==, 10);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_VALIDATION), ==, 9);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TEST), ==, 9 + 2);
  node = json_from_string (attune_dataset_get_report (dataset), NULL);
  report = attune_report_view_new (node);
  g_assert_cmpuint (report->n_dates[ATTUNE_DATE_READ_DAY_FIRST], ==, 11); /* 2/2 is one day */
  g_assert_cmpuint (report->n_dates[ATTUNE_DATE_READ_MONTH_FIRST], ==, 0);
  g_assert_cmpuint (report->n_dates[ATTUNE_DATE_READ_SECONDS], ==, 2);
  g_assert_cmpuint (report->n_unread_dates, ==, 0);
  g_assert_cmpstr (report->test_from, ==, "2024-02-20");
  g_assert_true (report->unused_labels && report->unused_check_share);
  g_assert_false (report->unused_share);
  text = attune_data_report_to_text (attune_dataset_get_report (dataset));
  g_assert_nonnull (strstr (text, "Read with the day first               11\n"));
  g_assert_nonnull (strstr (text,
                            "Not used, as the final test is from a date on: validation-share, "
                            "stratify\n"));

  /* parts that are drawn by chance would mix the times */
  g_assert_false (attune_dataset_fold (dataset, 3, 1, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "from 2024-02-20 on"));
  g_assert_true (attune_dataset_fold (dataset, 1, 1, NULL));
}

/* One without a date, which can be used for nothing, takes no other's place. */
static void
test_dateless_twin (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDataset) dataset = NULL;

  import_good (f, "twins.csv",
               "question,answer,date\nWhat is number 1?,It is 1.,\n"
               "What is number 1?,It is 1.,2024-01-01\nWhat is number 2?,It is 2.,soon\n"
               "what is number 2?,It is 2.,2024-01-02\nWhat is number 3?,It is 3.,2024-02-02\n");
  g_object_set (f->settings, "test-from", "2024-02-01", "validation-share", 0.0, NULL);
  dataset = prepare_good (f);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN), ==, 2);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TEST), ==, 1);
}

/* Without a column of dates that is refused, and what was prepared stays. */
static void
test_no_dates (Fixture *f, gconstpointer data)
{
  g_autofree char *table = make_table (0, 20);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GError) error = NULL;

  import_good (f, "table.csv", table);
  before = read_file (f->place.path);
  g_object_set (f->settings, "test-from", "2024-03-11", NULL);
  g_assert_false (prepare (f, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "which column holds the date"));
  assert_file (f, before);
}

/* Records of rare labels are there several times, those of frequent ones not at all; what is told
 * to the plan is what is there. */
static void
test_balanced (Fixture *f, gconstpointer data)
{
  static const struct
  {
    AttuneBalanceMode mode;
    guint samples;
  } cases[]
      = { { ATTUNE_BALANCE_NONE, 60 }, { ATTUNE_BALANCE_OVER, 80 }, { ATTUNE_BALANCE_UNDER, 40 } };
  g_autofree char *table = make_table (0, 60); /* 40 of a, 20 of b */
  g_autoptr (GHashTable) hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  import_good (f, "table.csv", table);
  g_object_set (f->settings, "validation-share", 0.0, "test-share", 0.0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AttuneDataset) dataset = NULL;
      g_autoptr (AttuneReportView) report = NULL;
      g_autoptr (JsonNode) node = NULL;
      g_autofree char *text = NULL, *line = NULL;
      guint64 tokens = 0;

      g_object_set (f->settings, "balance", cases[i].mode, NULL);
      dataset = prepare_good (f);
      node = json_from_string (attune_dataset_get_report (dataset), NULL);
      report = attune_report_view_new (node);
      g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN), ==, cases[i].samples);
      g_assert_cmpuint (report->splits[ATTUNE_SPLIT_TRAIN], ==, 60);
      g_assert_cmpuint (report->sizes[ATTUNE_SPLIT_TRAIN].samples, ==, cases[i].samples);
      text = attune_data_report_to_text (attune_dataset_get_report (dataset));
      line = g_strdup_printf ("  To learn from                         %u\n%s", cases[i].samples,
                              cases[i].samples != 60 ? "    samples of 60 records, as the labels"
                                                     : "");
      g_assert_nonnull (strstr (text, line));
      for (guint j = 0; j < cases[i].samples; j++)
        {
          g_auto (AttuneSample) sample = { 0 };

          g_assert_true (attune_dataset_get_sample (dataset, ATTUNE_SPLIT_TRAIN, j, &sample, NULL));
          for (guint k = 0; k < sample.n; k++)
            tokens += sample.learn[k];
        }
      g_assert_cmpuint (report->sizes[ATTUNE_SPLIT_TRAIN].targets, ==, tokens);
      g_hash_table_add (hashes, g_strdup (attune_dataset_get_hash (dataset)));
    }
  g_assert_cmpuint (g_hash_table_size (hashes), ==, G_N_ELEMENTS (cases)); /* three data sets */
}

/* Where the number of records cannot be read nothing is made ready for them: for -1 it would be
 * room for as many as there can be. */
static void
test_no_records (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_create (f->place.path, KIND, 1, &error);
  struct rusage before, after;

  g_assert_true (attune_store_commit (store, &error));
  g_assert_cmpint (getrusage (RUSAGE_SELF, &before), ==, 0);
  g_assert_false (prepare (f, NULL, NULL, &error));
  g_assert_cmpint (error->domain, ==, ATTUNE_STORE_ERROR);
  g_assert_nonnull (strstr (error->message, "raw/question"));
  g_assert_cmpint (getrusage (RUSAGE_SELF, &after), ==, 0);
  g_assert_cmpint (after.ru_maxrss - before.ru_maxrss, <, 1 << 20); /* KiB */
}

/* Where no record could be read, the first reason is told. */
static void
test_all_bad (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->place.folder, "bad.jsonl", NULL);
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (
      g_file_set_contents (path, "{\"question\": \"a\", \"answer\": \"b\"}\n", -1, NULL));
  source = attune_source_probe (path, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (path, "{\"question\n{\"answer\n", -1, NULL));
  g_assert_false (attune_dataset_import (f->place.path, source, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY);
  g_assert_true (
      g_str_has_suffix (error->message, "(2 were kept aside): It is not a whole JSON object."));
}

/* Records of every kind: copies, near copies, similar ones, personal data, labels, groups, bad
 * rows, abbreviations. */
static void
write_varied (const char *path)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (int i = 0; i < 9000; i++)
    {
      g_string_append_printf (lines,
                              "{\"question\": \"%s %d &amp; how  is the pt today?\", \"answer\": "
                              "\"It is %d%s, said Mrs Smith%d. %s\", \"label\": \"%c\"%s",
                              i % 11 == 0 ? "What" : "WHAT, then,", i % 3000, i % 5 ? i % 3000 : i,
                              i % 7 ? "" : "\\u00e4", i % 4,
                              i % 13 ? "A rather long text that others have, too, to be alike."
                                     : "Write to someone@example.org or call +49 30 1234567.",
                              'a' + i % 3, i % 17 ? "}\n" : ", \"group\": \"g\"}\n");
      if (i % 1000 == 0)
        g_string_append (lines, "{\"question\": \"broken\n");
    }
  g_assert_true (g_file_set_contents (path, lines->str, lines->len, NULL));
}

/* Every byte of the file, whoever did the work. */
static void
test_threads (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->place.folder, "varied.jsonl", NULL);
  g_autofree char *short_forms = g_build_filename (f->place.folder, "short.csv", NULL);
  g_autoptr (GBytes) imported = NULL, prepared = NULL;
  g_autoptr (GError) error = NULL;

  write_varied (path);
  g_assert_true (g_file_set_contents (short_forms, "short,long\npt,patient\n", -1, NULL));
  g_object_set (f->settings, "abbreviations", short_forms, "stratify", TRUE, NULL);
  for (int threads = 1; threads <= 5; threads += 2)
    {
      g_autoptr (AttunePool) pool = attune_pool_new (threads);
      g_autoptr (AttuneSource) source = attune_source_probe (path, &error);
      g_autoptr (GBytes) bytes = NULL;

      g_remove (f->place.path);
      attune_dataset_import_with (pool, f->place.path, source, NULL, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      bytes = read_file (f->place.path);
      if (imported == NULL)
        imported = g_bytes_ref (bytes);
      g_assert_true (g_bytes_equal (bytes, imported));
      g_clear_pointer (&bytes, g_bytes_unref);
      attune_dataset_prepare_with (
          pool, f->place.path, f->place.path, f->settings, attune_model_get_tokenizer (f->model),
          attune_model_get_template (f->model), NULL, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      bytes = read_file (f->place.path);
      if (prepared == NULL)
        prepared = g_bytes_ref (bytes);
      g_assert_true (g_bytes_equal (bytes, prepared));
    }
}

/* Texts are learned from their second token to the one that ends them, ask nothing, and are drawn
 * one by one. */
static void
test_whole (Fixture *f, gconstpointer data)
{
  const AttuneTokenizer *tokenizer = attune_model_get_tokenizer (f->model);
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (AttuneDataset) dataset = NULL;
  guint64 n = 0;

  for (int i = 0; i < 100; i++)
    g_string_append_printf (lines, "{\"text\": \"Number %d is a number, as %d is.\"}\n", i, i * 7);
  import_good (f, "texts.jsonl", lines->str);
  import_good (f, "table.csv", "question,answer\nWhat is it?,It is that.\n,no question\n");
  dataset = prepare_good (f);
  for (int split = 0; split < ATTUNE_SPLIT_EXCLUDED; split++)
    for (guint64 i = 0; i < attune_dataset_count (dataset, split); i++, n++)
      {
        g_auto (AttuneSample) sample = { 0 };
        g_auto (AttuneRecord) record = { 0 };
        g_autofree char *text = NULL;

        g_assert_true (attune_dataset_get_sample (dataset, split, i, &sample, NULL));
        g_assert_true (attune_dataset_get_record (dataset, split, i, &record, NULL));
        g_assert_cmpint (record.whole, ==, *record.fields[ATTUNE_FIELD_QUESTION] == '\0');
        if (!record.whole)
          continue;
        for (guint t = 0; t < sample.n; t++)
          g_assert_cmpint (sample.learn[t], ==, t > 0);
        g_assert_cmpint (sample.tokens[sample.n - 1], ==, attune_tokenizer_get_eos (tokenizer));
        text = attune_tokenizer_decode (tokenizer, sample.tokens, sample.n - 1, FALSE);
        g_assert_cmpstr (text, ==, record.fields[ATTUNE_FIELD_ANSWER]);
      }
  g_assert_cmpuint (n, ==, 101); /* of the table, one has no question */
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TEST), >, 0);
}

/* Rows that are long are not read by thousands. */
static void
test_long_rows (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) table = g_string_new ("question,answer\n");
  g_autoptr (AttuneStore) store = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (AttuneRawBlock) block = { 0 };
  g_autofree char *filler = g_strnfill (1000000, 'x');

  for (int i = 0; i < 10; i++)
    g_string_append_printf (table, "What is %d?,%d %s\n", i, i, filler);
  import_good (f, "long.csv", table->str);
  store = attune_store_open (f->place.path, KIND, 1, &error);
  g_assert_true (attune_raw_block_read (store, 0, 10, &block, &error));
  g_assert_no_error (error);
  g_assert_cmpint (block.n, ==, 8);
  g_clear_pointer (&store, attune_store_close);
  g_object_set (f->settings, "max-answer-characters", 100000000, NULL);
  attune_dataset_close (prepare_good (f));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/data/prepare/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("balanced", test_balanced);
  ADD ("time", test_time);
  ADD ("odd-times", test_odd_times);
  ADD ("dateless-twin", test_dateless_twin);
  ADD ("no-dates", test_no_dates);
  ADD ("no-records", test_no_records);
  ADD ("all-bad", test_all_bad);
  ADD ("report", test_report);
  ADD ("threads", test_threads);
  ADD ("whole", test_whole);
  ADD ("long-rows", test_long_rows);
  return g_test_run ();
}
