/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Causal attention, tiled, with an online softmax (Milakov & Gimelshein 2018, Dao et al. 2022):
 * scores exist for MR rows and KEYS keys at a time, the output is scaled down when a later block
 * holds a larger score.
 */
#include "compute/cpu/attention.h"

#define KEYS 256

/* Where the parts of a thread's scratch lie. */
typedef struct
{
  float *keys;   /* panels of kᵀ */
  float *values; /* panels of v */
  float *scores; /* (MR, KEYS) */
  float *copy;
  float *largest, *sum; /* (group, QUERY_ROWS): the online softmax's state */
} Parts;

static Parts
cut_scratch (float *scratch)
{
  Parts p;

  p.keys = scratch;
  p.values = p.keys + KEYS * ATTUNE_CPU_MAX_HEAD_DIM;
  p.scores = p.values + KEYS * ATTUNE_CPU_MAX_HEAD_DIM;
  p.copy = p.scores + MR * KEYS;
  p.largest = p.copy + MR * (MAX_K + 16);
  p.sum = p.largest + ATTUNE_CPU_MAX_GROUP * QUERY_ROWS;
  return p;
}

gboolean
LEVEL (check_attention) (AttuneCpu *cpu, int n_heads, int n_kv_heads, int head_dim)
{
  if (head_dim <= ATTUNE_CPU_MAX_HEAD_DIM && n_heads / n_kv_heads <= ATTUNE_CPU_MAX_GROUP)
    return TRUE;
  attune_cpu_fail (
      cpu, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
      "Attention with %d heads of %d values over %d key heads is larger than this version can do",
      n_heads, head_dim, n_kv_heads);
  return FALSE;
}

static void
scale_row (float *x, int n, float factor)
{
  for (int i = 0; i < n; i += VL)
    vstore_some (x + i, vload_some (x + i, n - i) * factor, n - i);
}

/* Scores to weights: e^(score - largest so far) for the first @n, 0 up to @n_padded. Returns what
 * the earlier sum and output must be multiplied with. */
static float
soften_row (float *scores, int n, int n_padded, float *largest, float *sum)
{
  const float before = *largest;
  float now, correction;
  vf most = vset (before), total = { 0 };

  for (int j = 0; j < n; j += VL)
    most = vmax (vkeep (vload_some (scores + j, n - j), n - j, vset (before)), most);
  now = vlargest (most);
  for (int j = 0; j < n_padded; j += VL)
    {
      const vf weight
          = vkeep (vexp (vload_some (scores + j, n_padded - j) - now), MAX (0, n - j), (vf) { 0 });

      total += weight;
      vstore_some (scores + j, weight, n_padded - j);
    }
  correction = before == -INFINITY ? 0.0f : expf (before - now);
  *sum = *sum * correction + vsum (total);
  *largest = now;
  return correction;
}

/* MR rows from row @i of head @head with the packed block of @n_keys keys from @k0. */
static void
attend_tile (const Queries *q, const Parts *p, int head, int i, int k0, int n_keys)
{
  const gboolean begins = k0 == first_key (q->window, q->n_prefix, q->first);
  const int rows = MIN (MR, q->n_rows - i), n = MIN (n_keys, q->first + i + rows - k0),
            dim = q->head_dim;
  float *out = q->out + i * q->ldq + head * dim;
  const Tiles scores = { rows,
                         n,
                         dim,
                         q->q + i * q->ldq + head * dim,
                         q->ldq,
                         FALSE,
                         p->keys,
                         NR,
                         padded_k (dim) * NR,
                         p->scores,
                         KEYS,
                         q->scale,
                         0.0f };
  const Tiles output = {
    rows, dim,    n,    p->scores,           KEYS, FALSE, p->values, NR, padded_k (n_keys) * NR,
    out,  q->ldq, 1.0f, begins ? 0.0f : 1.0f
  };

  if (n <= 0)
    return;
  LEVEL (multiply_tiles) (&scores, p->copy);
  for (int row = 0; row < rows; row++)
    {
      const int at = q->first + i + row, seen = CLAMP (at + 1 - k0, 0, n),
                hidden = CLAMP (first_key (q->window, q->n_prefix, at) - k0, 0, n),
                state = head * QUERY_ROWS + i + row;
      float *row_scores = p->scores + row * KEYS;

      if (seen <= hidden)
        {
          memset (row_scores, 0, n * sizeof (float));
          continue;
        }
      if (q->cap > 0.0f)
        cap_row (row_scores, seen, q->cap);
      for (int j = 0; j < hidden; j++)
        row_scores[j] = -INFINITY;
      const float correction = soften_row (row_scores, seen, n, &p->largest[state], &p->sum[state]);

      if (!begins && correction != 1.0f)
        scale_row (out + row * q->ldq, dim, correction);
    }
  LEVEL (multiply_tiles) (&output, p->copy);
}

void
LEVEL (attend) (const Queries *q, float *scratch)
{
  const Parts p = cut_scratch (scratch);
  const int dim = q->head_dim, end = q->first + q->n_rows;

  for (int i = 0; i < q->group * QUERY_ROWS; i++)
    {
      p.largest[i] = -INFINITY;
      p.sum[i] = 0.0f;
    }
  for (int k0 = first_key (q->window, q->n_prefix, q->first), n_keys; k0 < end; k0 += n_keys)
    {
      const gboolean before = k0 < 0;
      const gsize at = (before ? k0 + q->n_prefix : k0) * q->ldkv;
      Stored k, v;

      n_keys = MIN (KEYS, (before ? 0 : end) - k0);
      if (q->type == ATTUNE_TYPE_F32)
        {
          k = stored_f32 ((before ? q->prefix_k : q->k) + at, n_keys, dim, q->ldkv);
          v = stored_f32 ((before ? q->prefix_v : q->v) + at, n_keys, dim, q->ldkv);
        }
      else
        {
          k = stored_rows (q->type, q->stored_k + k0 * q->row_bytes, n_keys, dim, q->row_bytes);
          v = stored_rows (q->type, q->stored_v + k0 * q->row_bytes, n_keys, dim, q->row_bytes);
        }

      for (int n = 0; n < n_keys; n += STRIP)
        LEVEL (pack_nt) (&k, n, 0, dim, p.keys + n * padded_k (dim));
      for (int n = 0; n < dim; n += STRIP)
        LEVEL (pack_nn) (&v, n, 0, n_keys, p.values + n * padded_k (n_keys));
      for (int head = 0; head < q->group; head++)
        for (int i = 0; i < q->n_rows; i += MR)
          attend_tile (q, &p, head, i, k0, n_keys);
    }
  for (int head = 0; head < q->group; head++)
    for (int i = 0; i < q->n_rows; i++)
      {
        const int state = head * QUERY_ROWS + i;

        scale_row (q->out + i * q->ldq + head * dim, dim, 1.0f / p.sum[state]);
        if (q->lse != NULL)
          q->lse[head * q->ld_lse + i] = p.largest[state] + logf (p.sum[state]);
      }
}

typedef struct
{
  AttuneCpu *cpu;
  const AttuneAttention *shape;
  const float *q, *k, *v;
  float *out, *lse;
  double total;
} Forward;

/* Goes through all blocks of rows; attends to those of @share's worker, or only adds their cost up
 * (@share %NULL). */
static double
go_through (const Forward *p, Share *share)
{
  const AttuneAttention *s = p->shape;
  const int group = s->n_heads / s->n_kv_heads, dim = s->head_dim;
  const gint64 n_tokens = s->segments[s->n_segments];
  const gsize ldq = (gsize) s->n_heads * dim, ldkv = (gsize) s->n_kv_heads * dim;
  double total = 0.0;

  for (int segment = 0; segment < s->n_segments; segment++)
    for (int kv = 0; kv < s->n_kv_heads; kv++)
      {
        const gint64 start = s->segments[segment];
        const int length = s->segments[segment + 1] - start, prefix = attention_prefix (s, segment);

        for (int i = 0; i < length; i += QUERY_ROWS)
          {
            const Queries q = {
              .group = group,
              .head_dim = dim,
              .scale = s->scale,
              .cap = s->cap,
              .window = s->window,
              .q = p->q + (start + i) * ldq + kv * group * dim,
              .out = p->out + (start + i) * ldq + kv * group * dim,
              .ldq = ldq,
              .k = p->k + start * ldkv + kv * dim,
              .v = p->v + start * ldkv + kv * dim,
              .ldkv = ldkv,
              .prefix_k = p->k + kv * dim,
              .prefix_v = p->v + kv * dim,
              .n_prefix = prefix,
              .lse = p->lse + kv * group * n_tokens + start + i,
              .ld_lse = n_tokens,
              .n_rows = MIN (QUERY_ROWS, length - i),
              .first = i,
            };

            const double cost = attention_cost (prefix + i, q.n_rows);

            total += cost;
            if (share != NULL && share_take (share, cost))
              LEVEL (attend) (&q, (float *) p->cpu->scratch[share->worker]);
          }
      }
  return total;
}

static void
forward_task (gpointer data, int worker, int n_workers)
{
  const Forward *p = data;
  Share share = { p->total, 0.0, worker, n_workers };

  go_through (p, &share);
}

void
LEVEL (attention_forward) (AttuneBackend *be, const AttuneTensor *out, const AttuneTensor *lse,
                           const AttuneTensor *q, const AttuneTensor *k, const AttuneTensor *v,
                           const AttuneAttention *shape)
{
  Forward p = { .cpu = attune_cpu (be),
                .shape = shape,
                .q = q->data,
                .k = k->data,
                .v = v->data,
                .out = out->data,
                .lse = lse->data };

  if (!LEVEL (check_attention) (p.cpu, shape->n_heads, shape->n_kv_heads, shape->head_dim))
    return;
  p.total = go_through (&p, NULL);
  attune_cpu_run (p.cpu, p.total * shape->head_dim * shape->n_heads / shape->n_kv_heads / VL,
                  forward_task, &p);
}
