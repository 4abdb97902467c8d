/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The XML of a Word file, packed here, since a fuzzer would not come past the sums of a ZIP. The
 * first byte says whether what follows is the text or the styles that make its headings.
 */
#include "data/rows.h"
#include "data/spreadsheet.h"
#include "fuzz.h"

/* @size: 1 at least */
static void
read_file (const guint8 *data, gsize size)
{
  static const char text[] = "<w:document xmlns:w=\"w\"><w:body><w:p><w:pPr><w:pStyle w:val=\"a\"/>"
                             "</w:pPr><w:r><w:t>Title</w:t></w:r></w:p><w:p><w:r><w:t>Some text "
                             "that is long enough.</w:t></w:r></w:p></w:body></w:document>";
  const gboolean is_styles = data[0] == 's';
  g_auto (Place) place = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GString) rows = g_string_new (NULL);
  struct archive *zip;

  place_init (&place, "a.docx");
  zip = start_zip (place.path);
  if (is_styles)
    write_part (zip, "word/document.xml", text, strlen (text));
  write_part (zip, is_styles ? "word/styles.xml" : "word/document.xml", (const char *) data + 1,
              size - 1);
  end_zip (zip);
  source = attune_source_probe (place.path, &error);
  g_assert_true ((source == NULL) == (error != NULL));
  if (source != NULL && attune_source_get_missing_role (source) == ATTUNE_FIELD_NONE)
    g_assert_true (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error)
                   == (error == NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  if (size > 0)
    read_file (data, size);
  return 0;
}
