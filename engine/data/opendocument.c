/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of an OpenDocument spreadsheet: the text of its cells is stored as it is seen.
 */
#include "data/sheet-private.h"

#include <stdlib.h>
#include <string.h>

/* How often a cell, row or blank is there; @name: of the attribute. */
static guint
count_of (AttuneZipPart *part, const char *name)
{
  g_autofree char *value = attune_zip_part_get_attribute (part, name);
  const guint64 n = value != NULL ? g_ascii_strtoull (value, NULL, 10) : 1;

  return CLAMP (n, 1, 1u << 30);
}

/* Reads up to the cell's end. Notes at its border are not its text. */
static gboolean
read_cell (AttuneZipPart *part, GString *text, GError **error)
{
  xmlTextReader *xml = attune_zip_part_get_xml (part);
  const int depth = xmlTextReaderDepth (xml);
  guint paragraphs = 0, notes = 0;
  int more = xmlTextReaderIsEmptyElement (xml) == 1 ? 0 : 1;

  while (more == 1 && (more = attune_zip_part_next (part, error)) == 1
         && xmlTextReaderDepth (xml) > depth)
    {
      const char *found = attune_zip_part_get_text (part);

      if (attune_zip_part_is_start (part, "annotation"))
        notes++;
      if (notes == 0 && attune_zip_part_is_start (part, "p") && paragraphs++ > 0)
        g_string_append_c (text, '\n');
      else if (notes == 0 && attune_zip_part_is_start (part, "line-break"))
        g_string_append_c (text, '\n');
      else if (notes == 0 && attune_zip_part_is_start (part, "tab"))
        g_string_append_c (text, '\t');
      else if (notes == 0 && attune_zip_part_is_start (part, "s"))
        g_string_append_printf (text, "%*s", (int) MIN (count_of (part, "c"), 100), "");
      else if (notes == 0 && paragraphs > 0 && found != NULL)
        g_string_append (text, found);
      if (attune_zip_part_is_end (part, "annotation"))
        notes--;
    }
  return more >= 0;
}

/* Errors are stored as the text that is seen in their place. */
static gboolean
is_error (const char *text)
{
  return g_str_has_prefix (text, "Err:")
         || (text[0] == '#' && strchr ("RDVN", text[1]) != NULL && strpbrk (text, "!?/") != NULL
             && strchr (text, ' ') == NULL);
}

static gboolean
read_row (AttuneZipPart *part, AttuneSheetRow *row, GError **error)
{
  xmlTextReader *xml = attune_zip_part_get_xml (part);
  const int depth = xmlTextReaderDepth (xml);
  guint column = 0;
  int more = xmlTextReaderIsEmptyElement (xml) == 1 ? 0 : 1;

  while (more == 1 && (more = attune_zip_part_next (part, error)) == 1
         && xmlTextReaderDepth (xml) > depth)
    if (attune_zip_part_is_start (part, "table-cell")
        || attune_zip_part_is_start (part, "covered-table-cell"))
      {
        const guint n = count_of (part, "number-columns-repeated");
        g_autoptr (GString) text = g_string_new (NULL);

        if (!read_cell (part, text, error))
          return FALSE;
        if (is_error (text->str))
          attune_sheet_row_refuse (
              row, g_strdup_printf ("Its cell %u holds the error %.20s.", column + 1, text->str));
        for (guint i = 0; text->len > 0 && i < n && row->reason == NULL; i++)
          attune_sheet_row_set (row, column + i, text->str);
        column = MIN (column + n, ATTUNE_SHEET_MAX_COLUMNS);
      }
  return more >= 0;
}

AttuneSheetResult
attune_opendocument_next (AttuneZipPart *part, AttuneSheetRow *row, GError **error)
{
  int more;

  while ((more = attune_zip_part_next (part, error)) == 1)
    {
      if (attune_zip_part_is_end (part, "table")) /* others follow */
        return ATTUNE_SHEET_END;
      if (!attune_zip_part_is_start (part, "table-row"))
        continue;
      row->line++;
      row->repeated = count_of (part, "number-rows-repeated");
      return read_row (part, row, error) ? ATTUNE_SHEET_ROW : ATTUNE_SHEET_ERROR;
    }
  return more == 0 ? ATTUNE_SHEET_END : ATTUNE_SHEET_ERROR;
}
