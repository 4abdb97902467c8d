/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws dots with error bars in rows.
 */
#include "charts/interval-figure-private.h"
#include "charts/frame.h"
#include "charts/rows.h"

typedef struct
{
  AttuneRows rows;
  AttuneFrame frame;
  AttuneAxis axis;
  GArray *keys;
  double slot; /* height of one series within a row */
} Layout;

static void
layout_clear (Layout *self)
{
  attune_frame_clear (&self->frame);
  g_clear_pointer (&self->keys, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Layout, layout_clear)

static AttuneColor
series_color (const AttuneFigureStyle *style, const Series *series)
{
  switch (series->role)
    {
    case ATTUNE_INTERVAL_BASE:
      return style->series[1 + series->color % (ATTUNE_PALETTE_LENGTH - 1)];
    case ATTUNE_INTERVAL_EARLIER:
      return style->earlier;
    case ATTUNE_INTERVAL_NOW:
    default:
      return style->series[0];
    }
}

static AttuneKeyShape
series_shape (const Series *series)
{
  return series->role == ATTUNE_INTERVAL_NOW    ? ATTUNE_KEY_DOT
         : series->role == ATTUNE_INTERVAL_BASE ? ATTUNE_KEY_RING
                                                : ATTUNE_KEY_DIAMOND;
}

static void
find_range (AttuneIntervalFigure *self, AttuneAxis *axis)
{
  double lo = INFINITY, hi = -INFINITY;

  *axis = self->axis;
  for (guint s = 0; s < self->series->len; s++)
    for (guint i = 0; i < self->rows->len; i++)
      {
        const Series *series = interval_series (self, s);
        const double all[] = { series->values[i], series->lo[i], series->hi[i], self->reference };

        for (guint k = 0; k < G_N_ELEMENTS (all); k++)
          if (attune_axis_holds (all[k]))
            lo = MIN (lo, all[k]), hi = MAX (hi, all[k]);
      }
  if (attune_axis_holds (self->axis.lo))
    lo = MIN (self->axis.lo, lo);
  if (attune_axis_holds (self->axis.hi))
    hi = MAX (self->axis.hi, hi);
  if (!(lo <= hi))
    lo = 0, hi = 1;
  attune_ticks_widen (axis->unit, FALSE, &lo, &hi, 6);
  axis->lo = lo, axis->hi = hi;
}

static double
values_width (AttuneIntervalFigure *self, AttuneCanvas *canvas)
{
  double widest = 0;

  for (guint s = 0; s < self->series->len; s++)
    for (guint i = 0; i < self->rows->len && interval_series (self, s)->role == ATTUNE_INTERVAL_NOW;
         i++)
      {
        g_autofree char *text
            = attune_number_format (interval_series (self, s)->values[i], self->axis.unit, 0);
        double width;

        attune_canvas_measure (canvas, text, ATTUNE_TEXT_BOLD, 0, &width, NULL);
        widest = MAX (widest, width);
      }
  return widest > 0 ? widest + 0.6 * canvas->line : 0;
}

static double
natural_content (AttuneIntervalFigure *self, AttuneCanvas *canvas)
{
  return MAX (0.75 * self->series->len, 1) * canvas->line;
}

static void
layout (Layout *self, AttuneIntervalFigure *figure, AttuneCanvas *canvas)
{
  double legend, bottom;

  find_range (figure, &self->axis);
  if (canvas->height < 8 * canvas->line)
    self->axis.title = NULL;
  self->keys = attune_keys_new ();
  for (guint s = 0; s < figure->series->len && figure->series->len > 1; s++)
    attune_keys_add (self->keys, g_strdup (interval_series (figure, s)->name), NULL,
                     series_color (canvas->style, interval_series (figure, s)),
                     series_shape (interval_series (figure, s)));
  legend = attune_canvas_legend (canvas, self->keys, 0, 0, canvas->width, FALSE);
  legend += legend > 0 ? 0.2 * canvas->line : 0;
  bottom = 1.35 * canvas->line + (self->axis.title != NULL ? 1.1 * canvas->line : 0);
  attune_rows_layout (&self->rows, canvas, figure->rows, legend + 0.4 * canvas->line, bottom,
                      0.5 * canvas->line * figure->series->len, natural_content (figure, canvas));
  attune_frame_layout (&self->frame, canvas, &self->axis, NULL,
                       self->rows.names_width + 0.5 * canvas->line, legend, 0,
                       values_width (figure, canvas) + 0.3 * canvas->line);
  self->slot = self->rows.content / figure->series->len;
}

static double
series_y (Layout *self, AttuneCanvas *canvas, guint s, guint row)
{
  return attune_rows_middle (&self->rows, canvas, row) - self->rows.content / 2
         + (s + 0.5) * self->slot;
}

static void
draw_one (Layout *self, AttuneIntervalFigure *figure, AttuneCanvas *canvas, guint s, guint row)
{
  const Series *series = interval_series (figure, s);
  const AttuneColor color = series_color (canvas->style, series);
  const double y = series_y (self, canvas, s, row), unit = canvas->unit;
  const double x = attune_scale_map (&self->frame.across, series->values[row]);
  const double lo = attune_scale_map (&self->frame.across, series->lo[row]);
  const double hi = attune_scale_map (&self->frame.across, series->hi[row]);

  if (!isfinite (x))
    return;
  if (isfinite (lo) && isfinite (hi) && hi > lo)
    {
      const double cap = MIN (0.22 * canvas->line, self->slot * 0.35);

      attune_canvas_set_color (canvas, color);
      cairo_set_line_width (canvas->cr, 2 * unit);
      cairo_set_line_cap (canvas->cr, CAIRO_LINE_CAP_ROUND);
      cairo_move_to (canvas->cr, lo, y);
      cairo_line_to (canvas->cr, hi, y);
      for (int end = 0; end < 2; end++)
        {
          cairo_move_to (canvas->cr, end ? hi : lo, y - cap);
          cairo_line_to (canvas->cr, end ? hi : lo, y + cap);
        }
      cairo_stroke (canvas->cr);
    }
  attune_canvas_mark (canvas, series_shape (series), color, x, y, 4.5 * unit);
  if (series->role == ATTUNE_INTERVAL_NOW)
    {
      g_autofree char *text = attune_number_format (series->values[row], figure->axis.unit, 0);

      attune_canvas_text (canvas, text, ATTUNE_TEXT_BOLD, canvas->style->text, canvas->width - 1, y,
                          1, 0.5, 0);
    }
}

static void
draw_read_out (Layout *self, AttuneIntervalFigure *figure, AttuneCanvas *canvas,
               AttuneCursor cursor)
{
  g_autoptr (GArray) keys = attune_keys_new ();
  double x = attune_scale_map (&self->frame.across,
                               interval_series (figure, cursor.series)->values[cursor.index]);

  for (guint s = 0; s < figure->series->len; s++)
    {
      const Series *series = interval_series (figure, s);

      attune_keys_add (keys, g_strdup (series->name),
                       attune_interval_figure_format (figure, series, cursor.index),
                       series_color (canvas->style, series), series_shape (series))
          ->strong
          = s == cursor.series;
    }
  if (!isfinite (x))
    x = self->frame.x + self->frame.width / 2;
  attune_canvas_bubble (canvas, x, series_y (self, canvas, cursor.series, cursor.index),
                        g_ptr_array_index (figure->rows, cursor.index), keys);
}

void
attune_interval_figure_draw (AttuneFigure *figure, gpointer data, AttuneCursor cursor)
{
  AttuneIntervalFigure *self = ATTUNE_INTERVAL_FIGURE (figure);
  AttuneCanvas *canvas = data;
  g_auto (Layout) plot = { 0 };

  layout (&plot, self, canvas);
  if (plot.frame.too_small)
    return;
  attune_canvas_legend (canvas, plot.keys, 0, 0, canvas->width, TRUE);
  attune_frame_draw (&plot.frame, canvas, &plot.axis, NULL);
  if (isfinite (self->reference))
    {
      const double x = attune_scale_map (&plot.frame.across, self->reference);

      attune_canvas_rule (canvas, canvas->style->muted, x, plot.frame.y, x,
                          plot.frame.y + plot.frame.height);
    }
  attune_rows_draw_names (&plot.rows, canvas, self->rows);
  for (guint i = 0; i < plot.rows.shown; i++)
    for (guint s = self->series->len; s-- > 0;)
      draw_one (&plot, self, canvas, s, i);
  if (cursor.series >= 0 && cursor.index < (int) plot.rows.shown)
    draw_read_out (&plot, self, canvas, cursor);
}

AttuneCursor
attune_interval_figure_find (AttuneFigure *figure, gpointer data, double x, double y)
{
  AttuneIntervalFigure *self = ATTUNE_INTERVAL_FIGURE (figure);
  g_auto (Layout) plot = { 0 };
  int row, s;

  layout (&plot, self, data);
  row = attune_rows_at (&plot.rows, y);
  if (row < 0)
    return ATTUNE_CURSOR_NONE;
  s = (int) round ((y - series_y (&plot, data, 0, row)) / plot.slot);
  return (AttuneCursor) { CLAMP (s, 0, (int) self->series->len - 1), row };
}

double
attune_interval_figure_natural_height (AttuneFigure *figure, gpointer data)
{
  AttuneIntervalFigure *self = ATTUNE_INTERVAL_FIGURE (figure);
  AttuneCanvas *canvas = data;
  g_auto (Layout) plot = { 0 };

  canvas->height = 100 * canvas->line;
  layout (&plot, self, canvas);
  return plot.rows.top + canvas->height - plot.frame.y - plot.frame.height
         + attune_rows_natural_height (canvas, self->rows, natural_content (self, canvas));
}
