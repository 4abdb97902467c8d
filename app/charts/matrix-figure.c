/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws a confusion matrix.
 */
#include "charts/matrix-figure.h"
#include "charts/canvas.h"
#include "charts/csv-text.h"
#include <glib/gi18n.h>
#include <math.h>

struct _AttuneMatrixFigure
{
  AttuneFigure parent_instance;

  char *row_title, *column_title;
  GPtrArray *names; /* of char* */
  guint64 *counts;
};

G_DEFINE_FINAL_TYPE (AttuneMatrixFigure, attune_matrix_figure, ATTUNE_TYPE_FIGURE)

typedef struct
{
  double x, y, cell_width, cell_height; /* of the first cell */
  gboolean upright;                     /* names of columns run upwards */
} Layout;

static guint64
count (AttuneMatrixFigure *self, int row, int column)
{
  return self->counts[(gsize) row * self->names->len + column];
}

static guint64
row_sum (AttuneMatrixFigure *self, int row)
{
  guint64 sum = 0;

  for (guint i = 0; i < self->names->len; i++)
    sum += count (self, row, i);
  return sum;
}

static double
share (AttuneMatrixFigure *self, int row, int column)
{
  const guint64 sum = row_sum (self, row);

  return sum > 0 ? (double) count (self, row, column) / (double) sum : 0;
}

AttuneMatrixFigure *
attune_matrix_figure_new (const char *row_title, const char *column_title)
{
  AttuneMatrixFigure *self = g_object_new (ATTUNE_TYPE_MATRIX_FIGURE, NULL);

  self->row_title = g_strdup (row_title);
  self->column_title = g_strdup (column_title);
  return self;
}

void
attune_matrix_figure_set_counts (AttuneMatrixFigure *self, const char *const *names,
                                 const guint64 *counts)
{
  g_return_if_fail (ATTUNE_IS_MATRIX_FIGURE (self) && names != NULL);
  g_return_if_fail (counts != NULL || *names == NULL);

  g_ptr_array_set_size (self->names, 0);
  for (; *names != NULL; names++)
    g_ptr_array_add (self->names, g_strdup (*names));
  g_free (self->counts);
  self->counts = g_memdup2 (counts, (gsize) self->names->len * self->names->len * sizeof (guint64));
  attune_figure_changed (ATTUNE_FIGURE (self));
}

static Layout
layout (AttuneMatrixFigure *self, AttuneCanvas *canvas)
{
  const guint n = self->names->len;
  const double line = canvas->line;
  const double widest = attune_canvas_widest (canvas, self->names, ATTUNE_TEXT_SMALL, 0.3);
  double titles = self->row_title != NULL || self->column_title != NULL ? 1.5 * line : 0;
  Layout plot = { .x = widest + 0.5 * line };
  double side;

  plot.cell_width = (canvas->width - plot.x - 1) / n;
  plot.upright = widest + 0.3 * line > plot.cell_width;
  plot.y = titles + (plot.upright ? MIN (widest, 0.3 * canvas->height) : line) + 0.4 * line;
  plot.cell_height = MAX (canvas->height - plot.y - 1, 1) / n;
  /* Nearly square cells; wider ones may hold their numbers better. */
  side = MIN (plot.cell_height, 3.2 * line);
  plot.cell_height = side;
  plot.cell_width = MIN (plot.cell_width, MAX (side * 2.4, plot.upright ? 0 : widest + 0.6 * line));
  return plot;
}

static AttuneColor
cell_color (AttuneMatrixFigure *self, const AttuneFigureStyle *style, int row, int column)
{
  const AttuneColor full = row == column ? style->series[0] : style->series[1];
  const double s = share (self, row, column);
  /* Nothing is nearly the background; anything at all stands out from it. */
  const AttuneColor none = attune_color_mix (style->background, style->text, 0.05);

  if (count (self, row, column) == 0)
    return none;
  /* The root spreads the small shares that most errors are. */
  return attune_color_mix (none, full, 0.12 + 0.88 * sqrt (s));
}

static void
draw_cell (AttuneMatrixFigure *self, AttuneCanvas *canvas, const Layout *plot, int row, int column,
           gboolean chosen)
{
  const AttuneFigureStyle *style = canvas->style;
  const double gap = plot->cell_width > 8 && plot->cell_height > 8 ? 1.5 : 0;
  const double x = plot->x + column * plot->cell_width, y = plot->y + row * plot->cell_height;
  const AttuneColor color = cell_color (self, style, row, column);
  const AttuneColor black = attune_color_from_hex (0x000000);
  const AttuneColor white = attune_color_from_hex (0xffffff);
  g_autofree char *text
      = attune_number_format ((double) count (self, row, column), ATTUNE_UNIT_NUMBER, 0);
  double width, height;

  attune_canvas_rounded (canvas, x + gap / 2, y + gap / 2, plot->cell_width - gap,
                         plot->cell_height - gap, gap > 0 ? 3 * canvas->unit : 0);
  attune_canvas_set_color (canvas, color);
  cairo_fill_preserve (canvas->cr);
  if (chosen)
    {
      attune_canvas_set_color (canvas, style->text);
      cairo_set_line_width (canvas->cr, 2 * canvas->unit);
      cairo_stroke (canvas->cr);
    }
  cairo_new_path (canvas->cr);
  attune_canvas_measure (canvas, text, ATTUNE_TEXT_SMALL, 0, &width, &height);
  if (width + 4 > plot->cell_width || height > plot->cell_height)
    return;
  attune_canvas_text (canvas, text, ATTUNE_TEXT_SMALL,
                      count (self, row, column) == 0 ? style->muted
                      : attune_color_contrast (color, white) > attune_color_contrast (color, black)
                          ? white
                          : black,
                      x + plot->cell_width / 2, y + plot->cell_height / 2, 0.5, 0.5, 0);
}

static void
draw_names (AttuneMatrixFigure *self, AttuneCanvas *canvas, const Layout *plot)
{
  const guint n = self->names->len;
  const double line = 0.9 * canvas->line;
  /* Rows narrower than text: only every few names. */
  const guint skip_rows = (guint) MAX (ceil (line / plot->cell_height), 1);
  const guint skip_columns = plot->upright ? (guint) MAX (ceil (line / plot->cell_width), 1) : 1;

  for (guint i = 0; i < n; i += skip_rows)
    attune_canvas_text (canvas, g_ptr_array_index (self->names, i), ATTUNE_TEXT_SMALL,
                        canvas->style->text, plot->x - 0.4 * canvas->line,
                        plot->y + (i + 0.5) * plot->cell_height, 1, 0.5,
                        plot->x - 0.5 * canvas->line);
  for (guint i = 0; i < n; i += skip_columns)
    {
      const double x = plot->x + (i + 0.5) * plot->cell_width;
      const double y = plot->y - 0.3 * canvas->line;

      if (plot->upright)
        attune_canvas_text_up (canvas, g_ptr_array_index (self->names, i), ATTUNE_TEXT_SMALL,
                               canvas->style->text, x, y, 0.3 * canvas->height);
      else
        attune_canvas_text (canvas, g_ptr_array_index (self->names, i), ATTUNE_TEXT_SMALL,
                            canvas->style->text, x, y, 0.5, 1, plot->cell_width - 2);
    }
  if (self->row_title != NULL)
    {
      /* An arrow rather than a rotated title: it is read where reading begins. */
      g_autofree char *text = g_strdup_printf ("%s ↓", self->row_title);

      attune_canvas_text (canvas, text, ATTUNE_TEXT_SMALL, canvas->style->muted, 1, 1, 0, 0,
                          canvas->width * 0.45);
    }
  if (self->column_title != NULL)
    {
      g_autofree char *text
          = g_strdup_printf ("%s %s", self->column_title, canvas->style->rtl ? "←" : "→");

      attune_canvas_text (canvas, text, ATTUNE_TEXT_SMALL, canvas->style->muted,
                          MIN (plot->x + n * plot->cell_width, canvas->width - 1), 1, 1, 0,
                          canvas->width * 0.5);
    }
}

static void
attune_matrix_figure_draw (AttuneFigure *figure, gpointer data, AttuneCursor cursor)
{
  AttuneMatrixFigure *self = ATTUNE_MATRIX_FIGURE (figure);
  AttuneCanvas *canvas = data;
  const Layout plot = layout (self, canvas);
  const int n = (int) self->names->len;

  if (plot.cell_width < 1 || plot.cell_height < 1)
    return;
  draw_names (self, canvas, &plot);
  for (int r = 0; r < n; r++)
    for (int c = 0; c < n; c++)
      draw_cell (self, canvas, &plot, r, c, FALSE);
  if (cursor.series >= 0)
    {
      g_autoptr (GArray) keys = attune_keys_new ();
      g_autofree char *number = attune_number_format (
          (double) count (self, cursor.series, cursor.index), ATTUNE_UNIT_NUMBER, 0);
      g_autofree char *part = attune_number_format (share (self, cursor.series, cursor.index),
                                                    ATTUNE_UNIT_PERCENT, 0);
      g_autofree char *title = g_strdup_printf ("%s (%s)", number, part);

      draw_cell (self, canvas, &plot, cursor.series, cursor.index, TRUE);
      attune_keys_add (keys, g_strdup (self->row_title != NULL ? self->row_title : _ ("Row")),
                       g_strdup (g_ptr_array_index (self->names, cursor.series)),
                       canvas->style->text, ATTUNE_KEY_NONE);
      attune_keys_add (keys,
                       g_strdup (self->column_title != NULL ? self->column_title : _ ("Column")),
                       g_strdup (g_ptr_array_index (self->names, cursor.index)),
                       canvas->style->text, ATTUNE_KEY_NONE);
      attune_canvas_bubble (canvas, plot.x + (cursor.index + 0.5) * plot.cell_width,
                            plot.y + (cursor.series + 0.5) * plot.cell_height, title, keys);
    }
}

static AttuneCursor
attune_matrix_figure_find (AttuneFigure *figure, gpointer data, double x, double y)
{
  AttuneMatrixFigure *self = ATTUNE_MATRIX_FIGURE (figure);
  const Layout plot = layout (self, data);
  const double row = floor ((y - plot.y) / plot.cell_height);
  const double column = floor ((x - plot.x) / plot.cell_width);

  if (row < 0 || column < 0 || row >= self->names->len || column >= self->names->len)
    return ATTUNE_CURSOR_NONE;
  return (AttuneCursor) { (int) row, (int) column };
}

static char *
attune_matrix_figure_describe (AttuneFigure *figure, AttuneCursor cursor)
{
  AttuneMatrixFigure *self = ATTUNE_MATRIX_FIGURE (figure);
  const char *row = g_ptr_array_index (self->names, cursor.series);
  const char *column = g_ptr_array_index (self->names, cursor.index);
  g_autofree char *number = attune_number_format (
      (double) count (self, cursor.series, cursor.index), ATTUNE_UNIT_NUMBER, 0);
  g_autofree char *part
      = attune_number_format (share (self, cursor.series, cursor.index), ATTUNE_UNIT_PERCENT, 0);

  if (cursor.series == cursor.index)
    /* Translators: "invoice recognised: 41 (93.2%)" */
    return g_strdup_printf (_ ("%s recognised: %s (%s)"), row, number, part);
  /* Translators: "invoice taken for contract: 2 (4.5%)" */
  return g_strdup_printf (_ ("%s taken for %s: %s (%s)"), row, column, number, part);
}

static char *
attune_matrix_figure_summarize (AttuneFigure *figure)
{
  AttuneMatrixFigure *self = ATTUNE_MATRIX_FIGURE (figure);
  const int n = (int) self->names->len;
  AttuneCursor worst = ATTUNE_CURSOR_NONE;
  guint64 right = 0, all = 0, most = 0;
  g_autofree char *part = NULL;
  GString *text = g_string_new (NULL);

  for (int r = 0; r < n; r++)
    for (int c = 0; c < n; c++)
      {
        all += count (self, r, c);
        right += r == c ? count (self, r, c) : 0;
        if (r != c && count (self, r, c) > most)
          most = count (self, r, c), worst = (AttuneCursor) { r, c };
      }
  part = attune_number_format (all > 0 ? (double) right / (double) all : NAN, ATTUNE_UNIT_PERCENT,
                               0);
  g_string_append_printf (
      text, ngettext ("Matrix of %d label; %s are right.", "Matrix of %d labels; %s are right.", n),
      n, part);
  if (most > 0)
    {
      g_autofree char *one = attune_matrix_figure_describe (figure, worst);

      g_string_append_printf (text, _ (" Most frequent error: %s."), one);
    }
  return g_string_free (text, FALSE);
}

static void
attune_matrix_figure_write_csv (AttuneFigure *figure, GString *csv)
{
  AttuneMatrixFigure *self = ATTUNE_MATRIX_FIGURE (figure);

  attune_csv_text (csv, self->row_title != NULL ? self->row_title : _ ("Row"));
  for (guint c = 0; c < self->names->len; c++)
    attune_csv_text (csv, g_ptr_array_index (self->names, c));
  attune_csv_end_line (csv);
  for (guint r = 0; r < self->names->len; r++)
    {
      attune_csv_text (csv, g_ptr_array_index (self->names, r));
      for (guint c = 0; c < self->names->len; c++)
        attune_csv_number (csv, (double) count (self, r, c));
      attune_csv_end_line (csv);
    }
}

static double
attune_matrix_figure_natural_height (AttuneFigure *figure, gpointer data)
{
  AttuneMatrixFigure *self = ATTUNE_MATRIX_FIGURE (figure);
  AttuneCanvas *canvas = data;
  Layout plot;

  canvas->height = canvas->width; /* the share that upright names may take */
  plot = layout (self, canvas);
  return plot.y + self->names->len * CLAMP (plot.cell_width, 1.2 * canvas->line, 2.4 * canvas->line)
         + 1;
}

static int
attune_matrix_figure_count (AttuneFigure *figure)
{
  return (int) ATTUNE_MATRIX_FIGURE (figure)->names->len;
}

static int
attune_matrix_figure_count_items (AttuneFigure *figure, int series)
{
  return attune_matrix_figure_count (figure);
}

static void
attune_matrix_figure_finalize (GObject *object)
{
  AttuneMatrixFigure *self = ATTUNE_MATRIX_FIGURE (object);

  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->counts, g_free);
  g_clear_pointer (&self->row_title, g_free);
  g_clear_pointer (&self->column_title, g_free);
  G_OBJECT_CLASS (attune_matrix_figure_parent_class)->finalize (object);
}

static void
attune_matrix_figure_class_init (AttuneMatrixFigureClass *klass)
{
  AttuneFigureClass *figure_class = ATTUNE_FIGURE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = attune_matrix_figure_finalize;
  figure_class->count_series = attune_matrix_figure_count;
  figure_class->count_items = attune_matrix_figure_count_items;
  figure_class->draw = attune_matrix_figure_draw;
  figure_class->find = attune_matrix_figure_find;
  figure_class->describe = attune_matrix_figure_describe;
  figure_class->summarize = attune_matrix_figure_summarize;
  figure_class->write_csv = attune_matrix_figure_write_csv;
  figure_class->natural_height = attune_matrix_figure_natural_height;
}

static void
attune_matrix_figure_init (AttuneMatrixFigure *self)
{
  self->names = g_ptr_array_new_with_free_func (g_free);
}
