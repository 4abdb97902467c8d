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

void
attune_palette_derive (AttuneColor accent, AttuneColor background, double contrast,
                       AttuneColor colors[ATTUNE_PALETTE_LENGTH])
{
  gboolean used[G_N_ELEMENTS (okabe_ito)] = { FALSE };

  G_STATIC_ASSERT (G_N_ELEMENTS (okabe_ito) + 1 == ATTUNE_PALETTE_LENGTH);
  colors[0] = attune_color_with_contrast (accent, background, contrast);
  for (guint n = 1; n < ATTUNE_PALETTE_LENGTH; n++)
    {
      double best = -1;
      guint pick = 0;

      for (guint i = 0; i < G_N_ELEMENTS (okabe_ito); i++)
        {
          const AttuneColor c = attune_color_with_contrast (attune_color_from_hex (okabe_ito[i]),
                                                            background, contrast);
          double least = G_MAXDOUBLE;

          for (guint j = 0; j < n && !used[i]; j++)
            least = MIN (least, separation (c, colors[j]));
          if (!used[i] && least > best)
            best = least, pick = i, colors[n] = c;
        }
      used[pick] = TRUE;
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
  style->warning = attune_color_with_contrast (attune_color_from_hex (dark ? 0xff6b66 : 0xc30000),
                                               style->background, 4.5);
}
