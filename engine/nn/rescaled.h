/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of a linear that linear.c and rescaled.c share. Private to nn/.
 */
#pragma once
#include "nn/linear.h"

G_BEGIN_DECLS

/* What a reads: x, or x with dropout in scratch. */
AttuneTensor attune_lora_input (const AttuneLora *lora, AttuneContext *context,
                                const AttuneTensor *x);
/* Every adapter of every micro-batch draws its own dropout mask. */
guint64 attune_lora_dropout_step (const AttuneContext *context, const AttuneLora *lora);

/* y = x · wᵀ + beta · y and dx = dy · w + dx_beta · dx, in 8 bits where the context says so. */
void attune_linear_multiply (const AttuneLinear *self, AttuneContext *context,
                             const AttuneTensor *y, const AttuneTensor *x, float beta);
void attune_linear_multiply_back (const AttuneLinear *self, AttuneContext *context,
                                  const AttuneTensor *dx, float dx_beta, const AttuneTensor *dy);

/* attune_linear_forward() and …_backward() of one that attune_linear_is_rescaled(). */
void attune_linear_rescaled_forward (const AttuneLinear *self, AttuneContext *context,
                                     const AttuneTensor *y, const AttuneTensor *x, float beta);
void attune_linear_rescaled_backward (const AttuneLinear *self, AttuneContext *context,
                                      const AttuneTensor *dx, float dx_beta, const AttuneTensor *dy,
                                      const AttuneTensor *x);
/* The factors on a @merged that holds w + scale · b · a. */
void attune_linear_rescale_merged (const AttuneLinear *self, AttuneContext *context,
                                   const AttuneTensor *merged);

/* DoRA's 1 / |row of w + scale · b · a| anew. @scratch: f32 room for a row of w or more */
void attune_linear_update_norms (const AttuneLinear *self, AttuneBackend *be,
                                 const AttuneTensor *scratch);

G_END_DECLS
