/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See embed.h.
 */
#include "generate/embed.h"

#include "generate/generator.h"
#include "generate/pack.h"

/* The question of a sample, each token of which is a row of a pack. */
static void
cut_to_question (AttuneSample *sample)
{
  const guint prompt = attune_sample_prompt_length (sample);

  if (prompt > 1)
    sample->n = MIN (sample->n, prompt + 1);
  attune_sample_learn_all (sample);
}

/* Adds the means of what is packed: @vectors of its first sample. */
static gboolean
read_pack (AttuneDecoder *decoder, AttuneActivations *activations, AttunePack *pack, float *states,
           float *vectors, guint n, GError **error)
{
  const AttuneBatch *batch = attune_pack_get_batch (pack);
  const gsize width = decoder->config.n_embd;
  g_autofree guint *rows = g_new0 (guint, MAX (1, n));

  if (batch->n_targets == 0)
    return TRUE;
  if (!attune_decoder_read_states (decoder, activations, batch, states, error))
    return FALSE;
  for (int i = 0; i < batch->n_targets; i++)
    {
      const int owner = attune_pack_get_owner (pack, i);

      rows[owner]++;
      for (gsize j = 0; j < width; j++)
        vectors[owner * width + j] += states[i * width + j];
    }
  for (guint i = 0; i < n; i++)
    for (gsize j = 0; j < width && rows[i] > 0; j++)
      vectors[i * width + j] /= rows[i];
  return TRUE;
}

gboolean
attune_embed_samples (AttuneDecoder *decoder, AttuneDataset *dataset, AttuneSplit split,
                      const guint32 *numbers, guint n, int max_tokens, float *vectors,
                      GCancellable *cancellable, GError **error)
{
  const gsize width = decoder->config.n_embd;
  const AttuneStepShape shape = { .max_tokens = max_tokens,
                                  .max_targets = max_tokens,
                                  .logit_rows = 1, /* none is asked for */
                                  .lora_rank = attune_generator_find_rank (decoder),
                                  .rescaled = attune_decoder_is_rescaled (decoder),
                                  .n_virtual = decoder->n_virtual };
  g_autoptr (AttuneActivations) activations
      = attune_activations_new (decoder->be, &decoder->config, &shape, error);
  /* what texts begin with in common has to be a row of each: its part in the mean */
  g_autoptr (AttunePack) pack = attune_pack_new (max_tokens, FALSE);
  g_autofree float *states = g_new (float, max_tokens *width);
  guint begun = 0;

  if (activations == NULL)
    return FALSE;
  for (gsize i = 0; i < n * width; i++)
    vectors[i] = 0;
  for (guint i = 0; i < n; i++)
    {
      g_auto (AttuneSample) sample = { 0 };

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !attune_dataset_get_sample (dataset, split, numbers[i], &sample, error))
        return FALSE;
      cut_to_question (&sample);
      if (attune_pack_add (pack, &sample))
        continue;
      if (!read_pack (decoder, activations, pack, states, vectors + begun * width, i - begun,
                      error))
        return FALSE;
      attune_pack_clear (pack);
      attune_pack_add (pack, &sample);
      begun = i;
    }
  return read_pack (decoder, activations, pack, states, vectors + begun * width, n - begun, error);
}
