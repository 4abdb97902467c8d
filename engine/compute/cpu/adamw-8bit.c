/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AdamW with moments in 8 bits: blocks of 256 are decoded, changed in f32 and rounded again, so
 * that a moment takes a byte and a little. Source: Dettmers et al. 2022, with bitsandbytes'
 * formula.
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"
#include "compute/dynamic.h"

#include <math.h>

#define BLOCK ATTUNE_MOMENTS_BLOCK
/* Bins of |x| in 2⁻²⁴ … 1: an exponent and five bits of fraction. */
#define LEAST_KEY (103 << 5)
#define N_KEYS ((127 << 5) - LEAST_KEY + 1)

/* The nearest entry of a table, looked up: each bin's lowest, from which it is a step or two. */
typedef struct
{
  const float *table;
  float midpoints[256];
  guint8 above[N_KEYS], below[N_KEYS]; /* of positive and negative x */
} Lookup;

static void
fill_lookup (Lookup *self, const float *table)
{
  self->table = table;
  for (int i = 0; i < 255; i++)
    self->midpoints[i] = (table[i] + table[i + 1]) / 2.0f;
  self->midpoints[255] = INFINITY;
  for (int i = 0; i < N_KEYS; i++)
    {
      const guint32 low = (guint32) (LEAST_KEY + i) << 18, high = (guint32) (LEAST_KEY + i + 1)
                                                                  << 18;
      float from, to;

      memcpy (&from, &low, sizeof from);
      memcpy (&to, &high, sizeof to);
      self->above[i] = attune_dynamic_nearest (table, i == 0 ? 0 : from);
      self->below[i] = attune_dynamic_nearest (table, -to);
    }
}

static const Lookup *
get_lookup (gboolean is_signed)
{
  static Lookup lookups[2];
  static gsize filled;

  if (g_once_init_enter (&filled))
    {
      fill_lookup (&lookups[0], attune_dynamic_unsigned_table);
      fill_lookup (&lookups[1], attune_dynamic_table);
      g_once_init_leave (&filled, 1);
    }
  return &lookups[is_signed];
}

INLINE guint8
find_nearest (const Lookup *self, float x)
{
  guint32 bits;
  int key;
  guint8 code;

  memcpy (&bits, &x, sizeof bits);
  key = CLAMP ((int) ((bits & 0x7fffffff) >> 18) - LEAST_KEY, 0, N_KEYS - 1);
  code = bits >> 31 ? self->below[key] : self->above[key];
  while (x > self->midpoints[code])
    code++;
  return code;
}

/* Rounds @n values to bytes; returns the largest of them. */
static float
encode_moments (const Lookup *lookup, guint8 *bytes, const float *x, int n)
{
  float largest = 0.0f, inverse;

  for (int i = 0; i < n; i++)
    largest = MAX (largest, fabsf (x[i]));
  inverse = 1.0f / MAX (largest, 1e-38f); /* below it the inverse would be infinite */
  for (int i = 0; i < n; i++)
    bytes[i] = find_nearest (lookup, x[i] * inverse);
  return largest;
}

typedef struct
{
  gint64 n;
  float *w;
  const float *g;
  AttuneMoments8 *moments;
  float beta1, beta2, rest1, rest2; /* rest: 1 - beta, rounded once */
  float eps, gradient_scale;
  float decay;           /* 1 - learning rate · weight decay */
  float step_size;       /* learning rate / (1 - β1^step) */
  float root_correction; /* 1 / √(1 - β2^step) */
} Step;

static void
update_block (const Step *p, AttuneMoments8 *moments, float *w, const float *g, int n)
{
  float m[BLOCK] = { 0 }, v[BLOCK] = { 0 };

  for (int i = 0; i < n; i++)
    {
      m[i] = attune_dynamic_table[moments->first[i]] * moments->first_largest;
      v[i] = attune_dynamic_unsigned_table[moments->second[i]] * moments->second_largest;
    }
  for (int i = 0; i < n; i += VL)
    {
      const vf grad = vload_some (g + i, n - i) * p->gradient_scale;
      const vf first = p->beta1 * vload (m + i) + p->rest1 * grad;
      const vf second = p->beta2 * vload (v + i) + p->rest2 * grad * grad;
      const vf weight = vload_some (w + i, n - i) * p->decay;

      vstore (m + i, first);
      vstore (v + i, second);
      vstore_some (w + i,
                   weight - p->step_size * first / (vsqrt (second) * p->root_correction + p->eps),
                   n - i);
    }
  moments->first_largest = encode_moments (get_lookup (TRUE), moments->first, m, n);
  moments->second_largest = encode_moments (get_lookup (FALSE), moments->second, v, n);
}

static void
adamw_8bit_task (gpointer data, int worker, int n_workers)
{
  const Step *p = data;
  gint64 from, to;

  attune_split ((p->n + BLOCK - 1) / BLOCK, 1, worker, n_workers, &from, &to);
  for (gint64 block = from; block < to; block++)
    update_block (p, &p->moments[block], p->w + block * BLOCK, p->g + block * BLOCK,
                  MIN (BLOCK, p->n - block * BLOCK));
}

void
LEVEL (adamw_8bit) (AttuneBackend *be, const AttuneTensor *w, AttuneMoments8 *moments,
                    const AttuneTensor *g, const AttuneAdamW *step)
{
  const double correction1 = 1.0 - pow (step->beta1, step->step),
               correction2 = 1.0 - pow (step->beta2, step->step);
  Step p = { .n = attune_tensor_count (w),
             .w = w->data,
             .g = g->data,
             .moments = moments,
             .beta1 = step->beta1,
             .beta2 = step->beta2,
             .rest1 = 1.0 - step->beta1,
             .rest2 = 1.0 - step->beta2,
             .eps = step->eps,
             .gradient_scale = step->gradient_scale,
             .decay = 1.0 - step->learning_rate * step->weight_decay,
             .step_size = step->learning_rate / correction1,
             .root_correction = 1.0 / sqrt (correction2) };

  attune_cpu_run (attune_cpu (be), 4.0 * p.n, adamw_8bit_task, &p);
}
