/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See evaluate.h: the loss over a whole split, then greedy answers to some of its questions,
 * compared with the expected ones.
 */
#include "evaluate/loss.h"

#include <math.h>

/* Where the loss ends on the progress bar when answers follow: per token they cost about as much as
 * the rest. */
#define LOSS_SHARE 0.3

typedef struct
{
  AttuneDecoder *decoder;
  const AttuneTokenizer *tokenizer;
  const AttuneChatTemplate *chat_template;
  AttuneDataset *dataset;
  AttuneSplit split;
  const AttuneEvaluateOptions *options;
  AttuneProgressFunc progress;
  gpointer data;
  GCancellable *cancellable;
  double from, to; /* of the part that runs, on the bar */
  guint64 n;       /* its items */
  const char *what;
} Evaluation;

static void
report (Evaluation *self, guint64 done)
{
  if (self->progress != NULL)
    self->progress (self->data, self->from + (self->to - self->from) * done / MAX (self->n, 1),
                    self->what);
}

static void
on_samples_scored (gpointer data, guint64 done)
{
  report (data, done);
}

static void
on_answers_written (gpointer data, guint done)
{
  report (data, done);
}

gboolean
attune_prompt_for_record (const AttuneRecord *record, const char *system_prompt,
                          const AttuneTokenizer *tokenizer, const AttuneChatTemplate *chat_template,
                          GArray *ids, GError **error)
{
  const char *own = record->fields[ATTUNE_FIELD_SYSTEM],
             *question = record->fields[ATTUNE_FIELD_QUESTION];
  AttuneMessage messages[2];
  guint n = 0;

  if (own != NULL && *own != '\0')
    system_prompt = own;
  if (system_prompt != NULL && *system_prompt != '\0')
    messages[n++] = (AttuneMessage) { ATTUNE_ROLE_SYSTEM, system_prompt };
  messages[n++] = (AttuneMessage) { ATTUNE_ROLE_USER, question != NULL ? question : "" };
  return attune_chat_template_encode (chat_template, tokenizer, messages, n, TRUE, ids, NULL,
                                      error);
}

static gboolean
score_loss (Evaluation *self, AttuneScores *scores, GError **error)
{
  const guint64 n = attune_dataset_count (self->dataset, self->split);
  const AttuneStepShape shape = { .max_tokens = self->options->max_tokens,
                                  .max_targets = self->options->max_tokens,
                                  .lora_rank = attune_generator_find_rank (self->decoder),
                                  .rescaled = attune_decoder_is_rescaled (self->decoder),
                                  .n_virtual = self->decoder->n_virtual };
  g_autoptr (AttuneActivations) activations = NULL;
  AttuneLossRun run = { .decoder = self->decoder,
                        .max_tokens = self->options->max_tokens,
                        .dataset = self->dataset,
                        .split = self->split,
                        .n = n,
                        .progress = on_samples_scored,
                        .data = self,
                        .cancellable = self->cancellable };

  activations = attune_activations_new (self->decoder->be, &self->decoder->config, &shape, error);
  if (activations == NULL)
    return FALSE;
  run.activations = activations;
  self->n = n;
  self->what = "Scoring";
  if (!attune_loss_run (&run, &scores->loss, &scores->target_tokens, NULL, error))
    return FALSE;
  scores->n_loss = n;
  scores->perplexity = exp (scores->loss);
  return TRUE;
}

/* Chooses the questions and makes their prompts. @answers gets question and expected, @prompts the
 * tokens, in step.
 * @longest: of the prompts. */
static gboolean
choose_questions (Evaluation *self, GPtrArray *answers, GPtrArray *prompts, guint *longest,
                  GError **error)
{
  const guint64 count = attune_dataset_count (self->dataset, self->split);
  const guint64 n = MIN (count, (guint64) self->options->max_answers);
  const int room = self->decoder->config.max_tokens;

  for (guint64 i = 0; i < n; i++)
    {
      g_auto (AttuneRecord) record = { 0 };
      g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
      AttuneAnswer *answer;

      /* Evenly over the split: records lie in the order of their sources, which may be by topic. */
      if (!attune_dataset_get_record (self->dataset, self->split, i * count / n, &record, error)
          || !attune_prompt_for_record (&record, self->options->system_prompt, self->tokenizer,
                                        self->chat_template, ids, error))
        return FALSE;
      if (record.whole || ids->len >= (guint) room) /* nothing is asked, or too much */
        continue;
      *longest = MAX (*longest, ids->len);
      answer = g_new0 (AttuneAnswer, 1);
      answer->question = g_strdup (record.fields[ATTUNE_FIELD_QUESTION]);
      answer->expected = g_strdup (record.fields[ATTUNE_FIELD_ANSWER]);
      g_ptr_array_add (answers, answer);
      g_ptr_array_add (prompts, g_steal_pointer (&ids));
    }
  return TRUE;
}

/* Mean, and the standard error of it: the sample's standard deviation / √n. */
static void
measure_answers (const GPtrArray *answers, AttuneScores *scores)
{
  const guint n = answers->len;
  double sum = 0, squares = 0, exact = 0;

  for (guint i = 0; i < n; i++)
    {
      const AttuneAnswer *answer = g_ptr_array_index (answers, i);

      sum += answer->token_f1;
      exact += answer->exact;
    }
  if ((scores->n_answers = n) == 0)
    return;
  scores->token_f1 = sum / n;
  scores->exact_match = exact / n;
  scores->exact_match_error = sqrt (scores->exact_match * (1 - scores->exact_match) / n);
  for (guint i = 0; i < n; i++)
    {
      const AttuneAnswer *answer = g_ptr_array_index (answers, i);

      squares += (answer->token_f1 - scores->token_f1) * (answer->token_f1 - scores->token_f1);
    }
  scores->token_f1_error = n > 1 ? sqrt (squares / (n - 1) / n) : 0;
}

static gboolean
write_answers (Evaluation *self, GPtrArray *answers, GError **error)
{
  g_autoptr (GPtrArray) prompts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autoptr (AttuneGenerator) generator = NULL;
  g_auto (GStrv) texts = NULL;
  AttuneSampling sampling = ATTUNE_SAMPLING_GREEDY;
  AttuneGeneratorOptions generation = { 0 };
  guint longest = 0;

  if (!choose_questions (self, answers, prompts, &longest, error))
    return FALSE;
  if (prompts->len == 0)
    return TRUE;
  sampling.max_tokens = self->options->max_new_tokens;
  generation.stop = attune_chat_template_get_stop (self->chat_template, self->tokenizer);
  generation.n_parallel = MIN (self->options->n_parallel, (int) prompts->len);
  generation.capacity
      = MIN ((gint64) longest + sampling.max_tokens, self->decoder->config.max_tokens);
  generator = attune_generator_new (self->decoder, self->tokenizer, &generation, error);
  if (generator == NULL)
    return FALSE;
  self->n = prompts->len;
  self->what = "Answering";
  texts = attune_generator_run_many (generator, prompts, &sampling, on_answers_written, self,
                                     self->cancellable, error);
  if (texts == NULL)
    return FALSE;
  for (guint i = 0; i < answers->len; i++)
    {
      AttuneAnswer *answer = g_ptr_array_index (answers, i);
      const char *expected = answer->expected != NULL ? answer->expected : "";

      answer->answer = g_strdup (texts[i]);
      answer->token_f1 = attune_token_f1 (expected, answer->answer);
      answer->exact = attune_exact_match (expected, answer->answer);
    }
  return TRUE;
}

gboolean
attune_evaluate (AttuneDecoder *decoder, const AttuneTokenizer *tokenizer,
                 const AttuneChatTemplate *chat_template, AttuneDataset *dataset, AttuneSplit split,
                 const AttuneEvaluateOptions *options, AttuneProgressFunc progress, gpointer data,
                 GCancellable *cancellable, AttuneScores *scores, GPtrArray **answers,
                 GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_answer_free);
  Evaluation self
      = { decoder, tokenizer, chat_template, dataset, split, options, progress, data, cancellable };
  gint64 start;

  g_return_val_if_fail (
      decoder != NULL && tokenizer != NULL && chat_template != NULL && dataset != NULL, FALSE);
  g_return_val_if_fail (options != NULL && scores != NULL, FALSE);
  g_return_val_if_fail (options->max_tokens > 1, FALSE);
  g_return_val_if_fail (
      options->max_answers == 0 || (options->max_new_tokens > 0 && options->n_parallel > 0), FALSE);

  *scores = (AttuneScores) { 0 };
  self.to = options->max_answers > 0 ? LOSS_SHARE : 1;
  if (!attune_dataset_check_reader (dataset, tokenizer, chat_template, error))
    return FALSE;
  start = g_get_monotonic_time ();
  if (!score_loss (&self, scores, error))
    return FALSE;
  scores->loss_seconds = (g_get_monotonic_time () - start) / (double) G_USEC_PER_SEC;
  self.from = self.to;
  self.to = 1;
  start = g_get_monotonic_time ();
  if (options->max_answers > 0 && !write_answers (&self, list, error))
    return FALSE;
  if (list->len > 0)
    scores->answer_seconds = (g_get_monotonic_time () - start) / (double) G_USEC_PER_SEC;
  measure_answers (list, scores);
  if (answers != NULL)
    *answers = g_steal_pointer (&list);
  return TRUE;
}
