/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws figures on cairo's PNG, SVG and PDF surfaces.
 */
#include "charts/figure-export.h"
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>

#define MARGIN 12.0
#define POINTS_PER_UNIT 0.75 /* 72 points, 96 units to the inch */
#define PNG_SCALE 2.0

typedef cairo_surface_t AttuneSurface;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSurface, cairo_surface_destroy)

const char *
attune_figure_format_get_suffix (AttuneFigureFormat format)
{
  static const char *const suffix[] = { "png", "svg", "pdf", "csv" };

  g_return_val_if_fail (format <= ATTUNE_FIGURE_CSV, NULL);
  return suffix[format];
}

const char *
attune_figure_format_get_mime_type (AttuneFigureFormat format)
{
  static const char *const type[] = { "image/png", "image/svg+xml", "application/pdf", "text/csv" };

  g_return_val_if_fail (format <= ATTUNE_FIGURE_CSV, NULL);
  return type[format];
}

static cairo_status_t
collect (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
draw (AttuneFigure *self, cairo_surface_t *surface, double width, double height, double scale,
      const AttuneFigureStyle *style)
{
  cairo_t *cr = cairo_create (surface);

  cairo_scale (cr, scale, scale);
  cairo_set_source_rgb (cr, style->background.r, style->background.g, style->background.b);
  cairo_paint (cr);
  cairo_translate (cr, MARGIN, MARGIN);
  attune_figure_draw (self, cr, width, height, style, ATTUNE_CURSOR_NONE);
  cairo_destroy (cr);
}

static cairo_surface_t *
surface_for (AttuneFigure *self, AttuneFigureFormat format, double width, double height,
             GByteArray *out)
{
  const char *title = attune_figure_get_title (self);
  cairo_surface_t *surface;

  switch (format)
    {
    case ATTUNE_FIGURE_SVG:
      surface = cairo_svg_surface_create_for_stream (collect, out, width, height);
      cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PX);
      return surface;
    case ATTUNE_FIGURE_PDF:
      surface = cairo_pdf_surface_create_for_stream (collect, out, width * POINTS_PER_UNIT,
                                                     height * POINTS_PER_UNIT);
      if (title != NULL)
        cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, title);
      return surface;
    case ATTUNE_FIGURE_PNG:
    case ATTUNE_FIGURE_CSV:
    default:
      return cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) ceil (width * PNG_SCALE),
                                         (int) ceil (height * PNG_SCALE));
    }
}

GBytes *
attune_figure_export (AttuneFigure *self, AttuneFigureFormat format, double width, double height,
                      const AttuneFigureStyle *style, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (AttuneSurface) surface = NULL;
  cairo_status_t status;

  g_return_val_if_fail (ATTUNE_IS_FIGURE (self), NULL);
  g_return_val_if_fail (format == ATTUNE_FIGURE_CSV || style != NULL, NULL);

  if (format == ATTUNE_FIGURE_CSV)
    {
      g_autofree char *csv = attune_figure_to_csv (self);
      g_autofree char *marked = g_strconcat ("\xef\xbb\xbf", csv, NULL);
      const gsize length = strlen (marked);

      return g_bytes_new_take (g_steal_pointer (&marked), length);
    }
  surface = surface_for (self, format, width + 2 * MARGIN, height + 2 * MARGIN, out);
  draw (self, surface, width, height,
        format == ATTUNE_FIGURE_PNG   ? PNG_SCALE
        : format == ATTUNE_FIGURE_PDF ? POINTS_PER_UNIT
                                      : 1,
        style);
  status = cairo_surface_status (surface);
  if (status == CAIRO_STATUS_SUCCESS && format == ATTUNE_FIGURE_PNG)
    status = cairo_surface_write_to_png_stream (surface, collect, out);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Could not draw the figure: %s",
                   cairo_status_to_string (status));
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
