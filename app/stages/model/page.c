/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Model”: choosing is all there is to do, so there is no primary action.
 */
#include "stages/model/page.h"

#include "stages/model/inspector.h"
#include "stages/model/local-models.h"

#include <glib/gi18n.h>

struct _AttuneModelPage
{
  AttuneStagePage parent_instance;

  AttuneLocalModels *local_models;
  AttuneInspector *inspector;
};

G_DEFINE_FINAL_TYPE (AttuneModelPage, attune_model_page, ATTUNE_TYPE_STAGE_PAGE)

/* --- a file from elsewhere */

static void
file_chosen (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneModelPage) self = data;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (source), result, NULL);

  if (file != NULL && g_file_peek_path (file) != NULL
      && attune_stage_page_get_session (ATTUNE_STAGE_PAGE (self)) != NULL)
    attune_local_models_add (self->local_models, g_file_peek_path (file));
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
  gtk_file_dialog_open (dialog, GTK_WINDOW (gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW)),
                        NULL, file_chosen, g_object_ref (widget));
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
}

static void
attune_model_page_set_session (AttuneStagePage *page, AttuneSession *session)
{
  AttuneModelPage *self = ATTUNE_MODEL_PAGE (page);

  attune_local_models_set_session (self->local_models, session);
  attune_inspector_set_session (self->inspector, session);
}

/* Files may have come or gone while something else was looked at. */
static void
attune_model_page_map (GtkWidget *widget)
{
  attune_local_models_rescan (ATTUNE_MODEL_PAGE (widget)->local_models);
  GTK_WIDGET_CLASS (attune_model_page_parent_class)->map (widget);
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
  g_type_ensure (ATTUNE_TYPE_LOCAL_MODELS);
  g_type_ensure (ATTUNE_TYPE_INSPECTOR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/model/page.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneModelPage, local_models);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelPage, inspector);
}

static void
attune_model_page_init (AttuneModelPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
