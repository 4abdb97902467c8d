/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Preferences and folders of this person.
 */
#include "folders.h"

#include "model/model.h"

GSettings *
attune_open_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema
      = source != NULL ? g_settings_schema_source_lookup (source, ATTUNE_APP_ID, TRUE) : NULL;

  return schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;
}

/* What the preferences say, or %NULL. */
static char *
chosen (GSettings *settings, const char *key)
{
  g_autofree char *path = settings != NULL ? g_settings_get_string (settings, key) : NULL;

  return path != NULL && *path != '\0' ? g_steal_pointer (&path) : NULL;
}

char *
attune_projects_folder (GSettings *settings)
{
  char *path = chosen (settings, "projects-folder");
  const char *documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);

  if (path != NULL)
    return path;
  return g_build_filename (documents != NULL ? documents : g_get_home_dir (), "Attune", NULL);
}

char *
attune_models_folder (GSettings *settings)
{
  char *path = chosen (settings, "models-folder");

  return path != NULL ? path : attune_model_folder ();
}
