/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   m ← w·m + (1 − w)·y,   shown = m / (1 − wⁿ)      n values so far; 1 − wⁿ takes the bias away
 */
#include "charts/smooth.h"
#include <math.h>

double
attune_smooth_next (AttuneSmooth *self, double value)
{
  g_return_val_if_fail (self->weight >= 0 && self->weight < 1, value);

  if (!isfinite (value))
    return value;
  self->sum = self->weight * self->sum + (1 - self->weight) * value;
  self->count++;
  return self->sum / (1 - pow (self->weight, (double) self->count));
}
