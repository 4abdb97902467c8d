/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Figures as files and as CSV, and no ink outside the box, whatever the data and the size.
 */
#include "samples.h"
#include "charts/bar-figure.h"
#include "charts/canvas.h"
#include "charts/csv-text.h"
#include "charts/figure-export.h"
#include "charts/histogram-figure.h"
#include "charts/interval-figure.h"
#include "charts/line-figure.h"
#include "charts/stack-figure.h"
#include <float.h>
#include <math.h>

static void
test_cells (void)
{
  g_autoptr (GString) csv = g_string_new (NULL);

  attune_csv_text (csv, "");
  attune_csv_text (csv, "Fall, \"with\" injury");
  attune_csv_text (csv, "two\nlines");
  attune_csv_number (csv, 0.1);
  attune_csv_number (csv, 1.0 / 3);
  attune_csv_number (csv, NAN);
  attune_csv_number (csv, -DBL_MAX);
  attune_csv_end_line (csv);
  attune_csv_number (csv, 2e-05);
  attune_csv_end_line (csv);
  g_assert_cmpstr (csv->str, ==,
                   "\"\",\"Fall, \"\"with\"\" injury\",\"two\nlines\",0.1,0.3333333333333333,,"
                   "-1.7976931348623157e+308\r\n2e-05\r\n");
}

static void
check_csv (const char *sample, const char *begin)
{
  g_autoptr (AttuneFigure) figure = sample_new (sample);
  g_autofree char *csv = attune_figure_to_csv (figure);

  if (!g_str_has_prefix (csv, begin))
    g_error ("the CSV of %s begins with %.80s", sample, csv);
}

static void
test_csv (void)
{
  g_autoptr (AttuneLineFigure) line = attune_line_figure_new ("Step", "Loss");
  g_autofree char *csv = NULL;

  /* One line for each step that any curve has, and nothing where one has none. */
  attune_line_figure_add_series (line, "A", ATTUNE_LINE_CURVE);
  attune_line_figure_add_series (line, "B", ATTUNE_LINE_POINTS);
  attune_line_figure_append (line, 0, 1, 2.5);
  attune_line_figure_append (line, 0, 2, INFINITY);
  attune_line_figure_append (line, 1, 1.5, 7);
  attune_line_figure_append (line, 1, 2, 8);
  csv = attune_figure_to_csv (ATTUNE_FIGURE (line));
  g_assert_cmpstr (csv, ==, "Step,A,B\r\n1,2.5,\r\n1.5,,7\r\n2,,8\r\n");
  check_csv ("bar", "Name,Before,After balancing\r\nBilling,1204,800\r\n");
  check_csv ("stack", "Name,Value\r\nWeights,3090000000\r\n");
  check_csv ("histogram", "From,To,Records\r\n50,75,");
  check_csv ("matrix", "True label,Billing,Delivery,Returns,Warranty\r\nBilling,40,0,4,0\r\n");
  check_csv ("interval", "Name,Series,Value,From,To\r\nExact match,Tuned,0.62,0.56,0.68\r\n");
}

static void
test_files (void)
{
  static const char *const magic[] = { "\x89PNG\r\n", "<?xml", "%PDF-", "\xef\xbb\xbfStep," };
  g_autoptr (AttuneFigure) figure = sample_new ("line");
  AttuneFigureStyle style;

  sample_style_init (&style, FALSE, FALSE);
  style.show_title = TRUE;
  attune_figure_set_title (figure, "Loss & more");
  for (AttuneFigureFormat f = ATTUNE_FIGURE_PNG; f <= ATTUNE_FIGURE_CSV; f++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) file = attune_figure_export (figure, f, 640, 320, &style, &error);
      gsize size;
      const char *data;

      g_assert_no_error (error);
      data = g_bytes_get_data (file, &size);
      g_assert_cmpuint (size, >, 2000);
      g_assert_cmpmem (data, strlen (magic[f]), magic[f], strlen (magic[f]));
    }
}

/* Two pixels to the unit, and the margin of 12 on each side. */
static void
test_png_size (void)
{
  g_autoptr (AttuneFigure) figure = sample_new ("bar");
  g_autoptr (GBytes) file = NULL;
  AttuneFigureStyle style;
  const guchar *data;

  sample_style_init (&style, FALSE, FALSE);
  file = attune_figure_export (figure, ATTUNE_FIGURE_PNG, 640, 320, &style, NULL);
  data = g_bytes_get_data (file, NULL);
  g_assert_cmpint (data[18] << 8 | data[19], ==, 2 * (640 + 24));
  g_assert_cmpint (data[22] << 8 | data[23], ==, 2 * (320 + 24));
}

static void
test_too_large (void)
{
  g_autoptr (AttuneFigure) figure = sample_new ("bar");
  g_autoptr (GError) error = NULL;
  AttuneFigureStyle style;

  sample_style_init (&style, FALSE, FALSE);
  g_assert_null (attune_figure_export (figure, ATTUNE_FIGURE_PNG, 90000, 90000, &style, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

typedef void (*Draw) (AttuneFigure *figure, cairo_t *cr, double width, double height,
                      const AttuneFigureStyle *style, AttuneCursor cursor);

/* As attune_figure_draw() does, but without its clip: shows what the clip would cut off. */
static void
draw_unclipped (AttuneFigure *figure, cairo_t *cr, double width, double height,
                const AttuneFigureStyle *style, AttuneCursor cursor)
{
  g_auto (AttuneCanvas) canvas = { 0 };

  attune_canvas_init (&canvas, cr, width, height, style);
  if (!attune_figure_is_empty (figure))
    ATTUNE_FIGURE_GET_CLASS (figure)->draw (
        figure, &canvas, attune_figure_has (figure, cursor) ? cursor : ATTUNE_CURSOR_NONE);
}

static void
check_ink (AttuneFigure *figure, const char *name, double width, double height, gboolean rtl,
           Draw draw)
{
  const AttuneCursor cursors[] = { ATTUNE_CURSOR_NONE, { 0, 0 }, { 0, 3 }, { 1, 2 } };
  /* A line of 2 px along an edge is half outside. */
  const double slack = 1;
  AttuneFigureStyle style;

  sample_style_init (&style, FALSE, FALSE);
  style.rtl = rtl;
  for (guint i = 0; i < G_N_ELEMENTS (cursors); i++)
    {
      cairo_surface_t *tape = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
      cairo_t *cr = cairo_create (tape);
      double x, y, w, h;

      draw (figure, cr, width, height, &style, cursors[i]);
      g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
      cairo_destroy (cr);
      cairo_recording_surface_ink_extents (tape, &x, &y, &w, &h);
      if (w > 0 && (x < -slack || y < -slack || x + w > width + slack || y + h > height + slack))
        g_error ("%s at %g × %g, cursor %d: %d draws at %g, %g, %g × %g", name, width, height,
                 cursors[i].series, cursors[i].index, x, y, w, h);
      cairo_surface_destroy (tape);
    }
}

static void
test_ink (void)
{
  static const double sizes[][2] = { { 560, 224 }, { 320, 200 }, { 294, 120 }, { 100, 60 },
                                     { 40, 20 },   { 9, 9 },     { 2000, 60 } };
  AttuneFigureStyle style;

  sample_style_init (&style, FALSE, FALSE);
  for (int i = 0; sample_names[i] != NULL; i++)
    {
      g_autoptr (AttuneFigure) figure = sample_new (sample_names[i]);

      for (int rtl = 0; rtl < 2; rtl++)
        {
          for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
            check_ink (figure, sample_names[i], sizes[k][0], sizes[k][1], rtl, attune_figure_draw);
          for (int width = 240; width <= 900; width += 330)
            check_ink (figure, sample_names[i], width,
                       attune_figure_get_natural_height (figure, width, &style), rtl,
                       draw_unclipped);
        }
    }
}

/* Values that no axis can hold are gaps; nothing warns, nothing fails. */
static void
test_odd_values (void)
{
  const double odd[] = { NAN, INFINITY, -INFINITY, DBL_MAX, -DBL_MAX, DBL_MIN, 5e-324, -0.0 };
  const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", NULL };
  AttuneLineFigure *line = attune_line_figure_new ("Step", "Loss");
  AttuneBarFigure *bar = attune_bar_figure_new (ATTUNE_UNIT_NUMBER);
  AttuneHistogramFigure *histogram = attune_histogram_figure_new ("x", "y", ATTUNE_UNIT_SECONDS);
  AttuneIntervalFigure *interval = attune_interval_figure_new (ATTUNE_UNIT_BYTES, "t");
  AttuneStackFigure *stack = attune_stack_figure_new (ATTUNE_UNIT_BYTES);
  AttuneFigure *figures[] = { ATTUNE_FIGURE (line), ATTUNE_FIGURE (bar), ATTUNE_FIGURE (histogram),
                              ATTUNE_FIGURE (interval), ATTUNE_FIGURE (stack) };

  attune_line_figure_add_series (line, "A", ATTUNE_LINE_CURVE);
  attune_bar_figure_set_categories (bar, names);
  attune_bar_figure_add_series (bar, "B", odd, FALSE);
  attune_interval_figure_set_rows (interval, names);
  attune_interval_figure_add_series (interval, "N", ATTUNE_INTERVAL_NOW, odd, odd, odd);
  attune_histogram_figure_set_values (histogram, odd, G_N_ELEMENTS (odd));
  attune_stack_figure_add_part (stack, "nothing", 0);
  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    attune_line_figure_append (line, 0, i * 1e299 - 1e300, odd[i]);
  for (int log = 0; log < 2; log++)
    {
      attune_line_figure_set_log (line, FALSE, log);
      for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
        {
          g_autofree char *words = attune_figure_summarize (figures[i]);

          check_ink (figures[i], G_OBJECT_TYPE_NAME (figures[i]), 400, 300, FALSE,
                     attune_figure_draw);
          g_assert_cmpuint (strlen (words), >, 3);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    g_object_unref (figures[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/charts/csv/cells", test_cells);
  g_test_add_func ("/charts/csv/figures", test_csv);
  g_test_add_func ("/charts/export/files", test_files);
  g_test_add_func ("/charts/export/png-size", test_png_size);
  g_test_add_func ("/charts/export/too-large", test_too_large);
  g_test_add_func ("/charts/ink", test_ink);
  g_test_add_func ("/charts/odd-values", test_odd_values);
  return g_test_run ();
}
