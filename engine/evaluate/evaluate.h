/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stage 5: scores a model on held-out records: loss and perplexity, and answers against the
 * expected ones.
 */
#pragma once
#include "data/dataset.h"
#include "generate/earlier.h"
#include "generate/generator.h"

G_BEGIN_DECLS

#define ATTUNE_EVALUATE_ERROR (attune_evaluate_error_quark ())
typedef enum
{
  ATTUNE_EVALUATE_ERROR_EMPTY,   /* no sample with anything to predict */
  ATTUNE_EVALUATE_ERROR_NUMBERS, /* the loss is not a number */
} AttuneEvaluateError;
GQuark attune_evaluate_error_quark (void);

typedef struct
{
  guint64 n_loss; /* samples the loss is over */
  guint64 target_tokens;
  double loss;           /* nats per learned token */
  double perplexity;     /* exp (loss) */
  guint64 n_answers;     /* answers written and compared */
  double token_f1;       /* mean over answers, 0 … 1 */
  double token_f1_error; /* standard error of the mean */
  double exact_match;    /* share, 0 … 1 */
  double exact_match_error;
  double macro_f1;                     /* of labels: the mean over them; 0 where text is written */
  double micro_f1, micro_f1_error;     /* of several labels to a record */
  double mae, mae_error;               /* of numbers, in their unit: how far off in the mean, … */
  double rmse, rmse_error;             /* … as the root of the mean square, … */
  double r2, r2_error;                 /* … and which share of the squares is explained */
  double cost, cost_error;             /* of a record, where there is a table of costs */
  guint64 n_earlier;                   /* held-out samples of earlier material; 0: there is none */
  double earlier_loss;                 /* over these; likewise */
  double loss_seconds, answer_seconds; /* what it took; 0 where it was not measured */
} AttuneScores;

typedef struct
{
  char *question, *expected, *answer;
  double token_f1;
  gboolean exact;
} AttuneAnswer;
void attune_answer_free (AttuneAnswer *answer);

/* SQuAD's measures (Rajpurkar et al. 2016): lower case, no punctuation, no articles, split at white
 * space. */
double attune_token_f1 (const char *expected, const char *answer);
gboolean attune_exact_match (const char *expected, const char *answer);

/* Mean loss of @n samples of @split from @first; samples are packed (generate/pack.h). @per_sample:
 * (nullable): summed nats of each sample. Blocks. */
gboolean attune_evaluate_loss (AttuneDecoder *decoder, AttuneActivations *activations,
                               int max_tokens, AttuneDataset *dataset, AttuneSplit split,
                               guint64 first, guint64 n, double *loss, guint64 *target_tokens,
                               double *per_sample, GError **error);

/* Sets what @scores says of earlier material. @max_tokens: of a packed stream. Blocks. */
gboolean attune_evaluate_earlier (AttuneDecoder *decoder, AttuneEarlier *earlier, int max_tokens,
                                  AttuneScores *scores, GError **error);

/* Prompt tokens of a record: the template with system prompt and question, ready for the answer.
 * The record's own system prompt goes before @system_prompt (nullable; NULL or empty: the
 * template's own). @ids: GArray of gint32, appended. */
gboolean attune_prompt_for_record (const AttuneRecord *record, const char *system_prompt,
                                   const AttuneTokenizer *tokenizer,
                                   const AttuneChatTemplate *chat_template, GArray *ids,
                                   GError **error);

typedef struct
{
  int max_answers; /* answers to write, spread evenly over the split; 0: none */
  int max_new_tokens;
  int max_tokens; /* of a packed stream for the loss */
  int n_parallel; /* answers written at a time */
  const char *system_prompt;
} AttuneEvaluateOptions;

/**
 * attune_evaluate:
 * @split: usually %ATTUNE_SPLIT_TEST
 * @scores: (out)
 * @answers: (out) (transfer full) (element-type AttuneAnswer) (nullable)
 *
 * Loss over the whole split; greedy answers to some of its questions. A record whose prompt leaves
 * no room for an answer within the model's context is not asked: @scores says how many were.
 * Blocks; @cancellable is asked between passes.
 */
gboolean attune_evaluate (AttuneDecoder *decoder, const AttuneTokenizer *tokenizer,
                          const AttuneChatTemplate *chat_template, AttuneDataset *dataset,
                          AttuneSplit split, const AttuneEvaluateOptions *options,
                          AttuneProgressFunc progress, gpointer data, GCancellable *cancellable,
                          AttuneScores *scores, GPtrArray **answers, GError **error);

G_END_DECLS
