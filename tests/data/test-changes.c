/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Changes of single records: they hold through preparing again and through rows that come and go;
 * what has no record is told; what cannot be read is refused, and stays.
 */
#include "data/changes.h"
#include "data/records.h"
#include "data/report-view.h"
#include "data/report.h"
#include "data/rows.h"
#include "data/summary.h"
#include "text/golden.h"

typedef struct
{
  Place place; /* the path is dataset.h5 */
  char *changes;
  AttuneModel *model;
} Fixture;

static void
import (Fixture *f, int first, int n)
{
  g_autofree char *path = g_build_filename (f->place.folder, "table.csv", NULL);
  g_autoptr (GString) table = g_string_new ("question,answer,topic\n");
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = first; i < first + n; i++)
    g_string_append_printf (table, "What is number %d?,It is %d.,t%d\n", i, i, i % 2);
  g_assert_true (g_file_set_contents (path, table->str, -1, NULL));
  source = attune_source_probe (path, &error);
  g_assert_no_error (error);
  attune_dataset_import (f->place.path, source, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  place_init (&f->place, "dataset.h5");
  f->changes = g_build_filename (f->place.folder, "dataset.changes.json", NULL);
  f->model = golden_tiny_model ();
  import (f, 0, 20);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  place_clear (&f->place);
  g_free (f->changes);
  attune_model_close (f->model);
}

static gboolean
prepare (Fixture *f, AttuneReportView **report, GError **error)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (JsonNode) node = NULL;

  if (!attune_dataset_prepare (f->place.path, settings, attune_model_get_tokenizer (f->model),
                               attune_model_get_template (f->model), NULL, NULL, NULL, &node,
                               error))
    return FALSE;
  *report = attune_report_view_new (node);
  return TRUE;
}

static AttuneReportView *
prepare_good (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  AttuneReportView *report = NULL;

  prepare (f, &report, &error);
  g_assert_no_error (error);
  return report;
}

/* Changes the record with that number. */
static AttuneChanges *
change (Fixture *f, guint record, gboolean excluded, const char *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRecords) records = attune_records_open (f->place.path, &error);
  g_auto (AttuneRecord) imported = { 0 };
  g_autoptr (AttuneChange) wanted = g_new0 (AttuneChange, 1);
  AttuneChanges *changes;

  wanted->excluded = excluded;
  wanted->fields[ATTUNE_FIELD_ANSWER] = g_strdup (answer);
  attune_records_read_imported (records, record, &imported, &error);
  g_assert_no_error (error);
  changes = attune_changes_update (f->place.path, &imported, wanted, &error);
  g_assert_no_error (error);
  return changes;
}

/* The record whose question ends in @number. */
static void
assert_record (Fixture *f, const char *number, guint by_hand, gboolean left_out, const char *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRecords) records = attune_records_open (f->place.path, &error);
  g_autofree char *question = g_strdup_printf ("What is number %s?", number);
  g_autoptr (GPtrArray) views = NULL;

  g_assert_no_error (error);
  views = attune_records_read (records, 0, attune_records_count (records), &error);
  g_assert_no_error (error);
  for (guint i = 0; i < views->len; i++)
    {
      const AttuneRecordView *view = g_ptr_array_index (views, i);

      if (strcmp (view->record.fields[ATTUNE_FIELD_QUESTION], question) != 0)
        continue;
      g_assert_cmpuint (view->by_hand, ==, by_hand);
      g_assert_true ((view->split == ATTUNE_SPLIT_EXCLUDED) == left_out);
      g_assert_cmpstr (view->reason, ==, left_out ? "You have left it out." : "");
      g_assert_cmpstr (view->record.fields[ATTUNE_FIELD_ANSWER], ==, answer);
      return;
    }
  g_assert_not_reached ();
}

static void
test_prepare (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneChanges) one = change (f, 3, TRUE, NULL);
  g_autoptr (AttuneChanges) two = change (f, 5, FALSE, "It is  five &amp; no more.");
  g_autoptr (AttuneReportView) report = prepare_good (f), again = NULL, undone = NULL;
  g_autoptr (AttuneDataSummary) summary = attune_data_summary_read (f->place.path, NULL);
  g_autofree char *text = attune_changes_to_text (two), *words = NULL, *json = NULL;
  g_autoptr (AttuneChanges) none = NULL;

  g_assert_cmpuint (attune_changes_get_size (one), ==, 1);
  g_assert_cmpuint (report->n_excluded, ==, 1);
  g_assert_cmpuint (report->n_edited, ==, 1);
  g_assert_cmpuint (report->n_gone, ==, 0);
  g_assert_cmpuint (report->splits[ATTUNE_SPLIT_EXCLUDED], ==, 1);
  g_assert_cmpstr (summary->changes, ==, text); /* what it was prepared with */
  assert_record (f, "3", ATTUNE_BY_HAND_EXCLUDED, TRUE, "It is 3.");
  assert_record (f, "5", ATTUNE_BY_HAND_EDITED, FALSE, "It is five & no more."); /* cleaned */
  assert_record (f, "6", 0, FALSE, "It is 6.");
  json = json_to_string (summary->report, FALSE);
  words = attune_data_report_to_text (json);
  g_assert_nonnull (strstr (words, "By hand\n  Left out"));

  again = prepare_good (f); /* from the rows as imported, not from those that were changed */
  assert_record (f, "5", ATTUNE_BY_HAND_EDITED, FALSE, "It is five & no more.");
  attune_changes_free (change (f, 3, FALSE, NULL));
  none = change (f, 5, FALSE, NULL);
  g_assert_cmpuint (attune_changes_get_size (none), ==, 0);
  undone = prepare_good (f);
  g_assert_cmpuint (undone->n_excluded + undone->n_edited, ==, 0);
  assert_record (f, "3", 0, FALSE, "It is 3.");
  assert_record (f, "5", 0, FALSE, "It is 5.");
}

/* The table is taken in again with rows before and behind the changed one, then without it. */
static void
test_rows_come_and_go (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneReportView) more = NULL, gone = NULL, back = NULL;

  attune_changes_free (change (f, 7, TRUE, NULL));
  attune_changes_free (change (f, 8, FALSE, "Eight."));
  g_assert_cmpint (g_remove (f->place.path), ==, 0);
  import (f, -30, 60);
  more = prepare_good (f);
  g_assert_cmpuint (more->n_gone, ==, 0);
  assert_record (f, "7", ATTUNE_BY_HAND_EXCLUDED, TRUE, "It is 7.");
  assert_record (f, "8", ATTUNE_BY_HAND_EDITED, FALSE, "Eight.");

  g_assert_cmpint (g_remove (f->place.path), ==, 0);
  import (f, 100, 20);
  gone = prepare_good (f);
  g_assert_cmpuint (gone->n_excluded + gone->n_edited, ==, 0);
  g_assert_cmpuint (gone->n_gone, ==, 2);
  g_assert_cmpuint (gone->gone->len, ==, 2);
  g_assert_true (g_str_has_prefix (gone->gone->pdata[0], "What is number "));

  import (f, 0, 20); /* a second table, with them in it */
  back = prepare_good (f);
  g_assert_cmpuint (back->n_gone, ==, 0);
  assert_record (f, "8", ATTUNE_BY_HAND_EDITED, FALSE, "Eight.");
}

/* A copy of a record that is left out is the same record; one that only looks alike is not, and is
 * no duplicate of what is not there. */
static void
test_copies (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->place.folder, "more.csv", NULL);
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (AttuneReportView) report = NULL;

  g_assert_true (g_file_set_contents (
      path, "question,answer,topic\nWhat is number 4?,It is 4.,t0\nwhat is number 4,It is 4.,t0\n",
      -1, NULL));
  source = attune_source_probe (path, NULL);
  attune_dataset_import (f->place.path, source, NULL, NULL, NULL, NULL, NULL);
  attune_changes_free (change (f, 4, TRUE, NULL));
  report = prepare_good (f);
  g_assert_cmpuint (report->n_excluded, ==, 2);
  g_assert_cmpuint (report->splits[ATTUNE_SPLIT_EXCLUDED], ==, 2);
}

static void
assert_refused (Fixture *f, const char *content, AttuneDataError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneReportView) report = NULL;
  g_auto (AttuneRecord) imported = { .fields = { g_strdup ("a"), g_strdup ("b") } };
  const AttuneChange wanted = { .excluded = TRUE };
  g_autofree char *after = NULL;

  g_assert_true (g_file_set_contents (f->changes, content, -1, NULL));
  g_assert_false (prepare (f, &report, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, code);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_nonnull (strstr (error->message, "dataset.changes.json"));
  g_clear_error (&error);
  g_assert_null (attune_changes_update (f->place.path, &imported, &wanted, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, code);
  g_assert_true (g_file_get_contents (f->changes, &after, NULL, NULL));
  g_assert_cmpstr (after, ==, content); /* it stays for who can mend it */
}

#define KEY "0123456789abcdef0123456789abcdef"

static void
test_damaged (Fixture *f, gconstpointer data)
{
  static const char *const damaged[] = {
    "",
    "{\"version\": 1, \"changes\": [",
    "[]",
    "{\"version\": 1}",
    "{\"version\": 1, \"changes\": [5]}",
    "{\"version\": 1, \"changes\": [{\"record\": \"../etc\", \"excluded\": true}]}",
    "{\"version\": 1, \"changes\": [{\"record\": \"" KEY "\"}]}",
    "{\"version\": 1, \"changes\": [{\"record\": \"" KEY "\", \"texts\": {\"answer\": 5}}]}",
    "{\"version\": 1, \"changes\": [{\"record\": \"" KEY "\", \"texts\": []}]}",
    "{\"version\": 1, \"changes\": \"\xff\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    assert_refused (f, damaged[i], ATTUNE_DATA_ERROR_FORMAT, "damaged");
  assert_refused (f, "{\"version\": 2, \"changes\": []}", ATTUNE_DATA_ERROR_VERSION, "newer");
}

static gpointer
change_many (gpointer data)
{
  Fixture *f = data;
  static int next;

  for (int i = 0; i < 20; i++)
    {
      g_autofree char *question = g_strdup_printf ("%d", g_atomic_int_add (&next, 1));
      const AttuneRecord imported = { .fields = { question } };
      const AttuneChange wanted = { .excluded = TRUE };

      attune_changes_free (attune_changes_update (f->place.path, &imported, &wanted, NULL));
    }
  return NULL;
}

/* Two at once: each change is kept. */
static void
test_at_once (Fixture *f, gconstpointer data)
{
  GThread *threads[] = { g_thread_new (NULL, change_many, f), g_thread_new (NULL, change_many, f) };
  g_autoptr (AttuneChanges) changes = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  changes = attune_changes_read (f->place.path, NULL);
  g_assert_cmpuint (attune_changes_get_size (changes), ==, 40);
}

/* Keys that are in people's files stay as they are, whatever fields records get. */
static void
test_keys (Fixture *f, gconstpointer data)
{
  char question[] = "What is number 3?", answer[] = "It is 3.", label[] = "t1", empty[] = "",
       rejected[] = "Four.";
  AttuneRecord record = { { question, answer, NULL, label, empty, NULL } };
  g_autofree char *bare = attune_record_get_key (&record), *pair = NULL;

  /* SHA-256 of the five texts of before there were rejected ones, with a NUL after each */
  g_assert_cmpstr (bare, ==, "8378fc31287dcdee85f57329f6927f05");
  record.fields[ATTUNE_FIELD_REJECTED] = rejected;
  pair = attune_record_get_key (&record);
  g_assert_cmpstr (pair, !=, bare);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/data/changes/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("prepare", test_prepare);
  ADD ("rows-come-and-go", test_rows_come_and_go);
  ADD ("copies", test_copies);
  ADD ("damaged", test_damaged);
  ADD ("at-once", test_at_once);
  ADD ("keys", test_keys);
  return g_test_run ();
}
