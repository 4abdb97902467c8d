/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Taking one source out of a data set: all others are copied.
 */
#include "data/dataset-private.h"

/* Rows of a block that stay, moved to its front; what goes is freed. */
static void
drop_rows (AttuneRawBlock *block, gint32 source)
{
  gint64 kept = 0;

  for (gint64 i = 0; i < block->n; i++)
    {
      if (block->sources[i] == source)
        {
          for (int field = 0; field < ATTUNE_N_FIELDS; field++)
            g_clear_pointer (&block->fields[field][i], g_free);
          continue;
        }
      for (int field = 0; field < ATTUNE_N_FIELDS; field++)
        block->fields[field][kept] = block->fields[field][i];
      block->lines[kept] = block->lines[i];
      block->sources[kept] = block->sources[i] - (block->sources[i] > source);
      kept++;
    }
  block->n = kept;
}

static gboolean
copy_rows (AttuneStore *to, AttuneStore *from, gint32 source, AttuneProgressFunc progress,
           gpointer data, GCancellable *cancellable, GError **error)
{
  const gint64 n = attune_store_count_text (from, "raw/question", error);

  for (gint64 first = 0, read; first < n; first += read)
    {
      g_auto (AttuneRawBlock) block = { 0 };

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !attune_raw_block_read (from, first, n - first, &block, error))
        return FALSE;
      read = block.n;
      drop_rows (&block, source);
      if (!attune_raw_block_append (to, &block, error))
        return FALSE;
      if (progress != NULL)
        progress (data, (double) first / n, "Removing");
    }
  return n >= 0;
}

static gboolean
copy_bad_rows (AttuneStore *to, AttuneStore *from, gint32 source, GError **error)
{
  const gint64 n = attune_store_has (from, "bad/reason")
                       ? attune_store_count_text (from, "bad/reason", error)
                       : 0;

  for (gint64 first = 0; first < n; first += ATTUNE_DATASET_BLOCK)
    {
      const gint64 count = MIN (ATTUNE_DATASET_BLOCK, n - first);
      g_auto (GStrv) reasons = attune_store_get_text (from, "bad/reason", first, count, error);
      g_auto (GStrv) texts
          = reasons != NULL ? attune_store_get_text (from, "bad/text", first, count, error) : NULL;
      g_autofree gint64 *lines = g_new (gint64, count);
      g_autofree gint32 *sources = g_new (gint32, count);
      g_autofree const char **kept_reasons = g_new (const char *, count);
      g_autofree const char **kept_texts = g_new (const char *, count);
      gint64 kept = 0;

      if (texts == NULL
          || !attune_store_get (from, "bad/line", ATTUNE_STORE_I64, first, count, lines, error)
          || !attune_store_get (from, "bad/source", ATTUNE_STORE_I32, first, count, sources, error))
        return FALSE;
      for (gint64 i = 0; i < count; i++)
        if (sources[i] != source)
          {
            /* borrowed: both lists keep all that they own */
            kept_reasons[kept] = reasons[i];
            kept_texts[kept] = texts[i];
            lines[kept] = lines[i];
            sources[kept++] = sources[i] - (sources[i] > source);
          }
      if (kept > 0
          && !attune_bad_rows_append (to, kept, kept_reasons, kept_texts, lines, sources, error))
        return FALSE;
    }
  return n >= 0;
}

/* The list of sources without number @source. Returns: (transfer full): JSON, or %NULL with
 * @error. */
static char *
shorten_list (AttuneStore *store, const char *path, guint source, GError **error)
{
  g_autofree char *text = attune_store_get_string (store, "sources", error);
  g_autoptr (JsonNode) list = text != NULL ? json_from_string (text, NULL) : NULL;

  if (text == NULL)
    return NULL;
  if (list == NULL || !JSON_NODE_HOLDS_ARRAY (list)
      || source >= json_array_get_length (json_node_get_array (list)))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                   "The data set “%s” has no source number %u.", path, source + 1);
      return NULL;
    }
  json_array_remove_element (json_node_get_array (list), source);
  return json_to_string (list, FALSE);
}

gboolean
attune_dataset_remove_source (const char *path, const char *to, guint source,
                              AttuneProgressFunc progress, gpointer data, GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (AttuneStore) old
      = attune_store_open (path, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error);
  g_autoptr (AttuneStore) new = NULL;
  g_autofree char *sources = old != NULL ? shorten_list (old, path, source, error) : NULL;

  if (sources == NULL
      || (new = attune_store_create (to, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error))
             == NULL)
    return FALSE;
  return copy_rows (new, old, source, progress, data, cancellable, error)
         && copy_bad_rows (new, old, source, error)
         && attune_store_set_string (new, "sources", sources, error)
         && attune_store_set_string (new, "engine", ATTUNE_VERSION, error)
         && attune_store_commit (new, error);
}
