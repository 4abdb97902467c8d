/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See report-pages.h.
 */
#include "stages/evaluate/report-pages.h"

#include <glib/gi18n.h>

#define FAMILIES "Adwaita Sans, Inter, Cantarell, Sans"

static const struct
{
  const char *font;
  guint color;
  double spacing; /* between lines, points */
} fonts[] = {
  [ATTUNE_PAGES_BODY] = { FAMILIES " 10", 0x241f31, 3 },
  [ATTUNE_PAGES_TITLE] = { FAMILIES " Bold 24", 0x241f31, 4 },
  [ATTUNE_PAGES_SUBTITLE] = { FAMILIES " 13", 0x5e5c64, 4 },
  [ATTUNE_PAGES_HEADING] = { FAMILIES " Bold 14", 0x1a5fb4, 4 },
  [ATTUNE_PAGES_STRONG] = { FAMILIES " Bold 10", 0x241f31, 3 },
  [ATTUNE_PAGES_SMALL] = { FAMILIES " 8.5", 0x5e5c64, 2.5 },
  [ATTUNE_PAGES_LABEL] = { FAMILIES " 8.5", 0x5e5c64, 2.5 },
};

static void
set_color (AttunePages *self, guint hex)
{
  const AttuneColor color = attune_color_from_hex (hex);

  cairo_set_source_rgb (self->cr, color.r, color.g, color.b);
}

/* --- pages */

static void
draw_foot (AttunePages *self)
{
  const double keep = self->y;
  g_autofree char *number = self->n_pages > 0
                                ? g_strdup_printf (_ ("Page %u of %u"), self->page, self->n_pages)
                                : g_strdup_printf (_ ("Page %u"), self->page);
  g_autoptr (PangoLayout) right
      = attune_pages_layout (self, ATTUNE_PAGES_SMALL, number, NULL, attune_pages_get_width (self));
  g_autoptr (PangoLayout) left = attune_pages_layout (self, ATTUNE_PAGES_SMALL, self->foot, NULL,
                                                      attune_pages_get_width (self) * 0.75);

  pango_layout_set_alignment (right, PANGO_ALIGN_RIGHT);
  pango_layout_set_height (left, 0); /* one line */
  pango_layout_set_ellipsize (left, PANGO_ELLIPSIZE_END);
  self->y = self->height - ATTUNE_PAGES_MARGIN + ATTUNE_PAGES_FOOT / 2;
  attune_pages_cell (self, left, ATTUNE_PAGES_SMALL, 0);
  attune_pages_cell (self, right, ATTUNE_PAGES_SMALL, 0);
  self->y = keep;
}

void
attune_pages_init (AttunePages *self, cairo_surface_t *surface, double width, double height,
                   guint n_pages, const char *foot)
{
  *self = (AttunePages) { .cr = cairo_create (surface),
                          .width = width,
                          .height = height,
                          .y = ATTUNE_PAGES_MARGIN,
                          .page = 1,
                          .n_pages = n_pages,
                          .foot = g_strdup (foot) };
}

static void
end_page (AttunePages *self)
{
  draw_foot (self);
  cairo_show_page (self->cr);
}

void
attune_pages_finish (AttunePages *self)
{
  end_page (self);
  g_clear_pointer (&self->cr, cairo_destroy);
  g_clear_pointer (&self->foot, g_free);
}

double
attune_pages_get_width (const AttunePages *self)
{
  return self->width - 2 * ATTUNE_PAGES_MARGIN;
}

double
attune_pages_get_room (const AttunePages *self)
{
  return self->height - ATTUNE_PAGES_MARGIN - self->y;
}

void
attune_pages_need (AttunePages *self, double height)
{
  if (height <= attune_pages_get_room (self) || self->y <= ATTUNE_PAGES_MARGIN)
    return;
  end_page (self);
  self->page++;
  self->y = ATTUNE_PAGES_MARGIN;
}

void
attune_pages_skip (AttunePages *self, double points)
{
  if (self->y > ATTUNE_PAGES_MARGIN) /* no empty space at the top of a page */
    self->y += points;
}

/* --- text */

PangoLayout *
attune_pages_layout (AttunePages *self, AttunePagesFont font, const char *text,
                     PangoAttrList *marks, double width)
{
  PangoLayout *layout = pango_cairo_create_layout (self->cr);
  g_autoptr (PangoFontDescription) description
      = pango_font_description_from_string (fonts[font].font);
  cairo_font_options_t *options = cairo_font_options_create ();

  /* Letters are placed as they are printed, not as pixels would have them. */
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options (pango_layout_get_context (layout), options);
  cairo_font_options_destroy (options);
  /* Sizes are in points, and so are the pages. */
  pango_cairo_context_set_resolution (pango_layout_get_context (layout), 72);
  pango_layout_context_changed (layout);
  pango_layout_set_font_description (layout, description);
  pango_layout_set_width (layout, pango_units_from_double (width));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_spacing (layout, pango_units_from_double (fonts[font].spacing));
  pango_layout_set_attributes (layout, marks);
  pango_layout_set_text (layout, text, -1);
  return layout;
}

double
attune_pages_measure (PangoLayout *layout)
{
  int height;

  pango_layout_get_size (layout, NULL, &height);
  return pango_units_to_double (height);
}

void
attune_pages_flow (AttunePages *self, PangoLayout *layout, AttunePagesFont font, double x)
{
  PangoLayoutIter *lines = pango_layout_get_iter (layout);

  do
    {
      PangoRectangle extents;
      double height;

      pango_layout_iter_get_line_extents (lines, NULL, &extents);
      height = pango_units_to_double (extents.height);
      attune_pages_need (self, height);
      set_color (self, fonts[font].color);
      cairo_move_to (
          self->cr, ATTUNE_PAGES_MARGIN + x + pango_units_to_double (extents.x),
          self->y + pango_units_to_double (pango_layout_iter_get_baseline (lines) - extents.y));
      pango_cairo_show_layout_line (self->cr, pango_layout_iter_get_line_readonly (lines));
      self->y += height + fonts[font].spacing;
    }
  while (pango_layout_iter_next_line (lines));
  pango_layout_iter_free (lines);
}

void
attune_pages_text (AttunePages *self, AttunePagesFont font, const char *text)
{
  g_autoptr (PangoLayout) layout
      = attune_pages_layout (self, font, text, NULL, attune_pages_get_width (self));

  attune_pages_flow (self, layout, font, 0);
}

void
attune_pages_cell (AttunePages *self, PangoLayout *layout, AttunePagesFont font, double x)
{
  set_color (self, fonts[font].color);
  cairo_move_to (self->cr, ATTUNE_PAGES_MARGIN + x, self->y);
  pango_cairo_show_layout (self->cr, layout);
}

void
attune_pages_rule (AttunePages *self)
{
  set_color (self, 0xc0bfbc);
  cairo_set_line_width (self->cr, 0.5);
  cairo_move_to (self->cr, ATTUNE_PAGES_MARGIN, self->y);
  cairo_rel_line_to (self->cr, attune_pages_get_width (self), 0);
  cairo_stroke (self->cr);
}
