/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws nothing, and counts it.
 */
#include "counting-figure.h"
#include "charts/canvas.h"

G_DEFINE_FINAL_TYPE (CountingFigure, counting_figure, ATTUNE_TYPE_FIGURE)

static int
count_series (AttuneFigure *figure)
{
  return 3;
}

static int
count_items (AttuneFigure *figure, int series)
{
  return 5;
}

static void
draw (AttuneFigure *figure, gpointer data, AttuneCursor cursor)
{
  CountingFigure *self = COUNTING_FIGURE (figure);
  const AttuneCanvas *canvas = data;

  self->draws++;
  self->dark = canvas->style->dark;
  self->rtl = canvas->style->rtl;
  self->cursor = cursor;
}

static AttuneCursor
find (AttuneFigure *figure, gpointer data, double x, double y)
{
  const AttuneCanvas *canvas = data;

  return (AttuneCursor) { 1, CLAMP ((int) (5 * x / canvas->width), 0, 4) };
}

static char *
describe (AttuneFigure *figure, AttuneCursor cursor)
{
  return g_strdup_printf ("%d/%d", cursor.series, cursor.index);
}

static char *
summarize (AttuneFigure *figure)
{
  COUNTING_FIGURE (figure)->summaries++;
  return g_strdup_printf ("%d changes", COUNTING_FIGURE (figure)->changes);
}

static void
write_csv (AttuneFigure *figure, GString *csv)
{
  g_string_append (csv, "A,B\r\n1,2\r\n");
}

static double
get_natural_height (AttuneFigure *figure, gpointer canvas)
{
  return COUNTING_FIGURE (figure)->height;
}

static void
counting_figure_class_init (CountingFigureClass *klass)
{
  AttuneFigureClass *figure_class = ATTUNE_FIGURE_CLASS (klass);

  figure_class->count_series = count_series;
  figure_class->count_items = count_items;
  figure_class->draw = draw;
  figure_class->find = find;
  figure_class->describe = describe;
  figure_class->summarize = summarize;
  figure_class->write_csv = write_csv;
  figure_class->natural_height = get_natural_height;
}

static void
counting_figure_init (CountingFigure *self)
{
  self->height = 120;
}

void
counting_figure_change (CountingFigure *self)
{
  self->changes++;
  attune_figure_changed (ATTUNE_FIGURE (self));
}
