/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checks of a device: norms, positions, attention and its cache.
 */
#include "compute/device-checks.h"

#define T CHECK_TOKENS
#define C 48
#define HEADS 4
#define KV_HEADS 2
#define DIM 12

static const gint32 segments[] = { 0, 5, T };
static const AttuneAttention shape = { .n_heads = HEADS,
                                       .n_kv_heads = KV_HEADS,
                                       .head_dim = DIM,
                                       .scale = 0.3f,
                                       .cap = 20,
                                       .window = 20,
                                       .n_segments = 2,
                                       .segments = segments };

/* What a norm and its gradient take. */
typedef struct
{
  AttuneTensor y, x, w, b, rstd, dx, dw;
} Norm;

static Norm
norm_of (AttuneCheckValues *v)
{
  return (Norm) { .y = check_tensor (v, 0, T, C),
                  .x = check_tensor (v, 1, T, C),
                  .w = { v->slots[2], 1, { C } },
                  .b = { v->slots[3], 1, { C } },
                  .rstd = { v->slots[4], 1, { T } },
                  .dx = check_tensor (v, 5, T, C),
                  .dw = { v->slots[6], 1, { C } } };
}

static void
run_rms (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const Norm n = norm_of (v);

  be->rms_norm_forward (be, &n.y, &n.rstd, &n.x, &n.w, 1e-5f);
}

static void
run_rms_backward (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const Norm n = norm_of (v);

  trusted->rms_norm_forward (trusted, &n.y, &n.rstd, &n.x, &n.w, 1e-5f);
  be->rms_norm_backward (be, &n.dx, &n.dw, &n.y, &n.x, &n.w, &n.rstd);
}

static void
run_layer_norm (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const Norm n = norm_of (v);

  be->layer_norm_forward (be, &n.y, &n.rstd, &n.x, &n.w, &n.b, 1e-5f);
}

static void
run_layer_norm_backward (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const Norm n = norm_of (v);

  trusted->layer_norm_forward (trusted, &n.y, &n.rstd, &n.x, &n.w, &n.b, 1e-5f);
  be->layer_norm_backward (be, &n.dx, &n.dw, &n.y, &n.x, &n.w, &n.rstd);
}

static void
run_rotary (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  static const float frequencies[DIM / 2] = { 1, 0.3f, 0.1f, 0.03f, 0.01f, 0.003f };
  gint32 positions[T];

  for (int i = 0; i < T; i++)
    positions[i] = 3 * i;
  for (AttuneRotary kind = ATTUNE_ROTARY_HALVES; kind <= ATTUNE_ROTARY_INTERLEAVED; kind++)
    {
      const AttuneRotation rotation = { kind, DIM, DIM, 1 };
      const AttuneTensor x = check_tensor (v, kind, T, HEADS * DIM);

      be->rotary (be, &x, positions, frequencies, &rotation, 1);
    }
}

/* What attention and its gradient take. */
typedef struct
{
  AttuneTensor q, k, v, out, lse, dout, dq, dk, dv;
} Attention;

static Attention
attention_of (AttuneCheckValues *v)
{
  return (Attention) { .q = check_tensor (v, 0, T, HEADS * DIM),
                       .k = check_tensor (v, 1, T, KV_HEADS * DIM),
                       .v = check_tensor (v, 2, T, KV_HEADS * DIM),
                       .out = check_tensor (v, 3, T, HEADS * DIM),
                       .lse = check_tensor (v, 4, HEADS, T),
                       .dout = check_tensor (v, 5, T, HEADS * DIM),
                       .dq = check_tensor (v, 6, T, HEADS * DIM),
                       .dk = check_tensor (v, 7, T, KV_HEADS * DIM),
                       .dv = check_tensor (v, 8, T, KV_HEADS * DIM) };
}

static void
run_attention (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const Attention a = attention_of (v);

  be->attention_forward (be, &a.out, &a.lse, &a.q, &a.k, &a.v, &shape);
}

static void
run_attention_backward (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const Attention a = attention_of (v);

  trusted->attention_forward (trusted, &a.out, &a.lse, &a.q, &a.k, &a.v, &shape);
  be->attention_backward (be, &a.dq, &a.dk, &a.dv, &a.dout, &a.out, &a.lse, &a.q, &a.k, &a.v,
                          &shape);
}

#define SEQUENCES 2
#define CAPACITY 17
static const gint32 sequences[] = { 1, 0, 1 }, positions[] = { 16, 3, 9 };
#define NEW_ROWS ((gint64) G_N_ELEMENTS (sequences))

static void
run_cached (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor out = check_tensor (v, 0, NEW_ROWS, HEADS * DIM),
                     q = check_tensor (v, 1, NEW_ROWS, HEADS * DIM),
                     k = { v->slots[2], 4, { SEQUENCES, KV_HEADS, CAPACITY, DIM } },
                     values = { v->slots[3], 4, { SEQUENCES, KV_HEADS, CAPACITY, DIM } };
  const AttuneCachedAttention how = { .n_heads = HEADS,
                                      .n_kv_heads = KV_HEADS,
                                      .head_dim = DIM,
                                      .scale = 0.3f,
                                      .window = 8,
                                      .capacity = CAPACITY,
                                      .sequences = sequences,
                                      .positions = positions };

  be->attention_cached (be, &out, &q, &k, &values, &how);
}

static void
run_cache_store (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor cache = { v->slots[0], 4, { SEQUENCES, KV_HEADS, CAPACITY, DIM } },
                     x = check_tensor (v, 1, NEW_ROWS, KV_HEADS * DIM);

  be->cache_store (be, &cache, &x, sequences, positions);
}

const AttuneCheck attune_checks_layers[] = {
  { "RMS norm", ATTUNE_ENTRY (rms_norm_forward), run_rms },
  { "the gradient of RMS norm", ATTUNE_ENTRY (rms_norm_backward), run_rms_backward },
  { "layer norm", ATTUNE_ENTRY (layer_norm_forward), run_layer_norm },
  { "the gradient of layer norm", ATTUNE_ENTRY (layer_norm_backward), run_layer_norm_backward },
  { "rotary positions", ATTUNE_ENTRY (rotary), run_rotary },
  { "attention", ATTUNE_ENTRY (attention_forward), run_attention },
  { "the gradient of attention", ATTUNE_ENTRY (attention_backward), run_attention_backward },
  { "attention over a cache", ATTUNE_ENTRY (attention_cached), run_cached },
  { "the cache of attention", ATTUNE_ENTRY (cache_store), run_cache_store },
  { NULL },
};
