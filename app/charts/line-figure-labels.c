/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes on a line figure what its curves and marks are called.
 */
#include "charts/line-figure-layout.h"
#include <math.h>

void
attune_line_draw_names (LineLayout *self)
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
      const AttuneColor color = attune_color_with_contrast (attune_line_color (canvas, series),
                                                            canvas->style->background, 4.5);

      attune_canvas_text (canvas, series->name, ATTUNE_TEXT_PLAIN, color,
                          self->frame.x + self->frame.width + 0.6 * canvas->line, y[order[i]], 0,
                          0.5, 0);
    }
}

void
attune_line_draw_events (LineLayout *self)
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
                          self->frame.y - 0.3 * canvas->line, x,
                          self->frame.y + self->frame.height);
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

void
attune_line_draw_best (LineLayout *self, gboolean with_label)
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
      attune_canvas_mark (canvas, ATTUNE_KEY_RING, attune_line_color (canvas, series), x, y,
                          5 * canvas->unit);
      if (!with_label)
        continue;
      attune_canvas_measure (canvas, mark->label, ATTUNE_TEXT_SMALL, 0, &width, NULL);
      /* Best is mostly lowest: its label goes above, where the curve has been already. */
      below = y - 1.6 * canvas->line < self->frame.y ? 1 : -1;
      attune_canvas_text (canvas, mark->label, ATTUNE_TEXT_SMALL | ATTUNE_TEXT_HALO,
                          canvas->style->text,
                          CLAMP (x - width / 2, self->frame.x,
                                 MAX (self->frame.x + self->frame.width - width, self->frame.x)),
                          y + below * 0.5 * canvas->line, 0, below > 0 ? 0 : 1, self->frame.width);
    }
}
