/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The XML of a spreadsheet, packed here, since a fuzzer would not come past the sums of a ZIP. The
 * first byte says which kind it is: x for the rows of an Excel sheet, anything else for the content
 * of an OpenDocument file.
 */
#include "data/rows.h"
#include "data/spreadsheet.h"
#include "fuzz.h"

static void
read_all (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = attune_source_probe (path, &error);
  g_autoptr (GString) rows = g_string_new (NULL);

  g_assert_true ((source == NULL) == (error != NULL));
  if (source != NULL && attune_source_get_missing_role (source) == ATTUNE_FIELD_NONE)
    g_assert_true (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error)
                   == (error == NULL));
}

/* @size: 1 at least */
static void
read_file (const guint8 *data, gsize size)
{
  const gboolean excel = data[0] == 'x';
  g_auto (Place) place = { 0 };

  place_init (&place, excel ? "a.xlsx" : "a.ods");
  if (excel)
    {
      g_autofree char *rows = g_strndup ((const char *) data + 1, size - 1);

      write_excel (place.path, rows);
    }
  else
    {
      struct archive *zip = start_zip (place.path);

      write_part (zip, "content.xml", (const char *) data + 1, size - 1);
      end_zip (zip);
    }
  read_all (place.path);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  if (size > 0)
    read_file (data, size);
  return 0;
}
