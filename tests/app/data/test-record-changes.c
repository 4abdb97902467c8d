/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Changing single records in the browser: left out, edited, undone; and what becomes of it when the
 * data is prepared again.
 */
#include "page-fixture.h"

#include "stages/data/page.h"
#include "stages/data/record-browser.h"
#include "stages/data/record-detail.h"
#include "stages/data/record-editor.h"

typedef struct
{
  PageFixture page;
  AttuneRecordBrowser *browser; /* borrowed; %NULL once it is closed */
} Fixture;

static gboolean
is_ready (Fixture *f)
{
  return attune_session_get_data (f->page.session) != NULL
         && attune_session_get_model (f->page.session) != NULL && page_fixture_is_idle (&f->page);
}

static gboolean
is_open (Fixture *f)
{
  return attune_record_browser_get_list (f->browser) != NULL;
}

static GtkWidget *
get_detail (Fixture *f)
{
  return find_widget (GTK_WIDGET (f->browser), ATTUNE_TYPE_RECORD_DETAIL);
}

static gboolean
shows_record (Fixture *f)
{
  return find_label (GTK_WIDGET (f->browser), "inflammation of the heart") != NULL;
}

/* With the first record, on which nothing can be done before it has been read. */
static void
open_browser (Fixture *f)
{
  test_loop_until (is_ready, f);
  f->browser = attune_record_browser_new (f->page.session);
  g_object_add_weak_pointer (G_OBJECT (f->browser), (gpointer *) &f->browser);
  adw_dialog_present (ADW_DIALOG (f->browser), f->page.page);
  test_loop_until (is_open, f);
  attune_record_browser_select (f->browser, 0);
  test_loop_until (shows_record, f);
}

static gboolean
is_closed (Fixture *f)
{
  return f->browser == NULL;
}

static void
close_browser (Fixture *f)
{
  adw_dialog_force_close (ADW_DIALOG (f->browser));
  test_loop_until (is_closed, f);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  test_project_set_up (&f->page.files, NULL);
  g_free (test_attunectl_good (&f->page.files, "new %P --model %M"));
  g_free (test_attunectl_good (&f->page.files, "import %P %T"));
  g_free (test_attunectl_good (&f->page.files, "prepare %P"));
  page_fixture_open (&f->page, ATTUNE_TYPE_DATA_PAGE);
  open_browser (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->browser != NULL)
    close_browser (f);
  page_fixture_close (&f->page);
  test_project_tear_down (&f->page.files, NULL);
}

static gboolean
exclude (Fixture *f)
{
  return gtk_widget_activate_action (get_detail (f), "record.exclude", NULL);
}

static gboolean
edit (Fixture *f)
{
  return gtk_widget_activate_action (get_detail (f), "record.edit", NULL);
}

static AttuneRecordEditor *
get_editor (Fixture *f)
{
  AdwDialog *dialog = adw_window_get_visible_dialog (ADW_WINDOW (f->page.window));

  g_assert_true (ATTUNE_IS_RECORD_EDITOR (dialog));
  return ATTUNE_RECORD_EDITOR (dialog);
}

static gboolean
shows_left_out (Fixture *f)
{
  return find_label (GTK_WIDGET (f->browser), "You have left this record out. It counts once")
             != NULL
         && find_label (GTK_WIDGET (f->browser), "Bring Back") != NULL;
}

static gboolean
shows_edited (Fixture *f)
{
  return find_label (GTK_WIDGET (f->browser), "You have edited this record.") != NULL
         && find_label (GTK_WIDGET (f->browser), "a sore heart") != NULL;
}

static gboolean
shows_no_change (Fixture *f)
{
  return find_label (GTK_WIDGET (f->browser), "Changed by Hand") == NULL && shows_record (f)
         && find_label (GTK_WIDGET (f->browser), "Leave Out") != NULL;
}

static gboolean
shows_undo (Fixture *f)
{
  return find_label (GTK_WIDGET (f->browser), "Undo") != NULL;
}

static void
undo (Fixture *f)
{
  GtkWidget *label;

  test_loop_until (shows_undo, f);
  label = find_label (GTK_WIDGET (f->browser), "Undo");
  g_signal_emit_by_name (gtk_widget_get_ancestor (label, GTK_TYPE_BUTTON), "clicked");
}

static gboolean
is_stale (Fixture *f)
{
  return attune_session_get_state (f->page.session, ATTUNE_STAGE_DATA) == ATTUNE_STAGE_STATE_STALE
         && find_label (f->page.page, "changed by hand since") != NULL;
}

static gboolean
is_fresh (Fixture *f)
{
  return is_ready (f)
         && attune_session_get_state (f->page.session, ATTUNE_STAGE_DATA)
                == ATTUNE_STAGE_STATE_DONE;
}

static void
prepare (Fixture *f)
{
  attune_session_prepare (f->page.session);
  test_loop_until (is_fresh, f);
}

static gboolean
shows_brought_back (Fixture *f)
{
  return find_label (GTK_WIDGET (f->browser), "You have brought this record back") != NULL;
}

static gboolean
tells_left_out (Fixture *f)
{
  return find_label (f->page.page, "You have left out 1 record by hand.") != NULL;
}

static gboolean
tells_edited (Fixture *f)
{
  return find_label (f->page.page, "You have edited 1 record by hand.") != NULL;
}

static int
get_by_hand (Fixture *f)
{
  g_autoptr (AttuneRecordItem) first
      = g_list_model_get_item (G_LIST_MODEL (attune_record_browser_get_list (f->browser)), 0);

  return attune_record_item_get_by_hand (first);
}

static gboolean
can_bring_back (Fixture *f)
{
  return find_label (get_detail (f), "Bring Back") != NULL;
}

static gboolean
lists_one (Fixture *f)
{
  AttuneRecordList *list = attune_record_browser_get_list (f->browser);

  return g_list_model_get_n_items (G_LIST_MODEL (list)) == 1
         && attune_record_list_get_progress (list) < 0;
}

static void
test_exclude (Fixture *f, gconstpointer data)
{
  GtkWidget *which;

  g_assert_true (shows_no_change (f));
  g_assert_true (exclude (f));
  test_loop_until (shows_left_out, f);
  test_loop_until (is_stale, f);
  g_assert_cmpint (get_by_hand (f), ==, ATTUNE_BY_HAND_EXCLUDED); /* the list tells it, too */
  undo (f);
  test_loop_until (shows_no_change, f);
  test_loop_until (is_fresh, f);
  g_assert_cmpint (get_by_hand (f), ==, 0);

  g_assert_true (exclude (f));
  test_loop_until (shows_left_out, f);
  prepare (f);
  g_assert_cmpuint (attune_session_get_data (f->page.session)->splits[ATTUNE_SPLIT_EXCLUDED], ==,
                    1);
  test_loop_until (tells_left_out, f);
  close_browser (f);
  open_browser (f);
  g_assert_nonnull (find_label (GTK_WIDGET (f->browser), "Bring Back"));
  g_assert_null (find_label (GTK_WIDGET (f->browser), "It counts once"));
  which = find_widget (GTK_WIDGET (f->browser), GTK_TYPE_DROP_DOWN);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (which), 5); /* Changed by Hand */
  test_loop_until (lists_one, f);
  attune_record_browser_select (f->browser, 0);
  test_loop_until (can_bring_back, f);
  g_assert_true (exclude (f));
  test_loop_until (shows_brought_back, f);
  prepare (f);
  g_assert_cmpuint (attune_session_get_data (f->page.session)->splits[ATTUNE_SPLIT_EXCLUDED], ==,
                    0);
}

static gboolean
shows_problem (Fixture *f)
{
  return find_label (GTK_WIDGET (get_editor (f)), "needs an answer") != NULL;
}

static void
test_edit (Fixture *f, gconstpointer data)
{
  GtkWidget *original;

  g_assert_true (edit (f));
  attune_record_editor_set_text (get_editor (f), ATTUNE_FIELD_ANSWER, " \n");
  g_assert_false (attune_record_editor_save (get_editor (f))); /* nothing to be learned */
  test_loop_until (shows_problem, f);
  attune_record_editor_set_text (get_editor (f), ATTUNE_FIELD_ANSWER, "a sore heart");
  g_assert_true (attune_record_editor_save (get_editor (f)));
  test_loop_until (shows_edited, f);
  test_loop_until (is_stale, f);

  original = find_widget (get_detail (f), GTK_TYPE_TOGGLE_BUTTON);
  g_assert_true (gtk_widget_get_mapped (original));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (original), TRUE);
  g_assert_true (shows_record (f));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (original), FALSE);
  g_assert_true (shows_edited (f));

  undo (f);
  test_loop_until (shows_no_change, f);
  g_assert_true (edit (f));
  attune_record_editor_set_text (get_editor (f), ATTUNE_FIELD_ANSWER, "a sore heart");
  g_assert_true (attune_record_editor_save (get_editor (f)));
  test_loop_until (shows_edited, f);
  prepare (f);
  test_loop_until (tells_edited, f);
}

/* Nothing can be changed in a second window. */
static void
test_read_only (Fixture *f, gconstpointer data)
{
  Fixture second = { .page = { .files = f->page.files } };

  page_fixture_open (&second.page, ATTUNE_TYPE_DATA_PAGE);
  open_browser (&second);
  g_assert_false (gtk_widget_is_sensitive (
      gtk_widget_get_ancestor (find_label (get_detail (&second), "Leave Out"), GTK_TYPE_BUTTON)));
  g_assert_false (gtk_widget_is_sensitive (
      gtk_widget_get_ancestor (find_label (get_detail (&second), "Edit"), GTK_TYPE_BUTTON)));
  close_browser (&second);
  page_fixture_close (&second.page);
}

static gboolean
shows_damage (Fixture *f)
{
  return find_label (GTK_WIDGET (f->browser), "damaged") != NULL;
}

static gboolean
tells_problem (Fixture *f)
{
  return attune_session_get_changes_problem (f->page.session) != NULL;
}

/* Somebody has written something else into the file: it is told, and stays. */
static void
test_damaged (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->page.files.project, "dataset.changes.json", NULL);
  g_autofree char *after = NULL;

  g_assert_true (g_file_set_contents (path, "{ not JSON", -1, NULL));
  g_assert_true (exclude (f));
  test_loop_until (shows_damage, f);
  g_assert_true (shows_no_change (f));
  g_assert_true (g_file_get_contents (path, &after, NULL, NULL));
  g_assert_cmpstr (after, ==, "{ not JSON");
  test_loop_until (tells_problem, f);
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/record-changes/exclude", test_exclude);
  CASE ("/record-changes/edit", test_edit);
  CASE ("/record-changes/read-only", test_read_only);
  CASE ("/record-changes/damaged", test_damaged);
  return g_test_run ();
}
