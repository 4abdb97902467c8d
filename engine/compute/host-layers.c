/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Entries of layers, element by element and by rows, that the processor computes for a device.
 * Arguments are evaluated in any order, which a call does not mind: a tensor is copied once, and
 * results go back at its end.
 */
#include "compute/host-call.h"

static void
host_zero (AttuneBackend *be, const AttuneTensor *x)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->zero (call.cpu, attune_host_out (&call, x));
}

static void
host_copy (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->copy (call.cpu, attune_host_out (&call, y), attune_host_in (&call, x));
}

static void
host_add (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->add (call.cpu, attune_host_out (&call, y), attune_host_in (&call, x));
}

static void
host_add_bias (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *bias)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->add_bias (call.cpu, attune_host_out (&call, y), attune_host_in (&call, bias));
}

static void
host_add_bias_backward (AttuneBackend *be, const AttuneTensor *dbias, const AttuneTensor *dy)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->add_bias_backward (call.cpu, attune_host_out (&call, dbias),
                               attune_host_in (&call, dy));
}

static void
host_scale (AttuneBackend *be, const AttuneTensor *x, float factor)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->scale (call.cpu, attune_host_out (&call, x), factor);
}

static void
host_scale_columns (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                    const AttuneTensor *g, float beta)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->scale_columns (call.cpu, attune_host_out (&call, y), attune_host_in (&call, x),
                           attune_host_in (&call, g), beta);
}

static void
host_scale_columns_backward (AttuneBackend *be, const AttuneTensor *dg, const AttuneTensor *dy,
                             const AttuneTensor *x)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->scale_columns_backward (call.cpu, attune_host_out (&call, dg),
                                    attune_host_in (&call, dy), attune_host_in (&call, x));
}

static void
host_scale_rows (AttuneBackend *be, const AttuneTensor *x, const AttuneTensor *g)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->scale_rows (call.cpu, attune_host_out (&call, x), attune_host_in (&call, g));
}

static void
host_inverse_norms (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->inverse_norms (call.cpu, attune_host_out (&call, y), attune_host_in (&call, x));
}

static void
host_approach (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, float factor)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->approach (call.cpu, attune_host_out (&call, y), attune_host_in (&call, x), factor);
}

static void
host_swap (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->swap (call.cpu, attune_host_out (&call, y), attune_host_out (&call, x));
}

static void
host_add_noise (AttuneBackend *be, const AttuneTensor *x, const gint32 *segments, int n,
                float alpha, guint64 seed, guint64 step)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->add_noise (call.cpu, attune_host_out (&call, x), segments, n, alpha, seed, step);
}

static void
host_soft_cap (AttuneBackend *be, const AttuneTensor *x, float cap)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->soft_cap (call.cpu, attune_host_out (&call, x), cap);
}

static void
host_gated_forward (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *gate,
                    const AttuneTensor *up, AttuneGate kind)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->gated_forward (call.cpu, attune_host_out (&call, y), attune_host_in (&call, gate),
                           attune_host_in (&call, up), kind);
}

static void
host_gated_backward (AttuneBackend *be, const AttuneTensor *dgate, const AttuneTensor *dup,
                     const AttuneTensor *dy, const AttuneTensor *gate, const AttuneTensor *up,
                     AttuneGate kind)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->gated_backward (call.cpu, attune_host_out (&call, dgate), attune_host_out (&call, dup),
                            attune_host_in (&call, dy), attune_host_in (&call, gate),
                            attune_host_in (&call, up), kind);
}

static void
host_dropout (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, float rate,
              guint64 seed, guint64 step, guint64 offset)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->dropout (call.cpu, attune_host_out (&call, y), attune_host_in (&call, x), rate, seed,
                     step, offset);
}

static void
host_rms_norm_forward (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *rstd,
                       const AttuneTensor *x, const AttuneTensor *w, float eps)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->rms_norm_forward (call.cpu, attune_host_out (&call, y), attune_host_out (&call, rstd),
                              attune_host_in (&call, x), attune_host_in (&call, w), eps);
}

static void
host_rms_norm_backward (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dw,
                        const AttuneTensor *dy, const AttuneTensor *x, const AttuneTensor *w,
                        const AttuneTensor *rstd)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->rms_norm_backward (call.cpu, attune_host_out (&call, dx), attune_host_out (&call, dw),
                               attune_host_in (&call, dy), attune_host_in (&call, x),
                               attune_host_in (&call, w), attune_host_in (&call, rstd));
}

static void
host_layer_norm_forward (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *rstd,
                         const AttuneTensor *x, const AttuneTensor *w, const AttuneTensor *b,
                         float eps)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->layer_norm_forward (call.cpu, attune_host_out (&call, y), attune_host_out (&call, rstd),
                                attune_host_in (&call, x), attune_host_in (&call, w),
                                attune_host_in (&call, b), eps);
}

static void
host_layer_norm_backward (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dw,
                          const AttuneTensor *dy, const AttuneTensor *x, const AttuneTensor *w,
                          const AttuneTensor *rstd)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->layer_norm_backward (call.cpu, attune_host_out (&call, dx), attune_host_out (&call, dw),
                                 attune_host_in (&call, dy), attune_host_in (&call, x),
                                 attune_host_in (&call, w), attune_host_in (&call, rstd));
}

static void
host_rotary (AttuneBackend *be, const AttuneTensor *x, const gint32 *positions,
             const float *frequencies, const AttuneRotation *rotation, float sign)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->rotary (call.cpu, attune_host_out (&call, x), positions, frequencies, rotation, sign);
}

static void
host_attention_forward (AttuneBackend *be, const AttuneTensor *out, const AttuneTensor *lse,
                        const AttuneTensor *q, const AttuneTensor *k, const AttuneTensor *v,
                        const AttuneAttention *shape)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->attention_forward (call.cpu, attune_host_out (&call, out), attune_host_out (&call, lse),
                               attune_host_in (&call, q), attune_host_in (&call, k),
                               attune_host_in (&call, v), shape);
}

static void
host_attention_backward (AttuneBackend *be, const AttuneTensor *dq, const AttuneTensor *dk,
                         const AttuneTensor *dv, const AttuneTensor *dout, const AttuneTensor *out,
                         const AttuneTensor *lse, const AttuneTensor *q, const AttuneTensor *k,
                         const AttuneTensor *v, const AttuneAttention *shape)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->attention_backward (call.cpu, attune_host_out (&call, dq), attune_host_out (&call, dk),
                                attune_host_out (&call, dv), attune_host_in (&call, dout),
                                attune_host_in (&call, out), attune_host_in (&call, lse),
                                attune_host_in (&call, q), attune_host_in (&call, k),
                                attune_host_in (&call, v), shape);
}

static void
host_attention_cached (AttuneBackend *be, const AttuneTensor *out, const AttuneTensor *q,
                       const AttuneTensor *k_cache, const AttuneTensor *v_cache,
                       const AttuneCachedAttention *shape)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->attention_cached (call.cpu, attune_host_out (&call, out), attune_host_in (&call, q),
                              attune_host_in (&call, k_cache), attune_host_in (&call, v_cache),
                              shape);
}

static void
host_cache_store (AttuneBackend *be, const AttuneTensor *cache, const AttuneTensor *x,
                  const gint32 *sequences, const gint32 *positions)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->cache_store (call.cpu, attune_host_out (&call, cache), attune_host_in (&call, x),
                         sequences, positions);
}

void
attune_host_fill_layers (AttuneBackend *table)
{
  table->zero = host_zero;
  table->copy = host_copy;
  table->add = host_add;
  table->add_bias = host_add_bias;
  table->add_bias_backward = host_add_bias_backward;
  table->scale = host_scale;
  table->scale_columns = host_scale_columns;
  table->scale_columns_backward = host_scale_columns_backward;
  table->scale_rows = host_scale_rows;
  table->inverse_norms = host_inverse_norms;
  table->approach = host_approach;
  table->swap = host_swap;
  table->add_noise = host_add_noise;
  table->soft_cap = host_soft_cap;
  table->gated_forward = host_gated_forward;
  table->gated_backward = host_gated_backward;
  table->dropout = host_dropout;
  table->rms_norm_forward = host_rms_norm_forward;
  table->rms_norm_backward = host_rms_norm_backward;
  table->layer_norm_forward = host_layer_norm_forward;
  table->layer_norm_backward = host_layer_norm_backward;
  table->rotary = host_rotary;
  table->attention_forward = host_attention_forward;
  table->attention_backward = host_attention_backward;
  table->attention_cached = host_attention_cached;
  table->cache_store = host_cache_store;
}
