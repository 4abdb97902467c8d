/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The look of the desktop as a figure's style. For the files of this folder only.
 */
#pragma once
#include "charts/figure-style.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AttuneChartStyle:
 * @figure: borrows @font
 */
typedef struct
{
  AttuneFigureStyle figure;
  char *font;
} AttuneChartStyle;

/* Colours, font and direction as they are now: made for each frame, so that nothing is stale. */
void attune_chart_style_init (AttuneChartStyle *self, GtkWidget *widget);
/* The same font and accent in dark on white, with the title: for pictures in documents. */
void attune_chart_style_init_print (AttuneChartStyle *self, GtkWidget *widget);
void attune_chart_style_clear (AttuneChartStyle *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneChartStyle, attune_chart_style_clear)

G_END_DECLS
