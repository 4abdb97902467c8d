/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two halves of a decoder layer and the LM head. Private to nn/.
 *
 *   mid = x + o (attention (rotary (q (n)), rotary (k (n)), v (n))),   n = norm (x)
 *   out = mid + down (gate (n') · up (n')),                            n' = norm (mid)
 *
 * and what families do otherwise, which is listed in decoder-config.h. Source: Vaswani et al. 2017;
 * Touvron et al. 2023 (Llama).
 */
#pragma once
#include "nn/activations.h"

G_BEGIN_DECLS

/* y = norm (x), y may be x; rstd is kept for backward. */
void attune_norm_forward (const AttuneDecoder *decoder, const AttuneNorm *norm,
                          const AttuneTensor *y, const AttuneTensor *rstd, const AttuneTensor *x);
/* dx ADDED; so are the gain's and bias's gradients where they are trained. */
void attune_norm_backward (const AttuneDecoder *decoder, const AttuneNorm *norm,
                           const AttuneTensor *dx, const AttuneTensor *dy, const AttuneTensor *x,
                           const AttuneTensor *rstd);
/* Queries or keys (T, heads · D) as the rows that are normed: heads, or as they are. */
AttuneTensor attune_norm_rows (const AttuneDecoder *decoder, const AttuneTensor *x);

/* Makes the decoder's angles; divisors as make_frequencies() in rotary.c. */
void attune_rotary_set_up (AttuneDecoder *decoder, const float *divisors,
                           const float *long_divisors);
/* Turns queries or keys where layer @layer does so. @longest: the length of the longest text among
 * them. */
void attune_rotate (const AttuneDecoder *decoder, int layer, const AttuneTensor *x,
                    const gint32 *positions, int longest, float sign);

/* Writes the tape's q … mid from tape->x. */
void attune_attention_forward (AttuneDecoder *decoder, int layer, AttuneActivations *act,
                               AttuneLayerTape *tape, const AttuneBatch *batch);
/* act->d_stream: gradient of mid in, of x out. @propagate: %FALSE in the first layer where
 * nothing below learns: d_stream is then left as it is. */
void attune_attention_backward (AttuneDecoder *decoder, int layer, AttuneActivations *act,
                                AttuneLayerTape *tape, const AttuneBatch *batch,
                                gboolean propagate);

/* Writes the tape's gate, up and @out (T, C; %NULL: not wanted) from tape->mid. */
void attune_mlp_forward (AttuneDecoder *decoder, int layer, AttuneActivations *act,
                         AttuneLayerTape *tape, const AttuneTensor *out, gint64 n_tokens);
/* act->d_stream: gradient of out in; left as it is. act->d_ffn_normed: gradient of what gate and up
 * read. */
void attune_mlp_backward (AttuneDecoder *decoder, int layer, AttuneActivations *act,
                          AttuneLayerTape *tape, gint64 n_tokens);
/* act->d_ffn_normed goes through the norm into act->d_stream: in a parallel block only when the
 * attention is done with it, as both read the same. */
void attune_mlp_backward_norm (AttuneDecoder *decoder, int layer, AttuneActivations *act,
                               AttuneLayerTape *tape, gint64 n_tokens);

/* The rows of act->stream that have a target, through the last norm, into act->rows_normed. */
void attune_lm_head_normalise (AttuneDecoder *decoder, AttuneActivations *act,
                               const AttuneBatch *batch);
/* Losses of the rows of act->stream that have a target; with @scale != 0 their gradient goes to
 * act->d_stream, all of which is overwritten. The logits of a chunk of rows exist at a time. */
void attune_lm_head_loss (AttuneDecoder *decoder, AttuneActivations *act, const AttuneBatch *batch,
                          double *losses, float scale);

G_END_DECLS
