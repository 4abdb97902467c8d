/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The gradient of attention. Weights are computed again from the scores and the kept log-sum-exp, a
 * tile at a time:
 *
 *   P = e^(scale · q kᵀ - lse)      dv = Pᵀ dout      dP = dout vᵀ
 *   dS = scale · P ∘ (dP - δ),  δ = Σ dout ∘ out      dq = dS k      dk = dSᵀ q
 *
 * and where scores s are capped, dS is multiplied with the cap's slope, 1 - (s / cap)².
 *
 * Source: Dao et al. 2022, algorithm 4.
 */
#include "compute/cpu/attention-gradient.h"

#define KEYS GRADIENT_KEYS
#define ROWS (4 * MR)

typedef struct
{
  float *keys, *values;     /* panels of kᵀ, vᵀ */
  float *keys_plain;        /* panels of k */
  float *queries, *douts;   /* panels of q, dout */
  float *weights, *dscores; /* (ROWS, KEYS) */
  float *copy;
  gsize n_keys_padded; /* of the panels of k */
} Parts;

static Parts
cut_scratch (float *scratch)
{
  const gsize keys = KEYS * ATTUNE_CPU_MAX_HEAD_DIM,
              rows = padded_k (ROWS) * ATTUNE_CPU_MAX_HEAD_DIM;
  Parts p = { .keys = scratch };

  p.values = p.keys + keys;
  p.keys_plain = p.values + keys;
  p.queries = p.keys_plain + keys;
  p.douts = p.queries + rows;
  p.weights = p.douts + rows;
  p.dscores = p.weights + ROWS * KEYS;
  p.copy = p.dscores + ROWS * KEYS;
  return p;
}

static gsize
key_at (const Head *h, int key)
{
  return key < 0 ? h->prefix + (key + h->n_prefix) * h->p->ldkv : h->own + key * h->p->ldkv;
}

static void
pack_keys (const Head *h, Parts *parts, int k0, int n_keys)
{
  const gsize ld = h->p->ldkv;
  const Stored k = stored_f32 (h->p->k + key_at (h, k0), n_keys, h->dim, ld),
               v = stored_f32 (h->p->v + key_at (h, k0), n_keys, h->dim, ld);

  for (int n = 0; n < n_keys; n += STRIP)
    {
      LEVEL (pack_nt) (&k, n, 0, h->dim, parts->keys + n * padded_k (h->dim));
      LEVEL (pack_nt) (&v, n, 0, h->dim, parts->values + n * padded_k (h->dim));
    }
  parts->n_keys_padded = padded_k (n_keys);
  for (int n = 0; n < h->dim; n += STRIP)
    LEVEL (pack_nn) (&k, n, 0, n_keys, parts->keys_plain + n * parts->n_keys_padded);
}

/* Scores and dP of a row become P and dS: the keys @hidden … @seen of @n, the rest 0. */
static void
differentiate_row (const Head *h, const Parts *parts, int row, int hidden, int seen, int n,
                   float lse, const float *out, const float *dout)
{
  const AttuneAttention *shape = h->p->shape;
  float *weights = parts->weights + row * KEYS, *dscores = parts->dscores + row * KEYS, delta;
  vf sum = { 0 };

  for (int d = 0; d < h->dim; d += VL)
    sum = vfma (vload_some (out + d, h->dim - d), vload_some (dout + d, h->dim - d), sum);
  delta = vsum (sum);
  if (shape->cap > 0.0f)
    cap_row (weights, n, shape->cap);
  for (int j = 0; j < n; j += VL)
    {
      const int left = MAX (0, seen - j);
      const vf score = vload_some (weights + j, n - j);
      const vf weight = vkeep (vexp (score - lse), left, (vf) { 0 });
      vf dscore = weight * (vload_some (dscores + j, n - j) - delta) * shape->scale;

      if (shape->cap > 0.0f)
        dscore *= 1.0f - score / shape->cap * (score / shape->cap);

      vstore_some (weights + j, weight, n - j);
      vstore_some (dscores + j, vkeep (dscore, left, (vf) { 0 }), n - j);
    }
  memset (weights, 0, hidden * sizeof *weights);
  memset (dscores, 0, hidden * sizeof *dscores);
}

/* P and dS of the rows i … i + @rows of head @head against @n packed keys from @k0. Both products
 * end, tile by tile of rows, at the last key that is seen. */
static void
weigh_rows (const Head *h, const Parts *parts, int head, int i, int rows, int k0, int n, Pass pass)
{
  const Backward *p = h->p;
  const int dim = h->dim;
  int tile_rows;

  for (int tile = 0; tile < rows; tile += tile_rows)
    {
      tile_rows = MIN (MR, rows - tile);
      const int seen = MIN (n, i + tile + tile_rows - k0);
      const gsize at = (i + tile) * p->ldq + head * dim, of_dim = padded_k (dim) * NR;
      float *weights = parts->weights + tile * KEYS, *dscores = parts->dscores + tile * KEYS;
      const Tiles scores
          = { tile_rows, seen,   dim,     h->q + at, p->ldq,          FALSE, parts->keys,
              NR,        of_dim, weights, KEYS,      p->shape->scale, 0.0f };
      const Tiles dweights
          = { tile_rows, seen,   dim,     h->dout + at, p->ldq, FALSE, parts->values,
              NR,        of_dim, dscores, KEYS,         1.0f,   0.0f };
      const Tiles dq = { tile_rows,
                         dim,
                         seen,
                         dscores,
                         KEYS,
                         FALSE,
                         parts->keys_plain,
                         NR,
                         parts->n_keys_padded * NR,
                         h->dq + at,
                         p->ldq,
                         1.0f,
                         1.0f };

      LEVEL (multiply_tiles) (&scores, parts->copy);
      LEVEL (multiply_tiles) (&dweights, parts->copy);
      for (int row = tile; row < tile + tile_rows; row++)
        differentiate_row (
            h, parts, row, CLAMP (first_key (p->shape->window, h->n_prefix, i + row) - k0, 0, n),
            CLAMP (i + row + 1 - k0, 0, n), n, h->lse[head * p->n_tokens + i + row],
            h->out + at + (row - tile) * p->ldq, h->dout + at + (row - tile) * p->ldq);
      if (pass & PASS_QUERIES)
        LEVEL (multiply_tiles) (&dq, parts->copy);
    }
}

/* Rows i … i + @rows of head @head against the packed keys k0 … k0 + @n_keys. */
static void
backward_tile (const Head *h, const Parts *parts, int head, int i, int rows, int k0, int n_keys,
               Pass pass)
{
  const Backward *p = h->p;
  const int dim = h->dim, n = MIN (n_keys, i + rows - k0);
  const gsize at = i * p->ldq + head * dim, of_rows = padded_k (rows) * NR;
  const Stored q = stored_f32 (h->q + at, rows, dim, p->ldq),
               dout = stored_f32 (h->dout + at, rows, dim, p->ldq);
  const Tiles dk = { n,
                     dim,
                     rows,
                     parts->dscores,
                     KEYS,
                     TRUE,
                     parts->queries,
                     NR,
                     of_rows,
                     p->dk + key_at (h, k0),
                     p->ldkv,
                     1.0f,
                     1.0f };
  const Tiles dv = { n,       dim,          rows, parts->weights, KEYS,
                     TRUE,    parts->douts, NR,   of_rows,        p->dv + key_at (h, k0),
                     p->ldkv, 1.0f,         1.0f };

  weigh_rows (h, parts, head, i, rows, k0, n, pass);
  if ((pass & PASS_KEYS) == 0)
    return;
  for (int d = 0; d < dim; d += STRIP)
    {
      LEVEL (pack_nn) (&q, d, 0, rows, parts->queries + d * padded_k (rows));
      LEVEL (pack_nn) (&dout, d, 0, rows, parts->douts + d * padded_k (rows));
    }
  LEVEL (multiply_tiles) (&dk, parts->copy);
  LEVEL (multiply_tiles) (&dv, parts->copy);
}

/* Brings what a tile of rows will read to the second-level cache, while another is computed. */
static void
fetch_rows (const Head *h, int head, int i, int rows)
{
  for (int row = i; row < i + rows; row++)
    for (int d = 0; d < h->dim; d += 16)
      {
        const gsize at = row * h->p->ldq + head * h->dim + d;

        __builtin_prefetch (h->q + at, 0, 2);
        __builtin_prefetch (h->dout + at, 0, 2);
        __builtin_prefetch (h->out + at, 0, 2);
        __builtin_prefetch (h->dq + at, 1, 2);
      }
}

void
LEVEL (backward_keys) (const Head *h, float *scratch, int i0, int i1, int k0, int k1, Pass pass)
{
  Parts parts = cut_scratch (scratch);

  for (int k = k0; k < k1; k += KEYS)
    {
      const int n_keys = MIN (KEYS, k1 - k), window = h->p->shape->window;
      const int end = window > 0 ? MIN (i1, k + n_keys + window - 1) : i1;

      /* Rows before the first key see none of them, nor do those whose window begins later. */
      if (MAX (i0, k) >= end)
        continue;
      pack_keys (h, &parts, k, n_keys);
      for (int head = 0; head < h->group; head++)
        for (int i = MAX (i0, k), rows; i < end; i += rows)
          {
            rows = MIN (ROWS, end - i);
            if (i + rows < end)
              fetch_rows (h, head, i + rows, MIN (ROWS, end - i - rows));
            backward_tile (h, &parts, head, i, rows, k, n_keys, pass);
          }
    }
}
