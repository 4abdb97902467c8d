/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Labels of like weight by SMOTE, of a data set that has been prepared: of a rare label, points
 * between records and their neighbours are mapped to real text. Where both records have one answer
 * under one instruction, that is a mix of their sentences, which is no less of that label; else
 * nobody knows its answer, or it would be a text that jumps from one to the other, and the record
 * nearest to the point is learned from once more. So it is where the mix was made before, stands in
 * the data, or in the evaluation file. Where a record lies, a model says.
 */
#pragma once
#include "data/dataset.h"

G_BEGIN_DECLS

/* Who says where records lie. */
typedef struct
{
  guint d; /* numbers of each */
  /* @numbers: samples of what is learned from; @vectors: (out caller-allocates): (n, d). Blocks. */
  gboolean (*embed) (gpointer data, AttuneDataset *dataset, const guint32 *numbers, guint n,
                     float *vectors, GCancellable *cancellable, GError **error);
  gpointer data;
  gboolean mixes_texts; /* texts that are learned whole are only told apart, not written */
} AttuneEmbedder;

/* Beside a data set what is prepared lies under this name until it is balanced. */
#define ATTUNE_DATASET_UNBALANCED "dataset.h5.unbalanced"

/**
 * attune_dataset_balance_smote:
 * @path: a data set that was prepared with %ATTUNE_BALANCE_SMOTE; it stays as it is, unless it is
 * @to
 * @to: the data set that is replaced by one with what was made, which is learned from and nothing
 * else; on failure it stands as it was
 * @settings: that it was prepared with
 * @report: (out) (transfer full) (nullable): as of attune_dataset_prepare(), with what was made
 */
gboolean attune_dataset_balance_smote (const char *path, const char *to,
                                       AttuneDataSettings *settings,
                                       const AttuneTokenizer *tokenizer,
                                       const AttuneChatTemplate *chat_template,
                                       const AttuneEmbedder *embedder, AttuneProgressFunc progress,
                                       gpointer data, GCancellable *cancellable, JsonNode **report,
                                       GError **error);

G_END_DECLS
