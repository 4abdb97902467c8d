/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws a line figure. Names stand at the ends of the curves where there is room, in a legend where
 * there is none.
 */
#include "charts/line-figure-private.h"
#include "charts/frame.h"
#include "charts/thin.h"
#include <math.h>

/* Columns a curve is thinned to: more than a 4K screen can show apart, few enough to be quick. */
#define COLUMNS_MAX 1600.0

typedef struct
{
  AttuneLineFigure *figure;
  AttuneCanvas *canvas;
  AttuneFrame frame;
  GArray *keys;        /* of the legend; empty when names stand at the curves */
  gboolean direct;
  double legend_height;
  double names_width;
  double marks_height; /* a row for the labels of events */
} Layout;

static void
layout_clear (Layout *self)
{
  attune_frame_clear (&self->frame);
  g_clear_pointer (&self->keys, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Layout, layout_clear)

static AttuneColor
series_color (AttuneCanvas *canvas, const Series *series)
{
  const AttuneFigureStyle *style = canvas->style;

  if (series->role == ATTUNE_LINE_EARLIER)
    return style->high_contrast ? style->muted
                                : attune_color_mix (style->muted, style->background, 0.35);
  return style->series[series->color % ATTUNE_PALETTE_LENGTH];
}

/* Curves of the run are told apart by their dashes, too; earlier runs never are solid. */
static guint
series_dash (const Series *series)
{
  return series->role == ATTUNE_LINE_EARLIER ? 2 + series->color : series->color;
}

static void
widen (double value, gboolean log, double *lo, double *hi)
{
  if (!isfinite (value) || (log && value <= 0) || fabs (value) > 1e300)
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

static gboolean
has_events (AttuneLineFigure *self)
{
  for (guint i = 0; i < self->marks->len; i++)
    if (g_array_index (self->marks, Mark, i).kind != ATTUNE_LINE_MARK_BEST)
      return TRUE;
  return FALSE;
}

static void
layout_names (Layout *self)
{
  AttuneCanvas *canvas = self->canvas;
  int named = 0;

  for (guint i = 0; i < self->figure->series->len; i++)
    {
      const Series *series = line_series (self->figure, i);
      double width;

      if (series->x->len == 0)
        continue;
      attune_canvas_measure (canvas, series->name, ATTUNE_TEXT_PLAIN, 0, &width, NULL);
      self->names_width = MAX (self->names_width, width);
      named++;
    }
  self->keys = attune_keys_new ();
  self->direct = named > 0 && canvas->width >= 28 * canvas->line
                 && self->names_width <= 0.22 * canvas->width
                 && named * 1.2 * canvas->line < canvas->height - 5 * canvas->line;
  if (self->direct)
    {
      self->names_width += 0.5 * canvas->line;
      return;
    }
  self->names_width = 0;
  for (guint i = 0; i < self->figure->series->len && named > 1; i++)
    {
      const Series *series = line_series (self->figure, i);

      if (series->x->len > 0)
        attune_keys_add (self->keys, g_strdup (series->name), NULL, series_color (canvas, series),
                         ATTUNE_KEY_LINE)
            ->dash
            = series_dash (series);
    }
  self->legend_height = attune_canvas_legend (canvas, self->keys, 0, 0, canvas->width, FALSE);
  /* A legend must leave room for the plot. */
  if (self->legend_height > canvas->height / 3)
    {
      g_array_set_size (self->keys, 0);
      self->legend_height = 0;
    }
}

static gboolean
layout (Layout *self, AttuneLineFigure *figure, AttuneCanvas *canvas, AttuneAxis *x, AttuneAxis *y)
{
  self->figure = figure;
  self->canvas = canvas;
  if (!find_ranges (figure, x, y))
    return FALSE;
  layout_names (self);
  self->marks_height = has_events (figure) ? 1.1 * canvas->line : 0;
  /* Labels on a canvas too low for the titles crowd out the curve. */
  if (canvas->height < 8 * canvas->line)
    x->title = NULL;
  attune_frame_layout (&self->frame, canvas, x, y, 0, self->legend_height + self->marks_height,
                       self->names_width);
  return !self->frame.too_small;
}

static void
stroke_curve (Layout *self, const Series *series, GArray *values, AttuneColor color, double width,
              guint dash)
{
  cairo_t *cr = self->canvas->cr;
  const double column = MAX (self->frame.width / COLUMNS_MAX, 1);
  g_autoptr (GArray) points
      = attune_thin ((const double *) series->x->data, (const double *) values->data,
                     series->x->len, &self->frame.across, &self->frame.up, column);
  gboolean pen = FALSE;

  attune_canvas_set_color (self->canvas, color);
  attune_canvas_dash (self->canvas, dash);
  cairo_set_line_width (cr, width);
  /* Round joins are dear where the curve is a thicket anyway. */
  cairo_set_line_join (cr, points->len > 1000 ? CAIRO_LINE_JOIN_BEVEL : CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cr, points->len > 1000 ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
  for (guint i = 0; i < points->len; i++)
    {
      const AttunePoint p = g_array_index (points, AttunePoint, i);
      const gboolean last
          = i + 1 == points->len || isnan (g_array_index (points, AttunePoint, i + 1).y);

      if (isnan (p.y))
        {
          pen = FALSE;
          continue;
        }
      if (pen)
        cairo_line_to (cr, p.x, p.y);
      else
        cairo_move_to (cr, p.x, p.y);
      /* A point between two gaps would be nothing: it gets a dot. */
      if (!pen && last)
        {
          cairo_new_sub_path (cr);
          cairo_arc (cr, p.x, p.y, width / 2, 0, 2 * G_PI);
        }
      pen = TRUE;
    }
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

static void
draw_dots (Layout *self, const Series *series, AttuneColor color)
{
  const double radius = 3 * self->canvas->unit;

  /* Where dots would touch, the line says it all. */
  if (series->x->len * 4 * radius > self->frame.width && series->x->len > 1)
    return;
  for (guint i = 0; i < series->x->len; i++)
    {
      const double x = attune_scale_map (&self->frame.across, line_x (series, i));
      const double y = attune_scale_map (&self->frame.up, line_y (series, i));

      if (isfinite (x) && isfinite (y))
        attune_canvas_mark (self->canvas, ATTUNE_KEY_DOT, color, x, y, radius);
    }
}

static void
draw_series (Layout *self, const Series *series)
{
  const AttuneFigureStyle *style = self->canvas->style;
  const AttuneColor color = series_color (self->canvas, series);
  const double unit = self->canvas->unit;
  const double thin = series->role == ATTUNE_LINE_EARLIER ? 1.5 * unit : 2 * unit;

  if (series->role == ATTUNE_LINE_CURVE && self->figure->smoothing > 0)
    stroke_curve (self, series, series->y,
                  attune_color_fade (color, style->high_contrast ? 0.5 : 0.25), unit, 0);
  stroke_curve (self, series, series->smooth, color, thin, series_dash (series));
  if (series->role == ATTUNE_LINE_POINTS || series->x->len == 1)
    draw_dots (self, series, color);
}

/* Names at the curves' ends, pushed apart where curves meet. */
static void
draw_names (Layout *self)
{
  AttuneCanvas *canvas = self->canvas;
  const guint n = self->figure->series->len;
  const double row = 1.15 * canvas->line;
  const double top = self->frame.y, bottom = top + self->frame.height;
  g_autofree double *y = g_new (double, n);
  g_autofree guint *order = g_new (guint, n);
  guint count = 0;

  for (guint i = 0; i < n; i++)
    {
      const Series *series = line_series (self->figure, i);
      int end = (int) series->x->len - 1;
      guint at = count;

      while (end > 0 && !isfinite (attune_scale_map (&self->frame.up, line_y (series, end))))
        end--;
      if (end < 0)
        continue;
      y[i] = attune_scale_map (&self->frame.up, line_y (series, end));
      y[i] = isfinite (y[i]) ? CLAMP (y[i], top, bottom) : top;
      for (; at > 0 && y[order[at - 1]] > y[i]; at--)
        order[at] = order[at - 1];
      order[at] = i;
      count++;
    }
  for (guint i = 1; i < count; i++)
    y[order[i]] = MAX (y[order[i]], y[order[i - 1]] + row);
  for (guint i = count; i-- > 0;)
    y[order[i]] = MIN (y[order[i]], i + 1 == count ? bottom : y[order[i + 1]] - row);
  for (guint i = 0; i < count; i++)
    {
      const Series *series = line_series (self->figure, order[i]);
      const AttuneColor color = attune_color_with_contrast (series_color (canvas, series),
                                                            canvas->style->background, 4.5);

      attune_canvas_text (canvas, series->name, ATTUNE_TEXT_PLAIN, color,
                          self->frame.x + self->frame.width + 0.6 * canvas->line, y[order[i]], 0,
                          0.5, 0);
    }
}

static void
draw_events (Layout *self)
{
  AttuneCanvas *canvas = self->canvas;
  double taken = -INFINITY;

  for (guint i = 0; i < self->figure->marks->len; i++)
    {
      const Mark *mark = &g_array_index (self->figure->marks, Mark, i);
      const double x = attune_scale_map (&self->frame.across, mark->x);
      const gboolean bad = mark->kind == ATTUNE_LINE_MARK_PROBLEM;
      double width, start;

      if (mark->kind == ATTUNE_LINE_MARK_BEST || !isfinite (x) || x < self->frame.x
          || x > self->frame.x + self->frame.width)
        continue;
      if (bad)
        cairo_set_dash (canvas->cr, (double[]) { 3 * canvas->unit, 2 * canvas->unit }, 2, 0);
      attune_canvas_rule (canvas, bad ? canvas->style->warning : canvas->style->grid, x,
                          self->frame.y - 0.3 * canvas->line, x, self->frame.y + self->frame.height);
      cairo_set_dash (canvas->cr, NULL, 0, 0);
      attune_canvas_measure (canvas, mark->label, ATTUNE_TEXT_SMALL, 0, &width, NULL);
      start = CLAMP (x - width / 2, 1, MAX (canvas->width - width - 1, 1));
      if (start < taken + 0.6 * canvas->line)
        continue; /* the line tells; its label would lie on another */
      taken = start + width;
      attune_canvas_text (canvas, mark->label, ATTUNE_TEXT_SMALL,
                          bad ? canvas->style->warning : canvas->style->muted, start,
                          self->frame.y - 0.4 * canvas->line, 0, 1, canvas->width - 2);
    }
}

static void
draw_best (Layout *self)
{
  AttuneCanvas *canvas = self->canvas;

  for (guint i = 0; i < self->figure->marks->len; i++)
    {
      const Mark *mark = &g_array_index (self->figure->marks, Mark, i);
      const Series *series;
      double x, y, width, below;
      int index;

      if (mark->kind != ATTUNE_LINE_MARK_BEST)
        continue;
      series = line_series (self->figure, mark->series);
      index = attune_line_nearest (series, mark->x);
      if (index < 0)
        continue;
      x = attune_scale_map (&self->frame.across, line_x (series, index));
      y = attune_scale_map (&self->frame.up, line_y (series, index));
      if (!isfinite (x) || !isfinite (y))
        continue;
      attune_canvas_mark (canvas, ATTUNE_KEY_RING, series_color (canvas, series), x, y,
                          5 * canvas->unit);
      attune_canvas_measure (canvas, mark->label, ATTUNE_TEXT_SMALL, 0, &width, NULL);
      /* Best is mostly lowest: its label goes above, where the curve has been already. */
      below = y - 1.6 * canvas->line < self->frame.y ? 1 : -1;
      attune_canvas_text (canvas, mark->label, ATTUNE_TEXT_SMALL | ATTUNE_TEXT_HALO,
                          canvas->style->text,
                          CLAMP (x - width / 2, self->frame.x,
                                 MAX (self->frame.x + self->frame.width - width, self->frame.x)),
                          y + below * 0.5 * canvas->line, 0, below > 0 ? 0 : 1,
                          self->frame.width);
    }
}

/* The values of all series near the cursor's x. */
static void
draw_read_out (Layout *self, AttuneCursor cursor)
{
  AttuneCanvas *canvas = self->canvas;
  const Series *chosen = line_series (self->figure, cursor.series);
  const double value = line_x (chosen, cursor.index);
  const double x = attune_scale_map (&self->frame.across, value);
  double y = attune_scale_map (&self->frame.up, line_y (chosen, cursor.index));
  g_autoptr (GArray) keys = attune_keys_new ();
  g_autofree char *title = attune_line_figure_format_x (self->figure, value);

  if (!isfinite (x))
    return;
  attune_canvas_rule (canvas, attune_color_fade (canvas->style->muted, 0.7), x, self->frame.y, x,
                      self->frame.y + self->frame.height);
  for (guint i = 0; i < self->figure->series->len; i++)
    {
      const Series *series = line_series (self->figure, i);
      const int index = series == chosen ? cursor.index : attune_line_nearest (series, value);
      const AttuneColor color = series_color (canvas, series);
      char *text;
      double px, py;
      AttuneKey *key;

      if (index < 0)
        continue;
      px = attune_scale_map (&self->frame.across, line_x (series, index));
      py = attune_scale_map (&self->frame.up, line_y (series, index));
      /* A series that has nothing here is left out; one with few points says which it shows. */
      if (fabs (px - x) > 2 * canvas->line && series != chosen)
        continue;
      text = attune_number_format (line_y (series, index), self->figure->y_axis.unit, 0);
      if (fabs (px - x) > 1 && series != chosen)
        {
          g_autofree char *where = attune_number_format (line_x (series, index),
                                                         self->figure->x_axis.unit, 0);
          char *both = g_strdup_printf ("%s (%s)", text, where);

          g_free (text);
          text = both;
        }
      key = attune_keys_add (keys, g_strdup (series->name), text, color, ATTUNE_KEY_LINE);
      key->dash = series_dash (series);
      key->strong = series == chosen;
      if (isfinite (px) && isfinite (py))
        attune_canvas_mark (canvas, ATTUNE_KEY_DOT, color, px, py,
                            (series == chosen ? 4.5 : 3.5) * canvas->unit);
    }
  if (!isfinite (y))
    y = self->frame.y + self->frame.height / 2;
  attune_canvas_bubble (canvas, x, y, title, keys);
}

void
attune_line_figure_draw (AttuneFigure *figure, gpointer data, AttuneCursor cursor)
{
  AttuneLineFigure *self = ATTUNE_LINE_FIGURE (figure);
  AttuneCanvas *canvas = data;
  g_auto (Layout) plot = { 0 };
  const double bleed = 3 * canvas->unit;
  AttuneAxis x, y;

  if (!layout (&plot, self, canvas, &x, &y))
    return;
  attune_canvas_legend (canvas, plot.keys, 0, 0, canvas->width, TRUE);
  attune_frame_draw (&plot.frame, canvas, &x, &y);
  draw_events (&plot);
  cairo_save (canvas->cr);
  cairo_rectangle (canvas->cr, plot.frame.x - bleed, plot.frame.y - bleed,
                   plot.frame.width + 2 * bleed, plot.frame.height + 2 * bleed);
  cairo_clip (canvas->cr);
  /* Earlier runs beneath; the first series on top of the others. */
  for (int pass = 0; pass < 2; pass++)
    for (guint i = self->series->len; i-- > 0;)
      if ((line_series (self, i)->role == ATTUNE_LINE_EARLIER) == (pass == 0))
        draw_series (&plot, line_series (self, i));
  cairo_restore (canvas->cr);
  if (plot.direct)
    draw_names (&plot);
  draw_best (&plot);
  if (cursor.series >= 0)
    draw_read_out (&plot, cursor);
}

AttuneCursor
attune_line_figure_find (AttuneFigure *figure, gpointer data, double x, double y)
{
  AttuneLineFigure *self = ATTUNE_LINE_FIGURE (figure);
  g_auto (Layout) plot = { 0 };
  AttuneCursor found = ATTUNE_CURSOR_NONE;
  AttuneAxis x_axis, y_axis;
  double least = INFINITY, share, value;

  if (!layout (&plot, self, data, &x_axis, &y_axis) || x < plot.frame.x - plot.canvas->line
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
