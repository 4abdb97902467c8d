/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts that were mixed of two records with one label: samples to learn from that stand beside the
 * records, each with the two that it was made of; so they are in no split but training. Private to
 * data/.
 */
#pragma once
#include "data/dataset-private.h"

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

typedef struct _AttuneDatasetMixes AttuneDatasetMixes;

/**
 * attune_dataset_mixes_read:
 * @n: records of the data set
 * @mixes: (out) (transfer full) (nullable): %NULL where it has none
 *
 * Returns: %FALSE with @error where the file cannot be read, or without where it does not fit.
 */
gboolean attune_dataset_mixes_read (AttuneStore *store, gint64 n, AttuneDatasetMixes **mixes,
                                    GError **error);
void attune_dataset_mixes_free (AttuneDatasetMixes *self);
/* How many of @record there are. @self: (nullable) */
guint attune_dataset_mixes_count (const AttuneDatasetMixes *self, guint32 record);
/* The number in the file of the one with @index, below that count. */
gint64 attune_dataset_mixes_find (const AttuneDatasetMixes *self, guint32 record, guint index);
/* Where the tokens begin of the one with that number, and how many they are. */
void attune_dataset_mixes_locate (const AttuneDatasetMixes *self, gint64 number, gint64 *first,
                                  gint64 *n);
/* From here on those are gone that have something of a record that is not learned from. @learned:
 * (array length=n): of each record. @self: (nullable) */
void attune_dataset_mixes_keep (AttuneDatasetMixes *self, const guint8 *learned);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneDatasetMixes, attune_dataset_mixes_free)

G_END_DECLS
