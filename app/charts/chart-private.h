/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the chart share.
 */
#pragma once
#include "charts/chart.h"

struct _AttuneChart
{
  GtkWidget parent_instance;

  AttuneFigure *figure;
  AttuneCursor cursor;   /* where the keyboard is */
  gboolean pointed;      /* the pointer is over the chart, and moved later than the keyboard */
  double x, y;           /* where */
  AttuneCursor drawn;    /* what the last frame read out */
  double natural_height; /* what was asked for last; compared only */
  guint update;          /* the source that looks at a changed figure */
  GSimpleActionGroup *actions;
  GMenuModel *menu;
  GtkWidget *popover; /* (nullable): made when first asked for */
};

/* The actions and the menu, and what opens it. */
void attune_chart_init_actions (AttuneChart *self);
void attune_chart_update_actions (AttuneChart *self);
void attune_chart_clear_actions (AttuneChart *self);
void attune_chart_bind_menu_keys (GtkWidgetClass *klass);
