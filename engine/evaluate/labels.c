/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See labels.h.
 */
#include "evaluate/labels.h"

#include <math.h>

/* Records between two words to who waits. */
#define BLOCK 64

typedef struct
{
  AttuneLabels *labels; /* rows of what is wanted are added */
  AttuneDataset *dataset;
  AttuneSplit split;
  GArray *samples, *numbers; /* guint32, gint32: those that have a label; -1: it was not learned */
  GArray *unknown;           /* guint32: how many labels beside those are wanted, too */
  double *losses;
  float *shares;
  AttuneProgressFunc progress;
  gpointer data;
} Evaluation;

static void
evaluation_clear (Evaluation *self)
{
  g_clear_pointer (&self->samples, g_array_unref);
  g_clear_pointer (&self->numbers, g_array_unref);
  g_clear_pointer (&self->unknown, g_array_unref);
  g_free (self->losses);
  g_free (self->shares);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Evaluation, evaluation_clear)

void
attune_label_evaluation_clear (AttuneLabelEvaluation *self)
{
  g_clear_pointer (&self->base_answers, g_ptr_array_unref);
  g_clear_pointer (&self->tuned_answers, g_ptr_array_unref);
  g_clear_pointer (&self->confusion, attune_confusion_free);
}

/* How many labels of @text are none of those that were learned. */
static guint32
count_unknown (const AttuneLabels *labels, const char *text)
{
  g_auto (GStrv) parts = attune_label_format_split (&labels->format, text);

  guint32 n = 0;

  for (guint i = 0; parts[i] != NULL; i++)
    n += attune_labels_get_number (labels, parts[i]) < 0;
  return n;
}

static gboolean
find_labelled (Evaluation *self, GError **error)
{
  const gboolean numbers = self->labels->format.kind == ATTUNE_LABELS_NUMBER;
  g_auto (GStrv) labels = attune_dataset_get_labels (self->dataset, self->split, error);

  if (labels == NULL)
    return FALSE;
  self->samples = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->numbers = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->unknown = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 i = 0; labels[i] != NULL; i++)
    {
      const gint32 number = attune_labels_find_row (self->labels, labels[i]);
      const guint32 unknown = numbers ? 0 : count_unknown (self->labels, labels[i]);

      if (*labels[i] == '\0' || (numbers && number < 0)) /* what is no number is no label */
        continue;
      g_array_append_val (self->samples, i);
      g_array_append_val (self->numbers, number);
      g_array_append_val (self->unknown, unknown);
    }
  for (guint i = 0; i < self->numbers->len; i++)
    if (g_array_index (self->numbers, gint32, i) >= 0)
      return TRUE;
  g_set_error (error, ATTUNE_EVALUATE_ERROR, ATTUNE_EVALUATE_ERROR_EMPTY,
               "There is nothing to score: no record of this part of the data has %s.",
               self->samples->len > 0 ? "one of the labels that the run has learned"
               : numbers              ? "a number for its label"
                                      : "a label");
  return FALSE;
}

static gboolean
ask (Evaluation *self, const AttuneLabelReader *reader, GError **error)
{
  const guint n = self->samples->len, n_labels = attune_labels_count (self->labels);
  gint32 targets[BLOCK];

  self->losses = g_new (double, n);
  self->shares = g_new (float, (gsize) n *n_labels);
  for (guint first = 0; first < n; first += BLOCK)
    {
      const guint m = MIN (BLOCK, n - first);

      for (guint i = 0; i < m; i++)
        targets[i] = MAX (0, g_array_index (self->numbers, gint32, first + i));
      if (self->progress != NULL)
        self->progress (self->data, (double) first / n, "Reading");
      if (!attune_labels_ask (reader, self->dataset, self->split,
                              (const guint32 *) self->samples->data + first, targets, m,
                              self->losses + first, self->shares + (gsize) first * n_labels, error))
        return FALSE;
    }
  return TRUE;
}

/* @shares: of all records; @nats: of each, of those that were learned */
static void
fill_scores (const Evaluation *self, const float *shares, const double *nats,
             AttuneConfusion *confusion, AttuneScores *scores)
{
  const guint n = self->samples->len;
  const gint32 *wanted = (const gint32 *) self->numbers->data;
  const AttuneLabelScores found = attune_label_score (
      self->labels, n, wanted, (const guint32 *) self->unknown->data, shares, confusion);
  guint64 n_known = 0;

  for (guint i = 0; i < n; i++)
    {
      scores->loss += wanted[i] >= 0 ? nats[i] : 0;
      n_known += wanted[i] >= 0;
    }
  scores->n_loss = scores->n_answers = n;
  scores->target_tokens = n_known;
  scores->loss /= n_known;
  if (self->labels->format.kind != ATTUNE_LABELS_NUMBER) /* whose loss is no likelihood */
    scores->perplexity = exp (scores->loss);
  scores->exact_match = scores->token_f1 = found.accuracy;
  scores->exact_match_error = scores->token_f1_error
      = sqrt (found.accuracy * (1 - found.accuracy) / n);
  scores->macro_f1 = found.macro_f1;
  scores->micro_f1 = found.micro_f1, scores->micro_f1_error = found.micro_f1_error;
  scores->mae = found.mae, scores->mae_error = found.mae_error;
  scores->rmse = found.rmse, scores->rmse_error = found.rmse_error;
  scores->r2 = found.r2, scores->r2_error = found.r2_error;
  scores->cost = found.cost, scores->cost_error = found.cost_error;
}

/* @text as attune_labels_say() would say it. */
static char *
write_alike (const AttuneLabels *labels, const char *text)
{
  const char between[] = { labels->format.mark, ' ', '\0' };
  g_auto (GStrv) parts = NULL;
  double number;

  if (labels->format.kind == ATTUNE_LABELS_NUMBER
      && attune_label_parse_number (labels->format.mark, text, &number))
    return g_strdup_printf ("%.6g", number);
  if (labels->format.kind != ATTUNE_LABELS_SEVERAL)
    return g_strdup (text);
  parts = attune_label_format_split (&labels->format, text);
  return g_strjoinv (between, parts);
}

static GPtrArray *
list_answers (const Evaluation *self, const float *shares, guint max_answers, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_answer_free);
  const guint n = self->samples->len, kept = MIN (n, max_answers),
              n_labels = attune_labels_count (self->labels);

  for (guint k = 0; k < kept; k++)
    {
      const guint i = (guint64) k * n / kept;
      g_auto (AttuneRecord) record = { 0 };
      AttuneAnswer *answer;

      if (!attune_dataset_get_record (self->dataset, self->split,
                                      g_array_index (self->samples, guint32, i), &record, error))
        return NULL;
      answer = g_new0 (AttuneAnswer, 1);
      answer->question
          = g_strdup (record.fields[record.whole ? ATTUNE_FIELD_ANSWER : ATTUNE_FIELD_QUESTION]);
      answer->expected = write_alike (self->labels, record.fields[ATTUNE_FIELD_LABEL]);
      answer->answer = attune_labels_say (self->labels, shares + (gsize) i * n_labels);
      /* "C" is not "C++", which attune_exact_match() takes for the same */
      answer->exact = g_str_equal (answer->expected, answer->answer);
      answer->token_f1 = answer->exact;
      g_ptr_array_add (list, answer);
    }
  return g_steal_pointer (&list);
}

/* What is known without reading. */
static gboolean
score_base (const Evaluation *self, int max_answers, AttuneLabelEvaluation *result, GError **error)
{
  const guint n = self->samples->len, n_labels = attune_labels_count (self->labels);
  g_autoptr (AttuneConfusion) confusion = attune_labels_new_confusion (self->labels);
  g_autofree float *shares = g_new (float, (gsize) n *n_labels);
  g_autofree double *nats = g_new0 (double, n);

  for (guint i = 0; i < n; i++)
    {
      const gint32 wanted = g_array_index (self->numbers, gint32, i);

      attune_labels_fill_frequencies (self->labels, shares + (gsize) i * n_labels);
      if (wanted >= 0)
        nats[i] = attune_labels_get_loss (self->labels, wanted, shares + (gsize) i * n_labels);
    }
  fill_scores (self, shares, nats, confusion, &result->base);
  result->base_answers = list_answers (self, shares, max_answers, error);
  return result->base_answers != NULL;
}

static gboolean
score_tuned (const Evaluation *self, int max_answers, AttuneLabelEvaluation *result, GError **error)
{
  result->confusion = attune_labels_new_confusion (self->labels);
  fill_scores (self, self->shares, self->losses, result->confusion, &result->tuned);
  result->tuned_answers = list_answers (self, self->shares, max_answers, error);
  return result->tuned_answers != NULL;
}

gboolean
attune_evaluate_labels (AttuneDecoder *decoder, AttuneLabels *labels, gint32 eos,
                        AttuneDataset *dataset, AttuneSplit split, int max_tokens, int max_answers,
                        AttuneProgressFunc progress, gpointer data, AttuneLabelEvaluation *result,
                        GError **error)
{
  g_auto (Evaluation) self = {
    .labels = labels, .dataset = dataset, .split = split, .progress = progress, .data = data
  };
  g_auto (AttuneLabelReader) reader = { .eos = eos };

  *result = (AttuneLabelEvaluation) { 0 };
  return find_labelled (&self, error)
         && attune_label_reader_open (&reader, decoder, labels, max_tokens, error)
         && ask (&self, &reader, error) && score_base (&self, max_answers, result, error)
         && score_tuned (&self, max_answers, result, error);
}
