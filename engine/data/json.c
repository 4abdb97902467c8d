/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON and JSONL: one object per record, streamed. Objects are read by all threads, some at a time,
 * and given on in their order.
 */
#include "data/import-private.h"
#include "data/json-private.h"

#include <string.h>

#define PREVIEW_ROWS 20
/* Objects in memory at a time; less where they are long. */
#define BATCH 1024
#define BATCH_BYTES (4u << 20)

static GHashTable *
new_texts (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

void
attune_json_show (AttuneSource *source, const GPtrArray *objects)
{
  for (guint i = 0; i < objects->len; i++)
    {
      char **row = g_new0 (char *, source->columns->len + 1);

      for (guint j = 0; j < source->columns->len; j++)
        {
          const char *text = g_hash_table_lookup (g_ptr_array_index (objects, i),
                                                  g_ptr_array_index (source->columns, j));

          row[j] = g_strdup (text != NULL ? text : "");
        }
      g_ptr_array_add (source->preview, row);
    }
}

gboolean
attune_json_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error)
{
  g_auto (AttuneJsonSplitter) splitter = { 0 };
  g_autoptr (GPtrArray) objects
      = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  AttuneJsonPiece piece = ATTUNE_JSON_OBJECT;
  guint64 line;

  if (!attune_json_splitter_init (&splitter, source, NULL, error))
    return FALSE;
  source->header = TRUE;
  for (int tried = 0; objects->len < PREVIEW_ROWS && tried < 10 * PREVIEW_ROWS; tried++)
    {
      g_autoptr (GHashTable) texts = new_texts ();

      if ((piece = attune_json_splitter_next (&splitter, &line, NULL, error)) != ATTUNE_JSON_OBJECT)
        break;
      if (attune_json_read_object (splitter.text->str, splitter.text->len, splitter.too_long, texts,
                                   source->columns)
          == NULL)
        g_ptr_array_add (objects, g_steal_pointer (&texts));
    }
  if (piece == ATTUNE_JSON_FAILED)
    return FALSE;
  if (objects->len == 0)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                   "“%s” holds no JSON object that can be read as a record.", source->path);
      return FALSE;
    }
  attune_json_show (source, objects);
  attune_source_guess_roles (source);
  return TRUE;
}

/* An object of the batch at hand. */
typedef struct
{
  char *text;
  gsize n;
  guint64 line;
  gboolean too_long;
  const char *fault;   /* (nullable) */
  AttuneRecord record; /* owned */
} Item;

static void
item_clear (gpointer data)
{
  Item *item = data;

  g_free (item->text);
  attune_record_clear (&item->record);
}

typedef struct
{
  const AttuneReading *reading;
  GArray *items;      /* Item */
  GHashTable **texts; /* one per thread */
} Batch;

void
attune_json_fill_record (const AttuneSource *source, GHashTable *texts, AttuneRecord *record)
{
  for (guint i = 0; i < source->columns->len; i++)
    {
      const AttuneField role = g_array_index (source->roles, AttuneField, i);
      gpointer name = NULL, text = NULL;

      if (role == ATTUNE_FIELD_NONE)
        continue;
      g_hash_table_steal_extended (texts, g_ptr_array_index (source->columns, i), &name, &text);
      g_free (name);
      *attune_record_find (record, role) = text;
    }
}

static void
read_part (gpointer data, int worker, int n_workers)
{
  const Batch *batch = data;

  for (guint i = worker; i < batch->items->len; i += n_workers)
    {
      Item *item = &g_array_index (batch->items, Item, i);

      item->fault = attune_json_read_object (item->text, item->n, item->too_long,
                                             batch->texts[worker], NULL);
      item->record.line = item->line;
      if (item->fault == NULL)
        attune_json_fill_record (batch->reading->source, batch->texts[worker], &item->record);
    }
}

/* The next objects. */
static AttuneJsonPiece
fill_batch (Batch *batch, AttuneJsonSplitter *splitter, GError **error)
{
  AttuneJsonPiece piece = ATTUNE_JSON_OBJECT;
  gsize bytes = 0;

  g_array_set_size (batch->items, 0);
  while (batch->items->len < BATCH && bytes < BATCH_BYTES)
    {
      Item item = { 0 };

      piece = attune_json_splitter_next (splitter, &item.line, batch->reading->cancellable, error);
      if (piece != ATTUNE_JSON_OBJECT)
        break;
      item.n = splitter->text->len;
      item.text = g_memdup2 (splitter->text->str, item.n + 1);
      item.too_long = splitter->too_long;
      bytes += item.n;
      g_array_append_val (batch->items, item);
    }
  return piece;
}

static gboolean
give_batch (const Batch *batch, GError **error)
{
  const AttuneReading *reading = batch->reading;

  for (guint i = 0; i < batch->items->len; i++)
    {
      const Item *item = &g_array_index (batch->items, Item, i);

      if (item->fault != NULL
              ? !attune_reading_bad (reading, item->line, item->text, item->n, item->fault, error)
              : !reading->on_record (&item->record, reading->data, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
attune_json_read (const AttuneReading *reading, GError **error)
{
  const int n_threads = reading->pool != NULL ? attune_pool_get_size (reading->pool) : 1;
  g_auto (AttuneJsonSplitter) splitter = { 0 };
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (Item));
  Batch batch = { reading, items, NULL };
  AttuneJsonPiece piece;
  gboolean good = TRUE;

  if (!attune_json_splitter_init (&splitter, reading->source, reading->cancellable, error))
    return FALSE;
  g_array_set_clear_func (items, item_clear);
  batch.texts = g_new (GHashTable *, n_threads);
  for (int i = 0; i < n_threads; i++)
    batch.texts[i] = new_texts ();
  do
    {
      piece = fill_batch (&batch, &splitter, error);
      if (piece == ATTUNE_JSON_FAILED)
        break;
      if (reading->pool != NULL)
        attune_pool_run (reading->pool, read_part, &batch);
      else
        read_part (&batch, 0, 1);
      good = give_batch (&batch, error);
    }
  while (good && piece == ATTUNE_JSON_OBJECT);
  for (int i = 0; i < n_threads; i++)
    g_hash_table_unref (batch.texts[i]);
  g_free (batch.texts);
  return good && piece == ATTUNE_JSON_END;
}
