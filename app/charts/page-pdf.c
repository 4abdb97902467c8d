/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From element to element down the sheet; a new one where it is full.
 */
#include "charts/page-pdf.h"

#include <cairo-pdf.h>
#include <gio/gio.h>
#include <pango/pangocairo.h>
#include <string.h>

/* A4 and its margins, in points. */
#define WIDTH 595.28
#define HEIGHT 841.89
#define MARGIN 56.0
#define GAP 6.0
#define CELL_GAP 8.0

typedef struct
{
  cairo_surface_t *surface;
  cairo_t *cr;
  PangoLayout *layout;
  double y;
  GString *text;    /* of the element at hand */
  GPtrArray *cells; /* char*: of the row at hand */
  gboolean heading; /* the row is the table's */
} Sheet;

static cairo_status_t
collect (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
set_font (Sheet *self, const char *font, double width)
{
  PangoFontDescription *description = pango_font_description_from_string (font);

  pango_layout_set_font_description (self->layout, description);
  pango_font_description_free (description);
  pango_layout_set_width (self->layout, width * PANGO_SCALE);
}

/* Room for @height, on the next sheet if need be. */
static void
make_room (Sheet *self, double height)
{
  if (self->y + height <= HEIGHT - MARGIN || self->y <= MARGIN)
    return;
  cairo_show_page (self->cr);
  self->y = MARGIN;
}

/* Line by line, so that what is longer than a sheet goes on. */
static void
paint_text (Sheet *self, const char *font, double above)
{
  PangoLayoutIter *iter;

  g_strstrip (self->text->str);
  set_font (self, font, WIDTH - 2 * MARGIN);
  pango_layout_set_text (self->layout, self->text->str, -1);
  if (self->y > MARGIN)
    self->y += above;
  iter = pango_layout_get_iter (self->layout);
  do
    {
      PangoLayoutLine *line = pango_layout_iter_get_line_readonly (iter);
      PangoRectangle logical;

      pango_layout_iter_get_line_extents (iter, NULL, &logical);
      make_room (self, (double) logical.height / PANGO_SCALE);
      cairo_move_to (
          self->cr, MARGIN,
          self->y + (double) (pango_layout_iter_get_baseline (iter) - logical.y) / PANGO_SCALE);
      pango_cairo_show_layout_line (self->cr, line);
      self->y += (double) logical.height / PANGO_SCALE;
    }
  while (pango_layout_iter_next_line (iter));
  pango_layout_iter_free (iter);
}

/* Columns of one width, but for the first, which names the row and has two. */
static void
paint_row (Sheet *self)
{
  const guint n = self->cells->len;
  const double unit = (WIDTH - 2 * MARGIN) / (n + 1);
  double height = 0;

  for (int paint = 0; paint < 2; paint++)
    {
      double x = MARGIN;

      for (guint i = 0; i < n; i++)
        {
          const double width = (i == 0 ? 2 : 1) * unit;
          int tall;

          set_font (self, self->heading ? "Sans Bold 8" : "Sans 8", width - CELL_GAP);
          pango_layout_set_text (self->layout, self->cells->pdata[i], -1);
          pango_layout_get_size (self->layout, NULL, &tall);
          height = MAX (height, (double) tall / PANGO_SCALE);
          cairo_move_to (self->cr, x, self->y);
          if (paint)
            pango_cairo_show_layout (self->cr, self->layout);
          x += width;
        }
      if (!paint)
        make_room (self, height);
    }
  self->y += height + GAP / 2;
}

static void
begin_element (GMarkupParseContext *context, const char *name, const char **names,
               const char **values, gpointer data, GError **error)
{
  Sheet *self = data;

  g_string_truncate (self->text, 0);
  if (g_str_equal (name, "tr"))
    g_ptr_array_set_size (self->cells, 0);
  if (g_str_equal (name, "table"))
    self->y += GAP;
}

static void
end_element (GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  static const struct
  {
    const char *name, *font;
    double above;
  } blocks[] = { { "h1", "Sans Bold 18", 0 },
                 { "h2", "Sans Bold 14", 3 * GAP },
                 { "h3", "Sans Bold 11", 2 * GAP },
                 { "p", "Sans 10", GAP },
                 { "pre", "Monospace 8", GAP } };
  Sheet *self = data;

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    if (g_str_equal (name, blocks[i].name))
      paint_text (self, blocks[i].font, blocks[i].above);
  if (g_str_equal (name, "td") || g_str_equal (name, "th"))
    {
      g_ptr_array_add (self->cells, g_strdup (self->text->str));
      self->heading = *name == 't' && name[1] == 'h';
    }
  if (g_str_equal (name, "tr") && self->cells->len > 0)
    paint_row (self);
  g_string_truncate (self->text, 0);
}

static void
take_text (GMarkupParseContext *context, const char *text, gsize n, gpointer data, GError **error)
{
  g_string_append_len (((Sheet *) data)->text, text, n);
}

GBytes *
attune_page_to_pdf (const char *html, GError **error)
{
  static const GMarkupParser parser = { begin_element, end_element, take_text, NULL, NULL };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
  Sheet self = { .y = MARGIN, .text = text, .cells = cells };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &self, NULL);
  cairo_status_t status;
  gboolean good;

  self.surface = cairo_pdf_surface_create_for_stream (collect, bytes, WIDTH, HEIGHT);
  self.cr = cairo_create (self.surface);
  self.layout = pango_cairo_create_layout (self.cr);
  pango_layout_set_wrap (self.layout, PANGO_WRAP_WORD_CHAR);
  good = g_markup_parse_context_parse (context, html, -1, error)
         && g_markup_parse_context_end_parse (context, error);
  g_object_unref (self.layout);
  cairo_destroy (self.cr);
  cairo_surface_finish (self.surface);
  status = cairo_surface_status (self.surface);
  cairo_surface_destroy (self.surface);
  if (good && status != CAIRO_STATUS_SUCCESS)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The PDF could not be drawn: %s",
                 cairo_status_to_string (status));
  return good && status == CAIRO_STATUS_SUCCESS
             ? g_byte_array_free_to_bytes (g_steal_pointer (&bytes))
             : NULL;
}
