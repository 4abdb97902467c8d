/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a figure looks, apart from what it shows: colours, font, direction. The colours of the series
 * are the accent colour and after it hues of Okabe and Ito, so light or dark that all are told
 * apart.
 */
#pragma once
#include "charts/color.h"
#include <cairo.h>

G_BEGIN_DECLS

#define ATTUNE_PALETTE_LENGTH 7

/**
 * AttuneFigureStyle:
 * @text: names and values
 * @muted: titles of axes, ticks, everything that explains
 * @grid: thin lines
 * @background: what the figure lies on; painted by exports only
 * @bubble: background of the read-out
 * @warning: what is too much or went wrong
 * @earlier: earlier runs and what a thing was before: grey
 * @series: colours of the series in order; the first is the accent
 * @font: (not nullable): a Pango font description with a size; borrowed
 * @font_options: (nullable): borrowed; %NULL takes those of the surface
 * @scale: 1 is the size of @font; enlarges text and lines alike
 * @dark: light on dark
 * @high_contrast: no faint lines
 * @rtl: mirrored, for languages that are written from right to left
 * @show_title: the figure's title is drawn above it; exports do so
 */
typedef struct
{
  AttuneColor text, muted, grid, background, bubble, warning, earlier;
  AttuneColor series[ATTUNE_PALETTE_LENGTH];
  const char *font;
  const cairo_font_options_t *font_options;
  double scale;
  gboolean dark, high_contrast, rtl, show_title;
} AttuneFigureStyle;

/**
 * attune_figure_style_init:
 * @style: (out caller-allocates): filled completely
 * @font: e.g. "Adwaita Sans 11"; must outlive @style
 * @accent: the person's accent colour
 *
 * Derives all colours from @accent, @dark and @high_contrast. Fields may be changed afterwards.
 */
void attune_figure_style_init (AttuneFigureStyle *style, const char *font, AttuneColor accent,
                               gboolean dark, gboolean high_contrast);

/**
 * attune_palette_derive:
 * @accent: becomes the first colour, if need be darker or lighter
 * @background: what lines and areas are drawn on
 * @contrast: at least this much against @background
 * @colors: (out caller-allocates) (array fixed-size=7)
 *
 * The accent, then each time that hue of Okabe and Ito which is farthest from all before it for
 * full and for colour-blind vision; where none is far enough, a darker or lighter shade of one.
 */
void attune_palette_derive (AttuneColor accent, AttuneColor background, double contrast,
                            AttuneColor colors[ATTUNE_PALETTE_LENGTH]);

G_END_DECLS
