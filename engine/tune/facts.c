/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the plan's estimate needs to know of a data set.
 */
#include "data/report-view.h"
#include "generate/pack.h"
#include "tune/trainer.h"

/* A sample is cut at that many tokens at most; see data/data-settings.c. */
#define MAX_TOKENS (1u << 20)

/* A foreign file may claim anything, and the estimate multiplies it. */
static gboolean
is_possible (const AttuneDataFacts *facts, const AttuneSplitSize *train)
{
  return facts->n_train <= G_MAXUINT32 && facts->n_validation <= G_MAXUINT32
         && train->longest <= facts->max_tokens
         && facts->train_tokens <= facts->n_train * facts->max_tokens
         && facts->target_tokens <= facts->train_tokens;
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
                               = MIN (MAX (train->longest, validation->longest), MAX_TOKENS) };
  return view->has_sizes && is_possible (facts, train);
}

gboolean
attune_data_facts (AttuneDataset *dataset, AttuneDataFacts *facts, GError **error)
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
    {
      g_auto (AttuneSample) sample = { 0 };

      if (!attune_dataset_get_sample (dataset, ATTUNE_SPLIT_TRAIN, i, &sample, error))
        return FALSE;
      facts->train_tokens += attune_sample_rows (&sample);
      facts->target_tokens += attune_sample_targets (&sample);
    }
  return TRUE;
}
