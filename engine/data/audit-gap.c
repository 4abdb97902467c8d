/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far two groups are apart, with intervals of the normal distribution.
 */
#include "data/audit-swap.h"

#include <math.h>

#define Z95 1.959963984540054

static double
mean_of (const double *values, guint n, double *variance)
{
  double sum = 0, squares = 0;

  for (guint i = 0; i < n; i++)
    sum += values[i];
  for (guint i = 0; i < n; i++)
    squares += (values[i] - sum / n) * (values[i] - sum / n);
  *variance = squares / (n - 1);
  return sum / n;
}

AttuneGap
attune_gap_of_means (const double *a, guint n_a, const double *b, guint n_b)
{
  double variance_a, variance_b;
  const double gap = mean_of (a, n_a, &variance_a) - mean_of (b, n_b, &variance_b),
               error = sqrt (variance_a / n_a + variance_b / n_b);

  return (AttuneGap) { gap, gap - Z95 * error, gap + Z95 * error };
}

AttuneGap
attune_gap_of_pairs (const double *differences, guint n)
{
  double variance;
  const double gap = mean_of (differences, n, &variance), error = sqrt (variance / n);

  return (AttuneGap) { gap, gap - Z95 * error, gap + Z95 * error };
}
