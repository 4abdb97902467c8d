/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two axes of a plot: where the plot lies in the canvas, its ticks and thin lines. For the
 * files of this folder only.
 */
#pragma once
#include "charts/canvas.h"
#include "charts/figure-axis.h"
#include "charts/ticks.h"

G_BEGIN_DECLS

/**
 * AttuneFrame:
 * @x: start of the plot area; so @y, @width, @height
 * @across: maps values to x positions
 * @up: maps values to y positions
 * @title_y: top of the title of the axis that goes up
 */
typedef struct
{
  double x, y, width, height;
  AttuneScale across, up;
  GArray *x_ticks, *y_ticks;
  double x_step, y_step;
  double title_y;
  gboolean too_small;
} AttuneFrame;

/**
 * attune_frame_layout:
 * @x_axis: with its range filled in: both ends finite, the first not above the second
 * @y_axis: (nullable): likewise; %NULL when rows of names take its place
 * @left: what is taken off at the start for other things; so @top and @right
 * @labels: height of a row of labels between the title of @y_axis and the plot
 */
void attune_frame_layout (AttuneFrame *self, AttuneCanvas *canvas, const AttuneAxis *x_axis,
                          const AttuneAxis *y_axis, double left, double top, double labels,
                          double right);
/* Draws lines, tick labels and titles. */
void attune_frame_draw (AttuneFrame *self, AttuneCanvas *canvas, const AttuneAxis *x_axis,
                        const AttuneAxis *y_axis);
void attune_frame_clear (AttuneFrame *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneFrame, attune_frame_clear)

G_END_DECLS
