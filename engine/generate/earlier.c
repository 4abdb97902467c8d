/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See earlier.h. A text is one stream of tokens, cut where a sample is full: paragraphs go on from
 * one sample to the next, as base models read text.
 */
#include "generate/earlier.h"

#include <string.h>

struct _AttuneEarlier
{
  AttuneDataset *dataset; /* or %NULL: a text */
  GArray *tokens;         /* gint32, of the text */
  guint64 n_samples;      /* of the text */
  char *hash;
};

void
attune_earlier_free (AttuneEarlier *self)
{
  if (self == NULL)
    return;
  attune_dataset_close (self->dataset);
  g_clear_pointer (&self->tokens, g_array_unref);
  g_free (self->hash);
  g_free (self);
}

static gboolean
read_text (AttuneEarlier *self, const char *path, const AttuneTokenizer *tokenizer, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) reason = NULL;
  gsize n;

  if (!attune_earlier_check_size (path, error))
    return FALSE;
  if (!g_file_get_contents (path, &text, &n, &reason))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                   "The earlier material (--earlier) could not be read: %s.", reason->message);
      return FALSE;
    }
  if (!g_utf8_validate_len (text, n, NULL))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                   "The earlier material “%s” is no text in UTF-8. Choose a text file, a project's "
                   "folder, or the dataset.h5 in one.",
                   path);
      return FALSE;
    }
  self->tokens = g_array_new (FALSE, FALSE, sizeof (gint32));
  attune_tokenizer_encode (tokenizer, text, n, ATTUNE_TOKENIZE_PLAIN, self->tokens);
  self->n_samples = (self->tokens->len + ATTUNE_EARLIER_TOKENS - 1) / ATTUNE_EARLIER_TOKENS;
  self->hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, n);
  return TRUE;
}

static gboolean
read_dataset (AttuneEarlier *self, const char *path, const AttuneTokenizer *tokenizer,
              const AttuneChatTemplate *chat_template, GError **error)
{
  g_autoptr (GError) reason = NULL;

  self->dataset = attune_dataset_open (path, &reason);
  if (self->dataset == NULL
      || !attune_dataset_check_reader (self->dataset, tokenizer, chat_template, &reason))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&reason),
                                  "The earlier material “%s” cannot be used. ", path);
      return FALSE;
    }
  self->hash = g_strdup (attune_dataset_get_hash (self->dataset));
  return TRUE;
}

AttuneEarlier *
attune_earlier_open (const char *path, const AttuneTokenizer *tokenizer,
                     const AttuneChatTemplate *chat_template, GError **error)
{
  g_autoptr (AttuneEarlier) self = g_new0 (AttuneEarlier, 1);
  g_autofree char *file = NULL;

  g_return_val_if_fail (path != NULL && tokenizer != NULL && chat_template != NULL, NULL);

  file = attune_earlier_find_file (path);
  if (!(g_str_has_suffix (file, ".h5") ? read_dataset (self, file, tokenizer, chat_template, error)
                                       : read_text (self, file, tokenizer, error)))
    return NULL;
  if (attune_earlier_count (self, FALSE) > 0 && attune_earlier_count (self, TRUE) > 0)
    return g_steal_pointer (&self);
  if (self->dataset != NULL)
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                 "The earlier material “%s” has %s. Prepare that project's data again with a part "
                 "for validation or test.",
                 file,
                 attune_earlier_count (self, FALSE) == 0 ? "no records to learn again"
                                                         : "no records that are held out");
  else
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                 "The earlier material “%s” is too short: it needs more than %d tokens, some pages "
                 "of text.",
                 file, ATTUNE_EARLIER_TOKENS * (ATTUNE_EARLIER_HELD_OUT - 1));
  return NULL;
}

const char *
attune_earlier_get_hash (const AttuneEarlier *self)
{
  return self->hash;
}

guint64
attune_earlier_count (const AttuneEarlier *self, gboolean held_out)
{
  if (self->dataset != NULL)
    return held_out ? attune_dataset_count (self->dataset, ATTUNE_SPLIT_VALIDATION)
                          + attune_dataset_count (self->dataset, ATTUNE_SPLIT_TEST)
                    : attune_dataset_count (self->dataset, ATTUNE_SPLIT_TRAIN);
  return held_out ? self->n_samples / ATTUNE_EARLIER_HELD_OUT
                  : self->n_samples - self->n_samples / ATTUNE_EARLIER_HELD_OUT;
}

guint64
attune_earlier_count_probe (const AttuneEarlier *self)
{
  return MIN (attune_earlier_count (self, TRUE),
              self->dataset != NULL ? ATTUNE_EARLIER_PROBE : ATTUNE_EARLIER_TEXT_PROBE);
}

/* Sample @number of the text, all of which is learned. */
static void
take_text (const AttuneEarlier *self, guint64 number, AttuneSample *sample)
{
  const guint first = number * ATTUNE_EARLIER_TOKENS;

  sample->n = MIN (ATTUNE_EARLIER_TOKENS, self->tokens->len - first);
  sample->tokens
      = g_memdup2 (&g_array_index (self->tokens, gint32, first), sample->n * sizeof (gint32));
  sample->learn = g_new0 (guint8, sample->n);
  attune_sample_learn_all (sample);
}

gboolean
attune_earlier_get_sample (AttuneEarlier *self, gboolean held_out, guint64 index, guint max_tokens,
                           AttuneSample *sample, GError **error)
{
  /* of a text the last of every ten is held out */
  const guint64 of_text = held_out ? index * ATTUNE_EARLIER_HELD_OUT + ATTUNE_EARLIER_HELD_OUT - 1
                                   : index / (ATTUNE_EARLIER_HELD_OUT - 1) * ATTUNE_EARLIER_HELD_OUT
                                         + index % (ATTUNE_EARLIER_HELD_OUT - 1);
  AttuneSplit split = held_out ? ATTUNE_SPLIT_VALIDATION : ATTUNE_SPLIT_TRAIN;

  g_return_val_if_fail (index < attune_earlier_count (self, held_out), FALSE);

  attune_sample_clear (sample);
  if (self->dataset == NULL)
    take_text (self, of_text, sample);
  else
    {
      if (held_out && index >= attune_dataset_count (self->dataset, split))
        {
          index -= attune_dataset_count (self->dataset, split);
          split = ATTUNE_SPLIT_TEST;
        }
      if (!attune_dataset_get_sample (self->dataset, split, index, sample, error))
        return FALSE;
    }
  sample->n = MIN (sample->n, max_tokens);
  return TRUE;
}

/* Computes what is packed. */
static gboolean
add_pack (AttuneDecoder *decoder, AttuneActivations *activations, AttunePack *pack, double *losses,
          AttuneLossSum *sum, GError **error)
{
  const AttuneBatch *batch = attune_pack_get_batch (pack);

  if (batch->n_targets > 0)
    attune_decoder_forward_backward (decoder, activations, batch, losses, 0, FALSE, 0, 0);
  if (!attune_backend_sync (decoder->be, error))
    return FALSE;
  for (int i = 0; i < batch->n_targets; i++)
    sum->nats += losses[i];
  sum->target_tokens += batch->n_targets;
  sum->tokens += attune_pack_count_tokens (pack);
  attune_pack_clear (pack);
  return TRUE;
}

gboolean
attune_earlier_loss (AttuneEarlier *self, AttuneDecoder *decoder, AttuneActivations *activations,
                     AttunePack *pack, guint64 first, guint64 n, AttuneLossSum *sum, GError **error)
{
  const guint capacity = attune_pack_get_capacity (pack);
  const guint64 all = attune_earlier_count (self, TRUE), told = attune_earlier_count_probe (self);
  g_autofree double *losses = g_new (double, capacity);

  *sum = (AttuneLossSum) { 0 };
  attune_pack_clear (pack);
  for (guint64 i = first; i < first + n; i++)
    {
      g_auto (AttuneSample) sample = { 0 };

      if (!attune_earlier_get_sample (self, TRUE, i * all / told, capacity + 1, &sample, error))
        return FALSE;
      if (attune_pack_add (pack, &sample))
        continue;
      if (!add_pack (decoder, activations, pack, losses, sum, error))
        return FALSE;
      attune_pack_add (pack, &sample);
    }
  return add_pack (decoder, activations, pack, losses, sum, error);
}
