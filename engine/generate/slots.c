/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The slots of a generator. Every pass through the decoder mixes rows: one for each answer that is
 * being written, then as much of the waiting prompts as there is room for. What a prompt has in
 * common with tokens that are in some slot's part of the cache is not read again, but copied.
 */
#include "generate/generator-private.h"
#include "generate/text-pieces.h"

/* Tokens that are worth waiting a pass for. */
#define MIN_COMMON 16

gboolean
attune_slot_begin (AttuneGenerator *self, Slot *slot, guint index, const gint32 *prompt, guint n,
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
  slot->busy = slot->fresh = TRUE;
  slot->index = index;
  slot->prompt = prompt;
  slot->n_prompt = n;
  slot->n_read = 0;
  slot->n_new = 0;
  slot->begun = FALSE;
  g_string_truncate (slot->pending, 0);
  g_string_truncate (slot->answer, 0);
  g_array_set_size (slot->said, 0);
  attune_random_init (&slot->random, seed, ATTUNE_RANDOM_SAMPLE, index);
  return TRUE;
}

void
attune_slot_cut (Slot *slot, guint n)
{
  g_array_set_size (slot->held, n);
  slot->n_read = n;
  slot->settled = MIN (slot->settled, n);
}

int
attune_slot_add_row (AttuneGenerator *self, int row, int i, gint32 token)
{
  Slot *slot = &self->slots[i];

  self->tokens[row] = token;
  self->sequences[row] = i;
  self->positions[row] = slot->n_read++;
  g_array_append_val (slot->held, token);
  return row + 1;
}

static guint
count_common (const gint32 *a, guint n_a, const gint32 *b, guint n_b)
{
  guint n = 0;

  while (n < n_a && n < n_b && a[n] == b[n])
    n++;
  return n;
}

/* Finds the beginning of slot @index's prompt in the cache. Returns FALSE while another slot reads
 * more of it, so that it is better to wait. */
static gboolean
find_beginning (AttuneGenerator *self, int index)
{
  Slot *slot = &self->slots[index];
  const guint most = slot->n_prompt - 1; /* one token is read for its logits */
  guint best = 0;
  int from = index;

  for (int i = 0; i < self->n_parallel; i++)
    {
      const Slot *other = &self->slots[i];
      const guint n
          = count_common (slot->prompt, most, (const gint32 *) other->held->data, other->settled);

      if (n > best || (n == best && i == index))
        {
          best = n;
          from = i;
        }
    }
  for (int i = 0; i < index; i++)
    {
      const Slot *other = &self->slots[i];

      if (other->busy && other->settled < other->n_prompt
          && count_common (slot->prompt, most, other->prompt, other->n_prompt) >= best + MIN_COMMON)
        return FALSE;
    }
  if (from != index)
    attune_cache_copy (self->cache, from, index, best);
  g_array_set_size (slot->held, 0);
  g_array_append_vals (slot->held, slot->prompt, best);
  slot->n_read = slot->settled = best;
  slot->fresh = FALSE;
  return TRUE;
}

static void
want_logits (AttuneGenerator *self, int row, int i, int *n_logits)
{
  self->logit_rows[*n_logits] = row;
  self->logit_slots[(*n_logits)++] = i;
}

int
attune_slots_lay_out (AttuneGenerator *self, int *n_logits)
{
  int row = 0;

  *n_logits = 0;
  for (int i = 0; i < self->n_parallel; i++)
    self->slots[i].settled = self->slots[i].held->len;
  for (int i = 0; i < self->n_parallel; i++)
    if (self->slots[i].busy && self->slots[i].n_read >= self->slots[i].n_prompt)
      {
        row = attune_slot_add_row (self, row, i, self->slots[i].next);
        want_logits (self, row - 1, i, n_logits);
      }
  for (int i = 0; i < self->n_parallel && row < self->max_rows; i++)
    {
      Slot *slot = &self->slots[i];

      if (!slot->busy || slot->n_read >= slot->n_prompt
          || (slot->fresh && !find_beginning (self, i)))
        continue;
      while (slot->n_read < slot->n_prompt && row < self->max_rows)
        row = attune_slot_add_row (self, row, i, slot->prompt[slot->n_read]);
      if (slot->n_read == slot->n_prompt)
        want_logits (self, row - 1, i, n_logits);
    }
  return row;
}

/* Hands out what is whole of the slot's text. Returns FALSE when the receiver has had enough. */
static gboolean
speak (Slot *slot, const Request *request, gboolean last)
{
  g_autofree char *piece = attune_text_pieces_take (slot->pending, last);

  g_string_append (slot->answer, piece);
  return *piece == '\0' || request->on_text == NULL || request->on_text (piece, request->data);
}

/* As attune_tokenizer_decode() does with all tokens at once. */
static void
decode (const AttuneTokenizer *tokenizer, Slot *slot, gint32 token)
{
  attune_tokenizer_decode_one (tokenizer, token, FALSE, slot->pending);
  if (slot->begun || slot->pending->len == 0)
    return;
  slot->begun = TRUE;
  if (attune_tokenizer_strips_first (tokenizer) && slot->pending->str[0] == ' ')
    g_string_erase (slot->pending, 0, 1);
}

static void
take (AttuneGenerator *self, Slot *slot, gint32 token, const Request *request)
{
  g_array_append_val (slot->said, token);
  if (token == self->stop || token == self->eos)
    slot->busy = FALSE;
  else
    {
      decode (self->tokenizer, slot, token);
      slot->next = token;
      slot->n_new++;
      slot->busy = slot->n_new < request->sampling->max_tokens
                   && slot->n_read < (guint) self->capacity && speak (slot, request, FALSE);
    }
  if (!slot->busy)
    speak (slot, request, TRUE);
}

gint32
attune_slot_draw (AttuneGenerator *self, Slot *slot, const float *logits, const Request *request,
                  GError **error)
{
  /* Greedy needs no number, but drawing one keeps the stream the same whatever the temperature. */
  const double uniform = attune_random_uniform (&slot->random);
  const gint32 token
      = attune_sample (logits, self->n_vocab, request->sampling, uniform, self->scratch);

  if (token < 0)
    g_set_error (error, ATTUNE_GENERATE_ERROR, ATTUNE_GENERATE_ERROR_NUMBERS,
                 "The model's output for prompt %u is not a number after %d tokens; its weights or "
                 "its adapter are damaged",
                 slot->index + 1, slot->n_new);
  else
    take (self, slot, token, request);
  return token;
}
