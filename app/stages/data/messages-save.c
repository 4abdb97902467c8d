/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See messages-save.h.
 */
#include "stages/data/messages-save.h"

#include "data/messages.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef struct
{
  char *data_path;
  GFile *folder;
  gboolean replace;
  GtkWidget *window; /* (nullable): where to ask whether files are replaced */
} Saving;

static void
saving_free (gpointer data)
{
  Saving *saving = data;

  g_free (saving->data_path);
  g_object_unref (saving->folder);
  g_clear_object (&saving->window);
  g_free (saving);
}

static void
run (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  const Saving *saving = data;
  g_autofree char *folder = g_file_get_path (saving->folder);
  GError *error = NULL;
  guint64 counts[3];

  if (folder == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s",
                             _ ("The folder is not on this computer. Choose one that is."));
  else if (attune_dataset_save_messages (saving->data_path, folder, saving->replace, counts,
                                         cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void save_to (AttuneSession *session, GFile *folder, GtkWidget *window, gboolean replace);

typedef struct
{
  AttuneSession *session;
  GFile *folder;
} Question;

static void
answered (GObject *dialog, GAsyncResult *result, gpointer data)
{
  Question *question = data;

  if (g_str_equal (adw_alert_dialog_choose_finish (ADW_ALERT_DIALOG (dialog), result), "replace"))
    save_to (question->session, question->folder, NULL, TRUE);
  g_object_unref (question->session);
  g_object_unref (question->folder);
  g_free (question);
}

/* They may be a person's own, and no dialog for folders asks. */
static void
ask (AttuneSession *session, const Saving *saving)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (
      _ ("Replace Files?"), _ ("In this folder there are files called train.jsonl, "
                               "validation.jsonl or test.jsonl. What is in them will be lost.")));
  Question *question = g_new (Question, 1);

  *question = (Question) { g_object_ref (session), g_object_ref (saving->folder) };
  adw_alert_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "replace", _ ("_Replace"), NULL);
  adw_alert_dialog_set_response_appearance (dialog, "replace", ADW_RESPONSE_DESTRUCTIVE);
  adw_alert_dialog_set_default_response (dialog, "cancel");
  adw_alert_dialog_set_close_response (dialog, "cancel");
  adw_alert_dialog_choose (dialog, saving->window, NULL, answered, question);
}

static void
saved (GObject *session, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  const Saving *saving = g_task_get_task_data (G_TASK (result));
  g_autofree char *shown = g_file_get_basename (saving->folder),
                  *name = g_filename_display_name (shown), *text = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    text = g_strdup_printf (_ ("The messages are in “%s”"), name);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS) && saving->window != NULL)
    ask (ATTUNE_SESSION (session), saving);
  else
    attune_session_say (ATTUNE_SESSION (session), text != NULL ? text : error->message);
}

static void
save_to (AttuneSession *session, GFile *folder, GtkWidget *window, gboolean replace)
{
  g_autoptr (GTask) task = g_task_new (session, NULL, saved, NULL);
  Saving *saving = g_new (Saving, 1);

  *saving = (Saving) {
    .data_path = attune_project_get_file (attune_session_get_project (session), "dataset.h5"),
    .folder = g_object_ref (folder),
    .replace = replace,
    .window = window != NULL ? g_object_ref (window) : NULL,
  };
  g_task_set_task_data (task, saving, saving_free);
  g_task_run_in_thread (task, run);
}

void
attune_messages_save_to (AttuneSession *session, GFile *folder, GtkWidget *window)
{
  save_to (session, folder, window, FALSE);
}

typedef struct
{
  AttuneSession *session;
  GtkWidget *window;
} Choice;

static void
folder_chosen (GObject *dialog, GAsyncResult *result, gpointer data)
{
  Choice *choice = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) folder
      = gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (dialog), result, &error);

  if (folder != NULL)
    attune_messages_save_to (choice->session, folder, choice->window);
  else if (!g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    attune_session_say (choice->session, error->message);
  g_object_unref (choice->session);
  g_object_unref (choice->window);
  g_free (choice);
}

void
attune_messages_save (GtkWidget *widget, AttuneSession *session)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  GtkWidget *window = GTK_WIDGET (gtk_widget_get_root (widget));
  Choice *choice = g_new (Choice, 1);

  *choice = (Choice) { g_object_ref (session), g_object_ref (window) };
  gtk_file_dialog_set_title (dialog, _ ("Save Messages in a Folder"));
  gtk_file_dialog_select_folder (dialog, GTK_WINDOW (window), NULL, folder_chosen, choice);
}
