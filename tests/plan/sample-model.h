/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sample model (SmolLM2-135M, 4-bit) and data of the sample's size, for reckoning.
 */
#pragma once
#include "plan/estimate.h"

#define SAMPLE_WEIGHTS_BYTES 96600000
#define SAMPLE_PARAMETERS 134515008

static const AttuneDecoderConfig sample_config = { .family = "llama",
                                                   .n_layers = 30,
                                                   .n_embd = 576,
                                                   .n_ff = 1536,
                                                   .n_heads = 9,
                                                   .n_kv_heads = 3,
                                                   .head_dim = 64,
                                                   .n_vocab = 49152,
                                                   .max_tokens = 8192,
                                                   .norm_eps = 1e-5f,
                                                   .rotary_base = 100000,
                                                   .tied_head = TRUE,
                                                   .layer_gains = 2 * 576 };
static const AttuneDataFacts sample_facts = { .n_train = 1600,
                                              .n_validation = 200,
                                              .train_tokens = 90000,
                                              .target_tokens = 30000,
                                              .max_tokens = 80 };

static inline AttuneEstimate
sample_estimate (AttunePlan *plan)
{
  g_autoptr (GError) error = NULL;
  AttuneEstimate e;

  attune_estimate (plan, &sample_config, SAMPLE_WEIGHTS_BYTES, SAMPLE_PARAMETERS, &sample_facts, &e,
                   &error);
  g_assert_no_error (error);
  return e;
}
