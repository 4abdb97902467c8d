/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the encoders of block formats share: the step (and minimum) with which few whole numbers
 * come nearest to some values, by the sum of squares. Private to compute/.
 *
 *   even       x ≈ step · q,         q in -half … half - 1
 *   from low   x ≈ step · q - low,   q in 0 … top, low ≥ 0
 *
 * The way: for a number of steps around the one that just reaches the largest value, q is rounded
 * and the step that is best for this q follows from it in closed form; the best of them is rounded
 * once more with its own step, which never makes it worse. All counts are multiples of 4.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define ATTUNE_FIT_MAX 32 /* values at a time */

/* Returns: the step, of either sign; 0 where all of the @n values are 0. */
float attune_fit_even (const float *x, int n, int half);

/* @any_low: @low may be negative. Returns: the step, ≥ 0; 0 where one number stands for all. */
float attune_fit_from_low (const float *x, int n, int top, gboolean any_low, float *low);

/* The numbers of @n values for a step that is given, and the sum of squares of what they leave.
 * They are counted from 0 in both ways: q + @half of the first. @q: (out) (nullable) */
float attune_round_even (const float *x, int n, int half, float step, guint8 *q);
float attune_round_from_low (const float *x, int n, int top, float step, float low, guint8 *q);

/* The largest f16 there is: what would be infinite is cut to it. */
#define ATTUNE_F16_MAX 65504.0f
/* As f16 has it. */
float attune_fit_to_f16 (float x);

G_END_DECLS
