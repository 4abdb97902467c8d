/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Main thread only, but for reading itself.
 */
#include "stages/data/record-blocks.h"

#include "stages/data/record-list.h"

#define BLOCK ATTUNE_RECORD_LIST_BLOCK

struct _AttuneRecordBlocks
{
  grefcount references;
  AttuneRecords *records;
  AttuneBlocksFailed on_failed; /* %NULL: closed */
  gpointer data;
  GHashTable *items;   /* record → AttuneRecordItem, not owned: each tells when it goes */
  GHashTable *numbers; /* AttuneRecordItem → record */
  GHashTable *blocks;  /* number → GPtrArray of AttuneRecordView */
  GQueue *recent;      /* numbers of those, latest first */
  GQueue *wanted;      /* numbers to be read, latest first */
  gboolean reading;
  guint n_reads;
};

static void
unref (AttuneRecordBlocks *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  g_hash_table_unref (self->items);
  g_hash_table_unref (self->numbers);
  g_hash_table_unref (self->blocks);
  g_queue_free (self->recent);
  g_queue_free (self->wanted);
  attune_records_unref (self->records);
  g_free (self);
}

static AttuneRecordBlocks *
ref (AttuneRecordBlocks *self)
{
  g_ref_count_inc (&self->references);
  return self;
}

AttuneRecordBlocks *
attune_record_blocks_new (AttuneRecords *records, AttuneBlocksFailed on_failed, gpointer data)
{
  AttuneRecordBlocks *self = g_new0 (AttuneRecordBlocks, 1);

  g_ref_count_init (&self->references);
  self->records = attune_records_ref (records);
  self->on_failed = on_failed;
  self->data = data;
  self->items = g_hash_table_new (NULL, NULL);
  self->numbers = g_hash_table_new (NULL, NULL);
  self->blocks = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  self->recent = g_queue_new ();
  self->wanted = g_queue_new ();
  return self;
}

/* Its address is all that is left of it. */
static void
on_item_gone (gpointer data, GObject *item)
{
  AttuneRecordBlocks *self = data;
  gpointer record = g_hash_table_lookup (self->numbers, item);

  g_hash_table_remove (self->numbers, item);
  g_hash_table_remove (self->items, record);
}

void
attune_record_blocks_close (AttuneRecordBlocks *self)
{
  GHashTableIter iter;
  gpointer item;

  self->on_failed = NULL;
  g_queue_clear (self->wanted);
  g_hash_table_iter_init (&iter, self->numbers);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    g_object_weak_unref (item, on_item_gone, self);
  g_hash_table_remove_all (self->numbers);
  g_hash_table_remove_all (self->items);
  unref (self);
}

/* --- reading */

static void read_next (AttuneRecordBlocks *self);

static gboolean
is_looked_at (AttuneRecordBlocks *self, guint number)
{
  for (guint i = 0; i < BLOCK; i++)
    if (g_hash_table_contains (self->items, GUINT_TO_POINTER (number * BLOCK + i)))
      return TRUE;
  return FALSE;
}

static void
keep (AttuneRecordBlocks *self, guint number, GPtrArray *block)
{
  g_hash_table_insert (self->blocks, GUINT_TO_POINTER (number), g_ptr_array_ref (block));
  g_queue_push_head (self->recent, GUINT_TO_POINTER (number));
  while (self->recent->length > ATTUNE_RECORD_LIST_KEPT)
    g_hash_table_remove (self->blocks, g_queue_pop_tail (self->recent));
}

/* What a thread needs: which block of what. */
typedef struct
{
  AttuneRecords *records;
  guint number;
} Wish;

static void
wish_free (gpointer data)
{
  Wish *wish = data;

  attune_records_unref (wish->records);
  g_free (wish);
}

static void
block_read (GObject *object, GAsyncResult *result, gpointer data)
{
  AttuneRecordBlocks *self = data;
  const Wish *wish = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) block = g_task_propagate_pointer (G_TASK (result), &error);

  self->reading = FALSE;
  self->n_reads++;
  if (self->on_failed != NULL && block == NULL)
    self->on_failed (self->data, error->message);
  else if (self->on_failed != NULL)
    {
      keep (self, wish->number, block);
      for (guint i = 0; i < block->len; i++)
        {
          AttuneRecordItem *item
              = g_hash_table_lookup (self->items, GUINT_TO_POINTER (wish->number * BLOCK + i));

          if (item != NULL)
            attune_record_item_fill (item, block, i);
        }
      read_next (self);
    }
  unref (self);
}

static void
read_block (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  const Wish *wish = data;
  const guint first = wish->number * BLOCK, n = attune_records_count (wish->records);
  GError *error = NULL;
  GPtrArray *block = attune_records_read (wish->records, first, MIN (BLOCK, n - first), &error);

  if (block != NULL)
    g_task_return_pointer (task, block, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

/* The latest wish that somebody still has; one that has scrolled past is dropped. */
static void
read_next (AttuneRecordBlocks *self)
{
  while (!self->reading && !g_queue_is_empty (self->wanted))
    {
      const guint number = GPOINTER_TO_UINT (g_queue_pop_head (self->wanted));
      g_autoptr (GTask) task = NULL;
      Wish *wish;

      if (!is_looked_at (self, number)
          || g_hash_table_contains (self->blocks, GUINT_TO_POINTER (number)))
        continue;
      wish = g_new (Wish, 1);
      *wish = (Wish) { attune_records_ref (self->records), number };
      self->reading = TRUE;
      task = g_task_new (NULL, NULL, block_read, ref (self));
      g_task_set_task_data (task, wish, wish_free);
      g_task_run_in_thread (task, read_block);
    }
}

AttuneRecordItem *
attune_record_blocks_get_item (AttuneRecordBlocks *self, guint record)
{
  AttuneRecordItem *item = g_hash_table_lookup (self->items, GUINT_TO_POINTER (record));
  gpointer number = GUINT_TO_POINTER (record / BLOCK);
  GPtrArray *block;

  if (item != NULL)
    return g_object_ref (item);
  item = attune_record_item_new (record);
  g_hash_table_insert (self->items, GUINT_TO_POINTER (record), item);
  g_hash_table_insert (self->numbers, item, GUINT_TO_POINTER (record));
  g_object_weak_ref (G_OBJECT (item), on_item_gone, self);
  block = g_hash_table_lookup (self->blocks, number);
  if (block != NULL)
    {
      attune_record_item_fill (item, block, record % BLOCK);
      g_queue_remove (self->recent, number);
      g_queue_push_head (self->recent, number);
    }
  else
    {
      g_queue_remove (self->wanted, number);
      g_queue_push_head (self->wanted, number);
      read_next (self);
    }
  return item;
}

AttuneRecordItem *
attune_record_blocks_find_item (AttuneRecordBlocks *self, guint record)
{
  return g_hash_table_lookup (self->items, GUINT_TO_POINTER (record));
}

guint
attune_record_blocks_get_n_reads (const AttuneRecordBlocks *self)
{
  return self->n_reads;
}
