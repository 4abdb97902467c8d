/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reference backend's plain part: memory, element by element, norm, rows, loss.
 * Products are in reference-products.c, attention in reference-attention.c, the optimizers in
 * reference-optimizer.c.
 */
#include "compute/reference-attention.h"
#include "compute/reference-optimizer.h"
#include "compute/reference-products.h"

#include "compute/reference.h"
#include "compute/blocks.h"
#include "compute/four-bits.h"
#include "core/random.h"

#include <math.h>
#include <string.h>

typedef struct
{
  AttuneBackend parent;
  GError *failure;
} Reference;

static void
keep_failure (AttuneBackend *be, int code, const char *message)
{
  Reference *self = (Reference *) be;

  if (self->failure == NULL)
    self->failure = g_error_new_literal (ATTUNE_COMPUTE_ERROR, code, message);
}

static void
reference_destroy (AttuneBackend *be)
{
  g_clear_error (&((Reference *) be)->failure);
  g_free (be);
}

static void *
reference_alloc (AttuneBackend *be, gsize bytes)
{
  void *memory = NULL;

  if (bytes > G_MAXSSIZE || posix_memalign (&memory, 64, MAX (bytes, 1)) != 0)
    {
      keep_failure (be, ATTUNE_COMPUTE_ERROR_MEMORY, "There is not enough memory");
      return NULL;
    }
  return memset (memory, 0, MAX (bytes, 1));
}

static void
reference_release (AttuneBackend *be, void *memory, gsize bytes)
{
  free (memory);
}

static GError *
reference_sync (AttuneBackend *be)
{
  return g_steal_pointer (&((Reference *) be)->failure);
}

static void
reference_zero (AttuneBackend *be, const AttuneTensor *x)
{
  memset (x->data, 0, attune_tensor_bytes (x));
}

static void
reference_copy (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  memcpy (y->data, x->data, attune_tensor_bytes (x));
}

static void
reference_add (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  for (gint64 i = 0; i < attune_tensor_count (x); i++)
    ((float *) y->data)[i] += ((float *) x->data)[i];
}

static void
reference_scale_columns (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                         const AttuneTensor *g, float beta)
{
  const gint64 n = attune_tensor_count (g);

  for (gint64 i = 0; i < attune_tensor_count (x); i++)
    ((float *) y->data)[i] = ((float *) g->data)[i % n] * ((float *) x->data)[i]
                             + (beta != 0 ? ((float *) y->data)[i] : 0.0f);
}

static void
reference_scale_columns_backward (AttuneBackend *be, const AttuneTensor *dg, const AttuneTensor *dy,
                                  const AttuneTensor *x)
{
  const gint64 n = attune_tensor_count (dg), rows = attune_tensor_count (dy) / n;

  for (gint64 i = 0; i < n; i++)
    {
      double sum = 0;

      for (gint64 row = 0; row < rows; row++)
        sum += (double) ((float *) dy->data)[row * n + i] * ((float *) x->data)[row * n + i];
      ((float *) dg->data)[i] += sum;
    }
}

static void
reference_scale_rows (AttuneBackend *be, const AttuneTensor *x, const AttuneTensor *g)
{
  const gint64 n = attune_tensor_columns (x);

  for (gint64 i = 0; i < attune_tensor_count (x); i++)
    ((float *) x->data)[i] *= ((float *) g->data)[i / n];
}

static void
reference_inverse_norms (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  const gint64 n = attune_tensor_columns (x);

  for (gint64 row = 0; row < attune_tensor_rows (x); row++)
    {
      double sum = 0;

      for (gint64 i = 0; i < n; i++)
        sum += pow (((float *) x->data)[row * n + i], 2);
      ((float *) y->data)[row] = sum != 0 ? 1 / sqrt (sum) : 0;
    }
}

static void
reference_add_bias (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *bias)
{
  const gint64 n = attune_tensor_count (bias);

  for (gint64 i = 0; i < attune_tensor_count (y); i++)
    ((float *) y->data)[i] += ((float *) bias->data)[i % n];
}

static void
reference_add_bias_backward (AttuneBackend *be, const AttuneTensor *dbias, const AttuneTensor *dy)
{
  const gint64 n = attune_tensor_count (dbias), rows = attune_tensor_count (dy) / n;

  for (gint64 i = 0; i < n; i++)
    {
      double sum = 0;

      for (gint64 row = 0; row < rows; row++)
        sum += ((float *) dy->data)[row * n + i];
      ((float *) dbias->data)[i] += sum;
    }
}

static void
reference_scale (AttuneBackend *be, const AttuneTensor *x, float factor)
{
  for (gint64 i = 0; i < attune_tensor_count (x); i++)
    ((float *) x->data)[i] *= factor;
}

static void
reference_approach (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, float factor)
{
  for (gint64 i = 0; i < attune_tensor_count (y); i++)
    ((float *) y->data)[i] += (double) factor * (((float *) x->data)[i] - ((float *) y->data)[i]);
}

static void
reference_swap (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  for (gint64 i = 0; i < attune_tensor_count (y); i++)
    {
      const float kept = ((float *) y->data)[i];

      ((float *) y->data)[i] = ((float *) x->data)[i];
      ((float *) x->data)[i] = kept;
    }
}

static void
reference_add_noise (AttuneBackend *be, const AttuneTensor *x, const gint32 *segments, int n,
                     float alpha, guint64 seed, guint64 step)
{
  const gint64 columns = attune_tensor_columns (x);

  for (int segment = 0; segment < n; segment++)
    for (gint64 row = segments[segment]; row < segments[segment + 1]; row++)
      {
        const double values = (double) (segments[segment + 1] - segments[segment]) * columns;
        AttuneRandom random;

        attune_random_init (&random, seed, ATTUNE_RANDOM_NOISE, (step << 24) + row);
        for (gint64 i = 0; i < columns; i++)
          ((float *) x->data)[row * columns + i]
              += (2 * attune_random_uniform (&random) - 1) * alpha / sqrt (values);
      }
}

static void
reference_soft_cap (AttuneBackend *be, const AttuneTensor *x, float cap)
{
  for (gint64 i = 0; i < attune_tensor_count (x); i++)
    ((float *) x->data)[i] = cap * tanh (((float *) x->data)[i] / (double) cap);
}

static double
activate (AttuneGate kind, double x, double *slope)
{
  const double s = 1.0 / (1.0 + exp (-x)), share = 0.5 * erfc (-x / sqrt (2.0));
  const double root = sqrt (2.0 / G_PI), t = tanh (root * (x + 0.044715 * x * x * x));

  switch (kind)
    {
    case ATTUNE_GATE_SILU:
      *slope = s + x * s * (1.0 - s);
      return x * s;
    case ATTUNE_GATE_SIGMOID:
      *slope = s * (1.0 - s);
      return s;
    case ATTUNE_GATE_GELU:
      *slope = share + x * exp (-0.5 * x * x) / sqrt (2.0 * G_PI);
      return x * share;
    default:
      *slope = 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * root * (1.0 + 3.0 * 0.044715 * x * x);
      return 0.5 * x * (1.0 + t);
    }
}

static void
reference_gated_forward (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *gate,
                         const AttuneTensor *up, AttuneGate kind)
{
  const float *g = gate->data;
  double slope;

  for (gint64 i = 0; i < attune_tensor_count (y); i++)
    ((float *) y->data)[i]
        = activate (kind, g[i], &slope) * (up != NULL ? ((float *) up->data)[i] : 1.0f);
}

static void
reference_gated_backward (AttuneBackend *be, const AttuneTensor *dgate, const AttuneTensor *dup,
                          const AttuneTensor *dy, const AttuneTensor *gate, const AttuneTensor *up,
                          AttuneGate kind)
{
  const float *g = gate->data;

  for (gint64 i = 0; i < attune_tensor_count (dy); i++)
    {
      const double d = ((float *) dy->data)[i], u = up != NULL ? ((float *) up->data)[i] : 1.0f;
      double slope;
      const double value = activate (kind, g[i], &slope);

      ((float *) dgate->data)[i] = d * u * slope;
      if (up != NULL)
        ((float *) dup->data)[i] = d * value;
    }
}

/* Kept where the element's draw is at least rate · 2³². */
static void
reference_dropout (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, float rate,
                   guint64 seed, guint64 step, guint64 offset)
{
  AttuneRandom random;

  attune_random_init (&random, seed, ATTUNE_RANDOM_DROPOUT, step);
  for (guint64 i = 0; i < offset; i++)
    attune_random_uint32 (&random);
  for (gint64 i = 0; i < attune_tensor_count (x); i++)
    ((float *) y->data)[i]
        = ((float *) x->data)[i]
          * (attune_random_uint32 (&random) >= (guint32) (rate * 0x1p32) ? 1.0f / (1.0f - rate)
                                                                         : 0.0f);
}

static void
reference_rms_norm_forward (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *rstd,
                            const AttuneTensor *x, const AttuneTensor *w, float eps)
{
  const gint64 n = attune_tensor_columns (x);

  for (gint64 row = 0; row < attune_tensor_rows (x); row++)
    {
      const float *in = (float *) x->data + row * n;
      double sum = 0.0, r;

      for (gint64 i = 0; i < n; i++)
        sum += (double) in[i] * in[i];
      r = 1.0 / sqrt (sum / n + eps);
      ((float *) rstd->data)[row] = r;
      for (gint64 i = 0; i < n; i++)
        ((float *) y->data)[row * n + i] = in[i] * r * ((float *) w->data)[i];
    }
}

static void
reference_rms_norm_backward (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dw,
                             const AttuneTensor *dy, const AttuneTensor *x, const AttuneTensor *w,
                             const AttuneTensor *rstd)
{
  const gint64 n = attune_tensor_columns (x);
  const float *gain = w->data;

  for (gint64 row = 0; row < attune_tensor_rows (x); row++)
    {
      const float *in = (float *) x->data + row * n, *d = (float *) dy->data + row * n;
      const double r = ((float *) rstd->data)[row];
      double mean = 0.0;

      for (gint64 i = 0; i < n; i++)
        mean += (double) d[i] * gain[i] * in[i] * r / n;
      for (gint64 i = 0; i < n; i++)
        {
          ((float *) dx->data)[row * n + i] += r * ((double) d[i] * gain[i] - in[i] * r * mean);
          if (dw != NULL)
            ((float *) dw->data)[i] += d[i] * in[i] * r;
        }
    }
}

/* Mean and 1 / √(variance + eps) of a row. */
static double
find_rstd (const float *x, gint64 n, float eps, double *mean)
{
  double sum = 0.0, squares = 0.0;

  for (gint64 i = 0; i < n; i++)
    sum += x[i];
  *mean = sum / n;
  for (gint64 i = 0; i < n; i++)
    squares += (x[i] - *mean) * (x[i] - *mean);
  return 1.0 / sqrt (squares / n + eps);
}

static void
reference_layer_norm_forward (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *rstd,
                              const AttuneTensor *x, const AttuneTensor *w, const AttuneTensor *b,
                              float eps)
{
  const gint64 n = attune_tensor_columns (x);

  for (gint64 row = 0; row < attune_tensor_rows (x); row++)
    {
      const float *in = (float *) x->data + row * n;
      double mean;
      const double r = find_rstd (in, n, eps, &mean);

      ((float *) rstd->data)[row] = r;
      for (gint64 i = 0; i < n; i++)
        ((float *) y->data)[row * n + i] = (in[i] - mean) * r * ((float *) w->data)[i]
                                           + (b != NULL ? ((float *) b->data)[i] : 0.0f);
    }
}

static void
reference_layer_norm_backward (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dw,
                               const AttuneTensor *dy, const AttuneTensor *x, const AttuneTensor *w,
                               const AttuneTensor *rstd)
{
  const gint64 n = attune_tensor_columns (x);
  const float *gain = w->data;

  for (gint64 row = 0; row < attune_tensor_rows (x); row++)
    {
      const float *in = (float *) x->data + row * n, *d = (float *) dy->data + row * n;
      const double r = ((float *) rstd->data)[row];
      double mean, of_g = 0.0, of_gx = 0.0;

      find_rstd (in, n, 0, &mean);
      for (gint64 i = 0; i < n; i++)
        {
          of_g += (double) d[i] * gain[i] / n;
          of_gx += (double) d[i] * gain[i] * (in[i] - mean) * r / n;
        }
      for (gint64 i = 0; i < n; i++)
        {
          ((float *) dx->data)[row * n + i]
              += r * ((double) d[i] * gain[i] - of_g - (in[i] - mean) * r * of_gx);
          if (dw != NULL)
            ((float *) dw->data)[i] += d[i] * (in[i] - mean) * r;
        }
    }
}

static void
reference_rotary (AttuneBackend *be, const AttuneTensor *x, const gint32 *positions,
                  const float *frequencies, const AttuneRotation *rotation, float sign)
{
  const gint64 n = attune_tensor_columns (x);
  const int half = rotation->turned / 2;

  for (gint64 row = 0; row < attune_tensor_rows (x); row++)
    for (gint64 head = 0; head < n; head += rotation->head_dim)
      for (int j = 0; j < half; j++)
        {
          const gboolean halves = rotation->kind == ATTUNE_ROTARY_HALVES;
          float *p = (float *) x->data + row * n + head;
          float *a = halves ? p + j : p + 2 * j;
          float *b = halves ? p + j + half : p + 2 * j + 1;
          const float angle = positions[row] * frequencies[j]; /* f32, as the models were trained */
          const double c = rotation->magnitude * cos (angle),
                       s = rotation->magnitude * sign * sin (angle), va = *a, vb = *b;

          *a = va * c - vb * s;
          *b = vb * c + va * s;
        }
}

static void
reference_cache_store (AttuneBackend *be, const AttuneTensor *cache, const AttuneTensor *x,
                       const gint32 *sequences, const gint32 *positions)
{
  const gint64 n = attune_tensor_columns (x), n_heads = cache->dims[1], capacity = cache->dims[2],
               dim = cache->dims[3];

  for (gint64 row = 0; row < attune_tensor_rows (x); row++)
    for (gint64 i = 0; i < n; i++)
      {
        const gint64 head = sequences[row] * n_heads + i / dim,
                     at = (head * capacity + positions[row]) * dim + i % dim;
        const float value = ((float *) x->data)[row * n + i];

        if (cache->type == ATTUNE_TYPE_BF16)
          ((guint16 *) cache->data)[at] = attune_f32_to_bf16 (value);
        else if (cache->type == ATTUNE_TYPE_Q8_0 && i % 32 == 0)
          attune_encode_q8_0 ((char *) cache->data + at / 32 * 34, (float *) x->data + row * n + i,
                              32);
        else if (cache->type == ATTUNE_TYPE_Q8_0)
          continue;
        else
          ((float *) cache->data)[at] = value;
      }
}

static void
reference_gather (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *table,
                  const gint32 *ids)
{
  g_autofree float *plain = attune_reference_decode (table);
  const gint64 n = attune_tensor_columns (y);

  for (gint64 row = 0; row < attune_tensor_rows (y); row++)
    for (gint64 i = 0; i < n; i++)
      ((float *) y->data)[row * n + i] = plain[ids[row] * n + i];
}

static void
reference_scatter_add (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                       const gint32 *ids)
{
  const gint64 n = attune_tensor_columns (x);

  for (gint64 row = 0; row < attune_tensor_rows (x); row++)
    for (gint64 i = 0; i < n; i++)
      ((float *) y->data)[ids[row] * n + i] += ((float *) x->data)[row * n + i];
}

static void
reference_cross_entropy (AttuneBackend *be, double *losses, const AttuneTensor *logits,
                         const gint32 *targets, const AttuneCrossEntropy *settings)
{
  const gint64 n = attune_tensor_columns (logits);
  const double smoothing = settings->smoothing, cap = settings->cap;

  for (gint64 row = 0; row < attune_tensor_rows (logits); row++)
    {
      const double scale
          = settings->scale * (settings->weights != NULL ? settings->weights[row] : 1.0);
      float *x = (float *) logits->data + row * n;
      double largest = x[0], sum = 0.0, mean = 0.0;

      for (gint64 i = 1; i < n; i++)
        largest = MAX (largest, x[i]);
      for (gint64 i = 0; i < n; i++)
        {
          sum += exp (x[i] - largest);
          mean += smoothing > 0 ? (double) x[i] / n : 0.0;
        }
      losses[row] = log (sum) + largest - (1.0 - smoothing) * x[targets[row]] - smoothing * mean;
      for (gint64 i = 0; i < n && settings->scale != 0.0f; i++)
        x[i] = scale
               * (exp (x[i] - largest) / sum - (i == targets[row]) * (1.0 - smoothing)
                  - smoothing / n)
               * (cap > 0.0 ? 1.0 - (double) x[i] / cap * x[i] / cap : 1.0);
    }
}

static void
reference_decode (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  attune_tensor_decode (y->data, x, 0, attune_tensor_count (x));
}

static void
reference_encode (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  const AttuneTypeInfo *info = attune_type_info (y->type);

  if (info->encode != NULL)
    info->encode (y->data, x->data, attune_tensor_count (x));
  else
    keep_failure (be, ATTUNE_COMPUTE_ERROR_UNSUPPORTED, "The type can be read but not written");
}

AttuneBackend *
attune_backend_reference_new (void)
{
  Reference *self = g_new0 (Reference, 1);

  self->parent = (AttuneBackend) {
    .abi = ATTUNE_BACKEND_ABI,
    .size = sizeof (AttuneBackend),
    .name = "reference",
    .destroy = reference_destroy,
    .alloc = reference_alloc,
    .release = reference_release,
    .matmul_nt = attune_reference_matmul_nt,
    .matmul_nn = attune_reference_matmul_nn,
    .matmul_tn = attune_reference_matmul_tn,
    .round = attune_reference_round,
    .matmul_rounded = attune_reference_matmul_rounded,
    .matmul_nt_int8 = attune_reference_matmul_nt_int8,
    .matmul_nn_int8 = attune_reference_matmul_nn_int8,
    .zero = reference_zero,
    .copy = reference_copy,
    .add = reference_add,
    .scale_columns = reference_scale_columns,
    .scale_columns_backward = reference_scale_columns_backward,
    .scale_rows = reference_scale_rows,
    .inverse_norms = reference_inverse_norms,
    .add_bias = reference_add_bias,
    .add_bias_backward = reference_add_bias_backward,
    .scale = reference_scale,
    .approach = reference_approach,
    .swap = reference_swap,
    .add_noise = reference_add_noise,
    .soft_cap = reference_soft_cap,
    .gated_forward = reference_gated_forward,
    .gated_backward = reference_gated_backward,
    .dropout = reference_dropout,
    .rms_norm_forward = reference_rms_norm_forward,
    .rms_norm_backward = reference_rms_norm_backward,
    .layer_norm_forward = reference_layer_norm_forward,
    .layer_norm_backward = reference_layer_norm_backward,
    .rotary = reference_rotary,
    .attention_forward = attune_reference_attention_forward,
    .attention_backward = attune_reference_attention_backward,
    .attention_cached = attune_reference_attention_cached,
    .cache_store = reference_cache_store,
    .gather = reference_gather,
    .scatter_add = reference_scatter_add,
    .cross_entropy = reference_cross_entropy,
    .sum_squares = attune_reference_sum_squares,
    .adamw_8bit = attune_reference_adamw_8bit,
    .update = attune_reference_update,
    .adafactor = attune_reference_adafactor,
    .decode = reference_decode,
    .encode = reference_encode,
    .sync = reference_sync,
  };
  return &self->parent;
}
