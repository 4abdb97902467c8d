/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thins a curve to what the pixels can show, so that no spike is lost: to the first, lowest,
 * highest and last point of each column, or to the band between lowest and highest.
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

/**
 * AttuneColumn:
 * @x: in pixels, the middle of the column
 * @top: the smallest y in it, in pixels; NaN where the pen is lifted
 * @bottom: the largest
 */
typedef struct
{
  double x, top, bottom;
} AttuneColumn;

/**
 * attune_thin_band:
 *
 * For many points in each column, where a line would paint over itself: takes what attune_thin()
 * takes. Gaps narrower than a column are closed.
 *
 * Returns: (transfer full) (element-type AttuneColumn): one for each column that has points
 */
GArray *attune_thin_band (const double *x, const double *y, guint n, const AttuneScale *across,
                          const AttuneScale *up, double column);

G_END_DECLS
