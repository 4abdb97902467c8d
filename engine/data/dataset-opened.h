/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What of a prepared data set is in memory: splits and offsets are, tokens too where they are few;
 * texts are read record by record.
 */
#pragma once
#include "data/dataset-private.h"
#include "data/dataset-mixes.h"
#include "data/dataset-variants.h"

G_BEGIN_DECLS

struct _AttuneDataset
{
  AttuneStore *store;
  char *path, *hash, *report;
  JsonNode *sources;
  gint64 n;                         /* records */
  GArray *members[ATTUNE_N_SPLITS]; /* guint32: records of each split */
  gint64 *offsets;                  /* n + 1 */
  gint32 *ids;                      /* %NULL: read from the file */
  guint8 *learn;
  AttuneDatasetBeside *variants, *mixes; /* (nullable) */
  guint8 *times;            /* (nullable): how often each is learned from; %NULL: once */
  gint64 *rejected_offsets; /* n + 1; %NULL: there are no worse answers */
  guint n_vocab;            /* tokens are below this */
};

/* Sets @error to that the file’s parts do not fit each other. Returns: %FALSE */
gboolean attune_dataset_damaged (const char *path, GError **error);

G_END_DECLS
