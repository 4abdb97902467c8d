/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See interval.h. The formulas are those of Newcombe, Statistics in Medicine 17 (1998), whose
 * tables the tests compare with.
 */
#include "evaluate/interval.h"

#include <math.h>

#define Z 1.959963984540054 /* the normal distribution leaves 2.5 % above it */

AttuneInterval
attune_wilson_interval (double successes, double n)
{
  const double p = successes / n, spread = Z * Z / n;
  double middle, half;

  g_return_val_if_fail (successes >= 0 && successes <= n, ((AttuneInterval) { NAN, 0, 1 }));

  if (n == 0)
    return (AttuneInterval) { NAN, 0, 1 };
  middle = (p + spread / 2) / (1 + spread);
  half = Z * sqrt (p * (1 - p) / n + spread / (4 * n)) / (1 + spread);
  /* at 0 and at n one end is the share itself, were it not for rounding */
  return (AttuneInterval) { p, MIN (MAX (middle - half, 0), p), MAX (MIN (middle + half, 1), p) };
}

AttuneInterval
attune_win_rate (guint wins, guint losses, guint ties)
{
  return attune_wilson_interval (wins + ties / 2.0, (double) wins + losses + ties);
}

AttuneInterval
attune_paired_difference (const double *before, const double *after, guint n)
{
  double mean = 0, squares = 0, half;

  g_return_val_if_fail ((before != NULL && after != NULL) || n == 0,
                        ((AttuneInterval) { NAN, -1, 1 }));

  for (guint i = 0; i < n; i++)
    mean += (after[i] - before[i]) / n;
  if (n < 2)
    return (AttuneInterval) { n > 0 ? mean : NAN, -1, 1 };
  for (guint i = 0; i < n; i++)
    squares += (after[i] - before[i] - mean) * (after[i] - before[i] - mean);
  half = Z * sqrt (squares / (n - 1) / n);
  return (AttuneInterval) { mean, mean - half, mean + half };
}
