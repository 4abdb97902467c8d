/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an Excel workbook keeps beside its sheets: which sheet comes first, the texts that cells
 * share, and which styles make a number a date.
 */
#include "data/import.h"
#include "data/sheet-private.h"

#include <string.h>

void
attune_workbook_clear (AttuneWorkbook *self)
{
  g_clear_pointer (&self->strings, g_ptr_array_unref);
  g_clear_pointer (&self->dates, g_array_unref);
}

/* --- the first sheet */

/* The number by which the first sheet is related to its part. */
static char *
read_first_sheet (AttuneWorkbook *self, const char *path, GError **error)
{
  g_autoptr (AttuneZipPart) part = attune_zip_part_open (path, "xl/workbook.xml", error);
  int more;

  if (part == NULL)
    return NULL;
  while ((more = attune_zip_part_next (part, error)) == 1)
    {
      if (attune_zip_part_is_start (part, "workbookPr"))
        {
          g_autofree char *from = attune_zip_part_get_attribute (part, "date1904");

          self->from_1904 = g_strcmp0 (from, "1") == 0 || g_strcmp0 (from, "true") == 0;
        }
      else if (attune_zip_part_is_start (part, "sheet"))
        return attune_zip_part_get_attribute (part, "id");
    }
  if (more == 0)
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY, "“%s” has no sheet.", path);
  return NULL;
}

static char *
find_sheet (const char *path, const char *id, GError **error)
{
  g_autoptr (AttuneZipPart) part = attune_zip_part_open (path, "xl/_rels/workbook.xml.rels", error);
  int more;

  if (part == NULL)
    return NULL;
  while ((more = attune_zip_part_next (part, error)) == 1)
    {
      g_autofree char *found = attune_zip_part_is_start (part, "Relationship")
                                   ? attune_zip_part_get_attribute (part, "Id")
                                   : NULL;
      g_autofree char *target
          = found != NULL ? attune_zip_part_get_attribute (part, "Target") : NULL;

      if (target != NULL && g_strcmp0 (found, id) == 0)
        return target[0] == '/' ? g_strdup (target + 1) : g_strconcat ("xl/", target, NULL);
    }
  if (more == 0)
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                 "“%s” cannot be read: its first sheet is missing.", path);
  return NULL;
}

/* --- texts */

/* <si><t>…</t></si>, or in pieces of other looks; how it is spoken (rPh) is not its text. */
static gboolean
read_strings (AttuneWorkbook *self, const char *path, GError **error)
{
  g_autoptr (AttuneZipPart) part = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean in_text = FALSE, spoken = FALSE;
  int more;

  self->strings = g_ptr_array_new_with_free_func (g_free);
  if (!attune_zip_part_open_optional (path, "xl/sharedStrings.xml", &part, error))
    return FALSE;
  more = part != NULL;
  while (more == 1 && (more = attune_zip_part_next (part, error)) == 1)
    {
      const char *found = attune_zip_part_get_text (part);

      if (attune_zip_part_is_start (part, "t"))
        in_text = TRUE;
      if (attune_zip_part_is_start (part, "rPh"))
        spoken = TRUE;
      if (found != NULL && in_text && !spoken)
        g_string_append (text, found);
      if (attune_zip_part_is_end (part, "t"))
        in_text = FALSE;
      if (attune_zip_part_is_end (part, "rPh"))
        spoken = FALSE;
      if (attune_zip_part_is_end (part, "si"))
        {
          g_ptr_array_add (self->strings, g_strdup (text->str));
          g_string_truncate (text, 0);
        }
    }
  return more == 0;
}

/* --- styles */

/* Whether a format's code is one of dates: y, d or h outside of quotes and brackets. */
static gboolean
is_date_code (const char *code)
{
  gboolean quoted = FALSE, bracket = FALSE;

  for (; *code != '\0'; code++)
    if (*code == '"')
      quoted = !quoted;
    else if (*code == '\\' && code[1] != '\0')
      code++;
    else if (*code == '[' || *code == ']')
      bracket = *code == '[';
    else if (!quoted && !bracket && strchr ("yYdDhH", *code) != NULL)
      return TRUE;
  return FALSE;
}

/* The numbers of formats that every workbook has: 14 … 22 and 45 … 47 are dates and times (ECMA-376
 * part 1, 18.8.30). */
static gboolean
is_date_format (GHashTable *own, int number)
{
  const char *code = g_hash_table_lookup (own, GINT_TO_POINTER (number));

  return code != NULL ? is_date_code (code)
                      : (number >= 14 && number <= 22) || (number >= 45 && number <= 47);
}

static int
number_of (AttuneZipPart *part, const char *name)
{
  g_autofree char *value = attune_zip_part_get_attribute (part, name);

  return value != NULL ? CLAMP (g_ascii_strtoll (value, NULL, 10), 0, G_MAXINT) : 0;
}

static gboolean
read_styles (AttuneWorkbook *self, const char *path, GError **error)
{
  g_autoptr (AttuneZipPart) part = NULL;
  g_autoptr (GHashTable) own = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  gboolean in_cells = FALSE;
  int more;

  self->dates = g_array_new (FALSE, FALSE, sizeof (gboolean));
  if (!attune_zip_part_open_optional (path, "xl/styles.xml", &part, error))
    return FALSE;
  more = part != NULL;
  while (more == 1 && (more = attune_zip_part_next (part, error)) == 1)
    {
      if (attune_zip_part_is_start (part, "numFmt"))
        g_hash_table_insert (own, GINT_TO_POINTER (number_of (part, "numFmtId")),
                             attune_zip_part_get_attribute (part, "formatCode"));
      if (attune_zip_part_is_start (part, "cellXfs"))
        in_cells = TRUE;
      if (in_cells && attune_zip_part_is_start (part, "xf"))
        {
          const gboolean date = is_date_format (own, number_of (part, "numFmtId"));

          g_array_append_val (self->dates, date);
        }
      if (attune_zip_part_is_end (part, "cellXfs"))
        in_cells = FALSE;
    }
  return more == 0;
}

char *
attune_workbook_read (AttuneWorkbook *self, const char *path, GError **error)
{
  g_autofree char *id = read_first_sheet (self, path, error);
  g_autofree char *name = id != NULL ? find_sheet (path, id, error) : NULL;

  if (name == NULL || !read_strings (self, path, error) || !read_styles (self, path, error))
    return NULL;
  return g_steal_pointer (&name);
}
