/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Deploy”.
 */
#include "stages/deploy/page.h"

#include <glib/gi18n.h>

struct _AttuneDeployPage
{
  AttuneStagePage parent_instance;
};

G_DEFINE_FINAL_TYPE (AttuneDeployPage, attune_deploy_page, ATTUNE_TYPE_STAGE_PAGE)

static void
attune_deploy_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_DEPLOY_PAGE);
  G_OBJECT_CLASS (attune_deploy_page_parent_class)->dispose (object);
}

static void
attune_deploy_page_class_init (AttuneDeployPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_deploy_page_dispose;
  ATTUNE_STAGE_PAGE_CLASS (klass)->stage = ATTUNE_STAGE_DEPLOY;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/deploy/page.ui");
}

static void
attune_deploy_page_init (AttuneDeployPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
