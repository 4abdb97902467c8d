/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See generator.h. A slot whose answer has ended takes the next prompt in the pass after.
 */
#include "generate/generator-private.h"
#include "plan/estimate.h"

G_DEFINE_QUARK (attune_generate_error, attune_generate_error)

static guint64
weights_bytes (const AttuneDecoder *decoder)
{
  guint64 bytes = attune_tensor_bytes (&decoder->head);

  for (int i = 0; i < decoder->config.n_layers; i++)
    for (int j = 0; j < ATTUNE_LAYER_LINEARS; j++)
      {
        const AttuneLinear *linear = attune_decoder_layer_linear (&decoder->layers[i], j);

        bytes += linear->weight.data != NULL ? attune_tensor_bytes (&linear->weight) : 0;
      }
  return bytes;
}

int
attune_generator_find_rank (const AttuneDecoder *decoder)
{
  int rank = 0;

  g_return_val_if_fail (decoder != NULL, 0);

  for (int i = 0; i < decoder->config.n_layers; i++)
    for (int j = 0; j < attune_layer_linears (&decoder->config); j++)
      {
        const AttuneLinear *linear = attune_decoder_layer_linear (&decoder->layers[i], j);

        if (attune_linear_is_rescaled (linear))
          rank = MAX (rank, 1);
        for (int k = 0; k < linear->n_adapters; k++)
          rank = MAX (rank, linear->adapters[k].rank);
      }
  return rank;
}

static gboolean
add_draft (AttuneGenerator *self, AttuneDecoder *decoder, const AttuneCacheShape *shape,
           GError **error)
{
  AttuneCacheShape own = *shape;

  if (decoder->config.n_vocab != self->n_vocab)
    {
      g_set_error (error, ATTUNE_GENERATE_ERROR, ATTUNE_GENERATE_ERROR_DRAFT,
                   "A model of %d tokens cannot look ahead for one of %d: both must have the same "
                   "vocabulary",
                   decoder->config.n_vocab, self->n_vocab);
      return FALSE;
    }
  own.n_sequences = own.max_logits = 1;
  own.lora_rank = attune_generator_find_rank (decoder);
  own.n_virtual = decoder->n_virtual;
  self->draft.decoder = decoder;
  self->draft.n_ahead = MAX_AHEAD / 2;
  self->draft.held = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->draft.cache = attune_cache_new (decoder->be, &decoder->config, &own, error);
  return self->draft.cache != NULL;
}

AttuneGenerator *
attune_generator_new (AttuneDecoder *decoder, const AttuneTokenizer *tokenizer,
                      const AttuneGeneratorOptions *options, GError **error)
{
  const int n_parallel = options->n_parallel;
  g_autoptr (AttuneGenerator) self = NULL;
  AttuneCacheShape shape;

  g_return_val_if_fail (decoder != NULL && tokenizer != NULL, NULL);
  g_return_val_if_fail (n_parallel > 0 && options->capacity > 0, NULL);

  self = g_new0 (AttuneGenerator, 1);
  self->decoder = decoder;
  self->tokenizer = tokenizer;
  self->stop = options->stop;
  self->eos = attune_tokenizer_get_eos (tokenizer);
  self->n_parallel = n_parallel;
  self->capacity = options->capacity;
  self->steady = options->steady;
  shape = attune_cache_shape_for_text (n_parallel, options->capacity,
                                       attune_generator_find_rank (decoder));
  shape.n_virtual = decoder->n_virtual;
  shape.fast = !options->exact;
  shape.small = options->small;
  shape.pack = !options->lean && weights_bytes (decoder) < attune_memory_available () / 4;
  shape.max_logits = n_parallel;
  if (options->draft != NULL)
    {
      shape.max_logits = MAX (n_parallel, MAX_AHEAD + 1);
      shape.max_rows = MAX (shape.max_rows, MAX_AHEAD + 1);
    }
  self->max_rows = shape.max_rows;
  self->n_vocab = decoder->config.n_vocab;
  self->slots = g_new0 (Slot, n_parallel);
  for (int i = 0; i < n_parallel; i++)
    {
      self->slots[i].pending = g_string_new (NULL);
      self->slots[i].answer = g_string_new (NULL);
      self->slots[i].said = g_array_new (FALSE, FALSE, sizeof (gint32));
      self->slots[i].held = g_array_new (FALSE, FALSE, sizeof (gint32));
    }
  self->tokens = g_new (gint32, self->max_rows);
  self->sequences = g_new (gint32, self->max_rows);
  self->positions = g_new (gint32, self->max_rows);
  self->logit_rows = g_new (gint32, shape.max_logits);
  self->logit_slots = g_new (gint32, shape.max_logits);
  self->scratch = g_malloc_n (self->n_vocab, 8);
  self->cache = attune_cache_new (decoder->be, &decoder->config, &shape, error);
  if (self->cache == NULL
      || (options->draft != NULL && !add_draft (self, options->draft, &shape, error)))
    return NULL;
  return g_steal_pointer (&self);
}

void
attune_generator_free (AttuneGenerator *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->cache, attune_cache_free);
  g_clear_pointer (&self->draft.cache, attune_cache_free);
  g_clear_pointer (&self->draft.held, g_array_unref);
  for (int i = 0; i < self->n_parallel; i++)
    {
      g_string_free (self->slots[i].pending, TRUE);
      g_string_free (self->slots[i].answer, TRUE);
      g_array_unref (self->slots[i].said);
      g_array_unref (self->slots[i].held);
    }
  g_free (self->slots);
  g_free (self->tokens);
  g_free (self->sequences);
  g_free (self->positions);
  g_free (self->logit_rows);
  g_free (self->logit_slots);
  g_free (self->scratch);
  g_free (self);
}

/* Forgets what an earlier call left, which may have failed or been cancelled midway. What is in the
 * cache stays only where it is still what the decoder would put there. */
static void
clear_slots (AttuneGenerator *self)
{
  const gboolean keep
      = self->steady && self->is_sound && self->base_only == self->decoder->base_only;

  self->base_only = self->decoder->base_only;
  self->is_sound = TRUE;
  if (!keep && self->draft.held != NULL)
    g_array_set_size (self->draft.held, 0);
  for (int i = 0; i < self->n_parallel; i++)
    {
      self->slots[i].busy = FALSE;
      self->slots[i].prompt = NULL;
      if (!keep)
        attune_slot_cut (&self->slots[i], 0);
    }
}

/* The slot that alone is busy and past its prompt, or -1. */
static int
find_only (const AttuneGenerator *self)
{
  int only = -1;

  for (int i = 0; i < self->n_parallel; i++)
    if (self->slots[i].busy)
      {
        if (only >= 0 || self->slots[i].n_read < self->slots[i].n_prompt)
          return -1;
        only = i;
      }
  return only;
}

static gboolean
run_mixed_pass (AttuneGenerator *self, const Request *request, GError **error)
{
  const float *logits;
  int n_rows, n_logits;

  n_rows = attune_slots_lay_out (self, &n_logits);
  self->n_computed += n_rows;
  logits = attune_decoder_decode (self->decoder, self->cache, n_rows, self->tokens, self->sequences,
                                  self->positions, n_logits, self->logit_rows);
  if (!attune_backend_sync (self->decoder->be, error))
    return FALSE;
  for (int i = 0; i < n_logits; i++)
    if (attune_slot_draw (self, &self->slots[self->logit_slots[i]],
                          logits + (gsize) i * self->n_vocab, request, error)
        < 0)
      return FALSE;
  return TRUE;
}

static gboolean
run_pass (AttuneGenerator *self, const Request *request, GError **error)
{
  const int only = self->draft.decoder != NULL ? find_only (self) : -1;
  gboolean done = FALSE;

  self->is_sound = FALSE;
  if (only >= 0 && !attune_draft_pass (self, only, request, &done, error))
    return FALSE;
  if (!done && !run_mixed_pass (self, request, error))
    return FALSE;
  self->is_sound = TRUE;
  return TRUE;
}

char *
attune_generator_run (AttuneGenerator *self, const gint32 *prompt, guint n,
                      const AttuneSampling *sampling, AttuneTextFunc on_text, gpointer data,
                      GError **error)
{
  const Request request = { sampling, on_text, data };
  Slot *slot;

  g_return_val_if_fail (self != NULL && sampling != NULL, NULL);
  g_return_val_if_fail (prompt != NULL || n == 0, NULL);

  clear_slots (self);
  slot = &self->slots[0];
  if (!attune_slot_begin (self, slot, 0, prompt, n, sampling->seed, error))
    return NULL;
  slot->busy = sampling->max_tokens > 0;
  while (slot->busy)
    if (!run_pass (self, &request, error))
      return NULL;
  return g_strndup (slot->answer->str, slot->answer->len);
}

int
attune_generator_count_new (const AttuneGenerator *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->slots[0].n_new;
}

guint64
attune_generator_count_read (const AttuneGenerator *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->n_computed;
}

/* Takes the answers that have ended; gives the next prompts to free slots. Returns how many slots
 * are busy, -1 on error. */
static int
refill (AttuneGenerator *self, GPtrArray *prompts, guint *n_begun, guint64 seed, GError **error)
{
  int n_busy = 0;

  for (int i = 0; i < self->n_parallel; i++)
    {
      Slot *slot = &self->slots[i];

      if (!slot->busy && *n_begun < prompts->len)
        {
          const GArray *prompt = g_ptr_array_index (prompts, *n_begun);

          if (!attune_slot_begin (self, slot, *n_begun, (const gint32 *) prompt->data, prompt->len,
                                  seed, error))
            return -1;
          (*n_begun)++;
        }
      n_busy += slot->busy;
    }
  return n_busy;
}

/* @tokens: (nullable): empty arrays, as many as prompts */
static char **
run_all (AttuneGenerator *self, GPtrArray *prompts, const AttuneSampling *sampling,
         void (*progress) (gpointer data, guint done), AttuneGoOnFunc go_on, gpointer data,
         GCancellable *cancellable, GPtrArray *tokens, GError **error)
{
  const Request request = { sampling, NULL, NULL };
  g_auto (GStrv) answers = NULL;
  guint n_begun = 0, n_done = 0;
  int n_busy;

  /* Every answer starts as the empty string, so that the list is whole for g_strfreev() at any
   * time. */
  answers = g_new0 (char *, prompts->len + 1);
  for (guint i = 0; i < prompts->len; i++)
    answers[i] = g_strdup ("");
  clear_slots (self);

  while ((n_busy = refill (self, prompts, &n_begun, sampling->seed, error)) > 0)
    {
      const guint n_done_before = n_done;

      if (go_on != NULL && !go_on (data, n_done))
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
          return NULL;
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !run_pass (self, &request, error))
        return NULL;
      for (int i = 0; i < self->n_parallel; i++)
        {
          Slot *slot = &self->slots[i];

          if (slot->busy || slot->prompt == NULL)
            continue;
          g_free (answers[slot->index]);
          answers[slot->index] = g_strndup (slot->answer->str, slot->answer->len);
          if (tokens != NULL)
            g_array_append_vals (tokens->pdata[slot->index], slot->said->data, slot->said->len);
          slot->prompt = NULL; /* taken */
          n_done++;
        }
      if (progress != NULL && n_done > n_done_before)
        progress (data, n_done);
    }
  return n_busy < 0 ? NULL : g_steal_pointer (&answers);
}

char **
attune_generator_run_many (AttuneGenerator *self, GPtrArray *prompts,
                           const AttuneSampling *sampling,
                           void (*progress) (gpointer data, guint done), gpointer data,
                           GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (
      self != NULL && prompts != NULL && sampling != NULL && sampling->max_tokens > 0, NULL);
  return run_all (self, prompts, sampling, progress, NULL, data, cancellable, NULL, error);
}

char **
attune_generator_run_tokens (AttuneGenerator *self, GPtrArray *prompts,
                             const AttuneSampling *sampling, AttuneGoOnFunc go_on, gpointer data,
                             GPtrArray **tokens, GError **error)
{
  g_autoptr (GPtrArray) said = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  char **answers;

  g_return_val_if_fail (
      self != NULL && prompts != NULL && sampling != NULL && sampling->max_tokens > 0, NULL);
  for (guint i = 0; i < prompts->len; i++)
    g_ptr_array_add (said, g_array_new (FALSE, FALSE, sizeof (gint32)));
  answers = run_all (self, prompts, sampling, NULL, go_on, data, NULL, said, error);
  if (answers != NULL)
    *tokens = g_steal_pointer (&said);
  return answers;
}
