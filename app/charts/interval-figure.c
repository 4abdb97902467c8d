/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws dots with error bars in rows.
 */
#include "charts/interval-figure.h"
#include "charts/csv-text.h"
#include "charts/frame.h"
#include "charts/rows.h"
#include <glib/gi18n.h>

typedef struct
{
  char *name;
  AttuneIntervalRole role;
  guint color; /* number among those of the same role */
  double *values, *lo, *hi;
} Series;

struct _AttuneIntervalFigure
{
  AttuneFigure parent_instance;

  AttuneAxis axis;
  double reference;
  GPtrArray *rows;   /* of char* */
  GPtrArray *series; /* of Series */
};

G_DEFINE_FINAL_TYPE (AttuneIntervalFigure, attune_interval_figure, ATTUNE_TYPE_FIGURE)

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

static void
series_free (gpointer data)
{
  Series *series = data;

  g_free (series->name);
  g_free (series->values);
  g_free (series->lo);
  g_free (series->hi);
  g_free (series);
}

static Series *
get_series (AttuneIntervalFigure *self, guint i)
{
  return g_ptr_array_index (self->series, i);
}

AttuneIntervalFigure *
attune_interval_figure_new (AttuneUnit unit, const char *title)
{
  AttuneIntervalFigure *self = g_object_new (ATTUNE_TYPE_INTERVAL_FIGURE, NULL);

  self->axis.unit = unit;
  self->axis.title = g_strdup (title);
  return self;
}

void
attune_interval_figure_set_rows (AttuneIntervalFigure *self, const char *const *names)
{
  g_return_if_fail (ATTUNE_IS_INTERVAL_FIGURE (self) && names != NULL);

  g_ptr_array_set_size (self->series, 0);
  g_ptr_array_set_size (self->rows, 0);
  for (; *names != NULL; names++)
    g_ptr_array_add (self->rows, g_strdup (*names));
  attune_figure_changed (ATTUNE_FIGURE (self));
}

int
attune_interval_figure_add_series (AttuneIntervalFigure *self, const char *name,
                                   AttuneIntervalRole role, const double *values, const double *lo,
                                   const double *hi)
{
  const gsize n = self->rows->len;
  Series *series;

  g_return_val_if_fail (ATTUNE_IS_INTERVAL_FIGURE (self) && name != NULL, -1);
  g_return_val_if_fail (values != NULL || n == 0, -1);

  series = g_new0 (Series, 1);
  series->name = g_strdup (name);
  series->role = role;
  series->values = g_memdup2 (values, n * sizeof (double));
  series->lo = g_memdup2 (lo != NULL ? lo : values, n * sizeof (double));
  series->hi = g_memdup2 (hi != NULL ? hi : values, n * sizeof (double));
  for (guint i = 0; i < self->series->len; i++)
    series->color += get_series (self, i)->role == role;
  g_ptr_array_add (self->series, series);
  attune_figure_changed (ATTUNE_FIGURE (self));
  return (int) self->series->len - 1;
}

void
attune_interval_figure_set_range (AttuneIntervalFigure *self, double lo, double hi,
                                  double reference)
{
  g_return_if_fail (ATTUNE_IS_INTERVAL_FIGURE (self));

  self->axis.lo = lo;
  self->axis.hi = hi;
  self->reference = reference;
  attune_figure_changed (ATTUNE_FIGURE (self));
}

static AttuneColor
series_color (const AttuneFigureStyle *style, const Series *series)
{
  switch (series->role)
    {
    case ATTUNE_INTERVAL_BASE:
      return style->series[1 + series->color % (ATTUNE_PALETTE_LENGTH - 1)];
    case ATTUNE_INTERVAL_EARLIER:
      return attune_color_mix (style->muted, style->background, style->high_contrast ? 0 : 0.25);
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
        const Series *series = get_series (self, s);
        const double all[] = { series->values[i], series->lo[i], series->hi[i], self->reference };

        for (guint k = 0; k < G_N_ELEMENTS (all); k++)
          if (isfinite (all[k]))
            lo = MIN (lo, all[k]), hi = MAX (hi, all[k]);
      }
  if (isfinite (self->axis.lo))
    lo = MIN (self->axis.lo, lo);
  if (isfinite (self->axis.hi))
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
    for (guint i = 0; i < self->rows->len && get_series (self, s)->role == ATTUNE_INTERVAL_NOW; i++)
      {
        g_autofree char *text
            = attune_number_format (get_series (self, s)->values[i], self->axis.unit, 0);
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
    attune_keys_add (self->keys, g_strdup (get_series (figure, s)->name), NULL,
                     series_color (canvas->style, get_series (figure, s)),
                     series_shape (get_series (figure, s)));
  legend = attune_canvas_legend (canvas, self->keys, 0, 0, canvas->width, FALSE);
  legend += legend > 0 ? 0.2 * canvas->line : 0;
  bottom = 1.35 * canvas->line + (self->axis.title != NULL ? 1.1 * canvas->line : 0);
  attune_rows_layout (&self->rows, canvas, figure->rows, legend + 0.4 * canvas->line, bottom,
                      0.5 * canvas->line * figure->series->len,
                      natural_content (figure, canvas));
  attune_frame_layout (&self->frame, canvas, &self->axis, NULL,
                       self->rows.names_width + 0.5 * canvas->line, legend,
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
  const Series *series = get_series (figure, s);
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

/* "85.0% (81.2% to 88.1%)" */
static char *
value_text (AttuneIntervalFigure *self, const Series *series, guint row)
{
  g_autofree char *value = attune_number_format (series->values[row], self->axis.unit, 0);
  g_autofree char *lo = attune_number_format (series->lo[row], self->axis.unit, 0);
  g_autofree char *hi = attune_number_format (series->hi[row], self->axis.unit, 0);

  if (!(series->hi[row] > series->lo[row]))
    return g_steal_pointer (&value);
  /* Translators: a value and its interval: "85.0% (81.2% to 88.1%)" */
  return g_strdup_printf (_ ("%s (%s to %s)"), value, lo, hi);
}

static void
draw_read_out (Layout *self, AttuneIntervalFigure *figure, AttuneCanvas *canvas,
               AttuneCursor cursor)
{
  g_autoptr (GArray) keys = attune_keys_new ();
  double x = attune_scale_map (&self->frame.across,
                               get_series (figure, cursor.series)->values[cursor.index]);

  for (guint s = 0; s < figure->series->len; s++)
    {
      const Series *series = get_series (figure, s);

      attune_keys_add (keys, g_strdup (series->name), value_text (figure, series, cursor.index),
                       series_color (canvas->style, series), series_shape (series))
          ->strong
          = s == cursor.series;
    }
  if (!isfinite (x))
    x = self->frame.x + self->frame.width / 2;
  attune_canvas_bubble (canvas, x, series_y (self, canvas, cursor.series, cursor.index),
                        g_ptr_array_index (figure->rows, cursor.index), keys);
}

static void
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

static AttuneCursor
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

static char *
attune_interval_figure_describe (AttuneFigure *figure, AttuneCursor cursor)
{
  AttuneIntervalFigure *self = ATTUNE_INTERVAL_FIGURE (figure);
  const Series *series = get_series (self, cursor.series);
  g_autofree char *value = value_text (self, series, cursor.index);

  return g_strdup_printf ("%s, %s: %s", (char *) g_ptr_array_index (self->rows, cursor.index),
                          series->name, value);
}

static char *
attune_interval_figure_summarize (AttuneFigure *figure)
{
  AttuneIntervalFigure *self = ATTUNE_INTERVAL_FIGURE (figure);
  GString *text = g_string_new (_ ("Values with their intervals."));

  for (guint i = 0; i < MIN (self->rows->len, 10); i++)
    for (guint s = 0; s < self->series->len; s++)
      {
        g_autofree char *one = attune_interval_figure_describe (figure, (AttuneCursor) { s, i });

        g_string_append_printf (text, " %s.", one);
      }
  return g_string_free (text, FALSE);
}

static void
attune_interval_figure_write_csv (AttuneFigure *figure, GString *csv)
{
  AttuneIntervalFigure *self = ATTUNE_INTERVAL_FIGURE (figure);
  const char *const heads[] = { _ ("Name"), _ ("Series"), _ ("Value"), _ ("From"), _ ("To") };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    attune_csv_text (csv, heads[i]);
  attune_csv_end_line (csv);
  for (guint i = 0; i < self->rows->len; i++)
    for (guint s = 0; s < self->series->len; s++)
      {
        const Series *series = get_series (self, s);

        attune_csv_text (csv, g_ptr_array_index (self->rows, i));
        attune_csv_text (csv, series->name);
        attune_csv_number (csv, series->values[i]);
        attune_csv_number (csv, series->lo[i]);
        attune_csv_number (csv, series->hi[i]);
        attune_csv_end_line (csv);
      }
}

static double
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

static int
attune_interval_figure_count_series (AttuneFigure *figure)
{
  return (int) ATTUNE_INTERVAL_FIGURE (figure)->series->len;
}

static int
attune_interval_figure_count_items (AttuneFigure *figure, int series)
{
  return (int) ATTUNE_INTERVAL_FIGURE (figure)->rows->len;
}

static void
attune_interval_figure_finalize (GObject *object)
{
  AttuneIntervalFigure *self = ATTUNE_INTERVAL_FIGURE (object);

  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->series, g_ptr_array_unref);
  g_clear_pointer (&self->axis.title, g_free);
  G_OBJECT_CLASS (attune_interval_figure_parent_class)->finalize (object);
}

static void
attune_interval_figure_class_init (AttuneIntervalFigureClass *klass)
{
  AttuneFigureClass *figure_class = ATTUNE_FIGURE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = attune_interval_figure_finalize;
  figure_class->downwards = TRUE;
  figure_class->count_series = attune_interval_figure_count_series;
  figure_class->count_items = attune_interval_figure_count_items;
  figure_class->draw = attune_interval_figure_draw;
  figure_class->find = attune_interval_figure_find;
  figure_class->describe = attune_interval_figure_describe;
  figure_class->summarize = attune_interval_figure_summarize;
  figure_class->write_csv = attune_interval_figure_write_csv;
  figure_class->natural_height = attune_interval_figure_natural_height;
}

static void
attune_interval_figure_init (AttuneIntervalFigure *self)
{
  self->axis.lo = self->axis.hi = self->reference = NAN;
  self->rows = g_ptr_array_new_with_free_func (g_free);
  self->series = g_ptr_array_new_with_free_func (series_free);
}
