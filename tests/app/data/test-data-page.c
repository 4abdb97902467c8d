/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Data page with a real project, from nothing to prepared data.
 */
#include "page-fixture.h"
#include "session-private.h"

#include "charts/chart.h"
#include "stages/data/audit-save.h"
#include "stages/data/messages-save.h"
#include "stages/data/effect.h"
#include "stages/data/import-dialog.h"
#include "stages/data/page.h"
#include "stages/data/result.h"

#include <string.h>

static void
set_up (PageFixture *f, gconstpointer data)
{
  test_project_set_up (&f->files, NULL);
  g_free (test_attunectl_good (&f->files, "new %P --model %M"));
  page_fixture_open (f, ATTUNE_TYPE_DATA_PAGE);
}

static void
tear_down (PageFixture *f, gconstpointer data)
{
  page_fixture_close (f);
  test_project_tear_down (&f->files, NULL);
}

static gboolean
is_ready (PageFixture *f)
{
  return attune_session_get_model (f->session) != NULL && page_fixture_is_idle (f);
}

static gboolean
shows_empty (PageFixture *f)
{
  return find_label (f->page, "Add Your Questions and Answers") != NULL;
}

static gboolean
shows_table (PageFixture *f)
{
  return find_label (f->page, "messy.csv") != NULL && page_fixture_is_idle (f);
}

static gboolean
shows_result (PageFixture *f)
{
  GtkWidget *result = find_widget (f->page, ATTUNE_TYPE_DATA_RESULT);

  return result != NULL && gtk_widget_get_mapped (result) && page_fixture_is_idle (f);
}

static gboolean
shows_stale (PageFixture *f)
{
  return find_label (f->page, "settings have changed since") != NULL;
}

static gboolean
shows_fresh (PageFixture *f)
{
  return !shows_stale (f);
}

static void
import_messy (PageFixture *f)
{
  g_autofree char *path = g_build_filename (f->files.folder, "messy.csv", NULL);
  g_autoptr (GString) table = g_string_new ("question,answer,topic\n");

  for (int i = 0; i < 40; i++)
    g_string_append_printf (table, "What is &amp; %d?,It is  number %d.,t%d\n", i, i, i % 2);
  g_string_append (table,
                   "What is a stroke?,A sudden loss of function of the brain when its blood is cut "
                   "off.,t0\n"
                   "What is a stroke please?,A sudden loss of function of the brain when its blood "
                   "is cut off.,t0\n");
  g_string_append (table, "Who helps with <b>7</b>?,Please write to j.doe@example.org.,t1\n");
  g_string_append (table, "What is &amp; 7?,It is  number 7.,t1\nbroken\n");
  g_assert_true (g_file_set_contents (path, table->str, -1, NULL));
  attune_session_import (f->session, attune_source_probe (path, NULL));
}

static GtkWidget *
get_row (PageFixture *f, const char *title)
{
  return gtk_widget_get_ancestor (find_label (f->page, title), ADW_TYPE_PREFERENCES_ROW);
}

/* What the step whose row is @title has done. */
static const char *
get_effect (PageFixture *f, const char *title)
{
  GtkWidget *effect = find_widget (get_row (f, title), ATTUNE_TYPE_EFFECT);

  return gtk_widget_get_visible (effect) ? attune_effect_get_text (ATTUNE_EFFECT (effect)) : NULL;
}

static gboolean
has_rows (PageFixture *f)
{
  return find_label (f->page, "Resolve HTML Codes") != NULL
         && find_label (f->page, "Leave Out Near Duplicates") != NULL
         && find_label (f->page, "Leave Out Similar Records") != NULL
         && find_label (f->page, "What is done with e-mail") != NULL;
}

static gboolean
has_balance (PageFixture *f)
{
  return find_label (f->page, "Balance of Labels") != NULL;
}

static gboolean
leaves_out_similar (PageFixture *f)
{
  return g_strcmp0 (get_effect (f, "Leave Out Similar Records"), "1 left out") == 0
         && page_fixture_is_idle (f);
}

static gboolean
tells_balance (PageFixture *f)
{
  return get_effect (f, "Balance of Labels") != NULL && page_fixture_is_idle (f);
}

static void
test_journey (PageFixture *f, gconstpointer data)
{
  GtkWidget *result;
  const char *text;

  test_loop_until (is_ready, f);
  test_loop_until (shows_empty, f);
  import_messy (f);
  test_loop_until (shows_table, f);
  test_loop_until (has_rows, f); /* they are made one after another */
  g_assert_nonnull (find_label (f->page, "44 rows read"));
  g_assert_nonnull (find_label (f->page, "1 Unreadable"));
  g_assert_nonnull (find_label (f->page, "44 records"));
  g_assert_null (get_effect (f, "Resolve HTML Codes"));

  g_assert_true (gtk_widget_activate_action (f->page, "data.prepare", NULL));
  test_loop_until (shows_result, f);
  g_assert_cmpstr (get_effect (f, "Resolve HTML Codes"), ==, "41 changed");
  g_assert_cmpstr (get_effect (f, "Leave Out Similar Records"), ==, "1 found");
  g_assert_cmpstr (get_effect (f, "Remove HTML Tags"), ==, "1 changed");
  g_assert_cmpstr (get_effect (f, "Leave Out Duplicates"), ==, "1 left out");
  g_assert_cmpstr (get_effect (f, "What is done with e-mail"), ==, "1 changed");
  g_assert_null (get_effect (f, "Leave Out Incomplete Records"));
  g_assert_nonnull (find_label (f->page, "43 of 44 records are used"));
  result = find_widget (f->page, ATTUNE_TYPE_DATA_RESULT);
  text = attune_data_result_get_text (ATTUNE_DATA_RESULT (result));
  g_assert_nonnull (strstr (text, "Records used: 43 of 44; the cleaning left out 1."));
  g_assert_nonnull (find_label (result, "Labels"));
  g_assert_nonnull (strstr (text, "Personal data found: e-mail addresses 1."));

  test_loop_until (has_balance, f);
  g_assert_null (get_effect (f, "Balance of Labels"));
  g_object_set (attune_project_get_data_settings (f->project), "balance", ATTUNE_BALANCE_UNDER,
                "validation-share", 0.0, "test-share", 0.0, NULL); /* 22 of t0, 21 of t1 */
  test_loop_until (shows_stale, f);
  g_assert_true (gtk_widget_activate_action (f->page, "data.prepare", NULL));
  test_loop_until (tells_balance, f);
  g_assert_nonnull (strstr (attune_data_result_get_text (ATTUNE_DATA_RESULT (result)),
                            "42 samples of 43 records teach the model"));
  g_assert_cmpstr (get_effect (f, "Balance of Labels"), ==, "1 left out");
  g_object_set (attune_project_get_data_settings (f->project), "balance", ATTUNE_BALANCE_NONE,
                "validation-share", 0.1, "test-share", 0.1, NULL);

  g_object_set (attune_project_get_data_settings (f->project), "drop-similar", TRUE, NULL);
  test_loop_until (shows_stale, f);
  g_assert_true (gtk_widget_activate_action (f->page, "data.prepare", NULL));
  test_loop_until (leaves_out_similar, f);

  g_object_set (attune_project_get_data_settings (f->project), "trim-space", FALSE, NULL);
  test_loop_until (shows_stale, f);
  g_object_set (attune_project_get_data_settings (f->project), "trim-space", TRUE, NULL);
  test_loop_until (shows_fresh, f);
}

static gboolean
has_answers_row (PageFixture *f)
{
  return find_label (f->page, "Keep Equal Answers Together") != NULL;
}

static gboolean
has_stratify_row (PageFixture *f)
{
  return find_label (f->page, "Same Shares for Each Label") != NULL;
}

static gboolean
tells_torn (PageFixture *f)
{
  GtkWidget *label = find_label (f->page, "Keep Similar Records Together");

  return label != NULL && page_fixture_is_idle (f)
         && find_label (get_row (f, "Keep Similar Records Together"), "left out") != NULL;
}

/* What is similar to records of several splits is told where similar records are kept together;
 * rows of settings that are no steps have no room for one. */
static void
test_torn (PageFixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->files.folder, "messy.csv", NULL);
  g_autoptr (GString) table = g_string_new ("question,answer,patient\n");
  GtkWidget *labels, *test, *check;

  for (int i = 0; i < 80; i++) /* forty pairs, of different groups */
    g_string_append_printf (table,
                            "Case %d: what of it%s?,The answer of the case is w%dx in all."
                            " That is what there is to say.,p%d\n",
                            i / 2, i % 2 ? " now" : "", i / 2, i);
  g_assert_true (g_file_set_contents (path, table->str, -1, NULL));
  test_loop_until (is_ready, f);
  attune_session_import (f->session, attune_source_probe (path, NULL));
  test_loop_until (shows_table, f);
  g_assert_true (gtk_widget_activate_action (f->page, "data.prepare", NULL));
  test_loop_until (tells_torn, f);
  g_assert_null (find_widget (get_row (f, "Share for Checking"), ATTUNE_TYPE_EFFECT));
  g_assert_nonnull (find_widget (get_row (f, "Languages"), ATTUNE_TYPE_EFFECT));
  g_assert_nonnull (find_widget (get_row (f, "Final Test From"), ATTUNE_TYPE_EFFECT));
  test_loop_until (has_answers_row, f); /* rows are made one by one */
  g_assert_nonnull (find_widget (get_row (f, "Keep Equal Answers Together"), ATTUNE_TYPE_EFFECT));

  /* what does nothing beside a split by time is not offered */
  test_loop_until (has_stratify_row, f);
  labels = get_row (f, "Same Shares for Each Label");
  test = get_row (f, "Share for the Final Test");
  check = get_row (f, "Share for Checking");
  g_assert_true (gtk_widget_get_visible (labels));
  g_object_set (attune_project_get_data_settings (f->project), "test-from", "2026-01-01", NULL);
  g_assert_false (gtk_widget_get_visible (labels));
  g_assert_false (gtk_widget_get_visible (test));
  g_assert_true (gtk_widget_get_visible (check));
  g_object_set (attune_project_get_data_settings (f->project), "test-from", "", NULL);
  g_assert_true (gtk_widget_get_visible (labels));
}

/* Whole: it is there before all of it is written. */
static gboolean
has_audit (PageFixture *f)
{
  g_autofree char *path = g_build_filename (f->files.folder, "audit.html", NULL), *page = NULL;

  return g_file_get_contents (path, &page, NULL, NULL) && strstr (page, "</html>") != NULL;
}

/* The audit of labels is a page that is saved where one says. */
static void
test_audit (PageFixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->files.folder, "audit.html", NULL), *page = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);

  test_loop_until (is_ready, f);
  import_messy (f);
  test_loop_until (shows_table, f);
  attune_audit_save_to (f->session, file);
  test_loop_until (has_audit, f);
  g_assert_true (g_file_get_contents (path, &page, NULL, NULL));
  g_assert_nonnull (strstr (page, "<h3>t0</h3>"));
}

static gboolean
has_files (PageFixture *f)
{
  g_autofree char *pdf = g_build_filename (f->files.folder, "audit.pdf", NULL),
                  *json = g_build_filename (f->files.folder, "audit.json", NULL), *bytes = NULL,
                  *text = NULL;

  return g_file_get_contents (pdf, &bytes, NULL, NULL) && g_str_has_prefix (bytes, "%PDF-")
         && g_file_get_contents (json, &text, NULL, NULL) && strstr (text, "\"sources\"") != NULL;
}

/* The file's name says whether it is for people or for programs. */
static void
test_audit_files (PageFixture *f, gconstpointer data)
{
  static const char *const names[] = { "audit.pdf", "audit.json" };

  test_loop_until (is_ready, f);
  import_messy (f);
  test_loop_until (shows_table, f);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (f->files.folder, names[i], NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);

      attune_audit_save_to (f->session, file);
    }
  test_loop_until (has_files, f);
}

static gboolean
shows_writing (PageFixture *f)
{
  return find_label (f->page, "Variants Written by the Model") != NULL;
}

static gboolean
has_written (PageFixture *f)
{
  g_autofree char *path = g_build_filename (f->files.project, "dataset.variants.jsonl", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) && page_fixture_is_idle (f);
}

/* Variants that a model writes are asked for on the page; what is written is beside the data. */
static void
test_write (PageFixture *f, gconstpointer data)
{
  test_loop_until (is_ready, f);
  import_messy (f);
  test_loop_until (shows_table, f);
  g_assert_false (shows_writing (f));
  g_object_set (attune_project_get_data_settings (f->project), "variants", 1, "variants-by",
                ATTUNE_VARIANTS_MODEL, NULL);
  test_loop_until (shows_writing, f);
  g_assert_nonnull (
      find_label (f->page, "Prepare the data first: variants are of what is learned from"));
  g_assert_true (gtk_widget_activate_action (f->page, "data.prepare", NULL));
  test_loop_until (shows_result, f);
  test_loop_until (page_fixture_is_idle, f);
  g_assert_true (gtk_widget_activate_action (f->page, "data.write-variants", NULL));
  test_loop_until (has_written, f);
}

static gboolean
has_messages (PageFixture *f)
{
  g_autofree char *path = g_build_filename (f->files.folder, "messages", "train.jsonl", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Where the model has to say which records are neighbours, a program asks it; what it makes is what
 * other programs are given, too. */
static void
test_smote (PageFixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->files.folder, "messages", NULL),
                  *file = g_build_filename (path, "train.jsonl", NULL),
                  *table = g_build_filename (f->files.folder, "messy.csv", NULL), *text = NULL;
  g_autoptr (GFile) folder = g_file_new_for_path (path);
  g_autoptr (GString) rows = g_string_new ("question,answer,label\n");
  guint n_mixed = 0;

  for (int i = 0; i < 40; i++)
    g_string_append_printf (rows, "What is the number %d in words?,It is %d.,many\n", i, i);
  for (int i = 0; i < 10; i++)
    g_string_append_printf (rows, "Lamp %d is broken.,Call the porter.,few\n", i * 7);
  g_assert_true (g_file_set_contents (table, rows->str, -1, NULL));
  test_loop_until (is_ready, f);
  g_object_set (attune_project_get_data_settings (f->project), "balance", ATTUNE_BALANCE_SMOTE,
                NULL);
  attune_session_import (f->session, attune_source_probe (table, NULL));
  test_loop_until (shows_table, f);
  g_assert_true (gtk_widget_activate_action (f->page, "data.prepare", NULL));
  test_loop_until (shows_result, f);
  g_assert_true (shows_fresh (f));
  attune_messages_save_to (f->session, folder, NULL);
  test_loop_until (has_messages, f);
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  for (const char *at = text; (at = strstr (at, "is broken. Lamp")) != NULL; at++)
    n_mixed++;
  g_assert_cmpuint (n_mixed, >, 10);
}

static gboolean
shows_older (PageFixture *f)
{
  return find_label (f->page, "prepared by an older version") != NULL;
}

/* A step that there was not when the data was prepared has not been done, whatever its default. */
static void
test_older_version (PageFixture *f, gconstpointer data)
{
  test_loop_until (is_ready, f);
  import_messy (f);
  test_loop_until (shows_table, f);
  g_assert_true (gtk_widget_activate_action (f->page, "data.prepare", NULL));
  test_loop_until (shows_result, f);
  g_assert_true (shows_fresh (f));
  json_object_remove_member (json_node_get_object (f->session->data->settings), "personal-data");
  attune_session_check_data (f->session);
  test_loop_until (shows_older, f);
}

static gboolean
offers_to_go_on (PageFixture *f)
{
  return find_label (f->page, "Go On Without Them") != NULL;
}

static gboolean
offers_nothing (PageFixture *f)
{
  return !offers_to_go_on (f) && page_fixture_is_idle (f);
}

/* Changes by hand that cannot be read stop the preparation; the way on is on the page. */
static void
test_damaged_changes (PageFixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->files.project, "dataset.changes.json", NULL);
  g_autofree char *aside = g_strconcat (path, ".unreadable-1", NULL), *kept = NULL;

  test_loop_until (is_ready, f);
  import_messy (f);
  test_loop_until (shows_table, f);
  g_assert_true (offers_nothing (f));
  g_assert_true (g_file_set_contents (path, "{ not JSON", -1, NULL));
  attune_session_load_data (f->session);
  test_loop_until (offers_to_go_on, f);
  g_assert_true (gtk_widget_activate_action (f->page, "data.set-changes-aside", NULL));
  test_loop_until (offers_nothing, f);
  g_assert_true (g_file_get_contents (aside, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "{ not JSON");
  g_assert_true (gtk_widget_activate_action (f->page, "data.prepare", NULL));
  test_loop_until (shows_result, f);
}

static AttuneReportView *
parse (const char *json)
{
  g_autoptr (JsonNode) node = json_from_string (json, NULL);

  return attune_report_view_new (node);
}

/* Every number has a sentence; what is not there is not spoken of. */
static void
test_sentences (void)
{
  g_autoptr (AttuneDataResult) result
      = g_object_ref_sink (g_object_new (ATTUNE_TYPE_DATA_RESULT, NULL));
  g_autoptr (AttuneReportView) plain
      = parse ("{\"splits\": {\"train\": 8, \"validation\": 1, \"test\": 1}}");
  g_autoptr (AttuneReportView) full
      = parse ("{\"splits\": {\"train\": 5, \"excluded\": 3}, \"shared_answers\": 2, "
               "\"personal\": {\"email\": 3, \"name\": 1}, \"secrets\": {\"password\": 2}, "
               "\"toxic\": {\"insult\": 1, \"own\": 4}, "
               "\"languages\": {\"looked_at\": 10, \"undecided\": 2, \"found\": ["
               "{\"language\": \"de\", \"count\": 6}, {\"language\": \"en\", \"count\": 2}]}, "
               "\"undecided_abbreviations\": [{\"abbreviation\": \"MI\", \"count\": 2, "
               "\"meanings\": \"infarction, insufficiency\"}], "
               "\"tokens\": {\"median\": 40, \"max\": 90, \"cut\": 1, \"too_long\": 2, "
               "\"endless\": 3, \"restarts\": 1}}");

  g_autoptr (AttuneReportView) dated
      = parse ("{\"splits\": {\"train\": 8, \"validation\": 1, \"test\": 1}, \"test_from\": "
               "\"2026-01-01\", \"unused\": [\"test-share\", \"stratify\"], \"dates\": {"
               "\"first\": \"2025-01-01\", \"last\": \"2026-02-01\", \"day_first\": 3}}");

  attune_data_result_show (result, dated, 64);
  g_assert_cmpstr (
      strchr (attune_data_result_get_text (result), '\n') + 1, ==,
      "8 teach the model, 1 check its progress while it is tuned, and 1 are kept for the final "
      "test.\n"
      "The records are from 2025-01-01 to 2026-02-01.\n"
      "Dates such as 3/4/2024 are read with the day first, as others in their column show: 3.\n"
      "The split is by time: the shares cannot be the same for each label.");
  attune_data_result_show (result, plain, 64);
  g_assert_cmpstr (attune_data_result_get_text (result), ==,
                   "Records used: all 10.\n"
                   "8 teach the model, 1 check its progress while it is tuned, and 1 are kept for "
                   "the final test.");
  attune_data_result_show (result, full, 64);
  g_assert_cmpstr (
      attune_data_result_get_text (result), ==,
      "Records used: 5 of 8; the cleaning left out 3.\n"
      "5 teach the model, 0 check its progress while it is tuned, and 0 are kept for the final "
      "test.\n"
      "Personal data found: e-mail addresses 3, names 1.\n"
      "Keys and passwords found: passwords 2.\n"
      "Toxic words found: insults 1, words of your list 4.\n"
      "Languages, where they can be told: German 75 %, English 25 %.\n"
      "“MI” could mean several things (infarction, insufficiency), and nothing near them says "
      "which: 2 were left as they are.\n"
      "Nothing checks the progress: it will not be seen when the model begins to memorise.\n"
      "Nothing is kept for the final test: the result cannot be measured on questions that are "
      "new to the model.\n"
      "2 answers are both learned and asked for in the final test, by other questions.\n"
      "Half of the samples have up to 40 tokens, the longest has 90.\n"
      "1 sample is longer than 64 tokens: its end is not learned.\n"
      "3 answers end without a token to stop at: the model cannot learn from them where an answer "
      "ends.\n"
      "1 sample has the token that begins a text twice, which models have learned once.\n"
      "2 were left out because their questions alone are too long.");
}

/* A label with no record to learn from is none before the balancing, however many test it. */
static void
test_balanced_labels (void)
{
  g_autoptr (AttuneDataResult) result
      = g_object_ref_sink (g_object_new (ATTUNE_TYPE_DATA_RESULT, NULL));
  g_autoptr (AttuneReportView) report = parse (
      "{\"splits\": {\"train\": 8, \"test\": 2}, \"sizes\": {\"train\": {\"samples\": 12}}, "
      "\"labels\": [{\"label\": \"many\", \"count\": 6, \"original\": 6, \"learned\": 6}, "
      "{\"label\": \"few\", \"count\": 2, \"original\": 2, \"learned\": 6}, "
      "{\"label\": \"tested\", \"count\": 2, \"original\": 0, \"learned\": 0}]}");
  g_autofree char *csv = NULL;
  GObject *chart;

  attune_data_result_show (result, report, 64);
  chart = gtk_widget_get_template_child (GTK_WIDGET (result), ATTUNE_TYPE_DATA_RESULT,
                                         "labels_chart");
  csv = attune_figure_to_csv (attune_chart_get_figure (ATTUNE_CHART (chart)));
  g_test_message ("%s", csv);
  g_assert_nonnull (strstr (csv, "tested,0,0"));
  g_assert_nonnull (
      strstr (attune_data_result_get_text (result), "12 samples of 8 records teach the model"));
}

/* A file that was dropped opens the wizard. */
static void
test_dropped (PageFixture *f, gconstpointer data)
{
  AdwDialog *dialog;

  test_loop_until (is_ready, f);
  attune_data_page_import (ATTUNE_DATA_PAGE (f->page), f->files.table);
  dialog = adw_window_get_visible_dialog (ADW_WINDOW (f->window));
  g_assert_true (ATTUNE_IS_IMPORT_DIALOG (dialog));
  adw_dialog_force_close (dialog);
}

static void
on_message (GString *said, const char *text)
{
  g_string_append (said, text);
}

/* Where nothing may be changed nothing is offered, and a file that is dropped gets a word. */
static void
test_read_only (PageFixture *f, gconstpointer data)
{
  PageFixture second = { .files = f->files };
  g_autoptr (GString) said = g_string_new (NULL);

  page_fixture_open (&second, ATTUNE_TYPE_DATA_PAGE);
  g_signal_connect_swapped (second.session, "message", G_CALLBACK (on_message), said);
  attune_data_page_import (ATTUNE_DATA_PAGE (second.page), f->files.table);
  g_assert_null (adw_window_get_visible_dialog (ADW_WINDOW (second.window)));
  g_assert_nonnull (strstr (said->str, "another window"));
  page_fixture_close (&second);
}

#define CASE(path, test) g_test_add (path, PageFixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/data-page/journey", test_journey);
  CASE ("/data-page/torn", test_torn);
  CASE ("/data-page/audit", test_audit);
  CASE ("/data-page/audit-files", test_audit_files);
  CASE ("/data-page/write", test_write);
  CASE ("/data-page/smote", test_smote);
  CASE ("/data-page/older-version", test_older_version);
  CASE ("/data-page/damaged-changes", test_damaged_changes);
  g_test_add_func ("/data-page/sentences", test_sentences);
  g_test_add_func ("/data-page/balanced-labels", test_balanced_labels);
  CASE ("/data-page/dropped", test_dropped);
  CASE ("/data-page/read-only", test_read_only);
  return g_test_run ();
}
