/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The layout of a step's memory: one function, run on a measuring arena for the estimate and on a
 * real one for the allocation.
 */
#include "nn/virtual.h"

/* Rows of logits that exist at once. 256 rows make the decoding of the head's weights cheap beside
 * the product, and are 50 MB at a vocabulary of 49152. */
#define HEAD_CHUNK 256

/* Of a step, the virtual ones too. */
static gint64
count_rows (const AttuneActivations *self)
{
  return (gint64) self->shape.max_tokens + self->shape.n_virtual;
}

/* What a layer computes and backward can use; @x is laid out by the caller. */
static void
lay_out_tape (AttuneLayerTape *tape, AttuneArena *arena, const AttuneDecoderConfig *c, gint64 n)
{
  const gint64 heads = (gint64) c->n_heads * c->head_dim,
               kv_heads = (gint64) c->n_kv_heads * c->head_dim;

  tape->attn_rstd = attune_arena_take_1 (arena, n);
  tape->q = attune_arena_take_2 (arena, n, heads);
  tape->k = attune_arena_take_2 (arena, n, kv_heads);
  tape->v = attune_arena_take_2 (arena, n, kv_heads);
  tape->attn = attune_arena_take_2 (arena, n, heads);
  tape->lse = attune_arena_take_2 (arena, c->n_heads, n);
  tape->mid = attune_arena_take_2 (arena, n, c->n_embd);
  tape->ffn_rstd = attune_arena_take_1 (arena, n);
  if (c->n_experts > 0)
    attune_moe_lay_out_tape (&tape->moe, arena, c, n);
  else
    {
      tape->up = attune_arena_take_2 (arena, n, c->n_ff);
      tape->gate = c->ungated ? tape->up : attune_arena_take_2 (arena, n, c->n_ff);
    }
  tape->raw_q = tape->q;
  tape->raw_k = tape->k;
  if (c->qk_norm != ATTUNE_QK_NORM_NONE)
    {
      const gboolean each = c->qk_norm == ATTUNE_QK_NORM_HEAD;

      tape->raw_q = attune_arena_take_2 (arena, n, heads);
      tape->raw_k = attune_arena_take_2 (arena, n, kv_heads);
      tape->q_rstd = attune_arena_take_1 (arena, each ? n * c->n_heads : n);
      tape->k_rstd = attune_arena_take_1 (arena, each ? n * c->n_kv_heads : n);
    }
  if (attune_norms_after (c))
    {
      tape->attn_out = attune_arena_take_2 (arena, n, c->n_embd);
      tape->attn_out_rstd = attune_arena_take_1 (arena, n);
      tape->ffn_out = attune_arena_take_2 (arena, n, c->n_embd);
      tape->ffn_out_rstd = attune_arena_take_1 (arena, n);
    }
}

static void
lay_out_tapes (AttuneActivations *self, AttuneArena *arena)
{
  const AttuneDecoderConfig *c = &self->config;
  const gint64 n = count_rows (self);
  const gboolean keep = self->shape.backward && !self->shape.checkpoint;
  const int first = self->shape.backward ? self->shape.first_layer : c->n_layers;
  AttuneLayerTape shared = { 0 };

  if (!keep || first > 0)
    lay_out_tape (&shared, arena, c, n);
  for (int i = 0; i < c->n_layers; i++)
    {
      AttuneLayerTape *tape = &self->tapes[i];

      *tape = shared;
      if (keep && i >= first)
        lay_out_tape (tape, arena, c, n);
      if (i >= first || i == 0)
        tape->x = attune_arena_take_2 (arena, n, c->n_embd);
      else
        tape->x = self->tapes[0].x;
    }
}

static void
lay_out_head (AttuneActivations *self, AttuneArena *arena)
{
  const AttuneDecoderConfig *c = &self->config;
  const gint64 n = self->shape.max_targets;
  const int wanted = self->shape.logit_rows > 0 ? self->shape.logit_rows : HEAD_CHUNK;

  self->head_chunk = MIN (n, MIN (wanted, HEAD_CHUNK));
  self->rows = attune_arena_take_2 (arena, n, c->n_embd);
  self->rows_normed = attune_arena_take_2 (arena, n, c->n_embd);
  self->rows_rstd = attune_arena_take_1 (arena, n);
  if (self->shape.backward)
    {
      self->d_rows = attune_arena_take_2 (arena, n, c->n_embd);
      self->d_rows_normed = attune_arena_take_2 (arena, n, c->n_embd);
    }
  self->logits = attune_arena_take_2 (arena, self->head_chunk, c->n_vocab);
}

/* Linear's scratch: what an adapter that rescales holds; rounded rows; then t, dt and, with
 * dropout, the dropped input. (IA)³ holds less than DoRA, which has one row of either side. */
static void
measure_scratch (const AttuneActivations *self, AttuneArena *arena)
{
  const AttuneDecoderConfig *c = &self->config;
  const gint64 n = count_rows (self);
  const gint64 widest
      = MAX (MAX (MAX (attune_dense_ff (c), c->expert_ff), c->n_embd), c->n_heads * c->head_dim);

  const gsize mark = arena->used;
  gsize held;

  if (self->shape.rescaled)
    {
      attune_arena_take_2 (arena, 2, widest);
      attune_arena_take_1 (arena, n * widest);
    }
  held = arena->used;
  if (self->shape.int8)
    attune_arena_take_1 (arena, ATTUNE_INT8_SCRATCH (n, widest) / sizeof (float));
  attune_arena_rewind (arena, held);
  if (self->shape.lora_rank > 0)
    {
      attune_arena_take_2 (arena, n, self->shape.lora_rank);
      attune_arena_take_2 (arena, n, self->shape.lora_rank);
    }
  if (self->shape.dropout)
    attune_arena_take_2 (arena, n, widest);
  attune_arena_rewind (arena, mark); /* the peak remembers it */
}

static void
lay_out (AttuneActivations *self, AttuneArena *arena)
{
  const AttuneDecoderConfig *c = &self->config;
  const gint64 n = count_rows (self), heads = (gint64) c->n_heads * c->head_dim;
  const gint64 kv_heads = (gint64) c->n_kv_heads * c->head_dim;

  lay_out_tapes (self, arena);
  self->stream = attune_arena_take_2 (arena, n, c->n_embd);
  self->normed = attune_arena_take_2 (arena, n, c->n_embd);
  if (c->n_experts > 0)
    attune_moe_lay_out_scratch (&self->moe, arena, c, n, self->shape.backward);
  else
    self->act = attune_arena_take_2 (arena, n, c->n_ff);
  if (self->shape.backward)
    {
      self->d_stream = attune_arena_take_2 (arena, n, c->n_embd);
      self->d_normed = attune_arena_take_2 (arena, n, c->n_embd);
      if (c->n_experts == 0)
        self->d_act = attune_arena_take_2 (arena, n, c->n_ff);
      self->d_q = attune_arena_take_2 (arena, n, heads);
      self->d_k = attune_arena_take_2 (arena, n, kv_heads);
      self->d_v = attune_arena_take_2 (arena, n, kv_heads);
      self->d_attn = attune_arena_take_2 (arena, n, heads);
      self->d_ffn_normed = c->block == ATTUNE_BLOCK_PARALLEL
                               ? attune_arena_take_2 (arena, n, c->n_embd)
                               : self->d_normed;
      if (c->qk_norm != ATTUNE_QK_NORM_NONE)
        self->d_raw = attune_arena_take_2 (arena, n, heads);
      if (attune_norms_after (c))
        self->d_branch = attune_arena_take_2 (arena, n, c->n_embd);
    }
  lay_out_head (self, arena);
  if (arena->base == NULL)
    measure_scratch (self, arena);
}

static void
place_routes (AttuneActivations *self)
{
  const gint64 n = attune_moe_count_routes (&self->config, count_rows (self));

  self->routes = g_new0 (gint32, self->config.n_layers * n);
  for (int i = 0; i < self->config.n_layers; i++)
    attune_moe_place_routes (&self->tapes[i].moe, self->routes + i * n, &self->config,
                             count_rows (self));
}

gsize
attune_activations_bytes (const AttuneDecoderConfig *config, const AttuneStepShape *shape)
{
  g_autofree AttuneLayerTape *tapes = g_new0 (AttuneLayerTape, config->n_layers);
  AttuneActivations measured = { .config = *config, .shape = *shape, .tapes = tapes };
  AttuneArena arena = ATTUNE_ARENA_MEASURE;

  lay_out (&measured, &arena);
  return arena.peak;
}

AttuneActivations *
attune_activations_new (AttuneBackend *be, const AttuneDecoderConfig *config,
                        const AttuneStepShape *shape, GError **error)
{
  g_autoptr (AttuneActivations) self = g_new0 (AttuneActivations, 1);

  g_return_val_if_fail (shape->max_tokens > 0 && shape->max_targets > 0, NULL);

  self->be = be;
  self->config = *config;
  self->shape = *shape;
  self->tapes = g_new0 (AttuneLayerTape, config->n_layers);
  self->arena.size = attune_activations_bytes (config, shape);
  self->arena.base = be->alloc (be, self->arena.size);
  if (self->arena.base == NULL)
    {
      g_autoptr (GError) reason = NULL;

      attune_backend_sync (be, &reason);
      g_set_error (
          error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_MEMORY,
          "There is no memory for %.2f GB of activations. Fewer tokens in a micro-batch need less.",
          self->arena.size / 1e9);
      return NULL;
    }
  lay_out (self, &self->arena);
  if (be->download != NULL && config->n_experts > 0)
    place_routes (self);
  self->context = (AttuneContext) { .be = be, .arena = &self->arena };
  if (shape->n_virtual > 0)
    self->virtual_rows = attune_virtual_rows_new (shape);
  return g_steal_pointer (&self);
}

void
attune_activations_free (AttuneActivations *self)
{
  if (self == NULL)
    return;
  if (self->arena.base != NULL)
    self->be->release (self->be, self->arena.base, self->arena.size);
  attune_virtual_rows_free (self->virtual_rows);
  g_free (self->tapes);
  g_free (self->routes);
  g_free (self);
}
