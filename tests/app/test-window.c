/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The window: opening, closing and showing projects, what cannot be opened, what it remembers, and
 * that nothing of it stays behind.
 */
#include "window.h"

#include "folders.h"
#include "job/program.h"
#include "page-fixture.h"
#include "preferences.h"
#include "recent.h"

typedef struct
{
  TestProject files;
  AttuneApplication *application;
  AttuneWindow *window;
} Fixture;

static AttuneApplication *shared; /* GTK has one a process */

static void
set_up (Fixture *f, gconstpointer data)
{
  test_project_set_up (&f->files, NULL);
  g_free (test_attunectl_good (&f->files, "new %P --model %M"));
  f->application = shared;
  f->window = attune_window_new (shared);
  gtk_window_present (GTK_WINDOW (f->window));
}

static gboolean
is_gone (gpointer *object)
{
  return *object == NULL;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  AttuneWindow *window = f->window;
  AttuneSession *session = attune_window_get_session (window);

  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &window);
  if (session != NULL)
    g_object_add_weak_pointer (G_OBJECT (session), (gpointer *) &session);
  gtk_window_destroy (GTK_WINDOW (window));
  test_loop_until (is_gone, &window);
  test_loop_until (is_gone, &session);
  test_project_tear_down (&f->files, NULL);
}

static gboolean
has_dialog (Fixture *f)
{
  return adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (f->window)) != NULL;
}

static gboolean
has_no_dialog (Fixture *f)
{
  return !has_dialog (f);
}

static void
close_dialog (Fixture *f)
{
  adw_dialog_force_close (
      adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (f->window)));
  test_loop_until (has_no_dialog, f);
}

static void
test_open (Fixture *f, gconstpointer data)
{
  g_assert_null (attune_window_get_path (f->window));
  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (f->window)), ==, "Attune");
  attune_window_open (f->window, f->files.project);
  g_assert_cmpstr (attune_window_get_path (f->window), ==, f->files.project);
  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (f->window)), ==, "P");
  for (int i = 0; i < ATTUNE_N_STAGES; i++)
    {
      int width;

      gtk_widget_activate_action (GTK_WIDGET (f->window), "win.show-stage", "i", i);
      gtk_widget_measure (GTK_WIDGET (f->window), GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL,
                          NULL, NULL);
      g_assert_cmpint (width, <=, 360);
    }
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.close-project", NULL);
  g_assert_null (attune_window_get_path (f->window));
  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (f->window)), ==, "Attune");
}

/* @path cannot be opened: a sentence says why, and what was open stays open. */
static void
assert_refused (Fixture *f, const char *path, const char *word)
{
  AdwDialog *dialog;
  GtkWidget *label;

  attune_window_open (f->window, f->files.project);
  attune_window_open (f->window, path);
  test_loop_until (has_dialog, f);
  dialog = adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (f->window));
  g_assert_true (ADW_IS_ALERT_DIALOG (dialog));
  label = adw_alert_dialog_get_extra_child (ADW_ALERT_DIALOG (dialog));
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (label)), word));
  close_dialog (f);
  g_assert_cmpstr (attune_window_get_path (f->window), ==, f->files.project);
}

static void
test_not_a_project (Fixture *f, gconstpointer data)
{
  assert_refused (f, f->files.folder, "not an Attune project");
}

static void
test_newer_project (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->files.folder, "Newer.attune", NULL);
  g_autofree char *file = g_build_filename (path, "project.json", NULL);

  g_assert_cmpint (g_mkdir (path, 0777), ==, 0);
  g_assert_true (g_file_set_contents (
      file, "{\"format\": \"attune-project\", \"version\": 999, \"engine\": \"9.0\"}", -1, NULL));
  assert_refused (f, path, "newer version");
}

static void
test_half_written_project (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->files.folder, "Half.attune", NULL);
  g_autofree char *file = g_build_filename (path, "project.json", NULL);

  g_assert_cmpint (g_mkdir (path, 0777), ==, 0);
  g_assert_true (g_file_set_contents (file, "{\"format\": \"attune-pro", -1, NULL));
  assert_refused (f, path, "Half.attune");
}

/* A project is shown by the window that has it. */
static void
test_one_window_a_project (Fixture *f, gconstpointer data)
{
  const guint n = g_list_length (gtk_application_get_windows (GTK_APPLICATION (f->application)));

  attune_application_open_project (f->application, f->files.project);
  g_assert_cmpstr (attune_window_get_path (f->window), ==, f->files.project);
  attune_application_open_project (f->application, f->files.project);
  g_assert_cmpuint (g_list_length (gtk_application_get_windows (GTK_APPLICATION (f->application))),
                    ==, n);
}

static void
test_recent (Fixture *f, gconstpointer data)
{
  GSettings *settings = attune_application_get_settings (f->application);
  g_auto (GStrv) before = NULL, after = NULL;

  g_assert_nonnull (settings);
  attune_recent_add (settings, "/nowhere/Gone.attune");
  attune_window_open (f->window, f->files.project);
  before = attune_recent_list (settings);
  g_assert_cmpstr (before[0], ==, f->files.project);
  for (int i = 0; before[i] != NULL; i++)
    g_assert_cmpstr (before[i], !=, "/nowhere/Gone.attune");
  attune_recent_remove (settings, f->files.project);
  after = attune_recent_list (settings);
  g_assert_false (g_strv_contains ((const char *const *) after, f->files.project));
}

static gboolean
has_sample (Fixture *f)
{
  AttuneSession *session = attune_window_get_session (f->window);

  return session != NULL && attune_session_get_data (session) != NULL
         && attune_session_get_data (session)->prepared;
}

/* One click from the welcome page to prepared data. */
static void
test_sample (Fixture *f, gconstpointer data)
{
  GSettings *settings = attune_application_get_settings (f->application);

  g_settings_set_string (settings, "projects-folder", f->files.folder);
  g_settings_set_string (settings, "last-model", f->files.model);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.try-sample", NULL);
  g_assert_true (g_str_has_prefix (attune_window_get_path (f->window), f->files.folder));
  test_loop_until (has_sample, f);
  g_assert_cmpuint (attune_session_get_data (attune_window_get_session (f->window))->n_records, >,
                    1500);
  g_settings_reset (settings, "projects-folder");
  g_settings_reset (settings, "last-model");
}

static void
test_dialogs (Fixture *f, gconstpointer data)
{
  static const char *const actions[] = { "about", "preferences" };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_action_group_activate_action (G_ACTION_GROUP (f->application), actions[i], NULL);
      test_loop_until (has_dialog, f);
      close_dialog (f);
    }
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.new-project", NULL);
  test_loop_until (has_dialog, f);
  close_dialog (f);
}

static void
test_preferences (Fixture *f, gconstpointer data)
{
  GSettings *settings = attune_application_get_settings (f->application);
  AdwDialog *dialog = g_object_ref_sink (attune_preferences_new (settings));
  g_autofree char *folder = NULL;

  g_settings_set_string (settings, "models-folder", "/some/models");
  folder = attune_models_folder (settings);
  g_assert_cmpstr (folder, ==, "/some/models");
  g_settings_reset (settings, "models-folder");

  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  g_object_unref (dialog);
  g_assert_null (dialog);
  /* without a schema there is nothing to keep, and nothing breaks */
  dialog = g_object_ref_sink (attune_preferences_new (NULL));
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  g_object_unref (dialog);
  g_assert_null (dialog);
}

static gboolean
is_told_of_no_viewer (Fixture *f)
{
  return find_label (GTK_WIDGET (f->window), "No program that shows help is installed") != NULL;
}

/* What a program that shows help was asked for, which is a script here. */
static gboolean
is_asked_for (const char *uri)
{
  g_autofree char *path = g_build_filename (g_get_user_data_dir (), "asked", NULL), *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && g_str_equal (g_strstrip (text), uri);
}

static void
install_viewer (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "applications", NULL);
  g_autofree char *desktop = g_build_filename (folder, "viewer.desktop", NULL);
  g_autofree char *list = g_build_filename (folder, "mimeapps.list", NULL);
  g_autofree char *text = g_strdup_printf (
      "[Desktop Entry]\nType=Application\nName=Viewer\n"
      "MimeType=x-scheme-handler/help;\nExec=sh -c 'echo \"$0\" >%s/asked' %%u\n",
      g_get_user_data_dir ());

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (desktop, text, -1, NULL));
  g_assert_true (g_file_set_contents (
      list, "[Default Applications]\nx-scheme-handler/help=viewer.desktop\n", -1, NULL));
}

/* GLib learns of new programs from the system, a little later. */
static gboolean
is_viewer_known (gpointer data)
{
  g_autoptr (GAppInfo) viewer = g_app_info_get_default_for_uri_scheme ("help");

  return viewer != NULL;
}

/* F1: where nothing shows help that is said, else the page of the stage is opened. */
static void
test_help (Fixture *f, gconstpointer data)
{
  g_autoptr (GAppInfo) viewer = g_app_info_get_default_for_uri_scheme ("help");

  if (viewer == NULL)
    {
      gtk_widget_activate_action (GTK_WIDGET (f->window), "win.help", NULL);
      test_loop_until (is_told_of_no_viewer, f);
    }
  install_viewer ();
  test_loop_until (is_viewer_known, NULL);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.help", NULL);
  test_loop_until (is_asked_for, "help:attune");
  attune_window_open (f->window, f->files.project);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.show-stage", "i", ATTUNE_STAGE_EVALUATE);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.help", NULL);
  test_loop_until (is_asked_for, "help:attune/evaluate");
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *programs = g_build_filename (g_get_user_data_dir (), "applications", NULL);
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  /* Before GLib begins to watch it: a folder that comes later is noticed late. */
  g_assert_cmpint (g_mkdir_with_parents (programs, 0700), ==, 0);
  shared = attune_application_new ();
  g_application_set_flags (G_APPLICATION (shared),
                           G_APPLICATION_NON_UNIQUE | G_APPLICATION_HANDLES_OPEN);
  g_application_register (G_APPLICATION (shared), NULL, &error);
  g_assert_no_error (error);
  g_application_hold (G_APPLICATION (shared));
  CASE ("/window/open", test_open);
  CASE ("/window/not-a-project", test_not_a_project);
  CASE ("/window/newer-project", test_newer_project);
  CASE ("/window/half-written-project", test_half_written_project);
  CASE ("/window/one-window-a-project", test_one_window_a_project);
  CASE ("/window/recent", test_recent);
  CASE ("/window/sample", test_sample);
  CASE ("/window/dialogs", test_dialogs);
  CASE ("/window/preferences", test_preferences);
  CASE ("/window/help", test_help);
  status = g_test_run ();
  g_application_release (G_APPLICATION (shared));
  g_object_unref (shared);
  return status;
}
