/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The decoder for generation: new rows over a cache of keys and values, for prefill and for
 * decoding alike.
 */
#include "nn/cache.h"

#include <math.h>

static void
decode_attention (AttuneDecoder *decoder, AttuneCache *cache, int layer, gint64 n,
                  const AttuneCachedAttention *shape)
{
  AttuneBackend *be = decoder->be;
  AttuneDecoderLayer *l = &decoder->layers[layer];
  const AttuneDecoderConfig *c = &decoder->config;
  const AttuneTensor x = attune_first_rows (&cache->x, n),
                     normed = attune_first_rows (&cache->normed, n);
  const AttuneTensor rstd = attune_first_rows (&cache->rstd, n),
                     q = attune_first_rows (&cache->q, n);
  const AttuneTensor k = attune_first_rows (&cache->new_k, n),
                     v = attune_first_rows (&cache->new_v, n);
  const AttuneTensor attn = attune_first_rows (&cache->attn, n);

  be->rms_norm_forward (be, &normed, &rstd, &x, &l->attn_norm, c->norm_eps);
  attune_linear_forward (&l->q, &cache->context, &q, &normed, 0);
  attune_linear_forward (&l->k, &cache->context, &k, &normed, 0);
  attune_linear_forward (&l->v, &cache->context, &v, &normed, 0);
  be->rotary (be, &q, shape->positions, decoder->frequencies, c->head_dim, c->rotary, 1);
  be->rotary (be, &k, shape->positions, decoder->frequencies, c->head_dim, c->rotary, 1);
  be->cache_store (be, &cache->k[layer], &k, shape->sequences, shape->positions);
  be->cache_store (be, &cache->v[layer], &v, shape->sequences, shape->positions);
  be->attention_cached (be, &attn, &q, &cache->k[layer], &cache->v[layer], shape);
  attune_linear_forward (&l->o, &cache->context, &x, &attn, 1);
}

static void
decode_mlp (AttuneDecoder *decoder, AttuneCache *cache, int layer, gint64 n)
{
  AttuneBackend *be = decoder->be;
  AttuneDecoderLayer *l = &decoder->layers[layer];
  const AttuneTensor x = attune_first_rows (&cache->x, n),
                     normed = attune_first_rows (&cache->normed, n);
  const AttuneTensor rstd = attune_first_rows (&cache->rstd, n),
                     act = attune_first_rows (&cache->act, n);
  const AttuneTensor gate = attune_first_rows (&cache->gate, n),
                     up = attune_first_rows (&cache->up, n);

  be->rms_norm_forward (be, &normed, &rstd, &x, &l->ffn_norm, decoder->config.norm_eps);
  attune_linear_forward (&l->gate, &cache->context, &gate, &normed, 0);
  attune_linear_forward (&l->up, &cache->context, &up, &normed, 0);
  be->gated_forward (be, &act, &gate, &up, decoder->config.gate);
  attune_linear_forward (&l->down, &cache->context, &x, &act, 1);
}

const float *
attune_decoder_decode (AttuneDecoder *self, AttuneCache *cache, int n, const gint32 *tokens,
                       const gint32 *sequences, const gint32 *positions, int n_logits,
                       const gint32 *logit_rows)
{
  AttuneBackend *be = self->be;
  const AttuneDecoderConfig *c = &self->config;
  const AttuneTensor x = attune_first_rows (&cache->x, n);
  const AttuneCachedAttention shape = { .n_heads = c->n_heads,
                                        .n_kv_heads = c->n_kv_heads,
                                        .head_dim = c->head_dim,
                                        .scale = 1.0f / sqrtf (c->head_dim),
                                        .capacity = cache->capacity,
                                        .sequences = sequences,
                                        .positions = positions };

  g_return_val_if_fail (n > 0 && n <= cache->max_rows && n_logits <= cache->n_sequences, NULL);

  cache->context.base_only = self->base_only;
  be->gather (be, &x, &self->embedding, tokens);
  for (int i = 0; i < c->n_layers; i++)
    {
      decode_attention (self, cache, i, n, &shape);
      decode_mlp (self, cache, i, n);
    }
  if (n_logits > 0)
    {
      const AttuneTensor rows = attune_first_rows (&cache->rows, n_logits);
      const AttuneTensor rstd = attune_first_rows (&cache->rstd, n_logits);
      const AttuneTensor logits = attune_first_rows (&cache->logits, n_logits);

      be->gather (be, &rows, &x, logit_rows);
      be->rms_norm_forward (be, &rows, &rstd, &rows, &self->output_norm, c->norm_eps);
      be->matmul_nt (be, &logits, &rows, &self->head, 1, 0);
    }
  return cache->logits.data;
}
