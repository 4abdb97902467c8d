/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a prepared data set: its parts are read and must fit each other.
 */
#include "data/dataset-opened.h"

/* Tokens up to this are read once at the start: 5 bytes each. */
#define MAX_TOKENS_IN_MEMORY (48u << 20)

gboolean
attune_dataset_damaged (const char *path, GError **error)
{
  g_set_error (
      error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_SCHEMA,
      "The data set “%s” is damaged: its parts do not fit each other. Prepare the data again.",
      path);
  return FALSE;
}

static gint64
length_of (AttuneStore *store, const char *name, AttuneStoreType type, GError **error)
{
  AttuneStoreType found;
  gint64 dims[4];
  int n_dims;

  if (!attune_store_shape (store, name, &found, &n_dims, dims, error))
    return -1;
  return found == type && n_dims == 1 ? dims[0] : -1;
}

/* @times: (out): how often each record is learned from, or %NULL: once. */
static gboolean
read_times (AttuneDataset *self, const char *path, guint8 **times, GError **error)
{
  if (!attune_store_has (self->store, "records/times"))
    return TRUE;
  if (length_of (self->store, "records/times", ATTUNE_STORE_U8, NULL) != self->n)
    return attune_dataset_damaged (path, error);
  *times = g_malloc (MAX (1, self->n));
  return attune_store_get (self->store, "records/times", ATTUNE_STORE_U8, 0, self->n, *times,
                           error);
}

static gboolean
read_splits (AttuneDataset *self, const char *path, GError **error)
{
  g_autofree guint8 *splits = NULL;

  self->n = length_of (self->store, "records/split", ATTUNE_STORE_U8, error);
  if (self->n < 0 || self->n > G_MAXUINT32)
    return error != NULL && *error != NULL ? FALSE : attune_dataset_damaged (path, error);
  splits = g_malloc (MAX (1, self->n));
  if (!attune_store_get (self->store, "records/split", ATTUNE_STORE_U8, 0, self->n, splits, error))
    return FALSE;
  for (int i = 0; i < ATTUNE_N_SPLITS; i++)
    self->members[i] = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (!read_times (self, path, &self->times, error))
    return FALSE;
  if (!attune_dataset_variants_read (self->store, self->n, &self->variants, error)
      || !attune_dataset_mixes_read (self->store, self->n, &self->mixes, error))
    return error != NULL && *error != NULL ? FALSE : attune_dataset_damaged (path, error);
  for (gint64 i = 0; i < self->n; i++)
    {
      const guint32 record = i;
      guint n = splits[i] == ATTUNE_SPLIT_TRAIN && self->times != NULL ? self->times[i] : 1;

      if (splits[i] >= ATTUNE_N_SPLITS)
        return attune_dataset_damaged (path, error);
      if (splits[i] == ATTUNE_SPLIT_TRAIN)
        n = n * (1 + attune_dataset_beside_count (self->variants, record))
            + attune_dataset_beside_count (self->mixes, record);
      for (; n > 0; n--)
        g_array_append_val (self->members[splits[i]], record);
    }
  return TRUE;
}

static gboolean
read_tokens (AttuneDataset *self, const char *path, GError **error)
{
  const gint64 n_ids = length_of (self->store, "tokens/ids", ATTUNE_STORE_I32, error);
  const gint64 n_learn
      = n_ids >= 0 ? length_of (self->store, "tokens/learn", ATTUNE_STORE_U8, error) : -1;

  if (n_learn < 0)
    return error != NULL && *error != NULL ? FALSE : attune_dataset_damaged (path, error);
  self->offsets = g_new (gint64, self->n + 1);
  if (!attune_store_get (self->store, "tokens/offsets", ATTUNE_STORE_I64, 0, self->n + 1,
                         self->offsets, error))
    return FALSE;
  if (n_learn != n_ids || self->offsets[0] != 0 || self->offsets[self->n] != n_ids)
    return attune_dataset_damaged (path, error);
  for (gint64 i = 0; i < self->n; i++)
    if (self->offsets[i + 1] < self->offsets[i]
        || self->offsets[i + 1] - self->offsets[i] > G_MAXINT)
      return attune_dataset_damaged (path, error);
  for (int split = 0; split < ATTUNE_SPLIT_EXCLUDED; split++)
    for (guint i = 0; i < self->members[split]->len; i++)
      {
        const guint32 record = g_array_index (self->members[split], guint32, i);

        if (self->offsets[record + 1] == self->offsets[record])
          return attune_dataset_damaged (path, error); /* only what is left out has no tokens */
      }
  if (n_ids > MAX_TOKENS_IN_MEMORY)
    return TRUE;
  self->ids = g_new (gint32, MAX (1, n_ids));
  self->learn = g_new (guint8, MAX (1, n_ids));
  return attune_store_get (self->store, "tokens/ids", ATTUNE_STORE_I32, 0, n_ids, self->ids, error)
         && attune_store_get (self->store, "tokens/learn", ATTUNE_STORE_U8, 0, n_ids, self->learn,
                              error);
}

/* Where the worse answers stand, if there are some. */
static gboolean
read_rejected (AttuneDataset *self, const char *path, GError **error)
{
  gint64 *offsets, n_ids;

  if (!attune_store_has (self->store, "tokens/rejected-offsets"))
    return TRUE;
  n_ids = length_of (self->store, "tokens/rejected-ids", ATTUNE_STORE_I32, NULL);
  if (length_of (self->store, "tokens/rejected-offsets", ATTUNE_STORE_I64, NULL) != self->n + 1
      || length_of (self->store, "tokens/rejected-learn", ATTUNE_STORE_U8, NULL) != n_ids)
    return attune_dataset_damaged (path, error);
  offsets = self->rejected_offsets = g_new (gint64, self->n + 1);
  if (!attune_store_get (self->store, "tokens/rejected-offsets", ATTUNE_STORE_I64, 0, self->n + 1,
                         offsets, error))
    return FALSE;
  if (offsets[0] != 0 || offsets[self->n] != n_ids)
    return attune_dataset_damaged (path, error);
  for (gint64 i = 0; i < self->n; i++)
    if (offsets[i + 1] < offsets[i] || offsets[i + 1] - offsets[i] > G_MAXINT)
      return attune_dataset_damaged (path, error);
  return TRUE;
}

gboolean
attune_dataset_read_families (AttuneDataset *self, guint32 **families, guint32 *n, GError **error)
{
  g_autofree guint8 *splits = g_malloc (MAX (1, self->n));
  g_autofree guint32 *first = NULL, *records = g_new (guint32, MAX (1, self->n)),
                     *found = g_new (guint32, MAX (1, self->n));
  gint64 n_kept = 0;

  *families = NULL;
  *n = self->n;
  if (!attune_store_has (self->store, "records/families"))
    return TRUE;
  if (!attune_store_get (self->store, "records/split", ATTUNE_STORE_U8, 0, self->n, splits, error))
    return FALSE;
  for (gint64 i = 0; i < self->n; i++)
    if (splits[i] != ATTUNE_SPLIT_EXCLUDED)
      records[n_kept++] = i;
  if (length_of (self->store, "records/families", ATTUNE_STORE_I32, NULL) != n_kept)
    return attune_dataset_damaged (self->path, error);
  first = g_new (guint32, MAX (1, n_kept));
  if (!attune_store_get (self->store, "records/families", ATTUNE_STORE_I32, 0, n_kept, first,
                         error))
    return FALSE;
  for (gint64 i = 0; i < self->n; i++)
    found[i] = i;
  for (gint64 i = 0; i < n_kept; i++)
    {
      if (first[i] > i)
        return attune_dataset_damaged (self->path, error);
      found[records[i]] = records[first[i]];
    }
  *families = g_steal_pointer (&found);
  return TRUE;
}

AttuneDataset *
attune_dataset_open (const char *path, GError **error)
{
  g_autoptr (AttuneDataset) self = g_new0 (AttuneDataset, 1);
  g_autofree char *sources = NULL;
  g_autoptr (GError) reason = NULL;

  self->store = attune_store_open (path, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error);
  if (self->store == NULL)
    return NULL;
  if (!attune_store_has (self->store, "records/split"))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                   "The data has been imported but not prepared yet.");
      return NULL;
    }
  if ((self->hash = attune_store_get_string (self->store, "hash", &reason)) == NULL
      || (self->report = attune_store_get_string (self->store, "report", &reason)) == NULL
      || (sources = attune_store_get_string (self->store, "sources", &reason)) == NULL
      || !read_splits (self, path, &reason) || !read_tokens (self, path, &reason)
      || !read_rejected (self, path, &reason))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  self->sources = json_from_string (sources, NULL);
  self->path = g_strdup (path);
  self->n_vocab = G_MAXINT32;
  return g_steal_pointer (&self);
}

void
attune_dataset_close (AttuneDataset *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < ATTUNE_N_SPLITS; i++)
    g_clear_pointer (&self->members[i], g_array_unref);
  attune_store_close (self->store);
  attune_dataset_beside_free (self->variants);
  attune_dataset_beside_free (self->mixes);
  g_free (self->times);
  g_clear_pointer (&self->sources, json_node_unref);
  g_free (self->path);
  g_free (self->hash);
  g_free (self->report);
  g_free (self->offsets);
  g_free (self->ids);
  g_free (self->learn);
  g_free (self->rejected_offsets);
  g_free (self);
}
