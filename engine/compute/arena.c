/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The activation arena; see arena.h.
 */
#include "compute/arena.h"

AttuneTensor
attune_arena_take (AttuneArena *arena, int n_dims, const gint64 *dims)
{
  return attune_arena_take_type (arena, ATTUNE_TYPE_F32, n_dims, dims);
}

AttuneTensor
attune_arena_take_type (AttuneArena *arena, AttuneType type, int n_dims, const gint64 *dims)
{
  AttuneTensor t = { .n_dims = n_dims, .type = type };
  gsize bytes;

  g_assert (n_dims >= 0 && n_dims <= ATTUNE_MAX_DIMS);

  for (int i = 0; i < n_dims; i++)
    t.dims[i] = dims[i];
  bytes = (attune_tensor_bytes (&t) + ATTUNE_ALIGN - 1) / ATTUNE_ALIGN * ATTUNE_ALIGN;
  if (arena->base != NULL)
    {
      /* The caller ran the same layout on a measuring arena; a miss is a bug that would corrupt
       * memory. */
      g_assert (bytes <= arena->size && arena->used <= arena->size - bytes);
      t.data = arena->base + arena->used;
    }
  arena->used += bytes;
  arena->peak = MAX (arena->peak, arena->used);
  return t;
}
