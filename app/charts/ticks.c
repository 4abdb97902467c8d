/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ticks at round numbers: decimal, logarithmic and in time.
 */
#include "charts/ticks.h"

#define TICKS_MAX 100

double
attune_nice_step (double range, int target)
{
  double raw, magnitude, f;

  if (!(range > 0) || !isfinite (range))
    return 1;
  raw = range / MAX (target, 1);
  magnitude = pow (10, floor (log10 (raw)));
  if (!(magnitude > 0)) /* raw is subnormal */
    return raw;
  f = raw / magnitude;
  /* a little slack: 0.3 / 3 is 0.09999999999999999 */
  return (f <= 1 + 1e-9     ? 1
          : f <= 2 + 1e-9   ? 2
          : f <= 2.5 + 1e-9 ? 2.5
          : f <= 5 + 1e-9   ? 5
                            : 10)
         * magnitude;
}

/* Steps people count time in; beyond a day decimal multiples of days. */
static double
time_step (double range, int target)
{
  static const double steps[]
      = { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200 };
  const double raw = range / MAX (target, 1);

  if (raw <= 0.5)
    return attune_nice_step (range, target);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (raw <= steps[i])
      return steps[i];
  return MAX (attune_nice_step (range / 86400, target), 1) * 86400;
}

static double
step_for (AttuneUnit unit, double range, int target)
{
  if (unit == ATTUNE_UNIT_SECONDS)
    return time_step (range, target);
  if (unit == ATTUNE_UNIT_CLOCK)
    return MAX (time_step (range, target), 1);
  return attune_nice_step (range, target);
}

/* What round clock times are counted from: local midnight, not that of UTC. */
static double
origin_for (AttuneUnit unit, double value)
{
  g_autoptr (GDateTime) time = NULL;

  if (unit == ATTUNE_UNIT_CLOCK && fabs (value) < 6e10)
    time = g_date_time_new_from_unix_local ((gint64) value);
  return time == NULL ? 0 : -(double) g_date_time_get_utc_offset (time) / G_USEC_PER_SEC;
}

static GArray *
log_ticks (double lo, double hi, int target, double *step)
{
  static const double few[] = { 1 }, many[] = { 1, 2, 5 };
  GArray *ticks = g_array_new (FALSE, FALSE, sizeof (double));
  const int first = (int) floor (log10 (lo) + 1e-9), last = (int) ceil (log10 (hi) - 1e-9);
  const int span = MAX (last - first, 1);
  const gboolean dense = span * 3 <= MAX (target, 3);
  const int skip = MAX ((span + MAX (target, 1) - 1) / MAX (target, 1), 1);
  const double *factors = dense ? many : few;

  for (int e = first; e <= last; e += skip)
    for (guint i = 0; i < (dense ? G_N_ELEMENTS (many) : G_N_ELEMENTS (few)); i++)
      {
        const double v = factors[i] * pow (10, e);

        if (v >= lo * (1 - 1e-9) && v <= hi * (1 + 1e-9) && ticks->len < TICKS_MAX)
          g_array_append_val (ticks, v);
      }
  *step = ticks->len > 0 ? g_array_index (ticks, double, 0) : lo;
  return ticks;
}

GArray *
attune_ticks (AttuneUnit unit, gboolean log, double lo, double hi, int target, double *step)
{
  GArray *ticks;
  double origin, first;

  g_return_val_if_fail (lo < hi && isfinite (hi - lo), NULL);
  g_return_val_if_fail (!log || lo > 0, NULL);

  if (log)
    return log_ticks (lo, hi, target, step);
  ticks = g_array_new (FALSE, FALSE, sizeof (double));
  *step = step_for (unit, hi - lo, target);
  origin = origin_for (unit, lo);
  first = ceil ((lo - origin) / *step - 1e-9);
  for (int i = 0; i < TICKS_MAX; i++)
    {
      /* A product, not a sum: rounding errors do not pile up. */
      double v = origin + (first + i) * *step;

      if (v > hi + *step * 1e-6)
        break;
      if (fabs (v) < *step * 1e-9)
        v = 0;
      g_array_append_val (ticks, v);
    }
  return ticks;
}

/* The nearest of 1, 2 and 5 times a power of ten below @value, or above it; @value if that is none.
 */
static double
one_two_five (double value, gboolean up)
{
  static const double factors[] = { 1, 2, 5, 10 };
  const double power = pow (10, floor (log10 (value) + 1e-9));
  double below = power;

  if (!(power > 0)) /* @value is subnormal */
    return value;
  for (guint i = 0; i < G_N_ELEMENTS (factors); i++)
    {
      if (up && factors[i] * power >= value * (1 - 1e-9))
        return factors[i] * power;
      if (factors[i] * power <= value * (1 + 1e-9))
        below = factors[i] * power;
    }
  return below;
}

void
attune_ticks_widen (AttuneUnit unit, gboolean log, double *lo, double *hi, int target)
{
  double step;

  g_return_if_fail (*lo <= *hi);

  if (log)
    {
      if (*hi <= *lo * 1.0001)
        *lo /= 2, *hi *= 2;
      *lo = one_two_five (*lo, FALSE);
      *hi = one_two_five (*hi, TRUE);
      return;
    }
  if (*lo > 0 && *lo < 0.4 * *hi)
    *lo = 0;
  if (*hi < 0 && *hi > 0.4 * *lo)
    *hi = 0;
  if (*hi - *lo <= 1e-9 * MAX (fabs (*lo), fabs (*hi)))
    {
      const double pad = *hi != 0 ? fabs (*hi) * 0.1 : 1;

      *lo -= pad, *hi += pad;
    }
  step = step_for (unit, *hi - *lo, target);
  *lo = floor (*lo / step + 1e-9) * step;
  *hi = ceil (*hi / step - 1e-9) * step;
}
