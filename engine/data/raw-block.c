/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks of imported rows, out of and into the store.
 */
#include "data/dataset-private.h"

const char *
attune_dataset_column (const char *group, AttuneField field)
{
  g_autofree char *name = g_strdup_printf ("%s/%s", group, attune_field_get_name (field));

  return g_intern_string (name);
}

/* Files of before there was a field do not have it. */
static gboolean
has_field (AttuneStore *store, const char *group, AttuneField field)
{
  return field < ATTUNE_FIELD_REJECTED
         || attune_store_has (store, attune_dataset_column (group, field));
}

char **
attune_dataset_read_texts (AttuneStore *store, const char *group, AttuneField field, gint64 first,
                           gint64 n, GError **error)
{
  char **texts;

  if (has_field (store, group, field))
    return attune_store_get_text (store, attune_dataset_column (group, field), first, n, error);
  texts = g_new0 (char *, n + 1);
  for (gint64 i = 0; i < n; i++)
    texts[i] = g_strdup ("");
  return texts;
}

void
attune_raw_block_clear (AttuneRawBlock *block)
{
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    {
      /* not g_strfreev(): what was taken leaves a gap */
      for (gint64 row = 0; block->fields[i] != NULL && row < block->n; row++)
        g_free (block->fields[i][row]);
      g_clear_pointer (&block->fields[i], g_free);
    }
  g_clear_pointer (&block->sizes, g_free);
  g_clear_pointer (&block->lines, g_free);
  g_clear_pointer (&block->sources, g_free);
  block->n = 0;
}

/* How many of @n rows fit into a block; fills its sizes. Returns: -1 with @error. */
static gint64
measure (AttuneStore *store, gint64 first, gint64 n, AttuneRawBlock *block, GError **error)
{
  gint64 bytes = 0, fit = 0;

  n = MIN (n, ATTUNE_DATASET_BLOCK);
  block->sizes = g_new0 (gint64, MAX (1, n));
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    if (has_field (store, "raw", i)
        && !attune_store_measure_text (store, attune_dataset_column ("raw", i), first, n,
                                       block->sizes, error))
      return -1;
  for (; fit < n && (fit == 0 || bytes + block->sizes[fit] <= ATTUNE_DATASET_BLOCK_BYTES); fit++)
    bytes += block->sizes[fit];
  return fit;
}

gboolean
attune_raw_block_read (AttuneStore *store, gint64 first, gint64 n, AttuneRawBlock *block,
                       GError **error)
{
  attune_raw_block_clear (block);
  n = measure (store, first, n, block, error);
  if (n < 0)
    return FALSE;
  block->lines = g_new (gint64, MAX (1, n));
  block->sources = g_new (gint32, MAX (1, n));
  block->n = n;
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    if ((block->fields[i] = attune_dataset_read_texts (store, "raw", i, first, n, error)) == NULL)
      return FALSE;
  return attune_store_get (store, "raw/line", ATTUNE_STORE_I64, first, n, block->lines, error)
         && attune_store_get (store, "raw/source", ATTUNE_STORE_I32, first, n, block->sources,
                              error);
}

void
attune_raw_block_take (AttuneRawBlock *block, gint64 i, AttuneRecord *record)
{
  for (int field = 0; field < ATTUNE_N_FIELDS; field++)
    record->fields[field] = g_steal_pointer (&block->fields[field][i]);
  record->line = block->lines[i];
  record->source = block->sources[i];
}

gboolean
attune_raw_copy (AttuneStore *to, AttuneStore *from, GError **error)
{
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    if (has_field (from, "raw", i)
        && !attune_store_copy_text (to, from, attune_dataset_column ("raw", i), error))
      return FALSE;
  if (!attune_store_copy (to, from, "raw/line", error)
      || !attune_store_copy (to, from, "raw/source", error))
    return FALSE;
  return !attune_store_has (from, "bad/line")
         || (attune_store_copy_text (to, from, "bad/reason", error)
             && attune_store_copy_text (to, from, "bad/text", error)
             && attune_store_copy (to, from, "bad/line", error)
             && attune_store_copy (to, from, "bad/source", error));
}

gboolean
attune_raw_block_append (AttuneStore *store, const AttuneRawBlock *block, GError **error)
{
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    if (!attune_store_append_text (store, attune_dataset_column ("raw", i), block->n,
                                   (const char *const *) block->fields[i], error))
      return FALSE;
  return attune_store_append (store, "raw/line", ATTUNE_STORE_I64, block->n, block->lines, error)
         && attune_store_append (store, "raw/source", ATTUNE_STORE_I32, block->n, block->sources,
                                 error);
}

gboolean
attune_bad_rows_append (AttuneStore *store, gint64 n, const char *const *reasons,
                        const char *const *texts, const gint64 *lines, const gint32 *sources,
                        GError **error)
{
  return attune_store_append_text (store, "bad/reason", n, reasons, error)
         && attune_store_append_text (store, "bad/text", n, texts, error)
         && attune_store_append (store, "bad/line", ATTUNE_STORE_I64, n, lines, error)
         && attune_store_append (store, "bad/source", ATTUNE_STORE_I32, n, sources, error);
}

gboolean
attune_bad_rows_copy (AttuneStore *to, AttuneStore *from, GError **error)
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

      if (texts == NULL
          || !attune_store_get (from, "bad/line", ATTUNE_STORE_I64, first, count, lines, error)
          || !attune_store_get (from, "bad/source", ATTUNE_STORE_I32, first, count, sources, error)
          || !attune_bad_rows_append (to, count, (const char *const *) reasons,
                                      (const char *const *) texts, lines, sources, error))
        return FALSE;
    }
  return n >= 0;
}

gboolean
attune_sources_are_whole (JsonNode *sources, gint64 source)
{
  JsonArray *list
      = sources != NULL && JSON_NODE_HOLDS_ARRAY (sources) ? json_node_get_array (sources) : NULL;
  JsonNode *node = list != NULL && source >= 0 && source < json_array_get_length (list)
                       ? json_array_get_element (list, source)
                       : NULL;
  JsonNode *roles = node != NULL && JSON_NODE_HOLDS_OBJECT (node)
                        ? json_object_get_member (json_node_get_object (node), "roles")
                        : NULL;

  return roles != NULL && JSON_NODE_HOLDS_OBJECT (roles)
         && json_object_has_member (json_node_get_object (roles),
                                    attune_field_get_name (ATTUNE_FIELD_TEXT));
}
