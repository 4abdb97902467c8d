/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of the first sheet of a spreadsheet, streamed: Excel (Office Open XML, ECMA-376) and
 * OpenDocument. A cell is what a person sees in it: text, a number, a date as YYYY-MM-DD; of a
 * formula the result that was stored with it.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Columns that a spreadsheet can have. */
#define ATTUNE_SHEET_MAX_COLUMNS 16384

typedef enum
{
  ATTUNE_SHEET_ROW,
  ATTUNE_SHEET_BAD, /* @reason says why */
  ATTUNE_SHEET_END,
  ATTUNE_SHEET_ERROR,
} AttuneSheetResult;

/* A row as it is read. Empty cells at its end are left out. */
typedef struct
{
  GPtrArray *fields; /* char* */
  gsize bytes;       /* of what was put into them */
  guint64 line;      /* its number in the sheet, from 1 */
  guint repeated;    /* how many such rows follow each other */
  char *reason;      /* (nullable): a sentence: why it cannot be read */
} AttuneSheetRow;
void attune_sheet_row_init (AttuneSheetRow *self);
void attune_sheet_row_clear (AttuneSheetRow *self);
/* Puts @text into column @column; keeps the row aside where that cannot be. */
void attune_sheet_row_set (AttuneSheetRow *self, guint column, const char *text);
/* Keeps the row aside; the first reason stays. @reason: (transfer full). */
void attune_sheet_row_refuse (AttuneSheetRow *self, char *reason);

typedef struct _AttuneSheet AttuneSheet;

/* @format: "xlsx" or "ods". Errors: as attune_zip_part_open(). */
AttuneSheet *attune_sheet_open (const char *path, const char *format, GError **error);
void attune_sheet_close (AttuneSheet *self);
/* Rows that are empty are passed over. @row is filled anew. */
AttuneSheetResult attune_sheet_next (AttuneSheet *self, AttuneSheetRow *row, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSheet, attune_sheet_close)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneSheetRow, attune_sheet_row_clear)

G_END_DECLS
