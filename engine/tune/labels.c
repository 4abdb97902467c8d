/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps and checks over labels: a sample is read up to where its answer would begin, and the head
 * says which label it has.
 */
#include "generate/label-score.h"
#include "tune/trainer-private.h"

/* Who of @split has one of the labels, and which. */
static gboolean
find_labelled (AttuneTrainer *self, AttuneSplit split, GError **error)
{
  g_autofree gint32 *numbers = NULL;
  guint64 n;

  self->labelled[split] = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->label_numbers[split] = g_array_new (FALSE, FALSE, sizeof (gint32));
  if ((numbers = attune_labels_read (self->labels, self->dataset, split, &n, error)) == NULL)
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    if (numbers[i] >= 0)
      {
        g_array_append_val (self->labelled[split], i);
        g_array_append_val (self->label_numbers[split], numbers[i]);
      }
  return TRUE;
}

/* A table of costs is of all labels there are, of which some can be where nothing is learned. */
static gboolean
read_costs (AttuneTrainer *self, GError **error)
{
  static const AttuneSplit splits[] = { ATTUNE_SPLIT_VALIDATION, ATTUNE_SPLIT_TEST };
  g_autoptr (GHashTable) others = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (*self->plan->label_costs == '\0')
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (splits); i++)
    {
      g_auto (GStrv) texts = attune_dataset_get_labels (self->dataset, splits[i], error);

      if (texts == NULL)
        return FALSE;
      for (guint j = 0; texts[j] != NULL; j++)
        if (*texts[j] != '\0' && attune_labels_get_number (self->labels, texts[j]) < 0)
          g_hash_table_add (others, g_strdup (texts[j]));
    }
  return attune_labels_read_costs (self->labels, self->plan->label_costs, others, error);
}

gboolean
attune_trainer_set_up_labels (AttuneTrainer *self, GError **error)
{
  if ((self->labels = attune_labels_find (self->dataset, error)) == NULL
      || !attune_labels_check (self->labels, attune_model_get_config (self->model)->n_vocab, error)
      || !read_costs (self, error) || !find_labelled (self, ATTUNE_SPLIT_TRAIN, error)
      || !find_labelled (self, ATTUNE_SPLIT_VALIDATION, error))
    return FALSE;
  self->labels_json = attune_labels_to_json (self->labels);
  self->label_weights = g_new (float, attune_labels_count (self->labels));
  attune_labels_weigh (self->labels, self->plan->label_weights, self->plan->effective_beta,
                       self->label_weights);
  return TRUE;
}

void
attune_trainer_set_up_head (AttuneTrainer *self)
{
  const gboolean several = self->labels->format.kind == ATTUNE_LABELS_SEVERAL;

  self->decoder->labels.loss
      = (AttuneLabelLoss) { .focal = self->plan->focal_gamma,
                            .smoothing = self->plan->label_smoothing,
                            .cost_share = self->plan->cost_share,
                            .weights = several ? NULL : self->label_weights,
                            .positive = several ? self->label_weights : NULL };
  attune_labels_fill_loss (self->labels, &self->decoder->labels.loss);
}

const char *
attune_trainer_get_label_key (const AttuneTrainer *self)
{
  return self->labels != NULL
                 && (self->labels->format.kind != ATTUNE_LABELS_ONE || self->labels->costs != NULL)
             ? self->labels_json
             : NULL;
}

void
attune_trainer_clear_labels (AttuneTrainer *self)
{
  for (int split = 0; split < 2; split++)
    {
      g_clear_pointer (&self->labelled[split], g_array_unref);
      g_clear_pointer (&self->label_numbers[split], g_array_unref);
    }
  g_clear_pointer (&self->labels, attune_labels_free);
  g_clear_pointer (&self->labels_json, g_free);
  g_clear_pointer (&self->label_weights, g_free);
}

double
attune_trainer_weigh_label (const AttuneTrainer *self, gint32 label)
{
  return self->labels->format.kind == ATTUNE_LABELS_ONE ? self->label_weights[label] : 1;
}

gboolean
attune_trainer_read_labelled (AttuneTrainer *self, int n, double *weight, GError **error)
{
  *weight = 0;
  for (int i = 0; i < n; i++)
    {
      const guint32 number = self->chosen[i];
      const gint32 label = g_array_index (self->label_numbers[ATTUNE_SPLIT_TRAIN], gint32, number);

      /* for messages */
      self->chosen[i] = g_array_index (self->labelled[ATTUNE_SPLIT_TRAIN], guint32, number);
      attune_sample_clear (&self->samples[i]);
      if (!attune_dataset_get_sample (self->dataset, ATTUNE_SPLIT_TRAIN, self->chosen[i],
                                      &self->samples[i], error))
        return FALSE;
      attune_sample_ask_label (&self->samples[i], label,
                               attune_tokenizer_get_eos (attune_model_get_tokenizer (self->model)));
      *weight += attune_trainer_weigh_label (self, label);
    }
  return TRUE;
}

/* The first @n labelled samples for validation. */
static gboolean
ask (AttuneTrainer *self, guint64 n, double *losses, float *shares, GError **error)
{
  const AttuneLabelReader reader
      = { .decoder = self->decoder,
          .activations = self->activations,
          .pack = self->pack,
          .labels = self->labels,
          .eos = attune_tokenizer_get_eos (attune_model_get_tokenizer (self->model)) };

  return attune_labels_ask (&reader, self->dataset, ATTUNE_SPLIT_VALIDATION,
                            (const guint32 *) self->labelled[ATTUNE_SPLIT_VALIDATION]->data,
                            (const gint32 *) self->label_numbers[ATTUNE_SPLIT_VALIDATION]->data, n,
                            losses, shares, error);
}

gboolean
attune_trainer_validate_labels (AttuneTrainer *self, guint64 n, double *loss, char **told,
                                GError **error)
{
  const guint n_labels = attune_labels_count (self->labels);
  const gint32 *wanted = (const gint32 *) self->label_numbers[ATTUNE_SPLIT_VALIDATION]->data;
  g_autofree double *losses = g_new (double, n + 1);
  g_autofree float *shares = g_new (float, (n + 1) * n_labels);
  g_autoptr (AttuneConfusion) confusion = attune_labels_new_confusion (self->labels);
  AttuneLabelScores scores;
  double sum = 0, weight = 0;

  if (!ask (self, n, losses, shares, error))
    return FALSE;
  for (guint64 i = 0; i < n; i++)
    {
      sum += losses[i];
      weight += attune_trainer_weigh_label (self, wanted[i]);
    }
  scores = attune_label_score (self->labels, n, wanted, NULL, shares, confusion);
  *loss = weight > 0 ? sum / weight : 0;
  *told = attune_label_scores_tell (self->labels, &scores, self->state.step);
  return TRUE;
}

/* What the head says, and how sure it is where it tells one label. */
static char *
say (const AttuneLabels *labels, const float *shares)
{
  g_autofree char *text = attune_labels_say (labels, shares);

  if (labels->format.kind != ATTUNE_LABELS_ONE)
    return g_steal_pointer (&text);
  return g_strdup_printf ("%s (%.0f %%)", text,
                          100 * shares[attune_labels_choose (labels, shares)]);
}

gboolean
attune_trainer_show_labels (AttuneTrainer *self, guint64 n, GError **error)
{
  const guint n_labels = attune_labels_count (self->labels);
  g_autofree double *losses = g_new (double, n + 1);
  g_autofree float *shares = g_new (float, (n + 1) * n_labels);

  if (!ask (self, n, losses, shares, error))
    return FALSE;
  for (guint64 i = 0; i < n; i++)
    {
      const guint32 sample = g_array_index (self->labelled[ATTUNE_SPLIT_VALIDATION], guint32, i);
      g_autofree char *answer = say (self->labels, shares + i * n_labels);
      g_auto (AttuneRecord) record = { 0 };
      AttuneSampleEvent event = { .step = self->state.step, .answer = answer };

      if (!attune_dataset_get_record (self->dataset, ATTUNE_SPLIT_VALIDATION, sample, &record,
                                      error))
        return FALSE;
      event.question = record.fields[record.whole ? ATTUNE_FIELD_ANSWER : ATTUNE_FIELD_QUESTION];
      event.expected = record.fields[ATTUNE_FIELD_LABEL];
      self->funcs->on_sample (self->funcs_data, &event);
    }
  return TRUE;
}
