/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * project.json in memory. The whole tree that was read is kept, so that members of a later version
 * of the same schema are written back as they were.
 */
#include "job/project.h"

#include "core/file.h"
#include "core/settings.h"
#include "job/json.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define FORMAT "attune-project"
#define MAX_PROJECT_BYTES (16 << 20) /* settings take a few KiB; anything larger is not ours */

struct _AttuneProject
{
  GObject parent_instance;

  char *path;       /* absolute */
  char *model;      /* absolute; NULL: none yet */
  JsonObject *root; /* as read */
  AttuneDataSettings *data_settings;
  AttunePlan *plan;
};

G_DEFINE_QUARK (attune_job_error, attune_job_error)
G_DEFINE_FINAL_TYPE (AttuneProject, attune_project, G_TYPE_OBJECT)

static void
attune_project_finalize (GObject *object)
{
  AttuneProject *self = ATTUNE_PROJECT (object);

  g_free (self->path);
  g_free (self->model);
  json_object_unref (self->root);
  g_object_unref (self->data_settings);
  g_object_unref (self->plan);
  G_OBJECT_CLASS (attune_project_parent_class)->finalize (object);
}

static void
attune_project_class_init (AttuneProjectClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_project_finalize;
}

static void
attune_project_init (AttuneProject *self)
{
  self->root = json_object_new ();
  self->data_settings = attune_data_settings_new ();
  self->plan = attune_plan_new ();
}

static AttuneProject *
make (const char *path)
{
  AttuneProject *self = g_object_new (ATTUNE_TYPE_PROJECT, NULL);

  self->path = g_canonicalize_filename (path, NULL);
  return self;
}

/* --- reading */

static gboolean
fail_damaged (GError **error, AttuneProject *self, const char *reason)
{
  g_autofree char *name = g_filename_display_name (self->path);

  g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
               "The project file “%s/project.json” cannot be used: %s. Restore it from a backup, "
               "or make a new "
               "project and import the data again.",
               name, reason);
  return FALSE;
}

/* Takes those members of root[@member] that @settings knows; others stay in the tree. */
static gboolean
read_settings (AttuneProject *self, const char *member, GObject *settings, GError **error)
{
  JsonNode *stored = json_object_get_member (self->root, member);
  g_autoptr (JsonNode) known = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autoptr (GError) reason = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_node_take_object (known, object);
  if (stored == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (stored))
    return fail_damaged (error, self, "its settings are not where they should be");

  json_object_iter_init (&iter, json_node_get_object (stored));
  while (json_object_iter_next (&iter, &name, &value))
    if (g_object_class_find_property (G_OBJECT_GET_CLASS (settings), name) != NULL)
      json_object_set_member (object, name, json_node_copy (value));
  if (!attune_settings_apply_json (settings, known, &reason))
    {
      g_strchomp (reason->message);
      if (g_str_has_suffix (reason->message, "."))
        reason->message[strlen (reason->message) - 1] = '\0';
      return fail_damaged (error, self, reason->message);
    }
  return TRUE;
}

static gboolean
parse (AttuneProject *self, const char *text, gssize length, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) reason = NULL;
  JsonNode *root, *version;
  const char *model;

  if (!json_parser_load_from_data (parser, text, length, &reason))
    return fail_damaged (error, self, reason->message);
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)
      || g_strcmp0 (attune_json_get_string (json_node_get_object (root), "format"), FORMAT) != 0)
    return fail_damaged (error, self, "it is not a project file of Attune");

  json_object_unref (self->root);
  self->root = json_node_dup_object (root);
  version = json_object_get_member (self->root, "version");
  if (version == NULL || json_node_get_value_type (version) != G_TYPE_INT64
      || json_node_get_int (version) < 1)
    return fail_damaged (error, self, "it does not say which version it is");
  if (json_node_get_int (version) > ATTUNE_PROJECT_VERSION)
    {
      const char *engine = attune_json_get_string (self->root, "engine");

      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_VERSION,
                   "The project “%s” was made by a newer version of Attune (%s; this is %s). "
                   "Nothing was changed; "
                   "update Attune to open it.",
                   self->path, engine ? engine : "unknown", ATTUNE_VERSION);
      return FALSE;
    }

  model = attune_json_get_string (self->root, "model");
  if (model != NULL && *model != '\0')
    self->model = g_canonicalize_filename (model, self->path);
  return read_settings (self, "data", G_OBJECT (self->data_settings), error)
         && read_settings (self, "plan", G_OBJECT (self->plan), error);
}

AttuneProject *
attune_project_open (const char *path, GError **error)
{
  g_autoptr (AttuneProject) self = NULL;
  g_autofree char *file = NULL, *text = NULL;
  g_autoptr (GError) reason = NULL;
  GStatBuf info;
  gsize length;

  g_return_val_if_fail (path != NULL, NULL);

  self = make (path);
  file = attune_project_get_file (self, "project.json");
  if (g_stat (file, &info) != 0 && (errno == ENOENT || errno == ENOTDIR))
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
                   "“%s” is not an Attune project: there is no project.json in it.", self->path);
      return NULL;
    }
  if (info.st_size > MAX_PROJECT_BYTES)
    {
      fail_damaged (error, self, "it is far too large");
      return NULL;
    }
  if (!g_file_get_contents (file, &text, &length, &reason))
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
                   "The project could not be read: %s.", reason->message);
      return NULL;
    }
  if (!parse (self, text, length, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* --- writing */

/* Puts the settings into root[@member], over what is there. */
static void
write_settings (AttuneProject *self, const char *member, GObject *settings)
{
  g_autoptr (JsonNode) now = attune_settings_to_json (settings);
  JsonObject *object = json_object_has_member (self->root, member)
                           ? json_object_get_object_member (self->root, member)
                           : NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (object == NULL)
    {
      object = json_object_new ();
      json_object_set_object_member (self->root, member, object);
    }
  json_object_iter_init (&iter, json_node_get_object (now));
  while (json_object_iter_next (&iter, &name, &value))
    json_object_set_member (object, name, json_node_copy (value));
}

/* A model that lies in the project's folder is named relative to it, so that the folder can be
 * moved. */
static char *
relative_model (AttuneProject *self)
{
  g_autofree char *prefix = g_strconcat (self->path, G_DIR_SEPARATOR_S, NULL);

  if (self->model == NULL)
    return g_strdup ("");
  return g_strdup (g_str_has_prefix (self->model, prefix) ? self->model + strlen (prefix)
                                                          : self->model);
}

char *
attune_project_to_text (AttuneProject *self)
{
  g_autofree char *model = NULL;
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);

  g_return_val_if_fail (ATTUNE_IS_PROJECT (self), NULL);

  model = relative_model (self);
  json_object_set_string_member (self->root, "format", FORMAT);
  json_object_set_int_member (self->root, "version", ATTUNE_PROJECT_VERSION);
  json_object_set_string_member (self->root, "engine", ATTUNE_VERSION);
  json_object_set_string_member (self->root, "model", model);
  write_settings (self, "data", G_OBJECT (self->data_settings));
  write_settings (self, "plan", G_OBJECT (self->plan));
  json_node_set_object (root, self->root);
  return json_to_string (root, TRUE);
}

gboolean
attune_project_write_text (const char *path, const char *text, GError **error)
{
  g_autofree char *file = g_build_filename (path, "project.json", NULL);
  g_autoptr (GError) reason = NULL;

  g_return_val_if_fail (path != NULL && text != NULL, FALSE);

  if (attune_file_write (file, text, -1, &reason))
    return TRUE;
  g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
               "The project could not be saved: %s.", reason->message);
  return FALSE;
}

gboolean
attune_project_save (AttuneProject *self, GError **error)
{
  g_autofree char *text = attune_project_to_text (self);

  return text != NULL && attune_project_write_text (self->path, text, error);
}

AttuneProject *
attune_project_create (const char *path, GError **error)
{
  g_autoptr (AttuneProject) self = NULL;
  g_autoptr (GDir) folder = NULL;
  g_autoptr (GError) reason = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  self = make (path);
  if (g_mkdir_with_parents (self->path, 0777) != 0)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
                   "The project folder “%s” could not be made: %s.", self->path,
                   g_strerror (errno));
      return NULL;
    }
  if ((folder = g_dir_open (self->path, 0, &reason)) == NULL || g_dir_read_name (folder) != NULL)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
                   "“%s” is there already and not empty. Choose another name for the new project.",
                   self->path);
      return NULL;
    }
  if (!attune_project_save (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* --- parts */

const char *
attune_project_get_path (AttuneProject *self)
{
  g_return_val_if_fail (ATTUNE_IS_PROJECT (self), NULL);
  return self->path;
}

char *
attune_project_get_file (AttuneProject *self, const char *name)
{
  g_return_val_if_fail (ATTUNE_IS_PROJECT (self), NULL);
  return g_build_filename (self->path, name, NULL);
}

char *
attune_project_get_web_folder (AttuneProject *self, const char *address)
{
  g_autoptr (GUri) uri = g_uri_parse (address, G_URI_FLAGS_PARSE_RELAXED, NULL);
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;
  g_autofree char *name = g_strdup (host != NULL && *host != '\0' ? host : "pages");
  char *path;

  g_return_val_if_fail (ATTUNE_IS_PROJECT (self) && address != NULL, NULL);

  g_strcanon (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS ".-", '-');
  if (*name == '.') /* "..", too */
    *name = '-';
  path = g_build_filename (self->path, "web", name, NULL);
  for (int i = 2; g_file_test (path, G_FILE_TEST_EXISTS); i++)
    {
      g_autofree char *numbered = g_strdup_printf ("%s-%d", name, i);

      g_free (path);
      path = g_build_filename (self->path, "web", numbered, NULL);
    }
  return path;
}

const char *
attune_project_get_model (AttuneProject *self)
{
  g_return_val_if_fail (ATTUNE_IS_PROJECT (self), NULL);
  return self->model;
}

void
attune_project_set_model (AttuneProject *self, const char *path)
{
  char *absolute;

  g_return_if_fail (ATTUNE_IS_PROJECT (self));
  absolute = path != NULL ? g_canonicalize_filename (path, NULL) : NULL;
  g_free (self->model);
  self->model = absolute;
}

AttuneDataSettings *
attune_project_get_data_settings (AttuneProject *self)
{
  g_return_val_if_fail (ATTUNE_IS_PROJECT (self), NULL);
  return self->data_settings;
}

AttunePlan *
attune_project_get_plan (AttuneProject *self)
{
  g_return_val_if_fail (ATTUNE_IS_PROJECT (self), NULL);
  return self->plan;
}
