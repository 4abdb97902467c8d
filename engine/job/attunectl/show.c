/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl show: how far a project is, and where everything lies.
 */
#include "chart.h"
#include "command.h"
#include "output.h"

#include "core/settings.h"
#include "data/dataset.h"
#include "data/report-view.h"
#include "job/evaluation.h"
#include "job/json.h"
#include "job/run-plan.h"

#include <glib/gstdio.h>
#include <math.h>

/* What is learned from is not the records themselves where labels are balanced or variants made. */
static void
show_balance (const AttuneDataset *dataset)
{
  g_autoptr (JsonNode) node = json_from_string (attune_dataset_get_report (dataset), NULL);
  g_autoptr (AttuneReportView) report = attune_report_view_new (node);
  const guint64 n = report->splits[ATTUNE_SPLIT_TRAIN];

  if (n != attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN))
    attune_output_row ("", "to learn from: samples of %" G_GUINT64_FORMAT " records, %s", n,
                       report->n_variants > 0 ? "with variants of them"
                                              : "as the labels are balanced");
}

static void
show_data (AttuneProject *project, JsonObject *object)
{
  g_autofree char *path = attune_project_get_file (project, "dataset.h5");
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *data = json_object_new ();

  json_object_set_object_member (object, "data", data);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      attune_output_row ("1 Data", "none yet: attunectl import");
      json_object_set_string_member (data, "state", "missing");
      return;
    }
  json_object_set_string_member (data, "file", path);
  if ((dataset = attune_dataset_open (path, &error)) == NULL)
    {
      attune_output_row ("1 Data", "imported; not prepared yet: attunectl prepare");
      attune_output_row ("", "%s", error->message);
      json_object_set_string_member (data, "state", "imported");
      return;
    }
  json_object_set_string_member (data, "state", "prepared");
  json_object_set_int_member (data, "train", attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN));
  json_object_set_int_member (data, "validation",
                              attune_dataset_count (dataset, ATTUNE_SPLIT_VALIDATION));
  json_object_set_int_member (data, "test", attune_dataset_count (dataset, ATTUNE_SPLIT_TEST));
  json_object_set_int_member (data, "excluded",
                              attune_dataset_count (dataset, ATTUNE_SPLIT_EXCLUDED));
  attune_output_row ("1 Data",
                     "%" G_GUINT64_FORMAT " samples to learn from, %" G_GUINT64_FORMAT
                     " to check with, %" G_GUINT64_FORMAT " held out, %" G_GUINT64_FORMAT
                     " cleaned away",
                     attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN),
                     attune_dataset_count (dataset, ATTUNE_SPLIT_VALIDATION),
                     attune_dataset_count (dataset, ATTUNE_SPLIT_TEST),
                     attune_dataset_count (dataset, ATTUNE_SPLIT_EXCLUDED));
  show_balance (dataset);
  attune_output_row ("", "%s", path);
}

static void
show_model (AttuneProject *project, JsonObject *object)
{
  const char *path = attune_project_get_model (project);
  const gboolean there = path != NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR);

  if (path == NULL)
    attune_output_row ("2 Model", "none yet: attunectl model");
  else
    attune_output_row ("2 Model", "%s%s", path, there ? "" : "  (missing)");
  if (path != NULL)
    json_object_set_string_member (object, "model", path);
  json_object_set_boolean_member (object, "model_found", there);
}

static void
show_plan (AttuneProject *project, JsonObject *object)
{
  AttunePlan *plan = attune_project_get_plan (project);
  g_autofree char *rate = attune_settings_get_text (G_OBJECT (plan), "learning-rate");
  g_autofree char *epochs = attune_settings_get_text (G_OBJECT (plan), "epochs");

  g_autofree char *method
      = attune_plan_get_rank (plan) > 0
            ? g_strdup_printf ("adapter of rank %d", attune_plan_get_rank (plan))
            : g_strdup ("whole model");

  attune_output_row ("3 Plan", "%s, learning rate %s, passes %s, %d samples per step", method, rate,
                     epochs, attune_plan_get_values (plan)->batch_size);
  json_object_set_member (object, "plan", attune_settings_to_json (G_OBJECT (plan)));
}

/* How long the run is, by its last step. */
static char *
describe_run (const char *folder, AttuneRunState state)
{
  g_autoptr (JsonNode) step = attune_run_find_event (folder, "step"), end = NULL;
  JsonObject *e = step != NULL ? json_node_get_object (step) : NULL;
  GString *text = g_string_new (attune_run_state_get_name (state));

  if (state == ATTUNE_RUN_FINISHED && (end = attune_run_find_event (folder, "finished")) != NULL)
    {
      JsonObject *last = json_node_get_object (end);
      const gboolean rewards = attune_json_get_value (last, "best_reward") != NULL;

      g_string_append_printf (text, ", %s %.3f to %.3f", rewards ? "reward" : "validation loss",
                              attune_json_get_double (last, rewards ? "base_reward" : "base_loss"),
                              attune_json_get_double (last, rewards ? "best_reward" : "best_loss"));
    }
  else if (e != NULL)
    g_string_append_printf (text, " at step %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT,
                            attune_json_get_int (e, "step"), attune_json_get_int (e, "steps"));
  if (state == ATTUNE_RUN_FAILED && (end = attune_run_find_event (folder, "failed")) != NULL)
    g_string_append_printf (text, ": %s",
                            attune_json_get_string (json_node_get_object (end), "text"));
  return g_string_free (text, FALSE);
}

static void
show_runs (AttuneProject *project, JsonObject *object)
{
  g_auto (GStrv) runs = attune_project_list_runs (project);
  JsonArray *array = json_array_new ();

  if (runs[0] == NULL)
    attune_output_row ("4 Tune", "no run yet: attunectl tune");
  for (guint i = 0; runs[i] != NULL; i++)
    {
      g_autofree char *folder = attune_project_get_run (project, runs[i], NULL), *text = NULL,
                      *label = NULL;
      const AttuneRunState state = attune_run_get_state (folder);
      JsonObject *run = json_object_new ();

      text = describe_run (folder, state);
      label = g_strdup_printf ("4 Tune, run %s", runs[i]);
      attune_output_row (label, "%s", text);
      json_object_set_string_member (run, "run", runs[i]);
      json_object_set_string_member (run, "folder", folder);
      json_object_set_string_member (run, "state", attune_run_state_get_name (state));
      json_array_add_object_element (array, run);
    }
  json_object_set_array_member (object, "runs", array);
}

static void
show_evaluations (AttuneProject *project, JsonObject *object)
{
  g_auto (GStrv) paths = attune_project_list_evaluations (project);
  JsonArray *array = json_array_new ();

  if (paths[0] == NULL)
    attune_output_row ("5 Evaluate", "not yet: attunectl evaluate");
  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autoptr (AttuneEvaluation) e = attune_evaluation_read (paths[i], NULL);
      JsonObject *item = json_object_new ();

      json_object_set_string_member (item, "file", paths[i]);
      json_array_add_object_element (array, item);
      if (e == NULL)
        {
          attune_output_row ("5 Evaluate", "%s cannot be read", paths[i]);
          continue;
        }
      json_object_set_string_member (item, "run", e->run);
      attune_json_set_double (item, "base_loss", e->base.loss);
      attune_json_set_double (item, "tuned_loss", e->tuned.loss);
      attune_output_row ("5 Evaluate", "run %s: perplexity %.2f to %.2f, token F1 %.3f to %.3f",
                         e->run, e->base.perplexity, e->tuned.perplexity, e->base.token_f1,
                         e->tuned.token_f1);
      attune_output_row ("", "%s", paths[i]);
    }
  json_object_set_array_member (object, "evaluations", array);
}

static void
show_exports (AttuneProject *project, JsonObject *object)
{
  g_autofree char *path = attune_project_get_file (project, "exports");
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  JsonArray *array = json_array_new ();
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *whole = g_build_filename (path, name, NULL);

      /* What is kept beside an export is not one, nor is what was broken off. */
      if (g_str_has_suffix (name, ".json") || g_str_has_suffix (name, ".Modelfile")
          || g_str_has_suffix (name, ".part") || g_str_has_suffix (name, ".new"))
        continue;
      attune_output_row ("6 Deploy", "%s", whole);
      json_array_add_string_element (array, whole);
    }
  if (json_array_get_length (array) == 0)
    attune_output_row ("6 Deploy", "nothing exported yet: attunectl export");
  json_object_set_array_member (object, "exports", array);
}

/* Curves of one run, and its folder. */
static gboolean
show_run (const char *folder, JsonObject *object, GError **error)
{
  g_autoptr (AttuneRunCurves) curves = attune_run_curves_new ();
  g_autofree char *state = describe_run (folder, attune_run_get_state (folder));
  JsonArray *train, *validation;

  if (!attune_run_curves_read (curves, folder, error))
    return FALSE;
  train = json_array_new ();
  validation = json_array_new ();
  for (guint i = 0; i < curves->steps->len; i++)
    json_array_add_double_element (train, g_array_index (curves->steps, AttuneCurvePoint, i).loss);
  for (guint i = 0; i < curves->validations->len; i++)
    {
      const AttuneValidationPoint *point
          = &g_array_index (curves->validations, AttuneValidationPoint, i);
      JsonObject *item = json_object_new ();

      json_object_set_int_member (item, "step", point->step);
      attune_json_set_double (item, "loss", point->loss);
      json_array_add_object_element (validation, item);
    }
  json_object_set_string_member (object, "shown_run", folder);
  json_object_set_array_member (object, "train_loss", train);
  json_object_set_array_member (object, "validation_loss", validation);
  attune_output_line (" ");
  attune_output_row ("Run", "%s", folder);
  attune_output_row ("State", "%s", state);
  attune_chart_print (curves);
  return TRUE;
}

static int
run_show (const AttuneCommand *self, char **argv)
{
  g_autofree char *run = NULL, *folder = NULL;
  const GOptionEntry entries[] = {
    { "run", 0, 0, G_OPTION_ARG_STRING, &run, "Which run's losses to draw; the latest by default",
      "NUMBER" },
    { NULL },
  };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) runs = NULL;
  g_autoptr (JsonObject) object = json_object_new ();

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  if ((project = attune_project_open (arguments[0], &error)) == NULL)
    return attune_output_fail (error);
  json_object_set_string_member (object, "project", attune_project_get_path (project));
  attune_output_heading ("%s", attune_project_get_path (project));
  show_data (project, object);
  show_model (project, object);
  show_plan (project, object);
  show_runs (project, object);
  show_evaluations (project, object);
  show_exports (project, object);

  runs = attune_project_list_runs (project);
  if (run != NULL || runs[0] != NULL)
    {
      if ((folder = attune_project_get_run (project, run, &error)) == NULL
          || !show_run (folder, object, &error))
        return attune_output_fail (error);
    }
  attune_output_json (g_steal_pointer (&object));
  return ATTUNE_EXIT_OK;
}

const AttuneCommand attune_command_show = {
  .name = "show",
  .parameters = "DIR",
  .summary = "See how far a project is, how its runs went, and where everything lies",
  .description = "Examples:\n"
                 "  attunectl show Nursing.attune\n"
                 "  attunectl show Nursing.attune --run 2",
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_show,
};
