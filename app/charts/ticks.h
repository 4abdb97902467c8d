/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where an axis has its ticks, and how values are laid out along it.
 */
#pragma once
#include "charts/number.h"
#include <math.h>

G_BEGIN_DECLS

/**
 * AttuneScale:
 * @lo: the value at @from
 * @hi: the value at @to; not equal to @lo
 * @from: position in pixels
 * @to: position in pixels
 * @log: equal distances are equal factors; @lo and @hi are above 0
 */
typedef struct
{
  double lo, hi, from, to;
  gboolean log;
} AttuneScale;

/* Returns: whether an axis can hold @value: a number, and so far from overflow that ranges are, too
 */
static inline gboolean
attune_axis_holds (double value)
{
  return fabs (value) <= 1e300;
}

/* Returns: the pixel position of @value; not finite when it has none */
static inline double
attune_scale_map (const AttuneScale *scale, double value)
{
  if (scale->log)
    return value > 0 ? scale->from
                           + (scale->to - scale->from) * (log (value) - log (scale->lo))
                                 / (log (scale->hi) - log (scale->lo))
                     : (double) NAN;
  return scale->from + (scale->to - scale->from) * ((value - scale->lo) / (scale->hi - scale->lo));
}

/**
 * attune_nice_step:
 * @range: what is to be divided, above 0
 * @target: into about so many parts, at most
 *
 * Returns: 1, 2, 2.5 or 5 times a power of ten; 1 when @range is not a positive number
 */
double attune_nice_step (double range, int target);

/**
 * attune_ticks:
 * @unit: seconds and clock times get steps of minutes, hours and days
 * @log: ticks at powers of ten, or at 1, 2 and 5 times those over a short range
 * @lo: first value of the axis
 * @hi: last value of the axis, above @lo
 * @target: not more than about so many ticks
 * @step: (out): the smallest distance between ticks, for attune_number_format()
 *
 * Returns: (transfer full) (element-type double): the ticks within @lo and @hi, rising; at most 100
 */
GArray *attune_ticks (AttuneUnit unit, gboolean log, double lo, double hi, int target,
                      double *step);

/**
 * attune_ticks_widen:
 * @lo: (inout): lowest value of the data
 * @hi: (inout): highest value of the data, not below @lo
 *
 * Makes the range one that an axis can have: never empty, begins and ends at a tick, and begins
 * at 0 when the data come near to it.
 */
void attune_ticks_widen (AttuneUnit unit, gboolean log, double *lo, double *hi, int target);

G_END_DECLS
