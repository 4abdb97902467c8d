/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The entries of the backend table that exist once per level; what they do is said in
 * compute/backend.h.
 */
#pragma once
#include "compute/cpu/cpu.h"

/* gemm.c */
void LEVEL (matmul_nt) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                        const AttuneTensor *w, float alpha, float beta);
void LEVEL (matmul_nn) (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
                        const AttuneTensor *w, float alpha, float beta);
void LEVEL (matmul_tn) (AttuneBackend *be, const AttuneTensor *dw, const AttuneTensor *dy,
                        const AttuneTensor *x, float alpha, float beta);

/* rounding.c, rounded.c */
void LEVEL (round) (AttuneBackend *be, AttuneRounded *r, const AttuneTensor *x);
void LEVEL (pack_rounded) (AttuneBackend *be, void *packed, const AttuneTensor *w);
void ROUNDED (matmul_rounded) (AttuneBackend *be, int n, const AttuneTensor *y,
                               const AttuneRounded *x, const AttuneTensor *w,
                               const void *const *packed, float beta);
void ROUNDED (fill_rounded) (AttuneBackend *be);

/* int16.c, from level 2 on */
void ROUNDED (fill_int16) (AttuneBackend *be);

/* elementwise.c */
void LEVEL (zero) (AttuneBackend *be, const AttuneTensor *x);
void LEVEL (copy) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x);
void LEVEL (add) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x);
void LEVEL (add_bias) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *bias);
void LEVEL (add_bias_backward) (AttuneBackend *be, const AttuneTensor *dbias,
                                const AttuneTensor *dy);
void LEVEL (scale) (AttuneBackend *be, const AttuneTensor *x, float factor);

/* adamw-8bit.c */
void LEVEL (adamw_8bit) (AttuneBackend *be, const AttuneTensor *w, AttuneMoments8 *moments,
                         const AttuneTensor *g, const AttuneAdamW *step);

/* scaling.c */
void LEVEL (scale_columns) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                            const AttuneTensor *g, float beta);
void LEVEL (scale_columns_backward) (AttuneBackend *be, const AttuneTensor *dg,
                                     const AttuneTensor *dy, const AttuneTensor *x);
void LEVEL (scale_rows) (AttuneBackend *be, const AttuneTensor *x, const AttuneTensor *g);
void LEVEL (inverse_norms) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x);

void LEVEL (gated_forward) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *gate,
                            const AttuneTensor *up, AttuneGate kind);
void LEVEL (gated_backward) (AttuneBackend *be, const AttuneTensor *dgate, const AttuneTensor *dup,
                             const AttuneTensor *dy, const AttuneTensor *gate,
                             const AttuneTensor *up, AttuneGate kind);

void LEVEL (approach) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                       float factor);
void LEVEL (swap) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x);
void LEVEL (soft_cap) (AttuneBackend *be, const AttuneTensor *x, float cap);

/* dropout.c */
void LEVEL (dropout) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, float rate,
                      guint64 seed, guint64 step, guint64 offset);

/* noise.c */
void LEVEL (add_noise) (AttuneBackend *be, const AttuneTensor *x, const gint32 *segments, int n,
                        float alpha, guint64 seed, guint64 step);

/* norm.c */
void LEVEL (rms_norm_forward) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *rstd,
                               const AttuneTensor *x, const AttuneTensor *w, float eps);
void LEVEL (rms_norm_backward) (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dw,
                                const AttuneTensor *dy, const AttuneTensor *x,
                                const AttuneTensor *w, const AttuneTensor *rstd);

/* layer-norm.c */
void LEVEL (layer_norm_forward) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *rstd,
                                 const AttuneTensor *x, const AttuneTensor *w,
                                 const AttuneTensor *b, float eps);
void LEVEL (layer_norm_backward) (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dw,
                                  const AttuneTensor *dy, const AttuneTensor *x,
                                  const AttuneTensor *w, const AttuneTensor *rstd);

/* rotary.c */
void LEVEL (rotary) (AttuneBackend *be, const AttuneTensor *x, const gint32 *positions,
                     const float *frequencies, const AttuneRotation *rotation, float sign);

/* attention.c, attention-backward.c */
void LEVEL (attention_forward) (AttuneBackend *be, const AttuneTensor *out, const AttuneTensor *lse,
                                const AttuneTensor *q, const AttuneTensor *k, const AttuneTensor *v,
                                const AttuneAttention *shape);
void LEVEL (attention_backward) (AttuneBackend *be, const AttuneTensor *dq, const AttuneTensor *dk,
                                 const AttuneTensor *dv, const AttuneTensor *dout,
                                 const AttuneTensor *out, const AttuneTensor *lse,
                                 const AttuneTensor *q, const AttuneTensor *k,
                                 const AttuneTensor *v, const AttuneAttention *shape);
void LEVEL (attention_cached) (AttuneBackend *be, const AttuneTensor *out, const AttuneTensor *q,
                               const AttuneTensor *k_cache, const AttuneTensor *v_cache,
                               const AttuneCachedAttention *shape);

/* rows.c */
void LEVEL (cache_store) (AttuneBackend *be, const AttuneTensor *cache, const AttuneTensor *x,
                          const gint32 *sequences, const gint32 *positions);
void LEVEL (gather) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *table,
                     const gint32 *ids);
void LEVEL (scatter_add) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                          const gint32 *ids);
void LEVEL (decode) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x);
void LEVEL (encode) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x);

/* experts.c */
void LEVEL (route) (AttuneBackend *be, gint32 *starts, gint32 *rows, gint32 *slots,
                    const AttuneTensor *weights, const AttuneTensor *logits,
                    const AttuneRouting *routing);
void LEVEL (route_backward) (AttuneBackend *be, const AttuneTensor *dlogits,
                             const AttuneTensor *dweights, const AttuneTensor *weights,
                             const gint32 *starts, const gint32 *slots, const AttuneTensor *logits,
                             const AttuneRouting *routing);
void LEVEL (combine) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                      const AttuneTensor *weights, const gint32 *slots, int k);
void LEVEL (combine_backward) (AttuneBackend *be, const AttuneTensor *dx,
                               const AttuneTensor *dweights, const AttuneTensor *dy,
                               const AttuneTensor *x, const AttuneTensor *weights,
                               const gint32 *slots, int k);

/* loss.c */
void LEVEL (cross_entropy) (AttuneBackend *be, double *losses, const AttuneTensor *logits,
                            const gint32 *targets, const AttuneCrossEntropy *settings);

/* squares.c */
double LEVEL (sum_squares) (AttuneBackend *be, const AttuneTensor *x);

/* optimizer.c */
void LEVEL (update) (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *a,
                     const AttuneTensor *b, const AttuneTensor *g, AttuneOptimizer kind,
                     const AttuneAdamW *step);
void LEVEL (adafactor) (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *state,
                        const AttuneTensor *g, double *sums, const AttuneAdamW *step);
