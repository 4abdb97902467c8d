/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The data: looked at, imported and prepared in threads, since HDF5 may block.
 */
#include "session-private.h"

#include "core/settings.h"
#include "data/smote-balance.h"
#include "tune/trainer.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

/* What a thread needs; it owns all of it but the job and the model, which outlive it: the task
 * holds the session, and a busy session changes neither. */
typedef struct
{
  char *path;
  AttuneSource *source;
  AttuneDataSettings *settings;
  AttuneModel *model;
  SessionJob *job;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  g_free (work->path);
  g_clear_pointer (&work->source, attune_source_free);
  g_clear_object (&work->settings);
  g_free (work);
}

static Work *
work_new (AttuneSession *self)
{
  Work *work = g_new0 (Work, 1);

  work->path = attune_project_get_file (self->project, "dataset.h5");
  work->job = &self->jobs[ATTUNE_STAGE_DATA];
  return work;
}

/* --- looking */

typedef struct
{
  AttuneDataSummary *summary;
  AttuneChanges *changes; /* (nullable) */
  char *problem;          /* of them */
  AttuneDataFacts facts;
  gboolean has_facts;
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_clear_pointer (&look->summary, attune_data_summary_free);
  g_clear_pointer (&look->changes, attune_changes_free);
  g_free (look->problem);
  g_free (look);
}

static void
look (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  Look *found = g_new0 (Look, 1);
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GError) error = NULL, changes_error = NULL;

  if ((found->changes = attune_changes_read (work->path, &changes_error)) == NULL)
    found->problem = g_strdup (changes_error->message);
  if (!g_file_test (work->path, G_FILE_TEST_EXISTS))
    {
      g_task_return_pointer (task, found, look_free);
      return;
    }
  if ((found->summary = attune_data_summary_read (work->path, &error)) == NULL)
    {
      look_free (found);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (found->summary->prepared)
    found->has_facts = attune_data_facts_of_report (found->summary->report, &found->facts);
  if (found->summary->prepared && !found->has_facts) /* by an earlier version: all is read */
    {
      dataset = attune_dataset_open (work->path, &error);
      found->has_facts
          = dataset != NULL && attune_data_facts (dataset, TRUE, &found->facts, &error);
    }
  if (error == NULL)
    g_task_return_pointer (task, found, look_free);
  else
    {
      look_free (found);
      g_task_return_error (task, g_steal_pointer (&error));
    }
}

static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneSession *self = ATTUNE_SESSION (source);
  g_autoptr (GError) error = NULL;
  Look *found = g_task_propagate_pointer (G_TASK (result), &error);

  if (self->closed)
    {
      g_clear_pointer (&found, look_free);
      return;
    }
  g_clear_pointer (&self->data, attune_data_summary_free);
  self->data_serial++;
  self->has_facts = FALSE;
  if (found == NULL)
    attune_session_fail (self, ATTUNE_STAGE_DATA, error->message);
  else
    {
      self->data = g_steal_pointer (&found->summary);
      attune_session_take_changes (self, g_steal_pointer (&found->changes), found->problem);
      self->facts = found->facts;
      self->has_facts = found->has_facts;
      look_free (found);
    }
  attune_session_check_data (self);
  attune_session_plan_changed (self);
  attune_session_prepare_if_ready (self);
  attune_session_changed (self);
}

void
attune_session_load_data (AttuneSession *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, looked, NULL);

  g_task_set_task_data (task, work_new (self), work_free);
  g_task_run_in_thread (task, look);
}

/* Data sets of before there were changes were prepared with none. */
static gboolean
has_new_changes (AttuneSession *self)
{
  if (self->changes == NULL)
    return FALSE; /* what cannot be read is told when it is prepared */
  if (self->data->changes == NULL)
    return attune_changes_get_size (self->changes) > 0;
  return strcmp (self->data->changes, self->changes_text) != 0;
}

/* Prepared by an older version, which did not have all of today's steps. */
static gboolean
lacks_steps (AttuneSession *self)
{
  return !attune_settings_has_all (G_OBJECT (attune_project_get_data_settings (self->project)),
                                   self->data->settings);
}

void
attune_session_check_data (AttuneSession *self)
{
  g_autoptr (AttuneDataSettings) before = attune_data_settings_new ();
  g_autoptr (GError) error = NULL;
  gboolean settings = FALSE, reader = FALSE, changes = FALSE;

  if (self->data != NULL && self->data->settings != NULL)
    {
      settings
          = lacks_steps (self)
            || !attune_settings_apply_json (G_OBJECT (before), self->data->settings, &error)
            || !attune_settings_equal (G_OBJECT (before),
                                       G_OBJECT (attune_project_get_data_settings (self->project)));
      reader = self->reader != NULL && g_strcmp0 (self->reader, self->data->reader) != 0;
      changes = has_new_changes (self);
    }
  if (settings != self->settings_stale || reader != self->reader_stale
      || changes != self->changes_stale)
    attune_session_changed (self);
  self->changes_stale = changes;
  self->settings_stale = settings;
  self->reader_stale = reader;
}

const AttuneDataSummary *
attune_session_get_data (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->data;
}

guint
attune_session_get_data_serial (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), 0);
  return self->data_serial;
}

gboolean
attune_session_is_data_stale (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), FALSE);
  return self->settings_stale || self->reader_stale || self->changes_stale;
}

const char *
attune_session_get_data_stale_reason (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);

  if (self->reader_stale)
    return _ ("The data was prepared for another model, which reads text in another way.");
  if (self->settings_stale && lacks_steps (self))
    return _ ("The data was prepared by an older version of Attune, which left out some of the "
              "steps below.");
  if (self->settings_stale)
    return _ ("The settings have changed since the data was prepared.");
  return self->changes_stale ? _ ("Records have been changed by hand since the data was prepared.")
                             : NULL;
}

gboolean
attune_session_is_data_for_model (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), FALSE);
  return self->model != NULL && self->data != NULL && self->data->prepared && !self->reader_stale;
}

/* --- changing */

gboolean
attune_session_may_change_data (AttuneSession *self)
{
  if (self->read_only != NULL)
    attune_session_say (self, self->read_only);
  else if (self->jobs[ATTUNE_STAGE_DATA].cancellable != NULL)
    attune_session_say (self, _ ("Wait until what is under way is done."));
  else
    return TRUE;
  return FALSE;
}

static void
import (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  g_autoptr (JsonNode) report = NULL;
  GError *error = NULL;

  if (attune_dataset_import (work->path, work->source, attune_session_on_progress, work->job,
                             cancellable, &report, &error))
    g_task_return_pointer (task, g_steal_pointer (&report), (GDestroyNotify) json_node_unref);
  else
    g_task_return_error (task, error);
}

void
attune_session_end_data (AttuneSession *self, const GError *error)
{
  attune_session_end (self, ATTUNE_STAGE_DATA);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    attune_session_fail (self, ATTUNE_STAGE_DATA, error->message);
  if (!self->closed)
    attune_session_load_data (self);
}

static void
imported (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneSession *self = ATTUNE_SESSION (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) report = g_task_propagate_pointer (G_TASK (result), &error);

  attune_session_end_data (self, error);
  if (report != NULL && !self->closed)
    {
      JsonObject *object = json_node_get_object (report);
      const gint64 rows = json_object_get_int_member_with_default (object, "rows", 0);
      const gint64 bad = json_object_get_int_member_with_default (object, "bad", 0);
      g_autofree char *n_rows = g_strdup_printf ("%'" G_GINT64_FORMAT, rows);
      g_autofree char *n_bad = g_strdup_printf ("%'" G_GINT64_FORMAT, bad);
      g_autofree char *text
          = g_strdup_printf (ngettext ("%s row read", "%s rows read", (gulong) rows), n_rows);
      /* Translators: "2,083 rows read, 3 could not be read" */
      g_autofree char *more = g_strdup_printf (
          ngettext ("%s, %s could not be read", "%s, %s could not be read", (gulong) bad), text,
          n_bad);

      attune_session_say (self, bad > 0 ? more : text);
    }
}

void
attune_session_import (AttuneSession *self, AttuneSource *source)
{
  g_autoptr (GTask) task = NULL;
  Work *work;

  g_return_if_fail (ATTUNE_IS_SESSION (self) && source != NULL);

  if (!attune_session_may_change_data (self))
    {
      attune_source_free (source);
      return;
    }
  task = g_task_new (self, attune_session_begin (self, ATTUNE_STAGE_DATA), imported, NULL);
  work = work_new (self);
  work->source = source;
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, import);
}

static void
prepare (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GError *error = NULL;

  if (attune_dataset_prepare (work->path, work->settings, attune_model_get_tokenizer (work->model),
                              attune_model_get_template (work->model), attune_session_on_progress,
                              work->job, cancellable, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
prepared (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneSession *self = ATTUNE_SESSION (source);
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error) && !self->closed)
    attune_session_say (self, _ ("Data prepared"));
  attune_session_end_data (self, error);
}

static void
prepared_by_program (AttuneSession *self, gboolean good)
{
  g_autofree char *unbalanced = attune_project_get_file (self->project, ATTUNE_DATASET_UNBALANCED);

  g_unlink (unbalanced); /* one that was stopped leaves it */
  if (good)
    attune_session_say (self, _ ("Data prepared"));
  if (!self->closed)
    attune_session_load_data (self);
}

/* What asks the model where records lie is not computed here. */
static void
prepare_by_program (AttuneSession *self)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_autoptr (GError) error = NULL;

  if (!attune_project_save (self->project, &error)) /* it reads them from there */
    {
      attune_session_fail (self, ATTUNE_STAGE_DATA, error->message);
      return;
    }
  g_strv_builder_add_many (words, "prepare", attune_project_get_path (self->project), "--json",
                           NULL);
  attune_session_run_program (self, ATTUNE_STAGE_DATA, g_strv_builder_end (words),
                              prepared_by_program);
}

void
attune_session_prepare (AttuneSession *self)
{
  AttuneDataSettings *settings;
  g_autoptr (JsonNode) values = NULL;
  g_autoptr (GTask) task = NULL;
  Work *work;

  g_return_if_fail (ATTUNE_IS_SESSION (self));

  if (!attune_session_may_change_data (self) || self->jobs[ATTUNE_STAGE_MODEL].cancellable != NULL
      || attune_session_get_missing (self, ATTUNE_STAGE_DATA) != NULL)
    return;
  settings = attune_project_get_data_settings (self->project);
  if (attune_data_settings_get_values (settings)->balance == ATTUNE_BALANCE_SMOTE)
    {
      prepare_by_program (self);
      return;
    }
  values = attune_settings_to_json (G_OBJECT (settings));
  task = g_task_new (self, attune_session_begin (self, ATTUNE_STAGE_DATA), prepared, NULL);
  work = work_new (self);
  work->model = self->model;
  work->settings = attune_data_settings_new (); /* a copy: the form may be changed meanwhile */
  attune_settings_apply_json (G_OBJECT (work->settings), values, NULL);
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, prepare);
}

void
attune_session_import_first (AttuneSession *self, AttuneSource *source)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self) && source != NULL);

  self->prepare_when_ready = TRUE;
  attune_session_import (self, source);
}

void
attune_session_prepare_if_ready (AttuneSession *self)
{
  if (!self->prepare_when_ready || self->model == NULL || self->data == NULL
      || attune_session_is_busy (self))
    return;
  self->prepare_when_ready = FALSE;
  attune_session_prepare (self);
}
