/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prepare: raw rows through cleaning, split and template into samples, block by block, into a new
 * file that replaces the old one.
 */
#include "core/settings.h"
#include "data/balance.h"
#include "data/clean.h"
#include "data/dataset-private.h"
#include "data/placement.h"
#include "data/tally.h"

#include <string.h>

typedef struct
{
  AttuneStore *old, *store;
  const AttuneDataValues *settings;
  const AttuneTokenizer *tokenizer;
  const AttuneChatTemplate *chat_template;
  gint32 stop; /* the token that ends an answer, or -1 */
  AttuneCleaner *cleaner;
  AttunePlacement *placement;
  AttuneBalance *balance;
  AttuneTally *tally;
  AttuneChanges *changes;
  GChecksum *hash;
  GArray *ids, *learn; /* the sample at hand */
  /* the block at hand */
  GPtrArray *fields[ATTUNE_N_FIELDS], *reasons;
  GByteArray *splits, *by_hand;
  GArray *block_ids, *block_learn, *ends;
  gint64 n_tokens; /* written before the block */
} Prepare;

static void
prepare_clear (Prepare *self)
{
  g_clear_pointer (&self->old, attune_store_close);
  g_clear_pointer (&self->store, attune_store_close);
  g_clear_pointer (&self->cleaner, attune_cleaner_free);
  g_clear_pointer (&self->placement, attune_placement_free);
  g_clear_pointer (&self->balance, attune_balance_free);
  g_clear_pointer (&self->tally, attune_tally_free);
  g_clear_pointer (&self->changes, attune_changes_free);
  g_clear_pointer (&self->hash, g_checksum_free);
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    g_clear_pointer (&self->fields[i], g_ptr_array_unref);
  g_clear_pointer (&self->reasons, g_ptr_array_unref);
  g_clear_pointer (&self->splits, g_byte_array_unref);
  g_clear_pointer (&self->by_hand, g_byte_array_unref);
  g_clear_pointer (&self->ids, g_array_unref);
  g_clear_pointer (&self->learn, g_array_unref);
  g_clear_pointer (&self->block_ids, g_array_unref);
  g_clear_pointer (&self->block_learn, g_array_unref);
  g_clear_pointer (&self->ends, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Prepare, prepare_clear)

static gboolean
has_text (const char *text)
{
  return text != NULL && *text != '\0';
}

/* Looks at the sample at hand for what makes a model quietly worse: an answer without the token to
 * stop at, and a beginning that is written twice. */
static void
check_sample (const Prepare *self, AttuneSampleSize *size)
{
  const gint32 bos = attune_tokenizer_get_bos (self->tokenizer);
  gint32 last = -1; /* that is learned */

  for (guint i = 0; i < self->ids->len; i++)
    if (g_array_index (self->learn, guint8, i) != 0)
      last = g_array_index (self->ids, gint32, i);
  size->endless = !size->cut && (self->stop < 0 || last != self->stop);
  size->restarts = bos >= 0 && self->ids->len > 1 && g_array_index (self->ids, gint32, 0) == bos
                   && g_array_index (self->ids, gint32, 1) == bos;
}

/* Renders and tokenises a record. Returns %FALSE with @error. @size: (out): nothing is learned
 * where its question alone is too long. */
static gboolean
tokenise (Prepare *self, const AttuneRecord *record, AttuneSampleSize *size, GError **error)
{
  const char *system = has_text (record->fields[ATTUNE_FIELD_SYSTEM])
                           ? record->fields[ATTUNE_FIELD_SYSTEM]
                           : self->settings->system_prompt;
  AttuneMessage messages[3];
  guint n = 0;

  if (has_text (system))
    messages[n++] = (AttuneMessage) { ATTUNE_ROLE_SYSTEM, system };
  messages[n++] = (AttuneMessage) { ATTUNE_ROLE_USER, record->fields[ATTUNE_FIELD_QUESTION] };
  messages[n++] = (AttuneMessage) { ATTUNE_ROLE_ASSISTANT, record->fields[ATTUNE_FIELD_ANSWER] };
  g_array_set_size (self->ids, 0);
  g_array_set_size (self->learn, 0);
  if (!attune_chat_template_encode (self->chat_template, self->tokenizer, messages, n, FALSE,
                                    self->ids, self->learn, error))
    return FALSE;
  *size = (AttuneSampleSize) { .cut = self->ids->len > (guint) self->settings->max_tokens };
  if (size->cut)
    {
      g_array_set_size (self->ids, self->settings->max_tokens);
      g_array_set_size (self->learn, self->settings->max_tokens);
    }
  if (self->learn->len > 0)
    g_array_index (self->learn, guint8, 0) = 0; /* nothing comes before the first token */
  size->n_tokens = self->ids->len;
  for (guint i = 0; i < self->learn->len; i++)
    if (g_array_index (self->learn, guint8, i) != 0)
      {
        size->n_learned++;
        size->n_rows = i; /* the last one is predicted by the token before it */
      }
  check_sample (self, size);
  return TRUE;
}

/* The sample of a record that stays. */
static void
add_sample (Prepare *self, AttuneSplit split, const AttuneSampleSize *size)
{
  g_array_append_vals (self->block_ids, self->ids->data, self->ids->len);
  g_array_append_vals (self->block_learn, self->learn->data, self->learn->len);
  g_checksum_update (self->hash, (const guchar *) self->ids->data,
                     self->ids->len * sizeof (gint32));
  g_checksum_update (self->hash, (const guchar *) self->learn->data, self->learn->len);
  attune_tally_sample (self->tally, split, size);
}

/* What a person has changed of it. Returns: AttuneByHand. */
static guint8
apply_change (Prepare *self, AttuneRecord *record)
{
  g_autofree char *key = NULL;
  const AttuneChange *change;

  if (attune_changes_get_size (self->changes) == 0)
    return 0;
  key = attune_record_get_key (record);
  change = attune_changes_find (self->changes, key);
  for (int i = 0; change != NULL && i < ATTUNE_N_FIELDS; i++)
    if (change->fields[i] != NULL)
      g_set_str (&record->fields[i], change->fields[i]);
  if (change != NULL)
    attune_tally_change (self->tally, key, change);
  return attune_change_get_kind (change);
}

/* Takes the record's strings. */
static gboolean
add_record (Prepare *self, AttuneRecord *record, GError **error)
{
  const guint8 by_hand = apply_change (self, record);
  g_auto (AttunePlainRecord) plain = { 0 };
  /* one that is left out by hand is not cleaned: its copies would count as duplicates of it */
  const char *reason = (by_hand & ATTUNE_BY_HAND_EXCLUDED) != 0
                           ? "You have left it out."
                           : attune_cleaner_run (self->cleaner, record, &plain);
  AttuneSplit split = ATTUNE_SPLIT_EXCLUDED;
  AttuneSampleSize size = { 0 };
  guint8 byte;
  gint64 end;

  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    if (record->fields[i] == NULL)
      record->fields[i] = g_strdup ("");
  if (reason == NULL)
    {
      if (!tokenise (self, record, &size, error))
        return FALSE;
      if (size.n_learned == 0)
        {
          attune_tally_too_long (self->tally);
          reason = "Its question alone is longer than a sample may be.";
        }
      else if (!attune_placement_place (self->placement, record, &plain, &split, &reason, error))
        return FALSE;
      if (split != ATTUNE_SPLIT_EXCLUDED)
        add_sample (self, split, &size);
    }
  attune_tally_record (self->tally, split, record, &plain);
  attune_balance_add (self->balance, split, record, &size);
  byte = split;
  end = self->n_tokens + self->block_ids->len;
  g_checksum_update (self->hash, &byte, 1);
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    {
      g_checksum_update (self->hash, (const guchar *) record->fields[i],
                         strlen (record->fields[i]) + 1);
      g_ptr_array_add (self->fields[i], g_steal_pointer (&record->fields[i]));
    }
  g_byte_array_append (self->splits, &byte, 1);
  g_byte_array_append (self->by_hand, &by_hand, 1);
  g_ptr_array_add (self->reasons, (gpointer) (reason != NULL ? reason : ""));
  g_array_append_val (self->ends, end);
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
      || !attune_store_append (self->store, "tokens/ids", ATTUNE_STORE_I32, self->block_ids->len,
                               self->block_ids->data, error)
      || !attune_store_append (self->store, "tokens/learn", ATTUNE_STORE_U8, self->block_learn->len,
                               self->block_learn->data, error))
    return FALSE;
  self->n_tokens += self->block_ids->len;
  g_ptr_array_set_size (self->reasons, 0);
  g_byte_array_set_size (self->splits, 0);
  g_byte_array_set_size (self->by_hand, 0);
  g_array_set_size (self->ends, 0);
  g_array_set_size (self->block_ids, 0);
  g_array_set_size (self->block_learn, 0);
  return TRUE;
}

static gboolean
run_block (Prepare *self, gint64 first, gint64 n, GError **error)
{
  g_auto (AttuneRawBlock) block = { 0 };

  if (!attune_raw_block_read (self->old, first, n, &block, error)
      || !attune_raw_block_append (self->store, &block, error))
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    {
      g_auto (AttuneRecord) record = { .line = block.lines[i] };

      for (int field = 0; field < ATTUNE_N_FIELDS; field++)
        record.fields[field] = g_strdup (block.fields[field][i]);
      if (!add_record (self, &record, error))
        return FALSE;
    }
  return flush (self, error);
}

static gboolean
check_settings (const AttuneDataValues *s, GError **error)
{
  if (s->folds < 2 || s->fold <= s->folds)
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
               "Fold %d cannot be the final test: there are only %d folds. Choose one from 1 to "
               "%d, or more folds.",
               s->fold, s->folds, s->folds);
  return FALSE;
}

/* Returns: the number of records, or -1. */
static gint64
set_up (Prepare *self, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  const gint64 zero = 0;
  gint64 n;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                   "No data has been imported yet.");
      return -1;
    }
  if (!check_settings (self->settings, error)
      || (self->old = attune_store_open (path, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error))
             == NULL
      || (n = attune_store_count_text (self->old, "raw/question", error)) < 0)
    return -1;
  self->stop = attune_chat_template_get_stop (self->chat_template, self->tokenizer);
  self->hash = g_checksum_new (G_CHECKSUM_SHA256);
  self->tally = attune_tally_new ();
  self->balance = attune_balance_new (self->settings);
  self->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->learn = g_array_new (FALSE, FALSE, sizeof (guint8));
  self->block_ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->block_learn = g_array_new (FALSE, FALSE, sizeof (guint8));
  self->ends = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->splits = g_byte_array_new ();
  self->by_hand = g_byte_array_new ();
  self->reasons = g_ptr_array_new ();
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    self->fields[i] = g_ptr_array_new_with_free_func (g_free);
  self->cleaner = attune_cleaner_new (self->settings, error);
  if (self->cleaner == NULL || (self->changes = attune_changes_read (path, error)) == NULL
      || (self->store
          = attune_store_create (path, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error))
             == NULL
      || !attune_store_append (self->store, "tokens/offsets", ATTUNE_STORE_I64, 1, &zero, error)
      || !attune_bad_rows_copy (self->store, self->old, error)
      || (self->placement = attune_placement_new (self->settings, n, folder, error)) == NULL)
    return -1;
  return n;
}

/* How often each record is learned from, where that is not once. */
static gboolean
write_times (Prepare *self, GError **error)
{
  g_autoptr (GByteArray) times = attune_balance_finish (self->balance);

  if (times == NULL)
    return TRUE;
  g_checksum_update (self->hash, times->data, times->len);
  return attune_store_append (self->store, "records/times", ATTUNE_STORE_U8, times->len,
                              times->data, error);
}

static gboolean
finish (Prepare *self, AttuneDataSettings *settings, JsonNode **report, GError **error)
{
  g_autofree char *sources = attune_store_get_string (self->old, "sources", error);
  g_autoptr (JsonNode) settings_node = attune_settings_to_json (G_OBJECT (settings));
  g_autofree char *settings_text = json_to_string (settings_node, FALSE), *report_text = NULL;
  g_autofree char *reader = attune_chat_template_get_key (self->chat_template, self->tokenizer);
  g_autofree char *changes = attune_changes_to_text (self->changes);
  const gint64 n_bad = attune_store_has (self->old, "bad/reason")
                           ? attune_store_count_text (self->old, "bad/reason", error)
                           : 0;
  g_autoptr (JsonNode) node = NULL;

  if (sources == NULL || n_bad < 0 || !write_times (self, error))
    return FALSE;
  node = attune_tally_report (self->tally, self->cleaner, self->changes, n_bad);
  attune_placement_report (self->placement, json_node_get_object (node));
  attune_balance_report (self->balance, json_node_get_object (node));
  report_text = json_to_string (node, FALSE);
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
  if (!attune_store_set_string (self->store, "sources", sources, error)
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
attune_dataset_prepare (const char *path, AttuneDataSettings *settings,
                        const AttuneTokenizer *tokenizer, const AttuneChatTemplate *chat_template,
                        AttuneProgressFunc progress, gpointer data, GCancellable *cancellable,
                        JsonNode **report, GError **error)
{
  g_auto (Prepare) self = { .settings = attune_data_settings_get_values (settings),
                            .tokenizer = tokenizer,
                            .chat_template = chat_template };
  const gint64 n = set_up (&self, path, error);

  if (n < 0)
    return FALSE;
  for (gint64 first = 0; first < n; first += ATTUNE_DATASET_BLOCK)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !run_block (&self, first, MIN (ATTUNE_DATASET_BLOCK, n - first), error))
        return FALSE;
      if (progress != NULL)
        progress (data, MIN (1.0, (double) (first + ATTUNE_DATASET_BLOCK) / n),
                  "Cleaning and preparing");
    }
  return finish (&self, settings, report, error);
}
