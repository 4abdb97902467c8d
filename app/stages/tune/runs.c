/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The list of earlier runs.
 */
#include "stages/tune/runs.h"

#include "stages/tune/words.h"

#include <glib/gi18n.h>
#include <string.h>

/* The newest of them: who compares, compares with these. */
#define MOST_RUNS 20

struct _AttuneTuneRuns
{
  AdwPreferencesGroup parent_instance;

  AttuneProject *project;
  char *run; /* (nullable): folder of the one that is shown */
  AttuneTuneCurves *curves;
  GPtrArray *rows;           /* borrowed: of the group */
  GCancellable *cancellable; /* of the reading of a list that is out of date */
};

G_DEFINE_FINAL_TYPE (AttuneTuneRuns, attune_tune_runs, ADW_TYPE_PREFERENCES_GROUP)

static guint changed_signal;

/* --- the curves of one */

typedef struct
{
  char *name, *folder;
  AttuneRunCurves *curves;
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_free (reading->name);
  g_free (reading->folder);
  g_clear_pointer (&reading->curves, attune_run_curves_free);
  g_free (reading);
}

static void
read_curves (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  GError *error = NULL;

  reading->curves = attune_run_curves_new ();
  if (attune_run_curves_read (reading->curves, reading->folder, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static AdwSwitchRow *
find_row (AttuneTuneRuns *self, const char *name)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (strcmp (gtk_widget_get_name (self->rows->pdata[i]), name) == 0)
      return ADW_SWITCH_ROW (self->rows->pdata[i]);
  return NULL;
}

static void
curves_read (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneTuneRuns *self = ATTUNE_TUNE_RUNS (source);
  Reading *reading = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  AdwSwitchRow *row;

  if (self->project == NULL || (row = find_row (self, reading->name)) == NULL
      || !adw_switch_row_get_active (row))
    return;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      adw_switch_row_set_active (row, FALSE);
      gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", error->message);
      return;
    }
  attune_tune_curves_add_earlier (self->curves, reading->name, g_steal_pointer (&reading->curves));
  g_signal_emit (self, changed_signal, 0);
}

static void
on_switched (AttuneTuneRuns *self, GParamSpec *pspec, AdwSwitchRow *row)
{
  const char *name = gtk_widget_get_name (GTK_WIDGET (row));
  g_autoptr (GTask) task = NULL;
  Reading *reading;

  if (!adw_switch_row_get_active (row))
    {
      attune_tune_curves_remove_earlier (self->curves, name);
      g_signal_emit (self, changed_signal, 0);
      return;
    }
  reading = g_new0 (Reading, 1);
  reading->name = g_strdup (name);
  reading->folder = attune_project_get_run (self->project, name, NULL);
  if (reading->folder == NULL) /* taken away meanwhile */
    {
      reading_free (reading);
      adw_switch_row_set_active (row, FALSE);
      return;
    }
  task = g_task_new (self, NULL, curves_read, NULL);
  g_task_set_task_data (task, reading, reading_free);
  g_task_run_in_thread (task, read_curves);
}

/* --- the list */

typedef struct
{
  AttuneProject *project; /* only its path is asked for */
  char *run;
  GPtrArray *runs;     /* of AttuneRunSummary, the newest first */
  AttuneRunPlan *plan; /* (nullable): of the one that is shown */
} Listing;

static void
listing_free (gpointer data)
{
  Listing *listing = data;

  g_object_unref (listing->project);
  g_free (listing->run);
  g_ptr_array_unref (listing->runs);
  g_clear_pointer (&listing->plan, attune_run_plan_free);
  g_free (listing);
}

static void
list_runs (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Listing *listing = data;
  g_auto (GStrv) names = attune_project_list_runs (listing->project);
  g_autofree char *shown = g_path_get_basename (listing->run);

  listing->plan = attune_run_plan_read (listing->run, NULL);
  for (int i = (int) g_strv_length (names) - 1;
       i >= 0 && listing->runs->len < MOST_RUNS && !g_cancellable_is_cancelled (cancellable); i--)
    {
      g_autofree char *folder = attune_project_get_run (listing->project, names[i], NULL);

      if (folder != NULL && strcmp (names[i], shown) < 0)
        g_ptr_array_add (listing->runs, attune_run_summary_read (folder));
    }
  g_task_return_boolean (task, TRUE);
}

static void
add_row (AttuneTuneRuns *self, const AttuneRunSummary *run, const AttuneRunPlan *plan)
{
  g_autofree char *title = attune_tune_describe_run (run->name),
                  *subtitle = attune_tune_describe_summary (run, plan);
  GtkWidget *row = adw_switch_row_new ();

  gtk_widget_set_name (row, run->name);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_tooltip_text (row, _ ("Show beneath the present run"));
  g_signal_connect_object (row, "notify::active", G_CALLBACK (on_switched), self,
                           G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
  g_ptr_array_add (self->rows, row);
}

static void
remove_rows (AttuneTuneRuns *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      GtkWidget *row = self->rows->pdata[i];

      attune_tune_curves_remove_earlier (self->curves, gtk_widget_get_name (row));
      adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), row);
    }
  g_ptr_array_set_size (self->rows, 0);
}

static void
listed (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneTuneRuns *self = ATTUNE_TUNE_RUNS (source);
  const Listing *listing = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), NULL) || self->project == NULL)
    return;
  remove_rows (self);
  for (guint i = 0; i < listing->runs->len; i++)
    add_row (self, listing->runs->pdata[i], listing->plan);
  gtk_widget_set_visible (GTK_WIDGET (self), self->rows->len > 0);
  g_signal_emit (self, changed_signal, 0);
}

void
attune_tune_runs_set_run (AttuneTuneRuns *self, AttuneProject *project, const char *run,
                          AttuneTuneCurves *curves)
{
  g_autoptr (GTask) task = NULL;
  Listing *listing;

  g_return_if_fail (ATTUNE_IS_TUNE_RUNS (self) && ATTUNE_IS_PROJECT (project));
  g_return_if_fail (ATTUNE_IS_TUNE_CURVES (curves));

  g_set_object (&self->project, project);
  g_set_object (&self->curves, curves);
  if (!g_set_str (&self->run, run) || run == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  listing = g_new0 (Listing, 1);
  listing->project = g_object_ref (project);
  listing->run = g_strdup (run);
  listing->runs = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_run_summary_free);
  task = g_task_new (self, self->cancellable, listed, NULL);
  g_task_set_task_data (task, listing, listing_free);
  g_task_run_in_thread (task, list_runs);
}

/* --- the object */

static void
attune_tune_runs_dispose (GObject *object)
{
  AttuneTuneRuns *self = ATTUNE_TUNE_RUNS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->project);
  g_clear_object (&self->curves);
  g_clear_pointer (&self->run, g_free);
  G_OBJECT_CLASS (attune_tune_runs_parent_class)->dispose (object);
}

static void
attune_tune_runs_finalize (GObject *object)
{
  g_ptr_array_unref (ATTUNE_TUNE_RUNS (object)->rows);
  G_OBJECT_CLASS (attune_tune_runs_parent_class)->finalize (object);
}

static void
attune_tune_runs_class_init (AttuneTuneRunsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = attune_tune_runs_dispose;
  object_class->finalize = attune_tune_runs_finalize;
  changed_signal = g_signal_new ("changed", ATTUNE_TYPE_TUNE_RUNS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
attune_tune_runs_init (AttuneTuneRuns *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
