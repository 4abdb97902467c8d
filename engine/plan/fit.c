/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model needs, from the same functions that size a run and a chat.
 */
#include "plan/fit.h"

/* What a processor does in a second where no run has told: a third of what was measured with
 * AVX-512 on two of a server's (tests/bench/results.md), as an ordinary one has half the width. */
#define PROCESSOR_FLOPS 30e9

/* Questions and answers as people bring them: the sample's are shorter, a folder of clauses' are
 * longer. */
static const AttuneDataFacts usual = { .n_train = 1000,
                                       .n_validation = 100,
                                       .train_tokens = 256 * 1000,
                                       .target_tokens = 128 * 1000,
                                       .max_tokens = 512,
                                       .text_tokens = 255 * 1000,
                                       .n_pairs = 1000,
                                       .n_validation_pairs = 100,
                                       .pair_tokens = 512 * 1000,
                                       .pair_targets = 256 * 1000,
                                       .longest_pair = 512 };

gboolean
attune_fit (AttunePlan *plan, const AttuneDecoderConfig *config, guint64 weights_bytes,
            gint64 total, const AttuneDataFacts *data, AttuneFit *fit, GError **error)
{
  g_autoptr (AttunePlan) standard = plan == NULL ? attune_plan_new () : g_object_ref (plan);
  const AttunePlanValues *values = attune_plan_get_values (standard);
  AttuneEstimate e;
  AttuneCacheShape text;
  guint64 weights;
  int tokens;

  g_return_val_if_fail (config != NULL && fit != NULL, FALSE);

  if (!attune_estimate (standard, config, weights_bytes, total, data != NULL ? data : &usual, &e,
                        error))
    return FALSE;
  tokens = MIN (ATTUNE_FIT_RUN_TOKENS, MAX (1, config->max_tokens));
  text = attune_cache_shape_for_text (1, tokens, attune_plan_get_rank (standard));
  fit->tune_bytes = e.peak_bytes;
  fit->tune_flops = e.flops;
  /* an adapter answers on the file as it is stored, in one process */
  weights = attune_method_adapts (values->method)  ? weights_bytes
            : values->method == ATTUNE_METHOD_FULL ? e.weights_bytes / values->ranks
                                                   : e.weights_bytes;
  fit->run_bytes = weights + e.base_bytes / values->ranks + e.packing_bytes
                   + attune_cache_bytes (config, &text);
  return TRUE;
}

gboolean
attune_fit_method (AttuneMethod method, AttunePlan *plan, const AttuneDecoderConfig *config,
                   guint64 weights_bytes, gint64 total, const AttuneDataFacts *data, AttuneFit *fit,
                   GError **error)
{
  g_autoptr (AttunePlan) other = plan == NULL ? attune_plan_new () : attune_plan_copy (plan);
  const AttunePlanValues before = *attune_plan_get_values (other);

  g_object_set (other, "method", method, NULL);
  attune_plan_follow (other, &before);
  return attune_fit (other, config, weights_bytes, total, data, fit, error);
}

double
attune_fit_seconds (const AttuneFit *fit, double flops_per_second)
{
  g_return_val_if_fail (fit != NULL, 0);

  return fit->tune_flops
         / (flops_per_second > 0 ? flops_per_second : PROCESSOR_FLOPS * g_get_num_processors ());
}
