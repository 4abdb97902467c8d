/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Curves over steps or time: the loss, the learning rate. Noisy curves are smoothed, with the raw
 * one faint behind; earlier runs lie beneath in grey; single points can be marked.
 */
#pragma once
#include "charts/figure.h"

G_BEGIN_DECLS

/**
 * AttuneLineRole:
 * @ATTUNE_LINE_CURVE: many noisy points, smoothed
 * @ATTUNE_LINE_POINTS: few exact points, each with a dot: validations; never smoothed
 * @ATTUNE_LINE_EARLIER: a curve of an earlier run, for comparison: smoothed, grey, without its raw
 *   points
 */
typedef enum
{
  ATTUNE_LINE_CURVE,
  ATTUNE_LINE_POINTS,
  ATTUNE_LINE_EARLIER,
} AttuneLineRole;

/**
 * AttuneLineMark:
 * @ATTUNE_LINE_MARK_BEST: a ring: the point that will be used
 * @ATTUNE_LINE_MARK_EVENT: an upright line with its label at the top: an epoch, a resume
 * @ATTUNE_LINE_MARK_PROBLEM: the same in the warning colour
 */
typedef enum
{
  ATTUNE_LINE_MARK_BEST,
  ATTUNE_LINE_MARK_EVENT,
  ATTUNE_LINE_MARK_PROBLEM,
} AttuneLineMark;

#define ATTUNE_TYPE_LINE_FIGURE (attune_line_figure_get_type ())
G_DECLARE_FINAL_TYPE (AttuneLineFigure, attune_line_figure, ATTUNE, LINE_FIGURE, AttuneFigure)

/**
 * attune_line_figure_new:
 * @x_title: (nullable): e.g. "Step"
 * @y_title: (nullable): e.g. "Loss"
 */
AttuneLineFigure *attune_line_figure_new (const char *x_title, const char *y_title);

/* How values are written on the two axes and in read-outs; numbers unless set. */
void attune_line_figure_set_units (AttuneLineFigure *self, AttuneUnit x, AttuneUnit y);

/**
 * attune_line_figure_set_log:
 *
 * Makes an axis logarithmic; values that are not above 0 become gaps.
 */
void attune_line_figure_set_log (AttuneLineFigure *self, gboolean x, gboolean y);

/**
 * attune_line_figure_set_x_range:
 * @lo: first value, or NaN: from the data
 * @hi: last value, e.g. the planned number of steps, so that the curve grows into the plot; or NaN
 *
 * Data beyond the range widens it.
 */
void attune_line_figure_set_x_range (AttuneLineFigure *self, double lo, double hi);

/**
 * attune_line_figure_set_smoothing:
 * @weight: 0 (none) to 0.999, as in TensorBoard; 0 unless set
 */
void attune_line_figure_set_smoothing (AttuneLineFigure *self, double weight);
double attune_line_figure_get_smoothing (AttuneLineFigure *self);

/**
 * attune_line_figure_add_series:
 * @name: e.g. "Training"
 *
 * Returns: its number, from 0
 */
int attune_line_figure_add_series (AttuneLineFigure *self, const char *name, AttuneLineRole role);

/**
 * attune_line_figure_append:
 * @series: from attune_line_figure_add_series()
 * @x: finite; when it is not above the last one, the points from @x on are dropped first, as a
 *   resumed run does again what it had not saved
 * @y: NaN or infinite leaves a gap
 *
 * Takes constant time, so that a chart can follow a run.
 */
void attune_line_figure_append (AttuneLineFigure *self, int series, double x, double y);

/**
 * attune_line_figure_set_points:
 * @x: (array length=n): finite and rising; copied
 * @y: (array length=n): copied
 */
void attune_line_figure_set_points (AttuneLineFigure *self, int series, const double *x,
                                    const double *y, guint n);

/* Removes all series and marks; titles, units and smoothing stay. */
void attune_line_figure_clear (AttuneLineFigure *self);

/**
 * attune_line_figure_add_mark:
 * @series: whose curve an @ATTUNE_LINE_MARK_BEST lies on; ignored for the others
 * @label: e.g. "Best: step 340"
 */
void attune_line_figure_add_mark (AttuneLineFigure *self, AttuneLineMark kind, int series, double x,
                                  const char *label);
void attune_line_figure_clear_marks (AttuneLineFigure *self);

G_END_DECLS
