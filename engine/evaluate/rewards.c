/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See rewards.h.
 */
#include "evaluate/rewards.h"

#include "generate/labels.h"

#include <math.h>

/* Pairs between two words to who waits. */
#define BLOCK 32

void
attune_reward_evaluation_clear (AttuneRewardEvaluation *self)
{
  g_clear_pointer (&self->base_answers, g_ptr_array_unref);
  g_clear_pointer (&self->tuned_answers, g_ptr_array_unref);
}

/* Samples of the split that have a worse answer, too. */
static GArray *
find_pairs (AttuneDataset *dataset, AttuneSplit split, GError **error)
{
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint32 i = 0; i < attune_dataset_count (dataset, split); i++)
    if (attune_dataset_has_rejected (dataset, split, i))
      g_array_append_val (pairs, i);
  if (pairs->len > 0)
    return g_steal_pointer (&pairs);
  g_set_error_literal (error, ATTUNE_EVALUATE_ERROR, ATTUNE_EVALUATE_ERROR_EMPTY,
                       "There is nothing to score: no record of this part of the data has a better "
                       "and a worse answer.");
  return NULL;
}

/* @rewards: of the better and the worse answer of @n pairs, by turns */
static gboolean
ask (const AttuneLabelReader *reader, AttuneDataset *dataset, AttuneSplit split,
     const guint32 *pairs, guint n, float *rewards, GError **error)
{
  AttuneSample samples[2 * BLOCK] = { 0 };
  gboolean done = TRUE;

  for (guint i = 0; done && i < n; i++)
    done = attune_dataset_get_sample (dataset, split, pairs[i], &samples[2 * i], error)
           && attune_dataset_get_rejected (dataset, split, pairs[i], &samples[2 * i + 1], error);
  done = done && attune_scores_ask (reader, samples, 2 * n, rewards, error);
  for (guint i = 0; i < 2 * n; i++)
    attune_sample_clear (&samples[i]);
  return done;
}

static gboolean
ask_all (const AttuneLabelReader *reader, AttuneDataset *dataset, AttuneSplit split,
         const GArray *pairs, float *rewards, AttuneProgressFunc progress, gpointer data,
         GError **error)
{
  for (guint first = 0; first < pairs->len; first += BLOCK)
    {
      if (progress != NULL)
        progress (data, (double) first / pairs->len, "Reading");
      if (!ask (reader, dataset, split, &g_array_index (pairs, guint32, first),
                MIN (BLOCK, pairs->len - first), rewards + 2 * first, error))
        return FALSE;
    }
  return TRUE;
}

static void
fill_scores (const GArray *pairs, const float *rewards, AttuneRewardEvaluation *result)
{
  const guint n = pairs->len;
  AttuneScores *tuned = &result->tuned, *base = &result->base;
  double right = 0;

  for (guint i = 0; i < n; i++)
    {
      const double x = (double) rewards[2 * i] - rewards[2 * i + 1];

      right += x > 0;
      tuned->loss += (x >= 0 ? log1p (exp (-x)) : log1p (exp (x)) - x) / n;
      result->difference += x / n;
    }
  result->accuracy = attune_wilson_interval (right, n);
  base->n_loss = base->n_answers = tuned->n_loss = tuned->n_answers = tuned->target_tokens
      = base->target_tokens = n;
  base->loss = log (2);
  base->exact_match = base->token_f1 = 0.5;
  base->exact_match_error = base->token_f1_error = sqrt (0.25 / n);
  tuned->exact_match = tuned->token_f1 = right / n;
  tuned->exact_match_error = tuned->token_f1_error
      = sqrt (tuned->exact_match * (1 - tuned->exact_match) / n);
  base->perplexity = exp (base->loss);
  tuned->perplexity = exp (tuned->loss);
}

/* @rewards: (nullable): of who guesses, who takes the better answer and the worse by turns */
static GPtrArray *
list_answers (AttuneDataset *dataset, AttuneSplit split, const GArray *pairs, const float *rewards,
              guint max_answers, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_answer_free);
  const guint n = pairs->len, kept = MIN (n, max_answers);

  for (guint k = 0; k < kept; k++)
    {
      const guint i = (guint64) k * n / kept;
      const guint32 sample = g_array_index (pairs, guint32, i);
      const gboolean right = rewards != NULL ? rewards[2 * i] > rewards[2 * i + 1] : k % 2 == 0;
      g_auto (AttuneRecord) record = { 0 };
      AttuneAnswer *answer;

      if (!attune_dataset_get_record (dataset, split, sample, &record, error))
        return NULL;
      answer = g_new0 (AttuneAnswer, 1);
      answer->question = g_strdup (record.fields[ATTUNE_FIELD_QUESTION]);
      answer->expected = g_strdup (record.fields[ATTUNE_FIELD_ANSWER]);
      answer->answer
          = g_strdup (record.fields[right ? ATTUNE_FIELD_ANSWER : ATTUNE_FIELD_REJECTED]);
      answer->exact = right;
      answer->token_f1 = right;
      g_ptr_array_add (list, answer);
    }
  return g_steal_pointer (&list);
}

gboolean
attune_evaluate_rewards (AttuneDecoder *decoder, AttuneDataset *dataset, AttuneSplit split,
                         int max_tokens, int max_answers, AttuneProgressFunc progress,
                         gpointer data, AttuneRewardEvaluation *result, GError **error)
{
  g_autoptr (GArray) pairs = find_pairs (dataset, split, error);
  g_auto (AttuneLabelReader) reader = { .eos = -1 };
  g_autofree float *rewards = NULL;

  *result = (AttuneRewardEvaluation) { 0 };
  if (pairs == NULL || !attune_label_reader_open (&reader, decoder, NULL, max_tokens, error))
    return FALSE;
  rewards = g_new (float, 2 * pairs->len);
  if (!ask_all (&reader, dataset, split, pairs, rewards, progress, data, error))
    return FALSE;
  fill_scores (pairs, rewards, result);
  result->base_answers = list_answers (dataset, split, pairs, NULL, max_answers, error);
  if (result->base_answers != NULL)
    result->tuned_answers = list_answers (dataset, split, pairs, rewards, max_answers, error);
  return result->tuned_answers != NULL;
}
