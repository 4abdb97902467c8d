/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The feed-forward half of a layer: norm, gate and up, gated activation, down and its norm; in some
 * families without a gate.
 */
#include "nn/layer.h"

/* The residual that is read: in a parallel block the one before attention. */
static AttuneTensor
mlp_residual (const AttuneDecoder *decoder, AttuneLayerTape *tape, gint64 n)
{
  return attune_first_rows (decoder->config.block == ATTUNE_BLOCK_PARALLEL ? &tape->x : &tape->mid,
                            n);
}

/* What gate and up read: the residual, or its norm in act->normed. */
static AttuneTensor
mlp_input (AttuneDecoder *decoder, int layer, AttuneActivations *act, AttuneLayerTape *tape,
           gint64 n)
{
  const AttuneTensor x = mlp_residual (decoder, tape, n),
                     normed = attune_first_rows (&act->normed, n),
                     rstd = attune_first_rows (&tape->ffn_rstd, n);

  if (decoder->config.block == ATTUNE_BLOCK_POST)
    return x;
  attune_norm_forward (decoder, &decoder->layers[layer].ffn_norm, &normed, &rstd, &x);
  return normed;
}

/* What down reads. Without a gate the tape's gate is its up. */
static void
activate (AttuneDecoder *decoder, AttuneActivations *act, AttuneLayerTape *tape, gint64 n)
{
  const AttuneTensor product = attune_first_rows (&act->act, n),
                     gate = attune_first_rows (&tape->gate, n),
                     up = attune_first_rows (&tape->up, n);

  decoder->be->gated_forward (decoder->be, &product, &gate, decoder->config.ungated ? NULL : &up,
                              decoder->config.gate);
}

void
attune_mlp_forward (AttuneDecoder *decoder, int index, AttuneActivations *act,
                    AttuneLayerTape *tape, const AttuneTensor *out, gint64 n)
{
  AttuneBackend *be = decoder->be;
  AttuneDecoderLayer *layer = &decoder->layers[index];
  const AttuneTensor mid = attune_first_rows (&tape->mid, n),
                     product = attune_first_rows (&act->act, n);
  const AttuneTensor gate = attune_first_rows (&tape->gate, n),
                     up = attune_first_rows (&tape->up, n);
  const AttuneTensor in = mlp_input (decoder, index, act, tape, n);

  if (decoder->config.n_experts > 0)
    {
      if (out != NULL)
        be->copy (be, out, &mid);
      attune_moe_forward (decoder, layer, &act->context, &tape->moe, &act->moe, out, &in);
      return;
    }
  if (!decoder->config.ungated)
    attune_linear_forward (&layer->gate, &act->context, &gate, &in, 0);
  attune_linear_forward (&layer->up, &act->context, &up, &in, 0);
  if (out == NULL && !attune_norms_after (&decoder->config))
    return;
  activate (decoder, act, tape, n);
  if (attune_norms_after (&decoder->config))
    {
      const AttuneTensor down = attune_first_rows (&tape->ffn_out, n),
                         rstd = attune_first_rows (&tape->ffn_out_rstd, n),
                         normed = attune_first_rows (&act->normed, n);

      attune_linear_forward (&layer->down, &act->context, &down, &product, 0);
      attune_norm_forward (decoder, &layer->ffn_post_norm, out != NULL ? out : &normed, &rstd,
                           &down);
      if (out != NULL)
        be->add (be, out, &mid);
    }
  else
    {
      be->copy (be, out, &mid);
      attune_linear_forward (&layer->down, &act->context, out, &product, 1);
    }
}

/* The gradient of what down gives: that of out, or in d_branch through the norm after it. */
static AttuneTensor
output_gradient (AttuneDecoder *decoder, int layer, AttuneActivations *act, AttuneLayerTape *tape,
                 gint64 n)
{
  const AttuneTensor d_stream = attune_first_rows (&act->d_stream, n),
                     d_branch = attune_first_rows (&act->d_branch, n);
  const AttuneTensor down = attune_first_rows (&tape->ffn_out, n),
                     rstd = attune_first_rows (&tape->ffn_out_rstd, n);

  if (!attune_norms_after (&decoder->config))
    return d_stream;
  decoder->be->zero (decoder->be, &d_branch);
  attune_norm_backward (decoder, &decoder->layers[layer].ffn_post_norm, &d_branch, &d_stream, &down,
                        &rstd);
  return d_branch;
}

void
attune_mlp_backward (AttuneDecoder *decoder, int index, AttuneActivations *act,
                     AttuneLayerTape *tape, gint64 n)
{
  AttuneBackend *be = decoder->be;
  AttuneDecoderLayer *layer = &decoder->layers[index];
  const gboolean gated = !decoder->config.ungated;
  const AttuneTensor product = attune_first_rows (&act->act, n),
                     d_act = attune_first_rows (&act->d_act, n);
  const AttuneTensor gate = attune_first_rows (&tape->gate, n),
                     up = attune_first_rows (&tape->up, n);
  const AttuneTensor d_in = attune_first_rows (&act->d_ffn_normed, n);
  AttuneTensor d_out, in;

  d_out = output_gradient (decoder, index, act, tape, n);
  if (decoder->config.n_experts > 0)
    {
      in = mlp_input (decoder, index, act, tape, n);
      attune_moe_backward (decoder, layer, &act->context, &tape->moe, &act->moe, &d_in, &d_out,
                           &in);
      return;
    }
  activate (decoder, act, tape, n);
  attune_linear_backward (&layer->down, &act->context, &d_act, 0, &d_out, &product);
  /* From here the product's memory holds d up, and d_act's holds d gate. */
  be->gated_backward (be, &d_act, gated ? &product : NULL, &d_act, &gate, gated ? &up : NULL,
                      decoder->config.gate);
  in = mlp_input (decoder, index, act, tape, n);
  if (gated)
    attune_linear_backward (&layer->gate, &act->context, &d_in, 0, &d_act, &in);
  attune_linear_backward (&layer->up, &act->context, &d_in, gated ? 1 : 0,
                          gated ? &product : &d_act, &in);
}

void
attune_mlp_backward_norm (AttuneDecoder *decoder, int index, AttuneActivations *act,
                          AttuneLayerTape *tape, gint64 n)
{
  const AttuneTensor x = mlp_residual (decoder, tape, n),
                     rstd = attune_first_rows (&tape->ffn_rstd, n);
  const AttuneTensor d_stream = attune_first_rows (&act->d_stream, n),
                     d_in = attune_first_rows (&act->d_ffn_normed, n);

  if (decoder->config.block == ATTUNE_BLOCK_POST)
    decoder->be->add (decoder->be, &d_stream, &d_in);
  else
    attune_norm_backward (decoder, &decoder->layers[index].ffn_norm, &d_stream, &d_in, &x, &rstd);
}
