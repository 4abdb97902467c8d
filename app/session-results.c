/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Exports, made by attunectl.
 */
#include "session-private.h"

#include "job/json.h"

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

const char *
attune_session_get_export (AttuneSession *self, AttuneExportFormat format)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self) && format < ATTUNE_N_EXPORTS, NULL);
  return self->exports[format];
}
