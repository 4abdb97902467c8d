/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See gap.h.
 */
#include "tune/gap.h"

#include <math.h>

double
attune_gap_loss (const AttuneGapPair *pairs, int n, double weight, double (*slopes)[2], double *gap)
{
  double sum = 0, all = 0;

  for (int i = 0; i < n; i++)
    {
      const AttuneGapPair *p = &pairs[i];
      const double h = p->score / p->n - p->other_score / p->other_n;

      sum += h * h;
      all += fabs (h);
      slopes[i][0] = 2 * weight * h / (n * p->n);
      slopes[i][1] = -2 * weight * h / (n * p->other_n);
    }
  if (gap != NULL)
    *gap = n > 0 ? all / n : 0;
  return n > 0 ? weight * sum / n : 0;
}
