/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text and simple shapes for figures.
 */
#include "charts/canvas.h"
#include <math.h>

/* Height of a line of text at which a thin line is one pixel wide: DejaVu Sans 10, Inter 11. */
#define PLAIN_LINE 17.0

void
attune_canvas_init (AttuneCanvas *self, cairo_t *cr, double width, double height,
                    const AttuneFigureStyle *style)
{
  g_autoptr (PangoLayout) layout = NULL;
  int size;

  *self = (AttuneCanvas) { .cr = cr, .width = width, .height = height, .style = style };
  self->pango = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  pango_cairo_context_set_resolution (self->pango, 96);
  if (style->font_options != NULL)
    pango_cairo_context_set_font_options (self->pango, style->font_options);
  pango_context_set_base_dir (self->pango,
                              style->rtl ? PANGO_DIRECTION_WEAK_RTL : PANGO_DIRECTION_WEAK_LTR);
  /* Text is placed on fractions of pixels, so that it measures the same on every surface. */
  pango_context_set_round_glyph_positions (self->pango, FALSE);
  self->font = pango_font_description_from_string (style->font);
  size = pango_font_description_get_size (self->font);
  if (size == 0)
    size = 10 * PANGO_SCALE;
  if (pango_font_description_get_size_is_absolute (self->font))
    pango_font_description_set_absolute_size (self->font, size * style->scale);
  else
    pango_font_description_set_size (self->font, (int) round (size * style->scale));

  layout = pango_layout_new (self->pango);
  pango_layout_set_font_description (layout, self->font);
  pango_layout_get_size (layout, NULL, &size);
  self->line = (double) size / PANGO_SCALE;
  self->unit = MAX (self->line / PLAIN_LINE, 0.5);
  if (cr != NULL && style->rtl)
    {
      cairo_translate (cr, width, 0);
      cairo_scale (cr, -1, 1);
    }
}

void
attune_canvas_clear (AttuneCanvas *self)
{
  g_clear_object (&self->pango);
  g_clear_pointer (&self->font, pango_font_description_free);
}

void
attune_canvas_set_color (AttuneCanvas *self, AttuneColor color)
{
  if (self->cr != NULL)
    cairo_set_source_rgba (self->cr, color.r, color.g, color.b, color.a);
}

static PangoLayout *
layout_for (AttuneCanvas *self, const char *text, AttuneTextFlags flags, double max_width)
{
  PangoLayout *layout = pango_layout_new (self->pango);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_layout_set_font_description (layout, self->font);
  /* Figures of equal width: columns of numbers line up and do not tremble while they change. */
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  if (flags & ATTUNE_TEXT_BOLD)
    pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  if (flags & ATTUNE_TEXT_SMALL)
    pango_attr_list_insert (attributes, pango_attr_scale_new (0.85));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_layout_set_text (layout, text, -1);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  if (max_width > 0)
    {
      int natural;

      pango_layout_get_size (layout, &natural, NULL);
      if (natural > max_width * PANGO_SCALE)
        {
          pango_layout_set_width (layout, (int) (max_width * PANGO_SCALE));
          pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
        }
    }
  return layout;
}

/* Extents rather than size: an ellipsized layout is as wide as allowed, its text is not. */
static void
extents (PangoLayout *layout, double *offset, double *width, double *height)
{
  PangoRectangle box;

  pango_layout_get_extents (layout, NULL, &box);
  *offset = (double) box.x / PANGO_SCALE;
  *width = (double) box.width / PANGO_SCALE;
  *height = (double) box.height / PANGO_SCALE;
}

void
attune_canvas_measure (AttuneCanvas *self, const char *text, AttuneTextFlags flags,
                       double max_width, double *width, double *height)
{
  g_autoptr (PangoLayout) layout = layout_for (self, text, flags, max_width);
  double offset, w, h;

  extents (layout, &offset, &w, &h);
  if (width != NULL)
    *width = w;
  if (height != NULL)
    *height = h;
}

static void
show (AttuneCanvas *self, PangoLayout *layout, AttuneTextFlags flags, AttuneColor color)
{
  if (flags & ATTUNE_TEXT_HALO)
    {
      double x, y;

      cairo_get_current_point (self->cr, &x, &y);
      attune_canvas_set_color (self, attune_color_fade (self->style->background, 0.85));
      cairo_set_line_width (self->cr, 4 * self->unit);
      cairo_set_line_join (self->cr, CAIRO_LINE_JOIN_ROUND);
      cairo_set_dash (self->cr, NULL, 0, 0);
      pango_cairo_layout_path (self->cr, layout);
      cairo_stroke (self->cr);
      cairo_move_to (self->cr, x, y);
    }
  attune_canvas_set_color (self, color);
  pango_cairo_show_layout (self->cr, layout);
}

void
attune_canvas_text (AttuneCanvas *self, const char *text, AttuneTextFlags flags, AttuneColor color,
                    double x, double y, double ax, double ay, double max_width)
{
  g_autoptr (PangoLayout) layout = NULL;
  double offset, width, height;

  if (self->cr == NULL)
    return;
  layout = layout_for (self, text, flags, max_width);
  extents (layout, &offset, &width, &height);
  cairo_save (self->cr);
  cairo_translate (self->cr, x, y);
  if (self->style->rtl)
    {
      cairo_scale (self->cr, -1, 1); /* the canvas is mirrored, letters must not be */
      ax = 1 - ax;
    }
  cairo_move_to (self->cr, -offset - width * ax, -height * ay);
  show (self, layout, flags, color);
  cairo_restore (self->cr);
  cairo_new_path (self->cr);
}

void
attune_canvas_text_up (AttuneCanvas *self, const char *text, AttuneTextFlags flags,
                       AttuneColor color, double x, double y, double max_width)
{
  g_autoptr (PangoLayout) layout = NULL;
  double offset, width, height;

  if (self->cr == NULL)
    return;
  layout = layout_for (self, text, flags, max_width);
  extents (layout, &offset, &width, &height);
  cairo_save (self->cr);
  cairo_translate (self->cr, x, y);
  if (self->style->rtl)
    cairo_scale (self->cr, -1, 1);
  cairo_rotate (self->cr, -G_PI / 2);
  cairo_move_to (self->cr, -offset, -height / 2);
  show (self, layout, flags, color);
  cairo_restore (self->cr);
  cairo_new_path (self->cr);
}

void
attune_canvas_sentence (AttuneCanvas *self, const char *text)
{
  g_autoptr (PangoLayout) layout = NULL;
  const double width = MAX (self->width - 2 * self->line, 1);
  int height;

  if (self->cr == NULL)
    return;
  layout = layout_for (self, text, ATTUNE_TEXT_PLAIN, 0);
  pango_layout_set_single_paragraph_mode (layout, FALSE);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_width (layout, (int) (MIN (width, 28 * self->line) * PANGO_SCALE));
  pango_layout_set_height (layout, (int) (MAX (self->height - self->line, 1) * PANGO_SCALE));
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_get_size (layout, NULL, &height);
  cairo_save (self->cr);
  cairo_translate (self->cr, self->width / 2, (self->height - (double) height / PANGO_SCALE) / 2);
  if (self->style->rtl)
    cairo_scale (self->cr, -1, 1);
  cairo_move_to (self->cr, -MIN (width, 28 * self->line) / 2, 0);
  show (self, layout, ATTUNE_TEXT_PLAIN, self->style->muted);
  cairo_restore (self->cr);
  cairo_new_path (self->cr);
}

void
attune_canvas_rule (AttuneCanvas *self, AttuneColor color, double x0, double y0, double x1,
                    double y1)
{
  if (self->cr == NULL)
    return;
  if (x0 == x1)
    x0 = x1 = floor (x0) + 0.5;
  if (y0 == y1)
    y0 = y1 = floor (y0) + 0.5;
  attune_canvas_set_color (self, color);
  cairo_set_line_width (self->cr, MAX (round (self->unit), 1));
  cairo_set_line_cap (self->cr, CAIRO_LINE_CAP_BUTT);
  cairo_move_to (self->cr, x0, y0);
  cairo_line_to (self->cr, x1, y1);
  cairo_stroke (self->cr);
}

void
attune_canvas_rounded (AttuneCanvas *self, double x, double y, double width, double height,
                       double radius)
{
  const double r = MAX (MIN (radius, MIN (width, height) / 2), 0);

  if (self->cr == NULL)
    return;
  cairo_new_sub_path (self->cr);
  cairo_arc (self->cr, x + width - r, y + r, r, -G_PI / 2, 0);
  cairo_arc (self->cr, x + width - r, y + height - r, r, 0, G_PI / 2);
  cairo_arc (self->cr, x + r, y + height - r, r, G_PI / 2, G_PI);
  cairo_arc (self->cr, x + r, y + r, r, G_PI, 1.5 * G_PI);
  cairo_close_path (self->cr);
}

void
attune_canvas_highlight (AttuneCanvas *self, double x, double y, double width, double height)
{
  const gboolean outline = self->style->high_contrast;
  const double inset = outline ? self->unit / 2 : 0;

  if (self->cr == NULL)
    return;
  attune_canvas_rounded (self, x + inset, y + inset, width - 2 * inset, height - 2 * inset,
                         0.4 * self->line);
  attune_canvas_set_color (self, outline ? self->style->text
                                         : attune_color_fade (self->style->grid, 0.07));
  if (outline)
    {
      cairo_set_line_width (self->cr, self->unit);
      cairo_stroke (self->cr);
    }
  else
    cairo_fill (self->cr);
}

void
attune_canvas_hatch (AttuneCanvas *self, AttuneColor color)
{
  const double step = 5 * self->unit;
  double x0, y0, x1, y1;

  if (self->cr == NULL)
    return;
  cairo_path_extents (self->cr, &x0, &y0, &x1, &y1);
  attune_canvas_set_color (self, attune_color_fade (color, 0.25));
  cairo_fill_preserve (self->cr);
  cairo_save (self->cr);
  cairo_clip (self->cr);
  attune_canvas_set_color (self, color);
  cairo_set_line_width (self->cr, 1.5 * self->unit);
  /* Counted from the canvas's corner, so that the lines of neighbouring areas meet. */
  for (double s = floor ((x0 + y0) / step) * step; s < x1 + y1 + step; s += step)
    {
      cairo_move_to (self->cr, s - y0 + step, y0 - step);
      cairo_line_to (self->cr, s - y1 - step, y1 + step);
    }
  cairo_stroke (self->cr);
  cairo_restore (self->cr);
}

void
attune_canvas_dash (AttuneCanvas *self, guint index)
{
  static const double dashes[][4] = {
    { 0 }, { 7, 3.5 }, { 2, 3 }, { 9, 3, 2, 3 }, { 4, 3 }, { 12, 4 },
  };
  static const int lengths[] = { 0, 2, 2, 4, 2, 2 };
  const guint i = index == 0 ? 0 : 1 + (index - 1) % (G_N_ELEMENTS (dashes) - 1);
  double scaled[4];

  if (self->cr == NULL)
    return;
  for (int d = 0; d < 4; d++)
    scaled[d] = dashes[i][d] * self->unit;
  cairo_set_dash (self->cr, scaled, lengths[i], 0);
}

double
attune_canvas_widest (AttuneCanvas *self, GPtrArray *names, AttuneTextFlags flags, double share)
{
  double widest = 0;

  for (guint i = 0; i < names->len; i++)
    {
      double width;

      attune_canvas_measure (self, g_ptr_array_index (names, i), flags, self->width * share, &width,
                             NULL);
      widest = MAX (widest, width);
    }
  return widest;
}
