/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scores with their error bars, one row for each score: the tuned model against the base model and
 * earlier runs.
 */
#pragma once
#include "charts/figure.h"

G_BEGIN_DECLS

/**
 * AttuneIntervalRole:
 * @ATTUNE_INTERVAL_NOW: a filled dot in the accent colour, with its value beside
 * @ATTUNE_INTERVAL_BASE: a ring: the base model
 * @ATTUNE_INTERVAL_EARLIER: a grey diamond: an earlier run
 */
typedef enum
{
  ATTUNE_INTERVAL_NOW,
  ATTUNE_INTERVAL_BASE,
  ATTUNE_INTERVAL_EARLIER,
} AttuneIntervalRole;

#define ATTUNE_TYPE_INTERVAL_FIGURE (attune_interval_figure_get_type ())
G_DECLARE_FINAL_TYPE (AttuneIntervalFigure, attune_interval_figure, ATTUNE, INTERVAL_FIGURE,
                      AttuneFigure)

/**
 * attune_interval_figure_new:
 * @unit: of all values
 * @title: (nullable): of the axis, e.g. "Share of answers"
 */
AttuneIntervalFigure *attune_interval_figure_new (AttuneUnit unit, const char *title);

/**
 * attune_interval_figure_set_rows:
 * @names: (array zero-terminated=1): e.g. "Exact match"; copied; removes all series
 */
void attune_interval_figure_set_rows (AttuneIntervalFigure *self, const char *const *names);

/**
 * attune_interval_figure_add_series:
 * @name: e.g. "Tuned"
 * @values: (array): one for each row; NaN for none; copied
 * @lo: (array) (nullable): lower end of each interval; %NULL or NaN for none
 * @hi: (array) (nullable): upper end
 *
 * Returns: its number, from 0
 */
int attune_interval_figure_add_series (AttuneIntervalFigure *self, const char *name,
                                       AttuneIntervalRole role, const double *values,
                                       const double *lo, const double *hi);

/**
 * attune_interval_figure_set_range:
 * @lo: first value of the axis, or NaN to take it from the data
 * @hi: last value, or NaN
 * @reference: an upright line, e.g. at one half of a win rate; NaN for none
 */
void attune_interval_figure_set_range (AttuneIntervalFigure *self, double lo, double hi,
                                       double reference);

G_END_DECLS
