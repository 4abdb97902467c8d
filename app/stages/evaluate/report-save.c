/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See report-save.h. The evaluation is read anew in a thread, for the session may show another one
 * meanwhile; the ratings are those of this moment, written or not.
 */
#include "stages/evaluate/report-save.h"

#include "data/report-view.h"
#include "job/run-plan.h"
#include "stages/evaluate/evaluation-title.h"

#include <glib/gi18n.h>

typedef struct
{
  GtkWidget *widget; /* owned */
  GFile *file;       /* (nullable): before it was chosen */
  AttuneReportFormat format;
  AttuneReport *report; /* all but the evaluation */
  char *path;           /* of the evaluation */
  char *run;            /* (nullable): folder of its run */
  char *data_path;      /* of the data set */
} Saving;

static void
saving_free (gpointer data)
{
  Saving *saving = data;

  g_object_unref (saving->widget);
  g_clear_object (&saving->file);
  attune_report_free (saving->report);
  g_free (saving->path);
  g_free (saving->run);
  g_free (saving->data_path);
  g_free (saving);
}

static Saving *
saving_new (GtkWidget *widget, AttuneSession *session, const AttuneEvaluationSummary *compared,
            AttuneReportFormat format)
{
  Saving *saving = g_new0 (Saving, 1);
  AttuneReport *report = g_new0 (AttuneReport, 1);
  const AttuneEvaluation *evaluation = attune_session_get_evaluation (session);
  const AttuneRatings *ratings = attune_session_get_ratings (session);
  const GPtrArray *list = attune_session_get_evaluations (session);
  AttuneProject *project = attune_session_get_project (session);

  saving->widget = g_object_ref (widget);
  saving->format = format;
  saving->report = report;
  saving->path = g_strdup (attune_session_get_evaluation_path (session));
  saving->run = attune_project_get_run (project, evaluation->run, NULL);
  saving->data_path = attune_project_get_file (project, "dataset.h5");
  report->project = attune_session_get_title (session);
  report->ratings = ratings != NULL ? attune_ratings_copy (ratings) : NULL;
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const AttuneEvaluationSummary *one = g_ptr_array_index (list, i);

      if (g_strcmp0 (one->path, saving->path) == 0)
        report->number = one->number, report->made_seconds = one->made_seconds;
    }
  if (compared != NULL)
    {
      report->earlier_name = attune_evaluation_summary_get_title (compared);
      report->earlier = compared->tuned;
    }
  return saving;
}

char *
attune_report_describe_data (const AttuneDataSummary *data, const char *run_hash)
{
  g_autoptr (GPtrArray) sources = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_val_if_fail (data != NULL, NULL);

  sources = attune_source_views_new (data->sources);
  for (guint i = 0; i < sources->len; i++)
    {
      const AttuneSourceView *source = sources->pdata[i];
      g_autofree char *name = g_filename_display_basename (source->path);
      const gulong n = (gulong) source->rows;

      g_string_append (text, i > 0 ? _ (", ") : "");
      /* Translators: %s is the name of a file */
      g_string_append_printf (text, ngettext ("%s (%lu row)", "%s (%lu rows)", n), name, n);
    }
  if (text->len > 0 && run_hash != NULL && g_strcmp0 (run_hash, data->hash) != 0)
    g_string_append (text, _ ("; prepared anew since the model was tuned"));
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

static char *
display_name (const char *path)
{
  return path != NULL ? g_filename_display_basename (path) : NULL;
}

/* What the run was made from, as far as it is still there. */
static void
read_origin (Saving *saving)
{
  AttuneReport *report = saving->report;
  g_autoptr (AttuneRunPlan) plan
      = saving->run != NULL ? attune_run_plan_read (saving->run, NULL) : NULL;
  g_autoptr (AttuneDataSummary) data = attune_data_summary_read (saving->data_path, NULL);

  if (plan != NULL)
    report->model = display_name (plan->model_path);
  if (data != NULL)
    report->data = attune_report_describe_data (data, plan != NULL ? plan->data_hash : NULL);
}

static void
write_report (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Saving *saving = data;
  AttuneReport *report = saving->report;
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;

  report->evaluation = attune_evaluation_read (saving->path, &error);
  if (report->evaluation != NULL)
    {
      read_origin (saving);
      if (saving->format == ATTUNE_REPORT_PDF)
        bytes = attune_report_to_pdf (report, &error);
      else
        {
          char *csv = attune_report_to_csv (report);

          bytes = g_bytes_new_take (csv, strlen (csv));
        }
    }
  if (bytes != NULL
      && g_file_replace_contents (saving->file, g_bytes_get_data (bytes, NULL),
                                  g_bytes_get_size (bytes), NULL, FALSE,
                                  G_FILE_CREATE_REPLACE_DESTINATION, NULL, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
say (GtkWidget *widget, const char *text)
{
  gtk_widget_activate_action (widget, "win.toast", "s", text);
}

static void
written (GObject *source, GAsyncResult *result, gpointer data)
{
  Saving *saving = g_task_get_task_data (G_TASK (result));
  g_autofree char *path = g_file_get_path (saving->file), *name = display_name (path), *text = NULL;
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    /* Translators: %s is the name of a file */
    text = g_strdup_printf (_ ("Saved as “%s”"), name != NULL ? name : "");
  else
    text = g_strdup_printf (_ ("Nothing was saved: %s"), error->message);
  say (saving->widget, text);
}

/* Takes @saving. */
static void
begin (Saving *saving)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, written, NULL);

  g_task_set_task_data (task, saving, saving_free);
  g_task_run_in_thread (task, write_report);
}

void
attune_report_save_to (GtkWidget *widget, AttuneSession *session,
                       const AttuneEvaluationSummary *compared, AttuneReportFormat format,
                       GFile *file)
{
  Saving *saving;

  g_return_if_fail (GTK_IS_WIDGET (widget) && ATTUNE_IS_SESSION (session) && G_IS_FILE (file));

  if (attune_session_get_evaluation (session) == NULL)
    return;
  saving = saving_new (widget, session, compared, format);
  saving->file = g_object_ref (file);
  begin (saving);
}

static void
chosen (GObject *source, GAsyncResult *result, gpointer data)
{
  Saving *saving = data;
  g_autoptr (GError) error = NULL;

  saving->file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (source), result, &error);
  if (saving->file != NULL)
    {
      begin (saving);
      return;
    }
  if (!g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    say (saving->widget, error->message);
  saving_free (saving);
}

void
attune_report_save (GtkWidget *widget, AttuneSession *session,
                    const AttuneEvaluationSummary *compared, AttuneReportFormat format)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autofree char *project = NULL, *name = NULL;
  Saving *saving;

  g_return_if_fail (GTK_IS_WIDGET (widget) && ATTUNE_IS_SESSION (session));

  if (attune_session_get_evaluation (session) == NULL)
    return;
  saving = saving_new (widget, session, compared, format);
  project = g_strdelimit (g_strdup (saving->report->project), "/", '-');
  name = g_strdup_printf (format == ATTUNE_REPORT_PDF ? _ ("%s, evaluation %u.pdf")
                                                      : _ ("%s, answers %u.csv"),
                          project, saving->report->number);
  gtk_file_dialog_set_title (dialog,
                             format == ATTUNE_REPORT_PDF ? _ ("Save Report") : _ ("Save Answers"));
  gtk_file_dialog_set_initial_name (dialog, name);
  gtk_file_dialog_save (dialog, GTK_WINDOW (gtk_widget_get_root (widget)), NULL, chosen, saving);
}
