/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the two files of the interval figure share: data and drawing.
 */
#pragma once
#include "charts/interval-figure.h"
#include "charts/figure-axis.h"

typedef struct
{
  char *name;
  AttuneIntervalRole role;
  guint color; /* number among those of the same role */
  double *values, *lo, *hi;
} Series;

struct _AttuneIntervalFigure
{
  AttuneFigure parent_instance;

  AttuneAxis axis;
  double reference;
  GPtrArray *rows;   /* of char* */
  GPtrArray *series; /* of Series */
};

static inline Series *
interval_series (AttuneIntervalFigure *self, guint i)
{
  return g_ptr_array_index (self->series, i);
}

void attune_interval_figure_draw (AttuneFigure *figure, gpointer canvas, AttuneCursor cursor);
AttuneCursor attune_interval_figure_find (AttuneFigure *figure, gpointer canvas, double x,
                                          double y);
double attune_interval_figure_natural_height (AttuneFigure *figure, gpointer canvas);

/* "85.0% (81.2% to 88.1%)" */
char *attune_interval_figure_format (AttuneIntervalFigure *self, const Series *series, guint row);
