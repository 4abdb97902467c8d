/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A spreadsheet as a source of records.
 */
#include "data/import-private.h"
#include "data/sheet.h"

#include <string.h>

/* As many as a person can look at before choosing. */
#define PREVIEW_ROWS 20

static gboolean
read_preview (AttuneSheet *sheet, GPtrArray *rows, GError **error)
{
  g_auto (AttuneSheetRow) row = { 0 };

  attune_sheet_row_init (&row);
  while (rows->len <= PREVIEW_ROWS)
    {
      const AttuneSheetResult result = attune_sheet_next (sheet, &row, error);

      if (result == ATTUNE_SHEET_ERROR)
        return FALSE;
      if (result == ATTUNE_SHEET_END)
        break;
      if (result == ATTUNE_SHEET_ROW)
        {
          char **texts = g_new0 (char *, row.fields->len + 1);

          for (guint i = 0; i < row.fields->len; i++)
            texts[i] = g_strdup (row.fields->pdata[i]);
          g_ptr_array_add (rows, texts);
        }
    }
  return TRUE;
}

gboolean
attune_sheet_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error)
{
  g_autoptr (AttuneSheet) sheet = attune_sheet_open (source->path, source->format, error);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);

  return sheet != NULL && read_preview (sheet, rows, error)
         && attune_table_adopt (source, rows, PREVIEW_ROWS, hints, error);
}

/* The row as a person would see it, for one that is kept aside. */
static char *
show_row (const AttuneSheetRow *row)
{
  g_autoptr (GPtrArray) fields = g_ptr_array_new ();

  for (guint i = 0; i < row->fields->len; i++)
    g_ptr_array_add (fields, row->fields->pdata[i]);
  g_ptr_array_add (fields, NULL);
  return g_strjoinv (" | ", (char **) fields->pdata);
}

/* Cells that are empty at the row's end are not stored. */
static gboolean
give (const AttuneReading *reading, AttuneSheetRow *row, GError **error)
{
  g_autofree char *shown = show_row (row);

  if (row->reason != NULL)
    return attune_reading_bad (reading, row->line, shown, strlen (shown), row->reason, error);
  while (row->fields->len < reading->source->columns->len)
    g_ptr_array_add (row->fields, g_strdup (""));
  for (guint i = 0; i < row->repeated; i++)
    if (!attune_table_give (reading, row->fields, row->line + i, shown, strlen (shown), error))
      return FALSE;
  return TRUE;
}

gboolean
attune_sheet_read (const AttuneReading *reading, GError **error)
{
  const AttuneSource *source = reading->source;
  g_autoptr (AttuneSheet) sheet = attune_sheet_open (source->path, source->format, error);
  g_auto (AttuneSheetRow) row = { 0 };
  gboolean head = source->header;

  if (sheet == NULL)
    return FALSE;
  attune_sheet_row_init (&row);
  while (!g_cancellable_set_error_if_cancelled (reading->cancellable, error))
    {
      const AttuneSheetResult result = attune_sheet_next (sheet, &row, error);

      if (result == ATTUNE_SHEET_END)
        return TRUE;
      if (result == ATTUNE_SHEET_ERROR
          || (!(head && result == ATTUNE_SHEET_ROW) && !give (reading, &row, error)))
        return FALSE;
      head = head && result != ATTUNE_SHEET_ROW;
    }
  return FALSE;
}
