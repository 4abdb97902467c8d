/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of an Excel sheet.
 */
#include "data/sheet-private.h"

#include <math.h>
#include <string.h>

typedef struct
{
  guint column;
  char *type; /* "s": a shared text, "inlineStr", "str", "b", "e"; %NULL: a number */
  guint style;
  gboolean formula, has_value;
  GString *value;
} Cell;

static void
cell_clear (Cell *self)
{
  g_free (self->type);
  g_string_free (self->value, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Cell, cell_clear)

/* The column of a reference: "B7" is 1. */
static gboolean
column_of (const char *reference, guint *column)
{
  guint n = 0;

  if (reference == NULL || !g_ascii_isupper (*reference))
    return FALSE;
  for (; g_ascii_isupper (*reference) && n <= ATTUNE_SHEET_MAX_COLUMNS; reference++)
    n = n * 26 + *reference - 'A' + 1;
  *column = n - 1;
  return TRUE;
}

/* Days since the end of 1899 as a date. Excel takes 1900 for a leap year, so that days before its
 * March are off by one. */
static char *
date_of (double days, gboolean from_1904)
{
  g_autoptr (GDateTime) start = g_date_time_new_utc (from_1904 ? 1904 : 1899, from_1904 ? 1 : 12,
                                                     from_1904   ? 1
                                                     : days < 60 ? 31
                                                                 : 30,
                                                     0, 0, 0);
  g_autoptr (GDateTime) date = g_date_time_add_days (start, floor (days));
  const int seconds = rint ((days - floor (days)) * 86400);
  g_autoptr (GDateTime) time = date != NULL ? g_date_time_add_seconds (date, seconds) : NULL;

  if (time == NULL)
    return NULL;
  if (!from_1904 && days < 1) /* a time of day */
    return g_date_time_format (time, "%H:%M");
  return g_date_time_format (time, seconds == 0 ? "%Y-%m-%d" : "%Y-%m-%d %H:%M");
}

/* As a spreadsheet shows it: 15 digits, without the noise of binary fractions ("0.1", not
 * "0.10000000000000001"). */
static char *
number_of (const Cell *cell, const AttuneWorkbook *workbook)
{
  char *end, shown[G_ASCII_DTOSTR_BUF_SIZE];
  const double number = g_ascii_strtod (cell->value->str, &end);
  char *date = NULL;

  if (end == cell->value->str || *end != '\0')
    return g_strdup (cell->value->str);
  if (cell->style < workbook->dates->len && g_array_index (workbook->dates, gboolean, cell->style)
      && number >= 0 && number < 2958466) /* the year 10,000 */
    date = date_of (number, workbook->from_1904);
  if (date != NULL)
    return date;
  return g_strdup (g_ascii_formatd (shown, sizeof shown, "%.15g", number));
}

/* What stands in @cell, put into @row. */
static void
take_cell (const Cell *cell, const AttuneWorkbook *workbook, AttuneSheetRow *row)
{
  g_autofree char *text = NULL;

  if (g_strcmp0 (cell->type, "e") == 0)
    {
      attune_sheet_row_refuse (row, g_strdup_printf ("Its cell %u holds the error %.20s.",
                                                     cell->column + 1, cell->value->str));
      return;
    }
  if (cell->formula && !cell->has_value)
    {
      attune_sheet_row_refuse (
          row, g_strdup_printf ("Its cell %u is a formula whose result was not stored. Open the "
                                "file in a spreadsheet program and save it.",
                                cell->column + 1));
      return;
    }
  if (!cell->has_value)
    return;
  if (g_strcmp0 (cell->type, "s") == 0)
    {
      const guint64 index = g_ascii_strtoull (cell->value->str, NULL, 10);

      if (index < workbook->strings->len)
        attune_sheet_row_set (row, cell->column, workbook->strings->pdata[index]);
      else
        attune_sheet_row_refuse (
            row, g_strdup_printf ("The text of its cell %u is missing.", cell->column + 1));
      return;
    }
  if (g_strcmp0 (cell->type, "b") == 0)
    text = g_strdup (g_str_equal (cell->value->str, "1") ? "TRUE" : "FALSE");
  else if (cell->type == NULL || g_str_equal (cell->type, "n"))
    text = number_of (cell, workbook);
  attune_sheet_row_set (row, cell->column, text != NULL ? text : cell->value->str);
}

/* Reads the cell that begins where @part stands, up to its end. */
static gboolean
read_cell (AttuneZipPart *part, const AttuneWorkbook *workbook, AttuneSheetRow *row, guint *next,
           GError **error)
{
  xmlTextReader *xml = attune_zip_part_get_xml (part);
  const int depth = xmlTextReaderDepth (xml);
  g_autofree char *reference = attune_zip_part_get_attribute (part, "r"),
                  *style = attune_zip_part_get_attribute (part, "s");
  g_auto (Cell) cell = { .column = *next,
                         .type = attune_zip_part_get_attribute (part, "t"),
                         .value = g_string_new (NULL) };
  gboolean in_value = FALSE;
  int more = xmlTextReaderIsEmptyElement (xml) == 1 ? 0 : 1;

  if (column_of (reference, &cell.column) && cell.column >= ATTUNE_SHEET_MAX_COLUMNS)
    attune_sheet_row_refuse (row, g_strdup ("It has more cells than a sheet can have."));
  cell.style = style != NULL ? g_ascii_strtoull (style, NULL, 10) : 0;
  *next = cell.column + 1;
  while (more == 1 && (more = attune_zip_part_next (part, error)) == 1
         && xmlTextReaderDepth (xml) > depth)
    {
      const char *text = attune_zip_part_get_text (part);

      if (attune_zip_part_is_start (part, "f"))
        cell.formula = TRUE;
      if (attune_zip_part_is_start (part, "v") || attune_zip_part_is_start (part, "t"))
        in_value = TRUE;
      if (in_value && text != NULL)
        {
          g_string_append (cell.value, text);
          cell.has_value = TRUE;
        }
      if (attune_zip_part_is_end (part, "v") || attune_zip_part_is_end (part, "t"))
        in_value = FALSE;
    }
  if (more < 0)
    return FALSE;
  take_cell (&cell, workbook, row);
  return TRUE;
}

static gboolean
read_row (AttuneZipPart *part, const AttuneWorkbook *workbook, AttuneSheetRow *row, GError **error)
{
  xmlTextReader *xml = attune_zip_part_get_xml (part);
  const int depth = xmlTextReaderDepth (xml);
  guint next = 0;
  int more = xmlTextReaderIsEmptyElement (xml) == 1 ? 0 : 1;

  while (more == 1 && (more = attune_zip_part_next (part, error)) == 1
         && xmlTextReaderDepth (xml) > depth)
    if (attune_zip_part_is_start (part, "c") && !read_cell (part, workbook, row, &next, error))
      return FALSE;
  return more >= 0;
}

AttuneSheetResult
attune_excel_next (AttuneZipPart *part, const AttuneWorkbook *workbook, AttuneSheetRow *row,
                   GError **error)
{
  int more;

  while ((more = attune_zip_part_next (part, error)) == 1)
    {
      g_autofree char *line = NULL;

      if (!attune_zip_part_is_start (part, "row"))
        continue;
      line = attune_zip_part_get_attribute (part, "r");
      row->line = line != NULL ? g_ascii_strtoull (line, NULL, 10) : row->line + 1;
      return read_row (part, workbook, row, error) ? ATTUNE_SHEET_ROW : ATTUNE_SHEET_ERROR;
    }
  return more == 0 ? ATTUNE_SHEET_END : ATTUNE_SHEET_ERROR;
}
