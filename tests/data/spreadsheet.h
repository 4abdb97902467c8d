/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Spreadsheets for tests, made of as little as they can be.
 */
#pragma once
#include <archive.h>
#include <archive_entry.h>
#include <glib.h>
#include <string.h>

static inline void
write_part (struct archive *zip, const char *name, const char *content, gsize n)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, name);
  archive_entry_set_size (entry, n);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_perm (entry, 0644);
  g_assert_cmpint (archive_write_header (zip, entry), ==, ARCHIVE_OK);
  g_assert_cmpint (archive_write_data (zip, content, n), ==, n);
  archive_entry_free (entry);
}

static inline struct archive *
start_zip (const char *path)
{
  struct archive *zip = archive_write_new ();

  g_assert_cmpint (archive_write_set_format_zip (zip), ==, ARCHIVE_OK);
  g_assert_cmpint (archive_write_open_filename (zip, path), ==, ARCHIVE_OK);
  return zip;
}

static inline void
end_zip (struct archive *zip)
{
  g_assert_cmpint (archive_write_close (zip), ==, ARCHIVE_OK);
  archive_write_free (zip);
}

#define MAIN "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""

/* An Excel file whose first sheet has these rows; the second one must not be read. */
static inline void
write_excel (const char *path, const char *rows)
{
  struct archive *zip = start_zip (path);
  g_autofree char *sheet
      = g_strdup_printf ("<?xml version=\"1.0\"?><worksheet " MAIN "><sheetData>%s</sheetData>"
                         "</worksheet>",
                         rows);
  const struct
  {
    const char *name, *content;
  } parts[] = {
    { "xl/workbook.xml",
      "<workbook " MAIN " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/"
      "relationships\"><sheets><sheet name=\"One\" sheetId=\"1\" r:id=\"rId7\"/>"
      "<sheet name=\"Two\" sheetId=\"2\" r:id=\"rId1\"/></sheets></workbook>" },
    { "xl/_rels/workbook.xml.rels",
      "<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/other.xml\"/>"
      "<Relationship Id=\"rId7\" Target=\"worksheets/sheet1.xml\"/></Relationships>" },
    { "xl/sharedStrings.xml",
      "<sst " MAIN "><si><t>question</t></si><si><t>answer</t></si>"
      "<si><r><t xml:space=\"preserve\">What is </t></r><r><rPr><b/></rPr><t>gout?</t></r>"
      "<rPh><t>spoken</t></rPh></si></sst>" },
    { "xl/styles.xml",
      "<styleSheet " MAIN "><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd.mm.yyyy\"/>"
      "<numFmt numFmtId=\"165\" formatCode=\"0.0&quot;day&quot;\"/></numFmts>"
      "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>"
      "<xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/></cellXfs></styleSheet>" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    write_part (zip, parts[i].name, parts[i].content, strlen (parts[i].content));
  write_part (zip, "xl/worksheets/sheet1.xml", sheet, strlen (sheet));
  end_zip (zip);
}

/* The first row: question, answer. */
#define HEAD "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>"
