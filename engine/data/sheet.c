/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of a spreadsheet, whichever kind it is.
 */
#include "data/sheet.h"

#include "data/import-private.h"
#include "data/sheet-private.h"

#include <string.h>

/* Nobody writes the same row more often; the file says so in a few bytes. */
#define MAX_REPEATED 1000

struct _AttuneSheet
{
  AttuneZipPart *part;
  gboolean excel;
  AttuneWorkbook workbook;
};

/* --- a row */

void
attune_sheet_row_init (AttuneSheetRow *self)
{
  *self = (AttuneSheetRow) { .fields = g_ptr_array_new_with_free_func (g_free), .repeated = 1 };
}

void
attune_sheet_row_clear (AttuneSheetRow *self)
{
  g_clear_pointer (&self->fields, g_ptr_array_unref);
  g_clear_pointer (&self->reason, g_free);
}

void
attune_sheet_row_refuse (AttuneSheetRow *self, char *reason)
{
  if (self->reason == NULL)
    self->reason = reason;
  else
    g_free (reason);
}

/* A few bytes of a file can say that a cell is there in every column, so that a row is limited as a
 * whole. */
void
attune_sheet_row_set (AttuneSheetRow *self, guint column, const char *text)
{
  const gsize n = strlen (text);
  const char *reason = NULL;

  if (n == 0)
    return;
  if (column >= ATTUNE_SHEET_MAX_COLUMNS)
    reason = "It has more cells than a sheet can have.";
  else if (n > ATTUNE_MAX_FIELD_BYTES)
    reason = "One of its cells is longer than a text that a model could read.";
  else if (n > ATTUNE_MAX_ROW_BYTES - self->bytes)
    reason = "Its cells together are longer than a row of a table could be.";
  if (reason != NULL)
    {
      attune_sheet_row_refuse (self, g_strdup (reason));
      return;
    }
  self->bytes += n;
  while (self->fields->len <= column)
    g_ptr_array_add (self->fields, g_strdup (""));
  g_set_str ((char **) &self->fields->pdata[column], text);
}

/* --- the sheet */

AttuneSheet *
attune_sheet_open (const char *path, const char *format, GError **error)
{
  g_autoptr (AttuneSheet) self = g_new0 (AttuneSheet, 1);
  g_autofree char *name = NULL;

  self->excel = g_str_equal (format, "xlsx");
  name = self->excel ? attune_workbook_read (&self->workbook, path, error)
                     : g_strdup ("content.xml");
  self->part = name != NULL ? attune_zip_part_open (path, name, error) : NULL;
  return self->part != NULL ? g_steal_pointer (&self) : NULL;
}

void
attune_sheet_close (AttuneSheet *self)
{
  if (self == NULL)
    return;
  attune_zip_part_close (self->part);
  attune_workbook_clear (&self->workbook);
  g_free (self);
}

AttuneSheetResult
attune_sheet_next (AttuneSheet *self, AttuneSheetRow *row, GError **error)
{
  while (TRUE)
    {
      AttuneSheetResult result;

      row->line += row->repeated - 1; /* those that were the same */
      row->repeated = 1;
      row->bytes = 0;
      g_ptr_array_set_size (row->fields, 0);
      g_clear_pointer (&row->reason, g_free);
      result = self->excel ? attune_excel_next (self->part, &self->workbook, row, error)
                           : attune_opendocument_next (self->part, row, error);
      if (result != ATTUNE_SHEET_ROW)
        return result;
      if (row->fields->len > 0 && row->repeated > MAX_REPEATED)
        attune_sheet_row_refuse (
            row, g_strdup_printf ("It is said to be there %u times.", row->repeated));
      if (row->reason != NULL)
        return ATTUNE_SHEET_BAD;
      if (row->fields->len > 0)
        return ATTUNE_SHEET_ROW;
    }
}
