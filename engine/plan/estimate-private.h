/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the estimate's files share.
 */
#pragma once
#include "plan/estimate.h"

G_BEGIN_DECLS

/* What learns: one of the two. */
typedef struct
{
  gboolean adapter;
  AttuneLoraConfig lora;
  AttuneBaseParts parts;
} AttuneLearning;

/* What a product with a weight that stays as it is takes of the time of one in f32. */
typedef struct
{
  double linear, head;
} AttuneProductShares;

/* @int8: as AttuneStepShape.int8; otherwise the processor multiplies weights of 4 to 8 bits that
 * stay as 16-bit whole numbers. */
AttuneProductShares attune_find_product_shares (const AttuneDecoderConfig *c,
                                                const AttunePlanValues *plan, gboolean int8);

/* Multiplications and additions of the products, which are all that counts: per token once forward
 * and once backward through the base, down to where something learns, once more where it learns
 * itself, three times through the adapter, and through the LM head only where something is learned.
 * Those of whole numbers count as what takes as long. @more_tokens: of the whole run, of which
 * nothing is predicted */
double attune_count_flops (const AttuneDecoderConfig *c, const AttuneLearning *learning,
                           const AttuneProductShares *shares, const AttuneDataFacts *data,
                           double passes, double more_tokens);

G_END_DECLS
