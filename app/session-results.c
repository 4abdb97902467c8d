/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes out of a run: evaluations and exports, made by attunectl.
 */
#include "session-private.h"

#include "job/json.h"

#include <glib/gi18n.h>

/* --- evaluations */

static void
read_evaluation (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  AttuneEvaluation *evaluation = attune_evaluation_read (data, &error);

  if (evaluation != NULL)
    g_task_return_pointer (task, evaluation, (GDestroyNotify) attune_evaluation_free);
  else
    g_task_return_error (task, error);
}

static void
evaluation_read (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneSession *self = ATTUNE_SESSION (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneEvaluation) evaluation = g_task_propagate_pointer (G_TASK (result), &error);

  if (self->closed)
    return;
  if (evaluation == NULL)
    attune_session_fail (self, ATTUNE_STAGE_EVALUATE, error->message);
  g_clear_pointer (&self->evaluation, attune_evaluation_free);
  self->evaluation = g_steal_pointer (&evaluation);
  g_free (self->evaluation_path);
  self->evaluation_path = g_strdup (g_task_get_task_data (G_TASK (result)));
  attune_session_changed (self);
}

void
attune_session_load_evaluation (AttuneSession *self)
{
  g_auto (GStrv) paths = attune_project_list_evaluations (self->project);
  const guint n = g_strv_length (paths);
  g_autoptr (GTask) task = NULL;

  if (n == 0)
    return;
  task = g_task_new (self, NULL, evaluation_read, NULL);
  g_task_set_task_data (task, g_strdup (paths[n - 1]), g_free);
  g_task_run_in_thread (task, read_evaluation);
}

const AttuneEvaluation *
attune_session_get_evaluation (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->evaluation;
}

const char *
attune_session_get_evaluation_path (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->evaluation_path;
}

/* Whether attunectl may begin in @stage; says why not. */
static gboolean
may_begin (AttuneSession *self, AttuneStage stage)
{
  const char *missing = attune_session_get_missing (self, stage);

  if (self->read_only != NULL)
    attune_session_say (self, self->read_only);
  else if (missing != NULL)
    attune_session_say (self, missing);
  else
    return self->jobs[stage].cancellable == NULL;
  return FALSE;
}

static void
evaluated (AttuneSession *self, JsonObject *result)
{
  if (result == NULL)
    return;
  attune_session_load_evaluation (self);
  g_signal_emit_by_name (self, "stage-ended", ATTUNE_STAGE_EVALUATE, _ ("The evaluation is done"));
}

void
attune_session_evaluate (AttuneSession *self, int n_answers)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_autofree char *number = g_strdup_printf ("%d", n_answers);

  g_return_if_fail (ATTUNE_IS_SESSION (self) && n_answers >= 0);

  if (!may_begin (self, ATTUNE_STAGE_EVALUATE))
    return;
  g_strv_builder_add_many (words, "evaluate", attune_project_get_path (self->project), "--json",
                           "--answers", number, NULL);
  attune_session_run_program (self, ATTUNE_STAGE_EVALUATE, g_strv_builder_end (words), evaluated);
}

/* --- exports */

void
attune_session_load_exports (AttuneSession *self)
{
  g_autofree char *path = attune_project_get_file (self->project, "exports");
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    for (int i = 0; i < ATTUNE_N_EXPORTS; i++)
      {
        g_autofree char *format = g_strdup_printf ("-%s", attune_export_format_get_name (i));
        g_autofree char *file = g_strdup_printf ("%s.gguf", format);
        g_autofree char *known
            = self->exports[i] != NULL ? g_path_get_basename (self->exports[i]) : NULL;

        if ((g_str_has_suffix (name, format) || g_str_has_suffix (name, file))
            && g_strcmp0 (name, known) > 0)
          {
            g_free (self->exports[i]);
            self->exports[i] = g_build_filename (path, name, NULL);
          }
      }
  attune_session_changed (self);
}

static void
exported (AttuneSession *self, JsonObject *result)
{
  const int format = self->exporting;
  const char *output = attune_json_get_string (result, "output");

  self->exporting = -1;
  if (output == NULL || format < 0)
    return;
  g_free (self->exports[format]);
  self->exports[format] = g_strdup (output);
  g_signal_emit_by_name (self, "stage-ended", ATTUNE_STAGE_DEPLOY, _ ("The export is done"));
  attune_session_changed (self);
}

void
attune_session_export (AttuneSession *self, AttuneExportFormat format, const char *path)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  g_return_if_fail (ATTUNE_IS_SESSION (self) && format < ATTUNE_N_EXPORTS);

  if (!may_begin (self, ATTUNE_STAGE_DEPLOY))
    return;
  self->exporting = format;
  g_strv_builder_add_many (words, "export", attune_project_get_path (self->project), "--json",
                           "--format", attune_export_format_get_name (format), NULL);
  if (path != NULL)
    g_strv_builder_add_many (words, "--output", path, NULL);
  attune_session_run_program (self, ATTUNE_STAGE_DEPLOY, g_strv_builder_end (words), exported);
}

int
attune_session_get_exporting (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), -1);
  return self->exporting;
}

const char *
attune_session_get_export (AttuneSession *self, AttuneExportFormat format)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self) && format < ATTUNE_N_EXPORTS, NULL);
  return self->exports[format];
}
