/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the plan's estimate needs to know of a data set.
 */
#include "generate/pack.h"
#include "tune/trainer.h"

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
