/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several adapters of one linear as one, by the ways that PEFT's add_weighted_adapter has.
 *
 *   cat       b = [b₁ b₂ …], a = [w₁ s₁ a₁; w₂ s₂ a₂; …]: exact, and as large as all of them
 *   linear    a = Σ √(w s) a, b = Σ √(w s) b: small, and mixes each with each
 *   svd       the largest parts of Σ w s b a
 *
 * Letters: N outputs, K inputs, r rank; w weight, s scale of an adapter. What is left out before:
 * TIES (Yadav et al. 2023) keeps the largest values and those that agree in sign; DARE (Yu et al.
 * 2024) leaves values out by chance and lets the others make up for them. Golden values:
 * tests/peers/make_merges.py and, for DARE, make_dare.py.
 */
#pragma once
#include "compute/backend.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_MERGE_CAT,
  ATTUNE_MERGE_LINEAR,
  ATTUNE_MERGE_TIES,
  ATTUNE_MERGE_DARE_LINEAR,
  ATTUNE_MERGE_DARE_TIES,
  ATTUNE_MERGE_SVD, /* this and what follows: of the products, not of a and b by themselves */
  ATTUNE_MERGE_TIES_SVD,
  ATTUNE_MERGE_DARE_LINEAR_SVD,
  ATTUNE_MERGE_DARE_TIES_SVD,
  ATTUNE_N_MERGES,
} AttuneMergeMethod;

const char *attune_merge_method_get_name (AttuneMergeMethod method); /* "ties-svd" */
const char *attune_merge_method_get_text (AttuneMergeMethod method); /* a sentence */
gboolean attune_merge_method_find (const char *name, AttuneMergeMethod *method);
static inline gboolean
attune_merge_method_takes_apart (AttuneMergeMethod method)
{
  return method >= ATTUNE_MERGE_SVD;
}
static inline gboolean
attune_merge_method_leaves_out (AttuneMergeMethod method)
{
  return method != ATTUNE_MERGE_CAT && method != ATTUNE_MERGE_LINEAR && method != ATTUNE_MERGE_SVD;
}

typedef struct
{
  AttuneTensor a, b; /* (r, K), (N, r) f32, of the host */
  double weight, scale;
} AttuneMergePart;

/**
 * attune_merge_adapters:
 * @parts: (array length=n): the adapters that this linear has
 * @density: of what leaves values out: the share that stays, above 0 up to 1
 * @seed, @index: of what is left out by chance
 * @a: (out caller-allocates): (R, K); R the sum of the ranks for cat, theirs without svd
 * @b: (out caller-allocates): (N, R)
 *
 * The scale of what comes out is 1. Takes memory for all products where it takes them apart.
 * Blocks.
 */
gboolean attune_merge_adapters (AttuneBackend *be, AttuneMergeMethod method,
                                const AttuneMergePart *parts, guint n, double density, guint64 seed,
                                guint64 index, const AttuneTensor *a, const AttuneTensor *b,
                                GError **error);

G_END_DECLS
