/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Attention of new rows over the caches. Rows of one sequence that follow each other (a prompt) are
 * attended to in tiles; single rows (decoding) are bound by reading keys and values, which are used
 * where they lie, once for all the query heads that share them.
 */
#include "compute/cpu/attention.h"

/* Keys whose scores are kept at once; with their values they stay in the first-level cache. */
#define KEYS 64
/* Shorter runs do not repay packing. They are attended to row by row, so that a row of an answer
 * gives the same bits whether it comes alone, beside others or with those that follow it. */
#define MIN_ROWS_TO_PACK 16
/* Vectors of the output that are summed up at once: as many as additions must wait for. */
#define SUMS 4

/* The sums of four vectors' lanes. */
INLINE void
sum_four (float sums[4], const vf x[4])
{
#if ATTUNE_LEVEL == 4
  const __m512 ab = _mm512_add_ps (_mm512_unpacklo_ps ((__m512) x[0], (__m512) x[1]),
                                   _mm512_unpackhi_ps ((__m512) x[0], (__m512) x[1])),
               cd = _mm512_add_ps (_mm512_unpacklo_ps ((__m512) x[2], (__m512) x[3]),
                                   _mm512_unpackhi_ps ((__m512) x[2], (__m512) x[3]));
  const __m512 four
      = _mm512_add_ps (_mm512_shuffle_ps (ab, cd, 0x44), _mm512_shuffle_ps (ab, cd, 0xee));
  const __m256 half
      = _mm256_add_ps (_mm512_castps512_ps256 (four), _mm512_extractf32x8_ps (four, 1));

  _mm_storeu_ps (sums, _mm_add_ps (_mm256_castps256_ps128 (half), _mm256_extractf128_ps (half, 1)));
#else
  for (int i = 0; i < 4; i++)
    sums[i] = vsum (x[i]);
#endif
}

/* q · k for @n keys that are @ld floats apart. */
INLINE void
score_keys (float *scores, const float *q, const float *k, gsize ld, int n, int dim)
{
  for (int j = 0; j < n; j += 4)
    {
      const float *row[4];
      vf sum[4] = { { 0 } };
      float four[4];

      for (int i = 0; i < 4; i++) /* beyond the last: the last again */
        row[i] = k + MIN (j + i, n - 1) * ld;
      for (int d = 0; d < dim; d += VL)
        {
          const vf x = vload_some (q + d, dim - d);

#pragma GCC unroll 4
          for (int i = 0; i < 4; i++)
            sum[i] = vfma (x, vload_some (row[i] + d, dim - d), sum[i]);
        }
      sum_four (four, sum);
      memcpy (scores + j, four, MIN (4, n - j) * sizeof (float));
    }
}

/* @n vectors of @out: multiplied with @correction, Σ weights[j] · v[j] ADDED. @left: values there
 * are of the last. */
INLINE void
add_vectors (const int n, float *out, float correction, const float *weights, const float *v,
             gsize ld, int n_keys, int left)
{
  vf sum[SUMS];

#pragma GCC unroll 4
  for (int i = 0; i < n; i++)
    sum[i] = vload_some (out + i * VL, left - i * VL) * correction;
  for (int j = 0; j < n_keys; j++)
#pragma GCC unroll 4
    for (int i = 0; i < n; i++)
      sum[i] = vfma (vset (weights[j]), vload_some (v + j * ld + i * VL, left - i * VL), sum[i]);
#pragma GCC unroll 4
  for (int i = 0; i < n; i++)
    vstore_some (out + i * VL, sum[i], left - i * VL);
}

static void
add_values (float *out, float correction, const float *weights, const float *v, gsize ld, int n,
            int dim)
{
  int d = 0;

  for (; d + SUMS * VL <= dim; d += SUMS * VL)
    add_vectors (SUMS, out + d, correction, weights, v + d, ld, n, SUMS * VL);
  for (; d < dim; d += VL)
    add_vectors (1, out + d, correction, weights, v + d, ld, n, dim - d);
}

/* Of a row of bf16, the @left < VL last values. */
static void
widen_rest (float *to, const guint8 *from, int left)
{
  for (int i = 0; i < left; i++)
    {
      guint16 bits;

      memcpy (&bits, from + 2 * i, sizeof bits);
      to[i] = attune_bf16_to_f32 (bits);
    }
}

/* @n rows of @dim values, of a smaller type, as floats, @dim apart. Returns @to. */
static const float *
widen (AttuneType type, float *to, const guint8 *from, gsize row_bytes, int n, int dim)
{
  for (int j = 0; j < n; j++, from += row_bytes)
    if (type == ATTUNE_TYPE_Q8_0) /* dim is a multiple of CHUNK */
      for (int d = 0; d < dim; d += CHUNK)
        {
          vf y[PARTS];

          decode_chunk (ATTUNE_TYPE_Q8_0, y, from, NULL, d);
          for (int i = 0; i < PARTS; i++)
            vstore (to + j * dim + d + i * VL, y[i]);
        }
    else
      for (int d = 0; d < dim; d += VL)
        if (G_LIKELY (dim - d >= VL))
          vstore (to + j * dim + d, load_half_floats (ATTUNE_TYPE_BF16, from + 2 * d));
        else
          widen_rest (to + j * dim + d, from + 2 * d, dim - d);
  return to;
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

/* One row. @scratch: 2 · KEYS · dim floats. */
static void
attend_row (const Queries *q, float *scratch)
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
      const gboolean plain = q->type == ATTUNE_TYPE_F32;
      const gsize at = k0 * (plain ? q->ldkv : q->row_bytes), ld = plain ? q->ldkv : (gsize) dim;
      const float *k
          = plain ? q->k + at : widen (q->type, scratch, q->stored_k + at, q->row_bytes, n, dim);
      const float *v
          = plain ? q->v + at
                  : widen (q->type, scratch + KEYS * dim, q->stored_v + at, q->row_bytes, n, dim);

      for (int head = 0; head < q->group; head++)
        {
          float correction;

          score_keys (scores, q->q + head * dim, k, ld, n, dim);
          for (int j = 0; j < n; j += VL)
            vstore_some (scores + j, vload_some (scores + j, n - j) * q->scale, n - j);
          if (q->cap > 0.0f)
            cap_row (scores, n, q->cap);
          correction = soften (scores, n, &largest[head], &sum[head]);
          add_values (q->out + head * dim, correction, scores, v, ld, n, dim);
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
  const float *q;
  AttuneTensor k, v;
  float *out;
  gint64 n_rows;
  int unit; /* query heads of a task; divides the group */
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
  const gsize ldq = (gsize) s->n_heads * dim;
  double total = 0.0;
  int length;

  for (gint64 row = 0; row < p->n_rows; row += length)
    {
      length = run_length (p, row);
      for (int head = 0; head < s->n_heads; head += p->unit)
        {
          const gsize at
              = ((gsize) s->sequences[row] * s->n_kv_heads + head / group) * s->capacity * dim;
          Queries q = {
            .group = p->unit,
            .head_dim = dim,
            .scale = s->scale,
            .cap = s->cap,
            .window = s->window,
            .q = p->q + row * ldq + head * dim,
            .out = p->out + row * ldq + head * dim,
            .ldq = ldq,
            .ldkv = dim,
            .n_rows = length,
            .first = s->positions[row],
          };
          const double cost = attention_cost (q.first, q.n_rows);

          total += cost;
          if (share == NULL || !share_take (share, cost))
            continue;
          q.type = p->k.type;
          if (q.type == ATTUNE_TYPE_F32)
            {
              q.k = (const float *) p->k.data + at;
              q.v = (const float *) p->v.data + at;
            }
          else
            {
              q.row_bytes = attune_type_bytes (q.type, dim);
              q.stored_k = (const guint8 *) p->k.data + at / dim * q.row_bytes;
              q.stored_v = (const guint8 *) p->v.data + at / dim * q.row_bytes;
            }
          if (length >= MIN_ROWS_TO_PACK)
            LEVEL (attend) (&q, (float *) p->cpu->scratch[share->worker]);
          else
            for (int i = 0; i < length; i++, q.q += ldq, q.out += ldq, q.first++)
              attend_row (&q, (float *) p->cpu->scratch[share->worker]);
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

/* The query heads of a task with which the threads are done first: few leave no thread without its
 * share, many read keys and values once for all of them, which costs as much as one head. */
static int
choose_unit (const Cached *p)
{
  const int group = p->shape->n_heads / p->shape->n_kv_heads, n_threads = p->cpu->n_threads;
  double best = G_MAXDOUBLE;
  int chosen = group;

  for (int unit = group; unit >= 1; unit--)
    if (group % unit == 0)
      {
        const gint64 tasks = p->n_rows * p->shape->n_heads / unit;
        const double cost = (double) ((tasks + n_threads - 1) / n_threads) * (unit + 1);

        if (cost < best)
          {
            best = cost;
            chosen = unit;
          }
      }
  return chosen;
}

void
LEVEL (attention_cached) (AttuneBackend *be, const AttuneTensor *out, const AttuneTensor *q,
                          const AttuneTensor *k_cache, const AttuneTensor *v_cache,
                          const AttuneCachedAttention *shape)
{
  Cached p = { .cpu = attune_cpu (be),
               .shape = shape,
               .q = q->data,
               .k = *k_cache,
               .v = *v_cache,
               .out = out->data,
               .n_rows = attune_tensor_rows (q) };

  if (!LEVEL (check_attention) (p.cpu, shape->n_heads, shape->n_kv_heads, shape->head_dim))
    return;
  p.unit = choose_unit (&p);
  p.total = go_through (&p, NULL);
  attune_cpu_run (p.cpu, p.total * shape->head_dim * shape->n_heads / shape->n_kv_heads / VL,
                  cached_task, &p);
}
