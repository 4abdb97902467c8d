/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl plan: the hyperparameters, and what they will take.
 */
#include "aliases.h"
#include "forecast.h"
#include "output.h"

#include "core/settings.h"
#include "nn/merge-adapters.h"
#include "plan/search.h"

/* The settings that everyone sees and that have a say, and those for experts that were changed. */
static void
tell_settings (AttunePlan *plan)
{
  guint n;
  g_autofree GParamSpec **list = g_object_class_list_properties (G_OBJECT_GET_CLASS (plan), &n);

  attune_output_heading ("Plan");
  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      g_autofree char *text = attune_settings_get_text (G_OBJECT (plan), list[i]->name);
      gboolean standard;

      g_object_get_property (G_OBJECT (plan), list[i]->name, &value);
      standard = g_param_value_defaults (list[i], &value);
      if (attune_plan_uses (plan, list[i]->name)
          && ((list[i]->flags & ATTUNE_PARAM_EXPERT) == 0 || !standard))
        attune_output_row (g_param_spec_get_nick (list[i]), "%-8s (%s)%s", text, list[i]->name,
                           standard ? "" : "  changed");
    }
}

static int
tell (AttuneProject *project, const AttuneForecast *forecast, const char *folder)
{
  JsonObject *object = attune_forecast_to_json (forecast);

  json_object_set_member (object, "plan",
                          attune_settings_to_json (G_OBJECT (attune_project_get_plan (project))));
  tell_settings (attune_project_get_plan (project));
  attune_forecast_tell (forecast, project);
  if (forecast->too_large != NULL)
    {
      attune_output_heading ("It does not fit");
      attune_output_text ("", forecast->too_large->message);
    }
  else
    attune_output_row ("Next", "It fits: attunectl tune %s", folder);
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

static void
tell_objectives (JsonObject *object)
{
  JsonArray *array = json_array_new ();

  attune_output_heading ("Objectives");
  for (int i = 0; i < ATTUNE_N_OBJECTIVES; i++)
    {
      JsonObject *objective = json_object_new ();

      attune_output_text (attune_objective_get_name (i), attune_objective_get_text (i));
      json_object_set_string_member (objective, "name", attune_objective_get_name (i));
      json_object_set_string_member (objective, "title", attune_objective_get_title (i));
      json_object_set_string_member (objective, "text", attune_objective_get_text (i));
      json_array_add_object_element (array, objective);
    }
  json_object_set_array_member (object, "objectives", array);
}

static void
tell_searches (JsonObject *object)
{
  JsonArray *array = json_array_new ();

  attune_output_heading ("Strategies of a search");
  for (int i = 0; i < ATTUNE_N_SEARCHES; i++)
    {
      JsonObject *strategy = json_object_new ();

      attune_output_text (attune_search_get_name (i), attune_search_get_text (i));
      json_object_set_string_member (strategy, "name", attune_search_get_name (i));
      json_object_set_string_member (strategy, "text", attune_search_get_text (i));
      json_array_add_object_element (array, strategy);
    }
  json_object_set_array_member (object, "searches", array);
}

static void
tell_merges (JsonObject *object)
{
  JsonArray *array = json_array_new ();

  attune_output_heading ("Ways to merge adapters");
  for (int i = 0; i < ATTUNE_N_MERGES; i++)
    {
      JsonObject *merge = json_object_new ();

      attune_output_text (attune_merge_method_get_name (i), attune_merge_method_get_text (i));
      json_object_set_string_member (merge, "name", attune_merge_method_get_name (i));
      json_object_set_string_member (merge, "text", attune_merge_method_get_text (i));
      json_array_add_object_element (array, merge);
    }
  json_object_set_array_member (object, "merges", array);
}

static int
tell_methods (void)
{
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  attune_output_heading ("Methods");
  for (int i = 0; i < ATTUNE_N_METHODS; i++)
    {
      JsonObject *method = json_object_new ();

      attune_output_text (attune_method_get_name (i), attune_method_get_text (i));
      json_object_set_string_member (method, "name", attune_method_get_name (i));
      json_object_set_string_member (method, "title", attune_method_get_title (i));
      json_object_set_string_member (method, "text", attune_method_get_text (i));
      json_object_set_double_member (method, "learning_rate", attune_method_get_rate (i));
      json_array_add_object_element (array, method);
    }
  json_object_set_array_member (object, "methods", array);
  tell_objectives (object);
  tell_searches (object);
  tell_merges (object);
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

static int
run_plan (const AttuneCommand *self, char **argv)
{
  double memory_limit = 0;
  const GOptionEntry entries[] = {
    { "memory-limit", 0, 0, G_OPTION_ARG_DOUBLE, &memory_limit,
      "Reckon with so much memory instead of all that is free", "GB" },
    { NULL },
  };
  g_autoptr (AttunePlan) said = attune_plan_new ();
  g_auto (GStrv) words = attune_aliases_parse (self, argv), arguments = NULL;
  g_autoptr (AttuneProject) project = NULL;
  g_auto (AttuneForecast) forecast = { 0 };
  g_autoptr (GError) error = NULL, unsaved = NULL;
  AttunePlan *plan;
  gboolean made;

  if (words == NULL
      || (arguments = attune_command_parse (self, entries, G_OBJECT (said), words)) == NULL)
    return ATTUNE_EXIT_USAGE;
  if (g_str_equal (arguments[0], "methods"))
    return tell_methods ();
  if ((project = attune_project_open (arguments[0], &error)) == NULL)
    return attune_output_fail (error);
  plan = attune_project_get_plan (project);
  attune_aliases_take (plan, said, words);
  if (!attune_plan_check (plan, &error))
    return attune_output_fail (error);
  /* what the model cannot do is not kept; what only lacks a model or data is */
  made = attune_forecast_make (&forecast, project, plan, memory_limit, &error);
  if (g_error_matches (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE))
    return attune_output_fail (error);
  if (argv[1] != NULL && argv[2] != NULL && !attune_project_save (project, &unsaved))
    return attune_output_fail (unsaved);
  if (!made)
    {
      if (!attune_output_is_json ())
        tell_settings (plan);
      return attune_output_fail (error);
    }
  return tell (project, &forecast, arguments[0]);
}

const AttuneCommand attune_command_plan = {
  .name = "plan",
  .parameters = "DIR|methods",
  .summary = "Set how the model is tuned, and see what that will take",
  .description
  = "Without options it shows the plan as it stands. It says how much memory, disk and time the "
    "run will\n"
    "take before anything is started; where it does not fit, it names the change that would.\n"
    "\n"
    "Examples:\n"
    "  attunectl plan Nursing.attune\n"
    "  attunectl plan Nursing.attune --epochs 2 --learning-rate 2e-4\n"
    "  attunectl plan Nursing.attune --lora-rank 8 --checkpoint-activations yes\n"
    "  attunectl plan Nursing.attune --method full\n"
    "  attunectl plan Nursing.attune --per_device_train_batch_size 4 "
    "--gradient_accumulation_steps 8\n"
    "  attunectl plan methods\n"
    "\n"
    "Next: attunectl tune Nursing.attune",
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_plan,
};
