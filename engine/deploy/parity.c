/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See parity.h. Nothing of the tuned model is used by the exported one but the backend, and by an
 * adapter the base. Both models read the same tokens, so that one different choice does not make
 * all later logits incomparable.
 */
#include "deploy/parity.h"
#include "deploy/read-back.h"
#include "generate/generator.h"

#include <math.h>
#include <string.h>

#define PREFILL_ROWS 128

/* One of the two models with its place in the text. */
typedef struct
{
  AttuneDecoder *decoder;
  AttuneCache *cache;
} Side;

typedef struct
{
  Side sides[2]; /* tuned, exported */
  int n_vocab;
  gint32 *positions, *sequences;
  float *logits; /* (2, V) */
} Comparison;

static void
comparison_clear (Comparison *self)
{
  for (int i = 0; i < 2; i++)
    g_clear_pointer (&self->sides[i].cache, attune_cache_free);
  g_free (self->positions);
  g_free (self->sequences);
  g_free (self->logits);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Comparison, comparison_clear)

/* Has both sides read @n tokens that begin at @position; their last logits are kept. */
static gboolean
read_tokens (Comparison *self, const gint32 *tokens, int n, int position, GError **error)
{
  for (int done = 0; done < n;)
    {
      const int rows = MIN (n - done, PREFILL_ROWS), last = rows - 1;

      for (int i = 0; i < rows; i++)
        self->positions[i] = position + done + i;
      for (int i = 0; i < 2; i++)
        {
          const float *logits;

          logits
              = attune_decoder_decode (self->sides[i].decoder, self->sides[i].cache, rows,
                                       tokens + done, self->sequences, self->positions, 1, &last);
          if (!attune_backend_sync (self->sides[i].decoder->be, error))
            return FALSE;
          memcpy (self->logits + (gsize) i * self->n_vocab, logits, self->n_vocab * sizeof (float));
        }
      done += rows;
    }
  return TRUE;
}

/* The choice of both sides at this place. Returns FALSE where one of them has none. */
static gboolean
choose (const Comparison *self, gint32 choices[2], AttuneParity *parity, GError **error)
{
  const AttuneSampling greedy = ATTUNE_SAMPLING_GREEDY;

  for (int i = 0; i < 2; i++)
    {
      choices[i] = attune_sample (self->logits + (gsize) i * self->n_vocab, self->n_vocab, &greedy,
                                  0, NULL);
      if (choices[i] >= 0)
        continue;
      g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_NUMBERS,
                   "The output of the %s model is not a number.", i == 0 ? "tuned" : "exported");
      return FALSE;
    }
  for (int i = 0; i < self->n_vocab; i++)
    {
      const double a = self->logits[i], b = self->logits[self->n_vocab + i];

      parity->largest_gap = MAX (parity->largest_gap, fabs (a - b));
      parity->largest_logit = MAX (parity->largest_logit, fabs (a));
    }
  return TRUE;
}

static gboolean
compare_answers (Comparison *self, const GArray *prompt, int max_new_tokens, gint32 stop,
                 AttuneParity *parity, GError **error)
{
  gboolean equal = TRUE;
  int position = prompt->len;
  gint32 choices[2];

  if (!read_tokens (self, (const gint32 *) prompt->data, prompt->len, 0, error))
    return FALSE;
  for (int n = 1;; n++)
    {
      if (!choose (self, choices, parity, error))
        return FALSE;
      equal &= choices[0] == choices[1];
      parity->n_choices++;
      parity->n_same_choices += choices[0] == choices[1];
      if (choices[0] == stop || n >= max_new_tokens)
        break;
      if (!read_tokens (self, &choices[0], 1, position++, error))
        return FALSE;
    }
  parity->n_equal += equal;
  return TRUE;
}

static guint
find_longest (GPtrArray *prompts)
{
  guint longest = 0;

  for (guint i = 0; i < prompts->len; i++)
    longest = MAX (longest, ((const GArray *) g_ptr_array_index (prompts, i))->len);
  return longest;
}

static gboolean
set_up (Comparison *self, AttuneDecoder *decoder, AttuneDecoder *exported, int capacity,
        GError **error)
{
  self->n_vocab = decoder->config.n_vocab;
  self->positions = g_new (gint32, PREFILL_ROWS);
  self->sequences = g_new0 (gint32, PREFILL_ROWS);
  self->logits = g_new (float, 2 * (gsize) self->n_vocab);
  self->sides[0].decoder = decoder;
  self->sides[1].decoder = exported;
  for (int i = 0; i < 2; i++)
    {
      AttuneDecoder *side = self->sides[i].decoder;

      const AttuneCacheShape shape = { .n_sequences = 1,
                                       .capacity = capacity,
                                       .max_rows = PREFILL_ROWS,
                                       .lora_rank = attune_generator_find_rank (side),
                                       .n_virtual = side->n_virtual };

      self->sides[i].cache = attune_cache_new (side->be, &side->config, &shape, error);
      if (self->sides[i].cache == NULL)
        return FALSE;
    }
  return TRUE;
}

gboolean
attune_export_check (AttuneDecoder *decoder, const AttuneParityCheck *check, AttuneParity *parity,
                     GError **error)
{
  g_auto (AttuneReadBack) exported = { 0 };
  g_auto (Comparison) self = { 0 };
  GPtrArray *prompts = check->prompts;

  g_return_val_if_fail (check->path != NULL && prompts != NULL && parity != NULL, FALSE);
  g_return_val_if_fail (check->max_new_tokens > 0, FALSE);

  *parity = (AttuneParity) { .n_prompts = prompts->len };
  if (!attune_read_back_open (&exported, check->format, check->path, check->base, decoder->be,
                              error))
    return FALSE;
  if (exported.decoder->config.n_vocab != decoder->config.n_vocab)
    {
      g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
                   "“%s” has another vocabulary than the tuned model.", check->path);
      return FALSE;
    }
  if (decoder->labels.weight.data != NULL
      && !attune_read_back_has_head (&exported, &decoder->labels.weight))
    {
      g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
                   "“%s” does not hold the head for labels as it was learned. Export it again.",
                   check->path);
      return FALSE;
    }
  if (!set_up (&self, decoder, exported.decoder, find_longest (prompts) + check->max_new_tokens,
               error))
    return FALSE;
  for (guint i = 0; i < prompts->len; i++)
    {
      const GArray *prompt = g_ptr_array_index (prompts, i);

      g_return_val_if_fail (prompt->len > 0, FALSE);
      if (check->progress != NULL)
        check->progress (check->data, (double) i / prompts->len, "Checking");
      if (g_cancellable_set_error_if_cancelled (check->cancellable, error)
          || !compare_answers (&self, prompt, check->max_new_tokens, check->stop, parity, error))
        return FALSE;
    }
  return TRUE;
}
