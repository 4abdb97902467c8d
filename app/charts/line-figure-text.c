/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a line figure says: of a point, of all, and as CSV.
 */
#include "charts/line-figure-private.h"
#include "charts/csv-text.h"
#include <glib/gi18n.h>
#include <math.h>

char *
attune_line_figure_format_x (AttuneLineFigure *self, double x)
{
  g_autofree char *number = attune_number_format (x, self->x_axis.unit, 0);

  if (self->x_axis.title == NULL)
    return g_steal_pointer (&number);
  return g_strdup_printf ("%s %s", self->x_axis.title, number);
}

char *
attune_line_figure_describe (AttuneFigure *figure, AttuneCursor cursor)
{
  AttuneLineFigure *self = ATTUNE_LINE_FIGURE (figure);
  const Series *series = line_series (self, cursor.series);
  const double raw = g_array_index (series->y, double, cursor.index);
  const double shown = line_y (series, cursor.index);
  g_autofree char *x = attune_line_figure_format_x (self, line_x (series, cursor.index));
  g_autofree char *y = attune_number_format (shown, self->y_axis.unit, 0);
  g_autofree char *text = g_strdup_printf ("%s, %s: %s", x, series->name, y);
  g_autofree char *measured = attune_number_format (raw, self->y_axis.unit, 0);
  GString *all = g_string_new (NULL);

  if (isfinite (raw) && !g_str_equal (y, measured))
    /* Translators: "Step 340, Training: 1.204 smoothed, 1.371 measured" */
    g_string_append_printf (all, _ ("%s smoothed, %s measured"), text, measured);
  else
    g_string_append (all, text);
  for (guint i = 0; i < self->marks->len; i++)
    {
      const Mark *mark = &g_array_index (self->marks, Mark, i);

      if (mark->x == line_x (series, cursor.index)
          && (mark->kind != ATTUNE_LINE_MARK_BEST || mark->series == cursor.series))
        g_string_append_printf (all, ". %s", mark->label);
    }
  return g_string_free (all, FALSE);
}

static void
summarize_series (AttuneLineFigure *self, const Series *series, GString *text)
{
  double least = INFINITY, least_x = 0, last = NAN;
  g_autofree char *low = NULL, *where = NULL, *end = NULL;

  for (guint i = 0; i < series->x->len; i++)
    {
      const double y = line_y (series, i);

      if (!isfinite (y))
        continue;
      if (y < least)
        least = y, least_x = line_x (series, i);
      last = y;
    }
  if (isnan (last))
    {
      g_string_append_printf (text, _ (" %s: no values."), series->name);
      return;
    }
  end = attune_number_format (last, self->y_axis.unit, 0);
  low = attune_number_format (least, self->y_axis.unit, 0);
  where = attune_line_figure_format_x (self, least_x);
  g_string_append_printf (text,
                          ngettext (" %s: %u point, last %s, lowest %s at %s.",
                                    " %s: %u points, last %s, lowest %s at %s.", series->x->len),
                          series->name, series->x->len, end, low, where);
}

char *
attune_line_figure_summarize (AttuneFigure *figure)
{
  AttuneLineFigure *self = ATTUNE_LINE_FIGURE (figure);
  GString *text = g_string_new (_ ("Line chart."));

  for (guint i = 0; i < self->series->len; i++)
    if (line_series (self, i)->x->len > 0)
      summarize_series (self, line_series (self, i), text);
  for (guint i = 0; i < self->marks->len; i++)
    g_string_append_printf (text, " %s.", g_array_index (self->marks, Mark, i).label);
  return g_string_free (text, FALSE);
}

static gboolean
is_smoothed (AttuneLineFigure *self, const Series *series)
{
  return self->smoothing > 0 && series->role != ATTUNE_LINE_POINTS;
}

/* One line for each x that any series has, so that a spreadsheet can draw it again. */
void
attune_line_figure_write_csv (AttuneFigure *figure, GString *csv)
{
  AttuneLineFigure *self = ATTUNE_LINE_FIGURE (figure);
  g_autofree guint *at = g_new0 (guint, self->series->len + 1);

  attune_csv_text (csv, self->x_axis.title != NULL ? self->x_axis.title : "x");
  for (guint i = 0; i < self->series->len; i++)
    {
      const Series *series = line_series (self, i);

      attune_csv_text (csv, series->name);
      if (is_smoothed (self, series))
        {
          g_autofree char *name = g_strdup_printf (_ ("%s (smoothed)"), series->name);

          attune_csv_text (csv, name);
        }
    }
  attune_csv_end_line (csv);
  for (;;)
    {
      double x = INFINITY;

      for (guint i = 0; i < self->series->len; i++)
        if (at[i] < line_series (self, i)->x->len)
          x = MIN (x, line_x (line_series (self, i), at[i]));
      if (!isfinite (x))
        break;
      attune_csv_number (csv, x);
      for (guint i = 0; i < self->series->len; i++)
        {
          const Series *series = line_series (self, i);
          const gboolean here = at[i] < series->x->len && line_x (series, at[i]) == x;

          attune_csv_number (csv, here ? g_array_index (series->y, double, at[i]) : NAN);
          if (is_smoothed (self, series))
            attune_csv_number (csv, here ? line_y (series, at[i]) : NAN);
          at[i] += here;
        }
      attune_csv_end_line (csv);
    }
}
