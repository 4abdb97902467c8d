/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl merge: the adapters of several runs as one.
 */
#include "command.h"
#include "output.h"
#include "progress.h"

#include "core/file.h"
#include "deploy/export.h"
#include "job/json.h"
#include "job/merged-model.h"

#include <string.h>

typedef struct
{
  char *runs, *weights, *method, *format, *output, *base_name;
  AttuneMergeOptions merge;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->runs);
  g_free (self->weights);
  g_free (self->method);
  g_free (self->format);
  g_free (self->output);
  g_free (self->base_name);
  g_clear_pointer (&self->merge.notes, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* As many numbers as runs; 1 each where nothing is said. Returns: (transfer full) (nullable). */
static double *
read_weights (const char *words, guint n)
{
  g_autofree double *weights = g_new (double, n);
  g_auto (GStrv) list = g_strsplit (words != NULL ? words : "", ",", -1);

  for (guint i = 0; i < n; i++)
    weights[i] = 1;
  if (words == NULL)
    return g_steal_pointer (&weights);
  if (g_strv_length (list) != n)
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      char *end;

      weights[i] = g_ascii_strtod (g_strstrip (list[i]), &end);
      if (*list[i] == '\0' || *end != '\0' || !isfinite (weights[i]))
        return NULL;
    }
  return g_steal_pointer (&weights);
}

static int
tell (const Options *options, const AttuneTunedModel *merged, GPtrArray *folders)
{
  JsonObject *object = json_object_new ();
  JsonArray *runs = json_array_new (), *notes = json_array_new ();
  const GPtrArray *told = options->merge.notes;

  for (guint i = 0; i + 1 < folders->len; i++)
    {
      g_autofree char *run = g_path_get_basename (folders->pdata[i]);

      json_array_add_string_element (runs, run);
    }
  attune_output_heading ("Merged by %s", attune_merge_method_get_name (options->merge.method));
  attune_output_text ("", attune_merge_method_get_text (options->merge.method));
  attune_output_row ("Rank", "%d", merged->lora.rank);
  attune_output_row ("Where", "%s", options->output);
  for (guint i = 0; i < told->len; i++)
    {
      attune_output_text ("", told->pdata[i]);
      json_array_add_string_element (notes, told->pdata[i]);
    }
  json_object_set_string_member (object, "output", options->output);
  json_object_set_string_member (object, "method",
                                 attune_merge_method_get_name (options->merge.method));
  json_object_set_int_member (object, "rank", merged->lora.rank);
  json_object_set_array_member (object, "runs", runs);
  json_object_set_array_member (object, "notes", notes);
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

/* The card of a folder tells where the adapter comes from, so that it can be made again. */
static gboolean
name_runs (const Options *options, GPtrArray *folders, GError **error)
{
  g_autofree char *path = g_build_filename (options->output, "README.md", NULL), *text = NULL;
  g_autoptr (GString) card = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return TRUE; /* one file has none */
  card = g_string_new (text);
  g_string_append (card, "\nMerged from the adapters of these runs:\n\n");
  for (guint i = 0; i + 1 < folders->len; i++)
    {
      g_autofree char *run = g_path_get_basename (folders->pdata[i]);

      g_string_append_printf (card, "- %s, with a weight of %g\n", run, options->merge.weights[i]);
    }
  g_string_append_printf (card, "\nThe way is “%s”",
                          attune_merge_method_get_name (options->merge.method));
  if (attune_merge_method_leaves_out (options->merge.method))
    g_string_append_printf (card, ", of which a share of %g of the values stays",
                            options->merge.density);
  g_string_append (card, ".\n");
  for (guint i = 0; i < options->merge.notes->len; i++)
    g_string_append_printf (card, "\n%s\n", (const char *) options->merge.notes->pdata[i]);
  return attune_file_write (path, card->str, card->len, error);
}

static AttuneTunedModel *
open_merged (Options *options, GPtrArray *folders, GError **error)
{
  g_auto (AttuneProgressLine) line = ATTUNE_PROGRESS_LINE ("Merging");
  AttuneTunedModel *merged;

  options->merge.progress = attune_progress_line_report;
  options->merge.progress_data = &line;
  merged
      = attune_merged_model_open ((const char *const *) folders->pdata, &options->merge, 0, error);
  attune_progress_line_clear (&line);
  return merged;
}

static int
merge_runs (Options *options, GPtrArray *folders, AttuneExportFormat format)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTunedModel) merged = open_merged (options, folders, &error);
  g_auto (AttuneProgressLine) line = ATTUNE_PROGRESS_LINE ("Writing");
  gboolean done;

  if (merged == NULL)
    return attune_output_fail (error);
  done = attune_export (format, merged->model, merged->decoder, &merged->lora,
                        options->base_name != NULL ? options->base_name
                        : merged->plan != NULL     ? merged->plan->model_path
                                                   : options->merge.model,
                        options->output, attune_progress_line_report, &line, NULL, &error);
  attune_progress_line_clear (&line);
  return done && name_runs (options, folders, &error) ? tell (options, merged, folders)
                                                      : attune_output_fail (error);
}

/* Returns: (transfer full): paths, NULL-terminated; or %NULL with @error. */
static GPtrArray *
find_folders (AttuneProject *project, const char *runs, GError **error)
{
  g_auto (GStrv) list = g_strsplit (runs, ",", -1);
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; list[i] != NULL; i++)
    {
      g_autofree char *config
          = g_build_filename (g_strstrip (list[i]), "adapter_config.json", NULL);
      char *folder = g_file_test (config, G_FILE_TEST_EXISTS)
                         ? g_canonicalize_filename (list[i], NULL)
                         : attune_project_get_run (project, list[i], error);

      if (folder == NULL)
        return NULL;
      if (g_ptr_array_find_with_equal_func (folders, folder, g_str_equal, NULL))
        {
          g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                       "Run %s is named twice (--runs). How much each run counts is said by "
                       "--weights.",
                       list[i]);
          g_free (folder);
          return NULL;
        }
      g_ptr_array_add (folders, folder);
    }
  g_ptr_array_add (folders, NULL);
  return g_steal_pointer (&folders);
}

static int
run_merge (const AttuneCommand *self, char **argv)
{
  g_auto (Options) options = { .merge = { .density = 1, .seed = 1 } };
  gint64 seed = 1;
  const GOptionEntry entries[] = {
    { "runs", 0, 0, G_OPTION_ARG_STRING, &options.runs,
      "Which runs, or folders of adapters in PEFT's format; two or more", "N,N…" },
    { "weights", 0, 0, G_OPTION_ARG_STRING, &options.weights,
      "How much each of them counts; 1 each by default", "W,W…" },
    { "method", 0, 0, G_OPTION_ARG_STRING, &options.method,
      "cat (by default), linear, ties, dare-linear, dare-ties, svd, ties-svd, dare-linear-svd or "
      "dare-ties-svd",
      "NAME" },
    { "density", 0, 0, G_OPTION_ARG_DOUBLE, &options.merge.density,
      "Of ties and dare: the share of values that stays; 1 by default", "SHARE" },
    { "rank", 0, 0, G_OPTION_ARG_INT, &options.merge.rank,
      "Of svd and its like: the rank of what comes out; the largest of theirs by default", "N" },
    { "merge-seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Of dare: start of the random numbers", "N" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &options.format,
      "adapter (by default), merged, gguf-q8_0 …, as attunectl export has them", "FORMAT" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, "Where to", "PATH" },
    { "base-name", 0, 0, G_OPTION_ARG_STRING, &options.base_name,
      "What an adapter calls the model it belongs to; the model's file by default", "NAME" },
    { NULL },
  };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (GPtrArray) folders = NULL;
  g_autofree double *weights = NULL;
  g_autoptr (GError) error = NULL;
  AttuneExportFormat format = ATTUNE_EXPORT_ADAPTER;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  options.merge.seed = seed;
  options.merge.notes = g_ptr_array_new_with_free_func (g_free);
  if (options.method != NULL && !attune_merge_method_find (options.method, &options.merge.method))
    return attune_command_misused (self, "There is no such --method.");
  if (options.format != NULL && !attune_export_format_find (options.format, &format))
    return attune_command_misused (self, "There is no such --format.");
  if (options.runs == NULL || strchr (options.runs, ',') == NULL || options.output == NULL)
    return attune_command_misused (self, "Name two runs or more (--runs 1,2), and where to write "
                                         "what comes out (--output).");
  if (!(options.merge.density > 0 && options.merge.density <= 1))
    return attune_command_misused (self, "The share that stays (--density) is above 0 and at most "
                                         "1.");
  if (options.merge.density < 1 && !attune_merge_method_leaves_out (options.merge.method))
    return attune_command_misused (self, "Only ties and dare leave values out (--density).");
  if (options.merge.rank != 0
      && (options.merge.rank < 0 || !attune_merge_method_takes_apart (options.merge.method)))
    return attune_command_misused (self, "A --rank is chosen with svd and its like alone.");
  if ((project = attune_project_open (arguments[0], &error)) == NULL
      || (folders = find_folders (project, options.runs, &error)) == NULL)
    return attune_output_fail (error);
  options.merge.model = attune_project_get_model (project);
  if ((weights = read_weights (options.weights, folders->len - 1)) == NULL)
    return attune_command_misused (self, "Name a weight for each run: --weights 1,0.5.");
  options.merge.weights = weights;
  return merge_runs (&options, folders, format);
}

const AttuneCommand attune_command_merge = {
  .name = "merge",
  .parameters = "DIR",
  .summary = "Make one adapter of those of several runs",
  .description
  = "The runs are of one model, each with an adapter (lora or qlora); an adapter in PEFT's format, "
    "also one made\n"
    "elsewhere, is named by its folder. cat is exact and as large as "
    "all of them; svd\n"
    "keeps the largest parts of the same at a rank that you choose; linear is small, for adapters "
    "that were learned\n"
    "alike. ties and dare leave out what would disturb the others, value by value, or (…-svd) in "
    "what the adapters\n"
    "change in the weights.\n"
    "\n"
    "Examples:\n"
    "  attunectl merge Nursing.attune --runs 1,2 --output both\n"
    "  attunectl merge Nursing.attune --runs 1,2,5 --weights 1,1,0.5 --method ties-svd --density "
    "0.3 --output all\n"
    "  attunectl merge Nursing.attune --runs 1,downloads/their-adapter --output both\n"
    "  attunectl merge Nursing.attune --runs 1,2 --method svd --rank 16 --format gguf-q8_0 "
    "--output "
    "both.gguf",
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_merge,
};
