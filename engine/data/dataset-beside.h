/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Samples that stand beside the records of a prepared data set and belong to them: variants of
 * their texts, and mixes of two of them. Which each record has, of those that are used, and where
 * their tokens lie. Private to data/.
 */
#pragma once
#include "data/dataset-private.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 n_records, n;
  gint64 *offsets; /* n + 1: where the tokens of each begin */
  gint32 *records; /* n, ascending: whose they are */
  gint32 *others;  /* (nullable) n: of mixes, the second record */
  guint32 *used;   /* numbers of those that are used */
  guint32 *first;  /* n_records + 1: where a record's own begin in these */
} AttuneDatasetBeside;

/* Names in the file. */
typedef struct
{
  const char *records; /* "variants/record" */
  const char *offsets, *ids, *learn;
} AttuneBesideNames;

/**
 * attune_dataset_beside_read:
 * @n_records: of the data set
 * @beside: (out) (transfer full) (nullable): %NULL where it has none; otherwise all that is fit for
 * use but that none is used yet
 *
 * Returns: %FALSE with @error where the file cannot be read, or without where it does not fit.
 */
gboolean attune_dataset_beside_read (AttuneStore *store, const AttuneBesideNames *names,
                                     gint64 n_records, AttuneDatasetBeside **beside,
                                     GError **error);
void attune_dataset_beside_free (AttuneDatasetBeside *self);
/* How many of @type there are in a vector of the file, or -1 where there is no such one. */
gint64 attune_dataset_beside_length (AttuneStore *store, const char *name, AttuneStoreType type);
/* From here on those are used for which @uses (array length=n) is not 0. */
void attune_dataset_beside_use (AttuneDatasetBeside *self, const guint8 *uses);

/* How many @record has. @self: (nullable) */
guint attune_dataset_beside_count (const AttuneDatasetBeside *self, guint32 record);
/* The number in the file of the one with @index, below that count. */
gint64 attune_dataset_beside_find (const AttuneDatasetBeside *self, guint32 record, guint index);
/* Where the tokens begin of the one with that number, and how many they are. */
void attune_dataset_beside_locate (const AttuneDatasetBeside *self, gint64 number, gint64 *first,
                                   gint64 *n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneDatasetBeside, attune_dataset_beside_free)

G_END_DECLS
