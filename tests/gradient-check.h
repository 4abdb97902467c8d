/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Analytic gradients against central differences, once for all layers.
 */
#pragma once
#include <glib.h>
#include <math.h>

typedef double (*AttuneLossFunc) (gpointer data);

/* Largest |analytic − numeric| / max (1, |numeric|) over every @stride-th of the @n entries of
 * @param.
 * @h is the step, in the units of @param.  @param is left as it was found. */
static inline double
attune_gradient_check (float *param, const float *grad, gint64 n, gint64 stride, float h,
                       AttuneLossFunc loss, gpointer data)
{
  double worst = 0;

  for (gint64 i = 0; i < n; i += stride)
    {
      const float keep = param[i];
      volatile float hi = keep + h, lo = keep - h; /* the step float really took */
      double up, down, numeric;

      param[i] = hi;
      up = loss (data);
      param[i] = lo;
      down = loss (data);
      param[i] = keep;
      numeric = (up - down) / ((double) hi - lo);
      worst = MAX (worst, fabs (grad[i] - numeric) / MAX (1.0, fabs (numeric)));
    }
  return worst;
}
