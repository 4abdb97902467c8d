/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Derives a figure's colours. The list is that of Okabe and Ito, "Color Universal Design" (2008),
 * without black, which is the text's, and without yellow, which turns to mud on white.
 */
#include "charts/figure-style.h"

static const guint32 okabe_ito[] = {
  0xe69f00, /* orange */
  0x56b4e9, /* sky blue */
  0x009e73, /* bluish green */
  0x0072b2, /* blue */
  0xd55e00, /* vermillion */
  0xcc79a7, /* reddish purple */
};

#define HUES G_N_ELEMENTS (okabe_ito)

/* Two colours nearer than this are taken for one another in small areas. */
#define SEPARATION 0.08

/* The smallest distance between @a and @b in anyone's eyes. Blindness to blue is rare (1 in
 * 30,000) and weighs half. */
static double
separation (AttuneColor a, AttuneColor b)
{
  double least = attune_color_distance (a, b, ATTUNE_VISION_FULL);

  least = MIN (least, attune_color_distance (a, b, ATTUNE_VISION_PROTAN));
  least = MIN (least, attune_color_distance (a, b, ATTUNE_VISION_DEUTAN));
  return MIN (least, 2 * attune_color_distance (a, b, ATTUNE_VISION_TRITAN));
}

static AttuneColor
farthest (const AttuneColor *from, guint n_from, const AttuneColor *colors, guint n, double *least)
{
  AttuneColor best = from[0];

  *least = -1;
  for (guint i = 0; i < n_from; i++)
    {
      double nearest = G_MAXDOUBLE;

      for (guint j = 0; j < n; j++)
        nearest = MIN (nearest, separation (from[i], colors[j]));
      if (nearest > *least)
        *least = nearest, best = from[i];
    }
  return best;
}

void
attune_palette_derive (AttuneColor accent, AttuneColor background, double contrast,
                       AttuneColor colors[ATTUNE_PALETTE_LENGTH])
{
  /* Away from the background, where there is room. */
  const gboolean light = attune_color_contrast (background, attune_color_from_hex (0x000000)) > 7;
  const AttuneColor ink = attune_color_from_hex (light ? 0x000000 : 0xffffff);
  AttuneColor hues[HUES], shades[2 * HUES];

  for (guint i = 0; i < HUES; i++)
    {
      const AttuneColor hue = attune_color_from_hex (okabe_ito[i]);

      hues[i] = attune_color_with_contrast (hue, background, contrast);
      for (guint k = 0; k < 2; k++)
        shades[2 * i + k] = attune_color_with_contrast (attune_color_mix (hue, ink, 0.2 + 0.12 * k),
                                                        background, contrast);
    }
  colors[0] = attune_color_with_contrast (accent, background, contrast);
  for (guint n = 1; n < ATTUNE_PALETTE_LENGTH; n++)
    {
      double as_is, shaded;
      const AttuneColor shade = farthest (shades, G_N_ELEMENTS (shades), colors, n, &shaded);

      colors[n] = farthest (hues, HUES, colors, n, &as_is);
      if (as_is < SEPARATION && shaded > as_is)
        colors[n] = shade;
    }
}

void
attune_figure_style_init (AttuneFigureStyle *style, const char *font, AttuneColor accent,
                          gboolean dark, gboolean high_contrast)
{
  const AttuneColor ink = attune_color_from_hex (dark ? 0xffffff : 0x000000);

  g_return_if_fail (style != NULL && font != NULL);

  *style = (AttuneFigureStyle) {
    /* The middle between a window and a card on it in Adwaita, so that contrast holds on both. */
    .background = attune_color_from_hex (dark ? 0x2c2c30 : 0xffffff),
    .bubble = attune_color_from_hex (dark ? 0x46464b : 0xffffff),
    .font = font,
    .scale = 1,
    .dark = dark,
    .high_contrast = high_contrast,
  };
  style->text = attune_color_mix (ink, style->background, high_contrast ? 0 : 0.14);
  style->muted = attune_color_mix (ink, style->background, high_contrast ? 0.1 : 0.38);
  style->grid = attune_color_fade (ink, high_contrast ? 0.45 : 0.11);
  /* WCAG 2: 3:1 for graphics; in high contrast as for text. */
  attune_palette_derive (accent, style->background, high_contrast ? 4.5 : 3, style->series);
  style->earlier = attune_color_with_contrast (
      attune_color_mix (style->muted, style->background, high_contrast ? 0 : 0.35),
      style->background, 3);
  style->warning = attune_color_with_contrast (attune_color_from_hex (dark ? 0xff6b66 : 0xc30000),
                                               style->background, 4.5);
}
