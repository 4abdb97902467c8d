/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The activations of the feed-forward part, with a gate or alone, one pass each.
 *
 *   silu (x) = x · σ(x)
 *   gelu (x) = x · σ(2 u),  u = √(2/π) (x + 0.044715 x³): the tanh form, as ½ (1 + tanh u) = σ(2 u)
 *   gelu (x) = x · Φ(x),  Φ(x) = ½ (1 + erf (x / √2)): the form with the error function
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"

/* ns for one value when memory is the limit. */
#define NS_PER_VALUE 0.25

typedef struct
{
  gint64 n;
  float *y, *dup;
  const float *dy, *gate, *up;
  AttuneGate kind;
} Gated;

/* Φ(x) to 1e-7 absolute, and @density, its derivative. Abramowitz & Stegun 1964, 7.1.26. */
INLINE vf
normal_share (vf x, vf *density)
{
  const vf magnitude = vmin (vset (20.0f), vselect (x < 0.0f, -x, x));
  const vf bell = vexp (-0.5f * magnitude * magnitude);
  /* 0.3275911 / √2 */
  const vf t = 1.0f / (1.0f + 0.23164189f * magnitude);
  vf p = vfma (t, vset (1.061405429f), vset (-1.453152027f)), tail;

  p = vfma (p, t, vset (1.421413741f));
  p = vfma (p, t, vset (-0.284496736f));
  p = vfma (p, t, vset (0.254829592f));
  tail = 0.5f * p * t * bell;
  *density = 0.3989422804f * bell;
  return vselect (x < 0.0f, tail, 1.0f - tail);
}

/* The activation's value and its derivative. */
INLINE vf
activate (AttuneGate kind, vf x, vf *derivative)
{
  /* Far below 0 both are 0; without a bound, tiny times huge would say otherwise. */
  const vf y = vmax (vset (-1e3f), x);
  vf s, rest;

  switch (kind)
    {
    case ATTUNE_GATE_SIGMOID:
      s = vsigmoid (y, &rest);
      *derivative = s * rest;
      return s;
    case ATTUNE_GATE_SILU:
      s = vsigmoid (y, &rest);
      *derivative = s * (1.0f + y * rest);
      return y * s;
    case ATTUNE_GATE_GELU:
      s = normal_share (y, &rest);
      *derivative = s + vmin (vset (1e3f), y) * rest;
      return y * s;
    default:
      {
        const vf near = vmin (vset (1e3f), y), square = near * near; /* no infinity in the cube */

        /* 2 √(2/π) = 1.5957691216 */
        s = vsigmoid (1.5957691216f * near * (1.0f + 0.044715f * square), &rest);
        *derivative
            = s * (1.0f + near * rest * (1.5957691216f * (1.0f + 3.0f * 0.044715f * square)));
        return y * s;
      }
    }
}

INLINE void
forward (const Gated *e, const AttuneGate kind, gint64 from, gint64 to)
{
  for (gint64 i = from; i < to; i += VL)
    {
      vf slope, y = activate (kind, vload_some (e->gate + i, to - i), &slope);

      if (e->up != NULL)
        y *= vload_some (e->up + i, to - i);
      vstore_some (e->y + i, y, to - i);
    }
}

/* All of a vector is read before any of it is written, so dgate or dup may be dy. */
INLINE void
backward (const Gated *e, const AttuneGate kind, gint64 from, gint64 to)
{
  for (gint64 i = from; i < to; i += VL)
    {
      const vf dy = vload_some (e->dy + i, to - i);
      vf slope, value = activate (kind, vload_some (e->gate + i, to - i), &slope);

      if (e->up != NULL)
        {
          slope *= vload_some (e->up + i, to - i);
          vstore_some (e->dup + i, dy * value, to - i);
        }
      vstore_some (e->y + i, dy * slope, to - i);
    }
}

/* One loop per kind, in which it is a constant. */
#define DEFINE(pass)                                                                               \
  static void gated_##pass##_task (gpointer data, int worker, int n_workers)                       \
  {                                                                                                \
    const Gated *e = data;                                                                         \
    gint64 from, to;                                                                               \
                                                                                                   \
    attune_split (e->n, 1024, worker, n_workers, &from, &to);                                      \
    switch (e->kind)                                                                               \
      {                                                                                            \
      case ATTUNE_GATE_SILU:                                                                       \
        pass (e, ATTUNE_GATE_SILU, from, to);                                                      \
        break;                                                                                     \
      case ATTUNE_GATE_GELU_TANH:                                                                  \
        pass (e, ATTUNE_GATE_GELU_TANH, from, to);                                                 \
        break;                                                                                     \
      case ATTUNE_GATE_GELU:                                                                       \
        pass (e, ATTUNE_GATE_GELU, from, to);                                                      \
        break;                                                                                     \
      case ATTUNE_GATE_SIGMOID:                                                                    \
        pass (e, ATTUNE_GATE_SIGMOID, from, to);                                                   \
        break;                                                                                     \
      }                                                                                            \
  }
DEFINE (forward)
DEFINE (backward)
#undef DEFINE

void
LEVEL (gated_forward) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *gate,
                       const AttuneTensor *up, AttuneGate kind)
{
  Gated e = { .n = attune_tensor_count (y),
              .y = y->data,
              .gate = gate->data,
              .up = up != NULL ? up->data : NULL,
              .kind = kind };

  attune_cpu_run (attune_cpu (be), 4 * NS_PER_VALUE * e.n, gated_forward_task, &e);
}

void
LEVEL (gated_backward) (AttuneBackend *be, const AttuneTensor *dgate, const AttuneTensor *dup,
                        const AttuneTensor *dy, const AttuneTensor *gate, const AttuneTensor *up,
                        AttuneGate kind)
{
  Gated e = { .n = attune_tensor_count (dy),
              .y = dgate->data,
              .dup = dup != NULL ? dup->data : NULL,
              .dy = dy->data,
              .gate = gate->data,
              .up = up != NULL ? up->data : NULL,
              .kind = kind };

  attune_cpu_run (attune_cpu (be), 6 * NS_PER_VALUE * e.n, gated_backward_task, &e);
}
