/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a head for labels says to texts, pack by pack, forward only. Part of generate/labels.h.
 */
#include "generate/generator.h"
#include "generate/labels.h"
#include "plan/estimate.h"

#include <string.h>

/* Of a text that is too long for the pack, the end is read. */
static void
shorten (const AttuneLabelReader *reader, AttuneSample *sample)
{
  const guint most = attune_pack_get_capacity (reader->pack), rows = sample->n - 1;

  if (rows <= most)
    return;
  memmove (sample->tokens, sample->tokens + (rows - most), (most + 1) * sizeof (gint32));
  memmove (sample->learn, sample->learn + (rows - most), most + 1);
  sample->n = most + 1;
}

GArray *
attune_labels_encode (const AttuneLabels *self, const AttuneTokenizer *tokenizer,
                      const AttuneChatTemplate *chat_template, const char *system, const char *text,
                      GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  const gint32 bos = attune_tokenizer_get_bos (tokenizer);
  AttuneMessage messages[2];
  guint n = 0;

  if (self->whole)
    {
      if (bos >= 0 && attune_tokenizer_get_vocabulary (tokenizer)->add_bos)
        g_array_append_val (ids, bos);
      attune_tokenizer_encode (tokenizer, text, -1, ATTUNE_TOKENIZE_PLAIN, ids);
      return g_steal_pointer (&ids);
    }
  if (system != NULL && *system != '\0')
    messages[n++] = (AttuneMessage) { ATTUNE_ROLE_SYSTEM, system };
  messages[n++] = (AttuneMessage) { ATTUNE_ROLE_USER, text };
  if (!attune_chat_template_encode (chat_template, tokenizer, messages, n, TRUE, ids, NULL, error))
    return NULL;
  return g_steal_pointer (&ids);
}

/* Logits of so many texts at once: they are few numbers each. */
#define LOGIT_ROWS 16

gboolean
attune_label_reader_open (AttuneLabelReader *self, AttuneDecoder *decoder,
                          const AttuneLabels *labels, int max_tokens, GError **error)
{
  const AttuneStepShape shape = { .max_tokens = max_tokens,
                                  .max_targets = max_tokens,
                                  .logit_rows = LOGIT_ROWS,
                                  .lora_rank = attune_generator_find_rank (decoder),
                                  .rescaled = attune_decoder_is_rescaled (decoder),
                                  .n_virtual = decoder->n_virtual };

  self->decoder = decoder;
  self->labels = labels;
  if (labels != NULL && !attune_labels_check (labels, decoder->config.n_vocab, error))
    return FALSE;
  self->activations = attune_activations_new (decoder->be, &decoder->config, &shape, error);
  self->pack = attune_pack_new (max_tokens, TRUE);
  return self->activations != NULL;
}

void
attune_label_reader_clear (AttuneLabelReader *self)
{
  g_clear_pointer (&self->activations, attune_activations_free);
  g_clear_pointer (&self->pack, attune_pack_free);
}

/* Computes what is packed; @losses and @shares are those of its first sample. */
static gboolean
read_pack (const AttuneLabelReader *reader, double *losses, float *shares, GError **error)
{
  AttuneDecoder *decoder = reader->decoder;
  const AttuneBatch *batch = attune_pack_get_batch (reader->pack);

  if (batch->n_targets == 0)
    return TRUE;
  decoder->labels.shares = shares;
  if (reader->labels != NULL)
    decoder->labels.loss.wanted
        = (const float *) reader->labels->wanted->data; /* it may have grown */
  attune_decoder_forward_backward (decoder, reader->activations, batch, losses, 0, FALSE, 0, 0);
  decoder->labels.shares = NULL;
  return attune_backend_sync (decoder->be, error);
}

gboolean
attune_labels_ask (const AttuneLabelReader *reader, AttuneDataset *dataset, AttuneSplit split,
                   const guint32 *numbers, const gint32 *targets, guint64 n, double *losses,
                   float *shares, GError **error)
{
  const gint64 n_labels = attune_tensor_rows (&reader->decoder->labels.weight);
  guint64 begun = 0; /* first of the pack */

  g_return_val_if_fail (reader->decoder->labels.weight.data != NULL, FALSE);

  attune_pack_clear (reader->pack);
  for (guint64 i = 0; i < n; i++)
    {
      g_auto (AttuneSample) sample = { 0 };

      if (g_cancellable_set_error_if_cancelled (reader->cancellable, error)
          || !attune_dataset_get_sample (dataset, split, numbers[i], &sample, error))
        return FALSE;
      attune_sample_ask_label (&sample, targets[i], reader->eos);
      shorten (reader, &sample);
      if (attune_pack_add (reader->pack, &sample))
        continue;
      if (!read_pack (reader, losses + begun, shares + begun * n_labels, error))
        return FALSE;
      attune_pack_clear (reader->pack);
      attune_pack_add (reader->pack, &sample);
      begun = i;
    }
  return read_pack (reader, losses + begun, shares + begun * n_labels, error);
}

gboolean
attune_labels_ask_tokens (const AttuneLabelReader *reader, const GArray *ids, float *shares,
                          GError **error)
{
  g_auto (AttuneSample) sample = { .n = ids->len };
  double loss;

  g_return_val_if_fail (ids->len > 0, FALSE);

  sample.tokens = g_memdup2 (ids->data, ids->len * sizeof (gint32));
  sample.learn = g_new0 (guint8, ids->len);
  attune_sample_ask_label (&sample, 0, -1);
  shorten (reader, &sample);
  attune_pack_clear (reader->pack);
  attune_pack_add (reader->pack, &sample);
  return read_pack (reader, &loss, shares, error);
}

gboolean
attune_scores_ask (const AttuneLabelReader *reader, AttuneSample *samples, guint n, float *scores,
                   GError **error)
{
  static const float wanted[] = { 1 };
  g_autofree double *losses = g_new (double, n + 1);
  guint begun = 0; /* first of the pack */

  g_return_val_if_fail (attune_tensor_rows (&reader->decoder->labels.weight) == 1, FALSE);

  reader->decoder->labels.loss
      = (AttuneLabelLoss) { .kind = ATTUNE_LABELS_SCORE, .wanted = wanted };
  memset (scores, 0, n * sizeof (float));
  attune_pack_clear (reader->pack);
  for (guint i = 0; i < n; i++)
    {
      if (g_cancellable_set_error_if_cancelled (reader->cancellable, error))
        return FALSE;
      attune_sample_ask_score (&samples[i], 0);
      shorten (reader, &samples[i]);
      if (attune_pack_add (reader->pack, &samples[i]))
        continue;
      if (!read_pack (reader, losses + begun, scores + begun, error))
        return FALSE;
      attune_pack_clear (reader->pack);
      attune_pack_add (reader->pack, &samples[i]);
      begun = i;
    }
  return read_pack (reader, losses + begun, scores + begun, error);
}
