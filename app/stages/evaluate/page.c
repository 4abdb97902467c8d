/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Evaluate”.
 */
#include "stages/evaluate/page.h"

#include <glib/gi18n.h>

struct _AttuneEvaluatePage
{
  AttuneStagePage parent_instance;
};

G_DEFINE_FINAL_TYPE (AttuneEvaluatePage, attune_evaluate_page, ATTUNE_TYPE_STAGE_PAGE)

static void
start (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (widget));

  attune_session_evaluate (session, ATTUNE_SPLIT_TEST, 50, 96);
}

static void
attune_evaluate_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_EVALUATE_PAGE);
  G_OBJECT_CLASS (attune_evaluate_page_parent_class)->dispose (object);
}

static void
attune_evaluate_page_class_init (AttuneEvaluatePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_evaluate_page_dispose;
  ATTUNE_STAGE_PAGE_CLASS (klass)->stage = ATTUNE_STAGE_EVALUATE;
  gtk_widget_class_install_action (widget_class, "evaluate.start", NULL, start);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/evaluate/page.ui");
}

static void
attune_evaluate_page_init (AttuneEvaluatePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
