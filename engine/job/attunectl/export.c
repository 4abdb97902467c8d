/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl export: what was learned, for other programs.
 */
#include "command.h"
#include "output.h"
#include "progress.h"

#include "deploy/export.h"
#include "job/tuned-model.h"

#include <glib/gstdio.h>
#include <string.h>

static gboolean
find_format (const char *name, AttuneExportFormat *format)
{
  for (int i = 0; name != NULL && i < ATTUNE_N_EXPORTS; i++)
    if (strcmp (name, attune_export_format_get_name (i)) == 0)
      {
        *format = i;
        return TRUE;
      }
  return FALSE;
}

static void
tell_formats (void)
{
  attune_output_heading ("Formats");
  for (int i = 0; i < ATTUNE_N_EXPORTS; i++)
    attune_output_text (attune_export_format_get_name (i), attune_export_format_get_blurb (i));
}

/* exports/NNNN-format, with .gguf where it is a file. */
static char *
default_output (AttuneProject *project, const char *folder, AttuneExportFormat format)
{
  g_autofree char *run = g_path_get_basename (folder);
  const char *name = attune_export_format_get_name (format);
  g_autofree char *file = g_strdup_printf ("exports/%s-%s%s", run, name,
                                           g_str_has_prefix (name, "gguf") ? ".gguf" : "");

  return attune_project_get_file (project, file);
}

static int export (const char *folder, AttuneExportFormat format, const char *base_name,
                   const char *output)
{
  g_autoptr (AttuneTunedModel) tuned = NULL;
  g_autofree char *parent = g_path_get_dirname (output);
  g_auto (AttuneProgressLine) line = ATTUNE_PROGRESS_LINE ("Exporting");
  g_autoptr (GError) error = NULL;
  JsonObject *object;

  if ((tuned = attune_tuned_model_open (NULL, folder, 0, &error)) == NULL)
    return attune_output_fail (error);
  g_mkdir_with_parents (parent, 0777); /* where it fails, the export says so */
  if (base_name == NULL)
    base_name = attune_model_get_path (tuned->model);
  if (!attune_export (format, tuned->model, tuned->decoder, &tuned->lora, base_name, output,
                      attune_progress_line_report, &line, NULL, &error))
    {
      attune_progress_line_clear (&line);
      return attune_output_fail (error);
    }
  attune_progress_line_clear (&line);
  object = json_object_new ();
  json_object_set_string_member (object, "format", attune_export_format_get_name (format));
  json_object_set_string_member (object, "output", output);
  attune_output_heading ("Exported as %s", attune_export_format_get_name (format));
  attune_output_text ("", attune_export_format_get_blurb (format));
  attune_output_row ("Where", "%s", output);
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

static int
run_export (const AttuneCommand *self, char **argv)
{
  g_autofree char *run = NULL, *name = NULL, *output = NULL, *base_name = NULL, *folder = NULL;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &name, "adapter, merged, gguf-f16 or gguf-q8_0",
      "FORMAT" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
      "Where to; a name in DIR/exports by default", "PATH" },
    { "run", 0, 0, G_OPTION_ARG_STRING, &run, "Which run; the latest by default", "NUMBER" },
    { "base-name", 0, 0, G_OPTION_ARG_STRING, &base_name,
      "What an adapter calls the model it belongs to, e.g. its name on the hub; the model's file "
      "by default",
      "NAME" },
    { NULL },
  };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (GError) error = NULL;
  AttuneExportFormat format;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  if (!find_format (name, &format))
    {
      tell_formats ();
      return attune_command_misused (
          self, "Choose a format with --format: adapter, merged, gguf-f16 or gguf-q8_0.");
    }
  if ((project = attune_project_open (arguments[0], &error)) == NULL
      || (folder = attune_project_get_run (project, run, &error)) == NULL)
    return attune_output_fail (error);
  if (output == NULL)
    output = default_output (project, folder, format);
  return export (folder, format, base_name, output);
}

const AttuneCommand attune_command_export = {
  .name = "export",
  .parameters = "DIR",
  .summary = "Write the tuned model in a format that other programs read",
  .description = "Formats:\n"
                 "  adapter    what was learned alone, small, for PEFT and Transformers\n"
                 "  merged     a whole Hugging Face model\n"
                 "  gguf-f16   one file for llama.cpp, Ollama or LM Studio, exact\n"
                 "  gguf-q8_0  the same at half the size\n"
                 "\n"
                 "Examples:\n"
                 "  attunectl export Nursing.attune --format gguf-q8_0\n"
                 "  attunectl export Nursing.attune --format adapter --output ~/nursing-adapter",
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_export,
};
