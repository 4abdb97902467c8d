/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prepare: raw rows through cleaning, split and template into samples, block by block, into a new
 * file that replaces the old one.
 */
#include "core/settings.h"
#include "data/date-column.h"
#include "data/prepare-private.h"
#include "data/split.h"

/* Of what is remembered of all records: as much as a million of them take. Of more the rest is in a
 * file. */
#define IN_MEMORY_BYTES (320ull << 20)

static void
preparation_clear (AttunePreparation *self)
{
  attune_preparation_forget_block (self);
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
  attune_preparation_vary_clear (self);
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    g_clear_pointer (&self->fields[i], g_ptr_array_unref);
  g_clear_pointer (&self->reasons, g_ptr_array_unref);
  g_clear_pointer (&self->splits, g_byte_array_unref);
  g_clear_pointer (&self->by_hand, g_byte_array_unref);
  g_clear_pointer (&self->found, g_byte_array_unref);
  g_clear_pointer (&self->ids, g_array_unref);
  g_clear_pointer (&self->learn, g_array_unref);
  g_clear_pointer (&self->ends, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttunePreparation, preparation_clear)

static void
set_up_makers (AttunePreparation *self, gint64 n_records)
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
set_up (AttunePreparation *self, const char *path, const char *to, GCancellable *cancellable,
        GError **error)
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
      || !attune_preparation_vary_set_up (self, path, error)
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
  self->found = g_byte_array_new ();
  self->reasons = g_ptr_array_new ();
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    self->fields[i] = g_ptr_array_new_with_free_func (g_free);
  self->cleaner = attune_cleaner_new (self->settings, cancellable, error);
  if (self->cleaner == NULL || (self->changes = attune_changes_read (path, error)) == NULL
      || (self->store
          = attune_store_create (to, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error))
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
write_times (AttunePreparation *self, GByteArray **times, GError **error)
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
write_families (AttunePreparation *self, GError **error)
{
  g_autoptr (GArray) families = attune_placement_find_families (self->placement);

  if (families == NULL)
    return TRUE;
  return attune_store_append (self->store, "records/families", ATTUNE_STORE_I32, families->len,
                              families->data, error);
}

static gboolean
finish (AttunePreparation *self, AttuneDataSettings *settings, JsonNode **report, GError **error)
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
  node = attune_tally_report (self->tally, self->cleaner, self->changes, self->settings->labels,
                              n_bad);
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
attune_dataset_prepare_with (AttunePool *pool, const char *path, const char *to,
                             AttuneDataSettings *settings, const AttuneTokenizer *tokenizer,
                             const AttuneChatTemplate *chat_template, AttuneProgressFunc progress,
                             gpointer data, GCancellable *cancellable, JsonNode **report,
                             GError **error)
{
  const AttuneDataValues *values = attune_data_settings_get_values (settings);
  g_auto (AttunePreparation) self
      = { .pool = pool,
          .settings = values,
          .cancellable = cancellable,
          .recipe
          = { .settings = values, .tokenizer = tokenizer, .chat_template = chat_template } };
  const gint64 n = set_up (&self, path, to, cancellable, error);

  if (n < 0)
    return FALSE;
  for (gint64 first = 0; first < n;)
    {
      const gint64 done = g_cancellable_set_error_if_cancelled (cancellable, error)
                              ? -1
                              : attune_preparation_run_block (&self, first, n - first, error);

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

  return attune_dataset_prepare_with (pool, path, path, settings, tokenizer, chat_template,
                                      progress, data, cancellable, report, error);
}

gboolean
attune_dataset_prepare_to (const char *path, const char *to, AttuneDataSettings *settings,
                           const AttuneTokenizer *tokenizer,
                           const AttuneChatTemplate *chat_template, AttuneProgressFunc progress,
                           gpointer data, GCancellable *cancellable, JsonNode **report,
                           GError **error)
{
  g_autoptr (AttunePool) pool = attune_pool_new (0);

  return attune_dataset_prepare_with (pool, path, to, settings, tokenizer, chat_template, progress,
                                      data, cancellable, report, error);
}
