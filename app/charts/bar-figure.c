/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws level bars: no axis, as the values stand beside the bars.
 */
#include "charts/bar-figure.h"
#include "charts/csv-text.h"
#include "charts/rows.h"
#include "charts/ticks.h"
#include <glib/gi18n.h>

typedef struct
{
  char *name;
  double *values;
  gboolean earlier;
  guint color;
} Series;

struct _AttuneBarFigure
{
  AttuneFigure parent_instance;

  AttuneUnit unit;
  GPtrArray *categories; /* of char* */
  GPtrArray *series;     /* of Series */
};

G_DEFINE_FINAL_TYPE (AttuneBarFigure, attune_bar_figure, ATTUNE_TYPE_FIGURE)

typedef struct
{
  AttuneRows rows;
  AttuneScale across;
  GArray *keys;
  double thick;
} Layout;

static void
layout_clear (Layout *self)
{
  g_clear_pointer (&self->keys, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Layout, layout_clear)

static void
series_free (gpointer data)
{
  Series *series = data;

  g_free (series->name);
  g_free (series->values);
  g_free (series);
}

AttuneBarFigure *
attune_bar_figure_new (AttuneUnit unit)
{
  AttuneBarFigure *self = g_object_new (ATTUNE_TYPE_BAR_FIGURE, NULL);

  self->unit = unit;
  return self;
}

void
attune_bar_figure_set_categories (AttuneBarFigure *self, const char *const *names)
{
  g_return_if_fail (ATTUNE_IS_BAR_FIGURE (self) && names != NULL);

  g_ptr_array_set_size (self->series, 0);
  g_ptr_array_set_size (self->categories, 0);
  for (; *names != NULL; names++)
    g_ptr_array_add (self->categories, g_strdup (*names));
  attune_figure_changed (ATTUNE_FIGURE (self));
}

int
attune_bar_figure_add_series (AttuneBarFigure *self, const char *name, const double *values,
                              gboolean earlier)
{
  Series *series;

  g_return_val_if_fail (ATTUNE_IS_BAR_FIGURE (self) && name != NULL, -1);
  g_return_val_if_fail (values != NULL || self->categories->len == 0, -1);

  series = g_new0 (Series, 1);
  series->name = g_strdup (name);
  series->values = g_memdup2 (values, self->categories->len * sizeof (double));
  series->earlier = earlier;
  for (guint i = 0; i < self->series->len; i++)
    series->color += !((Series *) g_ptr_array_index (self->series, i))->earlier;
  g_ptr_array_add (self->series, series);
  attune_figure_changed (ATTUNE_FIGURE (self));
  return (int) self->series->len - 1;
}

static AttuneColor
series_color (const AttuneFigureStyle *style, const Series *series)
{
  if (series->earlier)
    return style->earlier;
  return style->series[series->color % ATTUNE_PALETTE_LENGTH];
}

static double
natural_thickness (AttuneBarFigure *self, AttuneCanvas *canvas)
{
  return (self->series->len > 1 ? 0.8 : 1) * canvas->line * self->series->len;
}

static void
layout (Layout *self, AttuneBarFigure *figure, AttuneCanvas *canvas)
{
  double lo = 0, hi = 0, values = 0, legend;

  self->keys = attune_keys_new ();
  for (guint s = 0; s < figure->series->len; s++)
    {
      const Series *series = g_ptr_array_index (figure->series, s);

      if (figure->series->len > 1)
        attune_keys_add (self->keys, g_strdup (series->name), NULL,
                         series_color (canvas->style, series), ATTUNE_KEY_AREA);
      for (guint i = 0; i < figure->categories->len; i++)
        {
          g_autofree char *text = attune_number_format (series->values[i], figure->unit, 0);
          double width;

          attune_canvas_measure (canvas, text, ATTUNE_TEXT_SMALL, 0, &width, NULL);
          values = MAX (values, width);
          if (!attune_axis_holds (series->values[i]))
            continue;
          lo = MIN (lo, series->values[i]);
          hi = MAX (hi, series->values[i]);
        }
    }
  legend = attune_canvas_legend (canvas, self->keys, 0, 0, canvas->width, FALSE);
  legend += legend > 0 ? 0.3 * canvas->line : 0;
  attune_rows_layout (&self->rows, canvas, figure->categories, legend, 0,
                      0.6 * canvas->line * figure->series->len, natural_thickness (figure, canvas));
  if (hi <= lo)
    hi = lo + 1;
  self->across = (AttuneScale) {
    lo, hi, self->rows.names_width,
    MAX (canvas->width - values - 0.8 * canvas->line, self->rows.names_width + 1), FALSE
  };
  self->thick = self->rows.content / figure->series->len;
}

/* The value lies inside its bar's end only when there is no room after it: never, as the layout
 * keeps that room; of values below 0 it stands after the zero line. */
static void
draw_bar (Layout *self, AttuneBarFigure *figure, AttuneCanvas *canvas, guint s, guint i,
          gboolean chosen)
{
  const Series *series = g_ptr_array_index (figure->series, s);
  const double value = series->values[i], zero = attune_scale_map (&self->across, 0);
  const double y
      = attune_rows_middle (&self->rows, canvas, i) - self->rows.content / 2 + s * self->thick;
  const double gap = figure->series->len > 1 ? canvas->unit : 0;
  const AttuneColor color = series_color (canvas->style, series);
  g_autofree char *text = attune_number_format (value, figure->unit, 0);
  double end = zero;

  if (attune_axis_holds (value))
    end = attune_scale_map (&self->across, value);
  /* A bar too short to see is still one pixel of it. */
  if (value != 0 && attune_axis_holds (value))
    {
      attune_canvas_rounded (canvas, MIN (zero, end), y, MAX (fabs (end - zero), canvas->unit),
                             self->thick - gap, 3 * canvas->unit);
      attune_canvas_set_color (canvas, color);
      cairo_fill (canvas->cr);
    }
  attune_canvas_text (canvas, text, ATTUNE_TEXT_SMALL | (chosen ? ATTUNE_TEXT_BOLD : 0),
                      series->earlier && !chosen ? canvas->style->muted : canvas->style->text,
                      MAX (end, zero) + 0.4 * canvas->line, y + (self->thick - gap) / 2, 0, 0.5, 0);
}

static void
attune_bar_figure_draw (AttuneFigure *figure, gpointer data, AttuneCursor cursor)
{
  AttuneBarFigure *self = ATTUNE_BAR_FIGURE (figure);
  AttuneCanvas *canvas = data;
  g_auto (Layout) plot = { 0 };

  layout (&plot, self, canvas);
  if (cursor.series >= 0 && cursor.index < plot.rows.shown)
    attune_canvas_highlight (canvas, 0, plot.rows.top + cursor.index * plot.rows.row, canvas->width,
                             plot.rows.row);
  attune_canvas_legend (canvas, plot.keys, 0, 0, canvas->width, TRUE);
  attune_rows_draw_names (&plot.rows, canvas, self->categories);
  for (guint i = 0; i < plot.rows.shown; i++)
    for (guint s = 0; s < self->series->len; s++)
      draw_bar (&plot, self, canvas, s, i, cursor.index == (int) i && cursor.series == (int) s);
}

static AttuneCursor
attune_bar_figure_find (AttuneFigure *figure, gpointer data, double x, double y)
{
  AttuneBarFigure *self = ATTUNE_BAR_FIGURE (figure);
  g_auto (Layout) plot = { 0 };
  int row, s;

  layout (&plot, self, data);
  row = attune_rows_at (&plot.rows, y);
  if (row < 0)
    return ATTUNE_CURSOR_NONE;
  s = (int) floor ((y - attune_rows_middle (&plot.rows, data, row) + plot.rows.content / 2)
                   / plot.thick);
  return (AttuneCursor) { CLAMP (s, 0, (int) self->series->len - 1), row };
}

static char *
attune_bar_figure_describe (AttuneFigure *figure, AttuneCursor cursor)
{
  AttuneBarFigure *self = ATTUNE_BAR_FIGURE (figure);
  const Series *series = g_ptr_array_index (self->series, cursor.series);
  const char *category = g_ptr_array_index (self->categories, cursor.index);
  g_autofree char *value = attune_number_format (series->values[cursor.index], self->unit, 0);

  if (self->series->len == 1)
    return g_strdup_printf ("%s: %s", category, value);
  return g_strdup_printf ("%s, %s: %s", category, series->name, value);
}

static char *
attune_bar_figure_summarize (AttuneFigure *figure)
{
  AttuneBarFigure *self = ATTUNE_BAR_FIGURE (figure);
  GString *text = g_string_new (NULL);

  g_string_append_printf (
      text, ngettext ("Bar chart with %u row.", "Bar chart with %u rows.", self->categories->len),
      self->categories->len);
  /* Ten rows can be listened to; of more, the cursor tells. */
  for (guint i = 0; i < MIN (self->categories->len, 10); i++)
    for (guint s = 0; s < self->series->len; s++)
      {
        g_autofree char *one = attune_bar_figure_describe (figure, (AttuneCursor) { s, i });

        g_string_append_printf (text, " %s.", one);
      }
  return g_string_free (text, FALSE);
}

static void
attune_bar_figure_write_csv (AttuneFigure *figure, GString *csv)
{
  AttuneBarFigure *self = ATTUNE_BAR_FIGURE (figure);

  attune_csv_text (csv, _ ("Name"));
  for (guint s = 0; s < self->series->len; s++)
    attune_csv_text (csv, ((Series *) g_ptr_array_index (self->series, s))->name);
  attune_csv_end_line (csv);
  for (guint i = 0; i < self->categories->len; i++)
    {
      attune_csv_text (csv, g_ptr_array_index (self->categories, i));
      for (guint s = 0; s < self->series->len; s++)
        attune_csv_number (csv, ((Series *) g_ptr_array_index (self->series, s))->values[i]);
      attune_csv_end_line (csv);
    }
}

static double
attune_bar_figure_natural_height (AttuneFigure *figure, gpointer data)
{
  AttuneBarFigure *self = ATTUNE_BAR_FIGURE (figure);
  AttuneCanvas *canvas = data;
  g_auto (Layout) plot = { 0 };

  canvas->height = 1;
  layout (&plot, self, canvas);
  return plot.rows.top
         + attune_rows_natural_height (canvas, self->categories, natural_thickness (self, canvas));
}

static int
attune_bar_figure_count_series (AttuneFigure *figure)
{
  return (int) ATTUNE_BAR_FIGURE (figure)->series->len;
}

static int
attune_bar_figure_count_items (AttuneFigure *figure, int series)
{
  return (int) ATTUNE_BAR_FIGURE (figure)->categories->len;
}

static void
attune_bar_figure_finalize (GObject *object)
{
  AttuneBarFigure *self = ATTUNE_BAR_FIGURE (object);

  g_clear_pointer (&self->categories, g_ptr_array_unref);
  g_clear_pointer (&self->series, g_ptr_array_unref);
  G_OBJECT_CLASS (attune_bar_figure_parent_class)->finalize (object);
}

static void
attune_bar_figure_class_init (AttuneBarFigureClass *klass)
{
  AttuneFigureClass *figure_class = ATTUNE_FIGURE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = attune_bar_figure_finalize;
  figure_class->downwards = TRUE;
  figure_class->count_series = attune_bar_figure_count_series;
  figure_class->count_items = attune_bar_figure_count_items;
  figure_class->draw = attune_bar_figure_draw;
  figure_class->find = attune_bar_figure_find;
  figure_class->describe = attune_bar_figure_describe;
  figure_class->summarize = attune_bar_figure_summarize;
  figure_class->write_csv = attune_bar_figure_write_csv;
  figure_class->natural_height = attune_bar_figure_natural_height;
}

static void
attune_bar_figure_init (AttuneBarFigure *self)
{
  self->categories = g_ptr_array_new_with_free_func (g_free);
  self->series = g_ptr_array_new_with_free_func (series_free);
}
