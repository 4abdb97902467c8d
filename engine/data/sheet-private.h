/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two kinds of spreadsheets behind data/sheet.h.
 */
#pragma once
#include "data/sheet.h"
#include "data/zip-part.h"

G_BEGIN_DECLS

/* What an Excel workbook keeps beside its sheets. */
typedef struct
{
  GPtrArray *strings; /* char*: texts that cells refer to */
  GArray *dates;      /* gboolean per style of cells: its numbers are dates */
  gboolean from_1904; /* days count from 1904 */
} AttuneWorkbook;

/* Reads it, and finds the first sheet. Returns: (transfer full): that one's part, or %NULL. */
char *attune_workbook_read (AttuneWorkbook *self, const char *path, GError **error);
void attune_workbook_clear (AttuneWorkbook *self);

/* The next row of @part, which may be empty. Return %ATTUNE_SHEET_ROW, _END or _ERROR. */
AttuneSheetResult attune_excel_next (AttuneZipPart *part, const AttuneWorkbook *workbook,
                                     AttuneSheetRow *row, GError **error);
AttuneSheetResult attune_opendocument_next (AttuneZipPart *part, AttuneSheetRow *row,
                                            GError **error);

G_END_DECLS
