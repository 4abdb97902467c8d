/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adding a table: what was guessed, what is corrected, and files that are none.
 */
#include "import-fixture.h"

#include "stages/data/bad-rows-dialog.h"

static void
test_good (Fixture *f, gconstpointer data)
{
  GtkColumnView *view;

  open_dialog (f, f->page.files.table);
  g_assert_cmpstr (attune_import_dialog_get_state (f->dialog), ==, "table");
  assert_choice (f, "term", "Question");
  assert_choice (f, "meaning", "Answer");
  assert_choice (f, "Format", "Table (CSV)");
  assert_choice (f, "Characters", "Unicode (UTF-8)");
  assert_choice (f, "Columns Are Parted By", "Comma");
  view = GTK_COLUMN_VIEW (find_widget (GTK_WIDGET (f->dialog), GTK_TYPE_COLUMN_VIEW));
  g_assert_cmpuint (g_list_model_get_n_items (gtk_column_view_get_columns (view)), ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (get_rows (f)), ==, 20);
  g_assert_true (can_import (f));
  g_signal_emit_by_name (get_button (f), "clicked");
  test_loop_until (is_closed, f);
  test_loop_until (has_data, f);
  g_assert_cmpuint (attune_session_get_data (f->page.session)->n_records, ==, 60);
}

/* One column for each role; what is missing is said, and then it cannot be imported. */
static void
test_roles (Fixture *f, gconstpointer data)
{
  open_bytes (f, "three.csv", "note,term,meaning\nx,a,what it is\ny,c,and this\n", -1);
  assert_choice (f, "note", "Not Used");
  choose (f, "note", "Question");
  assert_choice (f, "term", "Not Used");
  g_assert_true (can_import (f));
  choose (f, "meaning", "Label");
  assert_said (f, "which column holds the answer");
  g_assert_false (can_import (f));
  choose (f, "term", "Answer");
  g_assert_true (can_import (f));
  choose (f, "note", "Not Used");
  assert_said (f, "which column holds the question");
  cancel (f);
}

static void
test_one_column (Fixture *f, gconstpointer data)
{
  open_bytes (f, "one.csv", "question\na\nb\n", -1);
  assert_said (f, "one column only");
  g_assert_false (can_import (f));
  cancel (f);
}

static gboolean
has_other_columns (Fixture *f)
{
  return find_row (GTK_WIDGET (f->dialog), "one,two") != NULL && can_import (f);
}

static gboolean
has_no_table (Fixture *f)
{
  return g_list_model_get_n_items (get_rows (f)) == 0;
}

static gboolean
has_table (Fixture *f)
{
  return g_list_model_get_n_items (get_rows (f)) > 0 && can_import (f);
}

/* A guess is corrected; a correction that makes it worse can be taken back. */
static void
test_corrections (Fixture *f, gconstpointer data)
{
  open_bytes (f, "both.csv", "one,two;three\na,b;c\ne,f;g\n", -1);
  choose (f, "Columns Are Parted By", "Semicolon");
  g_assert_false (can_import (f)); /* it is looked at again */
  test_loop_until (has_other_columns, f);
  choose (f, "Format", "JSON Lines");
  test_loop_until (has_no_table, f);
  g_assert_false (can_import (f));
  assert_said (f, "both.csv");
  choose (f, "Format", "Table (CSV)");
  test_loop_until (has_table, f);
  cancel (f);
}

static void
test_no_table (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *name, *bytes;
    gssize n;
    const char *said;
  } cases[] = {
    { "empty.csv", "", 0, "is empty" },
    { "office.csv", "PK\003\004 and more", -1, "a ZIP or Office file of another kind" },
    { "model.csv", "GGUF\3\0\0\0", 8, "a model" },
    { "blank.csv", "\n\n\n", -1, "no row" },
    { "broken.json", "[{\"question\": ", -1, "broken.json" },
    { "<b>.csv", "", 0, "is empty" },
  };
  g_autofree char *nowhere = g_build_filename (f->page.files.folder, "nowhere.csv", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].name);
      open_bytes (f, cases[i].name, cases[i].bytes, cases[i].n);
      g_assert_cmpstr (attune_import_dialog_get_state (f->dialog), ==, "failed");
      assert_said (f, cases[i].said);
      g_assert_true (cannot_import (f));
      cancel (f);
    }
  open_dialog (f, nowhere);
  g_assert_cmpstr (attune_import_dialog_get_state (f->dialog), ==, "failed");
  assert_said (f, "nowhere.csv");
  cancel (f);
}

/* Closed while the file is still being looked at. */
static void
test_closed_early (Fixture *f, gconstpointer data)
{
  f->dialog = attune_import_dialog_new (f->page.session, f->page.files.table);
  g_object_add_weak_pointer (G_OBJECT (f->dialog), (gpointer *) &f->dialog);
  adw_dialog_present (ADW_DIALOG (f->dialog), f->page.page);
  adw_dialog_force_close (ADW_DIALOG (f->dialog));
  test_loop_until (is_closed, f);
}

static guint
count_rows (GtkListBox *list)
{
  guint n = 0;

  while (gtk_list_box_get_row_at_index (list, n) != NULL)
    n++;
  return n;
}

static gboolean
has_rows (AttuneBadRowsDialog *dialog)
{
  return count_rows (attune_bad_rows_dialog_get_list (dialog)) > 0;
}

/* Rows with wrong quotes are kept aside, and shown with line and reason. */
static void
test_bad_rows (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->page.files.project, "dataset.h5", NULL);
  g_autoptr (AttuneBadRowsDialog) dialog = NULL;
  AdwActionRow *row;

  open_bytes (f, "quotes.csv", "question,answer\na,b\n\"un<b>closed,c\nd,e\nf,g,h\ni,\"j\"k\nl,m\n",
              -1);
  g_signal_emit_by_name (get_button (f), "clicked");
  test_loop_until (is_closed, f);
  test_loop_until (has_data, f);
  g_assert_cmpuint (attune_session_get_data (f->page.session)->n_bad, >=, 2);
  g_assert_cmpuint (attune_session_get_data (f->page.session)->n_records, >=, 3);
  dialog = g_object_ref_sink (attune_bad_rows_dialog_new (path, 0, "quotes.csv"));
  test_loop_until (has_rows, dialog);
  g_assert_cmpuint (count_rows (attune_bad_rows_dialog_get_list (dialog)), ==,
                    attune_session_get_data (f->page.session)->n_bad);
  row = ADW_ACTION_ROW (
      gtk_list_box_get_row_at_index (attune_bad_rows_dialog_get_list (dialog), 0));
  g_assert_true (
      g_str_has_prefix (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), "Line 3: "));
  g_assert_true (g_str_has_prefix (adw_action_row_get_subtitle (row), "\"un<b>closed"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/import-dialog/good", test_good);
  CASE ("/import-dialog/roles", test_roles);
  CASE ("/import-dialog/one-column", test_one_column);
  CASE ("/import-dialog/corrections", test_corrections);
  CASE ("/import-dialog/no-table", test_no_table);
  CASE ("/import-dialog/closed-early", test_closed_early);
  CASE ("/import-dialog/bad-rows", test_bad_rows);
  return g_test_run ();
}
