/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The feed-forward half of a layer: norm, gate and up, gated activation, down.
 */
#include "nn/layer.h"

void
attune_mlp_forward (AttuneDecoder *decoder, AttuneDecoderLayer *layer, AttuneActivations *act,
                    AttuneLayerTape *tape, const AttuneTensor *out, gint64 n)
{
  AttuneBackend *be = decoder->be;
  const AttuneTensor mid = attune_first_rows (&tape->mid, n),
                     normed = attune_first_rows (&act->normed, n);
  const AttuneTensor rstd = attune_first_rows (&tape->ffn_rstd, n),
                     product = attune_first_rows (&act->act, n);
  const AttuneTensor gate = attune_first_rows (&tape->gate, n),
                     up = attune_first_rows (&tape->up, n);

  be->rms_norm_forward (be, &normed, &rstd, &mid, &layer->ffn_norm, decoder->config.norm_eps);
  attune_linear_forward (&layer->gate, &act->context, &gate, &normed, 0);
  attune_linear_forward (&layer->up, &act->context, &up, &normed, 0);
  if (out == NULL)
    return;
  be->gated_forward (be, &product, &gate, &up, decoder->config.gate);
  be->copy (be, out, &mid);
  attune_linear_forward (&layer->down, &act->context, out, &product, 1);
}

void
attune_mlp_backward (AttuneDecoder *decoder, AttuneDecoderLayer *layer, AttuneActivations *act,
                     AttuneLayerTape *tape, gint64 n)
{
  AttuneBackend *be = decoder->be;
  const AttuneTensor mid = attune_first_rows (&tape->mid, n),
                     normed = attune_first_rows (&act->normed, n);
  const AttuneTensor rstd = attune_first_rows (&tape->ffn_rstd, n),
                     product = attune_first_rows (&act->act, n);
  const AttuneTensor gate = attune_first_rows (&tape->gate, n),
                     up = attune_first_rows (&tape->up, n);
  const AttuneTensor d_stream = attune_first_rows (&act->d_stream, n),
                     d_act = attune_first_rows (&act->d_act, n);
  const AttuneTensor d_normed = attune_first_rows (&act->d_normed, n);

  be->gated_forward (be, &product, &gate, &up, decoder->config.gate);
  attune_linear_backward (&layer->down, &act->context, &d_act, 0, &d_stream, &product);
  /* From here the product's memory holds d up, and d_act's holds d gate. */
  be->gated_backward (be, &d_act, &product, &d_act, &gate, &up, decoder->config.gate);
  be->rms_norm_forward (be, &normed, &rstd, &mid, &layer->ffn_norm, decoder->config.norm_eps);
  attune_linear_backward (&layer->gate, &act->context, &d_normed, 0, &d_act, &normed);
  attune_linear_backward (&layer->up, &act->context, &d_normed, 1, &product, &normed);
  be->rms_norm_backward (be, &d_stream, attune_if_trained (&layer->d_ffn_norm), &d_normed, &mid,
                         &layer->ffn_norm, &rstd);
}
