/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The preferences do what they say: the token of the hub against a small keyring on the bus, and
 * the rest against what a project's session makes of it.
 */
#include "preferences-dialog.h"

#include "mock-keyring.h"
#include "model/hub.h"
#include "stages/model/token.h"
#include "stages/plan/page.h"
#include "window.h"

static MockKeyring keyring; /* one for all: libsecret does not let go of it */

static void
set_up (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&keyring.secret, g_free);
  preferences_set_up (f, data);
}

/* --- the token */

static gboolean
says_none (Fixture *f)
{
  return find_label (f->window, "None; most models need none") != NULL;
}

static gboolean
says_kept (Fixture *f)
{
  return find_label (f->window, "In the keyring of this computer") != NULL;
}

static gboolean
says_held (Fixture *f)
{
  return find_label (f->window, "The token is used until Attune is closed.") != NULL;
}

static gboolean
says_no_keyring (Fixture *f)
{
  return find_label (f->window, "no keyring that could keep it. A token is kept until") != NULL;
}

static void
enter_token (Fixture *f, const char *token)
{
  GtkWidget *row = find_row (f, "New Access Token");

  gtk_editable_set_text (GTK_EDITABLE (row), token);
  g_signal_emit_by_name (row, "apply");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (row)), ==, "");
}

static void
remove_token (Fixture *f)
{
  GtkWidget *button = find_label (find_row (f, "Access Token"), "Remove");

  g_assert_nonnull (button);
  g_signal_emit_by_name (gtk_widget_get_ancestor (button, GTK_TYPE_BUTTON), "clicked");
}

static void
looked_up (GObject *source, GAsyncResult *result, gpointer data)
{
  *(char **) data = attune_token_lookup_finish (result, NULL);
  if (*(char **) data == NULL)
    *(char **) data = g_strdup ("none");
}

static gboolean
is_there (char **token)
{
  return *token != NULL;
}

/* What the hub's dialog and the downloads will get. */
static void
assert_token (const char *expected)
{
  g_autofree char *token = NULL, *hub = attune_hub_get_address ();

  attune_token_lookup_async (hub, NULL, looked_up, &token);
  test_loop_until (is_there, &token);
  g_assert_cmpstr (token, ==, expected);
}

static void
test_token (Fixture *f, gconstpointer data)
{
  open_dialog (f);
  test_loop_until (says_none, f);
  g_assert_null (find_label (find_row (f, "Access Token"), "Remove"));
  enter_token (f, "  hf_secret \n");
  test_loop_until (says_kept, f);
  g_assert_cmpstr (keyring.secret, ==, "hf_secret");
  g_assert_cmpstr (keyring.label, ==, "Access token of Attune");
  assert_token ("hf_secret");
  /* another one takes its place, and the next window knows of it */
  enter_token (f, "hf_other");
  test_loop_until (says_kept, f);
  assert_token ("hf_other");
  close_dialog (f);
  open_dialog (f);
  test_loop_until (says_kept, f);
  g_assert_null (find_label (f->window, "hf_other"));
  remove_token (f);
  test_loop_until (says_none, f);
  g_assert_null (keyring.secret);
  assert_token ("none");
}

/* Whether the bus would start one: not in a test's root, but on a person's machine. */
static gboolean
has_keyring (void)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr (GVariant) answer = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "ListActivatableNames", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_autofree const char **names = NULL;

  g_variant_get (answer, "(^a&s)", &names);
  return g_strv_contains (names, MOCK_KEYRING_NAME);
}

static void
test_no_keyring (Fixture *f, gconstpointer data)
{
  if (has_keyring ())
    {
      g_test_skip ("The session bus would start the keyring of this machine");
      return;
    }
  open_dialog (f);
  test_loop_until (says_no_keyring, f);
  enter_token (f, "hf_secret");
  test_loop_until (says_held, f);
  assert_token ("hf_secret");
  /* it is the one of this hub, not of another */
  g_settings_set_string (f->settings, "hub-mirror", "https://hub.example.org");
  test_loop_until (says_no_keyring, f);
  assert_token ("none");
  g_settings_reset (f->settings, "hub-mirror");
  test_loop_until (says_held, f);
  remove_token (f);
  test_loop_until (says_no_keyring, f);
  assert_token ("none");
}

static gboolean
has_secret (gpointer data)
{
  gboolean has;

  g_mutex_lock (&keyring.mutex);
  has = keyring.secret != NULL;
  g_mutex_unlock (&keyring.mutex);
  return has;
}

/* It can be closed while the keyring thinks. */
static void
test_closed_early (Fixture *f, gconstpointer data)
{
  open_dialog (f);
  enter_token (f, "hf_secret");
  close_dialog (f);
  test_loop_until (has_secret, NULL);
  assert_token ("hf_secret");
}

/* --- this computer, folders, language */

static gboolean
has_problem (PageFixture *f)
{
  return attune_session_get_plan_problem (f->session) != NULL;
}

static gboolean
has_estimate (PageFixture *f)
{
  return attune_session_get_estimate (f->session) != NULL && !has_problem (f);
}

/* Cores and memory, in a project that is open meanwhile. */
static void
test_computer (Fixture *f, gconstpointer data)
{
  PageFixture page = { 0 };
  g_autofree char *text = NULL, *run = NULL;
  GtkWidget *threads, *memory;

  test_project_set_up (&page.files, NULL);
  g_free (test_attunectl_good (&page.files, "new %P --model %M"));
  g_free (test_attunectl_good (&page.files, "import %P %T"));
  g_free (test_attunectl_good (&page.files, "prepare %P"));
  page_fixture_open (&page, ATTUNE_TYPE_PLAN_PAGE);
  test_loop_until (has_estimate, &page);
  open_dialog (f);
  threads = find_row (f, "Processor Cores");
  memory = find_row (f, "Memory Limit");
  adw_spin_row_set_value (ADW_SPIN_ROW (memory), 0.5);
  g_assert_cmpuint (attune_session_get_available_memory (page.session), ==, 500000000);
  g_settings_set_double (f->settings, "memory-limit", 0.001);
  test_loop_until (has_problem, &page);
  g_assert_nonnull (
      strstr (attune_session_get_plan_problem (page.session), "1.0\u00a0MB are free"));
  g_assert_nonnull (attune_session_get_missing (page.session, ATTUNE_STAGE_TUNE));
  adw_spin_row_set_value (ADW_SPIN_ROW (memory), 0);
  test_loop_until (has_estimate, &page);
  adw_spin_row_set_value (ADW_SPIN_ROW (threads), 1);
  attune_session_start_run (page.session);
  run = g_build_filename (attune_session_get_run (page.session), "plan.json", NULL);
  g_assert_true (g_file_get_contents (run, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"threads\" : 1"));
  test_loop_until (page_fixture_is_idle, &page);
  g_settings_reset (f->settings, "threads");
  page_fixture_close (&page);
  test_project_tear_down (&page.files, NULL);
}

static gboolean
shows_processor (Fixture *f)
{
  return find_label (f->window, "Looking…") == NULL;
}

/* The real program looks. */
static void
test_devices (Fixture *f, gconstpointer data)
{
  open_dialog (f);
  test_loop_until (shows_processor, f);
  g_assert_nonnull (find_label (f->window, " core"));
  close_dialog (f);
  open_dialog (f); /* it can be closed while that is under way */
}

static void
test_folders (Fixture *f, gconstpointer data)
{
  g_autofree char *models = NULL, *projects = NULL;

  g_settings_set_string (f->settings, "models-folder", "/some/models");
  g_settings_set_string (f->settings, "projects-folder", "/some/projects");
  models = attune_models_folder (f->settings);
  projects = attune_projects_folder (f->settings);
  g_assert_cmpstr (models, ==, "/some/models");
  g_assert_cmpstr (projects, ==, "/some/projects");
  open_dialog (f);
  g_assert_nonnull (find_label (find_row (f, "Models"), "/some/models"));
  g_assert_nonnull (find_label (find_row (f, "Projects"), "/some/projects"));
  g_settings_reset (f->settings, "models-folder");
  g_settings_reset (f->settings, "projects-folder");
}

static void
test_language (Fixture *f, gconstpointer data)
{
  g_autofree char *language = NULL;

  open_dialog (f);
  adw_combo_row_set_selected (ADW_COMBO_ROW (find_row (f, "Language of Attune")), 2);
  language = g_settings_get_string (f->settings, "language");
  g_assert_cmpstr (language, ==, "de");
  g_settings_reset (f->settings, "language");
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, preferences_tear_down)

static void
start_keyring (void)
{
  mock_service_new (MOCK_KEYRING_NAME, mock_keyring_call, &keyring); /* ends with the process */
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/preferences/no-keyring", test_no_keyring);
  g_test_add_func ("/preferences/keyring-comes", start_keyring);
  CASE ("/preferences/token", test_token);
  CASE ("/preferences/closed-early", test_closed_early);
  CASE ("/preferences/computer", test_computer);
  CASE ("/preferences/devices", test_devices);
  CASE ("/preferences/folders", test_folders);
  CASE ("/preferences/language", test_language);
  return g_test_run ();
}
