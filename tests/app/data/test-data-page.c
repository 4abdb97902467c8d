/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Data page with a real project, from nothing to prepared data.
 */
#include "data-page-fixture.h"
#include "session-private.h"

#include "stages/data/effect.h"
#include "stages/data/import-dialog.h"

#include <string.h>

static gboolean
shows_empty (PageFixture *f)
{
  return find_label (f->page, "Add Your Questions and Answers") != NULL;
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/data-page/journey", test_journey);
  CASE ("/data-page/torn", test_torn);
  CASE ("/data-page/older-version", test_older_version);
  CASE ("/data-page/damaged-changes", test_damaged_changes);
  CASE ("/data-page/dropped", test_dropped);
  CASE ("/data-page/read-only", test_read_only);
  return g_test_run ();
}
