/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shows a figure in a window: draws it in the colours and the font of the desktop, reads values out
 * under the pointer and by keyboard, says in words what it shows, and copies or saves it.
 */
#pragma once
#include "charts/figure.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_CHART (attune_chart_get_type ())
G_DECLARE_FINAL_TYPE (AttuneChart, attune_chart, ATTUNE, CHART, GtkWidget)

/* @figure: (nullable) */
GtkWidget *attune_chart_new (AttuneFigure *figure);

/**
 * attune_chart_set_figure:
 * @figure: (nullable): what to show; %NULL leaves the chart empty
 *
 * However often the figure changes between two frames, it is drawn once.
 */
void attune_chart_set_figure (AttuneChart *self, AttuneFigure *figure);
/* Returns: (transfer none) (nullable) */
AttuneFigure *attune_chart_get_figure (AttuneChart *self);

/**
 * attune_chart_step:
 *
 * Moves the read-out as the keyboard does, and has a screen reader say what is there.
 */
void attune_chart_step (AttuneChart *self, AttuneStep step);
/* Returns: the mark whose values are read out, under the pointer or by keyboard */
AttuneCursor attune_chart_get_cursor (AttuneChart *self);

/**
 * attune_chart_save:
 * @file: its name's ending says how: .png (or none), .svg, .pdf or .csv
 *
 * Writes in the background and tells the outcome through the window's action win.toast. Until the
 * new file is whole the old one stays.
 */
void attune_chart_save (AttuneChart *self, GFile *file);

/**
 * attune_chart_attach_menu:
 * @button: a menu button of the page; gets the chart's menu and the actions chart.copy,
 *   chart.save-picture and chart.save-data
 */
void attune_chart_attach_menu (AttuneChart *self, GtkMenuButton *button);

G_END_DECLS
