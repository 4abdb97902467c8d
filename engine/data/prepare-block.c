/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A block of rows becomes records and samples. What can be done of a record by itself, all threads
 * do, each a part of the block; what depends on those before it is done in their order, by one. So
 * the file is the same, to the byte, with however many threads.
 */
#include "core/hash.h"
#include "data/prepare-private.h"

#include <string.h>

void
attune_preparation_forget_block (AttunePreparation *self)
{
  for (gint64 i = 0; self->made != NULL && i < self->block.n; i++)
    attune_made_clear (&self->made[i]);
  g_clear_pointer (&self->made, g_free);
  attune_raw_block_clear (&self->block);
}

/* --- by all threads */

/* A worker's part of the block: as many bytes as each of the others has, so that none is waited
 * for. */
static void
make_part (gpointer data, int worker, int n_workers)
{
  AttunePreparation *self = data;
  AttuneMaker *maker = &self->makers[worker];
  const AttuneRawBlock *block = &self->block;
  gint64 total = 0, before = 0;

  attune_maker_reset (maker);
  for (gint64 i = 0; i < block->n; i++)
    total += block->sizes[i];
  for (gint64 i = 0; i < block->n; before += block->sizes[i++])
    /* empty rows at the end are the last worker's: all bytes are before them */
    if (MIN (before * n_workers / MAX (1, total), n_workers - 1) == worker
        && !attune_maker_run (maker, &self->recipe, &self->made[i]))
      return;
}

static gboolean
make_block (AttunePreparation *self, GError **error)
{
  const int n = attune_pool_get_size (self->pool);

  self->made = g_new0 (AttuneMade, MAX (1, self->block.n));
  for (gint64 i = 0; i < self->block.n; i++)
    {
      attune_raw_block_take (&self->block, i, &self->made[i].record);
      self->made[i].record.whole
          = attune_sources_are_whole (self->source_list, self->block.sources[i]);
    }
  attune_pool_run (self->pool, make_part, self);
  for (int i = 0; i < n; i++)
    {
      if (self->makers[i].error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&self->makers[i].error));
          return FALSE;
        }
      attune_cleaner_gather (self->cleaner, self->makers[i].cleaner);
    }
  return TRUE;
}

/* --- in their order */

/* Where a record that stays belongs. */
static gboolean
place (AttunePreparation *self, const AttuneMade *made, AttuneSplit *split, const char **reason,
       GError **error)
{
  if (made->size.n_learned == 0)
    {
      attune_tally_too_long (self->tally);
      *reason = "Its question alone is longer than a sample may be.";
      return TRUE;
    }
  return attune_placement_place (self->placement, &made->record, &made->plain, &made->sketch, split,
                                 reason, error);
}

/* The sample of a record that stays. */
static void
add_sample (AttunePreparation *self, const AttuneMade *made, AttuneSplit split)
{
  const guint n = made->size.n_tokens;

  g_array_append_vals (self->ids, &g_array_index (made->maker->ids, gint32, made->first), n);
  g_array_append_vals (self->learn, &g_array_index (made->maker->learn, guint8, made->first), n);
  g_checksum_update (self->hash, (const guchar *) made->sample_hash, sizeof made->sample_hash);
  attune_tally_sample (self->tally, split, &made->size);
}

/* The sample of a worse answer to a record that stays. */
static void
add_rejected (AttunePreparation *self, const AttuneMade *made, AttuneSplit split)
{
  const gboolean paired = split != ATTUNE_SPLIT_EXCLUDED && made->rejected_size.n_learned > 0;
  const guint first = made->rejected_first;

  if (!paired)
    {
      attune_pairs_add (self->pairs, split, NULL, NULL, NULL);
      return;
    }
  attune_pairs_add (self->pairs, split, &g_array_index (made->maker->ids, gint32, first),
                    &g_array_index (made->maker->learn, guint8, first), &made->rejected_size);
  g_checksum_update (self->hash, (const guchar *) made->rejected_hash, sizeof made->rejected_hash);
}

/* The variants of a record that is learned from, but for those that tell what is measured. */
static gboolean
add_variants (AttunePreparation *self, const AttuneMade *made, GError **error)
{
  for (guint i = 0; made->variants != NULL && i < made->variants->len; i++)
    {
      const AttuneVariant *variant = &g_array_index (made->variants, AttuneVariant, i);
      gboolean tells;

      if (attune_cleaner_measures (self->cleaner, &variant->plain))
        continue;
      if (!attune_placement_tells (self->placement, &variant->sketch, &tells, error))
        return FALSE;
      if (tells)
        continue;
      if (!attune_variants_add (self->variants, self->n_records + self->splits->len,
                                attune_placement_get_last (self->placement),
                                made->record.fields[ATTUNE_FIELD_QUESTION], variant,
                                &g_array_index (made->maker->ids, gint32, variant->first),
                                &g_array_index (made->maker->learn, guint8, variant->first), error))
        return FALSE;
      g_checksum_update (self->hash, (const guchar *) variant->hash, sizeof variant->hash);
    }
  return TRUE;
}

/* The fields go over into the columns. */
static void
add_fields (AttunePreparation *self, AttuneRecord *record)
{
  guint64 hash[2] = { 0 };

  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    {
      attune_hash (record->fields[i], strlen (record->fields[i]), (guint32) hash[0], hash);
      if (i < ATTUNE_FIELD_DATE || *record->fields[i] != '\0') /* as before there were dates */
        g_checksum_update (self->hash, (const guchar *) hash, sizeof hash);
      g_ptr_array_add (self->fields[i], g_steal_pointer (&record->fields[i]));
    }
}

/* Takes the record's strings. */
static gboolean
add_record (AttunePreparation *self, AttuneMade *made, GError **error)
{
  const guint8 by_hand = attune_change_get_kind (made->change);
  const char *reason = made->reason;
  AttuneSplit split = ATTUNE_SPLIT_EXCLUDED;
  guint8 byte;
  gint64 end;

  if (made->change != NULL)
    attune_tally_change (self->tally, made->key, made->change);
  if (reason == NULL)
    reason = attune_placement_refuse (self->placement, &made->record);
  if (reason == NULL)
    reason = attune_cleaner_compare (self->cleaner, &made->record, &made->plain);
  if (reason == NULL && !place (self, made, &split, &reason, error))
    return FALSE;
  if (split != ATTUNE_SPLIT_EXCLUDED)
    add_sample (self, made, split);
  add_rejected (self, made, split);
  if (split == ATTUNE_SPLIT_TRAIN
          ? !attune_variants_join (self->variants, &made->sketch, self->placement, error)
                || !add_variants (self, made, error)
          : split != ATTUNE_SPLIT_EXCLUDED
                && !attune_variants_mind (self->variants, &made->sketch, error))
    return FALSE;
  attune_tally_record (self->tally, split, &made->record, &made->plain);
  attune_balance_add (self->balance, split, &made->record, &made->size);
  byte = split;
  end = self->n_tokens + self->ids->len;
  g_checksum_update (self->hash, &byte, 1);
  add_fields (self, &made->record);
  g_byte_array_append (self->splits, &byte, 1);
  g_byte_array_append (self->by_hand, &by_hand, 1);
  g_byte_array_append (self->found, &made->found, 1);
  g_ptr_array_add (self->reasons, (gpointer) (reason != NULL ? reason : ""));
  g_array_append_val (self->ends, end);
  return TRUE;
}

static gboolean
add_block (AttunePreparation *self, GError **error)
{
  for (gint64 i = 0; i < self->block.n; i++)
    if (!add_record (self, &self->made[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
flush (AttunePreparation *self, GError **error)
{
  const gint64 n = self->splits->len;

  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    {
      if (!attune_store_append_text (self->store, attune_dataset_column ("records", i), n,
                                     (const char *const *) self->fields[i]->pdata, error))
        return FALSE;
      g_ptr_array_set_size (self->fields[i], 0);
    }
  if (!attune_store_append_text (self->store, "records/reason", n,
                                 (const char *const *) self->reasons->pdata, error)
      || !attune_store_append (self->store, "records/split", ATTUNE_STORE_U8, n, self->splits->data,
                               error)
      || !attune_store_append (self->store, "records/by-hand", ATTUNE_STORE_U8, n,
                               self->by_hand->data, error)
      || !attune_store_append (self->store, "records/found", ATTUNE_STORE_U8, n, self->found->data,
                               error)
      || !attune_store_append (self->store, "tokens/offsets", ATTUNE_STORE_I64, n, self->ends->data,
                               error)
      || !attune_store_append (self->store, "tokens/ids", ATTUNE_STORE_I32, self->ids->len,
                               self->ids->data, error)
      || !attune_store_append (self->store, "tokens/learn", ATTUNE_STORE_U8, self->learn->len,
                               self->learn->data, error)
      || !attune_pairs_flush (self->pairs, self->store, error)
      || !attune_variants_flush (self->variants, self->store, error))
    return FALSE;
  self->n_records += n;
  self->n_tokens += self->ids->len;
  g_ptr_array_set_size (self->reasons, 0);
  g_byte_array_set_size (self->splits, 0);
  g_byte_array_set_size (self->by_hand, 0);
  g_byte_array_set_size (self->found, 0);
  g_array_set_size (self->ends, 0);
  g_array_set_size (self->ids, 0);
  g_array_set_size (self->learn, 0);
  return TRUE;
}

gint64
attune_preparation_run_block (AttunePreparation *self, gint64 first, gint64 n, GError **error)
{
  attune_preparation_forget_block (self);
  return attune_raw_block_read (self->old, first, n, &self->block, error)
                 && make_block (self, error) && attune_preparation_vary_block (self, error)
                 && add_block (self, error) && flush (self, error)
             ? self->block.n
             : -1;
}
