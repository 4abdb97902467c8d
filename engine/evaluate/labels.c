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
  const AttuneLabels *labels;
  AttuneDataset *dataset;
  AttuneSplit split;
  GArray *samples, *numbers; /* guint32, gint32: those that have a label; -1: it was not learned */
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

static gboolean
find_labelled (Evaluation *self, GError **error)
{
  g_auto (GStrv) labels = attune_dataset_get_labels (self->dataset, self->split, error);

  if (labels == NULL)
    return FALSE;
  self->samples = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->numbers = g_array_new (FALSE, FALSE, sizeof (gint32));
  for (guint32 i = 0; labels[i] != NULL; i++)
    {
      const gint32 number = attune_labels_get_number (self->labels, labels[i]);

      if (*labels[i] == '\0')
        continue;
      g_array_append_val (self->samples, i);
      g_array_append_val (self->numbers, number);
    }
  for (guint i = 0; i < self->numbers->len; i++)
    if (g_array_index (self->numbers, gint32, i) >= 0)
      return TRUE;
  g_set_error (error, ATTUNE_EVALUATE_ERROR, ATTUNE_EVALUATE_ERROR_EMPTY,
               "There is nothing to score: no record of this part of the data has %s.",
               self->samples->len > 0 ? "one of the labels that the run has learned" : "a label");
  return FALSE;
}

static gboolean
ask (Evaluation *self, const AttuneLabelReader *reader, GError **error)
{
  const guint n = self->samples->len, n_labels = self->labels->names->len;
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

static AttuneConfusion *
new_confusion (const AttuneLabels *labels)
{
  return attune_confusion_new ((const char *const *) labels->names->pdata, labels->names->len);
}

/* @said: (array): what was said of each; @nats: of each, of those that were learned */
static void
fill_scores (const Evaluation *self, const int *said, const double *nats,
             AttuneConfusion *confusion, AttuneScores *scores)
{
  const guint n = self->samples->len;
  guint64 n_known = 0;
  double accuracy;

  for (guint i = 0; i < n; i++)
    {
      const gint32 wanted = g_array_index (self->numbers, gint32, i);

      attune_confusion_add (confusion, wanted, said[i]);
      if (wanted < 0)
        continue;
      scores->loss += nats[i];
      n_known++;
    }
  accuracy = attune_confusion_accuracy (confusion);
  scores->n_loss = scores->n_answers = n;
  scores->target_tokens = n_known;
  scores->loss /= n_known;
  scores->perplexity = exp (scores->loss);
  scores->exact_match = scores->token_f1 = accuracy;
  scores->exact_match_error = scores->token_f1_error = sqrt (accuracy * (1 - accuracy) / n);
  scores->macro_f1 = attune_confusion_macro_f1 (confusion);
}

static GPtrArray *
list_answers (const Evaluation *self, const int *said, guint max_answers, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_answer_free);
  const guint n = self->samples->len, kept = MIN (n, max_answers);

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
      answer->expected = g_strdup (record.fields[ATTUNE_FIELD_LABEL]);
      answer->answer = g_strdup (self->labels->names->pdata[said[i]]);
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
  const guint n = self->samples->len;
  g_autoptr (AttuneConfusion) confusion = new_confusion (self->labels);
  g_autofree int *said = g_new (int, n);
  g_autofree double *nats = g_new0 (double, n);
  double all = 0;

  for (guint i = 0; i < self->labels->counts->len; i++)
    all += g_array_index (self->labels->counts, guint64, i);
  for (guint i = 0; i < n; i++)
    {
      const gint32 wanted = g_array_index (self->numbers, gint32, i);

      said[i] = attune_labels_get_most_frequent (self->labels);
      if (wanted >= 0)
        nats[i] = log (all / MAX (1, g_array_index (self->labels->counts, guint64, wanted)));
    }
  fill_scores (self, said, nats, confusion, &result->base);
  result->base_answers = list_answers (self, said, max_answers, error);
  return result->base_answers != NULL;
}

static gboolean
score_tuned (const Evaluation *self, int max_answers, AttuneLabelEvaluation *result, GError **error)
{
  const guint n = self->samples->len, n_labels = self->labels->names->len;
  g_autofree int *said = g_new (int, n);

  for (guint i = 0; i < n; i++)
    said[i] = attune_labels_get_likeliest (self->shares + (gsize) i * n_labels, n_labels);
  result->confusion = new_confusion (self->labels);
  fill_scores (self, said, self->losses, result->confusion, &result->tuned);
  result->tuned_answers = list_answers (self, said, max_answers, error);
  return result->tuned_answers != NULL;
}

gboolean
attune_evaluate_labels (AttuneDecoder *decoder, const AttuneLabels *labels, gint32 eos,
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
         && attune_label_reader_open (&reader, decoder, max_tokens, error)
         && ask (&self, &reader, error) && score_base (&self, max_answers, result, error)
         && score_tuned (&self, max_answers, result, error);
}
