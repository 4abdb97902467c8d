/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What attention's kernels share: the stream in tiles of rows that no sample's border crosses, and
 * which keys a row sees. Private to compute/hip.
 *
 * A sample's keys are counted from its text's beginning: the rows that it has in common with the
 * first sample come first, then its own. That number is a key's place, and a row's is that of its
 * own key.
 */
#pragma once
#include "compute/hip/device.h"

#define TILE_ROWS 16
#define TILE_KEYS 32
#define TILE_DIMS 32  /* of a head that are multiplied at once */
#define HEAD_DIMS 128 /* of a head that a block gives; a thread has one of them */

/* Rows @first … @first + @n - 1 of the sample that begins at @start, after @before of the first
 * sample's rows. */
struct GpuTile
{
  int32_t first, n, start, before;
};

struct GpuHeads
{
  int heads, kv_heads, dim, window;
  float scale, cap;
  int64_t rows; /* of the stream */
};

static __device__ inline int
tile_place (const GpuTile &tile, int row)
{
  return tile.before + tile.first + row - tile.start;
}

/* Where the key at @place lies. */
static __device__ inline int64_t
tile_key (const GpuTile &tile, int place)
{
  return place < tile.before ? place : tile.start + place - tile.before;
}

static __device__ inline bool
heads_see (const GpuHeads &heads, int place, int key)
{
  return key >= 0 && key <= place && (heads.window <= 0 || key > place - heads.window);
}

/* A score as the softmax takes it; @slope: (out): of the cap, times the scale. */
static __device__ inline float
heads_score (const GpuHeads &heads, float product, float *slope)
{
  const float score = product * heads.scale;

  *slope = heads.scale;
  if (heads.cap > 0.0f)
    {
      const float share = tanhf (score / heads.cap);

      *slope *= 1.0f - share * share;
      return heads.cap * share;
    }
  return score;
}

static inline GpuHeads
heads_of (const AttuneAttention *shape)
{
  return GpuHeads{ shape->n_heads,
                   shape->n_kv_heads,
                   shape->head_dim,
                   shape->window,
                   shape->scale,
                   shape->cap,
                   shape->segments[shape->n_segments] };
}

/* Returns: (transfer full): the stream's tiles */
static inline GArray *
tiles_of (const AttuneAttention *shape)
{
  GArray *tiles = g_array_new (FALSE, FALSE, sizeof (GpuTile));

  for (int i = 0; i < shape->n_segments; i++)
    for (int row = shape->segments[i]; row < shape->segments[i + 1]; row += TILE_ROWS)
      {
        const GpuTile tile
            = { row, MIN (TILE_ROWS, shape->segments[i + 1] - row), shape->segments[i],
                shape->prefixes != NULL ? shape->prefixes[i] : 0 };

        g_array_append_val (tiles, tile);
      }
  return tiles;
}

/* A block per tile, head and part of the head's values. */
static inline dim3
tiles_grid (const GArray *tiles, int heads, int dim)
{
  return dim3 (tiles->len, (unsigned) heads, (unsigned) ((dim + HEAD_DIMS - 1) / HEAD_DIMS));
}
