/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reference backend's products. Private to it.
 */
#pragma once
#include "compute/backend.h"

G_BEGIN_DECLS

/* Returns: (transfer full): f32 of any tensor. */
float *attune_reference_decode (const AttuneTensor *x);

void attune_reference_matmul_nt (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                                 const AttuneTensor *w, float alpha, float beta);
void attune_reference_matmul_nn (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
                                 const AttuneTensor *w, float alpha, float beta);
void attune_reference_matmul_tn (AttuneBackend *be, const AttuneTensor *dw, const AttuneTensor *dy,
                                 const AttuneTensor *x, float alpha, float beta);
void attune_reference_round (AttuneBackend *be, AttuneRounded *r, const AttuneTensor *x);
void attune_reference_matmul_rounded (AttuneBackend *be, int n, const AttuneTensor *y,
                                      const AttuneRounded *x, const AttuneTensor *w,
                                      const void *const *packed, float beta);
void attune_reference_matmul_nt_int8 (AttuneBackend *be, const AttuneTensor *y,
                                      const AttuneTensor *x, const AttuneTensor *w, float beta,
                                      void *scratch);
void attune_reference_matmul_nn_int8 (AttuneBackend *be, const AttuneTensor *dx,
                                      const AttuneTensor *dy, const AttuneTensor *w, float beta,
                                      void *scratch);

G_END_DECLS
