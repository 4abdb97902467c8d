/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts that were mixed of two records with one label: samples to learn from that stand beside the
 * records, each with the two that it was made of; so they are in no split but training. Private to
 * data/.
 */
#pragma once
#include "data/dataset-beside.h"

G_BEGIN_DECLS

/* One of them, to be written. */
typedef struct
{
  guint32 record, other; /* that it was made of */
  char *text;            /* in the place of the first's question, or of its text */
  gint32 *ids;           /* its sample */
  guint8 *learn;
  guint n;
} AttuneMix;
void attune_mix_clear (gpointer mix);
/* @mixes: AttuneMix, in the order of their records. */
gboolean attune_mixes_write (AttuneStore *store, const GArray *mixes, GError **error);

/* As attune_dataset_beside_read(): those of which both records are for training. */
gboolean attune_dataset_mixes_read (AttuneStore *store, gint64 n_records,
                                    AttuneDatasetBeside **mixes, GError **error);
/* From here on those are gone that have something of a record that is not learned from. @learned:
 * (array length=n_records): of each. @self: (nullable) */
void attune_dataset_mixes_keep (AttuneDatasetBeside *self, const guint8 *learned);

G_END_DECLS
