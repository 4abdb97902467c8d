/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Model”: choosing is all there is to do, so there is no primary action.
 */
#include "stages/model/page.h"

#include "folders.h"
#include "model/model-folder.h"
#include "program.h"
#include "stages/model/catalogue-dialog.h"
#include "stages/model/guide.h"
#include "stages/model/hub-dialog.h"
#include "stages/model/inspector.h"
#include "stages/model/local-models.h"
#include "widgets/gently.h"

#include <glib/gi18n.h>

struct _AttuneModelPage
{
  AttuneStagePage parent_instance;

  AttuneLocalModels *local_models;
  AttuneCatalogueList *catalogue_list;
  AttuneInspector *inspector;
  gboolean has_catalogue; /* it was read, with what came of it */
};

G_DEFINE_FINAL_TYPE (AttuneModelPage, attune_model_page, ATTUNE_TYPE_STAGE_PAGE)

/* --- a file or a folder from elsewhere */

static void
add_model (AttuneModelPage *self, GFile *file)
{
  g_autofree char *path = NULL;

  if (file == NULL || g_file_peek_path (file) == NULL
      || attune_stage_page_get_session (ATTUNE_STAGE_PAGE (self)) == NULL)
    return;
  path = attune_model_folder_resolve (g_file_peek_path (file));
  attune_local_models_add (self->local_models, path);
}

static void
file_chosen (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneModelPage) self = data;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (source), result, NULL);

  add_model (self, file);
}

static void
folder_chosen (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneModelPage) self = data;
  g_autoptr (GFile) folder
      = gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (source), result, NULL);

  add_model (self, folder);
}

static GtkWindow *
get_window (GtkWidget *widget)
{
  return GTK_WINDOW (gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW));
}

static void
add_file (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  g_autoptr (GListStore) filters = g_list_store_new (GTK_TYPE_FILE_FILTER);

  gtk_file_filter_set_name (filter, _ ("Models (GGUF)"));
  gtk_file_filter_add_suffix (filter, "gguf");
  g_list_store_append (filters, filter);
  gtk_file_dialog_set_title (dialog, _ ("Add a Model File"));
  gtk_file_dialog_set_filters (dialog, G_LIST_MODEL (filters));
  gtk_file_dialog_open (dialog, get_window (widget), NULL, file_chosen, g_object_ref (widget));
}

/* As Transformers saves a model. */
static void
add_folder (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _ ("Add a Model’s Folder"));
  gtk_file_dialog_select_folder (dialog, get_window (widget), NULL, folder_chosen,
                                 g_object_ref (widget));
}

/* --- the catalogue */

static void
on_got (AttuneModelPage *self, const char *path)
{
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (self));

  attune_local_models_add (self->local_models, path);
  attune_session_say (session, _ ("The model is on this computer now"));
}

/* What the guide recommends is chosen where it is there, and offered where it is not. */
static void
on_taken (AttuneModelPage *self, const char *id)
{
  AttuneDownload *download = attune_catalogue_list_find (self->catalogue_list, id);
  GPtrArray *models = attune_catalogue_list_get_models (self->catalogue_list);

  g_return_if_fail (download != NULL);

  if (g_file_test (attune_download_get_path (download), G_FILE_TEST_EXISTS))
    attune_local_models_add (self->local_models, attune_download_get_path (download));
  else
    for (guint i = 0; i < models->len; i++)
      if (g_str_equal (((AttuneCatalogueModel *) models->pdata[i])->id, id))
        attune_offer_ask (GTK_WIDGET (self), models->pdata[i], download);
}

static void
open_catalogue (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneModelPage *self = ATTUNE_MODEL_PAGE (widget);
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (self));

  adw_dialog_present (attune_catalogue_dialog_new (self->catalogue_list,
                                                   attune_session_get_available_memory (session)),
                      widget);
}

static void
open_guide (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneModelPage *self = ATTUNE_MODEL_PAGE (widget);
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (self));
  AdwDialog *guide
      = attune_model_guide_new (attune_catalogue_list_get_models (self->catalogue_list),
                                attune_session_get_available_memory (session));

  g_signal_connect_object (guide, "taken", G_CALLBACK (on_taken), self, G_CONNECT_SWAPPED);
  adw_dialog_present (guide, widget);
}

static void
open_hub (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autoptr (GSettings) settings = attune_open_settings ();
  g_autofree char *proxy = settings != NULL ? g_settings_get_string (settings, "proxy") : NULL;
  g_autofree char *models = attune_models_folder (settings);
  AdwDialog *dialog = attune_hub_dialog_new (models, proxy);

  g_signal_connect_object (dialog, "got", G_CALLBACK (on_got), widget, G_CONNECT_SWAPPED);
  adw_dialog_present (dialog, widget);
}

static void
allow_guide (AttuneModelPage *self)
{
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (self));

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "model.guide",
                                 attune_session_get_read_only (session) == NULL
                                     && attune_catalogue_list_get_models (self->catalogue_list)->len
                                            > 0);
}

/* Reading and ranking some forty models takes ten milliseconds: a step of its own. */
static gboolean
show_catalogue (gpointer page)
{
  AttuneModelPage *self = page;
  AttuneSession *session = attune_stage_page_get_session (page);

  g_autoptr (GSettings) settings = attune_open_settings ();
  g_autofree char *proxy = settings != NULL ? g_settings_get_string (settings, "proxy") : NULL;

  if (!self->has_catalogue)
    {
      g_autofree char *models = attune_models_folder (settings),
                      *folder = attune_find_data ("models");

      attune_catalogue_list_load (self->catalogue_list, folder, models);
      self->has_catalogue = TRUE;
    }
  attune_catalogue_list_set_proxy (self->catalogue_list, proxy);
  attune_catalogue_list_refresh (self->catalogue_list,
                                 attune_session_get_available_memory (session));
  allow_guide (self);
  return FALSE;
}

/* --- showing */

static void
attune_model_page_update (AttuneStagePage *page)
{
  AttuneModelPage *self = ATTUNE_MODEL_PAGE (page);
  AttuneSession *session = attune_stage_page_get_session (page);

  attune_local_models_update (self->local_models);
  attune_inspector_refresh (self->inspector);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "model.add-file",
                                 attune_session_get_read_only (session) == NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "model.add-folder",
                                 attune_session_get_read_only (session) == NULL);
  allow_guide (self);
}

static void
attune_model_page_set_session (AttuneStagePage *page, AttuneSession *session)
{
  AttuneModelPage *self = ATTUNE_MODEL_PAGE (page);

  attune_local_models_set_session (self->local_models, session);
  attune_inspector_set_session (self->inspector, session);
}

/* Files may have come or gone while something else was looked at, and preferences changed. */
static void
attune_model_page_map (GtkWidget *widget)
{
  AttuneModelPage *self = ATTUNE_MODEL_PAGE (widget);
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (self));

  attune_local_models_rescan (self->local_models);
  GTK_WIDGET_CLASS (attune_model_page_parent_class)->map (widget);
  if (session != NULL)
    attune_do_gently (self, show_catalogue);
}

/* --- the object */

static void
attune_model_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_MODEL_PAGE);
  G_OBJECT_CLASS (attune_model_page_parent_class)->dispose (object);
}

static void
attune_model_page_class_init (AttuneModelPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  AttuneStagePageClass *page_class = ATTUNE_STAGE_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_model_page_dispose;
  widget_class->map = attune_model_page_map;
  page_class->stage = ATTUNE_STAGE_MODEL;
  page_class->set_session = attune_model_page_set_session;
  page_class->update = attune_model_page_update;
  gtk_widget_class_install_action (widget_class, "model.add-file", NULL, add_file);
  gtk_widget_class_install_action (widget_class, "model.add-folder", NULL, add_folder);
  gtk_widget_class_install_action (widget_class, "model.catalogue", NULL, open_catalogue);
  gtk_widget_class_install_action (widget_class, "model.guide", NULL, open_guide);
  gtk_widget_class_install_action (widget_class, "model.find", NULL, open_hub);
  g_type_ensure (ATTUNE_TYPE_LOCAL_MODELS);
  g_type_ensure (ATTUNE_TYPE_CATALOGUE_LIST);
  g_type_ensure (ATTUNE_TYPE_INSPECTOR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/model/page.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneModelPage, local_models);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelPage, inspector);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelPage, catalogue_list);
  gtk_widget_class_bind_template_callback (widget_class, on_got);
}

static void
attune_model_page_init (AttuneModelPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
