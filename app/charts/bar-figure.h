/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Level bars, one row for each category, with the value at each bar's end: how many records a class
 * has, before and after balancing.
 */
#pragma once
#include "charts/figure.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_BAR_FIGURE (attune_bar_figure_get_type ())
G_DECLARE_FINAL_TYPE (AttuneBarFigure, attune_bar_figure, ATTUNE, BAR_FIGURE, AttuneFigure)

AttuneBarFigure *attune_bar_figure_new (AttuneUnit unit);

/**
 * attune_bar_figure_set_categories:
 * @names: (array zero-terminated=1): copied; removes all series
 */
void attune_bar_figure_set_categories (AttuneBarFigure *self, const char *const *names);

/**
 * attune_bar_figure_add_series:
 * @name: e.g. "After balancing"; shown when there are several series
 * @values: (array): one for each category; copied; NaN for none
 * @earlier: grey: what it is compared with
 *
 * Returns: its number, from 0
 */
int attune_bar_figure_add_series (AttuneBarFigure *self, const char *name, const double *values,
                                  gboolean earlier);

G_END_DECLS
