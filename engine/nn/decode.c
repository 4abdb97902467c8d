/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The decoder for generation: new rows over a cache of keys and values, for prefill and for
 * decoding alike.
 */
#include "nn/cache.h"
#include "nn/virtual.h"

/* Linears that read the same input: q, k and v. */
#define MAX_SHARED 3

static gboolean
can_round (const AttuneCache *cache, const AttuneTensor *w)
{
  return cache->rounded != NULL && cache->be->matmul_rounded != NULL
         && attune_type_can_round (w->type);
}

/* What packing made of @w; %NULL where it lies as it is stored. */
static const void *
find_packed (const AttuneCache *cache, const AttuneTensor *w)
{
  return cache->packed != NULL ? g_hash_table_lookup (cache->packed, w->data) : NULL;
}

static GPtrArray *
list_weights (AttuneDecoder *decoder)
{
  GPtrArray *weights = g_ptr_array_new ();

  for (int i = 0; i < decoder->config.n_layers; i++)
    for (int j = 0; j < ATTUNE_LAYER_LINEARS; j++)
      g_ptr_array_add (weights, &attune_decoder_layer_linear (&decoder->layers[i], j)->weight);
  g_ptr_array_add (weights, &decoder->head);
  return weights;
}

static gsize
packed_bytes (const AttuneTensor *w)
{
  const gsize bytes = w->data != NULL ? attune_packed_bytes (w) : 0;

  return (bytes + ATTUNE_ALIGN - 1) / ATTUNE_ALIGN * ATTUNE_ALIGN;
}

/* Lays the weights out anew, once; where there is no memory for it they are read as they lie. */
static void
pack_weights (AttuneDecoder *decoder, AttuneCache *cache)
{
  AttuneBackend *be = cache->be;
  g_autoptr (GPtrArray) weights = NULL;
  char *next;

  if (!cache->shape.pack || cache->packed != NULL || cache->rounded == NULL
      || be->pack_rounded == NULL)
    return;
  cache->packed = g_hash_table_new (NULL, NULL);
  weights = list_weights (decoder);
  for (guint i = 0; i < weights->len; i++)
    cache->packed_bytes += packed_bytes (weights->pdata[i]);
  if (cache->packed_bytes == 0)
    return;
  next = cache->packed_memory = be->alloc (be, cache->packed_bytes);
  if (next == NULL)
    {
      g_autoptr (GError) ignored = NULL; /* it is only slower */

      attune_backend_sync (be, &ignored);
      return;
    }
  for (guint i = 0; i < weights->len; i++)
    {
      const AttuneTensor *w = weights->pdata[i];

      if (packed_bytes (w) == 0)
        continue;
      be->pack_rounded (be, next, w);
      g_hash_table_insert (cache->packed, w->data, next);
      next += packed_bytes (w);
    }
}

/* What is rescaled needs the product by itself. */
static gboolean
in_8_bits (const AttuneCache *cache, const AttuneLinear *linear)
{
  return can_round (cache, &linear->weight)
         && (cache->context.base_only || !attune_linear_is_rescaled (linear));
}

/* Linears that read the same @x, in 8 bits where the cache and the weights allow it: the threads
 * then meet once for all of them. */
static void
decode_linears (AttuneCache *cache, int n_linears, const AttuneLinear *const *linears,
                const AttuneTensor *y, const AttuneTensor *x, float beta)
{
  AttuneBackend *be = cache->be;
  AttuneTensor rounded_y[MAX_SHARED], rounded_w[MAX_SHARED];
  const void *packed[MAX_SHARED];
  int n_rounded = 0;

  g_assert (n_linears <= MAX_SHARED);
  for (int i = 0; i < n_linears; i++)
    if (in_8_bits (cache, linears[i]))
      {
        packed[n_rounded] = find_packed (cache, &linears[i]->weight);
        rounded_y[n_rounded] = y[i];
        rounded_w[n_rounded++] = linears[i]->weight;
      }
    else
      attune_linear_forward (linears[i], &cache->context, &y[i], x, beta);
  if (n_rounded == 0)
    return;
  be->round (be, cache->rounded, x);
  be->matmul_rounded (be, n_rounded, rounded_y, cache->rounded, rounded_w, packed, beta);
  for (int i = 0; i < n_linears; i++)
    if (in_8_bits (cache, linears[i]))
      attune_linear_add_rest (linears[i], &cache->context, &y[i], x);
}

/* What a half of a layer reads: x, or its norm in @normed. */
static AttuneTensor
decode_input (AttuneDecoder *decoder, AttuneCache *cache, const AttuneNorm *norm,
              const AttuneTensor *normed, gint64 n)
{
  const AttuneTensor x = attune_first_rows (&cache->x, n), y = attune_first_rows (normed, n),
                     rstd = attune_first_rows (&cache->rstd, n);

  if (decoder->config.block == ATTUNE_BLOCK_POST)
    return x;
  attune_norm_forward (decoder, norm, &y, &rstd, &x);
  return y;
}

/* The last linear of a half: its output is added to the residual, normed where the family does it.
 */
static void
decode_output (AttuneDecoder *decoder, AttuneCache *cache, const AttuneLinear *linear,
               const AttuneNorm *norm, const AttuneTensor *in, gint64 n)
{
  const AttuneTensor x = attune_first_rows (&cache->x, n),
                     branch = attune_first_rows (&cache->branch, n),
                     rstd = attune_first_rows (&cache->rstd, n);

  if (!attune_norms_after (&decoder->config))
    {
      decode_linears (cache, 1, &linear, &x, in, 1);
      return;
    }
  decode_linears (cache, 1, &linear, &branch, in, 0);
  attune_norm_forward (decoder, norm, &branch, &rstd, &branch);
  decoder->be->add (decoder->be, &x, &branch);
}

static void
decode_heads (AttuneDecoder *decoder, AttuneCache *cache, int layer, const AttuneNorm *norm,
              const AttuneTensor *x, const gint32 *positions)
{
  if (decoder->config.qk_norm != ATTUNE_QK_NORM_NONE)
    {
      const AttuneTensor rows = attune_norm_rows (decoder, x);

      attune_norm_forward (decoder, norm, &rows, &cache->head_rstd, &rows);
    }
  attune_rotate (decoder, layer, x, positions, cache->shape.capacity + cache->n_virtual, 1);
}

static void
decode_attention (AttuneDecoder *decoder, AttuneCache *cache, int layer, gint64 n,
                  const AttuneCachedAttention *shape)
{
  AttuneBackend *be = decoder->be;
  AttuneDecoderLayer *l = &decoder->layers[layer];
  const AttuneTensor in = decode_input (decoder, cache, &l->attn_norm, &cache->normed, n);
  const AttuneTensor q = attune_first_rows (&cache->q, n), k = attune_first_rows (&cache->new_k, n);
  const AttuneTensor v = attune_first_rows (&cache->new_v, n),
                     attn = attune_first_rows (&cache->attn, n);

  decode_linears (cache, 3, (const AttuneLinear *[]) { &l->q, &l->k, &l->v },
                  (AttuneTensor[]) { q, k, v }, &in, 0);
  decode_heads (decoder, cache, layer, &l->q_norm, &q, shape->positions);
  decode_heads (decoder, cache, layer, &l->k_norm, &k, shape->positions);
  be->cache_store (be, &cache->k[layer], &k, shape->sequences, shape->positions);
  be->cache_store (be, &cache->v[layer], &v, shape->sequences, shape->positions);
  be->attention_cached (be, &attn, &q, &cache->k[layer], &cache->v[layer], shape);
  decode_output (decoder, cache, &l->o, &l->attn_post_norm, &attn, n);
}

/* @in: as decode_input() gives it. */
static void
decode_mlp (AttuneDecoder *decoder, AttuneCache *cache, int layer, const AttuneTensor *in, gint64 n)
{
  AttuneBackend *be = decoder->be;
  AttuneDecoderLayer *l = &decoder->layers[layer];
  const gboolean gated = !decoder->config.ungated;
  const AttuneTensor act = attune_first_rows (&cache->act, n);
  const AttuneTensor gate = attune_first_rows (&cache->gate, n),
                     up = attune_first_rows (&cache->up, n);

  if (decoder->config.n_experts > 0)
    {
      const AttuneTensor x = attune_first_rows (&cache->x, n);

      attune_moe_forward (decoder, l, &cache->context, &cache->moe, &cache->moe_scratch, &x, in);
      return;
    }
  if (gated)
    decode_linears (cache, 2, (const AttuneLinear *[]) { &l->gate, &l->up },
                    (AttuneTensor[]) { gate, up }, in, 0);
  else
    decode_linears (cache, 1, (const AttuneLinear *[]) { &l->up }, &up, in, 0);
  be->gated_forward (be, &act, &gate, gated ? &up : NULL, decoder->config.gate);
  decode_output (decoder, cache, &l->down, &l->ffn_post_norm, &act, n);
}

static void
decode_layer (AttuneDecoder *decoder, AttuneCache *cache, int layer, gint64 n,
              const AttuneCachedAttention *shape)
{
  const AttuneNorm *norm = &decoder->layers[layer].ffn_norm;
  const gboolean parallel = decoder->config.block == ATTUNE_BLOCK_PARALLEL;
  AttuneTensor in;

  if (parallel)
    in = decode_input (decoder, cache, norm, &cache->mlp_normed, n);
  decode_attention (decoder, cache, layer, n, shape);
  if (!parallel)
    in = decode_input (decoder, cache, norm, &cache->mlp_normed, n);
  decode_mlp (decoder, cache, layer, &in, n);
}

/* The first residual, as in forward-backward.c. */
static void
decode_embed (AttuneDecoder *decoder, AttuneCache *cache, const gint32 *tokens,
              const gint32 *positions, gint64 n)
{
  AttuneBackend *be = decoder->be;
  const AttuneTensor x = attune_first_rows (&cache->x, n),
                     rows = attune_first_rows (&cache->normed, n);

  be->gather (be, &x, &decoder->embedding, tokens);
  if (decoder->config.embedding_scale > 0)
    be->scale (be, &x, decoder->config.embedding_scale);
  if (decoder->config.learned_positions)
    {
      be->gather (be, &rows, &decoder->positions, positions);
      be->add (be, &x, &rows);
    }
}

static void
decode_layers (AttuneDecoder *decoder, AttuneCache *cache, gint64 n, AttuneCachedAttention *shape)
{
  const AttuneDecoderConfig *c = &decoder->config;

  for (int i = 0; i < c->n_layers; i++)
    {
      shape->window = attune_layer_set_has (&c->sliding, i) ? c->window : 0;
      decode_layer (decoder, cache, i, n, shape);
    }
}

/* Rows @first … @first + @n - 1 of a prompt, as if they were embedded tokens. */
static void
decode_prompt (AttuneDecoder *decoder, AttuneCache *cache, int first, int n,
               AttuneCachedAttention *shape)
{
  AttuneBackend *be = decoder->be;
  const AttuneTensor x = attune_first_rows (&cache->x, n),
                     rows = attune_tensor_slice (&decoder->prompt, first, n);

  be->copy (be, &x, &rows);
  if (decoder->config.embedding_scale > 0)
    be->scale (be, &x, decoder->config.embedding_scale);
  decode_layers (decoder, cache, n, shape);
}

/* Puts the virtual tokens before what sequence @sequence is going to read. */
static void
begin_sequence (AttuneDecoder *decoder, AttuneCache *cache, gint32 sequence,
                const AttuneCachedAttention *shape)
{
  AttuneBackend *be = decoder->be;
  const int all = decoder->n_virtual;
  g_autofree gint32 *sequences = g_new (gint32, all);
  AttuneCachedAttention own = *shape;

  for (int i = 0; i < all; i++)
    {
      sequences[i] = sequence;
      cache->places[i] = i;
    }
  own.sequences = sequences;
  for (int i = 0; decoder->prompt.data == NULL && i < decoder->config.n_layers; i++)
    {
      be->cache_store (be, &cache->k[i], &decoder->layers[i].prefix_k, sequences, cache->places);
      be->cache_store (be, &cache->v[i], &decoder->layers[i].prefix_v, sequences, cache->places);
    }
  for (int first = 0; decoder->prompt.data != NULL && first < all; first += cache->shape.max_rows)
    {
      own.positions = cache->places + first;
      decode_prompt (decoder, cache, first, MIN (cache->shape.max_rows, all - first), &own);
    }
}

/* Of a sequence that begins, the virtual tokens; then where all rows stand behind these. Returns:
 * @positions, or in the cache. */
static const gint32 *
place_rows (AttuneDecoder *decoder, AttuneCache *cache, int n, const gint32 *positions,
            const AttuneCachedAttention *shape)
{
  if (cache->n_virtual == 0)
    return positions;
  for (int i = 0; i < n; i++)
    if (positions[i] == 0)
      begin_sequence (decoder, cache, shape->sequences[i], shape);
  for (int i = 0; i < n; i++)
    cache->places[i] = positions[i] + cache->n_virtual;
  return cache->places;
}

/* The logits of @n rows of the residual. */
static void
decode_logits (AttuneDecoder *decoder, AttuneCache *cache, const AttuneTensor *x,
               const gint32 *logit_rows, gint64 n)
{
  AttuneBackend *be = decoder->be;
  const AttuneTensor rows = attune_first_rows (&cache->rows, n),
                     rstd = attune_first_rows (&cache->rstd, n),
                     logits = attune_first_rows (&cache->logits, n);

  be->gather (be, &rows, x, logit_rows);
  attune_norm_forward (decoder, &decoder->output_norm, &rows, &rstd, &rows);
  if (can_round (cache, &decoder->head))
    {
      be->round (be, cache->rounded, &rows);
      be->matmul_rounded (be, 1, &logits, cache->rounded, &decoder->head,
                          (const void *[]) { find_packed (cache, &decoder->head) }, 0);
    }
  else
    be->matmul_nt (be, &logits, &rows, &decoder->head, 1, 0);
  if (decoder->config.logit_cap > 0)
    be->soft_cap (be, &logits, decoder->config.logit_cap);
}

const float *
attune_decoder_decode (AttuneDecoder *self, AttuneCache *cache, int n, const gint32 *tokens,
                       const gint32 *sequences, const gint32 *positions, int n_logits,
                       const gint32 *logit_rows)
{
  const AttuneDecoderConfig *c = &self->config;
  const AttuneTensor x = attune_first_rows (&cache->x, n);
  AttuneCachedAttention shape = { .n_heads = c->n_heads,
                                  .n_kv_heads = c->n_kv_heads,
                                  .head_dim = c->head_dim,
                                  .scale = attune_attention_scale (c),
                                  .cap = c->attn_cap,
                                  .capacity = cache->k[0].dims[2],
                                  .sequences = sequences };

  g_return_val_if_fail (n > 0 && n <= cache->shape.max_rows && n_logits <= cache->shape.max_logits,
                        NULL);

  g_return_val_if_fail (attune_count_virtual (self) <= cache->shape.n_virtual, NULL);

  pack_weights (self, cache);
  cache->context.base_only = self->base_only;
  cache->n_virtual = attune_count_virtual (self);
  shape.positions = place_rows (self, cache, n, positions, &shape);
  decode_embed (self, cache, tokens, shape.positions, n);
  decode_layers (self, cache, n, &shape);
  if (n_logits > 0)
    decode_logits (self, cache, &x, logit_rows, n_logits);
  if (cache->host_logits == NULL)
    return cache->logits.data;
  attune_backend_download (cache->be, cache->host_logits, cache->logits.data,
                           (gsize) n_logits * c->n_vocab * sizeof (float));
  return cache->host_logits;
}
