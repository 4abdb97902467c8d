/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl model guide: which model of the catalogue to take for a task, with so much memory and
 * time.
 */
#include "command.h"
#include "output.h"

#include "job/guide.h"
#include "plan/rate.h"

#define SHOWN 6 /* of those that fit; the rest with --all */

static const char *const answer_words[ATTUNE_N_ANSWERS] = { "short", "long", "labels" };

typedef struct
{
  char *answers, *language;
  double memory_gb, hours;
  gboolean all;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->answers);
  g_free (self->language);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* Installed, or in the source tree. Returns: (transfer full): */
static char *
find_catalogue (void)
{
  static const char *const folders[] = { ATTUNE_DATADIR, ATTUNE_SOURCE_DATADIR };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (folders[i], "models", NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&path);
    }
  return g_build_filename (ATTUNE_DATADIR, "models", NULL); /* whose absence is then said */
}

static gboolean
make_question (const AttuneCommand *self, const Options *options, AttuneGuideQuestion *question)
{
  guint kind = 0;

  while (options->answers != NULL && kind < ATTUNE_N_ANSWERS
         && !g_str_equal (options->answers, answer_words[kind]))
    kind++;
  if (kind == ATTUNE_N_ANSWERS)
    {
      attune_command_misused (self, "--answers takes short, long or labels");
      return FALSE;
    }
  *question
      = (AttuneGuideQuestion) { .answers = kind,
                                .language = options->language != NULL ? options->language : "en",
                                .available_bytes = options->memory_gb > 0
                                                       ? (guint64) (options->memory_gb * 1e9)
                                                       : attune_memory_available (),
                                .seconds = MAX (0, options->hours) * 3600,
                                .flops_per_second = attune_rate_read (ATTUNE_DEVICE_CPU) };
  return TRUE;
}

static const char *
get_reason (const AttuneGuideChoice *choice)
{
  switch (attune_guide_explain (choice))
    {
    case ATTUNE_GUIDE_SMALLER:
      return "A larger one would suit these answers better, but does not fit or takes too long.";
    case ATTUNE_GUIDE_SLOW:
      return "None is done in that time; this one is the quickest.";
    case ATTUNE_GUIDE_TOO_LARGE:
      return "None fits into this memory; this one needs the least.";
    case ATTUNE_GUIDE_SUITS:
    default:
      return "It suits, fits and is done in time, and is the most able of those.";
    }
}

static void
tell_first (const AttuneGuideChoice *choice)
{
  const AttuneCatalogueModel *model = choice->model;
  g_autofree char *strengths = attune_catalogue_model_say_strengths (model, NULL);
  g_autofree char *languages = g_strjoinv (", ", model->languages);
  g_autofree char *parameters = attune_format_count (model->parameters);
  g_autofree char *run = attune_format_bytes (choice->fit.run_bytes);
  g_autofree char *time = attune_format_seconds (choice->seconds);
  g_autofree char *file = attune_format_bytes (model->bytes);

  attune_output_heading ("%s", model->name);
  attune_output_text ("Why", get_reason (choice));
  attune_output_text ("About it", strengths);
  attune_output_text ("Languages", languages);
  attune_output_row ("Size", "%s parameters, reads up to %d tokens", parameters,
                     model->config.max_tokens);
  attune_output_row ("Licence", "%s. %s%s", model->licence, attune_terms_get_text (model->terms),
                     model->gated ? " Accept it on the model's page first." : "");
  for (int method = 0; method < ATTUNE_N_METHODS; method++)
    {
      AttuneFit fit;
      g_autofree char *bytes = NULL;

      if (!attune_fit_method (method, NULL, &model->config, model->bytes, model->parameters, NULL,
                              &fit, NULL))
        continue;
      bytes = attune_format_bytes (fit.tune_bytes);
      attune_output_row (method == 0 ? "Memory to tune" : "", "%-10s %s", bytes,
                         attune_method_get_title (method));
    }
  attune_output_row ("Memory to answer", "%s", run);
  attune_output_row ("Time to tune", "about %s for a thousand usual samples", time);
  attune_output_row ("Where", "%s, %s%s to fetch",
                     model->pypi_package != NULL     ? model->pypi_package
                     : model->hub_repository != NULL ? model->hub_repository
                                                     : model->repository,
                     model->sha256 != NULL ? "" : "about ", file); /* the hub knows exactly */
}

static void
tell_list (const GPtrArray *choices, gboolean all)
{
  attune_output_heading ("%-30s %10s %10s %14s  %s", "Others", "to tune", "to answer", "time",
                         "licence");
  for (guint i = 1; i < choices->len && (all || i < SHOWN); i++)
    {
      const AttuneGuideChoice *choice = choices->pdata[i];
      g_autofree char *tune = attune_format_bytes (choice->fit.tune_bytes);
      g_autofree char *run = attune_format_bytes (choice->fit.run_bytes);
      g_autofree char *time = attune_format_seconds (choice->seconds);

      attune_output_line ("%-30s %10s %10s %14s  %s%s", choice->model->name, tune, run, time,
                          choice->model->licence, choice->fits ? "" : "  (does not fit)");
    }
  if (!all && choices->len > SHOWN)
    attune_output_line ("%u more with --all", choices->len - SHOWN);
}

static JsonObject *
choice_to_json (const AttuneGuideChoice *choice)
{
  const AttuneCatalogueModel *model = choice->model;
  JsonObject *object = json_object_new (), *methods = json_object_new ();
  JsonArray *languages = json_array_new ();

  for (guint i = 0; model->languages[i] != NULL; i++)
    json_array_add_string_element (languages, model->languages[i]);
  for (int method = 0; method < ATTUNE_N_METHODS; method++)
    {
      AttuneFit fit;

      if (attune_fit_method (method, NULL, &model->config, model->bytes, model->parameters, NULL,
                             &fit, NULL))
        json_object_set_int_member (methods, attune_method_get_name (method), fit.tune_bytes);
    }
  json_object_set_string_member (object, "id", model->id);
  json_object_set_string_member (object, "name", model->name);
  json_object_set_string_member (object, "repository", model->repository);
  json_object_set_int_member (object, "parameters", model->parameters);
  json_object_set_int_member (object, "context", model->config.max_tokens);
  json_object_set_array_member (object, "languages", languages);
  json_object_set_string_member (object, "licence", model->licence);
  json_object_set_boolean_member (object, "gated", model->gated);
  json_object_set_int_member (object, "file_bytes", model->bytes);
  json_object_set_object_member (object, "tune_bytes", methods);
  json_object_set_int_member (object, "run_bytes", choice->fit.run_bytes);
  json_object_set_double_member (object, "tune_seconds", choice->seconds);
  json_object_set_boolean_member (object, "speaks", choice->speaks);
  json_object_set_boolean_member (object, "suits", choice->suits);
  json_object_set_boolean_member (object, "fits", choice->fits);
  json_object_set_boolean_member (object, "in_time", choice->in_time);
  return object;
}

static void
tell_json (const GPtrArray *choices, guint64 available)
{
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < choices->len; i++)
    json_array_add_object_element (array, choice_to_json (choices->pdata[i]));
  json_object_set_int_member (object, "available_bytes", available);
  json_object_set_array_member (object, "models", array); /* the recommended one first */
  attune_output_json (object);
}

static int
run_guide (const AttuneCommand *self, char **argv)
{
  g_auto (Options) options = { .hours = 10 };
  const GOptionEntry entries[] = {
    { "answers", 0, 0, G_OPTION_ARG_STRING, &options.answers,
      "short: facts in a sentence or two; long: explanations and letters; labels: sorting",
      "KIND" },
    { "language", 0, 0, G_OPTION_ARG_STRING, &options.language,
      "Language of questions and answers: en, de, fr … (en)", "CODE" },
    { "memory-limit", 0, 0, G_OPTION_ARG_DOUBLE, &options.memory_gb,
      "Reckon with so much memory instead of all that is free", "GB" },
    { "hours", 0, 0, G_OPTION_ARG_DOUBLE, &options.hours,
      "Tuning may take so long (10, which is a night); 0: any time", "HOURS" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &options.all, "List every model of the catalogue", NULL },
    { NULL },
  };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_autofree char *folder = find_catalogue ();
  g_autoptr (GPtrArray) catalogue = NULL, choices = NULL;
  g_autoptr (GError) error = NULL;
  AttuneGuideQuestion question;

  if (arguments == NULL || !make_question (self, &options, &question))
    return ATTUNE_EXIT_USAGE;
  if ((catalogue = attune_catalogue_load (folder, &error)) == NULL)
    return attune_output_fail (error);
  choices = attune_guide_rank (catalogue, &question);
  if (choices->len > 0)
    tell_first (choices->pdata[0]);
  tell_list (choices, options.all);
  tell_json (choices, question.available_bytes);
  return ATTUNE_EXIT_OK;
}

const AttuneCommand attune_command_model_guide = {
  .name = "model guide",
  .parameters = "",
  .summary = "Find a model for a task, memory and time",
  .description
  = "Memory is reckoned as for a plan, with a thousand samples of some hundred tokens; time by the "
    "speed\n"
    "of the last run on this computer, or guessed where there was none.\n"
    "\n"
    "Examples:\n"
    "  attunectl model guide\n"
    "  attunectl model guide --answers long --language de --hours 48\n"
    "  attunectl model guide --answers labels --memory-limit 4 --all",
  .min_arguments = 0,
  .max_arguments = 0,
  .run = run_guide,
};
