/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Exports, made by attunectl.
 */
#include "session-private.h"

#include <glib/gi18n.h>

gboolean
attune_session_may_begin (AttuneSession *self, AttuneStage stage)
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

/* --- exports */

static void
load_export (AttuneSession *self, AttuneExportFormat format)
{
  g_clear_pointer (&self->exports[format], attune_export_record_free);
  self->exports[format] = attune_project_find_export (self->project, format);
}

void
attune_session_load_exports (AttuneSession *self)
{
  for (int i = 0; i < ATTUNE_N_EXPORTS; i++)
    load_export (self, i);
  attune_session_changed (self);
}

static void
exported (AttuneSession *self, gboolean good)
{
  const int format = self->exporting;

  self->exporting = -1;
  if (format < 0)
    return;
  load_export (self, format); /* where it failed, what was there before */
  if (good)
    g_signal_emit_by_name (self, "stage-ended", ATTUNE_STAGE_DEPLOY, _ ("The export is done"));
  attune_session_changed (self);
}

void
attune_session_export (AttuneSession *self, AttuneExportFormat format, const char *path)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  g_return_if_fail (ATTUNE_IS_SESSION (self) && format < ATTUNE_N_EXPORTS);

  if (!attune_session_may_begin (self, ATTUNE_STAGE_DEPLOY))
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

const AttuneExportRecord *
attune_session_get_export (AttuneSession *self, AttuneExportFormat format)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self) && format < ATTUNE_N_EXPORTS, NULL);
  return self->exports[format];
}

char *
attune_session_get_system_prompt (AttuneSession *self)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);

  g_object_get (self->run_plan != NULL ? self->run_plan->data_settings
                                       : attune_project_get_data_settings (self->project),
                "system-prompt", &text, NULL);
  return text != NULL ? g_steal_pointer (&text) : g_strdup ("");
}
