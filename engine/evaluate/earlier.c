/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How well a model still knows what it is not to forget. Part of evaluate/evaluate.h.
 */
#include "evaluate/evaluate.h"

gboolean
attune_evaluate_earlier (AttuneDecoder *decoder, AttuneEarlier *earlier, int max_tokens,
                         AttuneScores *scores, GError **error)
{
  const AttuneStepShape shape = { .max_tokens = max_tokens,
                                  .max_targets = max_tokens,
                                  .lora_rank = attune_generator_find_rank (decoder),
                                  .rescaled = attune_decoder_is_rescaled (decoder),
                                  .n_virtual = decoder->n_virtual };
  const guint64 n = attune_earlier_count_probe (earlier);
  g_autoptr (AttuneActivations) activations = NULL;
  g_autoptr (AttunePack) pack = NULL;
  AttuneLossSum sum;

  g_return_val_if_fail (decoder != NULL && earlier != NULL && scores != NULL, FALSE);
  g_return_val_if_fail (max_tokens > 1, FALSE);

  activations = attune_activations_new (decoder->be, &decoder->config, &shape, error);
  pack = attune_pack_new (max_tokens, TRUE);
  if (activations == NULL
      || !attune_earlier_loss (earlier, decoder, activations, pack, 0, n, &sum, error))
    return FALSE;
  if (sum.target_tokens == 0)
    return TRUE;
  scores->n_earlier = n;
  scores->earlier_loss = sum.nats / sum.target_tokens;
  return TRUE;
}
