/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which variants the records of a prepared data set have, and where their samples lie. Private to
 * data/.
 */
#pragma once
#include "data/dataset-private.h"

G_BEGIN_DECLS

typedef struct _AttuneDatasetVariants AttuneDatasetVariants;

/**
 * attune_dataset_variants_read:
 * @n: records of the data set
 * @variants: (out) (transfer full) (nullable): %NULL where it has none
 *
 * Returns: %FALSE with @error where the file cannot be read, or without where it does not fit.
 */
gboolean attune_dataset_variants_read (AttuneStore *store, gint64 n,
                                       AttuneDatasetVariants **variants, GError **error);
void attune_dataset_variants_free (AttuneDatasetVariants *self);

/* How many @record has. @self: (nullable) */
guint attune_dataset_variants_count (const AttuneDatasetVariants *self, guint32 record);
/* The number in the file of the one with @index, below that count. */
gint64 attune_dataset_variants_find (const AttuneDatasetVariants *self, guint32 record,
                                     guint index);
/* Where the tokens begin of the variant with that number in the file, and how many they are. */
void attune_dataset_variants_locate (const AttuneDatasetVariants *self, gint64 number,
                                     gint64 *first, gint64 *n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneDatasetVariants, attune_dataset_variants_free)

G_END_DECLS
