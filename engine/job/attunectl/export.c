/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl export: what was learned, for other programs.
 */
#include "command.h"
#include "output.h"
#include "progress.h"

#include "core/file.h"
#include "data/asked-words.h"
#include "deploy/modelfile.h"
#include "evaluate/evaluate.h"
#include "job/export-record.h"
#include "job/search.h"
#include "job/tuned-model.h"
#include "tune/trainer.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#define WRITING_SHARE 0.5 /* of the bar; the rest is the check, which takes about as long */
/* A few short answers show a wrong weight or a wrong order as surely as many, in seconds. */
#define CHECKED_PROMPTS 8
#define CHECKED_TOKENS 24

static void
tell_formats (void)
{
  attune_output_heading ("Formats");
  for (int i = 0; i < ATTUNE_N_EXPORTS; i++)
    attune_output_text (attune_export_format_get_name (i), attune_export_format_get_blurb (i));
}

/* The formats with what each will take of the disk for the project's model. */
static int
list_formats (AttuneProject *project)
{
  const char *path = attune_project_get_model (project);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModel) model = path != NULL ? attune_model_open (path, &error) : NULL;
  JsonObject *object = json_object_new ();
  JsonArray *formats = json_array_new ();

  if (error != NULL)
    attune_output_text ("Sizes are not known", error->message);
  attune_output_heading ("Formats");
  for (int i = 0; i < ATTUNE_N_EXPORTS; i++)
    {
      const char *name = attune_export_format_get_name (i);
      const guint64 bytes = model != NULL ? attune_export_predict_bytes (i, model) : 0;
      g_autofree char *size = attune_format_bytes (bytes), *label = NULL;
      JsonObject *format = json_object_new ();

      label = bytes > 0 ? g_strdup_printf ("%-12s about %9s ", name, size)
                        : g_strdup_printf ("%-12s %16s", name, "");
      attune_output_text (label, attune_export_format_get_blurb (i));
      json_object_set_string_member (format, "name", name);
      json_object_set_string_member (format, "blurb", attune_export_format_get_blurb (i));
      if (bytes > 0)
        json_object_set_int_member (format, "bytes", (gint64) bytes);
      json_array_add_object_element (formats, format);
    }
  json_object_set_array_member (object, "formats", formats);
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

/* One export under way. */
typedef struct
{
  AttuneProject *project;
  AttuneTunedModel *tuned;
  AttuneExportRecord *record;
  AttuneProgressLine *line;
  GCancellable *cancellable;
  double from, share; /* of the part that runs, on the bar */
} Export;

/* Ctrl+C, or the window's Cancel: what was begun is taken back. */
static volatile sig_atomic_t interrupted;

static void
on_interrupt (int number)
{
  interrupted = 1;
}

static void
on_progress (gpointer data, double fraction, const char *what)
{
  Export *self = data;

  if (interrupted)
    g_cancellable_cancel (self->cancellable);
  attune_progress_line_report (self->line, self->from + self->share * fraction, what);
}

/* Which label each row of the head is of: PEFT's files have no place for it. */
static gboolean
write_labels (const AttuneLabels *labels, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "labels.json", NULL);
  g_autofree char *json = attune_labels_to_json (labels);

  return attune_file_write (path, json, -1, error);
}

static gboolean
write_export (Export *self, const char *base_name, GError **error)
{
  AttuneExportRecord *record = self->record;
  AttuneTunedModel *tuned = self->tuned;
  g_autofree char *parent = g_path_get_dirname (record->output);

  g_mkdir_with_parents (parent, 0777); /* where it fails, the export says so */
  self->share = WRITING_SHARE;
  if (!attune_export (record->format, tuned->model, tuned->decoder, &tuned->lora,
                      base_name != NULL ? base_name : attune_model_get_path (tuned->model),
                      record->output, on_progress, self, self->cancellable, error))
    return FALSE;
  if (tuned->labels != NULL && !write_labels (tuned->labels, record->output, error))
    return FALSE;
  record->bytes = attune_export_measure (record->output);
  if (attune_export_format_is_gguf (record->format))
    record->context = attune_export_safe_context (&tuned->decoder->config);
  record->made = g_get_real_time () / G_USEC_PER_SEC;
  return TRUE;
}

/* NAME.Modelfile beside NAME.gguf, where one can be written that is right. */
static gboolean
write_modelfile (Export *self, GError **error)
{
  AttuneExportRecord *record = self->record;
  g_autofree char *name = g_path_get_basename (record->output), *text = NULL;
  const char *end = g_str_has_suffix (name, ".gguf") ? strrchr (record->output, '.')
                                                     : strchr (record->output, '\0');

  if (!attune_export_format_is_gguf (record->format)
      || (text = attune_modelfile_make (self->tuned->model, name, record->system)) == NULL)
    return TRUE;
  record->modelfile
      = g_strdup_printf ("%.*s.Modelfile", (int) (end - record->output), record->output);
  return attune_file_write (record->modelfile, text, -1, error);
}

/* Questions that the model was not tuned on, as it will be asked them. Returns: (transfer full):
 * maybe none. */
static GPtrArray *
choose_prompts (Export *self, GError **error)
{
  static const AttuneSplit splits[]
      = { ATTUNE_SPLIT_TEST, ATTUNE_SPLIT_VALIDATION, ATTUNE_SPLIT_TRAIN };
  g_autoptr (GPtrArray) prompts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autoptr (AttuneDataset) dataset = NULL;
  AttuneModel *model = self->tuned->model;
  const int room = attune_model_get_config (model)->max_tokens - CHECKED_TOKENS;
  AttuneSplit split = splits[0];
  guint64 count = 0, n;

  if ((dataset
       = attune_plan_open_dataset (self->tuned->plan->plan, self->tuned->plan->data_path, error))
      == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (splits) && count == 0; i++)
    count = attune_dataset_count (dataset, split = splits[i]);
  n = MIN (count, CHECKED_PROMPTS);
  for (guint64 i = 0; i < n; i++)
    {
      g_auto (AttuneRecord) record = { 0 };
      g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));

      if (!attune_dataset_get_record (dataset, split, i * count / n, &record, error)
          || !attune_prompt_for_record (&record, self->record->system,
                                        attune_model_get_tokenizer (model),
                                        attune_model_get_template (model), ids, error))
        return NULL;
      if ((int) ids->len < room)
        g_ptr_array_add (prompts, g_steal_pointer (&ids));
    }
  return g_steal_pointer (&prompts);
}

/* Asks the tuned and the exported model the same. Returns FALSE only when it was cancelled: that a
 * check cannot be made is told, but the export stands. */
static gboolean
check_export (Export *self, GError **error)
{
  AttuneExportRecord *record = self->record;
  AttuneModel *model = self->tuned->model;
  g_autoptr (GError) problem = NULL;
  g_autoptr (GPtrArray) prompts = choose_prompts (self, &problem);
  const AttuneParityCheck check
      = { .format = record->format,
          .path = record->output,
          .base = model,
          .stop = attune_chat_template_get_stop (attune_model_get_template (model),
                                                 attune_model_get_tokenizer (model)),
          .prompts = prompts,
          .max_new_tokens = CHECKED_TOKENS,
          .progress = on_progress,
          .data = self,
          .cancellable = self->cancellable };

  self->from = WRITING_SHARE;
  self->share = 1 - WRITING_SHARE;
  if (prompts != NULL && prompts->len == 0)
    record->problem = g_strdup ("There are no questions to ask it.");
  else if (prompts != NULL)
    record->checked = attune_export_check (self->tuned->decoder, &check, &record->parity, &problem);
  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (problem != NULL)
    record->problem = g_strdup (problem->message);
  return TRUE;
}

/* What is known of the export is kept at once: an earlier one's check is not this one's. */
static gboolean
record_and_check (Export *self, GError **error)
{
  AttuneExportRecord *record = self->record;

  record->problem = g_strdup ("The check was not finished.");
  if (!attune_export_record_write (record, self->project, error))
    return FALSE;
  g_clear_pointer (&record->problem, g_free);
  return check_export (self, error) && attune_export_record_write (record, self->project, error);
}

/* What was tuned on a base in 4 bits is merged into that of the file, and would be rounded again.
 */
static gboolean
rounds_again (const AttuneExportRecord *record, AttunePlan *plan)
{
  return attune_plan_get_base_type (plan) != ATTUNE_TYPE_F32
         && record->format >= ATTUNE_EXPORT_GGUF_Q4_K_M
         && record->format <= ATTUNE_EXPORT_GGUF_Q4_0;
}

static void
tell (const AttuneExportRecord *record, AttunePlan *plan, gboolean treats_words)
{
  g_autofree char *size = attune_format_bytes (record->bytes);

  attune_output_heading ("Exported as %s", attune_export_format_get_name (record->format));
  attune_output_text ("", attune_export_format_get_blurb (record->format));
  attune_output_row ("Where", "%s", record->output);
  attune_output_row ("Size", "%s", size);
  if (record->checked)
    attune_output_row ("Check",
                       "the same answer to %u of %u questions, %u of %u tokens; logits differ "
                       "by %.3g of %.3g",
                       record->parity.n_equal, record->parity.n_prompts,
                       record->parity.n_same_choices, record->parity.n_choices,
                       record->parity.largest_gap, record->parity.largest_logit);
  else
    attune_output_text ("Not checked", record->problem);
  if (rounds_again (record, plan))
    attune_output_text ("Note",
                        "The run has tuned beside a model in 4 bits, and what it has learned "
                        "was merged into the model as its file has it. This format rounds "
                        "both to 4 bits again; the check says what that changes. gguf-q8_0, "
                        "gguf-f16 and merged do not.");
  if (treats_words)
    attune_output_text ("Note",
                        "In training, stop words were left out of what is asked, words put down "
                        "to their stems, or words and signs parted, as the settings of the data "
                        "say. Other programs have to do the same to what they ask, or answers are "
                        "worse than the evaluation says; attunectl chat does it by itself.");
  if (record->modelfile != NULL)
    attune_output_row ("For Ollama", "%s", record->modelfile);
  if (record->context > 0)
    attune_output_row ("Context",
                       "at most %d tokens (llama.cpp: -c %d); with more, short texts are read "
                       "otherwise than in training",
                       record->context, record->context);
  attune_output_json (attune_export_record_to_json (record));
}

static int
export_run (AttuneProject *project, const char *folder, AttuneExportFormat format,
            const char *base_name, const char *output)
{
  g_autoptr (AttuneTunedModel) tuned = NULL;
  g_autoptr (AttuneExportRecord) record = g_new0 (AttuneExportRecord, 1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (AttuneProgressLine) line = ATTUNE_PROGRESS_LINE ("Exporting");
  g_autoptr (GError) error = NULL;
  Export self = { .project = project, .record = record, .line = &line, .cancellable = cancellable };
  g_autofree char *usual = NULL;
  gboolean done;

  if ((self.tuned = tuned = attune_tuned_model_open (NULL, folder, 0, &error)) == NULL)
    return attune_output_fail (error);
  signal (SIGINT, on_interrupt);
  signal (SIGTERM, on_interrupt);
  record->format = format;
  record->run = g_path_get_basename (folder);
  record->step = tuned->step;
  usual = attune_project_get_export_path (project, record->run, format);
  record->output = g_canonicalize_filename (output != NULL ? output : usual, NULL);
  g_object_get (tuned->plan->data_settings, "system-prompt", &record->system, NULL);
  done = write_export (&self, base_name, &error) && write_modelfile (&self, &error)
         && record_and_check (&self, &error);
  attune_progress_line_clear (&line);
  if (!done)
    return attune_output_fail (error);
  tell (record, tuned->plan->plan,
        attune_asked_words_are_treated (
            attune_data_settings_get_values (tuned->plan->data_settings)));
  return ATTUNE_EXIT_OK;
}

static int
run_export (const AttuneCommand *self, char **argv)
{
  g_autofree char *run = NULL, *name = NULL, *output = NULL, *base_name = NULL, *folder = NULL;
  gboolean list = FALSE;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &name, "adapter, merged, gguf-q8_0 …; --list shows all",
      "FORMAT" },
    { "list", 0, 0, G_OPTION_ARG_NONE, &list, "Only list the formats and what each will take",
      NULL },
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
  if (!list && !attune_export_format_find (name, &format))
    {
      tell_formats ();
      return attune_command_misused (self, "Choose one of these formats with --format.");
    }
  if ((project = attune_project_open (arguments[0], &error)) == NULL)
    return attune_output_fail (error);
  if (list)
    return list_formats (project);
  if ((folder = attune_project_get_used_run (project, run, &error)) == NULL)
    return attune_output_fail (error);
  return export_run (project, folder, format, base_name, output);
}

const AttuneCommand attune_command_export = {
  .name = "export",
  .parameters = "DIR",
  .summary = "Write the tuned model in a format that other programs read",
  .description = "Formats:\n"
                 "  adapter    what was learned alone, small, for PEFT and Transformers\n"
                 "  merged     a whole Hugging Face model\n"
                 "  gguf-f16   one file for llama.cpp, Ollama or LM Studio\n"
                 "  gguf-q8_0  the same at half the size\n"
                 "  gguf-q4_k_m  the same at a third of the size\n"
                 "  gguf-…     the same in other sizes; --list shows all, and what each takes\n"
                 "\n"
                 "Examples:\n"
                 "  attunectl export Nursing.attune --format gguf-q8_0\n"
                 "  attunectl export Nursing.attune --format adapter --output ~/nursing-adapter",
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_export,
};
