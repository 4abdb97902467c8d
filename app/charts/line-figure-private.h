/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the three files of the line figure share: data, drawing and words.
 */
#pragma once
#include "charts/line-figure.h"
#include "charts/canvas.h"
#include "charts/smooth.h"

typedef struct
{
  char *name;
  AttuneLineRole role;
  guint color; /* index into the palette, or for earlier runs their number */
  GArray *x, *y;
  GArray *smooth; /* as long as y */
  AttuneSmooth state;
} Series;

typedef struct
{
  AttuneLineMark kind;
  int series;
  double x;
  char *label;
} Mark;

struct _AttuneLineFigure
{
  AttuneFigure parent_instance;

  AttuneAxis x_axis, y_axis;
  double smoothing;
  GPtrArray *series; /* of Series */
  GArray *marks;     /* of Mark */
};

static inline Series *
line_series (AttuneLineFigure *self, int series)
{
  return g_ptr_array_index (self->series, series);
}

static inline double
line_x (const Series *series, int index)
{
  return g_array_index (series->x, double, index);
}

/* The value that is shown: the smoothed one. */
static inline double
line_y (const Series *series, int index)
{
  return g_array_index (series->smooth, double, index);
}

/* Index of the point whose x is nearest to @x, or -1 when there are no points. */
int attune_line_nearest (const Series *series, double x);

void attune_line_figure_draw (AttuneFigure *figure, gpointer canvas, AttuneCursor cursor);
AttuneCursor attune_line_figure_find (AttuneFigure *figure, gpointer canvas, double x, double y);
double attune_line_figure_natural_height (AttuneFigure *figure, gpointer canvas);

char *attune_line_figure_describe (AttuneFigure *figure, AttuneCursor cursor);
char *attune_line_figure_summarize (AttuneFigure *figure);
void attune_line_figure_write_csv (AttuneFigure *figure, GString *csv);
/* "Step 340"; without a title of the axis only the number */
char *attune_line_figure_format_x (AttuneLineFigure *self, double x);
