/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is at hand while labels are balanced by SMOTE: smote-balance.c makes it, smote-write.c
 * writes it into a new file.
 */
#pragma once
#include "data/contamination.h"
#include "data/dataset-mixes.h"
#include "data/dataset-opened.h"
#include "data/make-sample.h"
#include "data/report-view.h"
#include "data/smote-balance.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name; /* borrowed */
  GArray *samples;  /* guint32: of each record that has it, the first sample */
  guint64 n;        /* samples, with those of its variants */
} AttuneSmoteLabel;

typedef struct
{
  AttuneDataset *dataset;
  const AttuneDataValues *settings;
  const AttuneEmbedder *embedder;
  GCancellable *cancellable;
  char **names;                    /* the label of each sample */
  GPtrArray *labels;               /* AttuneSmoteLabel */
  GHashTable *asked;               /* guint64*: keys of what is asked in any part, and of mixes */
  AttuneContamination *evaluation; /* (nullable): its file */
  AttuneRecipe recipe;
  AttuneMaker maker;
  GByteArray *times;  /* of each record */
  GArray *mixes;      /* AttuneMix */
  guint64 held_bytes; /* of mixes */
  guint64 n_repeated;
  AttuneSplitSize size; /* of what was added */
  guint64 n_added;
  AttuneCleanStep step;
} AttuneSmote;

/* Writes what was made beside what was there, in the place of the file; the data set is closed.
 * @report: (out) (transfer full) (nullable) */
gboolean attune_smote_write (AttuneSmote *self, const char *path, JsonNode **report,
                             GError **error);

G_END_DECLS
