/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See generator.h. Every pass through the decoder mixes rows: one for each answer that is being
 * written, then as much of the waiting prompts as there is room for. A slot whose answer has ended
 * takes the next prompt in the pass after.
 */
#include "generate/generator.h"
#include "generate/text-pieces.h"
#include "core/random.h"

G_DEFINE_QUARK (attune_generate_error, attune_generate_error)

/* One sequence of the cache and the answer that grows in it. */
typedef struct
{
  gboolean busy;
  guint index;          /* of its prompt */
  const gint32 *prompt; /* borrowed */
  guint n_prompt;
  guint n_read; /* tokens in the cache */
  gint32 next;  /* the token to read after the prompt */
  int n_new;
  GString *pending; /* bytes of an unfinished character */
  GString *answer;
  AttuneRandom random;
} Slot;

struct _AttuneGenerator
{
  AttuneDecoder *decoder;           /* borrowed */
  const AttuneTokenizer *tokenizer; /* borrowed */
  AttuneCache *cache;
  gint32 stop, eos;
  int n_parallel, capacity, max_rows;
  int n_vocab;
  Slot *slots;                            /* n_parallel */
  gint32 *tokens, *sequences, *positions; /* max_rows */
  gint32 *logit_rows, *logit_slots;       /* n_parallel */
  gpointer scratch;                       /* of attune_sample() */
};

/* What a call asks for, for all slots. */
typedef struct
{
  const AttuneSampling *sampling;
  AttuneTextFunc on_text; /* (nullable) */
  gpointer data;
} Request;

int
attune_generator_find_rank (const AttuneDecoder *decoder)
{
  int rank = 0;

  g_return_val_if_fail (decoder != NULL, 0);

  for (int i = 0; i < decoder->config.n_layers; i++)
    for (int j = 0; j < attune_layer_linears (&decoder->config); j++)
      {
        const AttuneLinear *linear = attune_decoder_layer_linear (&decoder->layers[i], j);

        for (int k = 0; k < linear->n_adapters; k++)
          rank = MAX (rank, linear->adapters[k].rank);
      }
  return rank;
}

gsize
attune_generator_bytes (const AttuneDecoderConfig *config, int n_parallel, int capacity,
                        int lora_rank)
{
  const AttuneCacheShape shape = attune_cache_shape_for_text (n_parallel, capacity, lora_rank);

  g_return_val_if_fail (config != NULL && n_parallel > 0 && capacity > 0, 0);

  return attune_cache_bytes (config, &shape) + (gsize) config->n_vocab * 8
         + (gsize) shape.max_rows * 3 * sizeof (gint32)
         + (gsize) n_parallel * (sizeof (Slot) + 2 * sizeof (gint32));
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
  shape = attune_cache_shape_for_text (n_parallel, options->capacity,
                                       attune_generator_find_rank (decoder));
  shape.fast = !options->exact;
  self->max_rows = shape.max_rows;
  self->n_vocab = decoder->config.n_vocab;
  self->slots = g_new0 (Slot, n_parallel);
  for (int i = 0; i < n_parallel; i++)
    {
      self->slots[i].pending = g_string_new (NULL);
      self->slots[i].answer = g_string_new (NULL);
    }
  self->tokens = g_new (gint32, self->max_rows);
  self->sequences = g_new (gint32, self->max_rows);
  self->positions = g_new (gint32, self->max_rows);
  self->logit_rows = g_new (gint32, n_parallel);
  self->logit_slots = g_new (gint32, n_parallel);
  self->scratch = g_malloc_n (self->n_vocab, 8);
  self->cache = attune_cache_new (decoder->be, &decoder->config, &shape, error);
  return self->cache != NULL ? g_steal_pointer (&self) : NULL;
}

void
attune_generator_free (AttuneGenerator *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->cache, attune_cache_free);
  for (int i = 0; i < self->n_parallel; i++)
    {
      g_string_free (self->slots[i].pending, TRUE);
      g_string_free (self->slots[i].answer, TRUE);
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

/* Forgets what an earlier call left, which may have failed or been cancelled midway. */
static void
clear_slots (AttuneGenerator *self)
{
  for (int i = 0; i < self->n_parallel; i++)
    {
      self->slots[i].busy = FALSE;
      self->slots[i].prompt = NULL;
    }
}

/* Gives a free slot its prompt; @error when it cannot be continued at all. */
static gboolean
slot_begin (AttuneGenerator *self, Slot *slot, guint index, const gint32 *prompt, guint n,
            guint64 seed, GError **error)
{
  if (n == 0 || n >= (guint) self->capacity)
    {
      g_set_error (
          error, ATTUNE_GENERATE_ERROR, ATTUNE_GENERATE_ERROR_LENGTH,
          "Prompt %u is %u tokens long; it must have 1 to %d so that there is room for an answer",
          index + 1, n, self->capacity - 1);
      return FALSE;
    }
  for (guint i = 0; i < n; i++)
    if (prompt[i] < 0 || prompt[i] >= self->n_vocab)
      {
        g_set_error (error, ATTUNE_GENERATE_ERROR, ATTUNE_GENERATE_ERROR_LENGTH,
                     "Prompt %u holds token %d, but the model knows only 0 to %d", index + 1,
                     prompt[i], self->n_vocab - 1);
        return FALSE;
      }
  slot->busy = TRUE;
  slot->index = index;
  slot->prompt = prompt;
  slot->n_prompt = n;
  slot->n_read = 0;
  slot->n_new = 0;
  g_string_truncate (slot->pending, 0);
  g_string_truncate (slot->answer, 0);
  attune_random_init (&slot->random, seed, ATTUNE_RANDOM_SAMPLE, index);
  return TRUE;
}

/* Puts @n rows of @slot into the pass. Returns the row behind them. */
static int
add_rows (AttuneGenerator *self, int row, int slot_index, guint n)
{
  Slot *slot = &self->slots[slot_index];

  for (guint i = 0; i < n; i++, row++)
    {
      self->tokens[row] = slot->n_read < slot->n_prompt ? slot->prompt[slot->n_read] : slot->next;
      self->sequences[row] = slot_index;
      self->positions[row] = slot->n_read++;
    }
  return row;
}

/* Lays out one pass. Returns its rows; @n_logits: how many of them predict a token of an answer. */
static int
lay_out_pass (AttuneGenerator *self, int *n_logits)
{
  int row = 0;

  *n_logits = 0;
  for (int i = 0; i < self->n_parallel; i++)
    if (self->slots[i].busy && self->slots[i].n_read >= self->slots[i].n_prompt)
      {
        row = add_rows (self, row, i, 1);
        self->logit_rows[*n_logits] = row - 1;
        self->logit_slots[(*n_logits)++] = i;
      }
  for (int i = 0; i < self->n_parallel && row < self->max_rows; i++)
    if (self->slots[i].busy && self->slots[i].n_read < self->slots[i].n_prompt)
      {
        Slot *slot = &self->slots[i];

        row = add_rows (self, row, i,
                        MIN (slot->n_prompt - slot->n_read, (guint) (self->max_rows - row)));
        if (slot->n_read == slot->n_prompt)
          {
            self->logit_rows[*n_logits] = row - 1;
            self->logit_slots[(*n_logits)++] = i;
          }
      }
  return row;
}

/* Hands out what is whole of the slot's text. Returns FALSE when the receiver has had enough. */
static gboolean
slot_speak (Slot *slot, const Request *request, gboolean last)
{
  g_autofree char *piece = attune_text_pieces_take (slot->pending, last);

  g_string_append (slot->answer, piece);
  return *piece == '\0' || request->on_text == NULL || request->on_text (piece, request->data);
}

/* Takes the token that was drawn. The slot stays busy while its answer goes on. */
static void
slot_accept (AttuneGenerator *self, Slot *slot, gint32 token, const Request *request)
{
  if (token == self->stop || token == self->eos)
    slot->busy = FALSE;
  else
    {
      attune_tokenizer_decode_one (self->tokenizer, token, FALSE, slot->pending);
      slot->next = token;
      slot->n_new++;
      slot->busy = slot->n_new < request->sampling->max_tokens
                   && slot->n_read < (guint) self->capacity && slot_speak (slot, request, FALSE);
    }
  if (!slot->busy)
    slot_speak (slot, request, TRUE);
}

static gboolean
run_pass (AttuneGenerator *self, const Request *request, GError **error)
{
  const float *logits;
  int n_rows, n_logits;

  n_rows = lay_out_pass (self, &n_logits);
  logits = attune_decoder_decode (self->decoder, self->cache, n_rows, self->tokens, self->sequences,
                                  self->positions, n_logits, self->logit_rows);
  if (!attune_backend_sync (self->decoder->be, error))
    return FALSE;
  for (int i = 0; i < n_logits; i++)
    {
      Slot *slot = &self->slots[self->logit_slots[i]];
      /* Greedy needs no number, but drawing one keeps the stream the same whatever the temperature.
       */
      const double uniform = attune_random_uniform (&slot->random);
      const gint32 token = attune_sample (logits + (gsize) i * self->n_vocab, self->n_vocab,
                                          request->sampling, uniform, self->scratch);

      if (token < 0)
        {
          g_set_error (error, ATTUNE_GENERATE_ERROR, ATTUNE_GENERATE_ERROR_NUMBERS,
                       "The model's output for prompt %u is not a number after %d tokens; its "
                       "weights or its adapter "
                       "are damaged",
                       slot->index + 1, slot->n_new);
          return FALSE;
        }
      slot_accept (self, slot, token, request);
    }
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
  if (!slot_begin (self, slot, 0, prompt, n, sampling->seed, error))
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

          if (!slot_begin (self, slot, *n_begun, (const gint32 *) prompt->data, prompt->len, seed,
                           error))
            return -1;
          (*n_begun)++;
        }
      n_busy += slot->busy;
    }
  return n_busy;
}

char **
attune_generator_run_many (AttuneGenerator *self, GPtrArray *prompts,
                           const AttuneSampling *sampling,
                           void (*progress) (gpointer data, guint done), gpointer data,
                           GCancellable *cancellable, GError **error)
{
  const Request request = { sampling, NULL, NULL };
  g_auto (GStrv) answers = NULL;
  guint n_begun = 0, n_done = 0;
  int n_busy;

  g_return_val_if_fail (
      self != NULL && prompts != NULL && sampling != NULL && sampling->max_tokens > 0, NULL);

  /* Every answer starts as the empty string, so that the list is whole for g_strfreev() at any
   * time. */
  answers = g_new0 (char *, prompts->len + 1);
  for (guint i = 0; i < prompts->len; i++)
    answers[i] = g_strdup ("");
  clear_slots (self);

  while ((n_busy = refill (self, prompts, &n_begun, sampling->seed, error)) > 0)
    {
      const guint n_done_before = n_done;

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
          slot->prompt = NULL; /* taken */
          n_done++;
        }
      if (progress != NULL && n_done > n_done_before)
        progress (data, n_done);
    }
  return n_busy < 0 ? NULL : g_steal_pointer (&answers);
}
