/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The list of models. Rows are kept while their file is there, so that nothing is looked at twice.
 */
#include "stages/model/local-models.h"

#include "folders.h"
#include "model-list.h"
#include "model/hub-cache.h"

#include <glib/gi18n.h>

struct _AttuneLocalModels
{
  AdwBin parent_instance;

  AttuneSession *session; /* (nullable) */
  GSettings *settings;    /* (nullable) */
  GtkCheckButton *none;   /* the radio button that is chosen where no model is; not shown */
  GtkListBox *list;
  GtkWidget *empty_row;
  GPtrArray *rows; /* AttuneModelRow, borrowed from the list */
  char *wanted;    /* (nullable): to be chosen once it is known to be sound */
  char **cached;   /* (nullable): what Hugging Face's cache had when it was last looked at */
};

G_DEFINE_FINAL_TYPE (AttuneLocalModels, attune_local_models, ADW_TYPE_BIN)

AttuneModelRow *
attune_local_models_find (AttuneLocalModels *self, const char *path)
{
  g_return_val_if_fail (ATTUNE_IS_LOCAL_MODELS (self), NULL);

  for (guint i = 0; path != NULL && i < self->rows->len; i++)
    if (g_str_equal (attune_model_file_get_path (attune_model_row_get_file (self->rows->pdata[i])),
                     path))
      return self->rows->pdata[i];
  return NULL;
}

/* --- choosing */

static void
on_chosen (AttuneLocalModels *self, AttuneModelRow *row)
{
  const char *path = attune_model_file_get_path (attune_model_row_get_file (row));
  AttuneProject *project = attune_session_get_project (self->session);

  if (g_strcmp0 (path, attune_project_get_model (project)) != 0)
    attune_session_set_model (self->session, path);
  if (g_strcmp0 (path, attune_project_get_model (project)) == 0 && self->settings != NULL)
    g_settings_set_string (self->settings, "last-model", path);
  attune_local_models_update (self); /* the session may have refused */
}

static void
on_activated (AttuneLocalModels *self, GtkListBoxRow *row)
{
  if (ATTUNE_IS_MODEL_ROW (row))
    attune_model_row_choose (ATTUNE_MODEL_ROW (row));
}

static void
on_forgotten (AttuneLocalModels *self, AttuneModelRow *row)
{
  attune_model_list_remove (self->settings,
                            attune_model_file_get_path (attune_model_row_get_file (row)));
  attune_local_models_rescan (self);
}

/* One that was added is chosen as soon as it is known to be sound; else it says what is wrong. */
static void
on_file_changed (AttuneLocalModels *self, AttuneModelFile *file)
{
  if (g_strcmp0 (self->wanted, attune_model_file_get_path (file)) == 0
      && !attune_model_file_is_loading (file))
    {
      g_clear_pointer (&self->wanted, g_free);
      if (attune_model_file_get_error (file) == NULL)
        attune_model_row_choose (
            attune_local_models_find (self, attune_model_file_get_path (file)));
    }
  attune_local_models_update (self);
}

/* --- the rows */

static void
add_row (AttuneLocalModels *self, const char *path)
{
  g_autoptr (AttuneModelFile) file = attune_model_file_new (path);
  GtkWidget *row = attune_model_row_new (file, attune_model_list_has (self->settings, path));

  attune_model_row_set_group (ATTUNE_MODEL_ROW (row), self->none);
  g_signal_connect_object (row, "chosen", G_CALLBACK (on_chosen), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "forgotten", G_CALLBACK (on_forgotten), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (file, "changed", G_CALLBACK (on_file_changed), self, G_CONNECT_SWAPPED);
  gtk_list_box_append (self->list, row);
  g_ptr_array_add (self->rows, row);
}

/* The files that are to be shown: those on the list, and the project's own wherever it lies. */
static char **
list_paths (AttuneLocalModels *self)
{
  g_auto (GStrv) listed = attune_list_models (self->settings, self->cached);
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();
  const char *own = attune_project_get_model (attune_session_get_project (self->session));

  g_strv_builder_addv (paths, (const char **) listed);
  if (own != NULL && !g_strv_contains ((const char *const *) listed, own))
    g_strv_builder_add (paths, own);
  return g_strv_builder_end (paths);
}

static void
show_rows (AttuneLocalModels *self)
{
  g_auto (GStrv) paths = list_paths (self);

  for (guint i = self->rows->len; i > 0; i--)
    {
      AttuneModelRow *row = self->rows->pdata[i - 1];

      if (!g_strv_contains ((const char *const *) paths,
                            attune_model_file_get_path (attune_model_row_get_file (row))))
        {
          g_ptr_array_remove_index (self->rows, i - 1);
          gtk_list_box_remove (self->list, GTK_WIDGET (row));
        }
    }
  for (guint i = 0; paths[i] != NULL; i++)
    {
      AttuneModelRow *row = attune_local_models_find (self, paths[i]);

      if (row == NULL)
        add_row (self, paths[i]);
      else
        attune_model_file_refresh (attune_model_row_get_file (row));
    }
  gtk_widget_set_visible (self->empty_row, self->rows->len == 0);
  attune_local_models_update (self);
}

/* --- the cache: it may have hundreds of models on a slow disk, so it is listed in a thread */

static void
list_cache (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, attune_hub_cache_list (data), (GDestroyNotify) g_strfreev);
}

/* @data: a GWeakRef: the page may be gone meanwhile. */
static void
cache_listed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneLocalModels) self = g_weak_ref_get (data);
  g_auto (GStrv) listed = g_task_propagate_pointer (G_TASK (result), NULL);

  g_weak_ref_clear (data);
  g_free (data);
  if (self == NULL || self->session == NULL
      || (self->cached != NULL
          && g_strv_equal ((const char *const *) listed, (const char *const *) self->cached)))
    return;
  g_strfreev (self->cached);
  self->cached = g_steal_pointer (&listed);
  show_rows (self);
}

void
attune_local_models_rescan (AttuneLocalModels *self)
{
  g_autoptr (GTask) task = NULL;
  GWeakRef *weak;

  g_return_if_fail (ATTUNE_IS_LOCAL_MODELS (self));

  if (self->session == NULL)
    return;
  show_rows (self);
  weak = g_new (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  task = g_task_new (NULL, NULL, cache_listed, weak);
  g_task_set_task_data (task, attune_hub_cache_get_folder (), g_free);
  g_task_run_in_thread (task, list_cache);
}

void
attune_local_models_update (AttuneLocalModels *self)
{
  const char *chosen;
  AttunePlan *plan;
  guint64 available;
  gboolean may_change;

  g_return_if_fail (ATTUNE_IS_LOCAL_MODELS (self));

  if (self->session == NULL)
    return;
  chosen = attune_project_get_model (attune_session_get_project (self->session));
  plan = attune_project_get_plan (attune_session_get_project (self->session));
  available = attune_session_get_available_memory (self->session);
  may_change = attune_session_get_read_only (self->session) == NULL;
  if (attune_local_models_find (self, chosen) == NULL)
    gtk_check_button_set_active (self->none, TRUE);
  for (guint i = 0; i < self->rows->len; i++)
    {
      AttuneModelRow *row = self->rows->pdata[i];
      const char *path = attune_model_file_get_path (attune_model_row_get_file (row));

      if (g_strcmp0 (path, chosen) == 0)
        attune_model_row_set_chosen (row, TRUE);
      attune_model_row_show_fit (row, plan, attune_session_get_facts (self->session), available);
      gtk_widget_set_sensitive (GTK_WIDGET (row), may_change);
    }
}

/* --- doors */

void
attune_local_models_add (AttuneLocalModels *self, const char *path)
{
  AttuneModelRow *row;

  g_return_if_fail (ATTUNE_IS_LOCAL_MODELS (self) && path != NULL);

  g_set_str (&self->wanted, path);
  attune_model_list_add (self->settings, path);
  attune_local_models_rescan (self);
  row = attune_local_models_find (self, path);
  if (row == NULL)
    add_row (self, path); /* without settings there is no list; it is shown until the end */
  else
    on_file_changed (self, attune_model_row_get_file (row)); /* it may be known already */
}

guint
attune_local_models_get_n (AttuneLocalModels *self)
{
  g_return_val_if_fail (ATTUNE_IS_LOCAL_MODELS (self), 0);
  return self->rows->len;
}

void
attune_local_models_set_session (AttuneLocalModels *self, AttuneSession *session)
{
  g_return_if_fail (ATTUNE_IS_LOCAL_MODELS (self));

  g_set_object (&self->session, session);
  attune_local_models_rescan (self);
}

GtkWidget *
attune_local_models_new (void)
{
  return g_object_new (ATTUNE_TYPE_LOCAL_MODELS, NULL);
}

/* --- the object */

static void
attune_local_models_dispose (GObject *object)
{
  AttuneLocalModels *self = ATTUNE_LOCAL_MODELS (object);

  g_clear_object (&self->session);
  g_clear_object (&self->settings);
  g_clear_object (&self->none);
  g_clear_pointer (&self->wanted, g_free);
  G_OBJECT_CLASS (attune_local_models_parent_class)->dispose (object);
}

static void
attune_local_models_finalize (GObject *object)
{
  g_ptr_array_unref (ATTUNE_LOCAL_MODELS (object)->rows);
  g_strfreev (ATTUNE_LOCAL_MODELS (object)->cached);
  G_OBJECT_CLASS (attune_local_models_parent_class)->finalize (object);
}

static void
attune_local_models_class_init (AttuneLocalModelsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = attune_local_models_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_local_models_finalize;
}

static void
attune_local_models_init (AttuneLocalModels *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  self->settings = attune_open_settings ();
  self->none = g_object_ref_sink (GTK_CHECK_BUTTON (gtk_check_button_new ()));
  self->rows = g_ptr_array_new ();
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "boxed-list");
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (on_activated), self,
                           G_CONNECT_SWAPPED);

  self->empty_row = adw_action_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->empty_row), _ ("No Model Yet"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->empty_row),
                               _ ("Let Attune help you choose one, or add a file that you have"));
  gtk_list_box_append (self->list, self->empty_row);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Models on This Computer"));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group),
                                         _ ("The chosen one learns from your data."));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->list));
  adw_bin_set_child (ADW_BIN (self), group);
}
