/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Counts values into bins and draws them.
 */
#include "charts/histogram-figure.h"
#include "charts/csv-text.h"
#include "charts/frame.h"
#include <glib/gi18n.h>
#include <stdlib.h>

#define BINS_MAX 100

struct _AttuneHistogramFigure
{
  AttuneFigure parent_instance;

  AttuneAxis x_axis, y_axis;
  double first, width;
  GArray *counts; /* of guint64 */
  double limit;
  char *limit_label;
};

G_DEFINE_FINAL_TYPE (AttuneHistogramFigure, attune_histogram_figure, ATTUNE_TYPE_FIGURE)

static guint64
count (AttuneHistogramFigure *self, int bin)
{
  return g_array_index (self->counts, guint64, bin);
}

AttuneHistogramFigure *
attune_histogram_figure_new (const char *x_title, const char *y_title, AttuneUnit unit)
{
  AttuneHistogramFigure *self = g_object_new (ATTUNE_TYPE_HISTOGRAM_FIGURE, NULL);

  self->x_axis.title = g_strdup (x_title);
  self->x_axis.unit = unit;
  self->y_axis.title = g_strdup (y_title);
  return self;
}

static int
compare (const void *a, const void *b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

void
attune_histogram_figure_set_values (AttuneHistogramFigure *self, const double *values, gsize n)
{
  g_autoptr (GArray) sorted = g_array_new (FALSE, FALSE, sizeof (double));
  const double *v;
  double lo, hi, raw;
  guint bins;

  g_return_if_fail (ATTUNE_IS_HISTOGRAM_FIGURE (self) && (values != NULL || n == 0));

  for (gsize i = 0; i < n; i++)
    if (attune_axis_holds (values[i]))
      g_array_append_val (sorted, values[i]);
  g_array_set_size (self->counts, 0);
  if (sorted->len > 0)
    {
      v = (const double *) sorted->data;
      qsort (sorted->data, sorted->len, sizeof (double), compare);
      lo = v[0], hi = v[sorted->len - 1];
      /* 2 × the middle half's width / ³√n; twenty bins when that half is all one value */
      raw = 2 * (v[(gsize) sorted->len * 3 / 4] - v[sorted->len / 4]) / cbrt (sorted->len);
      if (!(raw > 0))
        raw = (hi - lo) / 20;
      raw = MAX (raw, (hi - lo) / (BINS_MAX - 2));
      self->width = attune_nice_step (raw, 1);
      self->first = floor (lo / self->width) * self->width;
      bins = (guint) CLAMP (floor ((hi - self->first) / self->width) + 1, 1, BINS_MAX);
      g_array_set_size (self->counts, bins);
      for (guint i = 0; i < sorted->len; i++)
        {
          const double bin = floor ((v[i] - self->first) / self->width);

          g_array_index (self->counts, guint64, (guint) CLAMP (bin, 0, bins - 1))++;
        }
    }
  attune_figure_changed (ATTUNE_FIGURE (self));
}

void
attune_histogram_figure_set_bins (AttuneHistogramFigure *self, double first, double width,
                                  const guint64 *counts, guint n)
{
  g_return_if_fail (ATTUNE_IS_HISTOGRAM_FIGURE (self));
  g_return_if_fail (isfinite (first) && width > 0 && isfinite (width * n));

  self->first = first;
  self->width = width;
  g_array_set_size (self->counts, 0);
  if (n > 0)
    g_array_append_vals (self->counts, counts, n);
  attune_figure_changed (ATTUNE_FIGURE (self));
}

void
attune_histogram_figure_set_limit (AttuneHistogramFigure *self, double limit, const char *label)
{
  g_return_if_fail (ATTUNE_IS_HISTOGRAM_FIGURE (self));

  self->limit = limit;
  g_set_str (&self->limit_label, label);
  attune_figure_changed (ATTUNE_FIGURE (self));
}

static double
bin_start (AttuneHistogramFigure *self, int bin)
{
  return self->first + bin * self->width;
}

static gboolean
beyond (AttuneHistogramFigure *self, int bin)
{
  return bin_start (self, bin) >= self->limit; /* FALSE without a limit */
}

static void
layout (AttuneHistogramFigure *self, AttuneCanvas *canvas, AttuneFrame *frame, AttuneAxis *x,
        AttuneAxis *y)
{
  const double label = self->limit_label != NULL && isfinite (self->limit) ? 1.1 * canvas->line : 0;
  guint64 most = 1;

  *x = self->x_axis, *y = self->y_axis;
  for (guint i = 0; i < self->counts->len; i++)
    most = MAX (most, count (self, i));
  x->lo = self->first;
  x->hi = bin_start (self, self->counts->len);
  /* A limit far off would press the bars to the side: then only its label says it. */
  if (self->limit > x->hi && self->limit < x->lo + 2 * (x->hi - x->lo))
    x->hi = self->limit;
  y->lo = 0;
  y->hi = (double) most;
  if (canvas->height < 8 * canvas->line)
    x->title = NULL;
  attune_frame_layout (frame, canvas, x, y, 0, 0, label, 0);
}

static void
bin_box (AttuneHistogramFigure *self, const AttuneFrame *frame, int bin, double *x, double *y,
         double *width)
{
  const double start = attune_scale_map (&frame->across, bin_start (self, bin));

  *width = attune_scale_map (&frame->across, bin_start (self, bin + 1)) - start;
  *x = start;
  *y = attune_scale_map (&frame->up, (double) count (self, bin));
  if (count (self, bin) > 0) /* one record among thousands is seen, too */
    *y = MIN (*y, frame->y + frame->height - 1);
}

static void
draw_limit (AttuneHistogramFigure *self, AttuneCanvas *canvas, const AttuneFrame *frame)
{
  const double x = attune_scale_map (&frame->across, self->limit);
  const gboolean inside = x >= frame->x && x <= frame->x + frame->width + 1;
  double width, start;

  if (!isfinite (self->limit))
    return;
  if (inside)
    {
      cairo_set_dash (canvas->cr, (double[]) { 4 * canvas->unit, 3 * canvas->unit }, 2, 0);
      attune_canvas_rule (canvas, canvas->style->warning, x, frame->y - 0.3 * canvas->line, x,
                          frame->y + frame->height);
      cairo_set_dash (canvas->cr, NULL, 0, 0);
    }
  if (self->limit_label == NULL)
    return;
  attune_canvas_measure (canvas, self->limit_label, ATTUNE_TEXT_SMALL, canvas->width - 2, &width,
                         NULL);
  start = CLAMP ((inside ? x : frame->x + frame->width) - width / 2, 1,
                 MAX (canvas->width - width - 1, 1));
  attune_canvas_text (canvas, self->limit_label, ATTUNE_TEXT_SMALL, canvas->style->warning, start,
                      frame->y - 0.4 * canvas->line, 0, 1, canvas->width - 2);
}

static char *
bin_text (AttuneHistogramFigure *self, int bin)
{
  g_autofree char *from
      = attune_number_format (bin_start (self, bin), self->x_axis.unit, self->width);
  g_autofree char *to
      = attune_number_format (bin_start (self, bin + 1), self->x_axis.unit, self->width);

  /* Translators: a range of values */
  return g_strdup_printf (_ ("%s to %s"), from, to);
}

static void
attune_histogram_figure_draw (AttuneFigure *figure, gpointer data, AttuneCursor cursor)
{
  AttuneHistogramFigure *self = ATTUNE_HISTOGRAM_FIGURE (figure);
  AttuneCanvas *canvas = data;
  const AttuneFigureStyle *style = canvas->style;
  g_auto (AttuneFrame) frame = { 0 };
  AttuneAxis x_axis, y_axis;
  double x, y, width;

  layout (self, canvas, &frame, &x_axis, &y_axis);
  if (frame.too_small)
    return;
  attune_frame_draw (&frame, canvas, &x_axis, &y_axis);
  for (guint i = 0; i < self->counts->len; i++)
    {
      AttuneColor color = style->series[0];
      double gap;

      bin_box (self, &frame, i, &x, &y, &width);
      gap = width > 4 ? 1 : 0;
      if (cursor.index >= 0 && cursor.index != (int) i)
        color = attune_color_mix (color, style->background, 0.45);
      cairo_rectangle (canvas->cr, x + gap / 2, y, width - gap, frame.y + frame.height - y);
      if (beyond (self, i))
        attune_canvas_hatch (canvas, style->warning);
      else
        {
          attune_canvas_set_color (canvas, color);
          cairo_fill (canvas->cr);
        }
      cairo_new_path (canvas->cr);
    }
  draw_limit (self, canvas, &frame);
  if (cursor.index >= 0)
    {
      g_autoptr (GArray) keys = attune_keys_new ();
      g_autofree char *title = bin_text (self, cursor.index);
      const char *name = self->y_axis.title != NULL ? self->y_axis.title : _ ("Count");

      bin_box (self, &frame, cursor.index, &x, &y, &width);
      attune_keys_add (
          keys, g_strdup (name),
          attune_number_format ((double) count (self, cursor.index), self->y_axis.unit, 0),
          style->text, ATTUNE_KEY_NONE);
      attune_canvas_bubble (canvas, x + width / 2, y, title, keys);
    }
}

static AttuneCursor
attune_histogram_figure_find (AttuneFigure *figure, gpointer data, double x, double y)
{
  AttuneHistogramFigure *self = ATTUNE_HISTOGRAM_FIGURE (figure);
  g_auto (AttuneFrame) frame = { 0 };
  AttuneAxis x_axis, y_axis;
  double value;
  int bin;

  layout (self, data, &frame, &x_axis, &y_axis);
  if (frame.too_small || y < frame.y || y > frame.y + frame.height)
    return ATTUNE_CURSOR_NONE;
  value = frame.across.lo + (x - frame.x) / frame.width * (frame.across.hi - frame.across.lo);
  bin = (int) floor ((value - self->first) / self->width);
  if (bin < 0 || bin >= (int) self->counts->len)
    return ATTUNE_CURSOR_NONE;
  return (AttuneCursor) { 0, bin };
}

static char *
attune_histogram_figure_describe (AttuneFigure *figure, AttuneCursor cursor)
{
  AttuneHistogramFigure *self = ATTUNE_HISTOGRAM_FIGURE (figure);
  g_autofree char *bin = bin_text (self, cursor.index);
  g_autofree char *number
      = attune_number_format ((double) count (self, cursor.index), self->y_axis.unit, 0);

  return g_strdup_printf ("%s: %s", bin, number);
}

static char *
attune_histogram_figure_summarize (AttuneFigure *figure)
{
  AttuneHistogramFigure *self = ATTUNE_HISTOGRAM_FIGURE (figure);
  guint64 all = 0, over = 0;
  guint top = 0;
  g_autofree char *number = NULL, *bin = NULL;
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->counts->len; i++)
    {
      all += count (self, i);
      over += beyond (self, i) ? count (self, i) : 0;
      top = count (self, i) > count (self, top) ? i : top;
    }
  number = attune_number_format ((double) all, ATTUNE_UNIT_NUMBER, 0);
  bin = bin_text (self, top);
  /* Translators: how many values, and the range with most of them */
  g_string_append_printf (text, _ ("Histogram of %s values. Most are %s."), number, bin);
  if (self->limit_label != NULL && isfinite (self->limit))
    {
      g_autofree char *beyond_text = attune_number_format ((double) over, ATTUNE_UNIT_NUMBER, 0);

      g_string_append_printf (text, _ (" %s; beyond it: %s."), self->limit_label, beyond_text);
    }
  return g_string_free (text, FALSE);
}

static void
attune_histogram_figure_write_csv (AttuneFigure *figure, GString *csv)
{
  AttuneHistogramFigure *self = ATTUNE_HISTOGRAM_FIGURE (figure);

  attune_csv_text (csv, _ ("From"));
  attune_csv_text (csv, _ ("To"));
  attune_csv_text (csv, self->y_axis.title != NULL ? self->y_axis.title : _ ("Count"));
  attune_csv_end_line (csv);
  for (guint i = 0; i < self->counts->len; i++)
    {
      attune_csv_number (csv, bin_start (self, i));
      attune_csv_number (csv, bin_start (self, i + 1));
      attune_csv_number (csv, (double) count (self, i));
      attune_csv_end_line (csv);
    }
}

static int
attune_histogram_figure_count_series (AttuneFigure *figure)
{
  return 1;
}

static int
attune_histogram_figure_count_items (AttuneFigure *figure, int series)
{
  return (int) ATTUNE_HISTOGRAM_FIGURE (figure)->counts->len;
}

static void
attune_histogram_figure_finalize (GObject *object)
{
  AttuneHistogramFigure *self = ATTUNE_HISTOGRAM_FIGURE (object);

  g_clear_pointer (&self->counts, g_array_unref);
  g_clear_pointer (&self->limit_label, g_free);
  g_clear_pointer (&self->x_axis.title, g_free);
  g_clear_pointer (&self->y_axis.title, g_free);
  G_OBJECT_CLASS (attune_histogram_figure_parent_class)->finalize (object);
}

static void
attune_histogram_figure_class_init (AttuneHistogramFigureClass *klass)
{
  AttuneFigureClass *figure_class = ATTUNE_FIGURE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = attune_histogram_figure_finalize;
  figure_class->count_series = attune_histogram_figure_count_series;
  figure_class->count_items = attune_histogram_figure_count_items;
  figure_class->draw = attune_histogram_figure_draw;
  figure_class->find = attune_histogram_figure_find;
  figure_class->describe = attune_histogram_figure_describe;
  figure_class->summarize = attune_histogram_figure_summarize;
  figure_class->write_csv = attune_histogram_figure_write_csv;
}

static void
attune_histogram_figure_init (AttuneHistogramFigure *self)
{
  self->limit = NAN;
  self->width = 1;
  self->counts = g_array_new (FALSE, TRUE, sizeof (guint64));
}
