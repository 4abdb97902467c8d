/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The activation arena: one block of memory that is sized before the first step. The function that
 * lays out a step's tensors is run twice: on a measuring arena (no memory; only counts), which is
 * the memory estimate, and on a real one. So the estimate and the allocation cannot differ.
 */
#pragma once
#include "compute/tensor.h"

G_BEGIN_DECLS

typedef struct
{
  char *base; /* %NULL: measuring */
  gsize size; /* bytes at @base */
  gsize used; /* bytes handed out */
  gsize peak; /* highest @used so far; what must be allocated */
} AttuneArena;

#define ATTUNE_ARENA_MEASURE ((AttuneArena) { 0 })
#define ATTUNE_ALIGN 64 /* a cache line and an AVX-512 register */

/* An f32 tensor of @n_dims axes; its data is %NULL on a measuring arena. Never fails on one that
 * was measured. */
AttuneTensor attune_arena_take (AttuneArena *arena, int n_dims, const gint64 *dims);
AttuneTensor attune_arena_take_type (AttuneArena *arena, AttuneType type, int n_dims,
                                     const gint64 *dims);
#define attune_arena_take_1(arena, a) attune_arena_take (arena, 1, (const gint64[]) { (a) })
#define attune_arena_take_2(arena, a, b) attune_arena_take (arena, 2, (const gint64[]) { (a), (b) })

/* Gives back what was taken since @mark was read from arena->used. */
static inline void
attune_arena_rewind (AttuneArena *arena, gsize mark)
{
  arena->used = mark;
}

G_END_DECLS
