/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The decoder for generation: new rows over a cache of keys and values, for prefill and for
 * decoding alike.
 */
#include "nn/cache.h"

#include <math.h>

/* Linears that read the same input: q, k and v. */
#define MAX_SHARED 3

static gboolean
can_round (const AttuneCache *cache, const AttuneTensor *w)
{
  return cache->rounded != NULL && cache->be->matmul_rounded != NULL
         && attune_type_can_round (w->type);
}

/* Linears that read the same @x, in 8 bits where the cache and the weights allow it: the threads
 * then meet once for all of them. */
static void
decode_linears (AttuneCache *cache, int n_linears, const AttuneLinear *const *linears,
                const AttuneTensor *y, const AttuneTensor *x, float beta)
{
  AttuneBackend *be = cache->be;
  AttuneTensor rounded_y[MAX_SHARED], rounded_w[MAX_SHARED];
  int n_rounded = 0;

  g_assert (n_linears <= MAX_SHARED);
  for (int i = 0; i < n_linears; i++)
    if (can_round (cache, &linears[i]->weight))
      {
        rounded_y[n_rounded] = y[i];
        rounded_w[n_rounded++] = linears[i]->weight;
      }
    else
      attune_linear_forward (linears[i], &cache->context, &y[i], x, beta);
  if (n_rounded == 0)
    return;
  be->round (be, cache->rounded, x);
  be->matmul_rounded (be, n_rounded, rounded_y, cache->rounded, rounded_w, beta);
  for (int i = 0; i < n_linears; i++)
    if (can_round (cache, &linears[i]->weight))
      attune_linear_add_rest (linears[i], &cache->context, &y[i], x);
}

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
  const AttuneRotation rotation = { c->rotary, c->head_dim, c->head_dim, 1 };

  be->rms_norm_forward (be, &normed, &rstd, &x, &l->attn_norm, c->norm_eps);
  decode_linears (cache, 3, (const AttuneLinear *[]) { &l->q, &l->k, &l->v },
                  (AttuneTensor[]) { q, k, v }, &normed, 0);
  be->rotary (be, &q, shape->positions, decoder->frequencies, &rotation, 1);
  be->rotary (be, &k, shape->positions, decoder->frequencies, &rotation, 1);
  be->cache_store (be, &cache->k[layer], &k, shape->sequences, shape->positions);
  be->cache_store (be, &cache->v[layer], &v, shape->sequences, shape->positions);
  be->attention_cached (be, &attn, &q, &cache->k[layer], &cache->v[layer], shape);
  decode_linears (cache, 1, (const AttuneLinear *[]) { &l->o }, &x, &attn, 1);
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
  decode_linears (cache, 2, (const AttuneLinear *[]) { &l->gate, &l->up },
                  (AttuneTensor[]) { gate, up }, &normed, 0);
  be->gated_forward (be, &act, &gate, &up, decoder->config.gate);
  decode_linears (cache, 1, (const AttuneLinear *[]) { &l->down }, &x, &act, 1);
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
                                        .capacity = cache->shape.capacity,
                                        .sequences = sequences,
                                        .positions = positions };

  g_return_val_if_fail (n > 0 && n <= cache->shape.max_rows && n_logits <= cache->shape.max_logits,
                        NULL);

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
      if (can_round (cache, &self->head))
        {
          be->round (be, cache->rounded, &rows);
          be->matmul_rounded (be, 1, &logits, cache->rounded, &self->head, 0);
        }
      else
        be->matmul_nt (be, &logits, &rows, &self->head, 1, 0);
    }
  return cache->logits.data;
}
