/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stage 5: scores a model on held-out records: loss and perplexity, and answers against the expected ones.
 */
#pragma once
#include "data/dataset.h"
#include "generate/generator.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 n_loss;        /* samples the loss is over */
  guint64 target_tokens;
  double loss;           /* nats per learned token */
  double perplexity;     /* exp (loss) */
  guint64 n_answers;     /* answers written and compared */
  double token_f1;       /* mean over answers, 0 … 1 */
  double token_f1_error; /* standard error of the mean */
  double exact_match;    /* share, 0 … 1 */
  double exact_match_error;
} AttuneScores;

typedef struct
{
  char *question, *expected, *answer;
  double token_f1;
  gboolean exact;
} AttuneAnswer;
void attune_answer_free (AttuneAnswer *answer);

/* SQuAD's measures (Rajpurkar et al. 2016): lower case, no punctuation, no articles, split at white space. */
double attune_token_f1 (const char *expected, const char *answer);
gboolean attune_exact_match (const char *expected, const char *answer);

/* Mean loss of @n samples of @split from @first; samples are packed. @per_sample: (nullable): summed nats of each sample. Blocks. */
gboolean attune_evaluate_loss (AttuneDecoder *decoder, AttuneActivations *activations, int max_tokens,
                               AttuneDataset *dataset, AttuneSplit split, guint64 first, guint64 n, double *loss,
                               guint64 *target_tokens, double *per_sample, GError **error);

/* Prompt tokens of a record: the template with system prompt and question, ready for the answer. @ids: GArray of gint32, appended. */
gboolean attune_prompt_for_record (const AttuneRecord *record, const char *system_prompt,
                                   const AttuneTokenizer *tokenizer, const AttuneChatTemplate *chat_template,
                                   GArray *ids, GError **error);

typedef struct
{
  int max_answers;      /* answers to write; 0: none */
  int max_new_tokens;
  int max_tokens;       /* of a packed stream for the loss */
  int n_parallel;
  const char *system_prompt;
} AttuneEvaluateOptions;

/**
 * attune_evaluate:
 * @split: usually %ATTUNE_SPLIT_TEST
 * @answers: (out) (transfer full) (element-type AttuneAnswer) (nullable)
 */
gboolean attune_evaluate (AttuneDecoder *decoder, const AttuneTokenizer *tokenizer,
                          const AttuneChatTemplate *chat_template, AttuneDataset *dataset, AttuneSplit split,
                          const AttuneEvaluateOptions *options, AttuneProgressFunc progress, gpointer data,
                          GCancellable *cancellable, AttuneScores *scores, GPtrArray **answers, GError **error);

G_END_DECLS
