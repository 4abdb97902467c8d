/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See write.h.
 */
#include "write.h"

#include "command.h"
#include "job/model-writer.h"
#include "output.h"
#include "progress.h"

#include <signal.h>

/* Ctrl+C, or the window: what is written so far is kept. */
static GCancellable *cancellable;

static void
on_signal (int number)
{
  g_cancellable_cancel (cancellable);
}

static void
tell (const AttuneWriteReport *report)
{
  JsonObject *object = json_object_new (), *refused = json_object_new ();
  guint n_refused = 0;

  for (int i = 0; i < ATTUNE_N_VARIANT_FAULTS; i++)
    {
      n_refused += report->n_refused[i];
      if (report->n_refused[i] > 0)
        json_object_set_int_member (refused, attune_variant_fault_get_name (i),
                                    report->n_refused[i]);
    }
  attune_output_row ("Questions", "%u", report->n_records);
  attune_output_row ("Variants", "%u", report->n_written);
  attune_output_row ("Not taken", "%u for what they say, %u for what the model makes of them",
                     n_refused, report->n_unlikely);
  json_object_set_int_member (object, "questions", report->n_records);
  json_object_set_int_member (object, "variants", report->n_written);
  json_object_set_object_member (object, "refused", refused);
  json_object_set_int_member (object, "unlikely", report->n_unlikely);
  attune_output_json (object);
}

int
attune_write_variants (AttuneProject *project, const char *model, int each, int limit)
{
  AttuneDataSettings *settings = attune_project_get_data_settings (project);
  const AttuneDataValues *values = attune_data_settings_get_values (settings);
  g_autofree char *path = attune_project_get_file (project, "dataset.h5");
  g_auto (AttuneProgressLine) line = ATTUNE_PROGRESS_LINE ("Writing");
  struct sigaction action = { .sa_handler = on_signal };
  g_autoptr (AttuneModelWriter) writer = NULL;
  g_autoptr (GError) error = NULL;
  AttuneWriteReport report = { 0 };
  gboolean good;

  if (model == NULL && (model = attune_project_get_model (project)) == NULL)
    {
      g_set_error (&error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                   "The project has no model yet. Choose one: attunectl model DIR FILE, or say "
                   "which is to write: --model FILE");
      return attune_output_fail (error);
    }
  if ((writer = attune_model_writer_open (model, &error)) == NULL)
    return attune_output_fail (error);
  cancellable = g_cancellable_new ();
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  good = attune_variants_write (path, attune_model_writer_get_asker (writer),
                                CLAMP (each > 0 ? each : values->variants, 1, ATTUNE_MAX_VARIANTS),
                                MAX (0, limit), values->seed, attune_progress_line_report, &line,
                                cancellable, &report, &error);
  g_clear_object (&cancellable);
  attune_progress_line_clear (&line);
  if (!good && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return attune_output_fail (error);
  tell (&report);
  attune_output_row ("Next", "attunectl prepare DIR --variants N --variants-by model");
  return ATTUNE_EXIT_OK;
}
