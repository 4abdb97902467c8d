/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The answers that are learned from, and what they get: the first part of a step of policy.h.
 */
#include "tune/policy.h"

#include <string.h>

/* The question of a sample as the prompt of its first answer. */
static GArray *
read_question (AttuneTrainer *self, AttuneSplit split, guint32 number, char **expected,
               GError **error)
{
  GArray *prompt;
  g_auto (AttuneSample) sample = { 0 };
  g_auto (AttuneRecord) record = { 0 };

  if (!attune_dataset_get_sample (self->dataset, split, number, &sample, error)
      || !attune_dataset_get_record (self->dataset, split, number, &record, error))
    return NULL;
  if (attune_sample_prompt_length (&sample) <= 1)
    {
      g_autofree char *where = attune_dataset_describe (self->dataset, split, number);

      g_set_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DATA,
                   "There is nothing to answer in %s: it is a text without a question. Learn from "
                   "the text (--objective text), or prepare data with questions.",
                   where);
      return NULL;
    }
  prompt = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_array_append_vals (prompt, sample.tokens, attune_sample_prompt_length (&sample));
  *expected = g_strdup (
      record.fields[ATTUNE_FIELD_ANSWER] != NULL ? record.fields[ATTUNE_FIELD_ANSWER] : "");
  return prompt;
}

/* The question with the answer, which alone is learned. */
static void
join (AttuneSample *sample, const GArray *prompt, const GArray *answer)
{
  attune_sample_clear (sample);
  sample->n = prompt->len + answer->len;
  sample->tokens = g_new (gint32, sample->n);
  sample->learn = g_new0 (guint8, sample->n);
  memcpy (sample->tokens, prompt->data, prompt->len * sizeof (gint32));
  memcpy (sample->tokens + prompt->len, answer->data, answer->len * sizeof (gint32));
  memset (sample->learn + prompt->len, 1, answer->len);
}

/* What the reward model gives the answers, which reads copies of them. */
static gboolean
ask_model (AttuneTrainer *self, GError **error)
{
  AttunePolicy *policy = self->policy;
  g_autofree AttuneSample *copies = g_new0 (AttuneSample, policy->n);
  gboolean done;

  if (policy->model == NULL)
    return TRUE;
  for (int i = 0; i < policy->n; i++)
    {
      const AttuneSample *sample = &self->samples[i];

      copies[i]
          = (AttuneSample) { .n = sample->n,
                             .tokens = g_memdup2 (sample->tokens, sample->n * sizeof (gint32)),
                             .learn = g_memdup2 (sample->learn, sample->n) };
    }
  done = attune_reward_model_ask (policy->model, copies, policy->n, policy->rewards, error);
  for (int i = 0; i < policy->n; i++)
    attune_sample_clear (&copies[i]);
  return done;
}

/* Tells every 10 s how far it is. Once steps were done, a check is written to its end, as it is no
 * part of a checkpoint; what a step writes can be written again. */
static gboolean
go_on (gpointer data, guint done)
{
  AttuneTrainer *self = data;
  AttunePolicy *policy = self->policy;

  if (self->funcs->on_message != NULL
      && g_get_monotonic_time () - policy->told >= 10 * G_USEC_PER_SEC)
    {
      g_autofree char *sentence
          = g_strdup_printf ("%u of %d answers are written.", done, policy->n);

      policy->told = g_get_monotonic_time ();
      self->funcs->on_message (self->funcs_data, sentence);
    }
  if (policy->may_stop && self->funcs->should_stop != NULL
      && self->funcs->should_stop (self->funcs_data))
    self->stopped = TRUE;
  return !policy->may_stop || !self->stopped;
}

gboolean
attune_policy_answer (AttuneTrainer *self, AttuneSplit split, const guint32 *numbers, int n,
                      int group, guint64 seed, GError **error)
{
  AttunePolicy *policy = self->policy;
  const AttuneSampling sampling = { .max_tokens = self->plan->answer_limit,
                                    .temperature = seed != 0 ? 1 : 0,
                                    .top_p = 1,
                                    .seed = seed };
  g_autoptr (GPtrArray) prompts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref),
                        expected = g_ptr_array_new_with_free_func (g_free), tokens = NULL;
  g_auto (GStrv) answers = NULL;

  for (int i = 0; i < n; i++)
    {
      char *answer;
      GArray *prompt = read_question (self, split, numbers[i], &answer, error);

      if (prompt == NULL)
        return FALSE;
      g_ptr_array_add (expected, answer);
      for (int j = 0; j < group; j++)
        g_ptr_array_add (prompts, g_array_ref (prompt));
      g_array_unref (prompt);
    }
  policy->n = n * group;
  policy->may_stop = split == ATTUNE_SPLIT_TRAIN || self->state.step == 0;
  answers = attune_generator_run_tokens (self->generator, prompts, &sampling, go_on, self, &tokens,
                                         error);
  if (answers == NULL)
    return FALSE;
  policy->starts[0] = 0;
  for (int i = 0; i < policy->n; i++)
    {
      const GArray *answer = tokens->pdata[i];

      join (&self->samples[i], prompts->pdata[i], answer);
      policy->lengths[i] = answer->len;
      policy->starts[i + 1] = policy->starts[i] + answer->len;
    }
  if (!ask_model (self, error))
    return FALSE;
  for (int i = 0; i < policy->n; i++)
    policy->scores[i]
        = attune_rules_score (policy->rules, expected->pdata[i / group], answers[i])
          + (policy->model != NULL ? self->plan->model_reward * policy->rewards[i] : 0);
  return TRUE;
}
