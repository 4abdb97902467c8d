/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Attention of new rows over the caches. Rows of one sequence that follow each other (a prompt) are
 * attended to in tiles; single rows (decoding) are bound by reading keys and values, which are used
 * where they lie, once for all the query heads that share them.
 */
#include "compute/cpu/attention.h"

/* Keys whose scores are kept at once; with their values they stay in the first-level cache. */
#define KEYS 64
/* Runs with fewer products than this per key do not repay packing. */
#define MIN_ROWS_TO_PACK 8

INLINE float
dot (const float *a, const float *b, int n)
{
  vf sum = { 0 };

  for (int i = 0; i < n; i += VL)
    sum = vfma (vload_some (a + i, n - i), vload_some (b + i, n - i), sum);
  return vsum (sum);
}

/* @out: (dim) ADDED Σ weights[j] · v[j]; multiplied with @correction first. */
INLINE void
add_values (float *out, float correction, const float *weights, const float *v, gsize ldkv, int n,
            int dim)
{
  for (int d = 0; d < dim; d += VL)
    {
      vf sum = vload_some (out + d, dim - d) * correction;

      for (int j = 0; j < n; j++)
        sum = vfma (vset (weights[j]), vload_some (v + j * ldkv + d, dim - d), sum);
      vstore_some (out + d, sum, dim - d);
    }
}

/* Weights e^(score - largest) in place; returns what the earlier sum and output must be multiplied
 * with. */
static float
soften (float *scores, int n, float *largest, float *sum)
{
  const float before = *largest;
  float now = before, correction;
  vf total = { 0 };

  for (int j = 0; j < n; j++)
    now = MAX (now, scores[j]);
  for (int j = 0; j < n; j += VL)
    {
      const vf weight = vkeep (vexp (vload_some (scores + j, n - j) - now), n - j, (vf) { 0 });

      total += weight;
      vstore_some (scores + j, weight, n - j);
    }
  correction = before == -INFINITY ? 0.0f : expf (before - now);
  *sum = *sum * correction + vsum (total);
  *largest = now;
  return correction;
}

/* One row. */
static void
attend_row (const Queries *q)
{
  const int dim = q->head_dim, end = q->first + 1;
  float largest[ATTUNE_CPU_MAX_GROUP], sum[ATTUNE_CPU_MAX_GROUP], scores[KEYS];

  for (int head = 0; head < q->group; head++)
    {
      largest[head] = -INFINITY;
      sum[head] = 0.0f;
      memset (q->out + head * dim, 0, dim * sizeof (float));
    }
  for (int k0 = first_key (q->window, 0, q->first); k0 < end; k0 += KEYS)
    {
      const int n = MIN (KEYS, end - k0);

      for (int head = 0; head < q->group; head++)
        {
          float correction;

          for (int j = 0; j < n; j++)
            scores[j] = q->scale * dot (q->q + head * dim, q->k + (k0 + j) * q->ldkv, dim);
          if (q->cap > 0.0f)
            cap_row (scores, n, q->cap);
          correction = soften (scores, n, &largest[head], &sum[head]);
          add_values (q->out + head * dim, correction, scores, q->v + k0 * q->ldkv, q->ldkv, n,
                      dim);
        }
    }
  for (int head = 0; head < q->group; head++)
    for (int d = 0; d < dim; d++)
      q->out[head * dim + d] /= sum[head];
}

typedef struct
{
  AttuneCpu *cpu;
  const AttuneCachedAttention *shape;
  const float *q, *k, *v;
  float *out;
  gint64 n_rows;
  double total;
} Cached;

/* Rows from @row on that follow each other in one sequence, at most QUERY_ROWS. */
static int
run_length (const Cached *p, gint64 row)
{
  const AttuneCachedAttention *s = p->shape;
  int n = 1;

  while (n < QUERY_ROWS && row + n < p->n_rows && s->sequences[row + n] == s->sequences[row]
         && s->positions[row + n] == s->positions[row] + n)
    n++;
  return n;
}

/* As in attention.c. */
static double
go_through (const Cached *p, Share *share)
{
  const AttuneCachedAttention *s = p->shape;
  const int group = s->n_heads / s->n_kv_heads, dim = s->head_dim;
  const gsize ldq = (gsize) s->n_heads * dim, ldkv = (gsize) s->n_kv_heads * dim;
  double total = 0.0;
  int length;

  for (gint64 row = 0; row < p->n_rows; row += length)
    {
      const gsize start = (gsize) s->sequences[row] * s->capacity * ldkv;

      length = run_length (p, row);
      for (int kv = 0; kv < s->n_kv_heads; kv++)
        {
          Queries q = {
            .group = group,
            .head_dim = dim,
            .scale = s->scale,
            .cap = s->cap,
            .window = s->window,
            .q = p->q + row * ldq + kv * group * dim,
            .out = p->out + row * ldq + kv * group * dim,
            .ldq = ldq,
            .k = p->k + start + kv * dim,
            .v = p->v + start + kv * dim,
            .ldkv = ldkv,
            .n_rows = length,
            .first = s->positions[row],
          };
          const double cost = attention_cost (q.first, q.n_rows);

          total += cost;
          if (share == NULL || !share_take (share, cost))
            continue;
          if (length * group >= MIN_ROWS_TO_PACK)
            LEVEL (attend) (&q, (float *) p->cpu->scratch[share->worker]);
          else
            for (int i = 0; i < length; i++, q.q += ldq, q.out += ldq, q.first++)
              attend_row (&q);
        }
    }
  return total;
}

static void
cached_task (gpointer data, int worker, int n_workers)
{
  const Cached *p = data;
  Share share = { p->total, 0.0, worker, n_workers };

  go_through (p, &share);
}

void
LEVEL (attention_cached) (AttuneBackend *be, const AttuneTensor *out, const AttuneTensor *q,
                          const AttuneTensor *k_cache, const AttuneTensor *v_cache,
                          const AttuneCachedAttention *shape)
{
  Cached p = { .cpu = attune_cpu (be),
               .shape = shape,
               .q = q->data,
               .k = k_cache->data,
               .v = v_cache->data,
               .out = out->data,
               .n_rows = attune_tensor_rows (q) };

  if (!LEVEL (check_attention) (p.cpu, shape->n_heads, shape->n_kv_heads, shape->head_dim))
    return;
  p.total = go_through (&p, NULL);
  attune_cpu_run (p.cpu, p.total * shape->head_dim * shape->n_heads / shape->n_kv_heads / VL,
                  cached_task, &p);
}
