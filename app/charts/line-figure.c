/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The data of a line figure.
 */
#include "charts/line-figure-private.h"
#include <math.h>

G_DEFINE_FINAL_TYPE (AttuneLineFigure, attune_line_figure, ATTUNE_TYPE_FIGURE)

static void
series_free (gpointer data)
{
  Series *series = data;

  g_array_unref (series->x);
  g_array_unref (series->y);
  g_array_unref (series->smooth);
  g_free (series->name);
  g_free (series);
}

static void
mark_clear (gpointer data)
{
  g_clear_pointer (&((Mark *) data)->label, g_free);
}

AttuneLineFigure *
attune_line_figure_new (const char *x_title, const char *y_title)
{
  AttuneLineFigure *self = g_object_new (ATTUNE_TYPE_LINE_FIGURE, NULL);

  self->x_axis.title = g_strdup (x_title);
  self->y_axis.title = g_strdup (y_title);
  return self;
}

void
attune_line_figure_set_units (AttuneLineFigure *self, AttuneUnit x, AttuneUnit y)
{
  g_return_if_fail (ATTUNE_IS_LINE_FIGURE (self));

  self->x_axis.unit = x;
  self->y_axis.unit = y;
  attune_figure_changed (ATTUNE_FIGURE (self));
}

void
attune_line_figure_set_log (AttuneLineFigure *self, gboolean x, gboolean y)
{
  g_return_if_fail (ATTUNE_IS_LINE_FIGURE (self));

  self->x_axis.log = x;
  self->y_axis.log = y;
  attune_figure_changed (ATTUNE_FIGURE (self));
}

void
attune_line_figure_set_x_range (AttuneLineFigure *self, double lo, double hi)
{
  g_return_if_fail (ATTUNE_IS_LINE_FIGURE (self));

  self->x_axis.lo = lo;
  self->x_axis.hi = hi;
  attune_figure_changed (ATTUNE_FIGURE (self));
}

/* Smooths from point @from on; earlier ones are as they should be. */
static void
smooth_from (AttuneLineFigure *self, Series *series, guint from)
{
  if (from == 0)
    series->state = (AttuneSmooth) {
      .weight = series->role == ATTUNE_LINE_POINTS ? 0 : self->smoothing,
    };
  g_array_set_size (series->smooth, series->y->len);
  for (guint i = from; i < series->y->len; i++)
    g_array_index (series->smooth, double, i)
        = attune_smooth_next (&series->state, g_array_index (series->y, double, i));
}

void
attune_line_figure_set_smoothing (AttuneLineFigure *self, double weight)
{
  g_return_if_fail (ATTUNE_IS_LINE_FIGURE (self));
  g_return_if_fail (weight >= 0 && weight <= 0.999);

  if (weight == self->smoothing)
    return;
  self->smoothing = weight;
  for (guint i = 0; i < self->series->len; i++)
    smooth_from (self, line_series (self, i), 0);
  attune_figure_changed (ATTUNE_FIGURE (self));
}

double
attune_line_figure_get_smoothing (AttuneLineFigure *self)
{
  g_return_val_if_fail (ATTUNE_IS_LINE_FIGURE (self), 0);
  return self->smoothing;
}

int
attune_line_figure_add_series (AttuneLineFigure *self, const char *name, AttuneLineRole role)
{
  Series *series;

  g_return_val_if_fail (ATTUNE_IS_LINE_FIGURE (self) && name != NULL, -1);

  series = g_new0 (Series, 1);
  series->name = g_strdup (name);
  series->role = role;
  series->x = g_array_new (FALSE, FALSE, sizeof (double));
  series->y = g_array_new (FALSE, FALSE, sizeof (double));
  series->smooth = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint i = 0; i < self->series->len; i++)
    if ((line_series (self, i)->role == ATTUNE_LINE_EARLIER) == (role == ATTUNE_LINE_EARLIER))
      series->color++;
  g_ptr_array_add (self->series, series);
  smooth_from (self, series, 0);
  attune_figure_changed (ATTUNE_FIGURE (self));
  return (int) self->series->len - 1;
}

/* Index of the first point at or after @x. */
static guint
first_from (const Series *series, double x)
{
  guint lo = 0, hi = series->x->len;

  while (lo < hi)
    {
      const guint middle = lo + (hi - lo) / 2;

      if (line_x (series, middle) < x)
        lo = middle + 1;
      else
        hi = middle;
    }
  return lo;
}

int
attune_line_nearest (const Series *series, double x)
{
  const int n = (int) series->x->len, after = (int) first_from (series, x);

  if (after == 0)
    return n > 0 ? 0 : -1;
  if (after == n)
    return n - 1;
  return line_x (series, after) - x < x - line_x (series, after - 1) ? after : after - 1;
}

void
attune_line_figure_append (AttuneLineFigure *self, int series, double x, double y)
{
  Series *s;
  guint keep;

  g_return_if_fail (ATTUNE_IS_LINE_FIGURE (self));
  g_return_if_fail (series >= 0 && series < (int) self->series->len);
  g_return_if_fail (isfinite (x));

  s = line_series (self, series);
  keep = s->x->len;
  if (keep > 0 && x <= line_x (s, keep - 1))
    {
      keep = first_from (s, x);
      g_array_set_size (s->x, keep);
      g_array_set_size (s->y, keep);
      smooth_from (self, s, 0);
    }
  g_array_append_val (s->x, x);
  g_array_append_val (s->y, y);
  smooth_from (self, s, keep);
  attune_figure_changed (ATTUNE_FIGURE (self));
}

void
attune_line_figure_set_points (AttuneLineFigure *self, int series, const double *x, const double *y,
                               guint n)
{
  Series *s;

  g_return_if_fail (ATTUNE_IS_LINE_FIGURE (self));
  g_return_if_fail (series >= 0 && series < (int) self->series->len);
  for (guint i = 0; i < n; i++)
    g_return_if_fail (isfinite (x[i]) && (i == 0 || x[i] > x[i - 1]));

  s = line_series (self, series);
  g_array_set_size (s->x, 0);
  g_array_set_size (s->y, 0);
  if (n > 0)
    {
      g_array_append_vals (s->x, x, n);
      g_array_append_vals (s->y, y, n);
    }
  smooth_from (self, s, 0);
  attune_figure_changed (ATTUNE_FIGURE (self));
}

void
attune_line_figure_clear (AttuneLineFigure *self)
{
  g_return_if_fail (ATTUNE_IS_LINE_FIGURE (self));

  g_ptr_array_set_size (self->series, 0);
  g_array_set_size (self->marks, 0);
  attune_figure_changed (ATTUNE_FIGURE (self));
}

void
attune_line_figure_add_mark (AttuneLineFigure *self, AttuneLineMark kind, int series, double x,
                             const char *label)
{
  Mark mark = { .kind = kind, .series = series, .x = x };

  g_return_if_fail (ATTUNE_IS_LINE_FIGURE (self) && label != NULL && isfinite (x));
  g_return_if_fail (kind != ATTUNE_LINE_MARK_BEST
                    || (series >= 0 && series < (int) self->series->len));

  mark.label = g_strdup (label);
  g_array_append_val (self->marks, mark);
  attune_figure_changed (ATTUNE_FIGURE (self));
}

void
attune_line_figure_clear_marks (AttuneLineFigure *self)
{
  g_return_if_fail (ATTUNE_IS_LINE_FIGURE (self));

  g_array_set_size (self->marks, 0);
  attune_figure_changed (ATTUNE_FIGURE (self));
}

static int
attune_line_figure_count_series (AttuneFigure *figure)
{
  return (int) ATTUNE_LINE_FIGURE (figure)->series->len;
}

static int
attune_line_figure_count_items (AttuneFigure *figure, int series)
{
  return (int) line_series (ATTUNE_LINE_FIGURE (figure), series)->x->len;
}

static void
attune_line_figure_finalize (GObject *object)
{
  AttuneLineFigure *self = ATTUNE_LINE_FIGURE (object);

  g_clear_pointer (&self->series, g_ptr_array_unref);
  g_clear_pointer (&self->marks, g_array_unref);
  g_clear_pointer (&self->x_axis.title, g_free);
  g_clear_pointer (&self->y_axis.title, g_free);
  G_OBJECT_CLASS (attune_line_figure_parent_class)->finalize (object);
}

static void
attune_line_figure_class_init (AttuneLineFigureClass *klass)
{
  AttuneFigureClass *figure_class = ATTUNE_FIGURE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = attune_line_figure_finalize;
  figure_class->count_series = attune_line_figure_count_series;
  figure_class->count_items = attune_line_figure_count_items;
  figure_class->draw = attune_line_figure_draw;
  figure_class->find = attune_line_figure_find;
  figure_class->describe = attune_line_figure_describe;
  figure_class->summarize = attune_line_figure_summarize;
  figure_class->write_csv = attune_line_figure_write_csv;
  figure_class->natural_height = attune_line_figure_natural_height;
  figure_class->steady = TRUE;
}

static void
attune_line_figure_init (AttuneLineFigure *self)
{
  self->x_axis.lo = self->x_axis.hi = NAN;
  self->y_axis.lo = self->y_axis.hi = NAN;
  self->series = g_ptr_array_new_with_free_func (series_free);
  self->marks = g_array_new (FALSE, TRUE, sizeof (Mark));
  g_array_set_clear_func (self->marks, mark_clear);
}
