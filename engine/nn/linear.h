/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A linear map with a base weight, frozen in its stored type or trained in f32, and a list of
 * adapters.
 *
 *   forward    y = x · wᵀ + Σ scale · (x · aᵀ) · bᵀ      w (N, K) stored, a (r, K), b (N, r)
 *   backward   dx ADDED dy · w + Σ scale · (dy · b) · a
 *              da ADDED scale · (dy · b)ᵀ · x,  db ADDED scale · dyᵀ · (x · aᵀ)
 *              dw ADDED dyᵀ · x,  dbias ADDED Σ over T of dy, where the base is trained
 *
 * and rescaled: y = g · (x · (w + scale · b · a)ᵀ), g = magnitude · inverse_norm by output, where
 * the norm counts as constant in backward (Liu et al. 2024, DoRA, section 4.3); or by factors on
 * what is read or comes out (Liu et al. 2022, (IA)³).
 *
 * Source: Hu et al. 2021 (LoRA). Dropout is on x before a, as PEFT has it; in DoRA also before w in
 * what the adapter changes.
 */
#pragma once
#include "nn/parameters.h"
#include "compute/arena.h"

G_BEGIN_DECLS

typedef struct
{
  AttuneTensor a, b;   /* views of parameters */
  AttuneTensor da, db; /* data %NULL: frozen */
  int rank;
  float scale;   /* alpha / rank, or alpha / √rank for rsLoRA */
  float dropout; /* 0 … <1; in training only */
  guint64 index; /* which adapter of the decoder, for dropout's draws */
  /* of DoRA, (1, N) each; data %NULL: it is LoRA */
  AttuneTensor magnitude, d_magnitude;
  AttuneTensor inverse_norm; /* 1 / |row of w + scale · b · a|: attune_decoder_update_norms() */
} AttuneLora;

#define ATTUNE_MAX_ADAPTERS 4

typedef struct
{
  const char *name;              /* "blk.0.attn_q"; borrowed from the decoder */
  AttuneTensor weight;           /* (N, K) stored; borrowed from the model's memory */
  AttuneTensor bias;             /* (N) f32; data %NULL: none */
  AttuneTensor d_weight, d_bias; /* f32; data %NULL: frozen */
  int n_adapters;
  AttuneLora adapters[ATTUNE_MAX_ADAPTERS]; /* DoRA comes first */
  /* of (IA)³, (1, K) on what is read and (1, N) on what comes out, bias included; data %NULL: 1 */
  AttuneTensor in_scale, d_in_scale;
  AttuneTensor out_scale, d_out_scale;
} AttuneLinear;

/* What one call needs from its step besides tensors. */
typedef struct
{
  AttuneBackend *be;
  AttuneArena *arena; /* scratch is taken and given back within the call */
  gboolean training;  /* dropout on */
  gboolean base_only; /* adapters are passed over */
  gboolean int8;      /* products of many rows with frozen weights are in 8 bits */
  gboolean int16;     /* the same in 16 bits, where their type allows it */
  guint64 seed, step; /* dropout's key */
} AttuneContext;

/* y (T, N) = x (T, K) · wᵀ (N, K) + beta · y with a frozen w, in 16 bits where @context says so and
 * its type allows it. */
void attune_multiply (const AttuneContext *context, const AttuneTensor *y, const AttuneTensor *x,
                      const AttuneTensor *w, float beta);
/* dx (T, K) = dy (T, N) · w (N, K) + beta · dx, likewise. */
void attune_multiply_back (const AttuneContext *context, const AttuneTensor *dx,
                           const AttuneTensor *dy, const AttuneTensor *w, float beta);

/* Whether an adapter changes what the base weight gives, in place of adding to it. */
static inline gboolean
attune_linear_is_rescaled (const AttuneLinear *self)
{
  return self->in_scale.data != NULL || self->out_scale.data != NULL
         || (self->n_adapters > 0 && self->adapters[0].magnitude.data != NULL);
}

/**
 * attune_linear_forward:
 * @y: (out caller-allocates): (T, N) f32
 * @x: (T, K) f32
 * @beta: 0 overwrites @y, 1 ADDS (for a residual)
 */
void attune_linear_forward (const AttuneLinear *self, AttuneContext *context, const AttuneTensor *y,
                            const AttuneTensor *x, float beta);

/* The bias and the adapters alone, ADDED to a @y that holds x · wᵀ. Not for what is rescaled. */
void attune_linear_add_rest (const AttuneLinear *self, AttuneContext *context,
                             const AttuneTensor *y, const AttuneTensor *x);

/**
 * attune_linear_backward:
 * @dx: (inout) (nullable): (T, K)
 * @dx_beta: 0 overwrites @dx, 1 ADDS
 * @dy: (T, N), @x: (T, K) exactly what forward was given
 */
void attune_linear_backward (const AttuneLinear *self, AttuneContext *context,
                             const AttuneTensor *dx, float dx_beta, const AttuneTensor *dy,
                             const AttuneTensor *x);

/* What x is multiplied with as one matrix, f32 (N, K), into @merged, for export. */
void attune_linear_merge (const AttuneLinear *self, AttuneContext *context,
                          const AttuneTensor *merged);

G_END_DECLS
