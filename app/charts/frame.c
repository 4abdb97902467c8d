/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lays out and draws a pair of axes: level lines only, no box, no tick marks.
 */
#include "charts/frame.h"

/* On a log axis each tick is written by itself: 0.02, 0.1, 1; very small and large ones as powers.
 */
static char *
tick_text (const AttuneAxis *axis, GArray *ticks, guint i, double step)
{
  const double value = g_array_index (ticks, double, i);

  if (!axis->log)
    return attune_number_format (value, axis->unit, step);
  if (axis->unit == ATTUNE_UNIT_NUMBER
      && (g_array_index (ticks, double, 0) < 0.9999e-3
          || g_array_index (ticks, double, ticks->len - 1) >= 0.9999e6))
    return attune_number_format_power (value);
  return attune_number_format (value, axis->unit, pow (10, floor (log10 (value) + 1e-9)));
}

static double
label_width (AttuneCanvas *canvas, const AttuneAxis *axis, GArray *ticks, double step)
{
  double widest = 0;

  for (guint i = 0; i < ticks->len; i++)
    {
      g_autofree char *text = tick_text (axis, ticks, i, step);
      double width;

      attune_canvas_measure (canvas, text, ATTUNE_TEXT_SMALL, 0, &width, NULL);
      widest = MAX (widest, width);
    }
  return widest;
}

static void
layout_y (AttuneFrame *self, AttuneCanvas *canvas, const AttuneAxis *axis)
{
  const int target = CLAMP ((int) (self->height / (1.7 * canvas->line)), 1, 7);
  double lo = axis->lo, hi = axis->hi, width;

  attune_ticks_widen (axis->unit, axis->log, &lo, &hi, target);
  self->y_ticks = attune_ticks (axis->unit, axis->log, lo, hi, target, &self->y_step);
  self->up = (AttuneScale) { lo, hi, self->y + self->height, self->y, axis->log };
  width = label_width (canvas, axis, self->y_ticks, self->y_step) + 0.5 * canvas->line;
  self->x += width;
  self->width -= width;
}

/* As many ticks as fit without their labels touching. */
static void
layout_x (AttuneFrame *self, AttuneCanvas *canvas, const AttuneAxis *axis)
{
  double lo = axis->lo, hi = axis->hi;

  if (hi - lo <= 1e-12 * MAX (fabs (lo), fabs (hi)))
    {
      const double pad = axis->log ? lo / 2 : lo != 0 ? fabs (lo) / 2 : 1;

      lo -= pad, hi += pad;
    }
  for (int target = MAX ((int) (self->width / (3 * canvas->line)), 1); target >= 1; target--)
    {
      double room;

      g_clear_pointer (&self->x_ticks, g_array_unref);
      self->x_ticks = attune_ticks (axis->unit, axis->log, lo, hi, target, &self->x_step);
      room = label_width (canvas, axis, self->x_ticks, self->x_step) + 0.9 * canvas->line;
      if (room * MAX ((int) self->x_ticks->len - 1, 1) <= self->width)
        break;
    }
  self->across = (AttuneScale) { lo, hi, self->x, self->x + self->width, axis->log };
}

void
attune_frame_layout (AttuneFrame *self, AttuneCanvas *canvas, const AttuneAxis *x_axis,
                     const AttuneAxis *y_axis, double left, double top, double labels, double right)
{
  const double bottom = 1.35 * canvas->line + (x_axis->title != NULL ? 1.1 * canvas->line : 0);

  *self = (AttuneFrame) { .title_y = top };
  if (y_axis != NULL && y_axis->title != NULL)
    top += canvas->line;
  top += labels;
  /* half a line above and below for the labels at the ends of the axes */
  self->x = left;
  self->y = top + 0.6 * canvas->line;
  self->width = canvas->width - left - right - 0.6 * canvas->line;
  self->height = canvas->height - self->y - bottom;
  self->too_small = self->height < canvas->line;
  self->height = MAX (self->height, 1);
  if (y_axis != NULL)
    layout_y (self, canvas, y_axis);
  self->too_small = self->too_small || self->width < 2 * canvas->line;
  self->width = MAX (self->width, 1);
  layout_x (self, canvas, x_axis);
}

static void
draw_x (AttuneFrame *self, AttuneCanvas *canvas, const AttuneAxis *axis, gboolean upright)
{
  const double y = self->y + self->height + 0.35 * canvas->line;

  for (guint i = 0; i < self->x_ticks->len; i++)
    {
      const double value = g_array_index (self->x_ticks, double, i);
      const double x = attune_scale_map (&self->across, value);
      g_autofree char *text = tick_text (axis, self->x_ticks, i, self->x_step);
      double half;

      attune_canvas_measure (canvas, text, ATTUNE_TEXT_SMALL, 0, &half, NULL);
      half /= 2;
      if (upright)
        attune_canvas_rule (canvas, canvas->style->grid, x, self->y, x, self->y + self->height);
      /* The outermost labels are moved inwards rather than cut. */
      attune_canvas_text (canvas, text, ATTUNE_TEXT_SMALL, canvas->style->muted,
                          CLAMP (x, half + 1, MAX (canvas->width - half - 1, half + 1)), y, 0.5, 0,
                          0);
    }
  if (axis->title != NULL)
    attune_canvas_text (canvas, axis->title, ATTUNE_TEXT_SMALL, canvas->style->muted,
                        self->x + self->width / 2, canvas->height - 1, 0.5, 1,
                        MIN (self->width, canvas->width - 2));
}

void
attune_frame_draw (AttuneFrame *self, AttuneCanvas *canvas, const AttuneAxis *x_axis,
                   const AttuneAxis *y_axis)
{
  if (y_axis != NULL)
    {
      double lo = self->up.lo > 0 || y_axis->log ? self->up.lo : MIN (0, self->up.hi);

      for (guint i = 0; i < self->y_ticks->len; i++)
        {
          const double value = g_array_index (self->y_ticks, double, i);
          const double y = attune_scale_map (&self->up, value);
          g_autofree char *text = tick_text (y_axis, self->y_ticks, i, self->y_step);

          if (value != lo)
            attune_canvas_rule (canvas, canvas->style->grid, self->x, y, self->x + self->width, y);
          attune_canvas_text (canvas, text, ATTUNE_TEXT_SMALL, canvas->style->muted,
                              self->x - 0.5 * canvas->line, y, 1, 0.5, 0);
        }
      /* The line that values stand on is a little stronger. */
      attune_canvas_rule (canvas, attune_color_fade (canvas->style->muted, 0.6), self->x,
                          attune_scale_map (&self->up, lo), self->x + self->width,
                          attune_scale_map (&self->up, lo));
      if (y_axis->title != NULL)
        attune_canvas_text (canvas, y_axis->title, ATTUNE_TEXT_SMALL, canvas->style->muted, 1,
                            self->title_y, 0, 0, canvas->width - 2);
    }
  draw_x (self, canvas, x_axis, y_axis == NULL);
}

void
attune_frame_clear (AttuneFrame *self)
{
  g_clear_pointer (&self->x_ticks, g_array_unref);
  g_clear_pointer (&self->y_ticks, g_array_unref);
}
