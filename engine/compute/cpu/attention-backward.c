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
#include "compute/cpu/attention.h"

#define KEYS 128
#define ROWS (4 * MR)

/* What a pass computes: both in one where there are enough samples and heads for all threads, else
 * one after the other, cut finer, as dq sums over keys and dk, dv over rows. What several samples
 * have before them comes last: its dk, dv sum over all of their rows. */
typedef enum
{
  PASS_QUERIES = 1,
  PASS_KEYS = 2,
} Pass;

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

typedef struct
{
  AttuneCpu *cpu;
  const AttuneAttention *shape;
  const float *q, *k, *v, *dout, *out, *lse;
  float *dq, *dk, *dv;
  gsize ldq, ldkv;
  gint64 n_tokens;
  Pass pass;
  double total;
} Backward;

/* A sample and a key/value head: views of the first row. Keys that come before it, -n_prefix … -1,
 * lie elsewhere: key_at(). */
typedef struct
{
  const Backward *p;
  int length, n_prefix;
  int group, dim;
  const float *q, *dout, *out, *lse;
  float *dq;
  gsize own, prefix; /* where the first key of either lies in k, v, dk, dv */
} Head;

static gsize
key_at (const Head *h, int key)
{
  return key < 0 ? h->prefix + (key + h->n_prefix) * h->p->ldkv : h->own + key * h->p->ldkv;
}

static Head
find_head (const Backward *p, int segment, int kv)
{
  const AttuneAttention *s = p->shape;
  const gint64 start = s->segments[segment];
  const int group = s->n_heads / s->n_kv_heads;
  const gsize of_q = start * p->ldq + kv * group * s->head_dim,
              of_k = start * p->ldkv + kv * s->head_dim;

  return (Head) { .p = p,
                  .length = s->segments[segment + 1] - start,
                  .n_prefix = attention_prefix (s, segment),
                  .group = group,
                  .dim = s->head_dim,
                  .q = p->q + of_q,
                  .dout = p->dout + of_q,
                  .out = p->out + of_q,
                  .lse = p->lse + kv * group * p->n_tokens + start,
                  .dq = p->dq + of_q,
                  .own = of_k,
                  .prefix = kv * s->head_dim };
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

static void
clear_rows (float *x, gsize ld, int from, int to, int columns)
{
  for (int i = from; i < to; i++)
    memset (x + i * ld, 0, columns * sizeof *x);
}

/* What rows i0 … i1 and keys k0 … k1 of a head have to do with each other. */
static void
backward_keys (const Head *h, Parts *parts, int i0, int i1, int k0, int k1, Pass pass)
{
  for (int k = k0; k < k1; k += KEYS)
    {
      const int n_keys = MIN (KEYS, k1 - k), window = h->p->shape->window;
      const int end = window > 0 ? MIN (i1, k + n_keys + window - 1) : i1;

      /* Rows before the first key see none of them, nor do those whose window begins later. */
      if (MAX (i0, k) >= end)
        continue;
      pack_keys (h, parts, k, n_keys);
      for (int head = 0; head < h->group; head++)
        for (int i = MAX (i0, k), rows; i < end; i += rows)
          {
            rows = MIN (ROWS, end - i);
            backward_tile (h, parts, head, i, rows, k, n_keys, pass);
          }
    }
}

/* The same, with all of what comes before the sample, whose own gradient is left for later. */
static void
backward_part (const Head *h, float *scratch, int i0, int i1, int k0, int k1, Pass pass)
{
  Parts parts = cut_scratch (scratch);

  if (pass & PASS_QUERIES)
    clear_rows (h->dq, h->p->ldq, i0, i1, h->group * h->dim);
  if (pass & PASS_KEYS)
    {
      clear_rows (h->p->dk + h->own, h->p->ldkv, k0, k1, h->dim);
      clear_rows (h->p->dv + h->own, h->p->ldkv, k0, k1, h->dim);
    }
  if (pass & PASS_QUERIES)
    backward_keys (h, &parts, i0, i1, -h->n_prefix, 0, PASS_QUERIES);
  backward_keys (h, &parts, i0, i1, k0, k1, pass);
}

/* As in attention.c; @largest: (out) (optional): the most that one part costs. */
static double
go_through (const Backward *p, Share *share, double *largest)
{
  const AttuneAttention *s = p->shape;
  const int step = p->pass == PASS_QUERIES ? QUERY_ROWS
                   : p->pass == PASS_KEYS  ? KEYS
                                           : G_MAXINT / 2;
  double total = 0.0;

  for (int segment = 0; segment < s->n_segments; segment++)
    for (int kv = 0; kv < s->n_kv_heads; kv++)
      {
        const Head h = find_head (p, segment, kv);

        for (int from = 0; from < h.length; from += step)
          {
            const int to = from + MIN (step, h.length - from);
            const double cost = p->pass == PASS_QUERIES
                                    ? attention_cost (h.n_prefix + from, to - from)
                                : p->pass == PASS_KEYS ? attention_cost (h.length - to, to - from)
                                                       : attention_cost (h.n_prefix, h.length);

            total += cost;
            if (largest != NULL)
              *largest = MAX (*largest, cost);
            if (share == NULL || !share_take (share, cost))
              continue;
            backward_part (&h, (float *) p->cpu->scratch[share->worker], from,
                           p->pass == PASS_KEYS ? h.length : to, p->pass == PASS_QUERIES ? 0 : from,
                           to, p->pass);
          }
      }
  return total;
}

static void
backward_task (gpointer data, int worker, int n_workers)
{
  const Backward *p = data;
  Share share = { p->total, 0.0, worker, n_workers };

  go_through (p, &share, NULL);
}

/* The gradient of the keys that samples have before them, ADDED: a block of keys by one worker,
 * over the samples in order. */
static void
prefix_task (gpointer data, int worker, int n_workers)
{
  const Backward *p = data;
  const AttuneAttention *s = p->shape;
  Parts parts = cut_scratch ((float *) p->cpu->scratch[worker]);
  const int n_keys = s->segments[1], n_blocks = (n_keys + KEYS - 1) / KEYS;
  gint64 from, to;

  attune_split (s->n_kv_heads * n_blocks, 1, worker, n_workers, &from, &to);
  for (gint64 block = from; block < to; block++)
    for (int segment = 1; segment < s->n_segments; segment++)
      {
        const Head h = find_head (p, segment, block / n_blocks);
        const int k0 = block % n_blocks * KEYS, k1 = MIN (k0 + KEYS, h.n_prefix);

        if (k0 < k1)
          backward_keys (&h, &parts, 0, h.length, k0 - h.n_prefix, k1 - h.n_prefix, PASS_KEYS);
      }
}

static void
run_pass (Backward *p, Pass pass)
{
  const AttuneAttention *s = p->shape;

  p->pass = pass;
  p->total = go_through (p, NULL, NULL);
  attune_cpu_run (p->cpu, p->total * s->head_dim * s->n_heads / s->n_kv_heads / VL * 2.0,
                  backward_task, p);
}

void
LEVEL (attention_backward) (AttuneBackend *be, const AttuneTensor *dq, const AttuneTensor *dk,
                            const AttuneTensor *dv, const AttuneTensor *dout,
                            const AttuneTensor *out, const AttuneTensor *lse, const AttuneTensor *q,
                            const AttuneTensor *k, const AttuneTensor *v,
                            const AttuneAttention *shape)
{
  const Pass both = PASS_QUERIES | PASS_KEYS;
  Backward p = { .cpu = attune_cpu (be),
                 .shape = shape,
                 .q = q->data,
                 .k = k->data,
                 .v = v->data,
                 .dout = dout->data,
                 .out = out->data,
                 .lse = lse->data,
                 .dq = dq->data,
                 .dk = dk->data,
                 .dv = dv->data,
                 .ldq = (gsize) shape->n_heads * shape->head_dim,
                 .ldkv = (gsize) shape->n_kv_heads * shape->head_dim,
                 .n_tokens = shape->segments[shape->n_segments],
                 .pass = both };
  double largest = 0.0, total;

  if (!LEVEL (check_attention) (p.cpu, shape->n_heads, shape->n_kv_heads, shape->head_dim))
    return;
  total = go_through (&p, NULL, &largest);
  /* Two passes cost seven products for five, which pays where a thread would get half as much again
   * as its share. */
  if (p.cpu->n_threads == 1 || largest * p.cpu->n_threads <= total / 2.0)
    run_pass (&p, both);
  else
    {
      run_pass (&p, PASS_QUERIES);
      run_pass (&p, PASS_KEYS);
    }
  if (shape->prefixes != NULL)
    attune_cpu_run (p.cpu, G_MAXDOUBLE, prefix_task, &p);
}
