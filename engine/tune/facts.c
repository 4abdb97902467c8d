/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the plan's estimate needs to know of a data set.
 */
#include "data/report-view.h"
#include "generate/labels.h"
#include "tune/trainer.h"

G_DEFINE_QUARK (attune_tune_error_quark, attune_tune_error)

/* A sample is cut at that many tokens at most; see data/data-settings.c. */
#define MAX_TOKENS (1u << 20)

/* A report names so many labels at most; see data/tally.c. */
#define REPORT_LABELS 50

AttuneDataset *
attune_plan_open_dataset (AttunePlan *plan, const char *path, GError **error)
{
  const AttunePlanValues *values = attune_plan_get_values (plan);
  g_autoptr (AttuneDataset) dataset = attune_dataset_open (path, error);

  if (dataset == NULL || !attune_plan_check (plan, error)
      || !attune_dataset_fold (dataset, values->folds, values->fold, error))
    return NULL;
  return g_steal_pointer (&dataset);
}

/* A foreign file may claim anything, and the estimate multiplies it. */
static gboolean
is_possible (const AttuneDataFacts *facts, const AttuneSplitSize *train)
{
  return facts->n_train <= G_MAXUINT32 && facts->n_validation <= G_MAXUINT32
         && train->longest <= facts->max_tokens
         && facts->train_tokens <= facts->n_train * facts->max_tokens
         && facts->target_tokens <= facts->train_tokens
         && facts->pair_tokens <= 2 * facts->n_pairs * MAX (facts->max_tokens, facts->longest_pair)
         && facts->pair_targets <= facts->pair_tokens;
}

/* What the report says of pairs. It does not say which of the better answers belong to them: they
 * count as the average does. */
static void
add_pairs (AttuneDataFacts *facts, const AttuneReportView *view)
{
  const AttuneSplitSize *train = &view->pairs[ATTUNE_SPLIT_TRAIN],
                        *validation = &view->pairs[ATTUNE_SPLIT_VALIDATION];
  const double share = facts->n_train > 0 ? (double) train->samples / facts->n_train : 0;

  if (train->samples > facts->n_train || validation->samples > facts->n_validation)
    return;
  facts->n_pairs = train->samples;
  facts->n_validation_pairs = validation->samples;
  facts->pair_tokens = train->rows + share * facts->train_tokens;
  facts->pair_targets = train->targets + share * facts->target_tokens;
  facts->longest_pair = MIN (MAX (train->longest, validation->longest), MAX_TOKENS);
}

/* What the report says of labels. It counts them over all splits. */
static void
guess_labels (AttuneDataFacts *facts, const AttuneReportView *view)
{
  guint64 labelled = 0, all = 0;
  double share;

  for (guint i = 0; view->n_labelled == 0 && i < view->labels->len; i++)
    labelled += ((AttuneReportLabel *) view->labels->pdata[i])->count;
  labelled += view->label_kind == ATTUNE_LABELS_NUMBER ? view->n_numbers : view->n_labelled;
  for (int split = 0; split < ATTUNE_SPLIT_EXCLUDED; split++)
    all += view->splits[split];
  facts->label_kind = view->label_kind;
  facts->n_labels = view->label_kind == ATTUNE_LABELS_NUMBER ? 1 : view->labels->len;
  if ((view->label_kind != ATTUNE_LABELS_NUMBER && view->labels->len < 2) || all == 0)
    return;
  share = MIN (1, (double) labelled / all);
  facts->n_labelled = share * facts->n_train;
  facts->n_validation_labelled = share * facts->n_validation;
  facts->label_tokens = share * facts->train_tokens;
}

gboolean
attune_data_facts_of_report (JsonNode *report, AttuneDataFacts *facts)
{
  g_autoptr (AttuneReportView) view = attune_report_view_new (report);
  const AttuneSplitSize *train = &view->sizes[ATTUNE_SPLIT_TRAIN],
                        *validation = &view->sizes[ATTUNE_SPLIT_VALIDATION];

  *facts = (AttuneDataFacts) { .n_train = train->samples,
                               .n_validation = view->splits[ATTUNE_SPLIT_VALIDATION],
                               .train_tokens = train->rows,
                               .target_tokens = train->targets,
                               .max_tokens
                               = MIN (MAX (train->longest, validation->longest), MAX_TOKENS),
                               .text_tokens = train->rows };
  add_pairs (facts, view);
  if (view->labels->len >= REPORT_LABELS)
    return FALSE; /* there may be more, which it does not name */
  guess_labels (facts, view);
  /* the report counts pairs as they were before labels were balanced */
  if (view->pairs[ATTUNE_SPLIT_TRAIN].samples > 0
      && train->samples != view->splits[ATTUNE_SPLIT_TRAIN])
    return FALSE;
  return view->has_sizes && is_possible (facts, train);
}

static void
count_question (const AttuneSample *sample, AttuneDataFacts *facts)
{
  const int n = attune_sample_prompt_length (sample);

  facts->longest_question = MAX (facts->longest_question, n);
  facts->n_unasked += n <= 1; /* a text has what begins it, at most */
}

/* A sample to learn from, and its worse answer. */
static gboolean
add_sample (AttuneDataset *dataset, guint64 i, AttuneDataFacts *facts, GError **error)
{
  g_auto (AttuneSample) sample = { 0 }, rejected = { 0 };

  if (!attune_dataset_get_sample (dataset, ATTUNE_SPLIT_TRAIN, i, &sample, error))
    return FALSE;
  facts->train_tokens += attune_sample_rows (&sample);
  facts->target_tokens += attune_sample_targets (&sample);
  facts->text_tokens += sample.n > 0 ? sample.n - 1 : 0;
  count_question (&sample, facts);
  if (!attune_dataset_has_rejected (dataset, ATTUNE_SPLIT_TRAIN, i))
    return TRUE;
  if (!attune_dataset_get_rejected (dataset, ATTUNE_SPLIT_TRAIN, i, &rejected, error))
    return FALSE;
  facts->n_pairs++;
  facts->pair_tokens += attune_sample_rows (&sample) + attune_sample_rows (&rejected);
  facts->pair_targets += attune_sample_targets (&sample) + attune_sample_targets (&rejected);
  facts->longest_pair = MAX (facts->longest_pair, rejected.n);
  return TRUE;
}

static gboolean
add_question (AttuneDataset *dataset, guint64 i, AttuneDataFacts *facts, GError **error)
{
  g_auto (AttuneSample) sample = { 0 };

  if (!attune_dataset_get_sample (dataset, ATTUNE_SPLIT_VALIDATION, i, &sample, error))
    return FALSE;
  count_question (&sample, facts);
  return TRUE;
}

static gboolean
add_validation_pair (AttuneDataset *dataset, guint64 i, AttuneDataFacts *facts, GError **error)
{
  g_auto (AttuneSample) rejected = { 0 };

  if (!attune_dataset_has_rejected (dataset, ATTUNE_SPLIT_VALIDATION, i))
    return TRUE;
  facts->n_validation_pairs++;
  if (!attune_dataset_get_rejected (dataset, ATTUNE_SPLIT_VALIDATION, i, &rejected, error))
    return FALSE;
  facts->longest_pair = MAX (facts->longest_pair, rejected.n);
  return TRUE;
}

/* Samples that have one of the labels; none are counted where these cannot be learned. */
static gboolean
add_labels (AttuneDataset *dataset, AttuneDataFacts *facts, GError **error)
{
  g_autoptr (AttuneLabels) labels = attune_labels_find (dataset, error);
  g_autofree gint32 *train = NULL, *validation = NULL;
  guint64 n;

  if (labels == NULL)
    return FALSE;
  facts->label_kind = labels->format.kind;
  facts->n_labels = attune_labels_count (labels);
  if (!attune_labels_check (labels, G_MAXINT64, NULL))
    return TRUE; /* the plan says why */
  if ((validation = attune_labels_read (labels, dataset, ATTUNE_SPLIT_VALIDATION, &n, error))
      == NULL)
    return FALSE;
  for (guint64 i = 0; i < n; i++)
    facts->n_validation_labelled += validation[i] >= 0;
  if ((train = attune_labels_read (labels, dataset, ATTUNE_SPLIT_TRAIN, &n, error)) == NULL)
    return FALSE;
  for (guint64 i = 0; i < n; i++)
    {
      g_auto (AttuneSample) sample = { 0 };

      if (train[i] < 0)
        continue;
      if (!attune_dataset_get_sample (dataset, ATTUNE_SPLIT_TRAIN, i, &sample, error))
        return FALSE;
      attune_sample_ask_label (&sample, 0, -1); /* at most: an end would not be read */
      facts->n_labelled++;
      facts->label_tokens += attune_sample_rows (&sample);
    }
  return TRUE;
}

gboolean
attune_data_facts (AttuneDataset *dataset, gboolean labels, AttuneDataFacts *facts, GError **error)
{
  *facts = (AttuneDataFacts) { .n_train = attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN),
                               .n_validation
                               = attune_dataset_count (dataset, ATTUNE_SPLIT_VALIDATION) };
  for (int split = ATTUNE_SPLIT_TRAIN; split <= ATTUNE_SPLIT_VALIDATION; split++)
    {
      g_autoptr (GArray) lengths = attune_dataset_get_lengths (dataset, split, error);

      if (lengths == NULL)
        return FALSE;
      for (guint i = 0; i < lengths->len; i++)
        facts->max_tokens = MAX (facts->max_tokens, g_array_index (lengths, guint32, i));
    }
  for (guint64 i = 0; i < facts->n_train; i++)
    if (!add_sample (dataset, i, facts, error))
      return FALSE;
  for (guint64 i = 0; i < facts->n_validation; i++)
    if (!add_question (dataset, i, facts, error) || !add_validation_pair (dataset, i, facts, error))
      return FALSE;
  return !labels || add_labels (dataset, facts, error);
}
