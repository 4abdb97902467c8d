/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening and reading records. After opening nothing is changed, and the store has a lock of its
 * own, so that several threads may read.
 */
#include "data/records.h"

#include "data/dataset-private.h"

#include <string.h>

struct _AttuneRecords
{
  gatomicrefcount references;
  AttuneStore *store;
  char *path;
  guint n;
  guint8 *splits;    /* %NULL: not prepared */
  JsonNode *sources; /* (nullable) */
};

static gboolean
damaged (const char *path, GError **error)
{
  g_set_error (
      error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_SCHEMA,
      "The data set “%s” is damaged: its parts do not fit each other. Prepare the data again.",
      path);
  return FALSE;
}

static gboolean
read_splits (AttuneRecords *self, GError **error)
{
  if (!attune_store_has (self->store, "records/split"))
    return TRUE;
  self->splits = g_malloc (MAX (1, self->n));
  if (!attune_store_get (self->store, "records/split", ATTUNE_STORE_U8, 0, self->n, self->splits,
                         error))
    return FALSE;
  for (guint i = 0; i < self->n; i++)
    if (self->splits[i] >= ATTUNE_N_SPLITS)
      return damaged (self->path, error);
  return TRUE;
}

AttuneRecords *
attune_records_open (const char *path, GError **error)
{
  g_autoptr (AttuneRecords) self = g_new0 (AttuneRecords, 1);
  g_autofree char *sources = NULL;
  gint64 n;

  g_atomic_ref_count_init (&self->references);
  self->path = g_strdup (path);
  self->store = attune_store_open (path, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error);
  if (self->store == NULL || (n = attune_store_count_text (self->store, "raw/question", error)) < 0)
    return NULL;
  if (n > G_MAXINT32)
    {
      damaged (path, error);
      return NULL;
    }
  self->n = n;
  sources = attune_store_get_string (self->store, "sources", NULL); /* of records alone none are */
  self->sources = sources != NULL ? json_from_string (sources, NULL) : NULL;
  return read_splits (self, error) ? g_steal_pointer (&self) : NULL;
}

AttuneRecords *
attune_records_ref (AttuneRecords *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
attune_records_unref (AttuneRecords *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  g_clear_pointer (&self->store, attune_store_close);
  g_free (self->path);
  g_free (self->splits);
  g_clear_pointer (&self->sources, json_node_unref);
  g_free (self);
}

guint
attune_records_count (const AttuneRecords *self)
{
  return self->n;
}

gboolean
attune_records_is_prepared (const AttuneRecords *self)
{
  return self->splits != NULL;
}

AttuneSplit
attune_records_get_split (const AttuneRecords *self, guint record)
{
  g_return_val_if_fail (record < self->n, ATTUNE_SPLIT_TRAIN);
  return self->splits != NULL ? self->splits[record] : ATTUNE_SPLIT_TRAIN;
}

static void
view_free (gpointer data)
{
  AttuneRecordView *view = data;

  attune_record_clear (&view->record);
  g_free (view->reason);
  g_free (view);
}

/* Hands the strings of one column to the views, and frees the list. */
static void
deal_out (GPtrArray *views, char **texts, int field)
{
  for (guint i = 0; i < views->len; i++)
    {
      AttuneRecordView *view = g_ptr_array_index (views, i);

      if (field < ATTUNE_N_FIELDS)
        view->record.fields[field] = texts[i];
      else
        view->reason = texts[i];
    }
  g_free (texts);
}

/* Data sets of before there was such a column have none: zeros. */
static gboolean
read_bits (AttuneRecords *self, const char *column, guint first, guint n, guint8 *bits,
           GError **error)
{
  memset (bits, 0, n);
  return self->splits == NULL || !attune_store_has (self->store, column)
         || attune_store_get (self->store, column, ATTUNE_STORE_U8, first, n, bits, error);
}

gboolean
attune_records_read_found (AttuneRecords *self, guint first, guint n, guint8 *found, GError **error)
{
  return read_bits (self, "records/found", first, n, found, error);
}

GPtrArray *
attune_records_read (AttuneRecords *self, guint first, guint n, GError **error)
{
  g_autoptr (GPtrArray) views = g_ptr_array_new_with_free_func (view_free);
  g_autofree gint64 *lines = g_new (gint64, MAX (1, n));
  g_autofree gint32 *sources = g_new (gint32, MAX (1, n));
  g_autofree guint8 *by_hand = g_malloc (MAX (1, n)), *found = g_malloc (MAX (1, n));
  const char *group = self->splits != NULL ? "records" : "raw";

  g_return_val_if_fail (first <= self->n && n <= self->n - first, NULL);

  if (!attune_store_get (self->store, "raw/line", ATTUNE_STORE_I64, first, n, lines, error)
      || !attune_store_get (self->store, "raw/source", ATTUNE_STORE_I32, first, n, sources, error)
      || !read_bits (self, "records/by-hand", first, n, by_hand, error)
      || !attune_records_read_found (self, first, n, found, error))
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      AttuneRecordView *view = g_new0 (AttuneRecordView, 1);

      view->record.line = MAX (0, lines[i]);
      view->record.whole = attune_sources_are_whole (self->sources, sources[i]);
      view->source = sources[i];
      view->split = attune_records_get_split (self, first + i);
      view->by_hand = by_hand[i];
      view->found = found[i];
      g_ptr_array_add (views, view);
    }
  for (int field = 0; field <= ATTUNE_N_FIELDS; field++)
    {
      char **texts;

      if (field == ATTUNE_N_FIELDS && self->splits == NULL)
        break;
      texts = field < ATTUNE_N_FIELDS
                  ? attune_dataset_read_texts (self->store, group, field, first, n, error)
                  : attune_store_get_text (self->store, "records/reason", first, n, error);
      if (texts == NULL)
        return NULL;
      deal_out (views, texts, field);
    }
  return g_steal_pointer (&views);
}

gboolean
attune_records_read_imported (AttuneRecords *self, guint record, AttuneRecord *imported,
                              GError **error)
{
  g_auto (AttuneRecord) found = { 0 };
  gint64 line = 0;
  gint32 source = 0;

  g_return_val_if_fail (record < self->n, FALSE);

  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    {
      g_auto (GStrv) texts = attune_dataset_read_texts (self->store, "raw", i, record, 1, error);

      if (texts == NULL)
        return FALSE;
      found.fields[i] = g_steal_pointer (&texts[0]);
    }
  if (!attune_store_get (self->store, "raw/line", ATTUNE_STORE_I64, record, 1, &line, error)
      || !attune_store_get (self->store, "raw/source", ATTUNE_STORE_I32, record, 1, &source, error))
    return FALSE;
  found.whole = attune_sources_are_whole (self->sources, source);
  found.line = MAX (0, line);
  *imported = found;
  found = (AttuneRecord) { 0 };
  return TRUE;
}

gboolean
attune_records_read_sample (AttuneRecords *self, guint record, AttuneSample *sample, GError **error)
{
  gint64 ends[2];

  g_return_val_if_fail (record < self->n, FALSE);

  *sample = (AttuneSample) { 0 };
  if (self->splits == NULL || self->splits[record] == ATTUNE_SPLIT_EXCLUDED)
    return TRUE;
  if (!attune_store_get (self->store, "tokens/offsets", ATTUNE_STORE_I64, record, 2, ends, error))
    return FALSE;
  /* a sample is cut at max-tokens, 1 Mi at most */
  if (ends[0] < 0 || ends[1] < ends[0] || ends[1] - ends[0] > 1 << 20)
    return damaged (self->path, error);
  sample->n = ends[1] - ends[0];
  sample->tokens = g_new (gint32, MAX (1, sample->n));
  sample->learn = g_new (guint8, MAX (1, sample->n));
  if (!attune_store_get (self->store, "tokens/ids", ATTUNE_STORE_I32, ends[0], sample->n,
                         sample->tokens, error)
      || !attune_store_get (self->store, "tokens/learn", ATTUNE_STORE_U8, ends[0], sample->n,
                            sample->learn, error))
    {
      attune_sample_clear (sample);
      return FALSE;
    }
  if (sample->n > 0)
    sample->learn[0] = 0; /* nothing comes before it */
  return TRUE;
}

AttuneStore *
attune_records_get_store (AttuneRecords *self)
{
  return self->store;
}

const char *
attune_records_get_path (const AttuneRecords *self)
{
  return self->path;
}
