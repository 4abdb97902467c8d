/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Data”.
 */
#include "stages/data/page.h"

#include <glib/gi18n.h>

struct _AttuneDataPage
{
  AttuneStagePage parent_instance;
};

G_DEFINE_FINAL_TYPE (AttuneDataPage, attune_data_page, ATTUNE_TYPE_STAGE_PAGE)

void
attune_data_page_import (AttuneDataPage *self, const char *path)
{
  AttuneSession *session;
  g_autoptr (GError) error = NULL;
  AttuneSource *source;

  g_return_if_fail (ATTUNE_IS_DATA_PAGE (self) && path != NULL);

  session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (self));
  if ((source = attune_source_probe (path, &error)) == NULL)
    attune_session_say (session, error->message);
  else
    attune_session_import (session, source);
}

static void
prepare (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (widget));

  attune_session_prepare (session);
}

static void
attune_data_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_DATA_PAGE);
  G_OBJECT_CLASS (attune_data_page_parent_class)->dispose (object);
}

static void
attune_data_page_class_init (AttuneDataPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_data_page_dispose;
  ATTUNE_STAGE_PAGE_CLASS (klass)->stage = ATTUNE_STAGE_DATA;
  gtk_widget_class_install_action (widget_class, "data.prepare", NULL, prepare);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/data/page.ui");
}

static void
attune_data_page_init (AttuneDataPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
