/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See messages-save.h.
 */
#include "stages/data/messages-save.h"

#include "data/messages.h"

#include <glib/gi18n.h>

typedef struct
{
  char *data_path, *system, *folder;
} Saving;

static void
saving_free (gpointer data)
{
  Saving *saving = data;

  g_free (saving->data_path);
  g_free (saving->system);
  g_free (saving->folder);
  g_free (saving);
}

static void
run (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  const Saving *saving = data;
  GError *error = NULL;
  guint64 counts[3];

  if (attune_dataset_save_messages (saving->data_path, saving->system, saving->folder, counts,
                                    cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
saved (GObject *session, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  const Saving *saving = g_task_get_task_data (G_TASK (result));
  g_autofree char *shown = g_filename_display_basename (saving->folder), *text = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    text = g_strdup_printf (_ ("The messages are in “%s”"), shown);
  attune_session_say (ATTUNE_SESSION (session), text != NULL ? text : error->message);
}

void
attune_messages_save_to (AttuneSession *session, GFile *folder)
{
  g_autoptr (GTask) task = g_task_new (session, NULL, saved, NULL);
  AttuneProject *project = attune_session_get_project (session);
  const AttuneDataValues *values
      = attune_data_settings_get_values (attune_project_get_data_settings (project));
  Saving *saving = g_new (Saving, 1);

  *saving = (Saving) {
    attune_project_get_file (project, "dataset.h5"),
    g_strdup (values->system_prompt),
    g_file_get_path (folder),
  };
  g_task_set_task_data (task, saving, saving_free);
  g_task_run_in_thread (task, run);
}

static void
folder_chosen (GObject *dialog, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneSession) session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) folder
      = gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (dialog), result, &error);

  if (folder != NULL)
    attune_messages_save_to (session, folder);
  else if (!g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    attune_session_say (session, error->message);
}

void
attune_messages_save (GtkWidget *widget, AttuneSession *session)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _ ("Save Messages in a Folder"));
  gtk_file_dialog_select_folder (dialog, GTK_WINDOW (gtk_widget_get_root (widget)), NULL,
                                 folder_chosen, g_object_ref (session));
}
