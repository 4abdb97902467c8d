/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Spreadsheets: what cells hold as a person sees it, rows that cannot be read, and files that mean
 * harm.
 */
#include "data/rows.h"
#include "data/spreadsheet.h"

static void
write_opendocument (const char *path, const char *rows)
{
  struct archive *zip = start_zip (path);
  g_autofree char *content = g_strdup_printf (
      "<office:document-content xmlns:office=\"urn:o\" xmlns:table=\"urn:t\" "
      "xmlns:text=\"urn:x\"><office:body><office:spreadsheet><table:table>%s</table:table>"
      "<table:table><table:table-row><table:table-cell><text:p>second</text:p></table:table-cell>"
      "</table:table-row></table:table></office:spreadsheet></office:body>"
      "</office:document-content>",
      rows);

  write_part (zip, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", 46);
  write_part (zip, "content.xml", content, strlen (content));
  end_zip (zip);
}

static void
assert_rows (void (*write) (const char *path, const char *rows), const char *name, const char *rows,
             const char *expected)
{
  g_auto (Place) place = { 0 };
  g_autofree char *found = NULL;

  place_init (&place, name);
  write (place.path, rows);
  found = rows_read (place.path, NULL);
  g_assert_cmpstr (found, ==, expected);
}

/* The file cannot be taken: @part is in the sentence. */
static void
assert_refused (const char *path, AttuneDataError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = attune_source_probe (path, &error);
  g_autoptr (GString) rows = g_string_new (NULL);

  if (source != NULL)
    g_assert_false (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_excel (void)
{
  assert_rows (write_excel, "a.xlsx",
               HEAD "<row r=\"3\"><c r=\"A3\" t=\"s\"><v>2</v></c>"
                    "<c r=\"B3\" t=\"inlineStr\"><is><t>A &lt;disease&gt;</t></is></c></row>"
                    "<row r=\"4\"/><row r=\"5\"><c r=\"B5\"/></row>"
                    "<row r=\"6\"><c r=\"A6\"><v>0.10000000000000001</v></c>"
                    "<c r=\"B6\"><v>1.5E3</v></c></row>"
                    "<row r=\"7\"><c r=\"A7\" s=\"1\"><v>45352</v></c>"
                    "<c r=\"B7\" s=\"2\"><v>45352.5</v></c></row>"
                    "<row r=\"8\"><c r=\"A8\" s=\"3\"><v>7</v></c>"
                    "<c r=\"B8\" t=\"b\"><v>1</v></c></row>"
                    "<row r=\"9\"><c r=\"A9\" t=\"str\"><f>A1&amp;B1</f><v>a result</v></c>"
                    "<c r=\"B9\"><f>1+1</f><v>2</v></c></row>"
                    "<row r=\"10\"><c r=\"A10\" t=\"s\"><v>2</v></c></row>",
               "3: [What is gout?] [A <disease>]\n"
               "6: [0.1] [1500]\n"
               "7: [2024-03-01] [2024-03-01 12:00]\n"
               "8: [7] [TRUE]\n"
               "9: [a result] [2]\n"
               "10: [What is gout?] []\n");
}

/* Shared texts and styles need not be there. */
static void
write_plain_excel (const char *path, const char *rows)
{
  struct archive *zip = start_zip (path);
  static const char workbook[] = "<workbook " MAIN "><sheets><sheet id=\"a\"/></sheets></workbook>",
                    relations[] = "<Relationships><Relationship Id=\"a\" Target=\"s.xml\"/>"
                                  "</Relationships>";

  write_part (zip, "xl/workbook.xml", workbook, strlen (workbook));
  write_part (zip, "xl/_rels/workbook.xml.rels", relations, strlen (relations));
  write_part (zip, "xl/s.xml", rows, strlen (rows));
  end_zip (zip);
}

static void
test_plain_excel (void)
{
  assert_rows (
      write_plain_excel, "a.xlsx",
      "<worksheet><row><c t=\"str\"><v>question</v></c><c t=\"str\"><v>answer</v></c></row>"
      "<row><c s=\"1\"><v>45352</v></c><c><v>1</v></c></row></worksheet>",
      "2: [45352] [1]\n");
}

/* Rows that cannot be read are kept aside with the reason; the others are read. */
static void
test_excel_bad_rows (void)
{
  assert_rows (write_excel, "a.xlsx",
               HEAD "<row r=\"2\"><c r=\"A2\"><f>1+1</f></c><c r=\"B2\"><v>1</v></c></row>"
                    "<row r=\"3\"><c r=\"A3\" t=\"e\"><v>#REF!</v></c></row>"
                    "<row r=\"4\"><c r=\"A4\" t=\"s\"><v>99</v></c></row>"
                    "<row r=\"5\"><c r=\"C5\"><v>1</v></c></row>"
                    "<row r=\"6\"><c r=\"ZZZZ6\"><v>1</v></c></row>"
                    "<row r=\"7\"><c r=\"A7\"><v>1</v></c><c r=\"B7\"><v>2</v></c></row>",
               "2! Its cell 1 is a formula whose result was not stored. Open the file in a "
               "spreadsheet program and save it.\n"
               "3! Its cell 1 holds the error #REF!.\n"
               "4! The text of its cell 1 is missing.\n"
               "5! It has 3 columns where the file has 2.\n"
               "6! It has more cells than a sheet can have.\n"
               "7: [1] [2]\n");
}

#define CELL(text) "<table:table-cell><text:p>" text "</text:p></table:table-cell>"

static void
test_opendocument (void)
{
  assert_rows (
      write_opendocument, "a.ods",
      "<table:table-row>" CELL ("question") CELL (
          "answer") "</table:table-row>"
                    "<table:table-row table:number-rows-repeated=\"3\"><table:table-cell "
                    "table:number-columns-repeated=\"1024\"/></table:table-row>"
                    "<table:table-row><table:table-cell><office:annotation><text:p>a note</text:p>"
                    "</office:annotation><text:p>What<text:s "
                    "text:c=\"2\"/><text:span>is</text:span> it?</text:p>"
                    "</table:table-cell><table:table-cell><text:p>One</"
                    "text:p><text:p>two<text:line-break/>three"
                    "</text:p></table:table-cell><table:table-cell "
                    "table:number-columns-repeated=\"16382\"/>"
                    "</table:table-row>"
                    "<table:table-row table:number-rows-repeated=\"2\">" CELL ("x")
                        CELL ("y") "</table:table-row>"
                                   "<table:table-row>" CELL ("#DIV/0!") CELL (
                                       "y") "</table:table-row>"
                                            "<table:table-row "
                                            "table:number-rows-repeated=\"4000000000\">" CELL ("x")
                                                CELL ("y") "</table:table-row>"
                                                           "<table:table-row "
                                                           "table:number-rows-repeated=\"1048000\">"
                                                           "<table:table-cell/>"
                                                           "</table:table-row>",
      "5: [What  is it?] [One\ntwo\nthree]\n"
      "6: [x] [y]\n"
      "7: [x] [y]\n"
      "8! Its cell 1 holds the error #DIV/0!.\n"
      "9! It is said to be there 1073741824 times.\n");
}

static void
test_not_sheets (void)
{
  g_auto (Place) place = { 0 };

  place_init (&place, "a.xlsx");
  g_assert_true (g_file_set_contents (place.path, "question,answer\na,b\n", -1, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, ".csv");
  g_assert_true (g_file_set_contents (place.path, "\xd0\xcf\x11\xe0\xa1\xb1", 6, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "password");
  g_assert_true (g_file_set_contents (place.path, "PK\003\004 and nothing", -1, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "a.xlsx");
  write_opendocument (place.path, "");
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "xl/workbook.xml");
  write_excel (place.path, "");
  assert_refused (place.path, ATTUNE_DATA_ERROR_EMPTY, "no row");
  write_excel (place.path, HEAD "<row><c></row>");
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "damaged");
}

/* Cut off at every fiftieth byte: an error or fewer rows, never more. */
static void
test_cut (void)
{
  g_auto (Place) place = { 0 };
  g_autofree char *whole = NULL;
  gsize n;

  place_init (&place, "a.xlsx");
  write_excel (place.path, HEAD HEAD);
  g_assert_true (g_file_get_contents (place.path, &whole, &n, NULL));
  for (gsize cut = 4; cut < n; cut += 50)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneSource) source = NULL;
      g_autoptr (GString) rows = g_string_new (NULL);

      g_assert_true (g_file_set_contents (place.path, whole, cut, NULL));
      source = attune_source_probe (place.path, &error);
      if (source != NULL)
        attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error);
      g_assert_true (error != NULL || rows->len > 0);
    }
}

static void
assert_content_refused (const char *content, const char *part)
{
  g_auto (Place) place = { 0 };
  struct archive *zip;

  place_init (&place, "a.ods");
  zip = start_zip (place.path);
  write_part (zip, "content.xml", content, strlen (content));
  end_zip (zip);
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, part);
}

/* Entities that grow (libxml2 gives up by itself) or fetch a file. */
static void
test_billion_laughs (void)
{
  assert_content_refused (
      "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
      "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]><x>&c;</x>",
      "a.ods");
  assert_content_refused ("<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><x/>",
                          "document type");
}

#define BOMB_BYTES (100u << 20)

/* 100 MB of empty elements are 100 kB packed. */
static void
test_zip_bomb (void)
{
  g_auto (Place) place = { 0 };
  g_autofree char *elements = g_malloc (BOMB_BYTES);
  struct archive *zip;

  for (gsize i = 0; i < BOMB_BYTES; i += 4)
    memcpy (elements + i, "<a/>", 4);
  memcpy (elements, "<x> ", 4);
  memcpy (elements + BOMB_BYTES - 4, "</x>", 4);
  place_init (&place, "a.ods");
  zip = start_zip (place.path);
  write_part (zip, "content.xml", elements, BOMB_BYTES);
  end_zip (zip);
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "unpacks to far more");
}

/* Cells that are said to be there in every column make no row of gigabytes. */
static void
test_long_rows (void)
{
  g_autofree char *text = g_strnfill (900000, 'x'), *repeated = NULL;
  g_autoptr (GString) cells = g_string_new (HEAD "<row r=\"2\">");

  repeated = g_strconcat (
      "<table:table-row>" CELL ("question")
          CELL ("answer") "</table:table-row><table:table-row>"
                          "<table:table-cell table:number-columns-repeated=\"16384\"><text:p>",
      text,
      "</text:p></table:table-cell></table:table-row><table:table-row>" CELL ("x")
          CELL ("y") "</table:table-row>",
      NULL);
  assert_rows (write_opendocument, "a.ods", repeated,
               "2! Its cells together are longer than a row of a table could be.\n"
               "3: [x] [y]\n");
  for (int i = 0; i < 5; i++)
    g_string_append_printf (cells, "<c r=\"%c2\" t=\"inlineStr\"><is><t>%s</t></is></c>", 'A' + i,
                            text);
  g_string_append (cells,
                   "</row><row r=\"3\"><c r=\"A3\"><v>1</v></c><c r=\"B3\"><v>2</v></c></row>");
  assert_rows (write_excel, "a.xlsx", cells->str,
               "2! Its cells together are longer than a row of a table could be.\n"
               "3: [1] [2]\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/sheet/excel", test_excel);
  g_test_add_func ("/data/sheet/plain-excel", test_plain_excel);
  g_test_add_func ("/data/sheet/excel-bad-rows", test_excel_bad_rows);
  g_test_add_func ("/data/sheet/opendocument", test_opendocument);
  g_test_add_func ("/data/sheet/long-rows", test_long_rows);
  g_test_add_func ("/data/sheet/not-sheets", test_not_sheets);
  g_test_add_func ("/data/sheet/cut", test_cut);
  g_test_add_func ("/data/sheet/billion-laughs", test_billion_laughs);
  g_test_add_func ("/data/sheet/zip-bomb", test_zip_bomb);
  return g_test_run ();
}
