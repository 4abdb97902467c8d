/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * plan.json of a run: reading, writing, and holding the run to it.
 */
#include "job/run-plan.h"

#include "core/file.h"
#include "core/settings.h"
#include "job/json.h"

#include <string.h>

#define FORMAT "attune-run"

static JsonObject *
make_file (const char *path, const char *hash)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "path", path);
  if (hash != NULL)
    json_object_set_string_member (object, "sha256", hash);
  return object;
}

/* A model in the project's own folder is named relative to the run, so that the project can be
 * moved. */
static char *
portable_path (const char *path, const char *folder)
{
  g_autofree char *run = g_canonicalize_filename (folder, NULL),
                  *project = g_canonicalize_filename ("../..", run);
  g_autofree char *prefix = g_strconcat (project, G_DIR_SEPARATOR_S, NULL);

  if (g_str_has_prefix (path, prefix))
    return g_build_filename ("..", "..", path + strlen (prefix), NULL);
  return g_strdup (path);
}

static gboolean
write_plan (const AttuneRunPlan *self, const char *folder, gboolean synced, GError **error)
{
  g_autofree char *model = portable_path (self->model_path, folder);
  g_autofree char *path = g_build_filename (folder, "plan.json", NULL), *text = NULL;
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GError) reason = NULL;
  JsonObject *object = json_object_new ();

  json_node_take_object (root, object);
  json_object_set_string_member (object, "format", FORMAT);
  json_object_set_int_member (object, "version", ATTUNE_RUN_VERSION);
  json_object_set_string_member (object, "engine", self->engine);
  json_object_set_object_member (object, "model", make_file (model, self->model_hash));
  /* Always the project's own data set: the folder can be moved. */
  json_object_set_object_member (object, "dataset",
                                 make_file ("../../dataset.h5", self->data_hash));
  json_object_set_member (object, "data", attune_settings_to_json (G_OBJECT (self->data_settings)));
  json_object_set_member (object, "plan", attune_settings_to_json (G_OBJECT (self->plan)));
  text = json_to_string (root, TRUE);
  if (!(synced ? attune_file_write (path, text, -1, &reason)
               : attune_file_write_unsynced (path, text, &reason)))
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
                   "The run's plan could not be written: %s.", reason->message);
      return FALSE;
    }
  return TRUE;
}

gboolean
attune_run_plan_write (const char *folder, AttuneProject *project, AttunePlan *plan, GError **error)
{
  const AttuneRunPlan run = {
    .engine = (char *) ATTUNE_VERSION,
    .model_path = (char *) attune_project_get_model (project),
    .plan = plan != NULL ? plan : attune_project_get_plan (project),
    .data_settings = attune_project_get_data_settings (project),
  };

  g_return_val_if_fail (run.model_path != NULL, FALSE);
  return write_plan (&run, folder, FALSE, error); /* its worker writes it again: see _fix() */
}

/* Fills @self; FALSE with or without @error where something is not as it should be. */
static gboolean
parse_plan (AttuneRunPlan *self, JsonObject *root, const char *folder, GError **error)
{
  JsonObject *model = attune_json_get_object (root, "model"),
             *dataset = attune_json_get_object (root, "dataset");
  JsonNode *plan = json_object_get_member (root, "plan"),
           *data = json_object_get_member (root, "data");
  const char *model_path = attune_json_get_string (model, "path"),
             *data_path = attune_json_get_string (dataset, "path");

  if (model_path == NULL || data_path == NULL || plan == NULL || data == NULL)
    return FALSE;
  self->engine = g_strdup (attune_json_get_string (root, "engine"));
  self->model_path = g_canonicalize_filename (model_path, folder);
  self->model_hash = g_strdup (attune_json_get_string (model, "sha256"));
  self->data_path = g_canonicalize_filename (data_path, folder);
  self->data_hash = g_strdup (attune_json_get_string (dataset, "sha256"));
  return attune_settings_apply_json (G_OBJECT (self->plan), plan, error)
         && attune_settings_apply_json (G_OBJECT (self->data_settings), data, error);
}

AttuneRunPlan *
attune_run_plan_read (const char *folder, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (folder, NULL);
  g_autofree char *path = g_build_filename (absolute, "plan.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (AttuneRunPlan) self = g_new0 (AttuneRunPlan, 1);
  g_autoptr (GError) reason = NULL;
  JsonNode *root, *version;

  self->plan = attune_plan_new ();
  self->data_settings = attune_data_settings_new ();

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
                   "“%s” is not a run folder: there is no plan.json in it.", folder);
      return NULL;
    }
  root = json_parser_load_from_file (parser, path, &reason) ? json_parser_get_root (parser) : NULL;
  version = root != NULL && JSON_NODE_HOLDS_OBJECT (root)
                    && g_strcmp0 (attune_json_get_string (json_node_get_object (root), "format"),
                                  FORMAT)
                           == 0
                ? json_object_get_member (json_node_get_object (root), "version")
                : NULL;
  if (version != NULL && JSON_NODE_HOLDS_VALUE (version)
      && json_node_get_int (version) > ATTUNE_RUN_VERSION)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_VERSION,
                   "The run “%s” was made by a newer version of Attune. Update Attune to use it.",
                   folder);
      return NULL;
    }
  if (version == NULL || !parse_plan (self, json_node_get_object (root), absolute, &reason))
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
                   "The plan of the run “%s” is damaged%s%s", folder, reason ? ": " : ".",
                   reason ? reason->message : "");
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
attune_run_plan_free (AttuneRunPlan *self)
{
  if (self == NULL)
    return;
  g_free (self->engine);
  g_free (self->model_path);
  g_free (self->model_hash);
  g_free (self->data_path);
  g_free (self->data_hash);
  g_clear_object (&self->plan);
  g_clear_object (&self->data_settings);
  g_free (self);
}

gboolean
attune_run_plan_check_model (const AttuneRunPlan *self, const char *model_hash, GError **error)
{
  if (self->model_hash == NULL || strcmp (self->model_hash, model_hash) == 0)
    return TRUE;
  g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
               "The model file “%s” is no longer the one that this run began with. Put the old "
               "file back, or start a "
               "new run.",
               self->model_path);
  return FALSE;
}

gboolean
attune_run_plan_fix (AttuneRunPlan *self, const char *folder, const char *model_hash,
                     const char *data_hash, GError **error)
{
  if (!attune_run_plan_check_model (self, model_hash, error))
    return FALSE;
  if (self->data_hash != NULL && strcmp (self->data_hash, data_hash) != 0)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                   "The data set has been prepared anew since this run began, so the run cannot go "
                   "on. Start a new "
                   "run.");
      return FALSE;
    }
  if (self->model_hash != NULL && self->data_hash != NULL)
    return TRUE;

  g_set_str (&self->model_hash, model_hash);
  g_set_str (&self->data_hash, data_hash);
  return write_plan (self, folder, TRUE, error);
}
