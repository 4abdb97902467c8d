/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Counts while a data set is prepared, and the report of them. Private to data/.
 */
#pragma once
#include "data/changes.h"
#include "data/clean.h"
#include "data/dataset.h"

G_BEGIN_DECLS

typedef struct _AttuneTally AttuneTally;

/* @n_records: as many as are expected; @spill: (nullable): see attune_key_table_new() */
AttuneTally *attune_tally_new (guint64 n_records, AttuneSpill *spill, GError **error);
void attune_tally_free (AttuneTally *self);
void attune_tally_too_long (AttuneTally *self); /* a record was left out for its length in tokens */
/* What a sample is made of. */
typedef struct
{
  guint n_tokens, n_learned;
  guint n_rows;      /* tokens that are read to predict the learned ones */
  gboolean cut;      /* its end is missing, for its length */
  gboolean endless;  /* it is not cut, yet no token that a model stops at is learned at its end */
  gboolean restarts; /* the token that begins a text stands there more than once */
} AttuneSampleSize;
void attune_tally_sample (AttuneTally *self, AttuneSplit split, const AttuneSampleSize *size);
/* @plain: the same in plain words, where it is not left out */
void attune_tally_record (AttuneTally *self, AttuneSplit split, const AttuneRecord *record,
                          const AttunePlainRecord *plain);
/* A record was changed by hand. */
void attune_tally_change (AttuneTally *self, const char *key, const AttuneChange *change);
guint64 attune_tally_count (const AttuneTally *self, AttuneSplit split);
guint64 attune_tally_total (const AttuneTally *self);
/* @reading: what the labels are said to be. Returns: (transfer full): the report as data/dataset.h
 * describes it. */
JsonNode *attune_tally_report (AttuneTally *self, const AttuneCleaner *cleaner,
                               const AttuneChanges *changes, AttuneLabelReading reading,
                               guint64 n_bad);

G_END_DECLS
