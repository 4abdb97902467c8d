/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See dataset-mixes.h.
 */
#include "data/dataset-mixes.h"

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

void
attune_dataset_mixes_keep (AttuneDatasetBeside *self, const guint8 *learned)
{
  g_autofree guint8 *uses = NULL;

  if (self == NULL)
    return;
  uses = g_new (guint8, MAX (1, self->n));
  for (gint64 i = 0; i < self->n; i++)
    uses[i] = learned[self->records[i]] != 0 && learned[self->others[i]] != 0;
  attune_dataset_beside_use (self, uses);
}

static gboolean
read_others (AttuneStore *store, AttuneDatasetBeside *self, GError **error)
{
  self->others = g_new (gint32, MAX (1, self->n));
  if (attune_dataset_beside_length (store, "mixes/other", ATTUNE_STORE_I32) != self->n
      || !attune_store_get (store, "mixes/other", ATTUNE_STORE_I32, 0, self->n, self->others,
                            error))
    return FALSE;
  for (gint64 i = 0; i < self->n; i++)
    if (self->others[i] < 0 || self->others[i] >= self->n_records)
      return FALSE;
  return TRUE;
}

gboolean
attune_dataset_mixes_read (AttuneStore *store, gint64 n_records, AttuneDatasetBeside **mixes,
                           GError **error)
{
  static const AttuneBesideNames names
      = { "mixes/record", "tokens/mix-offsets", "tokens/mix-ids", "tokens/mix-learn" };
  g_autoptr (AttuneDatasetBeside) self = NULL;
  g_autofree guint8 *splits = NULL;

  *mixes = NULL;
  if (!attune_dataset_beside_read (store, &names, n_records, &self, error))
    return FALSE;
  if (self == NULL)
    return TRUE;
  splits = g_malloc (MAX (1, n_records));
  if (!read_others (store, self, error)
      || !attune_store_get (store, "records/split", ATTUNE_STORE_U8, 0, n_records, splits, error))
    return FALSE;
  for (gint64 i = 0; i < n_records; i++)
    splits[i] = splits[i] == ATTUNE_SPLIT_TRAIN;
  attune_dataset_mixes_keep (self, splits);
  *mixes = g_steal_pointer (&self);
  return TRUE;
}
