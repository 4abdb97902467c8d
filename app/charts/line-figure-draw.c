/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws a line figure's curves and its read-out.
 */
#include "charts/line-figure-layout.h"
#include "charts/thin.h"
#include <math.h>

/* Columns a curve is thinned to: more than a 4K screen can show apart, few enough to be quick. */
#define COLUMNS_MAX 1600.0

/* Points in a column from which on the curve is a band rather than a line. */
#define POINTS_DENSE 4

static void
stroke_line (LineLayout *self, const Series *series, GArray *values, double column, double width)
{
  cairo_t *cr = self->canvas->cr;
  g_autoptr (GArray) points
      = attune_thin ((const double *) series->x->data, (const double *) values->data,
                     series->x->len, &self->frame.across, &self->frame.up, column);
  gboolean pen = FALSE;

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
}

/* A column of @columns at one edge of the band. A peak is as wide as its column up to its tip, or
 * a lone step among thousands would fade away. */
static void
edge_point (cairo_t *cr, GArray *columns, guint i, gboolean top, double width)
{
  const AttuneColumn *c = &g_array_index (columns, AttuneColumn, i);
  const AttuneColumn *l = i > 0 ? c - 1 : c, *r = i + 1 < columns->len ? c + 1 : c;
  const double y = top ? c->top - width / 2 : c->bottom + width / 2;
  const double peak = top ? MIN (l->top, r->top) - c->top : c->bottom - MAX (l->bottom, r->bottom);

  if (!(peak > 4 * width))
    {
      cairo_line_to (cr, c->x, y);
      return;
    }
  cairo_line_to (cr, c->x + (top ? -0.5 : 0.5), y);
  cairo_line_to (cr, c->x + (top ? 0.5 : -0.5), y);
}

/* Where a line of @width would go through all columns from @from to before @to. */
static void
band_path (cairo_t *cr, GArray *columns, guint from, guint to, double width)
{
  /* A column between two gaps has no neighbour to reach to. */
  if (to == from + 1)
    {
      const AttuneColumn *c = &g_array_index (columns, AttuneColumn, from);

      cairo_rectangle (cr, c->x - width / 2, c->top - width / 2, width, c->bottom - c->top + width);
      return;
    }
  cairo_new_sub_path (cr);
  for (guint i = from; i < to; i++)
    edge_point (cr, columns, i, TRUE, width);
  for (guint i = to; i-- > from;)
    edge_point (cr, columns, i, FALSE, width);
  cairo_close_path (cr);
}

/* A line through thousands of points paints over itself, ten times slower than the band that it
 * fills. Dashes, which a band does not have, run along its middle. */
static void
fill_band (LineLayout *self, const Series *series, GArray *values, double column, double width,
           AttuneColor color, gboolean dashed)
{
  cairo_t *cr = self->canvas->cr;
  g_autoptr (GArray) columns
      = attune_thin_band ((const double *) series->x->data, (const double *) values->data,
                          series->x->len, &self->frame.across, &self->frame.up, column);
  guint from = 0;

  for (guint i = 0; i <= columns->len; i++)
    if (i == columns->len || isnan (g_array_index (columns, AttuneColumn, i).top))
      {
        band_path (cr, columns, from, i, width);
        from = i + 1;
      }
  if (!dashed)
    {
      cairo_fill (cr);
      return;
    }
  attune_canvas_set_color (self->canvas, attune_color_fade (color, 0.35 * color.a));
  cairo_fill (cr);
  attune_canvas_set_color (self->canvas, color);
  for (guint i = 0; i < columns->len; i++)
    {
      const AttuneColumn *c = &g_array_index (columns, AttuneColumn, i);

      if (isnan (c->top))
        cairo_new_sub_path (cr);
      else
        cairo_line_to (cr, c->x, (c->top + c->bottom) / 2);
    }
  cairo_stroke (cr);
}

static void
stroke_curve (LineLayout *self, const Series *series, GArray *values, AttuneColor color,
              double width, guint dash)
{
  cairo_t *cr = self->canvas->cr;
  const double column = MAX (self->frame.width / COLUMNS_MAX, 1);
  const guint n = series->x->len;
  double pixels;

  if (n == 0)
    return;
  pixels = attune_scale_map (&self->frame.across, line_x (series, n - 1))
           - attune_scale_map (&self->frame.across, line_x (series, 0));
  attune_canvas_set_color (self->canvas, color);
  attune_canvas_dash (self->canvas, dash);
  cairo_set_line_width (cr, width);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  /* Round ends would close the gaps between dashes. */
  cairo_set_line_cap (cr, dash > 0 ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
  if (n > POINTS_DENSE * pixels / column && n > 2 * COLUMNS_MAX)
    fill_band (self, series, values, column, width, color, dash > 0);
  else
    stroke_line (self, series, values, column, width);
  cairo_set_dash (cr, NULL, 0, 0);
}

static void
draw_dots (LineLayout *self, const Series *series, AttuneColor color)
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
draw_series (LineLayout *self, const Series *series)
{
  const AttuneFigureStyle *style = self->canvas->style;
  const AttuneColor color = attune_line_color (self->canvas, series);
  const double unit = self->canvas->unit;
  const double thin = series->role == ATTUNE_LINE_EARLIER ? 1.5 * unit : 2 * unit;

  if (series->role == ATTUNE_LINE_CURVE && self->figure->smoothing > 0)
    stroke_curve (self, series, series->y,
                  attune_color_fade (color, style->high_contrast ? 0.5 : 0.25), unit, 0);
  stroke_curve (self, series, series->smooth, color, thin, attune_line_dash (series));
  if (series->role == ATTUNE_LINE_POINTS || series->x->len == 1)
    draw_dots (self, series, color);
}

/* The values of all series near the cursor's x. */
static void
draw_read_out (LineLayout *self, AttuneCursor cursor)
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
      const AttuneColor color = attune_line_color (canvas, series);
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
          g_autofree char *where
              = attune_line_figure_format_x (self->figure, line_x (series, index));
          char *both = g_strdup_printf ("%s (%s)", text, where);

          g_free (text);
          text = both;
        }
      key = attune_keys_add (keys, g_strdup (series->name), text, color, ATTUNE_KEY_LINE);
      key->dash = attune_line_dash (series);
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
  g_auto (LineLayout) plot = { 0 };
  const double bleed = 3 * canvas->unit;
  AttuneAxis x, y;

  if (!attune_line_layout (&plot, self, canvas, &x, &y))
    return;
  attune_canvas_legend (canvas, plot.keys, 0, 0, canvas->width, TRUE);
  attune_frame_draw (&plot.frame, canvas, &x, &y);
  attune_line_draw_events (&plot);
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
    attune_line_draw_names (&plot);
  attune_line_draw_best (&plot, cursor.series < 0);
  if (cursor.series >= 0)
    draw_read_out (&plot, cursor);
}
