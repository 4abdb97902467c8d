/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prepare: raw rows through cleaning, split and template into samples, block by block, into a new
 * file that replaces the old one. What can be done of a record by itself, all threads do, each a
 * part of the block; what depends on those before it is done in their order, by one. So the file is
 * the same, to the byte, with however many threads.
 */
#include "core/hash.h"
#include "core/settings.h"
#include "core/spill.h"
#include "data/balance.h"
#include "data/clean.h"
#include "data/dataset-private.h"
#include "data/date-column.h"
#include "data/make-sample.h"
#include "data/pairs.h"
#include "data/placement.h"
#include "data/split.h"
#include "data/tally.h"
#include "data/variants.h"

#include <string.h>

/* Of what is remembered of all records: as much as a million of them take. Of more the rest is in a
 * file. */
#define IN_MEMORY_BYTES (320ull << 20)

typedef struct
{
  AttunePool *pool;   /* borrowed */
  AttuneSpill *spill; /* what is remembered of all records */
  AttuneStore *old, *store;
  const AttuneDataValues *settings;
  AttuneRecipe recipe;
  AttuneMaker *makers; /* one per thread */
  AttuneCleaner *cleaner;
  AttunePlacement *placement;
  AttuneBalance *balance;
  AttuneTally *tally;
  AttuneChanges *changes;
  GChecksum *hash;
  char *sources; /* JSON: the list of them */
  JsonNode *source_list;
  AttunePairs *pairs;
  AttuneWordnet *wordnet; /* (nullable) */
  AttuneVariants *variants;
  /* the block at hand */
  AttuneRawBlock block;
  AttuneMade *made;
  GPtrArray *fields[ATTUNE_N_FIELDS], *reasons;
  GByteArray *splits, *by_hand;
  GArray *ids, *learn, *ends;
  gint64 n_tokens;  /* written before the block */
  gint64 n_records; /* likewise */
} Prepare;

static void
forget_block (Prepare *self)
{
  for (gint64 i = 0; self->made != NULL && i < self->block.n; i++)
    attune_made_clear (&self->made[i]);
  g_clear_pointer (&self->made, g_free);
  attune_raw_block_clear (&self->block);
}

static void
prepare_clear (Prepare *self)
{
  forget_block (self);
  for (int i = 0; self->makers != NULL && i < attune_pool_get_size (self->pool); i++)
    attune_maker_clear (&self->makers[i]);
  g_clear_pointer (&self->makers, g_free);
  g_clear_pointer (&self->old, attune_store_close);
  g_clear_pointer (&self->store, attune_store_close);
  g_clear_pointer (&self->cleaner, attune_cleaner_free);
  g_clear_pointer (&self->placement, attune_placement_free);
  g_clear_pointer (&self->balance, attune_balance_free);
  g_clear_pointer (&self->tally, attune_tally_free);
  g_clear_pointer (&self->spill, attune_spill_free); /* after those whose tables it holds */
  g_clear_pointer (&self->changes, attune_changes_free);
  g_clear_pointer (&self->hash, g_checksum_free);
  g_clear_pointer (&self->sources, g_free);
  g_clear_pointer (&self->source_list, json_node_unref);
  g_clear_pointer (&self->pairs, attune_pairs_free);
  g_clear_pointer (&self->variants, attune_variants_free);
  g_clear_pointer (&self->wordnet, attune_wordnet_free);
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    g_clear_pointer (&self->fields[i], g_ptr_array_unref);
  g_clear_pointer (&self->reasons, g_ptr_array_unref);
  g_clear_pointer (&self->splits, g_byte_array_unref);
  g_clear_pointer (&self->by_hand, g_byte_array_unref);
  g_clear_pointer (&self->ids, g_array_unref);
  g_clear_pointer (&self->learn, g_array_unref);
  g_clear_pointer (&self->ends, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Prepare, prepare_clear)

/* --- by all threads */

/* A worker's part of the block: as many bytes as each of the others has, so that none is waited
 * for. */
static void
make_part (gpointer data, int worker, int n_workers)
{
  Prepare *self = data;
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
make_block (Prepare *self, GError **error)
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
place (Prepare *self, const AttuneMade *made, AttuneSplit *split, const char **reason,
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
add_sample (Prepare *self, const AttuneMade *made, AttuneSplit split)
{
  const guint n = made->size.n_tokens;

  g_array_append_vals (self->ids, &g_array_index (made->maker->ids, gint32, made->first), n);
  g_array_append_vals (self->learn, &g_array_index (made->maker->learn, guint8, made->first), n);
  g_checksum_update (self->hash, (const guchar *) made->sample_hash, sizeof made->sample_hash);
  attune_tally_sample (self->tally, split, &made->size);
}

/* The sample of a worse answer to a record that stays. */
static void
add_rejected (Prepare *self, const AttuneMade *made, AttuneSplit split)
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
add_variants (Prepare *self, const AttuneMade *made, GError **error)
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
add_fields (Prepare *self, AttuneRecord *record)
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
add_record (Prepare *self, AttuneMade *made, GError **error)
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
          ? !add_variants (self, made, error)
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
  g_ptr_array_add (self->reasons, (gpointer) (reason != NULL ? reason : ""));
  g_array_append_val (self->ends, end);
  return TRUE;
}

static gboolean
add_block (Prepare *self, GError **error)
{
  for (gint64 i = 0; i < self->block.n; i++)
    if (!add_record (self, &self->made[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
flush (Prepare *self, GError **error)
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
  g_array_set_size (self->ends, 0);
  g_array_set_size (self->ids, 0);
  g_array_set_size (self->learn, 0);
  return TRUE;
}

/* Reads the block from row @first on, and makes of it what goes into the new file. Returns: its
 * rows, or -1. */
static gint64
run_block (Prepare *self, gint64 first, gint64 n, GError **error)
{
  forget_block (self);
  return attune_raw_block_read (self->old, first, n, &self->block, error)
                 && make_block (self, error) && add_block (self, error) && flush (self, error)
             ? self->block.n
             : -1;
}

static void
set_up_makers (Prepare *self, gint64 n_records)
{
  const int n = attune_pool_get_size (self->pool);

  attune_store_set_pool (self->store, self->pool);
  self->recipe.changes = self->changes;
  self->recipe.wordnet = self->wordnet;
  self->recipe.sketcher = attune_placement_get_sketcher (self->placement);
  self->makers = g_new (AttuneMaker, n);
  for (int i = 0; i < n; i++)
    attune_maker_init (&self->makers[i], self->cleaner);
}

/* Returns: the number of records, or -1. */
static gint64
set_up (Prepare *self, const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  const gint64 zero = 0;
  GArray *columns;
  gint64 n;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                   "No data has been imported yet.");
      return -1;
    }
  if (!attune_split_check (self->settings, error)
      || (self->settings->variants > 0
          && (self->wordnet = attune_wordnet_open (NULL, error)) == NULL)
      || (self->old = attune_store_open (path, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error))
             == NULL
      || (n = attune_store_count_text (self->old, "raw/question", error)) < 0
      || (self->sources = attune_store_get_string (self->old, "sources", error)) == NULL)
    return -1;
  self->source_list = json_from_string (self->sources, NULL); /* a damaged one says nothing */
  self->recipe.stop
      = attune_chat_template_get_stop (self->recipe.chat_template, self->recipe.tokenizer);
  self->hash = g_checksum_new (G_CHECKSUM_SHA256);
  self->pairs = attune_pairs_new ();
  self->spill = attune_spill_new (folder, IN_MEMORY_BYTES);
  self->balance = attune_balance_new (self->settings);
  self->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->learn = g_array_new (FALSE, FALSE, sizeof (guint8));
  self->ends = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->splits = g_byte_array_new ();
  self->by_hand = g_byte_array_new ();
  self->reasons = g_ptr_array_new ();
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    self->fields[i] = g_ptr_array_new_with_free_func (g_free);
  self->cleaner = attune_cleaner_new (self->settings, cancellable, error);
  if (self->cleaner == NULL || (self->changes = attune_changes_read (path, error)) == NULL
      || (self->store
          = attune_store_create (path, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error))
             == NULL
      || !attune_raw_copy (self->store, self->old, error)
      || !attune_store_append (self->store, "tokens/offsets", ATTUNE_STORE_I64, 1, &zero, error)
      || !attune_cleaner_expect (self->cleaner, n, self->spill, error)
      || (self->tally = attune_tally_new (n, self->spill, error)) == NULL
      || (self->placement = attune_placement_new (self->settings, n, folder, self->spill, error))
             == NULL
      || (self->variants = attune_variants_new (self->settings, n, folder, self->spill, error))
             == NULL)
    return -1;
  if ((columns = attune_date_columns_read (self->old, n, error)) == NULL)
    return -1;
  attune_placement_take_dates (self->placement, columns);
  set_up_makers (self, n);
  return n;
}

/* How often each record is learned from, where that is not once: @times (out) (nullable); and which
 * variants are. */
static gboolean
write_times (Prepare *self, GByteArray **times, GError **error)
{
  g_autoptr (GByteArray) use
      = attune_variants_finish (self->variants, self->placement, self->store, error);

  if (use == NULL)
    return FALSE;
  g_checksum_update (self->hash, use->data, use->len);
  for (guint32 i = 0, first = 0; i < self->n_records; i++)
    attune_balance_set_samples (self->balance, i,
                                1 + attune_variants_count (self->variants, i, &first));
  if ((*times = attune_balance_finish (self->balance)) == NULL)
    return TRUE;
  g_checksum_update (self->hash, (*times)->data, (*times)->len);
  return attune_store_append (self->store, "records/times", ATTUNE_STORE_U8, (*times)->len,
                              (*times)->data, error);
}

/* Which records are similar, where some are. */
static gboolean
write_families (Prepare *self, GError **error)
{
  g_autoptr (GArray) families = attune_placement_find_families (self->placement);

  if (families == NULL)
    return TRUE;
  return attune_store_append (self->store, "records/families", ATTUNE_STORE_I32, families->len,
                              families->data, error);
}

static gboolean
finish (Prepare *self, AttuneDataSettings *settings, JsonNode **report, GError **error)
{
  g_autoptr (JsonNode) settings_node = attune_settings_to_json (G_OBJECT (settings));
  g_autofree char *settings_text = json_to_string (settings_node, FALSE), *report_text = NULL;
  g_autofree char *reader
      = attune_chat_template_get_key (self->recipe.chat_template, self->recipe.tokenizer);
  g_autofree char *changes = attune_changes_to_text (self->changes);
  const gint64 n_bad = attune_store_has (self->old, "bad/reason")
                           ? attune_store_count_text (self->old, "bad/reason", error)
                           : 0;
  g_autoptr (GByteArray) times = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (n_bad < 0 || !write_times (self, &times, error) || !write_families (self, error))
    return FALSE;
  node = attune_tally_report (self->tally, self->cleaner, self->changes, n_bad);
  attune_placement_report (self->placement, json_node_get_object (node));
  attune_balance_report (self->balance, json_node_get_object (node));
  attune_variants_report (self->variants, times, json_node_get_object (node));
  attune_pairs_report (self->pairs, json_node_get_object (node));
  report_text = json_to_string (node, FALSE);
  if (!attune_placement_check (self->placement,
                               attune_tally_count (self->tally, ATTUNE_SPLIT_TRAIN), error))
    return FALSE;
  if (attune_tally_count (self->tally, ATTUNE_SPLIT_TRAIN) == 0)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                   "No record is left to learn from: %" G_GUINT64_FORMAT
                   " were read and %" G_GUINT64_FORMAT
                   " were left out, by cleaning or by hand. Milder cleaning or more rows "
                   "help; where a column says which rows belong together, see that it does "
                   "not say the same in most of them.",
                   attune_tally_total (self->tally),
                   attune_tally_count (self->tally, ATTUNE_SPLIT_EXCLUDED));
      return FALSE;
    }
  if (!attune_store_set_string (self->store, "sources", self->sources, error)
      || !attune_store_set_string (self->store, "settings", settings_text, error)
      || !attune_store_set_string (self->store, "report", report_text, error)
      || !attune_store_set_string (self->store, "hash", g_checksum_get_string (self->hash), error)
      || !attune_store_set_string (self->store, "reader", reader, error)
      || !attune_store_set_string (self->store, "changes", changes, error)
      || !attune_store_set_string (self->store, "engine", ATTUNE_VERSION, error))
    return FALSE;
  g_clear_pointer (&self->old, attune_store_close); /* it is about to be replaced */
  if (!attune_store_commit (self->store, error))
    return FALSE;
  if (report != NULL)
    *report = g_steal_pointer (&node);
  return TRUE;
}

gboolean
attune_dataset_prepare_with (AttunePool *pool, const char *path, AttuneDataSettings *settings,
                             const AttuneTokenizer *tokenizer,
                             const AttuneChatTemplate *chat_template, AttuneProgressFunc progress,
                             gpointer data, GCancellable *cancellable, JsonNode **report,
                             GError **error)
{
  const AttuneDataValues *values = attune_data_settings_get_values (settings);
  g_auto (Prepare) self
      = { .pool = pool,
          .settings = values,
          .recipe
          = { .settings = values, .tokenizer = tokenizer, .chat_template = chat_template } };
  const gint64 n = set_up (&self, path, cancellable, error);

  if (n < 0)
    return FALSE;
  for (gint64 first = 0; first < n;)
    {
      const gint64 done = g_cancellable_set_error_if_cancelled (cancellable, error)
                              ? -1
                              : run_block (&self, first, n - first, error);

      if (done < 0)
        return FALSE;
      first += done;
      if (progress != NULL)
        progress (data, (double) first / n, "Cleaning and preparing");
    }
  return finish (&self, settings, report, error);
}

gboolean
attune_dataset_prepare (const char *path, AttuneDataSettings *settings,
                        const AttuneTokenizer *tokenizer, const AttuneChatTemplate *chat_template,
                        AttuneProgressFunc progress, gpointer data, GCancellable *cancellable,
                        JsonNode **report, GError **error)
{
  g_autoptr (AttunePool) pool = attune_pool_new (0);

  return attune_dataset_prepare_with (pool, path, settings, tokenizer, chat_template, progress,
                                      data, cancellable, report, error);
}
