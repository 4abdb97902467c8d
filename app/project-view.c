/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An open project.
 */
#include "project-view.h"

#include "stages/data/page.h"
#include "stages/deploy/page.h"
#include "stages/evaluate/page.h"
#include "stages/model/page.h"
#include "stages/plan/page.h"
#include "stages/tune/page.h"
#include "widgets/stage-page.h"
#include "widgets/stage-row.h"

#include <glib/gi18n.h>

struct _AttuneProjectView
{
  AdwBreakpointBin parent_instance;

  AttuneSession *session;
  GtkWidget *rows[ATTUNE_N_STAGES];  /* in stage_list */
  GtkWidget *pages[ATTUNE_N_STAGES]; /* (nullable): not shown yet; in stage_stack */
  AttuneStage running;               /* what the foot shows */

  AdwNavigationSplitView *split_view;
  AdwNavigationPage *sidebar_page;
  AdwNavigationPage *stage_page;
  GtkStack *stage_stack;
  GtkListBox *stage_list;
  GtkRevealer *running_revealer;
  GtkLabel *running_label;
  GtkProgressBar *running_bar;
};

G_DEFINE_FINAL_TYPE (AttuneProjectView, attune_project_view, ADW_TYPE_BREAKPOINT_BIN)

static GtkWidget *
get_page (AttuneProjectView *self, AttuneStage stage)
{
  const GType types[ATTUNE_N_STAGES] = {
    [ATTUNE_STAGE_DATA] = ATTUNE_TYPE_DATA_PAGE,
    [ATTUNE_STAGE_MODEL] = ATTUNE_TYPE_MODEL_PAGE,
    [ATTUNE_STAGE_PLAN] = ATTUNE_TYPE_PLAN_PAGE,
    [ATTUNE_STAGE_TUNE] = ATTUNE_TYPE_TUNE_PAGE,
    [ATTUNE_STAGE_EVALUATE] = ATTUNE_TYPE_EVALUATE_PAGE,
    [ATTUNE_STAGE_DEPLOY] = ATTUNE_TYPE_DEPLOY_PAGE,
  };

  if (self->pages[stage] == NULL)
    {
      self->pages[stage] = g_object_new (types[stage], NULL);
      attune_stage_page_set_session (ATTUNE_STAGE_PAGE (self->pages[stage]), self->session);
      gtk_stack_add_child (self->stage_stack, self->pages[stage]);
    }
  return self->pages[stage];
}

static void
show_running (AttuneProjectView *self)
{
  int running = -1;

  for (int i = 0; i < ATTUNE_N_STAGES; i++)
    {
      const double progress = attune_session_get_progress (self->session, i);

      attune_stage_row_set_state (ATTUNE_STAGE_ROW (self->rows[i]),
                                  attune_session_get_state (self->session, i), progress);
      if (progress >= 0)
        running = i;
    }
  gtk_revealer_set_reveal_child (self->running_revealer, running >= 0);
  if (running < 0)
    return;
  self->running = running;
  gtk_label_set_text (self->running_label, attune_stage_get_title (running));
  gtk_progress_bar_set_fraction (self->running_bar,
                                 attune_session_get_progress (self->session, running));
}

static void
on_selected (AttuneProjectView *self, GtkListBoxRow *row)
{
  AttuneStage stage;

  if (row == NULL || self->session == NULL)
    return;
  stage = attune_stage_row_get_stage (ATTUNE_STAGE_ROW (row));
  adw_navigation_page_set_title (self->stage_page, attune_stage_get_title (stage));
  gtk_stack_set_visible_child (self->stage_stack, get_page (self, stage));
}

static void
on_activated (AttuneProjectView *self, GtkListBoxRow *row)
{
  adw_navigation_split_view_set_show_content (self->split_view, TRUE);
}

static void
on_stop (AttuneProjectView *self)
{
  attune_session_cancel (self->session, self->running);
}

/* --- doors */

void
attune_project_view_show_stage (AttuneProjectView *self, AttuneStage stage)
{
  g_return_if_fail (ATTUNE_IS_PROJECT_VIEW (self) && stage < ATTUNE_N_STAGES);

  gtk_list_box_select_row (self->stage_list, GTK_LIST_BOX_ROW (self->rows[stage]));
  adw_navigation_split_view_set_show_content (self->split_view, TRUE);
}

AttuneStage
attune_project_view_get_stage (AttuneProjectView *self)
{
  GtkListBoxRow *row;

  g_return_val_if_fail (ATTUNE_IS_PROJECT_VIEW (self), ATTUNE_STAGE_DATA);

  row = gtk_list_box_get_selected_row (self->stage_list);
  return row != NULL ? attune_stage_row_get_stage (ATTUNE_STAGE_ROW (row)) : ATTUNE_STAGE_DATA;
}

void
attune_project_view_toggle_sidebar (AttuneProjectView *self)
{
  g_return_if_fail (ATTUNE_IS_PROJECT_VIEW (self));

  adw_navigation_split_view_set_show_content (
      self->split_view, !adw_navigation_split_view_get_show_content (self->split_view));
}

void
attune_project_view_import (AttuneProjectView *self, const char *path)
{
  g_return_if_fail (ATTUNE_IS_PROJECT_VIEW (self) && path != NULL);

  attune_project_view_show_stage (self, ATTUNE_STAGE_DATA);
  attune_data_page_import (ATTUNE_DATA_PAGE (get_page (self, ATTUNE_STAGE_DATA)), path);
}

/* --- the object */

GtkWidget *
attune_project_view_new (AttuneSession *session)
{
  AttuneProjectView *self = g_object_new (ATTUNE_TYPE_PROJECT_VIEW, NULL);
  g_autofree char *title = attune_session_get_title (session);

  self->session = g_object_ref (session);
  adw_navigation_page_set_title (self->sidebar_page, title);
  g_signal_connect_object (session, "changed", G_CALLBACK (show_running), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "progress", G_CALLBACK (show_running), self, G_CONNECT_SWAPPED);
  show_running (self);
  attune_project_view_show_stage (self, ATTUNE_STAGE_DATA);
  return GTK_WIDGET (self);
}

static void
attune_project_view_dispose (GObject *object)
{
  AttuneProjectView *self = ATTUNE_PROJECT_VIEW (object);

  /* the parent class would unparent a child that dispose_template() has freed: it has an id */
  adw_breakpoint_bin_set_child (ADW_BREAKPOINT_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_PROJECT_VIEW);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (attune_project_view_parent_class)->dispose (object);
}

static void
attune_project_view_class_init (AttuneProjectViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_project_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/app/attune/Attune/project-view.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneProjectView, split_view);
  gtk_widget_class_bind_template_child (widget_class, AttuneProjectView, sidebar_page);
  gtk_widget_class_bind_template_child (widget_class, AttuneProjectView, stage_page);
  gtk_widget_class_bind_template_child (widget_class, AttuneProjectView, stage_stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneProjectView, stage_list);
  gtk_widget_class_bind_template_child (widget_class, AttuneProjectView, running_revealer);
  gtk_widget_class_bind_template_child (widget_class, AttuneProjectView, running_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneProjectView, running_bar);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_stop);
}

static void
attune_project_view_init (AttuneProjectView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (int i = 0; i < ATTUNE_N_STAGES; i++)
    {
      self->rows[i] = attune_stage_row_new (i);
      gtk_list_box_append (self->stage_list, self->rows[i]);
    }
}
