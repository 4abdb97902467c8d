/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making projects, opening them, and the sample.
 */
#include "window-private.h"

#include "folders.h"
#include "model-list.h"
#include "program.h"

#include <glib/gi18n.h>

/* The message is a label of our own: a dialog's body cannot break a long path. */
static void
fail (AttuneWindow *self, const char *heading, const char *message)
{
  AdwDialog *dialog = adw_alert_dialog_new (heading, NULL);
  GtkWidget *label = gtk_label_new (message);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  adw_alert_dialog_set_extra_child (ADW_ALERT_DIALOG (dialog), label);
  adw_alert_dialog_add_response (ADW_ALERT_DIALOG (dialog), "close", _ ("_Close"));
  adw_dialog_present (dialog, GTK_WIDGET (self));
}

/* --- opening */

void
attune_window_open (AttuneWindow *self, const char *path)
{
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (GError) error = NULL;

  g_return_if_fail (ATTUNE_IS_WINDOW (self) && path != NULL);

  if ((project = attune_project_open (path, &error)) == NULL)
    fail (self, _ ("Could Not Open the Project"), error->message);
  else
    attune_window_set_project (self, project);
}

static void
folder_chosen (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneWindow) self = data;
  g_autoptr (GFile) folder
      = gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (source), result, NULL);
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  if (folder != NULL && g_file_peek_path (folder) != NULL && application != NULL)
    attune_application_open_project (ATTUNE_APPLICATION (application), g_file_peek_path (folder));
}

static void
open_project (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);
  g_autofree char *path = attune_projects_folder (attune_window_get_settings (self));
  g_autoptr (GFile) folder = g_file_new_for_path (path);
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _ ("Open a Project"));
  if (g_file_query_exists (folder, NULL))
    gtk_file_dialog_set_initial_folder (dialog, folder);
  gtk_file_dialog_select_folder (dialog, GTK_WINDOW (self), NULL, folder_chosen,
                                 g_object_ref (self));
}

static void
open_recent (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (widget));

  attune_application_open_project (ATTUNE_APPLICATION (application),
                                   g_variant_get_string (parameter, NULL));
}

/* --- making */

/* The model that was used last, or the first one that is on this computer. */
static void
choose_usual_model (AttuneWindow *self, AttuneProject *project)
{
  GSettings *settings = attune_window_get_settings (self);
  g_autofree char *last = settings != NULL ? g_settings_get_string (settings, "last-model") : NULL;
  g_autofree char *folder = attune_models_folder (settings);
  g_auto (GStrv) models = attune_list_model_files (folder);

  if (last != NULL && g_file_test (last, G_FILE_TEST_EXISTS))
    attune_project_set_model (project, last);
  else if (models[0] != NULL)
    attune_project_set_model (project, models[0]);
}

/* Makes a project at @path and opens it. Returns: whether it was made. */
static gboolean
make_project (AttuneWindow *self, const char *path)
{
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (GError) error = NULL;

  if ((project = attune_project_create (path, &error)) == NULL)
    {
      fail (self, _ ("Could Not Make the Project"), error->message);
      return FALSE;
    }
  choose_usual_model (self, project);
  if (!attune_project_save (project, &error))
    attune_window_toast (self, error->message);
  attune_window_set_project (self, project);
  return TRUE;
}

/* @name in the folder for projects, with a number where there is one already. */
static char *
free_path (AttuneWindow *self, const char *name)
{
  g_autofree char *folder = attune_projects_folder (attune_window_get_settings (self));
  g_autofree char *clean = g_strdelimit (g_strdup (name), G_DIR_SEPARATOR_S, '-');
  g_autofree char *file = g_strdup_printf ("%s.attune", clean);
  char *path = g_build_filename (folder, file, NULL);

  for (int i = 2; g_file_test (path, G_FILE_TEST_EXISTS); i++)
    {
      g_autofree char *numbered = g_strdup_printf ("%s %d.attune", clean, i);

      g_free (path);
      path = g_build_filename (folder, numbered, NULL);
    }
  return path;
}

static void
name_changed (AdwAlertDialog *dialog, GParamSpec *pspec, GtkEditable *entry)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (entry)));

  adw_alert_dialog_set_response_enabled (dialog, "create", *name != '\0');
}

static void
name_given (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneWindow) self = data;
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (source);
  GtkEditable *entry = g_object_get_data (source, "entry");
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (entry)));
  g_autofree char *path = NULL;

  if (g_strcmp0 (adw_alert_dialog_choose_finish (dialog, result), "create") != 0 || *name == '\0')
    return;
  path = free_path (self, name);
  make_project (self, path);
}

static void
new_project (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (_ ("New Project"), NULL));
  g_autofree char *folder = attune_projects_folder (attune_window_get_settings (self));
  g_autofree char *name = g_filename_display_name (folder);
  g_autoptr (GString) shown = g_string_new (name);
  GtkWidget *group = adw_preferences_group_new (), *entry = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (entry), _ ("Name"));
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (entry), TRUE);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), entry);
  g_string_replace (shown, "/", "/\u200b", 0); /* a dialog's body breaks no path else */
  adw_alert_dialog_format_body (dialog, _ ("A project is a folder. It is made in “%s”."),
                                shown->str);
  adw_alert_dialog_set_extra_child (dialog, group);
  adw_alert_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "create", _ ("C_reate"), NULL);
  adw_alert_dialog_set_response_appearance (dialog, "create", ADW_RESPONSE_SUGGESTED);
  adw_alert_dialog_set_response_enabled (dialog, "create", FALSE);
  adw_alert_dialog_set_default_response (dialog, "create");
  adw_alert_dialog_set_close_response (dialog, "cancel");
  g_object_set_data (G_OBJECT (dialog), "entry", entry);
  g_signal_connect_object (entry, "notify::text", G_CALLBACK (name_changed), dialog,
                           G_CONNECT_SWAPPED);
  adw_alert_dialog_choose (dialog, widget, NULL, name_given, g_object_ref (self));
  gtk_widget_grab_focus (entry);
}

/* --- the sample */

static void
try_sample (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);
  g_autofree char *table = attune_find_data ("samples/medical-terms.csv");
  g_autofree char *path = free_path (self, _ ("Medical Terms"));
  g_autofree char *abbreviations = attune_find_data ("samples/abbreviations-medical.csv");
  g_autoptr (GError) error = NULL;
  AttuneSource *source;

  if (table == NULL || (source = attune_source_probe (table, &error)) == NULL)
    {
      fail (self, _ ("Could Not Open the Sample"),
            error != NULL ? error->message : _ ("Its table was not installed."));
      return;
    }
  if (!make_project (self, path))
    {
      attune_source_free (source);
      return;
    }
  if (abbreviations != NULL)
    g_object_set (attune_project_get_data_settings (attune_session_get_project (self->session)),
                  "abbreviations", abbreviations, NULL);
  attune_session_import_first (self->session, source);
}

/* --- dropped files */

static gboolean
take_file (AttuneWindow *self, GFile *file)
{
  const char *path = g_file_peek_path (file);
  g_autofree char *project = path != NULL ? g_build_filename (path, "project.json", NULL) : NULL;

  if (path == NULL)
    return FALSE;
  if (g_file_test (project, G_FILE_TEST_EXISTS))
    {
      attune_application_open_project (
          ATTUNE_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))), path);
      return TRUE;
    }
  if (self->view != NULL)
    {
      attune_project_view_import (self->view, path);
      return TRUE;
    }
  attune_window_toast (self, _ ("Open or make a project first, then drop the table on it"));
  return FALSE;
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, gpointer data)
{
  g_autoptr (GSList) files = NULL;

  if (!G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    return FALSE;
  files = gdk_file_list_get_files (g_value_get_boxed (value));
  return files != NULL && take_file (data, files->data);
}

void
attune_window_accept_files (AttuneWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect (target, "drop", G_CALLBACK (on_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

void
attune_window_install_project_actions (GtkWidgetClass *klass)
{
  gtk_widget_class_install_action (klass, "win.new-project", NULL, new_project);
  gtk_widget_class_install_action (klass, "win.open-project", NULL, open_project);
  gtk_widget_class_install_action (klass, "win.open-recent", "s", open_recent);
  gtk_widget_class_install_action (klass, "win.try-sample", NULL, try_sample);
}
