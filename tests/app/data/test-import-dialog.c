/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adding a table: what was guessed, what is corrected, and files that are none.
 */
#include "core/offline.h"
#include "page-fixture.h"

#include "data/spreadsheet.h"

#include <libsoup/soup.h>
#include <sqlite3.h>

#include "stages/data/bad-rows-dialog.h"
#include "stages/data/database-dialog.h"
#include "stages/data/import-dialog.h"
#include "stages/data/page.h"

typedef struct
{
  PageFixture page;
  AttuneImportDialog *dialog; /* borrowed; %NULL once it is closed */
  const char *expected;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  test_project_set_up (&f->page.files, NULL);
  g_free (test_attunectl_good (&f->page.files, "new %P --model %M"));
  page_fixture_open (&f->page, ATTUNE_TYPE_DATA_PAGE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  page_fixture_close (&f->page);
  g_assert_null (f->dialog);
  test_project_tear_down (&f->page.files, NULL);
}

static gboolean
has_looked (Fixture *f)
{
  return !g_str_equal (attune_import_dialog_get_state (f->dialog), "loading");
}

static void
open_dialog (Fixture *f, const char *path)
{
  f->dialog = attune_import_dialog_new (f->page.session, path);
  g_object_add_weak_pointer (G_OBJECT (f->dialog), (gpointer *) &f->dialog);
  adw_dialog_present (ADW_DIALOG (f->dialog), f->page.page);
  test_loop_until (has_looked, f);
}

/* Writes @n bytes (-1: a string) as @name beside the project, and opens it. */
static void
open_bytes (Fixture *f, const char *name, const char *bytes, gssize n)
{
  g_autofree char *path = g_build_filename (f->page.files.folder, name, NULL);

  g_assert_true (g_file_set_contents (path, bytes, n, NULL));
  open_dialog (f, path);
}

static gboolean
is_closed (Fixture *f)
{
  return f->dialog == NULL;
}

static void
cancel (Fixture *f)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (f->dialog), "import.cancel", NULL));
  test_loop_until (is_closed, f);
}

/* The button that imports, whose action says whether it can. */
static GtkWidget *
get_button (Fixture *f)
{
  GtkWidget *button = adw_dialog_get_default_widget (ADW_DIALOG (f->dialog));

  g_assert_true (GTK_IS_BUTTON (button));
  return button;
}

static gboolean
says (Fixture *f)
{
  return find_label (GTK_WIDGET (f->dialog), f->expected) != NULL;
}

/* In the dialog stands a sentence with @part. */
static void
assert_said (Fixture *f, const char *part)
{
  f->expected = part;
  test_loop_until (says, f); /* what has just become visible is mapped with the next frame */
}

static gboolean
can_import (Fixture *f)
{
  return gtk_widget_get_sensitive (get_button (f));
}

static gboolean
cannot_import (Fixture *f)
{
  return !can_import (f);
}

static AdwComboRow *
find_row (GtkWidget *root, const char *title)
{
  if (ADW_IS_COMBO_ROW (root)
      && g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title))
    return ADW_COMBO_ROW (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      AdwComboRow *found = find_row (child, title);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
assert_choice (Fixture *f, const char *title, const char *expected)
{
  AdwComboRow *row = find_row (GTK_WIDGET (f->dialog), title);
  GtkStringObject *chosen;

  g_assert_nonnull (row);
  chosen = adw_combo_row_get_selected_item (row);
  g_assert_cmpstr (gtk_string_object_get_string (chosen), ==, expected);
}

static void
choose (Fixture *f, const char *title, const char *choice)
{
  AdwComboRow *row = find_row (GTK_WIDGET (f->dialog), title);
  GListModel *choices = adw_combo_row_get_model (row);

  for (guint i = 0; i < g_list_model_get_n_items (choices); i++)
    if (g_str_equal (gtk_string_list_get_string (GTK_STRING_LIST (choices), i), choice))
      {
        adw_combo_row_set_selected (row, i);
        return;
      }
  g_error ("%s cannot be %s", title, choice);
}

static GListModel *
get_rows (Fixture *f)
{
  return G_LIST_MODEL (gtk_column_view_get_model (
      GTK_COLUMN_VIEW (find_widget (GTK_WIDGET (f->dialog), GTK_TYPE_COLUMN_VIEW))));
}

static gboolean
has_data (Fixture *f)
{
  return attune_session_get_data (f->page.session) != NULL && page_fixture_is_idle (&f->page);
}

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

/* --- databases */

typedef struct
{
  AdwAlertDialog *dialog; /* borrowed */
  char *address;          /* that was chosen, or %NULL */
} Database;

static void
take_address (gpointer data, const char *address)
{
  ((Database *) data)->address = g_strdup (address);
}

static void
forget_dialog (gpointer data)
{
  ((Database *) data)->dialog = NULL;
}

static gboolean
is_answered (gpointer data)
{
  return ((Database *) data)->dialog == NULL;
}

static GtkEditable *
find_entry (GtkWidget *root, const char *title)
{
  if (ADW_IS_ENTRY_ROW (root)
      && g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title))
    return GTK_EDITABLE (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkEditable *found = find_entry (child, title);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* Returns: (transfer full) (nullable): what is asked for with this address and password. */
static char *
ask_database (Fixture *f, const char *address, const char *password)
{
  Database database = { NULL, NULL };
  GtkWidget *child;

  attune_database_dialog_present (f->page.page, take_address, &database, forget_dialog);
  database.dialog = ADW_ALERT_DIALOG (adw_window_get_visible_dialog (ADW_WINDOW (f->page.window)));
  g_assert_nonnull (database.dialog);
  child = adw_alert_dialog_get_extra_child (database.dialog);
  gtk_editable_set_text (find_entry (child, "Address"), address);
  gtk_editable_set_text (find_entry (child, "Password"), password);
  if (adw_alert_dialog_get_response_enabled (database.dialog, "look"))
    g_signal_emit_by_name (database.dialog, "response", "look");
  adw_dialog_force_close (ADW_DIALOG (database.dialog));
  test_loop_until (is_answered, &database);
  return database.address;
}

/* The password goes to the server and nowhere else; what is no address is not asked for. */
static void
test_server (Fixture *f, gconstpointer data)
{
  g_autofree char *whole = ask_database (f, " postgresql://anna@127.0.0.1:1/x ", "hun/ter&2"),
                  *more = ask_database (f, "postgres://h/d?port=1", "p"),
                  *open = ask_database (f, "postgresql://h/d", ""),
                  *odbc = ask_database (f, "odbc:nowhere;UID=anna", "hun;ter}2"),
                  *none = ask_database (f, "www.example.org", "p");

  g_assert_cmpstr (whole, ==, "postgresql://anna@127.0.0.1:1/x?password=hun%2Fter%262");
  g_assert_cmpstr (more, ==, "postgres://h/d?port=1&password=p");
  g_assert_cmpstr (open, ==, "postgresql://h/d");
  g_assert_cmpstr (odbc, ==, "odbc:nowhere;UID=anna;PWD={hun;ter}}2}");
  g_assert_null (none);

  open_dialog (f, odbc); /* no such data source, or no ODBC at all */
  g_assert_cmpstr (attune_import_dialog_get_state (f->dialog), ==, "failed");
  assert_said (f, "nowhere");
  g_assert_null (find_label (GTK_WIDGET (f->dialog), "hun"));
  cancel (f);

  open_dialog (f, whole); /* nobody listens at that port */
  g_assert_cmpstr (attune_import_dialog_get_state (f->dialog), ==, "failed");
  assert_said (f, "anna@127.0.0.1:1/x");
  g_assert_null (find_label (GTK_WIDGET (f->dialog), "hun"));
  cancel (f);
}

/* --- web pages */

static void
answer_page (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
             gpointer data)
{
  static const char page[]
      = "<html><body><h1>Help</h1><p>Turn it off, and on again.</p></body></html>";

  soup_server_message_set_status (message, g_str_equal (path, "/help/") ? 200 : 404, NULL);
  if (g_str_equal (path, "/help/"))
    soup_server_message_set_response (message, "text/html", SOUP_MEMORY_STATIC, page,
                                      sizeof page - 1);
}

static gboolean
has_failed (Fixture *f)
{
  return attune_session_get_error (f->page.session, ATTUNE_STAGE_DATA) != NULL;
}

/* They are fetched into the project's folder, and imported from there. */
static void
test_pages (Fixture *f, gconstpointer data)
{
  g_autoptr (SoupServer) server = soup_server_new (NULL, NULL);
  g_autofree char *address = NULL, *file = g_build_filename (f->page.files.project, "web",
                                                             "127.0.0.1", "0001-help.html", NULL);
  g_autoptr (GError) error = NULL;
  GSList *uris;

  soup_server_add_handler (server, NULL, answer_page, NULL, NULL);
  soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (server);
  address = g_strdup_printf ("http://127.0.0.1:%d/help/", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  attune_set_offline (TRUE);
  attune_session_fetch_pages (f->page.session, address, 10);
  test_loop_until (has_failed, f);
  attune_set_offline (FALSE);
  g_assert_nonnull (
      strstr (attune_session_get_error (f->page.session, ATTUNE_STAGE_DATA), "works offline"));
  attune_session_fetch_pages (f->page.session, address, 10);
  test_loop_until (has_data, f);
  g_assert_cmpuint (attune_session_get_data (f->page.session)->n_records, ==, 1);
  g_assert_true (g_file_test (file, G_FILE_TEST_IS_REGULAR));
  soup_server_disconnect (server);
}

/* Once the page knows that the project may be changed. */
static gboolean
opens_dialog (Fixture *f)
{
  gtk_widget_activate_action (f->page.page, "data.add-pages", NULL);
  return adw_window_get_visible_dialog (ADW_WINDOW (f->page.window)) != NULL;
}

static gboolean
has_no_dialog (Fixture *f)
{
  return adw_window_get_visible_dialog (ADW_WINDOW (f->page.window)) == NULL;
}

/* Nothing is fetched from what is no address of pages. */
static void
test_pages_dialog (Fixture *f, gconstpointer data)
{
  AdwAlertDialog *dialog;
  GtkEditable *entry;

  test_loop_until (opens_dialog, f);
  dialog = ADW_ALERT_DIALOG (adw_window_get_visible_dialog (ADW_WINDOW (f->page.window)));
  entry = find_entry (adw_alert_dialog_get_extra_child (dialog), "Address");
  g_assert_false (adw_alert_dialog_get_response_enabled (dialog, "fetch"));
  gtk_editable_set_text (entry, "ftp://example.org/");
  g_assert_false (adw_alert_dialog_get_response_enabled (dialog, "fetch"));
  gtk_editable_set_text (entry, " https://example.org/help/");
  g_assert_true (adw_alert_dialog_get_response_enabled (dialog, "fetch"));
  adw_dialog_force_close (ADW_DIALOG (dialog));
  test_loop_until (has_no_dialog, f);
  g_assert_true (page_fixture_is_idle (&f->page));
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

/* A spreadsheet says itself how it is to be read: only its header is asked for. */
static void
test_spreadsheet (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->page.files.folder, "terms.xlsx", NULL);

  write_excel (path, HEAD "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>2</v></c>"
                          "<c r=\"B2\"><v>1</v></c></row>");
  open_dialog (f, path);
  assert_said (f, "What is gout?");
  assert_choice (f, "question", "Question");
  g_assert_false (
      gtk_widget_get_visible (GTK_WIDGET (find_row (GTK_WIDGET (f->dialog), "Format"))));
  g_assert_false (
      gtk_widget_get_visible (GTK_WIDGET (find_row (GTK_WIDGET (f->dialog), "Characters"))));
  g_signal_emit_by_name (get_button (f), "clicked");
  test_loop_until (is_closed, f);
  test_loop_until (has_data, f);
  g_assert_cmpuint (attune_session_get_data (f->page.session)->n_records, ==, 1);
}

static gboolean
is_group_shown (Fixture *f)
{
  return gtk_widget_get_visible (gtk_widget_get_ancestor (
      GTK_WIDGET (find_row (GTK_WIDGET (f->dialog), "Table")), ADW_TYPE_PREFERENCES_GROUP));
}

/* Of a database the table is chosen; what it is read as follows. */
static void
test_database (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->page.files.folder, "tickets.sqlite", NULL);
  sqlite3 *database = NULL;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database,
                                 "CREATE TABLE solved (question, answer);"
                                 "INSERT INTO solved VALUES ('Is it on?', 'No');"
                                 "CREATE TABLE texts (text); INSERT INTO texts VALUES ('All of "
                                 "it'), ('And more')",
                                 NULL, NULL, NULL),
                   ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
  open_dialog (f, path);
  assert_said (f, "Is it on?");
  assert_choice (f, "Table", "solved");
  g_assert_true (is_group_shown (f));
  choose (f, "Table", "texts");
  test_loop_until (has_looked, f);
  assert_said (f, "And more");
  assert_choice (f, "text", "Text to Learn Whole");
  g_signal_emit_by_name (get_button (f), "clicked");
  test_loop_until (is_closed, f);
  test_loop_until (has_data, f);
  g_assert_cmpuint (attune_session_get_data (f->page.session)->n_records, ==, 2);
}

/* With one table there is nothing to correct, and no heading over nothing. */
static void
test_one_table (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->page.files.folder, "one.sqlite", NULL);
  sqlite3 *database = NULL;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database,
                                 "CREATE TABLE solved (question, answer);"
                                 "INSERT INTO solved VALUES ('Is it on?', 'No');",
                                 NULL, NULL, NULL),
                   ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
  open_dialog (f, path);
  assert_said (f, "Is it on?");
  g_assert_false (is_group_shown (f));
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

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
  CASE ("/import-dialog/spreadsheet", test_spreadsheet);
  CASE ("/import-dialog/database", test_database);
  CASE ("/import-dialog/server", test_server);
  CASE ("/import-dialog/pages", test_pages);
  CASE ("/import-dialog/pages-dialog", test_pages_dialog);
  CASE ("/import-dialog/one-table", test_one_table);
  return g_test_run ();
}
