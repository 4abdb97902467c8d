/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl search: tries settings, or checks each part of the data once.
 */
#include "aliases.h"
#include "forecast.h"
#include "output.h"
#include "run-report.h"

#include "core/settings.h"
#include "job/json.h"
#include "job/search.h"

typedef struct
{
  char **vary;
  char *strategy, *name;
  int trials;
  gint64 seed;
  gboolean resume, show, take;
  double memory_limit;
  AttunePlan *said;
  char **words;
} Options;

static void
options_clear (Options *self)
{
  g_strfreev (self->vary);
  g_strfreev (self->words);
  g_free (self->strategy);
  g_free (self->name);
  g_clear_object (&self->said);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* --- what is said on the way */

typedef struct
{
  const char *project;
  AttuneRunReport report;
  char *folder;
} Telling;

/* "learning-rate 2e-05, lora-rank 8" */
static char *
describe_values (const AttuneSearch *search, const AttuneSearchTrial *trial)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < search->space->len; i++)
    g_string_append_printf (text, "%s%s %s", i > 0 ? ", " : "",
                            ((AttuneSearchVariable *) search->space->pdata[i])->name,
                            trial->texts[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
on_run (gpointer data, AttuneSearch *search, guint number, const char *folder)
{
  Telling *self = data;
  const AttuneSearchTrial *trial = search->trials->pdata[number];
  g_autofree char *values = describe_values (search, trial), *run = g_path_get_basename (folder);

  g_set_str (&self->folder, folder);
  self->report = (AttuneRunReport) ATTUNE_RUN_REPORT (self->project, self->folder);
  self->report.searching = TRUE;
  attune_output_heading ("Trial %u: run %s%s%s", number + 1, run, *values != '\0' ? ", " : "",
                         values);
}

static char *
describe_score (const AttuneSearchTrial *trial)
{
  if (trial->refused != NULL)
    return g_strdup ("refused");
  if (isnan (trial->score))
    return g_strdup ("not ended");
  if (isinf (trial->score))
    return g_strdup ("failed");
  if (isnan (trial->lo))
    return g_strdup_printf ("%.4f", trial->score);
  return g_strdup_printf ("%.4f (95 %% interval %.4f to %.4f)", trial->score, trial->lo, trial->hi);
}

static void
on_trial (gpointer data, AttuneSearch *search, guint number)
{
  Telling *self = data;
  const AttuneSearchTrial *trial = search->trials->pdata[number];
  g_autofree char *score = describe_score (trial),
                  *label = g_strdup_printf ("Trial %u", number + 1);

  attune_progress_line_clear (&self->report.line);
  attune_output_row (label, "%s", score);
  if (trial->refused != NULL)
    attune_output_text ("", trial->refused);
}

static void
on_event (const char *event, JsonObject *members, gpointer data)
{
  Telling *self = data;

  attune_run_report_event (event, members, &self->report);
  if (g_str_equal (event, "failed") && !attune_output_is_json ())
    attune_output_text ("", attune_json_get_string (members, "text"));
}

/* --- results */

static JsonObject *
trial_to_json (const AttuneSearch *search, const AttuneSearchTrial *trial)
{
  JsonObject *object = json_object_new (), *values = json_object_new ();
  JsonArray *runs = json_array_new ();

  for (guint i = 0; i < search->space->len; i++)
    json_object_set_string_member (values, ((AttuneSearchVariable *) search->space->pdata[i])->name,
                                   trial->texts[i]);
  for (guint i = 0; i < trial->runs->len; i++)
    json_array_add_string_element (runs, trial->runs->pdata[i]);
  json_object_set_object_member (object, "values", values);
  json_object_set_array_member (object, "runs", runs);
  attune_json_set_double (object, "loss", trial->score);
  if (!isnan (trial->lo))
    {
      attune_json_set_double (object, "low", trial->lo);
      attune_json_set_double (object, "high", trial->hi);
    }
  if (search->strategy == ATTUNE_SEARCH_HALVING)
    json_object_set_int_member (object, "rungs", trial->halving.n_rungs);
  if (trial->refused != NULL)
    json_object_set_string_member (object, "refused", trial->refused);
  return object;
}

static void
tell_best (const AttuneSearch *search, int best, const char *project)
{
  const AttuneSearchTrial *trial = search->trials->pdata[best];
  g_autofree char *values = describe_values (search, trial);

  if (search->space->len == 0)
    return;
  attune_output_row ("Best", "trial %d: %s", best + 1, values);
  if (trial->score >= trial->base)
    attune_output_row ("", "no trial made the model better than it was before (%.4f)", trial->base);
  attune_output_row ("Next", "attunectl search %s --take puts it into the project's plan", project);
}

static void
tell (const AttuneSearch *search, const char *project, gboolean stopped)
{
  const int best = attune_search_find_best (search);
  g_autofree char *name = g_path_get_basename (search->folder);
  JsonObject *object = json_object_new ();
  JsonArray *trials = json_array_new ();

  attune_output_heading ("Search %s: validation loss", name);
  for (guint i = 0; i < search->trials->len; i++)
    {
      const AttuneSearchTrial *trial = search->trials->pdata[i];
      g_autofree char *score = describe_score (trial), *values = describe_values (search, trial);
      g_autofree char *label = g_strdup_printf ("Trial %u", i + 1);

      attune_output_row (label, "%-10s %s", score, values);
      json_array_add_object_element (trials, trial_to_json (search, trial));
    }
  if (best >= 0)
    tell_best (search, best, project);
  if (stopped)
    attune_output_row ("Stopped", "attunectl search %s --resume goes on", project);
  json_object_set_string_member (object, "search", search->folder);
  json_object_set_string_member (object, "strategy", attune_search_get_name (search->strategy));
  json_object_set_boolean_member (object, "stopped", stopped);
  json_object_set_int_member (object, "best", best);
  json_object_set_array_member (object, "trials", trials);
  attune_output_json (object);
}

/* The best trial's values into the project's plan, and what goes along with them. */
static int
take (AttuneProject *project, AttuneSearch *search)
{
  const int best = attune_search_find_best (search);
  AttunePlan *plan = attune_project_get_plan (project);
  g_autoptr (AttunePlan) found = NULL;
  g_autoptr (JsonNode) values = NULL;
  g_autofree char *words = NULL;
  g_autoptr (GError) error = NULL;

  if (search->space->len == 0)
    {
      g_set_error_literal (&error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                           "This search has varied nothing (--vary), so there is nothing to take: "
                           "the plan is as it was measured.");
      return attune_output_fail (error);
    }
  if (best < 0)
    {
      g_set_error_literal (&error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                           "No trial of this search has ended well yet, so there is none to take.");
      return attune_output_fail (error);
    }
  found = attune_search_space_make_plan (
      search->space, plan,
      (const char *const *) ((AttuneSearchTrial *) search->trials->pdata[best])->texts, &error);
  if (found == NULL)
    return attune_output_fail (error);
  values = attune_settings_to_json (G_OBJECT (found));
  if (!attune_settings_apply_json (G_OBJECT (plan), values, &error)
      || !attune_project_save (project, &error))
    return attune_output_fail (error);
  words = describe_values (search, search->trials->pdata[best]);
  attune_output_row ("Taken", "%s", words);
  attune_output_json (trial_to_json (search, search->trials->pdata[best]));
  return ATTUNE_EXIT_OK;
}

/* --- the search */

static gboolean
is_said (const Options *options, const char *name)
{
  g_autofree char *with_value = g_strconcat (name, "=", NULL);

  for (guint i = 0; options->words[i] != NULL; i++)
    if (g_str_equal (options->words[i], name) || g_str_has_prefix (options->words[i], with_value))
      return TRUE;
  return FALSE;
}

/* Each run keeps a checkpoint. */
static void
tell_disk (const AttuneSearch *search, guint64 bytes)
{
  const guint n = search->n_trials * attune_search_count_parts (search);
  g_autofree char *text = attune_format_bytes (bytes * n);

  attune_output_row ("Disk", "%s for the checkpoints of at most %u runs", text, n);
}

static AttuneSearch *
make_search (AttuneProject *project, const Options *options, GError **error)
{
  g_autoptr (AttunePlan) plan = attune_plan_copy (attune_project_get_plan (project));
  g_auto (AttuneForecast) forecast = { 0 };
  AttuneSearchStrategy strategy = ATTUNE_SEARCH_TPE;
  g_autoptr (AttuneSearch) search = NULL;

  if (options->strategy != NULL && !attune_search_find (options->strategy, &strategy, error))
    return NULL;
  attune_aliases_take (plan, options->said, options->words);
  /* each record is to check once */
  if (attune_plan_get_values (plan)->folds > 1 && !is_said (options, "--max-validation-samples"))
    g_object_set (plan, "max-validation-samples", 0, NULL);
  if (!attune_forecast_make (&forecast, project, plan, options->memory_limit, error))
    return NULL;
  if (forecast.too_large != NULL && options->vary == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&forecast.too_large));
      return NULL;
    }
  search = attune_search_new (project, plan, (const char *const *) options->vary, strategy,
                              options->trials, options->seed, error);
  if (search == NULL)
    return NULL;
  search->memory_limit = MAX (0, options->memory_limit) * 1e9;
  if (strategy == ATTUNE_SEARCH_GRID && search->n_trials < attune_search_count_grid (search->space))
    attune_output_row ("Grid", "%u of %u combinations are tried (--trials)", search->n_trials,
                       attune_search_count_grid (search->space));
  tell_disk (search, forecast.estimate.disk_bytes);
  return g_steal_pointer (&search);
}

/* An earlier one, to which --trials and --memory-limit may give more. */
static AttuneSearch *
open_search (AttuneProject *project, const Options *options, GError **error)
{
  g_autoptr (AttuneSearch) search = attune_search_open (project, options->name, error);

  if (search == NULL
      || (is_said (options, "--trials")
          && !attune_search_set_trials (search, options->trials, error)))
    return NULL;
  if (is_said (options, "--memory-limit"))
    search->memory_limit = MAX (0, options->memory_limit) * 1e9;
  return g_steal_pointer (&search);
}

static int
run_search (AttuneProject *project, const Options *options, const char *name)
{
  static const AttuneSearchFuncs funcs = { on_run, on_trial, on_event };
  Telling telling = { .project = name, .report = ATTUNE_RUN_REPORT (name, NULL) };
  g_autoptr (AttuneSearch) search = NULL;
  g_autoptr (GError) error = NULL;
  gboolean stopped, done;

  search = options->resume || options->show || options->take
               ? open_search (project, options, &error)
               : make_search (project, options, &error);
  if (search == NULL)
    return attune_output_fail (error);
  if (options->take)
    return take (project, search);
  if (options->show)
    {
      tell (search, name, FALSE);
      return ATTUNE_EXIT_OK;
    }
  done = attune_search_run (search, &funcs, &telling, &stopped, &error);
  attune_progress_line_clear (&telling.report.line);
  g_free (telling.folder);
  if (!done)
    return attune_output_fail (error);
  tell (search, name, stopped);
  if (!stopped && search->trials->len < search->n_trials)
    attune_output_row ("", "there are no other values to try");
  return ATTUNE_EXIT_OK;
}

/* Returns: (nullable): what does not go together. */
static const char *
find_misuse (const Options *options)
{
  const gboolean earlier = options->resume || options->show || options->take;

  if (options->resume + options->show + options->take > 1)
    return "Only one of --resume, --show and --take can be asked for.";
  if (earlier
      && (options->vary != NULL || attune_aliases_find_setting (options->words) != NULL
          || is_said (options, "--strategy") || is_said (options, "--search-seed")))
    return "What is varied, how, and settings go with a new search; others keep theirs.";
  if ((options->show || options->take)
      && (is_said (options, "--trials") || is_said (options, "--memory-limit")))
    return "--trials and --memory-limit go with a new search or with --resume.";
  if (!earlier && options->name != NULL)
    return "--search goes with --resume, --show or --take; a new search gets its own number.";
  if (is_said (options, "--fold"))
    return "A search does all parts of the data, one after the other: --fold goes with attunectl "
           "tune.";
  return NULL;
}

static int
run_command (const AttuneCommand *self, char **argv)
{
  g_auto (Options) options = { .trials = -1, .seed = 1, .said = attune_plan_new () };
  const GOptionEntry entries[] = {
    { "vary", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.vary,
      "A setting and its values: NAME=LOW..HIGH, NAME=A,B,C or NAME=all; may be said several times",
      "NAME=VALUES" },
    { "strategy", 0, 0, G_OPTION_ARG_STRING, &options.strategy,
      "grid, random, tpe (by default), halving or policy", "NAME" },
    { "trials", 0, 0, G_OPTION_ARG_INT, &options.trials,
      "At most so many; 10 by default, all of a grid. With --resume: as many from here on", "N" },
    { "search-seed", 0, 0, G_OPTION_ARG_INT64, &options.seed,
      "Start of the random numbers that values are drawn with", "N" },
    { "resume", 0, 0, G_OPTION_ARG_NONE, &options.resume,
      "Go on with a search that was stopped or has crashed", NULL },
    { "show", 0, 0, G_OPTION_ARG_NONE, &options.show, "Say what the trials came to", NULL },
    { "take", 0, 0, G_OPTION_ARG_NONE, &options.take,
      "Put the best trial's values into the project's plan", NULL },
    { "search", 0, 0, G_OPTION_ARG_STRING, &options.name,
      "Which search to resume, show or take; the latest by default", "NUMBER" },
    { "memory-limit", 0, 0, G_OPTION_ARG_DOUBLE, &options.memory_limit,
      "Refuse to start where more would be needed; all that is free by default", "GB" },
    { NULL },
  };
  g_auto (GStrv) arguments = NULL;
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (GError) error = NULL;
  const char *misuse;

  options.words = attune_aliases_parse (self, argv);
  if (options.words == NULL
      || (arguments = attune_command_parse (self, entries, G_OBJECT (options.said), options.words))
             == NULL)
    return ATTUNE_EXIT_USAGE;
  if ((misuse = find_misuse (&options)) != NULL)
    return attune_command_misused (self, misuse);
  if ((project = attune_project_open (arguments[0], &error)) == NULL)
    return attune_output_fail (error);
  return run_search (project, &options, arguments[0]);
}

const AttuneCommand attune_command_search = {
  .name = "search",
  .parameters = "DIR",
  .summary = "Try settings of the plan, or check each part of the data once",
  .description
  = "Each trial is an ordinary run in DIR/runs, judged by its validation loss. Settings of the "
    "plan "
    "that are given\n"
    "are the same for all trials. With --folds 5 a trial is five runs, each of which is checked by "
    "another fifth of\n"
    "the records, and the mean is told with its 95 % interval; without --vary that is all. Records "
    "of one group or\n"
    "question stay in one part, and similar ones where they were prepared so; equal answers need "
    "not, and labels are\n"
    "not spread evenly over the parts. All of a part check, unless --max-validation-samples says "
    "otherwise. "
    "Ctrl+C stops;\n"
    "--resume goes on, to the same result. --take puts the best trial's values of what was varied "
    "into the plan, and\n"
    "nothing else. attunectl plan methods lists the strategies.\n"
    "\n"
    "Examples:\n"
    "  attunectl search Nursing.attune --vary learning-rate=1e-5..1e-3 --vary lora-rank=4,8,16\n"
    "  attunectl search Nursing.attune --vary optimizer=adamw,lion --strategy grid\n"
    "  attunectl search Nursing.attune --vary learning-rate=1e-5..1e-2 --strategy halving --trials "
    "27\n"
    "  attunectl search Nursing.attune --folds 5\n"
    "  attunectl search Nursing.attune --resume\n"
    "\n"
    "Next: attunectl search Nursing.attune --take",
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_command,
};
