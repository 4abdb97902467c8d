/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See export-record.h.
 */
#include "job/export-record.h"

#include "core/file.h"
#include "job/json.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

void
attune_export_record_free (AttuneExportRecord *self)
{
  if (self == NULL)
    return;
  g_free (self->run);
  g_free (self->output);
  g_free (self->modelfile);
  g_free (self->system);
  g_free (self->problem);
  g_free (self);
}

static guint64
measure_file (const char *path)
{
  GStatBuf status;

  return g_stat (path, &status) == 0 && S_ISREG (status.st_mode) ? (guint64) status.st_size : 0;
}

guint64
attune_export_measure (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint64 bytes = folder == NULL ? measure_file (path) : 0;
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      bytes += measure_file (file);
    }
  return bytes;
}

char *
attune_project_get_export_path (AttuneProject *project, const char *run, AttuneExportFormat format)
{
  const char *name = attune_export_format_get_name (format);
  g_autofree char *file = g_strdup_printf ("exports/%s-%s%s", run, name,
                                           attune_export_format_is_gguf (format) ? ".gguf" : "");

  return attune_project_get_file (project, file);
}

/* Path of the record. */
static char *
record_path (AttuneProject *project, const char *run, AttuneExportFormat format)
{
  g_autofree char *file
      = g_strdup_printf ("exports/%s-%s.json", run, attune_export_format_get_name (format));

  return attune_project_get_file (project, file);
}

/* --- JSON */

JsonObject *
attune_export_record_to_json (const AttuneExportRecord *self)
{
  JsonObject *object = json_object_new (), *check = NULL;
  g_autoptr (GDateTime) made = g_date_time_new_from_unix_utc (self->made);
  g_autofree char *time = made != NULL ? g_date_time_format_iso8601 (made) : NULL;

  json_object_set_string_member (object, "format", attune_export_format_get_name (self->format));
  json_object_set_string_member (object, "run", self->run);
  json_object_set_int_member (object, "step", self->step);
  json_object_set_string_member (object, "output", self->output);
  json_object_set_int_member (object, "bytes", (gint64) self->bytes);
  json_object_set_string_member (object, "made", time);
  json_object_set_string_member (object, "system", self->system != NULL ? self->system : "");
  json_object_set_string_member (object, "modelfile", self->modelfile); /* null where %NULL */
  if (self->context > 0)
    json_object_set_int_member (object, "context", self->context);
  if (self->checked)
    {
      check = json_object_new ();
      json_object_set_int_member (check, "prompts", self->parity.n_prompts);
      json_object_set_int_member (check, "equal", self->parity.n_equal);
      json_object_set_int_member (check, "choices", self->parity.n_choices);
      json_object_set_int_member (check, "same_choices", self->parity.n_same_choices);
      attune_json_set_double (check, "largest_gap", self->parity.largest_gap);
      attune_json_set_double (check, "largest_logit", self->parity.largest_logit);
      json_object_set_object_member (object, "check", check);
    }
  else
    json_object_set_null_member (object, "check");
  json_object_set_string_member (object, "problem", self->problem);
  return object;
}

/* A path in the project is written from there on, so that the project may be moved. */
static void
make_relative (JsonObject *object, const char *name, AttuneProject *project)
{
  g_autoptr (GFile) folder = g_file_new_for_path (attune_project_get_path (project));
  const char *path = attune_json_get_string (object, name);
  g_autoptr (GFile) file = path != NULL ? g_file_new_for_path (path) : NULL;
  g_autofree char *relative = file != NULL ? g_file_get_relative_path (folder, file) : NULL;

  if (relative != NULL)
    json_object_set_string_member (object, name, relative);
}

/* The other way round, for the record at @path. Returns: (transfer full) (nullable). */
static char *
get_path (JsonObject *object, const char *name, const char *path)
{
  const char *value = attune_json_get_string (object, name);
  g_autofree char *exports = g_path_get_dirname (path), *project = g_path_get_dirname (exports);

  return value != NULL ? g_canonicalize_filename (value, project) : NULL;
}

gboolean
attune_export_record_write (const AttuneExportRecord *self, AttuneProject *project, GError **error)
{
  g_autofree char *path = record_path (project, self->run, self->format), *json = NULL;
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = attune_export_record_to_json (self);

  g_mkdir_with_parents (parent, 0777); /* where it fails, writing says so */
  make_relative (object, "output", project);
  make_relative (object, "modelfile", project);
  json_node_take_object (node, object);
  json = json_to_string (node, TRUE);
  return attune_file_write (path, json, -1, error);
}

/* Takes the check's result; one that makes no sense is none. */
static void
take_check (AttuneExportRecord *self, JsonObject *check)
{
  const gint64 n_prompts = attune_json_get_int (check, "prompts"),
               n_equal = attune_json_get_int (check, "equal"),
               n_choices = attune_json_get_int (check, "choices"),
               n_same = attune_json_get_int (check, "same_choices");

  if (n_prompts <= 0 || n_prompts > G_MAXINT || n_equal < 0 || n_equal > n_prompts || n_choices < 0
      || n_choices > G_MAXINT || n_same < 0 || n_same > n_choices)
    return;
  self->checked = TRUE;
  self->parity
      = (AttuneParity) { .n_prompts = (guint) n_prompts,
                         .n_equal = (guint) n_equal,
                         .n_choices = (guint) n_choices,
                         .n_same_choices = (guint) n_same,
                         .largest_gap = attune_json_get_double (check, "largest_gap"),
                         .largest_logit = attune_json_get_double (check, "largest_logit") };
}

AttuneExportRecord *
attune_export_record_read (const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (AttuneExportRecord) self = g_new0 (AttuneExportRecord, 1);
  g_autoptr (GDateTime) made = NULL;
  const char *time;
  JsonNode *root;
  JsonObject *object;

  if (!json_parser_load_from_file (parser, path, error))
    return NULL;
  root = json_parser_get_root (parser);
  object = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  self->run = g_strdup (attune_json_get_string (object, "run"));
  self->step = attune_json_get_value (object, "step") != NULL
                   ? attune_json_get_int (object, "step")
                   : -1; /* records of version 0.1 have none */
  self->output = get_path (object, "output", path);
  if (!attune_export_format_find (attune_json_get_string (object, "format"), &self->format)
      || self->run == NULL || self->output == NULL)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
                   "“%s” does not say what was exported, or where to. Export again.", path);
      return NULL;
    }
  self->modelfile = get_path (object, "modelfile", path);
  self->system = g_strdup (attune_json_get_string (object, "system"));
  self->problem = g_strdup (attune_json_get_string (object, "problem"));
  self->bytes = (guint64) MAX (attune_json_get_int (object, "bytes"), 0);
  self->context = (int) CLAMP (attune_json_get_int (object, "context"), 0, G_MAXINT);
  time = attune_json_get_string (object, "made");
  made = time != NULL ? g_date_time_new_from_iso8601 (time, NULL) : NULL;
  self->made = made != NULL ? g_date_time_to_unix (made) : 0;
  take_check (self, attune_json_get_object (object, "check"));
  return g_steal_pointer (&self);
}

/* --- finding */

/* What lies at the usual place without a record. */
static AttuneExportRecord *
find_unrecorded (AttuneProject *project, const char *run, AttuneExportFormat format)
{
  g_autofree char *output = attune_project_get_export_path (project, run, format);
  AttuneExportRecord *self;
  GStatBuf status;

  if (g_stat (output, &status) != 0)
    return NULL;
  self = g_new0 (AttuneExportRecord, 1);
  self->format = format;
  self->run = g_strdup (run);
  self->step = -1;
  self->bytes = attune_export_measure (output);
  self->made = status.st_mtime;
  self->output = g_steal_pointer (&output);
  return self;
}

AttuneExportRecord *
attune_project_find_export (AttuneProject *project, AttuneExportFormat format)
{
  g_auto (GStrv) runs = NULL;

  g_return_val_if_fail (ATTUNE_IS_PROJECT (project) && (guint) format < ATTUNE_N_EXPORTS, NULL);

  runs = attune_project_list_runs (project);
  for (guint i = g_strv_length (runs); i-- > 0;)
    {
      g_autofree char *path = record_path (project, runs[i], format);
      g_autoptr (AttuneExportRecord) record = attune_export_record_read (path, NULL);

      if (record == NULL || record->format != format
          || !g_file_test (record->output, G_FILE_TEST_EXISTS))
        {
          g_clear_pointer (&record, attune_export_record_free);
          record = find_unrecorded (project, runs[i], format);
        }
      if (record != NULL)
        return g_steal_pointer (&record);
    }
  return NULL;
}
