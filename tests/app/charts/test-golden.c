/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws every figure off-screen and compares it with the picture in golden/. UPDATE=1 rewrites the
 * pictures; what was drawn lies in the build folder. Needs the font DejaVu Sans.
 */
#include "samples.h"
#include <glib/gstdio.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Of the pixels 0.5 % may differ by more than 24/255: another cairo draws edges a little otherwise,
 * a line that is 1 px wider changes more than 1 %. */
#define CHANNEL_TOLERANCE 24
#define SHARE_TOLERANCE 0.005

typedef struct
{
  const char *figure, *suffix;
  int width; /* the height is the natural one */
  gboolean dark, high_contrast, rtl, title;
  AttuneCursor cursor;
} Shot;

static const Shot looks[] = {
  { .suffix = "light", .width = 560, .cursor = { -1, -1 } },
  { .suffix = "dark-read-out", .width = 560, .dark = TRUE, .cursor = { 0, 2 } },
  { .suffix = "narrow", .width = 320, .cursor = { -1, -1 } },
};

static const Shot extras[] = {
  { "line", "read-out", 560, .cursor = { 1, 170 } },
  { "line", "dark", 560, .dark = TRUE, .cursor = { -1, -1 } },
  { "line", "rtl", 560, .rtl = TRUE, .cursor = { 2, 9 } },
  { "line", "high-contrast", 560, .high_contrast = TRUE, .title = TRUE, .cursor = { -1, -1 } },
  { "line", "dark-high-contrast-narrow", 320, TRUE, TRUE, .cursor = { 1, 300 } },
  { "bar", "rtl", 320, .rtl = TRUE, .cursor = { 1, 1 } },
  { "interval", "high-contrast", 560, .high_contrast = TRUE, .cursor = { -1, -1 } },
  { "stack", "dark-high-contrast", 560, TRUE, TRUE, .cursor = { -1, -1 } },
  { "matrix", "rtl", 320, .rtl = TRUE, .cursor = { -1, -1 } },
  { "bar", "high-contrast", 560, .high_contrast = TRUE, .cursor = { 1, 2 } },
  { "matrix", "dark-high-contrast", 320, TRUE, TRUE, .cursor = { 0, 2 } },
  { "histogram", "dark-high-contrast", 320, TRUE, TRUE, .cursor = { 0, 6 } },
  { "line-dense", "high-contrast", 560, .high_contrast = TRUE, .cursor = { -1, -1 } },
};

static cairo_surface_t *
render (const Shot *shot)
{
  g_autoptr (AttuneFigure) figure = sample_new (shot->figure);
  AttuneFigureStyle style;
  cairo_surface_t *surface;
  cairo_t *cr;
  double height;

  sample_style_init (&style, shot->dark, shot->high_contrast);
  style.rtl = shot->rtl;
  style.show_title = shot->title;
  attune_figure_set_title (figure, "Loss while tuning");
  height = attune_figure_get_natural_height (figure, shot->width, &style);
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, shot->width + 16, (int) height + 16);
  cr = cairo_create (surface);
  cairo_set_source_rgb (cr, style.background.r, style.background.g, style.background.b);
  cairo_paint (cr);
  cairo_translate (cr, 8, 8);
  attune_figure_draw (figure, cr, shot->width, height, &style, shot->cursor);
  cairo_destroy (cr);
  return surface;
}

/* Share of the pixels that differ; 1 when the sizes do. */
static double
differ (cairo_surface_t *a, cairo_surface_t *b)
{
  const int width = cairo_image_surface_get_width (a), height = cairo_image_surface_get_height (a);
  int n = 0;

  if (width != cairo_image_surface_get_width (b) || height != cairo_image_surface_get_height (b))
    return 1;
  cairo_surface_flush (a);
  cairo_surface_flush (b);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        const guchar *p
            = cairo_image_surface_get_data (a) + y * cairo_image_surface_get_stride (a) + 4 * x;
        const guchar *q
            = cairo_image_surface_get_data (b) + y * cairo_image_surface_get_stride (b) + 4 * x;

        n += abs (p[0] - q[0]) > CHANNEL_TOLERANCE || abs (p[1] - q[1]) > CHANNEL_TOLERANCE
             || abs (p[2] - q[2]) > CHANNEL_TOLERANCE;
      }
  return (double) n / (width * height);
}

static void
test_golden (gconstpointer data)
{
  const Shot *shot = data;
  g_autofree char *name = g_strdup_printf ("%s-%s.png", shot->figure, shot->suffix);
  g_autofree char *golden = g_test_build_filename (G_TEST_DIST, "golden", name, NULL);
  g_autofree char *folder = g_test_build_filename (G_TEST_BUILT, "drawn", NULL);
  g_autofree char *drawn = g_build_filename (folder, name, NULL);
  cairo_surface_t *surface = render (shot), *expected;
  double difference;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_cmpint (cairo_surface_write_to_png (surface, drawn), ==, CAIRO_STATUS_SUCCESS);
  if (g_strcmp0 (g_getenv ("UPDATE"), "1") == 0)
    g_assert_cmpint (cairo_surface_write_to_png (surface, golden), ==, CAIRO_STATUS_SUCCESS);
  expected = cairo_image_surface_create_from_png (golden);
  g_assert_cmpint (cairo_surface_status (expected), ==, CAIRO_STATUS_SUCCESS);
  difference = differ (surface, expected);
  if (difference > 0)
    g_test_message ("%s: %.3f %% of the pixels differ; drawn: %s", name, difference * 100, drawn);
  g_assert_cmpfloat (difference, <, SHARE_TOLERANCE);
  cairo_surface_destroy (surface);
  cairo_surface_destroy (expected);
}

static gboolean
has_font (void)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  g_autoptr (PangoFontDescription) wanted = pango_font_description_from_string ("DejaVu Sans 10");
  g_autoptr (PangoFont) font = pango_context_load_font (context, wanted);
  g_autoptr (PangoFontDescription) found = pango_font_describe (font);

  g_object_unref (context);
  return g_strcmp0 (pango_font_description_get_family (found), "DejaVu Sans") == 0;
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) shots = g_ptr_array_new_with_free_func (g_free);

  g_test_init (&argc, &argv, NULL);
  if (!has_font ())
    {
      g_print ("1..0 # SKIP the font DejaVu Sans is not installed\n");
      return 77;
    }
  for (int i = 0; sample_names[i] != NULL; i++)
    for (guint k = 0; k < G_N_ELEMENTS (looks); k++)
      {
        Shot *shot = g_memdup2 (&looks[k], sizeof *shot);

        shot->figure = sample_names[i];
        g_ptr_array_add (shots, shot);
      }
  for (guint i = 0; i < G_N_ELEMENTS (extras); i++)
    g_ptr_array_add (shots, g_memdup2 (&extras[i], sizeof extras[i]));
  for (guint i = 0; i < shots->len; i++)
    {
      const Shot *shot = g_ptr_array_index (shots, i);
      g_autofree char *path = g_strdup_printf ("/charts/golden/%s/%s", shot->figure, shot->suffix);

      g_test_add_data_func (path, shot, test_golden);
    }
  return g_test_run ();
}
