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

/* Multiplications and additions of the products, which are all that counts: per token once forward
 * and once backward through the base, down to where something learns, once more where it learns
 * itself, three times through the adapter, and through the LM head only where something is learned.
 * Those in 8 bits count as what takes as long. @more_tokens: of the whole run, of which nothing is
 * predicted */
double attune_count_flops (const AttuneDecoderConfig *c, const AttuneLearning *learning,
                           gboolean int8, const AttuneDataFacts *data, double passes,
                           double more_tokens);

G_END_DECLS
