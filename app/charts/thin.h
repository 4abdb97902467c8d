/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thins a curve to what the pixels can show: the first, lowest, highest and last point of each
 * column, so that no spike is lost.
 */
#pragma once
#include "charts/ticks.h"

G_BEGIN_DECLS

/**
 * AttunePoint:
 * @x: in pixels
 * @y: in pixels; NaN where the pen is lifted
 */
typedef struct
{
  double x, y;
} AttunePoint;

/**
 * attune_thin:
 * @x: (array length=n): rising
 * @y: (array length=n): what is not finite is a gap
 * @column: width of a column in pixels, e.g. 1
 *
 * With no more points than columns all are kept. Otherwise gaps narrower than a column are closed
 * and at most five points come back for each column.
 *
 * Returns: (transfer full) (element-type AttunePoint): the points in pixels
 */
GArray *attune_thin (const double *x, const double *y, guint n, const AttuneScale *across,
                     const AttuneScale *up, double column);

G_END_DECLS
