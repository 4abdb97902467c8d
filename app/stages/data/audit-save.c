/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See audit-save.h.
 */
#include "stages/data/audit-save.h"

#include "charts/page-pdf.h"
#include "data/audit.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  char *data_path; /* of the data set */
  GFile *file;
} Saving;

static void
saving_free (gpointer data)
{
  Saving *saving = data;

  g_free (saving->data_path);
  g_object_unref (saving->file);
  g_free (saving);
}

/* The audit as a file of the kind that its name says: HTML, PDF or JSON. Returns: (transfer full).
 */
static GBytes *
make (JsonNode *audit, GFile *file, GError **error)
{
  g_autofree char *name = g_file_get_basename (file), *page = NULL;

  if (g_str_has_suffix (name, ".json"))
    page = attune_audit_to_json (audit);
  else
    page = attune_audit_to_html (audit);
  return g_str_has_suffix (name, ".pdf") ? attune_page_to_pdf (page, error)
                                         : g_bytes_new (page, strlen (page));
}

static void
run (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  const Saving *saving = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) audit = attune_audit_run (saving->data_path, NULL, cancellable, &error);
  g_autoptr (GBytes) page = audit != NULL ? make (audit, saving->file, &error) : NULL;

  if (page != NULL
      && g_file_replace_contents (saving->file, g_bytes_get_data (page, NULL),
                                  g_bytes_get_size (page), NULL, FALSE,
                                  G_FILE_CREATE_REPLACE_DESTINATION, NULL, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
saved (GObject *session, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  const Saving *saving = g_task_get_task_data (G_TASK (result));
  g_autofree char *name = g_file_get_basename (saving->file),
                  *shown = g_filename_display_name (name), *text = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    text = g_strdup_printf (_ ("The page “%s” is written"), shown);
  attune_session_say (ATTUNE_SESSION (session), text != NULL ? text : error->message);
}

void
attune_audit_save_to (AttuneSession *session, GFile *file)
{
  g_autoptr (GTask) task = g_task_new (session, NULL, saved, NULL);
  Saving *saving = g_new (Saving, 1);

  *saving = (Saving) {
    attune_project_get_file (attune_session_get_project (session), "dataset.h5"),
    g_object_ref (file),
  };
  g_task_set_task_data (task, saving, saving_free);
  g_task_run_in_thread (task, run);
}

static void
file_chosen (GObject *dialog, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneSession) session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (dialog), result, &error);

  if (file != NULL)
    attune_audit_save_to (session, file);
  else if (!g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    attune_session_say (session, error->message);
}

void
attune_audit_save (GtkWidget *widget, AttuneSession *session)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autofree char *title = attune_session_get_title (session), *name = NULL;

  name = g_strdup_printf (_ ("%s-audit.html"), title);
  gtk_file_dialog_set_title (dialog, _ ("Save Audit as .html, .pdf or .json"));
  gtk_file_dialog_set_initial_name (dialog, name);
  gtk_file_dialog_save (dialog, GTK_WINDOW (gtk_widget_get_root (widget)), NULL, file_chosen,
                        g_object_ref (session));
}
