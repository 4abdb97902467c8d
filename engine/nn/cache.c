/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The layout of a KV cache: one function for the estimate and the allocation.
 */
#include "nn/cache.h"

/* What keys and values are kept in. */
static AttuneType
choose_type (const AttuneDecoderConfig *config, const AttuneCacheShape *shape)
{
  if (!shape->fast)
    return ATTUNE_TYPE_F32;
  return shape->small && config->head_dim % attune_type_info (ATTUNE_TYPE_Q8_0)->block == 0
             ? ATTUNE_TYPE_Q8_0
             : ATTUNE_TYPE_BF16;
}

static void
lay_out (AttuneCache *self, AttuneArena *arena)
{
  const AttuneDecoderConfig *c = &self->config;
  const AttuneCacheShape *shape = &self->shape;
  const gint64 n = shape->max_rows, heads = (gint64) c->n_heads * c->head_dim;
  const gint64 kv_heads = (gint64) c->n_kv_heads * c->head_dim;
  const gint64 cache[4] = { shape->n_sequences, c->n_kv_heads,
                            (gint64) shape->capacity + shape->n_virtual, c->head_dim };
  const gint64 widest = MAX (MAX (c->n_embd, c->n_ff), heads);
  const AttuneType type = choose_type (c, shape);
  gsize mark;

  for (int i = 0; i < c->n_layers; i++)
    {
      self->k[i] = attune_arena_take_type (arena, type, 4, cache);
      self->v[i] = attune_arena_take_type (arena, type, 4, cache);
    }
  self->x = attune_arena_take_2 (arena, n, c->n_embd);
  self->normed = attune_arena_take_2 (arena, n, c->n_embd);
  self->rstd = attune_arena_take_1 (arena, MAX (n, shape->max_logits));
  self->q = attune_arena_take_2 (arena, n, heads);
  self->new_k = attune_arena_take_2 (arena, n, kv_heads);
  self->new_v = attune_arena_take_2 (arena, n, kv_heads);
  self->attn = attune_arena_take_2 (arena, n, heads);
  if (c->n_experts > 0)
    {
      attune_moe_lay_out_tape (&self->moe, arena, c, n);
      attune_moe_lay_out_scratch (&self->moe_scratch, arena, c, n, FALSE);
    }
  else
    {
      self->up = attune_arena_take_2 (arena, n, c->n_ff);
      self->gate = c->ungated ? self->up : attune_arena_take_2 (arena, n, c->n_ff);
      self->act = attune_arena_take_2 (arena, n, c->n_ff);
    }
  self->mlp_normed = c->block == ATTUNE_BLOCK_PARALLEL ? attune_arena_take_2 (arena, n, c->n_embd)
                                                       : self->normed;
  if (c->qk_norm != ATTUNE_QK_NORM_NONE)
    self->head_rstd = attune_arena_take_1 (arena, n * c->n_heads);
  if (attune_norms_after (c))
    self->branch = attune_arena_take_2 (arena, n, c->n_embd);
  self->rows = attune_arena_take_2 (arena, shape->max_logits, c->n_embd);
  self->logits = attune_arena_take_2 (arena, shape->max_logits, c->n_vocab);
  if (shape->fast)
    self->rounded
        = attune_arena_take_2 (arena, MAX (n, shape->max_logits) * (widest / ATTUNE_ROUNDED_BLOCK),
                               sizeof (AttuneRounded) / sizeof (float))
              .data;
  mark = arena->used;
  if (shape->lora_rank > 0)
    { /* linear's scratch, also for an adapter that rescales */
      attune_arena_take_2 (arena, n, shape->lora_rank);
      attune_arena_take_2 (arena, 2, widest);
      attune_arena_take_1 (arena, 2 * n * widest);
    }
  attune_arena_rewind (arena, mark);
}

AttuneCacheShape
attune_cache_shape_for_text (int n_sequences, int capacity, int lora_rank)
{
  return (AttuneCacheShape) { .n_sequences = n_sequences,
                              .capacity = capacity,
                              .max_rows = MAX (n_sequences, MIN (ATTUNE_PREFILL_ROWS, capacity)),
                              .lora_rank = lora_rank,
                              .fast = TRUE };
}

static AttuneCacheShape
complete (const AttuneCacheShape *shape)
{
  AttuneCacheShape whole = *shape;

  if (whole.max_logits == 0)
    whole.max_logits = whole.n_sequences;
  return whole;
}

gsize
attune_cache_bytes (const AttuneDecoderConfig *config, const AttuneCacheShape *shape)
{
  g_autofree AttuneTensor *tensors = g_new0 (AttuneTensor, 2 * config->n_layers);
  AttuneCache measured = { .config = *config, .shape = complete (shape) };
  AttuneArena arena = ATTUNE_ARENA_MEASURE;

  measured.k = tensors;
  measured.v = tensors + config->n_layers;
  lay_out (&measured, &arena);
  return arena.peak;
}

AttuneCache *
attune_cache_new (AttuneBackend *be, const AttuneDecoderConfig *config,
                  const AttuneCacheShape *shape, GError **error)
{
  g_autoptr (AttuneCache) self = g_new0 (AttuneCache, 1);

  g_return_val_if_fail (shape->n_sequences > 0 && shape->capacity > 0 && shape->max_rows > 0, NULL);

  self->be = be;
  self->config = *config;
  self->shape = complete (shape);
  self->k = g_new0 (AttuneTensor, config->n_layers);
  self->v = g_new0 (AttuneTensor, config->n_layers);
  self->arena.size = attune_cache_bytes (config, shape);
  self->arena.base = be->alloc (be, self->arena.size);
  if (self->arena.base == NULL)
    {
      g_autoptr (GError) reason = NULL;

      attune_backend_sync (be, &reason);
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_MEMORY,
                   "There is no memory for %.2f GB of context. A shorter context or fewer answers "
                   "at once need less.",
                   self->arena.size / 1e9);
      return NULL;
    }
  lay_out (self, &self->arena);
  self->context = (AttuneContext) { .be = be, .arena = &self->arena };
  if (be->download != NULL && config->n_experts > 0)
    {
      self->routes = g_new0 (gint32, attune_moe_count_routes (config, shape->max_rows));
      attune_moe_place_routes (&self->moe, self->routes, config, shape->max_rows);
    }
  self->places = g_new (gint32, MAX (shape->max_rows, shape->n_virtual));
  if (be->download != NULL)
    self->host_logits = g_malloc (attune_tensor_bytes (&self->logits));
  return g_steal_pointer (&self);
}

/* The first @n positions of one sequence and one head. */
static AttuneTensor
positions_of (const AttuneTensor *cache, int sequence, int head, int n)
{
  const gint64 capacity = cache->dims[2], dim = cache->dims[3],
               first = (sequence * cache->dims[1] + head) * capacity;

  return (AttuneTensor) {
    (char *) cache->data + attune_type_bytes (cache->type, first * dim), 2, { n, dim }, cache->type
  };
}

void
attune_cache_copy (AttuneCache *cache, int from, int to, int n)
{
  AttuneBackend *be = cache->be;

  g_return_if_fail (MAX (from, to) < cache->shape.n_sequences && n <= cache->shape.capacity);

  n += n > 0 ? cache->n_virtual : 0;
  for (int i = 0; i < cache->config.n_layers && n > 0; i++)
    for (int head = 0; head < cache->config.n_kv_heads; head++)
      {
        const AttuneTensor k = positions_of (&cache->k[i], to, head, n),
                           v = positions_of (&cache->v[i], to, head, n),
                           from_k = positions_of (&cache->k[i], from, head, n),
                           from_v = positions_of (&cache->v[i], from, head, n);

        be->copy (be, &k, &from_k);
        be->copy (be, &v, &from_v);
      }
}

void
attune_cache_free (AttuneCache *self)
{
  if (self == NULL)
    return;
  if (self->arena.base != NULL)
    self->be->release (self->be, self->arena.base, self->arena.size);
  if (self->packed_memory != NULL)
    self->be->release (self->be, self->packed_memory, self->packed_bytes);
  g_clear_pointer (&self->packed, g_hash_table_unref);
  g_free (self->host_logits);
  g_free (self->routes);
  g_free (self->places);
  g_free (self->k);
  g_free (self->v);
  g_free (self);
}
