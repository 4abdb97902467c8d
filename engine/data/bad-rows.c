/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading bad rows, block by block until there are enough.
 */
#include "data/bad-rows.h"

#include "data/dataset-private.h"

void
attune_kept_row_free (AttuneKeptRow *row)
{
  if (row == NULL)
    return;
  g_free (row->reason);
  g_free (row->text);
  g_free (row);
}

static gboolean
read_block (AttuneStore *store, gint64 first, gint64 n, int source, GPtrArray *rows, guint max,
            GError **error)
{
  g_auto (GStrv) reasons = attune_store_get_text (store, "bad/reason", first, n, error);
  g_auto (GStrv) texts
      = reasons != NULL ? attune_store_get_text (store, "bad/text", first, n, error) : NULL;
  g_autofree gint64 *lines = g_new (gint64, n);
  g_autofree gint32 *sources = g_new (gint32, n);

  if (texts == NULL
      || !attune_store_get (store, "bad/line", ATTUNE_STORE_I64, first, n, lines, error)
      || !attune_store_get (store, "bad/source", ATTUNE_STORE_I32, first, n, sources, error))
    return FALSE;
  for (gint64 i = 0; i < n && rows->len < max; i++)
    if (source < 0 || sources[i] == source)
      {
        AttuneKeptRow *row = g_new (AttuneKeptRow, 1);

        *row = (AttuneKeptRow) { .source = sources[i],
                                 .line = MAX (0, lines[i]),
                                 .reason = g_steal_pointer (&reasons[i]),
                                 .text = g_steal_pointer (&texts[i]) };
        g_ptr_array_add (rows, row);
      }
  for (gint64 i = 0; i < n; i++) /* what was stolen ends a list: hand the rest back one by one */
    {
      g_clear_pointer (&reasons[i], g_free);
      g_clear_pointer (&texts[i], g_free);
    }
  return TRUE;
}

GPtrArray *
attune_bad_rows_read (const char *path, int source, guint max, GError **error)
{
  g_autoptr (AttuneStore) store
      = attune_store_open (path, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error);
  g_autoptr (GPtrArray) rows
      = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_kept_row_free);
  gint64 n = 0;

  if (store == NULL
      || (attune_store_has (store, "bad/reason")
          && (n = attune_store_count_text (store, "bad/reason", error)) < 0))
    return NULL;
  for (gint64 first = 0; first < n && rows->len < max; first += ATTUNE_DATASET_BLOCK)
    if (!read_block (store, first, MIN (ATTUNE_DATASET_BLOCK, n - first), source, rows, max, error))
      return NULL;
  return g_steal_pointer (&rows);
}
