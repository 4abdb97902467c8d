/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl tune: begins, resumes, follows or stops a run.
 */
#include "aliases.h"
#include "forecast.h"
#include "output.h"
#include "run-report.h"

#include "job/json.h"
#include "job/run-plan.h"
#include "job/worker.h"

#include <string.h>

#define FOLLOW_US (250 * 1000) /* how often events.jsonl is looked at */

typedef struct
{
  gboolean resume, background, follow, stop, force;
  char *run;
  double memory_limit; /* GB; 0: all that is free */
  AttunePlan *said;    /* what was said of the plan for this run … */
  char **words;        /* … by these words */
} Options;

/* The project's plan with what was said for this run. Returns: (transfer full). */
static AttunePlan *
make_plan (AttuneProject *project, const Options *options)
{
  AttunePlan *plan = attune_plan_copy (attune_project_get_plan (project));

  attune_aliases_take (plan, options->said, options->words);
  return plan;
}

/* Whether the plan fits into memory; says why not, and what would. */
static gboolean
check_memory (AttuneProject *project, AttunePlan *plan, const Options *options, GError **error)
{
  g_auto (AttuneForecast) forecast = { 0 };

  if (!attune_forecast_make (&forecast, project, plan, options->memory_limit, error))
    return FALSE;
  if (forecast.too_large == NULL)
    return TRUE;
  if (options->force)
    {
      attune_output_row ("Note", "%s (--force)", forecast.too_large->message);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&forecast.too_large));
  return FALSE;
}

/* An earlier run that could go on is easily forgotten. */
static void
mention_unfinished (AttuneProject *project, const char *name)
{
  g_autofree char *folder = attune_project_get_run (project, NULL, NULL);
  g_autofree char *run = folder != NULL ? g_path_get_basename (folder) : NULL;
  const AttuneRunState state = folder != NULL ? attune_run_get_state (folder) : ATTUNE_RUN_NEW;

  if (state == ATTUNE_RUN_STOPPED || state == ATTUNE_RUN_CRASHED)
    attune_output_row (
        "Note", "run %s is unfinished (%s); attunectl tune %s --resume --run %s goes on with it",
        run, attune_run_state_get_name (state), name, run);
}

/* The folder to work in: a new run, or the one to go on with. Returns: (transfer full). */
static char *
choose_run (AttuneProject *project, const Options *options, const char *name, GError **error)
{
  g_autofree char *folder = NULL;
  g_autoptr (AttuneRunPlan) plan = NULL;

  if (!options->resume)
    {
      g_autoptr (AttunePlan) changed = make_plan (project, options);

      if (!check_memory (project, changed, options, error))
        return NULL;
      mention_unfinished (project, name);
      return attune_project_new_run (project, changed, error);
    }
  folder = attune_project_get_run (project, options->run, error);
  if (folder == NULL || (plan = attune_run_plan_read (folder, error)) == NULL)
    return NULL;
  if (attune_run_get_state (folder) == ATTUNE_RUN_FINISHED)
    {
      g_set_error (
          error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
          "The run “%s” is finished; there is nothing to go on with. A new run: attunectl tune %s",
          folder, name);
      return NULL;
    }
  if (attune_run_get_state (folder) != ATTUNE_RUN_RUNNING
      && !check_memory (project, plan->plan, options, error))
    return NULL;
  return g_steal_pointer (&folder);
}

/* Shows events as they come until the worker has gone. Returns the exit status. */
static int
follow (const char *project, const char *folder, guint64 offset)
{
  AttuneRunReport report = ATTUNE_RUN_REPORT (project, folder);
  g_autoptr (GError) error = NULL;

  for (;;)
    {
      /* Asked first: what the worker writes before it goes is read below. */
      const AttuneRunState state = attune_run_get_state (folder);
      g_autoptr (GPtrArray) events = attune_run_read_events (folder, &offset, &error);

      if (events == NULL)
        return attune_output_fail (error);
      for (guint i = 0; i < events->len; i++)
        {
          JsonObject *event = json_node_get_object (events->pdata[i]);

          attune_run_report_event (attune_json_get_string (event, "event"), event, &report);
        }
      if (state == ATTUNE_RUN_RUNNING)
        {
          g_usleep (FOLLOW_US);
          continue;
        }
      attune_progress_line_clear (&report.line);
      if (state == ATTUNE_RUN_FAILED)
        {
          g_autoptr (JsonNode) last = attune_run_find_event (folder, "failed");

          g_set_error_literal (&error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                               attune_json_get_string (json_node_get_object (last), "text"));
        }
      else if (state == ATTUNE_RUN_CRASHED)
        g_set_error (&error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                     "The worker has ended unexpectedly. Its last words are in “%s/worker.log”; go "
                     "on from the last "
                     "checkpoint with: attunectl tune %s --resume",
                     folder, project);
      return error != NULL ? attune_output_fail (error) : ATTUNE_EXIT_OK;
    }
}

static int
work_here (const char *project, const char *folder)
{
  AttuneRunReport report = ATTUNE_RUN_REPORT (project, folder);
  g_autoptr (GError) error = NULL;
  gboolean done;

  attune_run_clear_request (folder, "stop");
  done = attune_worker_run_watched (folder, attune_run_report_event, &report, &error);
  attune_progress_line_clear (&report.line);
  return done ? ATTUNE_EXIT_OK : attune_output_fail (error);
}

static int
work_in_background (const char *project, const char *folder)
{
  g_autoptr (GError) error = NULL;
  const int pid = attune_worker_start (folder, NULL, &error);
  JsonObject *object;

  if (pid == 0)
    return attune_output_fail (error);
  object = json_object_new ();
  json_object_set_string_member (object, "run", folder);
  json_object_set_int_member (object, "pid", pid);
  attune_output_row ("Started", "in the background; it goes on when this window is closed");
  attune_output_row ("Watch it", "attunectl tune %s --follow", project);
  attune_output_row ("Stop it", "attunectl tune %s --stop", project);
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

static int
stop (const char *folder)
{
  g_autoptr (GError) error = NULL;
  JsonObject *object;

  if (attune_run_get_state (folder) != ATTUNE_RUN_RUNNING)
    {
      g_set_error (&error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE, "The run “%s” is not running.",
                   folder);
      return attune_output_fail (error);
    }
  if (!attune_run_request (folder, "stop", &error))
    return attune_output_fail (error);
  object = json_object_new ();
  json_object_set_string_member (object, "run", folder);
  attune_output_row ("Asked", "the run saves a checkpoint after its present step and stops");
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

static int
run_with_options (const AttuneCommand *self, const Options *options, const char *name)
{
  g_autoptr (AttuneProject) project = NULL;
  g_autofree char *folder = NULL, *run = NULL;
  g_autoptr (GError) error = NULL;

  if ((project = attune_project_open (name, &error)) == NULL)
    return attune_output_fail (error);
  if (options->follow || options->stop)
    folder = attune_project_get_run (project, options->run, &error);
  else
    folder = choose_run (project, options, name, &error);
  if (folder == NULL)
    return attune_output_fail (error);
  if (options->follow)
    return follow (name, folder, 0);
  if (options->stop)
    return stop (folder);

  run = g_path_get_basename (folder);
  attune_output_heading ("Run %s of %s", run, name);
  return options->background ? work_in_background (name, folder) : work_here (name, folder);
}

static int
run_tune (const AttuneCommand *self, char **argv)
{
  Options options = { 0 };
  const GOptionEntry entries[] = {
    { "resume", 0, 0, G_OPTION_ARG_NONE, &options.resume,
      "Go on with a run that was stopped or has crashed", NULL },
    { "run", 0, 0, G_OPTION_ARG_STRING, &options.run,
      "Which run to resume, follow or stop; the latest by default", "NUMBER" },
    { "background", 0, 0, G_OPTION_ARG_NONE, &options.background,
      "Let it work at low priority, and come back at once", NULL },
    { "follow", 0, 0, G_OPTION_ARG_NONE, &options.follow,
      "Watch a run that works in the background", NULL },
    { "stop", 0, 0, G_OPTION_ARG_NONE, &options.stop, "Have a run save a checkpoint and stop",
      NULL },
    { "memory-limit", 0, 0, G_OPTION_ARG_DOUBLE, &options.memory_limit,
      "Refuse to start where more would be needed; all that is free by default", "GB" },
    { "force", 0, 0, G_OPTION_ARG_NONE, &options.force, "Start even where memory will not do",
      NULL },
    { NULL },
  };
  g_autoptr (AttunePlan) said = attune_plan_new ();
  g_auto (GStrv) words = attune_aliases_parse (self, argv), arguments = NULL;
  g_autofree char *run = NULL;
  const char *setting;

  if (words == NULL
      || (arguments = attune_command_parse (self, entries, G_OBJECT (said), words)) == NULL)
    return ATTUNE_EXIT_USAGE;
  run = options.run;
  options.said = said;
  options.words = words;
  if (options.follow + options.stop + (options.resume || options.background) > 1)
    return attune_command_misused (
        self, "Only one of --follow, --stop and --resume or --background can be asked for.");
  if (options.run != NULL && !options.follow && !options.stop && !options.resume)
    return attune_command_misused (
        self, "--run goes with --resume, --follow or --stop; a new run gets its own number.");
  setting = attune_aliases_find_setting (words);
  if (setting != NULL && (options.follow || options.stop || options.resume))
    {
      g_autofree char *sentence
          = g_strdup_printf ("%s goes with a new run; others keep theirs.", setting);

      return attune_command_misused (self, sentence);
    }
  return run_with_options (self, &options, arguments[0]);
}

const AttuneCommand attune_command_tune = {
  .name = "tune",
  .parameters = "DIR",
  .summary = "Let the model learn from the data, as planned",
  .description = "Each run has its own folder in DIR/runs, with its plan, its events and its "
                 "checkpoint. Ctrl+C saves a\n"
                 "checkpoint and stops; a run that was stopped, or a computer that was switched "
                 "off, loses nothing\n"
                 "before the last checkpoint, and the result is the same as without the break. "
                 "Settings of the plan\n"
                 "that are given here are for this run only; attunectl plan methods lists what can "
                 "learn.\n"
                 "\n"
                 "Examples:\n"
                 "  attunectl tune Nursing.attune\n"
                 "  attunectl tune Nursing.attune --method layers\n"
                 "  attunectl tune Nursing.attune --resume\n"
                 "  attunectl tune Nursing.attune --background\n"
                 "  attunectl tune Nursing.attune --follow\n"
                 "\n"
                 "Next: attunectl evaluate Nursing.attune",
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_tune,
};
