/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Attention as its formula says, a row and a head at a time.
 */
#include "compute/reference-attention.h"

#include <math.h>
#include <string.h>

static double
dot (const float *a, const float *b, int n)
{
  double sum = 0.0;

  for (int i = 0; i < n; i++)
    sum += (double) a[i] * b[i];
  return sum;
}

/* The rows that a query in row @t of a sample sees: those of the first sample that come before it,
 * and its own up to @t. Returns how many. */
static int
list_keys (gint64 *keys, const AttuneAttention *s, int segment, gint64 t)
{
  const int n_prefix = s->prefixes != NULL ? s->prefixes[segment] : 0;
  int n = 0;

  for (gint64 j = 0; j < n_prefix; j++)
    keys[n++] = j;
  for (gint64 j = s->segments[segment]; j <= t; j++)
    keys[n++] = j;
  if (s->window > 0 && n > s->window)
    {
      memmove (keys, keys + n - s->window, s->window * sizeof *keys);
      n = s->window;
    }
  return n;
}

/* Softmax weights of one query over @n keys, in the rows @keys of k; returns log Σ e^score. */
static double
weigh (double *weights, const float *q, const float *k, gint64 ldk, const gint64 *keys, int n,
       int dim, float scale, float cap)
{
  double largest = -INFINITY, sum = 0.0;

  for (int j = 0; j < n; j++)
    {
      weights[j] = scale * dot (q, k + keys[j] * ldk, dim);
      if (cap > 0.0f)
        weights[j] = cap * tanh (weights[j] / cap);
      largest = weights[j] > largest ? weights[j] : largest;
    }
  for (int j = 0; j < n; j++)
    sum += weights[j] = exp (weights[j] - largest);
  for (int j = 0; j < n; j++)
    weights[j] /= sum;
  return largest + log (sum);
}

static void
mix (float *out, const double *weights, const float *v, gint64 ldv, const gint64 *keys, int n,
     int dim)
{
  for (int d = 0; d < dim; d++)
    {
      double sum = 0.0;

      for (int j = 0; j < n; j++)
        sum += weights[j] * v[keys[j] * ldv + d];
      out[d] = sum;
    }
}

void
attune_reference_attention_forward (AttuneBackend *be, const AttuneTensor *out,
                                    const AttuneTensor *lse, const AttuneTensor *q,
                                    const AttuneTensor *k, const AttuneTensor *v,
                                    const AttuneAttention *s)
{
  const int dim = s->head_dim, group = s->n_heads / s->n_kv_heads;
  const gint64 n_tokens = s->segments[s->n_segments], ldq = s->n_heads * dim,
               ldk = s->n_kv_heads * dim;
  g_autofree double *weights = g_new (double, n_tokens + 1);
  g_autofree gint64 *keys = g_new (gint64, n_tokens + 1);

  for (int segment = 0; segment < s->n_segments; segment++)
    for (gint64 t = s->segments[segment]; t < s->segments[segment + 1]; t++)
      for (int h = 0; h < s->n_heads; h++)
        {
          const gint64 at = h / group * dim;
          const int n = list_keys (keys, s, segment, t);

          ((float *) lse->data)[h * n_tokens + t]
              = weigh (weights, (float *) q->data + t * ldq + h * dim, (float *) k->data + at, ldk,
                       keys, n, dim, s->scale, s->cap);
          mix ((float *) out->data + t * ldq + h * dim, weights, (float *) v->data + at, ldk, keys,
               n, dim);
        }
}

void
attune_reference_attention_backward (AttuneBackend *be, const AttuneTensor *dq,
                                     const AttuneTensor *dk, const AttuneTensor *dv,
                                     const AttuneTensor *dout, const AttuneTensor *out,
                                     const AttuneTensor *lse, const AttuneTensor *q,
                                     const AttuneTensor *k, const AttuneTensor *v,
                                     const AttuneAttention *s)
{
  const int dim = s->head_dim, group = s->n_heads / s->n_kv_heads;
  const gint64 n_tokens = s->segments[s->n_segments], ldq = s->n_heads * dim,
               ldk = s->n_kv_heads * dim;
  g_autofree double *weights = g_new (double, n_tokens + 1),
                    *sum_q = g_new0 (double, n_tokens *ldq + 1),
                    *sum_k = g_new0 (double, n_tokens *ldk + 1),
                    *sum_v = g_new0 (double, n_tokens *ldk + 1);
  g_autofree gint64 *keys = g_new (gint64, n_tokens + 1);

  for (int segment = 0; segment < s->n_segments; segment++)
    for (gint64 t = s->segments[segment]; t < s->segments[segment + 1]; t++)
      for (int h = 0; h < s->n_heads; h++)
        {
          const gint64 at = t * ldq + h * dim, of_head = h / group * dim;
          const float *row = (float *) q->data + at, *d = (float *) dout->data + at;
          const double delta = dot (d, (float *) out->data + at, dim);
          const int n = list_keys (keys, s, segment, t);

          weigh (weights, row, (float *) k->data + of_head, ldk, keys, n, dim, s->scale, s->cap);
          for (int j = 0; j < n; j++)
            {
              const gint64 key = keys[j] * ldk + of_head;
              const double weight = weights[j];
              double dscore = s->scale * weight * (dot (d, (float *) v->data + key, dim) - delta);

              if (s->cap > 0.0f)
                {
                  const double share
                      = tanh (s->scale * dot (row, (float *) k->data + key, dim) / s->cap);

                  dscore *= 1.0 - share * share;
                }

              for (int i = 0; i < dim; i++)
                {
                  sum_q[at + i] += dscore * ((float *) k->data)[key + i];
                  sum_k[key + i] += dscore * row[i];
                  sum_v[key + i] += weight * d[i];
                }
            }
        }
  for (gint64 i = 0; i < n_tokens * ldq; i++)
    ((float *) dq->data)[i] = sum_q[i];
  for (gint64 i = 0; i < n_tokens * ldk; i++)
    {
      ((float *) dk->data)[i] = sum_k[i];
      ((float *) dv->data)[i] = sum_v[i];
    }
}

void
attune_reference_attention_cached (AttuneBackend *be, const AttuneTensor *out,
                                   const AttuneTensor *q, const AttuneTensor *k_cache,
                                   const AttuneTensor *v_cache, const AttuneCachedAttention *s)
{
  const int dim = s->head_dim, group = s->n_heads / s->n_kv_heads;
  const gint64 ldq = s->n_heads * dim;
  const gint64 n_values = attune_tensor_count (k_cache);
  g_autofree float *k = g_new (float, n_values), *v = g_new (float, n_values);
  g_autofree double *weights = g_new (double, s->capacity);
  g_autofree gint64 *keys = g_new (gint64, s->capacity);

  attune_type_info (k_cache->type)->decode (k, k_cache->data, n_values);
  attune_type_info (v_cache->type)->decode (v, v_cache->data, n_values);
  for (gint64 j = 0; j < s->capacity; j++)
    keys[j] = j;
  for (gint64 t = 0; t < attune_tensor_rows (q); t++)
    for (int h = 0; h < s->n_heads; h++)
      {
        const gint64 at = (s->sequences[t] * s->n_kv_heads + h / group) * s->capacity * dim;
        const int first = s->window > 0 ? MAX (0, s->positions[t] - s->window + 1) : 0;
        const int n = s->positions[t] + 1 - first;

        weigh (weights, (float *) q->data + t * ldq + h * dim, k + at, dim, keys + first, n, dim,
               s->scale, s->cap);
        mix ((float *) out->data + t * ldq + h * dim, weights, v + at, dim, keys + first, n, dim);
      }
}
