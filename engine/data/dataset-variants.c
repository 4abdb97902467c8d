/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Those that are used, in the order of their records.
 */
#include "data/dataset-variants.h"

struct _AttuneDatasetVariants
{
  gint64 n, *offsets; /* of all in the file: n + 1 */
  guint32 *used;      /* their numbers, of those that are used */
  guint32 *first;     /* per record and one more: where its own begin in these */
};

/* How many of @type there are, or -1. */
static gint64
length_of (AttuneStore *store, const char *name, AttuneStoreType type)
{
  AttuneStoreType found;
  gint64 dims[4];
  int n_dims;

  return attune_store_shape (store, name, &found, &n_dims, dims, NULL) && found == type
                 && n_dims == 1
             ? dims[0]
             : -1;
}

static gboolean
has_good_offsets (const AttuneDatasetVariants *self, gint64 n_ids)
{
  if (self->offsets[0] != 0 || self->offsets[self->n] != n_ids)
    return FALSE;
  for (gint64 i = 0; i < self->n; i++)
    if (self->offsets[i + 1] <= self->offsets[i]
        || self->offsets[i + 1] - self->offsets[i] > G_MAXINT)
      return FALSE;
  return TRUE;
}

/* @records: of each, ascending; @use: whether it is used. */
static gboolean
sort_out (AttuneDatasetVariants *self, gint64 n_records, const gint32 *records, const guint8 *use)
{
  gint64 n = 0, record = 0;

  self->used = g_new (guint32, MAX (1, self->n));
  self->first = g_new (guint32, n_records + 1);
  for (gint64 i = 0; i < self->n; i++)
    {
      if (records[i] < 0 || records[i] >= n_records || (i > 0 && records[i] < records[i - 1]))
        return FALSE;
      for (; record <= records[i]; record++)
        self->first[record] = n;
      if (use[i] != 0)
        self->used[n++] = i;
    }
  for (; record <= n_records; record++)
    self->first[record] = n;
  for (gint64 i = 0; i < n_records; i++)
    if (self->first[i + 1] - self->first[i] > ATTUNE_MAX_VARIANTS)
      return FALSE;
  return TRUE;
}

gboolean
attune_dataset_variants_read (AttuneStore *store, gint64 n, AttuneDatasetVariants **variants,
                              GError **error)
{
  g_autoptr (AttuneDatasetVariants) self = NULL;
  g_autofree gint32 *records = NULL;
  g_autofree guint8 *use = NULL;
  gint64 n_ids;

  *variants = NULL;
  if (!attune_store_has (store, "variants/record"))
    return TRUE;
  self = g_new0 (AttuneDatasetVariants, 1);
  self->n = length_of (store, "variants/record", ATTUNE_STORE_I32);
  n_ids = length_of (store, "tokens/variant-ids", ATTUNE_STORE_I32);
  if (self->n < 0 || self->n > G_MAXUINT32
      || length_of (store, "variants/use", ATTUNE_STORE_U8) != self->n
      || length_of (store, "tokens/variant-offsets", ATTUNE_STORE_I64) != self->n + 1
      || length_of (store, "tokens/variant-learn", ATTUNE_STORE_U8) != n_ids)
    return FALSE;
  self->offsets = g_new (gint64, self->n + 1);
  records = g_new (gint32, MAX (1, self->n));
  use = g_new (guint8, MAX (1, self->n));
  if (!attune_store_get (store, "tokens/variant-offsets", ATTUNE_STORE_I64, 0, self->n + 1,
                         self->offsets, error)
      || !attune_store_get (store, "variants/record", ATTUNE_STORE_I32, 0, self->n, records, error)
      || !attune_store_get (store, "variants/use", ATTUNE_STORE_U8, 0, self->n, use, error)
      || !has_good_offsets (self, n_ids) || !sort_out (self, n, records, use))
    return FALSE;
  *variants = g_steal_pointer (&self);
  return TRUE;
}

void
attune_dataset_variants_free (AttuneDatasetVariants *self)
{
  if (self == NULL)
    return;
  g_free (self->offsets);
  g_free (self->used);
  g_free (self->first);
  g_free (self);
}

guint
attune_dataset_variants_count (const AttuneDatasetVariants *self, guint32 record)
{
  return self != NULL ? self->first[record + 1] - self->first[record] : 0;
}

gint64
attune_dataset_variants_find (const AttuneDatasetVariants *self, guint32 record, guint index)
{
  return self->used[self->first[record] + index];
}

void
attune_dataset_variants_locate (const AttuneDatasetVariants *self, gint64 number, gint64 *first,
                                gint64 *n)
{
  *first = self->offsets[number];
  *n = self->offsets[number + 1] - *first;
}
