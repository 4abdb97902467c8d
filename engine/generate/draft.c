/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking ahead with a smaller model (Leviathan et al. 2023, Chen et al. 2023), so that the weights
 * of the large one are read once for several tokens. The large model draws every token itself, from
 * the same logits and with the same random numbers as without: a guess only decides whether the
 * row behind it is of use. So the answer is the same, to the bit.
 */
#include "generate/generator-private.h"

/* The draft reads what it has not read of @slot's tokens, and the one that is next. Returns the
 * logits behind them. */
static const float *
catch_up (AttuneGenerator *self, const Slot *slot, GError **error)
{
  Draft *draft = &self->draft;
  const gint32 *known = (const gint32 *) draft->held->data,
               *wanted = (const gint32 *) slot->held->data;
  const float *logits = NULL;
  guint n = 0;

  while (n < draft->held->len && n < slot->held->len && known[n] == wanted[n])
    n++;
  g_array_set_size (draft->held, n);
  g_array_append_vals (draft->held, wanted + n, slot->held->len - n);
  g_array_append_val (draft->held, slot->next);
  known = (const gint32 *) draft->held->data;
  while (n < draft->held->len)
    {
      const int rows = MIN (self->max_rows, (int) (draft->held->len - n)), last = rows - 1;

      for (int i = 0; i < rows; i++, n++)
        {
          self->tokens[i] = known[n];
          self->sequences[i] = 0;
          self->positions[i] = n;
        }
      logits
          = attune_decoder_decode (draft->decoder, draft->cache, rows, self->tokens,
                                   self->sequences, self->positions, n == draft->held->len, &last);
    }
  return attune_backend_sync (draft->decoder->be, error) ? logits : NULL;
}

/* @n guesses into @guesses. Returns how many there are, -1 on failure. */
static int
guess (AttuneGenerator *self, const Slot *slot, gint32 *guesses, int n, GError **error)
{
  static const AttuneSampling greedy = { .temperature = 0 };
  Draft *draft = &self->draft;
  const float *logits = catch_up (self, slot, error);

  for (int i = 0; i < n; i++)
    {
      static const gint32 zero = 0;
      gint32 position;

      if (logits == NULL)
        return -1;
      guesses[i] = attune_sample (logits, self->n_vocab, &greedy, 0, NULL);
      if (guesses[i] < 0 || i + 1 == n) /* a draft that is damaged guesses nothing */
        return i + (guesses[i] >= 0);
      position = draft->held->len;
      g_array_append_val (draft->held, guesses[i]);
      logits = attune_decoder_decode (draft->decoder, draft->cache, 1, &guesses[i], &zero,
                                      &position, 1, &zero);
      if (!attune_backend_sync (draft->decoder->be, error))
        logits = NULL;
    }
  return n;
}

gboolean
attune_draft_pass (AttuneGenerator *self, int i, const Request *request, gboolean *done,
                   GError **error)
{
  Slot *slot = &self->slots[i];
  Draft *draft = &self->draft;
  const guint before = slot->n_read;
  const int room = MIN (self->capacity - (int) before, request->sampling->max_tokens - slot->n_new);
  gint32 guesses[MAX_AHEAD];
  const float *logits;
  int n = MIN (draft->n_ahead, room - 1), row = 0, n_right = 0;

  *done = n > 0;
  if (!*done)
    return TRUE;
  n = guess (self, slot, guesses, n, error);
  if (n < 0)
    return FALSE;
  row = attune_slot_add_row (self, row, i, slot->next);
  for (int j = 0; j < n; j++)
    row = attune_slot_add_row (self, row, i, guesses[j]);
  self->n_computed += row;
  for (int j = 0; j < row; j++)
    self->logit_rows[j] = j;
  logits = attune_decoder_decode (self->decoder, self->cache, row, self->tokens, self->sequences,
                                  self->positions, row, self->logit_rows);
  if (!attune_backend_sync (self->decoder->be, error))
    return FALSE;
  for (int j = 0; j < row; j++)
    {
      gint32 token;

      attune_slot_cut (slot, before + 1 + j);
      token = attune_slot_draw (self, slot, logits + (gsize) j * self->n_vocab, request, error);
      if (token < 0)
        return FALSE;
      if (!slot->busy || j == n || token != guesses[j])
        break;
      n_right++;
      g_array_append_val (slot->held, token); /* it has been read */
    }
  draft->n_ahead = CLAMP (n_right == n ? draft->n_ahead + 2 : n_right + 1, 1, MAX_AHEAD);
  return TRUE;
}
