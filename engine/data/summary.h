/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a dataset.h5 holds, at a glance: for who shows it without reading records.
 */
#pragma once
#include "data/dataset.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 n_records, n_bad;        /* rows that were imported; rows that could not be read */
  guint64 splits[ATTUNE_N_SPLITS]; /* records of each; all 0 before preparing */
  JsonNode *sources;               /* array of objects: path, format, encoding, rows, bad, hash … */
  gboolean prepared;
  JsonNode *settings; /* (nullable): AttuneDataSettings as JSON, as it was prepared with */
  JsonNode *report;   /* (nullable): object; see attune_dataset_prepare() */
  char *hash;         /* (nullable): of the whole prepared content */
  char *changes;      /* (nullable): by hand, as it was prepared with; attune_changes_to_text() */
  char *reader;       /* (nullable): see attune_chat_template_get_key() */
} AttuneDataSummary;

/* Returns: (transfer full): what lies at @path, or %NULL with @error. Blocks. */
AttuneDataSummary *attune_data_summary_read (const char *path, GError **error);
void attune_data_summary_free (AttuneDataSummary *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneDataSummary, attune_data_summary_free)

G_END_DECLS
