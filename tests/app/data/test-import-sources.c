/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adding what is no table of text: spreadsheets, databases, a server's, web pages, and the hub.
 */
#include "core/offline.h"
#include "import-fixture.h"

#include "data/spreadsheet.h"
#include "model/data-hub.h"

#include <libsoup/soup.h>
#include <sqlite3.h>

#include "stages/data/database-dialog.h"

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

/* --- the hub */

static AdwDialog *
get_dialog (Fixture *f)
{
  return adw_window_get_visible_dialog (ADW_WINDOW (f->page.window));
}

static gboolean
asks_for_name (Fixture *f)
{
  gtk_widget_activate_action (f->page.page, "data.add-hub", NULL);
  return get_dialog (f) != NULL;
}

static gboolean
asks_whether (Fixture *f)
{
  AdwDialog *dialog = get_dialog (f);

  return ADW_IS_ALERT_DIALOG (dialog)
         && g_str_equal (adw_alert_dialog_get_heading (ADW_ALERT_DIALOG (dialog)), f->expected)
         && find_label (GTK_WIDGET (dialog), "To Fetch") != NULL;
}

static gboolean
shows_import (Fixture *f)
{
  return ATTUNE_IS_IMPORT_DIALOG (get_dialog (f));
}

static void
name_data_set (Fixture *f, const char *name)
{
  AdwAlertDialog *dialog;

  test_loop_until (asks_for_name, f);
  dialog = ADW_ALERT_DIALOG (get_dialog (f));
  g_assert_false (adw_alert_dialog_get_response_enabled (dialog, "look"));
  gtk_editable_set_text (find_entry (adw_alert_dialog_get_extra_child (dialog), "Name"), name);
  g_assert_true (adw_alert_dialog_get_response_enabled (dialog, "look"));
  g_signal_emit_by_name (dialog, "response", "look");
  adw_dialog_force_close (ADW_DIALOG (dialog));
}

/* What it is and under which licence is shown, and only then it is fetched, to be imported as a
 * folder is. */
static void
test_hub (Fixture *f, gconstpointer data)
{
  Hub hub = { 0 };
  AdwAlertDialog *dialog;
  g_autofree char *sets = g_build_filename (f->page.files.project, "datasets", NULL), *names = NULL;

  hub_set_up (&hub, NULL);
  name_data_set (f, " a/several/french ");
  test_loop_until (has_failed, f);
  g_assert_nonnull (strstr (attune_session_get_error (f->page.session, ATTUNE_STAGE_DATA),
                            "english, german, folder"));
  attune_session_clear_error (f->page.session, ATTUNE_STAGE_DATA);

  f->expected = "a/gated";
  name_data_set (f, "a/gated");
  test_loop_until (asks_whether, f);
  dialog = ADW_ALERT_DIALOG (get_dialog (f));
  g_assert_nonnull (find_label (GTK_WIDGET (dialog), "must be accepted on its page"));
  g_assert_false (adw_alert_dialog_get_response_enabled (dialog, "fetch"));
  adw_dialog_force_close (ADW_DIALOG (dialog));
  test_loop_until (has_no_dialog, f);

  f->expected = "a/chats";
  name_data_set (f, "a/chats");
  test_loop_until (asks_whether, f);
  dialog = ADW_ALERT_DIALOG (get_dialog (f));
  g_assert_nonnull (find_label (GTK_WIDGET (dialog), "mit"));
  g_assert_nonnull (find_label (GTK_WIDGET (dialog), "3 files, "));
  g_assert_false (g_file_test (sets, G_FILE_TEST_EXISTS));
  g_assert_true (adw_alert_dialog_get_response_enabled (dialog, "fetch"));
  g_signal_emit_by_name (dialog, "response", "fetch");
  adw_dialog_force_close (ADW_DIALOG (dialog));
  test_loop_until (shows_import, f);
  names = list_folder (sets);
  g_assert_cmpstr (names, ==, "a-chats-0123abcd");
  adw_dialog_force_close (get_dialog (f));
  test_loop_until (has_no_dialog, f);
  hub_tear_down (&hub, NULL);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/import-sources/spreadsheet", test_spreadsheet);
  CASE ("/import-sources/database", test_database);
  CASE ("/import-sources/server", test_server);
  CASE ("/import-sources/pages", test_pages);
  CASE ("/import-sources/pages-dialog", test_pages_dialog);
  CASE ("/import-sources/hub", test_hub);
  CASE ("/import-sources/one-table", test_one_table);
  return g_test_run ();
}
