/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl new, attunectl model: the project and the model it tunes.
 */
#include "command.h"
#include "output.h"

#include "model/model-folder.h"
#include "model/model.h"

#include <string.h>

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The files and folders of models in the folder of models, by name. Returns: (transfer full). */
static GPtrArray *
list_models (void)
{
  g_autofree char *path = attune_model_folder ();
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  GPtrArray *models = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *one = g_build_filename (path, name, NULL);

      if (g_str_has_suffix (name, ".gguf")
          || (!g_str_has_suffix (name, ".part") && attune_model_folder_is_one (one)))
        g_ptr_array_add (models, g_steal_pointer (&one));
    }
  g_ptr_array_sort (models, compare_paths);
  return models;
}

/* A file or a folder, or the name of one in the folder of models, with or without .gguf. Returns:
 * (transfer full). */
static char *
find_model (const char *name)
{
  g_autofree char *folder = attune_model_folder (), *file = g_strconcat (name, ".gguf", NULL);
  g_autofree char *whole = g_build_filename (folder, name, NULL),
                  *with_suffix = g_build_filename (folder, file, NULL);

  if (!g_file_test (name, G_FILE_TEST_EXISTS) && strchr (name, G_DIR_SEPARATOR) == NULL)
    {
      if (g_file_test (whole, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&whole);
      if (g_file_test (with_suffix, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&with_suffix);
    }
  return attune_model_folder_resolve (name);
}

static void
tell_model (AttuneModel *model, const char *how, JsonObject *object)
{
  g_autofree char *weights = attune_format_count (attune_model_count_parameters (model));
  g_autofree char *size = attune_format_bytes (attune_model_get_bytes (model));
  const char *const *warnings = attune_model_get_warnings (model);

  attune_output_row ("Model", "%s", attune_model_get_name (model));
  attune_output_row ("", "%s weights, %s", weights, size);
  attune_output_row (how, "%s", attune_model_get_path (model));
  for (guint i = 0; warnings != NULL && warnings[i] != NULL; i++)
    attune_output_row ("Note", "%s", warnings[i]);
  json_object_set_string_member (object, "model", attune_model_get_path (model));
  json_object_set_string_member (object, "model_name", attune_model_get_name (model));
  json_object_set_int_member (object, "parameters", attune_model_count_parameters (model));
}

static int
run_new (const AttuneCommand *self, char **argv)
{
  g_autofree char *wanted = NULL, *path = NULL;
  const GOptionEntry entries[] = {
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &wanted,
      "Model file (GGUF), or its name in the folder of models", "FILE" },
    { NULL },
  };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_autoptr (GPtrArray) models = NULL;
  g_autoptr (AttuneModel) model = NULL;
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  models = list_models ();
  if (wanted != NULL)
    path = find_model (wanted);
  else if (models->len > 0)
    path = g_strdup (models->pdata[0]);

  /* The model first: where it cannot be used, no half-made project is left. */
  if (path != NULL && (model = attune_model_open (path, &error)) == NULL)
    return attune_output_fail (error);
  if ((project = attune_project_create (arguments[0], &error)) == NULL)
    return attune_output_fail (error);
  if (path != NULL)
    {
      attune_project_set_model (project, path);
      if (!attune_project_save (project, &error))
        return attune_output_fail (error);
    }

  object = json_object_new ();
  json_object_set_string_member (object, "project", attune_project_get_path (project));
  attune_output_heading ("A new project: %s", attune_project_get_path (project));
  if (model != NULL)
    tell_model (model, wanted != NULL ? "File" : "Found at", object);
  else
    {
      g_autofree char *folder = attune_model_folder ();

      attune_output_row ("Model", "none yet: there is no GGUF file in %s", folder);
      attune_output_row ("Choose one", "attunectl model %s FILE", arguments[0]);
    }
  attune_output_row ("Next", "attunectl import %s YOUR-TABLE.csv", arguments[0]);
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

const AttuneCommand attune_command_new = {
  .name = "new",
  .parameters = "DIR",
  .summary = "Make a project: a folder for data, settings and results",
  .description
  = "Without --model the first model in the folder of models is taken, and said.\n"
    "\n"
    "Examples:\n"
    "  attunectl new Nursing.attune\n"
    "  attunectl new Nursing.attune --model ~/Downloads/SmolLM2-135M-Instruct-Q4_1.gguf\n"
    "\n"
    "Next: attunectl import Nursing.attune questions.csv",
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_new,
};

static int
list_known_models (void)
{
  g_autoptr (GPtrArray) models = list_models ();
  g_autofree char *folder = attune_model_folder ();
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  attune_output_heading ("Models in %s", folder);
  for (guint i = 0; i < models->len; i++)
    {
      g_autofree char *name = g_path_get_basename (models->pdata[i]);

      attune_output_line ("  %s", name);
      json_array_add_string_element (array, models->pdata[i]);
    }
  if (models->len == 0)
    attune_output_line ("  none");
  json_object_set_array_member (object, "models", array);
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

static int
choose_model (const AttuneCommand *self, char **argv)
{
  g_auto (GStrv) arguments = attune_command_parse (self, NULL, NULL, argv);
  g_autofree char *path = NULL;
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (AttuneModel) model = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  if ((project = attune_project_open (arguments[0], &error)) == NULL)
    return attune_output_fail (error);
  if (arguments[1] == NULL)
    return list_known_models ();

  path = find_model (arguments[1]);
  if ((model = attune_model_open (path, &error)) == NULL)
    return attune_output_fail (error);
  attune_project_set_model (project, path);
  if (!attune_project_save (project, &error))
    return attune_output_fail (error);

  object = json_object_new ();
  json_object_set_string_member (object, "project", attune_project_get_path (project));
  tell_model (model, "File", object);
  attune_output_row ("Next", "attunectl prepare %s (each model reads text in its own way)",
                     arguments[0]);
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

static int
run_model (const AttuneCommand *self, char **argv)
{
  if (argv[1] != NULL && g_str_equal (argv[1], "guide"))
    {
      g_set_prgname ("attunectl model guide");
      return attune_command_model_guide.run (&attune_command_model_guide, argv + 1);
    }
  return choose_model (self, argv);
}

const AttuneCommand attune_command_model = {
  .name = "model",
  .parameters = "DIR [FILE] | guide",
  .summary = "Choose the model that a project tunes, or find one with the guide",
  .description
  = "Examples:\n"
    "  attunectl model Nursing.attune                     lists the models at hand\n"
    "  attunectl model Nursing.attune ~/Downloads/a.gguf  takes that one\n"
    "  attunectl model guide --help                       recommends one by task, memory and time\n"
    "\n"
    "Data has to be prepared again for another model: attunectl prepare Nursing.attune",
  .min_arguments = 1,
  .max_arguments = 2,
  .run = run_model,
};
