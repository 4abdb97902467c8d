/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What forward, backward and cached attention share. Private to compute/cpu.
 */
#pragma once
#include "compute/cpu/entries.h"
#include "compute/cpu/gemm.h"
#include "compute/cpu/vector.h"

/* Rows of one sample, one key/value head and the query heads that share it. */
typedef struct
{
  int group; /* query heads */
  int head_dim;
  float scale, cap;   /* cap > 0: scores go through cap · tanh (score / cap) */
  int window;         /* > 0: a row sees that many keys, its own the last */
  const float *q;     /* the first row's first head of the group */
  float *out;         /* likewise */
  gsize ldq;          /* between rows of q and out */
  const float *k, *v; /* the sample's first key and value */
  gsize ldkv;
  AttuneType type;                   /* F32; or that of … */
  const guint8 *stored_k, *stored_v; /* … the same in their place, in rows of so many bytes */
  gsize row_bytes;
  const float *prefix_k, *prefix_v; /* the first of those that come before it */
  int n_prefix;                     /* how many: keys -n_prefix … -1 */
  float *lse;                       /* (nullable): the first row's, the group's first head */
  gsize ld_lse;                     /* between heads */
  int n_rows;
  int first; /* row i sees the keys -n_prefix … first + i */
} Queries;

/* The first key that row @row sees. */
static inline int
first_key (int window, int n_prefix, int row)
{
  return window > 0 ? MAX (-n_prefix, row - window + 1) : -n_prefix;
}

/* Scores through the cap, in place. */
INLINE void
cap_row (float *scores, int n, float cap)
{
  for (int i = 0; i < n; i += VL)
    vstore_some (scores + i, vtanh (vload_some (scores + i, n - i) / cap) * cap, n - i);
}

/* Rows that share packed keys and values. */
#define QUERY_ROWS (8 * MR)

/* Attention of at most QUERY_ROWS rows. */
void LEVEL (attend) (const Queries *queries, float *scratch);

/* Deals tasks out to the workers by their cost: in order, each to the one in whose part of the
 * total its middle lies. */
typedef struct
{
  double total, done;
  int worker, n_workers;
} Share;

/* The next task's worker. */
static inline int
share_deal (Share *share, double cost)
{
  const double middle = share->done + cost / 2.0;

  share->done += cost;
  return MIN (share->n_workers - 1, (int) (middle * share->n_workers / share->total));
}

static inline gboolean
share_take (Share *share, double cost)
{
  return share_deal (share, cost) == share->worker;
}

/* Σ over rows of the keys they see. */
static inline double
attention_cost (int first, int n_rows)
{
  return n_rows * (first + (n_rows + 1) / 2.0) + 64.0;
}

/* Rows of the first sample that @segment sees before its own. */
static inline int
attention_prefix (const AttuneAttention *shape, int segment)
{
  return shape->prefixes != NULL ? shape->prefixes[segment] : 0;
}

/* FALSE, with a kept failure, for a shape that the scratch is too small for. */
gboolean LEVEL (check_attention) (AttuneCpu *cpu, int n_heads, int n_kv_heads, int head_dim);
