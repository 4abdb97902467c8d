/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reference backend's optimizers.
 */
#pragma once
#include "compute/backend.h"

G_BEGIN_DECLS

double attune_reference_sum_squares (AttuneBackend *be, const AttuneTensor *x);
void attune_reference_update (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *a,
                              const AttuneTensor *b, const AttuneTensor *g, AttuneOptimizer kind,
                              const AttuneAdamW *s);
void attune_reference_adafactor (AttuneBackend *be, const AttuneTensor *w,
                                 const AttuneTensor *state, const AttuneTensor *g, double *sums,
                                 const AttuneAdamW *s);
void attune_reference_adamw_8bit (AttuneBackend *be, const AttuneTensor *w, AttuneMoments8 *moments,
                                  const AttuneTensor *g, const AttuneAdamW *s);

G_END_DECLS
