/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A stage in the sidebar.
 */
#include "widgets/stage-row.h"

#include <glib/gi18n.h>

struct _AttuneStageRow
{
  GtkListBoxRow parent_instance;

  AttuneStage stage;
  AttuneStageState state;
  GtkImage *icon;
  GtkLabel *title_label;
  GtkLabel *progress_label;
  GtkImage *badge;
};

G_DEFINE_FINAL_TYPE (AttuneStageRow, attune_stage_row, GTK_TYPE_LIST_BOX_ROW)

/* The badge is never a colour alone: each state has a sign of its own. */
static const struct
{
  const char *icon, *css_class, *words;
} looks[] = {
  [ATTUNE_STAGE_STATE_WAITING] = { NULL, "stage-waiting", N_ ("Not started") },
  [ATTUNE_STAGE_STATE_READY] = { "go-next-symbolic", "stage-ready", N_ ("Ready") },
  [ATTUNE_STAGE_STATE_RUNNING] = { "content-loading-symbolic", "stage-running", N_ ("Running") },
  [ATTUNE_STAGE_STATE_DONE] = { "object-select-symbolic", "stage-done", N_ ("Done") },
  [ATTUNE_STAGE_STATE_STALE]
  = { "view-refresh-symbolic", "stage-stale", N_ ("Something before it has changed") },
  [ATTUNE_STAGE_STATE_ATTENTION]
  = { "dialog-warning-symbolic", "stage-attention", N_ ("Needs attention") },
};

AttuneStage
attune_stage_row_get_stage (AttuneStageRow *self)
{
  g_return_val_if_fail (ATTUNE_IS_STAGE_ROW (self), ATTUNE_STAGE_DATA);
  return self->stage;
}

void
attune_stage_row_set_state (AttuneStageRow *self, AttuneStageState state, double progress)
{
  g_autofree char *percent = NULL, *name = NULL;

  g_return_if_fail (ATTUNE_IS_STAGE_ROW (self) && state < G_N_ELEMENTS (looks));

  if (progress >= 0)
    percent = g_strdup_printf (_ ("%.0f %%"), 100 * progress);
  gtk_label_set_text (self->progress_label, percent != NULL ? percent : "");
  gtk_widget_set_visible (GTK_WIDGET (self->progress_label), percent != NULL);

  gtk_widget_remove_css_class (GTK_WIDGET (self->badge), looks[self->state].css_class);
  gtk_widget_add_css_class (GTK_WIDGET (self->badge), looks[state].css_class);
  gtk_image_set_from_icon_name (self->badge, looks[state].icon);
  self->state = state;
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), _ (looks[state].words));
  name = g_strdup_printf ("%s, %s", attune_stage_get_title (self->stage), _ (looks[state].words));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

GtkWidget *
attune_stage_row_new (AttuneStage stage)
{
  AttuneStageRow *self = g_object_new (ATTUNE_TYPE_STAGE_ROW, NULL);
  g_autofree char *icon = g_strdup_printf ("attune-%s-symbolic", attune_stage_get_name (stage));

  self->stage = stage;
  gtk_image_set_from_icon_name (self->icon, icon);
  gtk_label_set_text (self->title_label, attune_stage_get_title (stage));
  attune_stage_row_set_state (self, ATTUNE_STAGE_STATE_WAITING, -1);
  return GTK_WIDGET (self);
}

static void
attune_stage_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_STAGE_ROW);
  G_OBJECT_CLASS (attune_stage_row_parent_class)->dispose (object);
}

static void
attune_stage_row_class_init (AttuneStageRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_stage_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/widgets/stage-row.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneStageRow, icon);
  gtk_widget_class_bind_template_child (widget_class, AttuneStageRow, title_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneStageRow, progress_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneStageRow, badge);
}

static void
attune_stage_row_init (AttuneStageRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
