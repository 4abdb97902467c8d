/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The data of an interval figure, and what it says.
 */
#include "charts/interval-figure-private.h"
#include "charts/csv-text.h"
#include <glib/gi18n.h>
#include <math.h>

G_DEFINE_FINAL_TYPE (AttuneIntervalFigure, attune_interval_figure, ATTUNE_TYPE_FIGURE)

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
    series->color += interval_series (self, i)->role == role;
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

char *
attune_interval_figure_format (AttuneIntervalFigure *self, const Series *series, guint row)
{
  g_autofree char *value = attune_number_format (series->values[row], self->axis.unit, 0);
  g_autofree char *lo = attune_number_format (series->lo[row], self->axis.unit, 0);
  g_autofree char *hi = attune_number_format (series->hi[row], self->axis.unit, 0);

  if (!(series->hi[row] > series->lo[row]))
    return g_steal_pointer (&value);
  /* Translators: a value and its interval: "85.0% (81.2% to 88.1%)" */
  return g_strdup_printf (_ ("%s (%s to %s)"), value, lo, hi);
}

static char *
attune_interval_figure_describe (AttuneFigure *figure, AttuneCursor cursor)
{
  AttuneIntervalFigure *self = ATTUNE_INTERVAL_FIGURE (figure);
  const Series *series = interval_series (self, cursor.series);
  g_autofree char *value = attune_interval_figure_format (self, series, cursor.index);

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
        const Series *series = interval_series (self, s);

        attune_csv_text (csv, g_ptr_array_index (self->rows, i));
        attune_csv_text (csv, series->name);
        attune_csv_number (csv, series->values[i]);
        attune_csv_number (csv, series->lo[i]);
        attune_csv_number (csv, series->hi[i]);
        attune_csv_end_line (csv);
      }
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
