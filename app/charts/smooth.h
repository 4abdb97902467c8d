/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Exponential smoothing without the pull towards zero at the start, as TensorBoard does it.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * AttuneSmooth:
 * @weight: 0 (as it is) up to but not 1 (hardly moves)
 * @sum: internal
 * @count: values seen so far
 *
 * What smoothing carries from one value to the next. Start with { weight }.
 */
typedef struct
{
  double weight;
  double sum;
  guint64 count;
} AttuneSmooth;

/**
 * attune_smooth_next:
 *
 * Returns: the smoothed value after @value; @value itself when it is not finite, and then nothing
 *   is carried on, so that one bad step does not spoil the rest
 */
double attune_smooth_next (AttuneSmooth *self, double value);

G_END_DECLS
