/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A figure that counts how often it is drawn and remembers how: three series of five marks.
 */
#pragma once
#include "charts/figure.h"

#define COUNTING_TYPE_FIGURE (counting_figure_get_type ())
G_DECLARE_FINAL_TYPE (CountingFigure, counting_figure, COUNTING, FIGURE, AttuneFigure)

struct _CountingFigure
{
  AttuneFigure parent_instance;

  int draws, changes, summaries;
  gboolean dark, rtl;
  double height;
  AttuneCursor cursor;
};

/* Counts a change and tells of it. */
void counting_figure_change (CountingFigure *self);
