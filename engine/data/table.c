/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What tables of all kinds have in common: a first row of names, and rows that become records by
 * the roles of their columns.
 */
#include "data/import-private.h"

#include <string.h>

/* A first row of names: one of them is known, or all are short and none is a number or empty. */
static gboolean
looks_like_header (char **row)
{
  gboolean all_short = row[0] != NULL;

  for (int i = 0; row[i] != NULL; i++)
    {
      if (attune_field_guess (row[i]) != ATTUNE_FIELD_NONE)
        return TRUE;
      all_short = all_short && row[i][0] != '\0' && g_utf8_strlen (row[i], -1) <= 24
                  && strpbrk (row[i], "?.!") == NULL && !g_ascii_isdigit (row[i][0]);
    }
  return all_short;
}

gboolean
attune_table_adopt (AttuneSource *source, GPtrArray *rows, guint n_preview,
                    const AttuneSourceHints *hints, GError **error)
{
  char **head = rows->len > 0 ? g_ptr_array_index (rows, 0) : NULL;

  if (head == NULL)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                   "“%s” holds no row that can be read.", source->path);
      return FALSE;
    }
  source->header = hints->header >= 0 ? hints->header : looks_like_header (head);
  for (int i = 0; head[i] != NULL; i++)
    g_ptr_array_add (source->columns,
                     source->header ? g_strdup (head[i]) : g_strdup_printf ("column %d", i + 1));
  if (source->header)
    g_ptr_array_remove_index (rows, 0);
  while (rows->len > n_preview)
    g_ptr_array_remove_index (rows, rows->len - 1);
  g_clear_pointer (&source->preview, g_ptr_array_unref);
  source->preview = g_ptr_array_ref (rows);
  attune_source_guess_roles (source);
  return TRUE;
}

gboolean
attune_table_give (const AttuneReading *reading, GPtrArray *fields, guint64 line, const char *text,
                   gsize n, GError **error)
{
  const GPtrArray *columns = reading->source->columns;
  AttuneRecord record = { .line = line };

  if (fields->len != columns->len)
    {
      g_autofree char *reason
          = g_strdup_printf (fields->len == 1 ? "It has %u column where the file has %u."
                                              : "It has %u columns where the file has %u.",
                             fields->len, columns->len);

      return attune_reading_bad (reading, line, text, n, reason, error);
    }
  for (guint i = 0; i < columns->len; i++)
    {
      const AttuneField role = g_array_index (reading->source->roles, AttuneField, i);

      if (role != ATTUNE_FIELD_NONE)
        *attune_record_find (&record, role) = g_ptr_array_index (fields, i); /* borrowed */
    }
  return reading->on_record (&record, reading->data, error);
}
