/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a mixture of experts needs of a step's memory. Light.
 */
#include "nn/moe.h"

/* gint32 in the room of floats. */
static gint32 *
take_ints (AttuneArena *arena, gint64 n)
{
  return attune_arena_take_1 (arena, n).data;
}

void
attune_moe_lay_out_tape (AttuneMoeTape *tape, AttuneArena *arena, const AttuneDecoderConfig *c,
                         gint64 n)
{
  const gint64 pairs = n * c->n_experts_used;

  tape->logits = attune_arena_take_2 (arena, n, c->n_experts);
  tape->weights = attune_arena_take_1 (arena, pairs);
  tape->starts = take_ints (arena, c->n_experts + 1);
  tape->rows = take_ints (arena, pairs);
  tape->slots = take_ints (arena, pairs);
  tape->gate = attune_arena_take_2 (arena, pairs, c->expert_ff);
  tape->up = attune_arena_take_2 (arena, pairs, c->expert_ff);
  tape->out = attune_arena_take_2 (arena, pairs, c->n_embd);
  if (c->shared_ff == 0)
    return;
  tape->shared_gate = attune_arena_take_2 (arena, n, 1);
  tape->shared_g = attune_arena_take_2 (arena, n, c->shared_ff);
  tape->shared_up = attune_arena_take_2 (arena, n, c->shared_ff);
  tape->shared_out = attune_arena_take_2 (arena, n, c->n_embd);
}

gint64
attune_moe_count_routes (const AttuneDecoderConfig *c, gint64 n)
{
  return c->n_experts > 0 ? c->n_experts + 1 + 2 * n * c->n_experts_used : 0;
}

void
attune_moe_place_routes (AttuneMoeTape *tape, gint32 *memory, const AttuneDecoderConfig *c,
                         gint64 n)
{
  tape->starts = memory;
  tape->rows = memory + c->n_experts + 1;
  tape->slots = tape->rows + n * c->n_experts_used;
}

void
attune_moe_lay_out_scratch (AttuneMoeScratch *s, AttuneArena *arena, const AttuneDecoderConfig *c,
                            gint64 n, gboolean backward)
{
  const gint64 pairs = n * c->n_experts_used;

  s->in = attune_arena_take_2 (arena, pairs, c->n_embd);
  s->act = attune_arena_take_2 (arena, pairs, c->expert_ff);
  s->shared_act = attune_arena_take_2 (arena, n, c->shared_ff);
  s->share = attune_arena_take_2 (arena, n, 1);
  if (!backward)
    return;
  s->d_rows = attune_arena_take_2 (arena, pairs, c->n_embd);
  s->d_act = attune_arena_take_2 (arena, pairs, c->expert_ff);
  s->d_weights = attune_arena_take_1 (arena, pairs);
  s->d_logits = attune_arena_take_2 (arena, n, c->n_experts);
  s->d_shared = attune_arena_take_2 (arena, n, c->n_embd);
  s->d_shared_act = attune_arena_take_2 (arena, n, c->shared_ff);
  s->d_share = attune_arena_take_2 (arena, n, 1);
}
