/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See dataset-mixes.h.
 */
#include "data/dataset-mixes.h"

struct _AttuneDatasetMixes
{
  gint64 n_records, n;
  gint64 *offsets;          /* of all in the file: n + 1 */
  gint32 *records, *others; /* n; the first ascend */
  guint32 *used;            /* their numbers, of those that are used */
  guint32 *first;           /* per record and one more: where its own begin in these */
};

void
attune_mix_clear (gpointer data)
{
  AttuneMix *mix = data;

  g_free (mix->text);
  g_free (mix->ids);
  g_free (mix->learn);
}

gboolean
attune_mixes_write (AttuneStore *store, const GArray *mixes, GError **error)
{
  gint64 end = 0;

  if (mixes->len > 0
      && !attune_store_append (store, "tokens/mix-offsets", ATTUNE_STORE_I64, 1, &end, error))
    return FALSE;
  for (guint i = 0; i < mixes->len; i++)
    {
      const AttuneMix *mix = &g_array_index (mixes, AttuneMix, i);
      const gint32 record = mix->record, other = mix->other;

      end += mix->n;
      if (!attune_store_append_text (store, "mixes/text", 1, (const char *const *) &mix->text,
                                     error)
          || !attune_store_append (store, "mixes/record", ATTUNE_STORE_I32, 1, &record, error)
          || !attune_store_append (store, "mixes/other", ATTUNE_STORE_I32, 1, &other, error)
          || !attune_store_append (store, "tokens/mix-ids", ATTUNE_STORE_I32, mix->n, mix->ids,
                                   error)
          || !attune_store_append (store, "tokens/mix-learn", ATTUNE_STORE_U8, mix->n, mix->learn,
                                   error)
          || !attune_store_append (store, "tokens/mix-offsets", ATTUNE_STORE_I64, 1, &end, error))
        return FALSE;
    }
  return TRUE;
}

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
fits (const AttuneDatasetMixes *self, gint64 n_ids)
{
  if (self->offsets[0] != 0 || self->offsets[self->n] != n_ids)
    return FALSE;
  for (gint64 i = 0; i < self->n; i++)
    if (self->offsets[i + 1] <= self->offsets[i]
        || self->offsets[i + 1] - self->offsets[i] > G_MAXINT || self->records[i] < 0
        || self->records[i] >= self->n_records || self->others[i] < 0
        || self->others[i] >= self->n_records || (i > 0 && self->records[i] < self->records[i - 1]))
      return FALSE;
  return TRUE;
}

void
attune_dataset_mixes_keep (AttuneDatasetMixes *self, const guint8 *learned)
{
  gint64 n = 0, record = 0;

  if (self == NULL)
    return;
  for (gint64 i = 0; i < self->n; i++)
    {
      for (; record <= self->records[i]; record++)
        self->first[record] = n;
      if (learned[self->records[i]] != 0 && learned[self->others[i]] != 0)
        self->used[n++] = i;
    }
  for (; record <= self->n_records; record++)
    self->first[record] = n;
}

gboolean
attune_dataset_mixes_read (AttuneStore *store, gint64 n, AttuneDatasetMixes **mixes, GError **error)
{
  g_autoptr (AttuneDatasetMixes) self = NULL;
  g_autofree guint8 *splits = NULL;
  gint64 n_ids;

  *mixes = NULL;
  if (!attune_store_has (store, "mixes/record"))
    return TRUE;
  self = g_new0 (AttuneDatasetMixes, 1);
  self->n_records = n;
  self->n = length_of (store, "mixes/record", ATTUNE_STORE_I32);
  n_ids = length_of (store, "tokens/mix-ids", ATTUNE_STORE_I32);
  if (self->n < 0 || self->n > G_MAXUINT32
      || length_of (store, "mixes/other", ATTUNE_STORE_I32) != self->n
      || length_of (store, "tokens/mix-offsets", ATTUNE_STORE_I64) != self->n + 1
      || length_of (store, "tokens/mix-learn", ATTUNE_STORE_U8) != n_ids)
    return FALSE;
  self->offsets = g_new (gint64, self->n + 1);
  self->records = g_new (gint32, MAX (1, self->n));
  self->others = g_new (gint32, MAX (1, self->n));
  self->used = g_new (guint32, MAX (1, self->n));
  self->first = g_new (guint32, n + 1);
  splits = g_malloc (MAX (1, n));
  if (!attune_store_get (store, "tokens/mix-offsets", ATTUNE_STORE_I64, 0, self->n + 1,
                         self->offsets, error)
      || !attune_store_get (store, "mixes/record", ATTUNE_STORE_I32, 0, self->n, self->records,
                            error)
      || !attune_store_get (store, "mixes/other", ATTUNE_STORE_I32, 0, self->n, self->others, error)
      || !attune_store_get (store, "records/split", ATTUNE_STORE_U8, 0, n, splits, error)
      || !fits (self, n_ids))
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    splits[i] = splits[i] == ATTUNE_SPLIT_TRAIN;
  attune_dataset_mixes_keep (self, splits);
  *mixes = g_steal_pointer (&self);
  return TRUE;
}

void
attune_dataset_mixes_free (AttuneDatasetMixes *self)
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

guint
attune_dataset_mixes_count (const AttuneDatasetMixes *self, guint32 record)
{
  return self != NULL ? self->first[record + 1] - self->first[record] : 0;
}

gint64
attune_dataset_mixes_find (const AttuneDatasetMixes *self, guint32 record, guint index)
{
  return self->used[self->first[record] + index];
}

void
attune_dataset_mixes_locate (const AttuneDatasetMixes *self, gint64 number, gint64 *first,
                             gint64 *n)
{
  *first = self->offsets[number];
  *n = self->offsets[number + 1] - *first;
}
