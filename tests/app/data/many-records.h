/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A data set of as many records as a test wants, written as preparing would, without its tokens:
 * record i asks "Question i", every tenth is left out.
 */
#pragma once
#include "data/dataset.h"
#include "store/store.h"

#define MANY_AT_ONCE 50000

static inline void
write_column (AttuneStore *store, const char *name, const char *format, guint first, guint n)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  for (guint i = first; i < first + n; i++)
    g_ptr_array_add (texts, format != NULL ? g_strdup_printf ("%s %u", format, i) : g_strdup (""));
  attune_store_append_text (store, name, n, (const char *const *) texts->pdata, &error);
  g_assert_no_error (error);
}

/* @answers: %FALSE leaves that column out: a damaged file */
static inline void
write_many_records (const char *path, guint n_records, gboolean answers)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_create (path, "dataset", 1, &error);

  g_assert_no_error (error);
  for (guint first = 0; first < n_records; first += MANY_AT_ONCE)
    {
      const guint n = MIN (MANY_AT_ONCE, n_records - first);
      g_autofree gint64 *lines = g_new (gint64, n);
      g_autofree gint32 *sources = g_new0 (gint32, n);
      g_autofree guint8 *splits = g_new (guint8, n);

      for (guint i = 0; i < n; i++)
        {
          lines[i] = first + i + 2;
          splits[i] = (first + i) % 10 == 9 ? ATTUNE_SPLIT_EXCLUDED : ATTUNE_SPLIT_TRAIN;
        }
      write_column (store, "raw/question", NULL, first, n);
      write_column (store, "records/question", "Question", first, n);
      if (answers)
        write_column (store, "records/answer", "Answer", first, n);
      write_column (store, "records/system", NULL, first, n);
      write_column (store, "records/label", NULL, first, n);
      write_column (store, "records/group", NULL, first, n);
      write_column (store, "records/reason", NULL, first, n);
      attune_store_append (store, "raw/line", ATTUNE_STORE_I64, n, lines, &error);
      attune_store_append (store, "raw/source", ATTUNE_STORE_I32, n, sources, &error);
      attune_store_append (store, "records/split", ATTUNE_STORE_U8, n, splits, &error);
      g_assert_no_error (error);
    }
  attune_store_set_string (store, "sources", "[]", &error);
  attune_store_commit (store, &error);
  g_assert_no_error (error);
}
