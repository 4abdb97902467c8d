/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an axis measures.
 */
#pragma once
#include "charts/number.h"

G_BEGIN_DECLS

/**
 * AttuneAxis:
 * @title: (nullable): e.g. "Step"; owned by the figure that holds the axis
 * @unit: how its values are written
 * @log: equal distances are equal factors; values not above 0 are left out
 * @lo: first value, or NaN to take it from the data
 * @hi: last value, or NaN
 */
typedef struct
{
  char *title;
  AttuneUnit unit;
  gboolean log;
  double lo, hi;
} AttuneAxis;

G_END_DECLS
