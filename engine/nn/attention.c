/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The attention half of a layer: norm, q k v and their norms, rotary positions, attention within
 * each sample, output projection and its norm.
 */
#include "nn/layer.h"
#include "nn/virtual.h"

static AttuneAttention
attention_shape (const AttuneDecoderConfig *c, int layer, const AttuneBatch *batch)
{
  return (AttuneAttention) { .n_heads = c->n_heads,
                             .n_kv_heads = c->n_kv_heads,
                             .head_dim = c->head_dim,
                             .scale = attune_attention_scale (c),
                             .cap = c->attn_cap,
                             .window = attune_layer_set_has (&c->sliding, layer) ? c->window : 0,
                             .n_segments = batch->n_segments,
                             .segments = batch->segments,
                             .prefixes = batch->prefixes };
}

static int
longest_text (const AttuneBatch *batch)
{
  int longest = 0;

  for (int i = 0; i < batch->n_segments; i++)
    {
      const int before = batch->prefixes != NULL ? batch->prefixes[i] : 0;

      longest = MAX (longest, before + batch->segments[i + 1] - batch->segments[i]);
    }
  return longest;
}

/* What q, k and v read: x, or its norm in act->normed. */
static AttuneTensor
attention_input (AttuneDecoder *decoder, int layer, AttuneActivations *act, AttuneLayerTape *tape,
                 gint64 n)
{
  const AttuneTensor x = attune_first_rows (&tape->x, n),
                     normed = attune_first_rows (&act->normed, n),
                     rstd = attune_first_rows (&tape->attn_rstd, n);

  if (decoder->config.block == ATTUNE_BLOCK_POST)
    return x;
  attune_norm_forward (decoder, &decoder->layers[layer].attn_norm, &normed, &rstd, &x);
  return normed;
}

/* Queries or keys from @raw, which may be @out: normed where the family does it, and turned. */
static void
finish_heads (AttuneDecoder *decoder, int layer, const AttuneNorm *norm, const AttuneTensor *out,
              const AttuneTensor *raw, const AttuneTensor *rstd, const AttuneBatch *batch)
{
  if (decoder->config.qk_norm != ATTUNE_QK_NORM_NONE)
    {
      const AttuneTensor from = attune_norm_rows (decoder, raw),
                         to = attune_norm_rows (decoder, out);

      attune_norm_forward (decoder, norm, &to, rstd, &from);
    }
  attune_rotate (decoder, layer, out, batch->positions, longest_text (batch), 1);
}

void
attune_attention_forward (AttuneDecoder *decoder, int index, AttuneActivations *act,
                          AttuneLayerTape *tape, const AttuneBatch *batch)
{
  AttuneBackend *be = decoder->be;
  AttuneDecoderLayer *layer = &decoder->layers[index];
  const gint64 n = batch->n_tokens;
  const AttuneAttention shape = attention_shape (&decoder->config, index, batch);
  const AttuneTensor x = attune_first_rows (&tape->x, n), mid = attune_first_rows (&tape->mid, n);
  const AttuneTensor raw_q = attune_first_rows (&tape->raw_q, n),
                     raw_k = attune_first_rows (&tape->raw_k, n);
  const AttuneTensor q = attune_first_rows (&tape->q, n), k = attune_first_rows (&tape->k, n);
  const AttuneTensor v = attune_first_rows (&tape->v, n), attn = attune_first_rows (&tape->attn, n);
  const AttuneTensor lse = { tape->lse.data, 2, { decoder->config.n_heads, n } };
  const AttuneTensor in = attention_input (decoder, index, act, tape, n);

  attune_linear_forward (&layer->q, &act->context, &raw_q, &in, 0);
  attune_linear_forward (&layer->k, &act->context, &raw_k, &in, 0);
  attune_linear_forward (&layer->v, &act->context, &v, &in, 0);
  finish_heads (decoder, index, &layer->q_norm, &q, &raw_q, &tape->q_rstd, batch);
  finish_heads (decoder, index, &layer->k_norm, &k, &raw_k, &tape->k_rstd, batch);
  attune_virtual_attend (decoder, layer, &k, &v);
  be->attention_forward (be, &attn, &lse, &q, &k, &v, &shape);
  if (attune_norms_after (&decoder->config))
    {
      const AttuneTensor out = attune_first_rows (&tape->attn_out, n),
                         rstd = attune_first_rows (&tape->attn_out_rstd, n);

      attune_linear_forward (&layer->o, &act->context, &out, &attn, 0);
      attune_norm_forward (decoder, &layer->attn_post_norm, &mid, &rstd, &out);
      be->add (be, &mid, &x);
    }
  else
    {
      be->copy (be, &mid, &x);
      attune_linear_forward (&layer->o, &act->context, &mid, &attn, 1);
    }
}

/* The gradient of what o gives: that of mid, or in d_branch through the norm after it. */
static AttuneTensor
output_gradient (AttuneDecoder *decoder, int layer, AttuneActivations *act, AttuneLayerTape *tape,
                 gint64 n)
{
  const AttuneTensor d_stream = attune_first_rows (&act->d_stream, n),
                     d_branch = attune_first_rows (&act->d_branch, n);
  const AttuneTensor out = attune_first_rows (&tape->attn_out, n),
                     rstd = attune_first_rows (&tape->attn_out_rstd, n);

  if (!attune_norms_after (&decoder->config))
    return d_stream;
  decoder->be->zero (decoder->be, &d_branch);
  attune_norm_backward (decoder, &decoder->layers[layer].attn_post_norm, &d_branch, &d_stream, &out,
                        &rstd);
  return d_branch;
}

/* Back from the gradient of queries or keys to that of what q or k gives: @d itself, or d_raw. */
static AttuneTensor
differentiate_heads (AttuneDecoder *decoder, int layer, AttuneActivations *act,
                     const AttuneNorm *norm, const AttuneTensor *d, const AttuneTensor *raw,
                     const AttuneTensor *rstd, const AttuneBatch *batch)
{
  AttuneTensor d_raw = *d;

  attune_rotate (decoder, layer, d, batch->positions, longest_text (batch), -1);
  if (decoder->config.qk_norm != ATTUNE_QK_NORM_NONE)
    {
      const AttuneTensor dy = attune_norm_rows (decoder, d), x = attune_norm_rows (decoder, raw);
      AttuneTensor dx;

      d_raw.data = act->d_raw.data;
      dx = attune_norm_rows (decoder, &d_raw);
      decoder->be->zero (decoder->be, &dx);
      attune_norm_backward (decoder, norm, &dx, &dy, &x, rstd);
    }
  return d_raw;
}

void
attune_attention_backward (AttuneDecoder *decoder, int index, AttuneActivations *act,
                           AttuneLayerTape *tape, const AttuneBatch *batch, gboolean propagate)
{
  AttuneBackend *be = decoder->be;
  AttuneDecoderLayer *layer = &decoder->layers[index];
  const gint64 n = batch->n_tokens;
  const AttuneAttention shape = attention_shape (&decoder->config, index, batch);
  const AttuneTensor x = attune_first_rows (&tape->x, n),
                     rstd = attune_first_rows (&tape->attn_rstd, n);
  const AttuneTensor q = attune_first_rows (&tape->q, n), k = attune_first_rows (&tape->k, n);
  const AttuneTensor v = attune_first_rows (&tape->v, n), attn = attune_first_rows (&tape->attn, n);
  const AttuneTensor lse = { tape->lse.data, 2, { decoder->config.n_heads, n } };
  const AttuneTensor d_stream = attune_first_rows (&act->d_stream, n),
                     d_attn = attune_first_rows (&act->d_attn, n);
  const AttuneTensor dq = attune_first_rows (&act->d_q, n), dk = attune_first_rows (&act->d_k, n);
  const AttuneTensor dv = attune_first_rows (&act->d_v, n),
                     d_normed = attune_first_rows (&act->d_normed, n);
  const AttuneTensor raw_q = attune_first_rows (&tape->raw_q, n),
                     raw_k = attune_first_rows (&tape->raw_k, n);
  const AttuneTensor *dn = propagate ? &d_normed : NULL;
  AttuneTensor d_out, in, d_raw;

  d_out = output_gradient (decoder, index, act, tape, n);
  attune_linear_backward (&layer->o, &act->context, &d_attn, 0, &d_out, &attn);
  be->attention_backward (be, &dq, &dk, &dv, &d_attn, &attn, &lse, &q, &k, &v, &shape);
  attune_virtual_attend_backward (decoder, layer, &dk, &dv);
  in = attention_input (decoder, index, act, tape, n);
  d_raw = differentiate_heads (decoder, index, act, &layer->q_norm, &dq, &raw_q, &tape->q_rstd,
                               batch);
  attune_linear_backward (&layer->q, &act->context, dn, 0, &d_raw, &in);
  d_raw = differentiate_heads (decoder, index, act, &layer->k_norm, &dk, &raw_k, &tape->k_rstd,
                               batch);
  attune_linear_backward (&layer->k, &act->context, dn, 1, &d_raw, &in);
  attune_linear_backward (&layer->v, &act->context, dn, 1, &dv, &in);
  if (!propagate)
    return;
  if (decoder->config.block == ATTUNE_BLOCK_POST)
    be->add (be, &d_stream, &d_normed);
  else
    attune_norm_backward (decoder, &layer->attn_norm, &d_stream, &d_normed, &x, &rstd);
}
