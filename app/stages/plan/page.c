/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Plan”.
 */
#include "stages/plan/page.h"

#include <glib/gi18n.h>

struct _AttunePlanPage
{
  AttuneStagePage parent_instance;
};

G_DEFINE_FINAL_TYPE (AttunePlanPage, attune_plan_page, ATTUNE_TYPE_STAGE_PAGE)

static void
attune_plan_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_PLAN_PAGE);
  G_OBJECT_CLASS (attune_plan_page_parent_class)->dispose (object);
}

static void
attune_plan_page_class_init (AttunePlanPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_plan_page_dispose;
  ATTUNE_STAGE_PAGE_CLASS (klass)->stage = ATTUNE_STAGE_PLAN;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/plan/page.ui");
}

static void
attune_plan_page_init (AttunePlanPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
