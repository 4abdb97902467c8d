/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The attention half of a layer: norm, q k v, rotary positions, attention within each sample,
 * output projection.
 */
#include "nn/layer.h"

#include <math.h>

static AttuneAttention
attention_shape (const AttuneDecoderConfig *c, const AttuneBatch *batch)
{
  return (AttuneAttention) { .n_heads = c->n_heads,
                             .n_kv_heads = c->n_kv_heads,
                             .head_dim = c->head_dim,
                             .scale = 1.0f / sqrtf (c->head_dim),
                             .n_segments = batch->n_segments,
                             .segments = batch->segments,
                             .prefixes = batch->prefixes };
}

static void
rotate (AttuneDecoder *decoder, const AttuneTensor *x, const AttuneBatch *batch, float sign)
{
  const int dim = decoder->config.head_dim;
  const AttuneRotation rotation = { decoder->config.rotary, dim, dim, 1 };

  decoder->be->rotary (decoder->be, x, batch->positions, decoder->frequencies, &rotation, sign);
}

void
attune_attention_forward (AttuneDecoder *decoder, AttuneDecoderLayer *layer, AttuneActivations *act,
                          AttuneLayerTape *tape, const AttuneBatch *batch)
{
  AttuneBackend *be = decoder->be;
  const gint64 n = batch->n_tokens;
  const AttuneAttention shape = attention_shape (&decoder->config, batch);
  const AttuneTensor x = attune_first_rows (&tape->x, n), mid = attune_first_rows (&tape->mid, n);
  const AttuneTensor normed = attune_first_rows (&act->normed, n),
                     rstd = attune_first_rows (&tape->attn_rstd, n);
  const AttuneTensor q = attune_first_rows (&tape->q, n), k = attune_first_rows (&tape->k, n);
  const AttuneTensor v = attune_first_rows (&tape->v, n), attn = attune_first_rows (&tape->attn, n);
  const AttuneTensor lse = { tape->lse.data, 2, { decoder->config.n_heads, n } };

  be->rms_norm_forward (be, &normed, &rstd, &x, &layer->attn_norm, decoder->config.norm_eps);
  attune_linear_forward (&layer->q, &act->context, &q, &normed, 0);
  attune_linear_forward (&layer->k, &act->context, &k, &normed, 0);
  attune_linear_forward (&layer->v, &act->context, &v, &normed, 0);
  rotate (decoder, &q, batch, 1);
  rotate (decoder, &k, batch, 1);
  be->attention_forward (be, &attn, &lse, &q, &k, &v, &shape);
  be->copy (be, &mid, &x);
  attune_linear_forward (&layer->o, &act->context, &mid, &attn, 1);
}

void
attune_attention_backward (AttuneDecoder *decoder, AttuneDecoderLayer *layer,
                           AttuneActivations *act, AttuneLayerTape *tape, const AttuneBatch *batch,
                           gboolean propagate)
{
  AttuneBackend *be = decoder->be;
  const gint64 n = batch->n_tokens;
  const AttuneAttention shape = attention_shape (&decoder->config, batch);
  const AttuneTensor x = attune_first_rows (&tape->x, n),
                     normed = attune_first_rows (&act->normed, n);
  const AttuneTensor rstd = attune_first_rows (&tape->attn_rstd, n);
  const AttuneTensor q = attune_first_rows (&tape->q, n), k = attune_first_rows (&tape->k, n);
  const AttuneTensor v = attune_first_rows (&tape->v, n), attn = attune_first_rows (&tape->attn, n);
  const AttuneTensor lse = { tape->lse.data, 2, { decoder->config.n_heads, n } };
  const AttuneTensor d_stream = attune_first_rows (&act->d_stream, n),
                     d_attn = attune_first_rows (&act->d_attn, n);
  const AttuneTensor dq = attune_first_rows (&act->d_q, n), dk = attune_first_rows (&act->d_k, n);
  const AttuneTensor dv = attune_first_rows (&act->d_v, n),
                     d_normed = attune_first_rows (&act->d_normed, n);
  const AttuneTensor *dn = propagate ? &d_normed : NULL;

  attune_linear_backward (&layer->o, &act->context, &d_attn, 0, &d_stream, &attn);
  be->attention_backward (be, &dq, &dk, &dv, &d_attn, &attn, &lse, &q, &k, &v, &shape);
  rotate (decoder, &dq, batch, -1);
  rotate (decoder, &dk, batch, -1);
  be->rms_norm_forward (be, &normed, &rstd, &x, &layer->attn_norm, decoder->config.norm_eps);
  attune_linear_backward (&layer->q, &act->context, dn, 0, &dq, &normed);
  attune_linear_backward (&layer->k, &act->context, dn, 1, &dk, &normed);
  attune_linear_backward (&layer->v, &act->context, dn, 1, &dv, &normed);
  if (propagate)
    be->rms_norm_backward (be, &d_stream, attune_if_trained (&layer->d_attn_norm), &d_normed, &x,
                           &layer->attn_norm, &rstd);
}
