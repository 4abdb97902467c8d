/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The start of an adapter in the largest parts of its weight: its first singular vectors and values
 * (Meng et al. 2024, PiSSA). The weight then counts without them, so that nothing is changed at
 * first. Private to nn/.
 */
#pragma once
#include "nn/linear.h"

G_BEGIN_DECLS

/**
 * attune_principal_parts:
 * @a: (out caller-allocates): (r, K) √(s / scale) · right singular vectors
 * @b: (out caller-allocates): (N, r) left ones · √(s / scale)
 * @w: (N, K) stored
 * @scale: of the adapter, > 0: scale · b · a is the best approximation of rank r
 * @seed, @index: of the random start where the weight is large; a small one is taken apart exactly
 *
 * Takes memory for w in f32, and gives it back. Errors: %ATTUNE_COMPUTE_ERROR_MEMORY.
 */
gboolean attune_principal_parts (AttuneBackend *be, const AttuneTensor *a, const AttuneTensor *b,
                                 const AttuneTensor *w, float scale, guint64 seed, guint64 index,
                                 GError **error);

G_END_DECLS
