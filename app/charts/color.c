/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Colour arithmetic. OKLab is Björn Ottosson's (2020); the matrices of the three kinds of colour
 * blindness are those of Machado, Oliveira and Fernandes (2009) at full severity.
 */
#include "charts/color.h"
#include <math.h>

typedef struct
{
  double l, a, b;
} Lab;

AttuneColor
attune_color_from_hex (guint32 rgb)
{
  return (AttuneColor) { (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0,
                         1 };
}

AttuneColor
attune_color_fade (AttuneColor color, double alpha)
{
  color.a = alpha;
  return color;
}

static double
to_linear (double v)
{
  return v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

static double
from_linear (double v)
{
  v = CLAMP (v, 0, 1);
  return v <= 0.0031308 ? v * 12.92 : 1.055 * pow (v, 1 / 2.4) - 0.055;
}

static AttuneColor
linearized (AttuneColor c)
{
  return (AttuneColor) { to_linear (c.r), to_linear (c.g), to_linear (c.b), c.a };
}

static Lab
lab_from_linear (AttuneColor c)
{
  const double l = cbrt (0.4122214708 * c.r + 0.5363325363 * c.g + 0.0514459929 * c.b);
  const double m = cbrt (0.2119034982 * c.r + 0.6806995451 * c.g + 0.1073969566 * c.b);
  const double s = cbrt (0.0883024619 * c.r + 0.2817188376 * c.g + 0.6299787005 * c.b);

  return (Lab) { 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
                 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
                 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s };
}

static AttuneColor
color_from_lab (Lab lab)
{
  const double l = pow (lab.l + 0.3963377774 * lab.a + 0.2158037573 * lab.b, 3);
  const double m = pow (lab.l - 0.1055613458 * lab.a - 0.0638541728 * lab.b, 3);
  const double s = pow (lab.l - 0.0894841775 * lab.a - 1.2914855480 * lab.b, 3);

  return (AttuneColor) {
    from_linear (4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    from_linear (-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    from_linear (-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s),
    1,
  };
}

double
attune_color_contrast (AttuneColor a, AttuneColor b)
{
  const AttuneColor la = linearized (a), lb = linearized (b);
  const double ya = 0.2126 * la.r + 0.7152 * la.g + 0.0722 * la.b;
  const double yb = 0.2126 * lb.r + 0.7152 * lb.g + 0.0722 * lb.b;

  return (MAX (ya, yb) + 0.05) / (MIN (ya, yb) + 0.05);
}

AttuneColor
attune_color_mix (AttuneColor a, AttuneColor b, double t)
{
  const Lab la = lab_from_linear (linearized (a)), lb = lab_from_linear (linearized (b));

  return color_from_lab (
      (Lab) { la.l + (lb.l - la.l) * t, la.a + (lb.a - la.a) * t, la.b + (lb.b - la.b) * t });
}

AttuneColor
attune_color_with_contrast (AttuneColor color, AttuneColor background, double minimum)
{
  const Lab back = lab_from_linear (linearized (background));
  const double step = back.l > 0.6 ? -0.01 : 0.01;
  Lab lab = lab_from_linear (linearized (color));
  AttuneColor result = color;

  while (attune_color_contrast (result, background) < minimum && lab.l + step >= 0
         && lab.l + step <= 1)
    {
      lab.l += step;
      result = color_from_lab (lab);
    }
  result.a = color.a;
  return result;
}

static AttuneColor
seen (AttuneColor c, AttuneVision vision)
{
  static const double matrix[][9] = {
    [ATTUNE_VISION_FULL] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 },
    [ATTUNE_VISION_PROTAN] = { 0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216,
                               -0.003882, -0.048116, 1.051998 },
    [ATTUNE_VISION_DEUTAN] = { 0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413,
                               -0.011820, 0.042940, 0.968881 },
    [ATTUNE_VISION_TRITAN] = { 1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602,
                               0.004733, 0.691367, 0.303900 },
  };
  const double *m = matrix[vision];

  return (AttuneColor) { MAX (m[0] * c.r + m[1] * c.g + m[2] * c.b, 0),
                         MAX (m[3] * c.r + m[4] * c.g + m[5] * c.b, 0),
                         MAX (m[6] * c.r + m[7] * c.g + m[8] * c.b, 0), c.a };
}

double
attune_color_distance (AttuneColor a, AttuneColor b, AttuneVision vision)
{
  const Lab la = lab_from_linear (seen (linearized (a), vision));
  const Lab lb = lab_from_linear (seen (linearized (b), vision));
  const double dl = la.l - lb.l, da = la.a - lb.a, db = la.b - lb.b;

  return sqrt (dl * dl + da * da + db * db);
}
