/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Tune”.
 */
#include "stages/tune/page.h"

#include <glib/gi18n.h>

struct _AttuneTunePage
{
  AttuneStagePage parent_instance;
};

G_DEFINE_FINAL_TYPE (AttuneTunePage, attune_tune_page, ATTUNE_TYPE_STAGE_PAGE)

static void
start (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (widget));

  attune_session_start_run (session);
}

static void
attune_tune_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_TUNE_PAGE);
  G_OBJECT_CLASS (attune_tune_page_parent_class)->dispose (object);
}

static void
attune_tune_page_class_init (AttuneTunePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_tune_page_dispose;
  ATTUNE_STAGE_PAGE_CLASS (klass)->stage = ATTUNE_STAGE_TUNE;
  gtk_widget_class_install_action (widget_class, "tune.start", NULL, start);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/tune/page.ui");
}

static void
attune_tune_page_init (AttuneTunePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
