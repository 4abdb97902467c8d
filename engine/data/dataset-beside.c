/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See dataset-beside.h.
 */
#include "data/dataset-beside.h"

gint64
attune_dataset_beside_length (AttuneStore *store, const char *name, AttuneStoreType type)
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
fits (const AttuneDatasetBeside *self, gint64 n_ids)
{
  if (self->offsets[0] != 0 || self->offsets[self->n] != n_ids)
    return FALSE;
  for (gint64 i = 0; i < self->n; i++)
    if (self->offsets[i + 1] <= self->offsets[i]
        || self->offsets[i + 1] - self->offsets[i] > G_MAXINT || self->records[i] < 0
        || self->records[i] >= self->n_records
        || (i > 0 && self->records[i] < self->records[i - 1]))
      return FALSE;
  return TRUE;
}

gboolean
attune_dataset_beside_read (AttuneStore *store, const AttuneBesideNames *names, gint64 n_records,
                            AttuneDatasetBeside **beside, GError **error)
{
  g_autoptr (AttuneDatasetBeside) self = NULL;
  gint64 n_ids;

  *beside = NULL;
  if (!attune_store_has (store, names->records))
    return TRUE;
  self = g_new0 (AttuneDatasetBeside, 1);
  self->n_records = n_records;
  self->n = attune_dataset_beside_length (store, names->records, ATTUNE_STORE_I32);
  n_ids = attune_dataset_beside_length (store, names->ids, ATTUNE_STORE_I32);
  if (self->n < 0 || self->n > G_MAXUINT32
      || attune_dataset_beside_length (store, names->offsets, ATTUNE_STORE_I64) != self->n + 1
      || attune_dataset_beside_length (store, names->learn, ATTUNE_STORE_U8) != n_ids)
    return FALSE;
  self->offsets = g_new (gint64, self->n + 1);
  self->records = g_new (gint32, MAX (1, self->n));
  self->used = g_new (guint32, MAX (1, self->n));
  self->first = g_new0 (guint32, n_records + 1);
  if (!attune_store_get (store, names->offsets, ATTUNE_STORE_I64, 0, self->n + 1, self->offsets,
                         error)
      || !attune_store_get (store, names->records, ATTUNE_STORE_I32, 0, self->n, self->records,
                            error)
      || !fits (self, n_ids))
    return FALSE;
  *beside = g_steal_pointer (&self);
  return TRUE;
}

void
attune_dataset_beside_free (AttuneDatasetBeside *self)
{
  if (self == NULL)
    return;
  g_free (self->offsets);
  g_free (self->records);
  g_free (self->others);
  g_free (self->used);
  g_free (self->first);
  g_free (self);
}

void
attune_dataset_beside_use (AttuneDatasetBeside *self, const guint8 *uses)
{
  gint64 n = 0, record = 0;

  for (gint64 i = 0; i < self->n; i++)
    {
      for (; record <= self->records[i]; record++)
        self->first[record] = n;
      if (uses[i] != 0)
        self->used[n++] = i;
    }
  for (; record <= self->n_records; record++)
    self->first[record] = n;
}

guint
attune_dataset_beside_count (const AttuneDatasetBeside *self, guint32 record)
{
  return self != NULL ? self->first[record + 1] - self->first[record] : 0;
}

gint64
attune_dataset_beside_find (const AttuneDatasetBeside *self, guint32 record, guint index)
{
  return self->used[self->first[record] + index];
}

void
attune_dataset_beside_locate (const AttuneDatasetBeside *self, gint64 number, gint64 *first,
                              gint64 *n)
{
  *first = self->offsets[number];
  *n = self->offsets[number + 1] - *first;
}
