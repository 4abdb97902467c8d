/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One level bar made of parts, with a legend that names them and what is free or too much: the
 * memory that tuning needs.
 */
#pragma once
#include "charts/figure.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_STACK_FIGURE (attune_stack_figure_get_type ())
G_DECLARE_FINAL_TYPE (AttuneStackFigure, attune_stack_figure, ATTUNE, STACK_FIGURE, AttuneFigure)

AttuneStackFigure *attune_stack_figure_new (AttuneUnit unit);

/**
 * attune_stack_figure_add_part:
 * @name: e.g. "Weights"
 * @value: not below 0
 */
void attune_stack_figure_add_part (AttuneStackFigure *self, const char *name, double value);

/* Removes all parts; the limit stays. */
void attune_stack_figure_clear (AttuneStackFigure *self);

/**
 * attune_stack_figure_set_limit:
 * @limit: what there is, or NaN for no limit; the parts are then the whole
 * @name: (nullable): e.g. "Memory of this computer"
 *
 * Up to the limit the bar is drawn against it; what is beyond is hatched in the warning colour and
 * said in words.
 */
void attune_stack_figure_set_limit (AttuneStackFigure *self, double limit, const char *name);

G_END_DECLS
