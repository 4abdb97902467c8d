/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the desktop's colours and font.
 */
#include "charts/chart-style.h"

#include <adwaita.h>
#include <pango/pangocairo.h>

static AttuneColor
accent (gboolean dark)
{
  GdkRGBA rgba;

  adw_accent_color_to_standalone_rgba (
      adw_style_manager_get_accent_color (adw_style_manager_get_default ()), dark, &rgba);
  return (AttuneColor) { rgba.red, rgba.green, rgba.blue, 1 };
}

static void
init (AttuneChartStyle *self, GtkWidget *widget, gboolean dark, gboolean high_contrast)
{
  PangoContext *context = gtk_widget_get_pango_context (widget);
  const PangoFontDescription *font = pango_context_get_font_description (context);
  const double resolution = pango_cairo_context_get_resolution (context);

  self->font = pango_font_description_to_string (font);
  attune_figure_style_init (&self->figure, self->font, accent (dark), dark, high_contrast);
  self->figure.rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  /* A size in points grows with the desktop's text; one in pixels has grown already. */
  if (!pango_font_description_get_size_is_absolute (font) && resolution > 0)
    self->figure.scale = resolution / 96;
}

void
attune_chart_style_init (AttuneChartStyle *self, GtkWidget *widget)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();
  const gboolean high_contrast = adw_style_manager_get_high_contrast (manager);
  AttuneFigureStyle *style = &self->figure;
  AttuneColor ink;
  GdkRGBA color;

  init (self, widget, adw_style_manager_get_dark (manager), high_contrast);
  style->font_options
      = pango_cairo_context_get_font_options (gtk_widget_get_pango_context (widget));
  /* The widget's own colour rather than black or white: it is paler where a page is disabled. */
  gtk_widget_get_color (widget, &color);
  ink = (AttuneColor) { color.red, color.green, color.blue, 1 };
  style->text = attune_color_mix (style->background, ink, color.alpha);
  style->muted
      = attune_color_mix (style->background, ink, color.alpha * (high_contrast ? 0.9 : 0.75));
  style->grid = attune_color_fade (ink, color.alpha * (high_contrast ? 0.45 : 0.13));
}

void
attune_chart_style_init_print (AttuneChartStyle *self, GtkWidget *widget)
{
  init (self, widget, FALSE,
        adw_style_manager_get_high_contrast (adw_style_manager_get_default ()));
  self->figure.show_title = TRUE;
}

void
attune_chart_style_clear (AttuneChartStyle *self)
{
  g_clear_pointer (&self->font, g_free);
}
