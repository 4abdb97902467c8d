/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two halves of a decoder layer and the LM head. Private to nn/.
 *
 *   mid = x + o (attention (rotary (q (n)), rotary (k (n)), v (n))),   n = norm (x)
 *   out = mid + down (gate (n') · up (n')),                            n' = norm (mid)
 *
 * Source: Vaswani et al. 2017; Touvron et al. 2023 (Llama).
 */
#pragma once
#include "nn/activations.h"

G_BEGIN_DECLS

/* What rms_norm_backward takes: %NULL where the gain is frozen. */
static inline const AttuneTensor *
attune_if_trained (const AttuneTensor *gradient)
{
  return gradient->data != NULL ? gradient : NULL;
}

/* Writes the tape's q … mid from tape->x. */
void attune_attention_forward (AttuneDecoder *decoder, AttuneDecoderLayer *layer,
                               AttuneActivations *act, AttuneLayerTape *tape,
                               const AttuneBatch *batch);
/* act->d_stream: gradient of mid in, of x out. @propagate: %FALSE in the first layer where
 * nothing below learns: d_stream is then left as it is. */
void attune_attention_backward (AttuneDecoder *decoder, AttuneDecoderLayer *layer,
                                AttuneActivations *act, AttuneLayerTape *tape,
                                const AttuneBatch *batch, gboolean propagate);

/* Writes the tape's gate, up and @out (T, C; %NULL: not wanted) from tape->mid. */
void attune_mlp_forward (AttuneDecoder *decoder, AttuneDecoderLayer *layer, AttuneActivations *act,
                         AttuneLayerTape *tape, const AttuneTensor *out, gint64 n_tokens);
/* act->d_stream: gradient of out in, of mid out. */
void attune_mlp_backward (AttuneDecoder *decoder, AttuneDecoderLayer *layer, AttuneActivations *act,
                          AttuneLayerTape *tape, gint64 n_tokens);

/* Losses of the rows of act->stream that have a target; with @scale != 0 their gradient goes to
 * act->d_stream, all of which is overwritten. The logits of a chunk of rows exist at a time. */
void attune_lm_head_loss (AttuneDecoder *decoder, AttuneActivations *act, const AttuneBatch *batch,
                          double *losses, float scale);

G_END_DECLS
