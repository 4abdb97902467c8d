/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Colours and what the charts must know of them: contrast on a background, mixing, and how far
 * apart two colours look, also to those who do not see all colours.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * AttuneColor:
 * @r: red, 0 to 1, sRGB
 * @g: green
 * @b: blue
 * @a: opacity, 0 to 1
 */
typedef struct
{
  double r, g, b, a;
} AttuneColor;

/**
 * AttuneVision:
 * @ATTUNE_VISION_FULL: all three cones
 * @ATTUNE_VISION_PROTAN: no red cone
 * @ATTUNE_VISION_DEUTAN: no green cone
 * @ATTUNE_VISION_TRITAN: no blue cone
 */
typedef enum
{
  ATTUNE_VISION_FULL,
  ATTUNE_VISION_PROTAN,
  ATTUNE_VISION_DEUTAN,
  ATTUNE_VISION_TRITAN,
} AttuneVision;

/* @rgb: 0xRRGGBB. Returns: that colour, opaque. */
AttuneColor attune_color_from_hex (guint32 rgb);
/* Returns: @color with opacity @alpha */
AttuneColor attune_color_fade (AttuneColor color, double alpha);

/**
 * attune_color_contrast:
 *
 * Returns: the contrast ratio of WCAG 2, 1 to 21; opacity is not looked at
 */
double attune_color_contrast (AttuneColor a, AttuneColor b);

/**
 * attune_color_mix:
 * @t: 0 gives @a, 1 gives @b
 *
 * Mixes in OKLab, where halfway also looks halfway. Returns: an opaque colour
 */
AttuneColor attune_color_mix (AttuneColor a, AttuneColor b, double t);

/**
 * attune_color_with_contrast:
 * @background: what it is seen on
 * @minimum: the contrast wanted, e.g. 3 for lines and 4.5 for text
 *
 * Returns: @color, or the nearest darker (on a light background) or lighter one with the same hue
 *   that reaches @minimum
 */
AttuneColor attune_color_with_contrast (AttuneColor color, AttuneColor background, double minimum);

/**
 * attune_color_distance:
 * @vision: whose eyes
 *
 * Returns: distance in OKLab; 0.02 is barely seen, 0.1 is told apart at a glance
 */
double attune_color_distance (AttuneColor a, AttuneColor b, AttuneVision vision);

G_END_DECLS
