/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Searching records: question and answer, whatever the case; and which were changed by hand. These
 * are found as they are now, by their keys, and not as the data was last prepared.
 */
#include "data/dataset-private.h"

#include <string.h>

/* What is looked for, made ready once. */
typedef struct
{
  char *folded;
  gboolean ascii; /* then the text need not be folded, which takes most of the time */
} Needle;

static gboolean
contains (const Needle *needle, const char *text)
{
  g_autofree char *folded = NULL;

  if (needle->ascii)
    return strcasestr (text, needle->folded) != NULL;
  folded = g_utf8_casefold (text, -1);
  return strstr (folded, needle->folded) != NULL;
}

/* Whether each of @n records has a change. */
static gboolean
find_changed (AttuneRecords *self, const AttuneChanges *changes, guint first, guint n,
              gboolean *changed, GError **error)
{
  g_auto (AttuneRawBlock) block = { 0 };

  for (guint done = 0; done < n; done += block.n) /* long rows come by fewer */
    {
      if (!attune_raw_block_read (attune_records_get_store (self), first + done, n - done, &block,
                                  error))
        return FALSE;
      for (gint64 i = 0; i < block.n; i++)
        {
          AttuneRecord record = { 0 };
          g_autofree char *key = NULL;

          for (int field = 0; field < ATTUNE_N_FIELDS; field++)
            record.fields[field] = block.fields[field][i];
          key = attune_record_get_key (&record);
          changed[done + i] = attune_changes_find (changes, key) != NULL;
        }
    }
  return TRUE;
}

/* @changes: (nullable): the records have one of them. */
static gboolean
search_block (AttuneRecords *self, const Needle *needle, guint splits, const AttuneChanges *changes,
              guint first, guint n, GArray *hits, GError **error)
{
  g_autofree gboolean *changed = changes != NULL ? g_new (gboolean, n) : NULL;
  const guint wanted = (splits & ATTUNE_RECORDS_ALL_FOUND) >> (ATTUNE_N_SPLITS + 1);
  g_autofree guint8 *found = wanted != 0 ? g_new (guint8, MAX (1, n)) : NULL;
  AttuneStore *store = attune_records_get_store (self);
  const char *group = attune_records_is_prepared (self) ? "records" : "raw";
  g_auto (GStrv) questions = attune_store_get_text (
      store, attune_dataset_column (group, ATTUNE_FIELD_QUESTION), first, n, error);
  g_auto (GStrv) answers
      = questions != NULL
            ? attune_store_get_text (store, attune_dataset_column (group, ATTUNE_FIELD_ANSWER),
                                     first, n, error)
            : NULL;

  if (answers == NULL
      || (found != NULL && !attune_records_read_found (self, first, n, found, error))
      || (changes != NULL && !find_changed (self, changes, first, n, changed, error)))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      const guint32 record = first + i;

      if ((splits & 1u << attune_records_get_split (self, record)) != 0
          && (changed == NULL || changed[i]) && (found == NULL || (found[i] & wanted) != 0)
          && (contains (needle, questions[i]) || contains (needle, answers[i])))
        g_array_append_val (hits, record);
    }
  return TRUE;
}

gboolean
attune_records_search (AttuneRecords *self, const char *text, guint splits, AttuneHitsFunc on_hits,
                       gpointer data, GCancellable *cancellable, GError **error)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);
  const Needle needle = { folded, g_str_is_ascii (text) };
  const guint n = attune_records_count (self);
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (AttuneChanges) changes = NULL;

  if ((splits & ATTUNE_RECORDS_BY_HAND) != 0
      && (changes = attune_changes_read (attune_records_get_path (self), error)) == NULL)
    return FALSE;
  for (guint first = 0; first < n; first += ATTUNE_DATASET_BLOCK)
    {
      const guint count = MIN (ATTUNE_DATASET_BLOCK, n - first);

      g_array_set_size (hits, 0);
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !search_block (self, &needle, splits, changes, first, count, hits, error))
        return FALSE;
      on_hits (data, (const guint32 *) hits->data, hits->len, (double) (first + count) / n);
    }
  return TRUE;
}
