/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lays a line figure out: the ranges of its axes, room for names, legend and labels; and finds what
 * lies at a position. Names stand at the ends of the curves where there is room, in a legend where
 * there is none.
 */
#include "charts/line-figure-layout.h"
#include <math.h>

void
attune_line_layout_clear (LineLayout *self)
{
  attune_frame_clear (&self->frame);
  g_clear_pointer (&self->keys, g_array_unref);
}

AttuneColor
attune_line_color (AttuneCanvas *canvas, const Series *series)
{
  const AttuneFigureStyle *style = canvas->style;

  if (series->role == ATTUNE_LINE_EARLIER)
    return style->earlier;
  return style->series[series->color % ATTUNE_PALETTE_LENGTH];
}

guint
attune_line_dash (const Series *series)
{
  return series->role == ATTUNE_LINE_EARLIER ? 2 + series->color : series->color;
}

static void
widen (double value, gboolean log, double *lo, double *hi)
{
  if (!attune_axis_holds (value) || (log && value <= 0))
    return;
  *lo = MIN (*lo, value);
  *hi = MAX (*hi, value);
}

/* The axes with their ranges filled in. FALSE when no point can be placed. */
static gboolean
find_ranges (AttuneLineFigure *self, AttuneAxis *x, AttuneAxis *y)
{
  double x_lo = INFINITY, x_hi = -INFINITY, y_lo = INFINITY, y_hi = -INFINITY;

  *x = self->x_axis;
  *y = self->y_axis;
  for (guint i = 0; i < self->series->len; i++)
    {
      const Series *series = line_series (self, i);
      const GArray *values = series->role == ATTUNE_LINE_EARLIER ? series->smooth : series->y;
      const guint n = series->x->len;

      for (guint p = 0; p < n; p++)
        widen (g_array_index (values, double, p), y->log, &y_lo, &y_hi);
      /* x rises: only a log axis must search for its first point */
      for (guint p = 0; p < n && x_lo > line_x (series, p); p++)
        widen (line_x (series, p), x->log, &x_lo, &x_hi);
      if (n > 0)
        widen (line_x (series, n - 1), x->log, &x_lo, &x_hi);
    }
  widen (x->lo, x->log, &x_lo, &x_hi);
  widen (x->hi, x->log, &x_lo, &x_hi);
  x->lo = x_lo, x->hi = x_hi;
  if (y_lo > y_hi)
    y_lo = y->log ? 0.1 : 0, y_hi = 1;
  y->lo = y_lo, y->hi = y_hi;
  return x_lo <= x_hi;
}

/* The row for the labels of events, if there are any. */
static double
marks_height (LineLayout *self)
{
  for (guint i = 0; i < self->figure->marks->len; i++)
    if (g_array_index (self->figure->marks, Mark, i).kind != ATTUNE_LINE_MARK_BEST)
      return 1.1 * self->canvas->line;
  return 0;
}

static void
layout_names (LineLayout *self)
{
  AttuneCanvas *canvas = self->canvas;
  const char *only = NULL;
  int named = 0;

  for (guint i = 0; i < self->figure->series->len; i++)
    {
      const Series *series = line_series (self->figure, i);
      double width;

      if (series->x->len == 0)
        continue;
      attune_canvas_measure (canvas, series->name, ATTUNE_TEXT_PLAIN, 0, &width, NULL);
      self->names_width = MAX (self->names_width, width);
      only = series->name;
      named++;
    }
  self->keys = attune_keys_new ();
  /* The axis already says what an only curve of the same name is. */
  if (named == 1 && g_strcmp0 (only, self->figure->y_axis.title) == 0)
    named = 0;
  self->direct = named > 0 && canvas->width >= 28 * canvas->line
                 && self->names_width <= 0.22 * canvas->width
                 && named * 1.2 * canvas->line < canvas->height - 5 * canvas->line;
  if (self->direct)
    {
      self->names_width += 0.5 * canvas->line;
      return;
    }
  self->names_width = 0;
  for (guint i = 0; named > 1 && i < self->figure->series->len; i++)
    {
      const Series *series = line_series (self->figure, i);

      if (series->x->len > 0)
        attune_keys_add (self->keys, g_strdup (series->name), NULL,
                         attune_line_color (canvas, series), ATTUNE_KEY_LINE)
            ->dash
            = attune_line_dash (series);
    }
  self->legend_height = attune_canvas_legend (canvas, self->keys, 0, 0, canvas->width, FALSE);
  /* A legend must leave room for the plot. */
  if (self->legend_height > canvas->height / 3)
    {
      g_array_set_size (self->keys, 0);
      self->legend_height = 0;
    }
}

gboolean
attune_line_layout (LineLayout *self, AttuneLineFigure *figure, AttuneCanvas *canvas, AttuneAxis *x,
                    AttuneAxis *y)
{
  self->figure = figure;
  self->canvas = canvas;
  if (!find_ranges (figure, x, y))
    return FALSE;
  layout_names (self);
  self->marks_height = marks_height (self);
  /* Labels on a canvas too low for the titles crowd out the curve. */
  if (canvas->height < 8 * canvas->line)
    x->title = NULL;
  attune_frame_layout (&self->frame, canvas, x, y, 0, self->legend_height, self->marks_height,
                       self->names_width);
  return !self->frame.too_small;
}

/* Legend and labels come on top of a plot of which enough is seen. */
double
attune_line_figure_natural_height (AttuneFigure *figure, gpointer data)
{
  AttuneCanvas *canvas = data;
  g_auto (LineLayout) plot = { .figure = ATTUNE_LINE_FIGURE (figure), .canvas = canvas };

  canvas->height = 14 * canvas->line;
  layout_names (&plot);
  return MAX (canvas->height, 12.5 * canvas->line + plot.legend_height + marks_height (&plot));
}

AttuneCursor
attune_line_figure_find (AttuneFigure *figure, gpointer data, double x, double y)
{
  AttuneLineFigure *self = ATTUNE_LINE_FIGURE (figure);
  g_auto (LineLayout) plot = { 0 };
  AttuneCursor found = ATTUNE_CURSOR_NONE;
  AttuneAxis x_axis, y_axis;
  double least = INFINITY, share, value;

  if (!attune_line_layout (&plot, self, data, &x_axis, &y_axis)
      || x < plot.frame.x - plot.canvas->line
      || x > plot.frame.x + plot.frame.width + plot.canvas->line || y < 0
      || y > plot.canvas->height)
    return found;
  share = (x - plot.frame.x) / plot.frame.width;
  value = plot.frame.across.log
              ? plot.frame.across.lo * pow (plot.frame.across.hi / plot.frame.across.lo, share)
              : plot.frame.across.lo + share * (plot.frame.across.hi - plot.frame.across.lo);
  for (guint i = 0; i < self->series->len; i++)
    {
      const Series *series = line_series (self, i);
      const int index = attune_line_nearest (series, value);
      double dx, dy, distance;

      if (index < 0)
        continue;
      dx = attune_scale_map (&plot.frame.across, line_x (series, index)) - x;
      dy = attune_scale_map (&plot.frame.up, line_y (series, index)) - y;
      /* Across counts more: the person points at a step first, at a curve second. */
      distance = 4 * dx * dx + (isfinite (dy) ? dy * dy : plot.frame.height * plot.frame.height);
      if (distance < least)
        least = distance, found = (AttuneCursor) { (int) i, index };
    }
  return found;
}
