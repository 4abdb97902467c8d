/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How often values occur: the lengths of records, with the model's window as a limit.
 */
#pragma once
#include "charts/figure.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_HISTOGRAM_FIGURE (attune_histogram_figure_get_type ())
G_DECLARE_FINAL_TYPE (AttuneHistogramFigure, attune_histogram_figure, ATTUNE, HISTOGRAM_FIGURE,
                      AttuneFigure)

/**
 * attune_histogram_figure_new:
 * @x_title: (nullable): e.g. "Tokens per record"
 * @y_title: (nullable): e.g. "Records"
 * @unit: of the values
 */
AttuneHistogramFigure *attune_histogram_figure_new (const char *x_title, const char *y_title,
                                                    AttuneUnit unit);

/**
 * attune_histogram_figure_set_values:
 * @values: (array length=n): in any order; what is not finite, or above 1e300, is left out
 *
 * Counts the values into bins of a round width (Freedman and Diaconis' rule), 100 at most.
 */
void attune_histogram_figure_set_values (AttuneHistogramFigure *self, const double *values,
                                         gsize n);

/**
 * attune_histogram_figure_set_bins:
 * @first: where the first bin begins
 * @width: of each bin, above 0
 * @counts: (array length=n): copied
 *
 * For counts that are known already. A bin holds its lower end, not its upper one.
 */
void attune_histogram_figure_set_bins (AttuneHistogramFigure *self, double first, double width,
                                       const guint64 *counts, guint n);

/**
 * attune_histogram_figure_set_limit:
 * @limit: NaN for none; bins that begin at or above it are hatched in the warning colour
 * @label: (nullable): e.g. "Model’s window: 2,048"
 */
void attune_histogram_figure_set_limit (AttuneHistogramFigure *self, double limit,
                                        const char *label);

G_END_DECLS
