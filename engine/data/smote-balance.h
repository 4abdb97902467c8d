/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Labels of like weight by SMOTE, of a data set that has been prepared: of a rare label, points
 * between records and their neighbours are mapped to real text. Where both records have one answer,
 * or are texts that are learned whole, that is a mix of their sentences, which is no less of that
 * label; else nobody knows its answer, and the record nearest to the point is learned from once
 * more. Where a record lies, a model says.
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
} AttuneEmbedder;

/**
 * attune_dataset_balance_smote:
 * @path: a data set that was prepared with %ATTUNE_BALANCE_SMOTE
 * @settings: that it was prepared with
 * @report: (out) (transfer full) (nullable): as of attune_dataset_prepare(), with what was made
 *
 * Replaces the file by one with what was made, which is learned from and nothing else; on failure
 * it stands as it was.
 */
gboolean attune_dataset_balance_smote (const char *path, AttuneDataSettings *settings,
                                       const AttuneTokenizer *tokenizer,
                                       const AttuneChatTemplate *chat_template,
                                       const AttuneEmbedder *embedder, AttuneProgressFunc progress,
                                       gpointer data, GCancellable *cancellable, JsonNode **report,
                                       GError **error);

G_END_DECLS
