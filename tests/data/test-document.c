/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Documents of all kinds as records; what is no document, or means harm, is told in a sentence.
 */
#include "data/rows.h"
#include "data/spreadsheet.h"

#include <unistd.h>

static void
test_text (void)
{
  rows_assert ("a.txt", "One line\r\nand another.\n\n\n  Second.  \n\nLast without an end", -1,
               "1:  [One line\nand another.\n\nSecond.\n\nLast without an end]\n");
  rows_assert ("a.txt",
               "\xef\xbb\xbfGr\xc3\xb6\xc3\x9f"
               "e\n",
               -1, "1:  [Größe]\n");
  rows_assert ("a.txt",
               "Gr\xf6\xdf"
               "e\n",
               -1, "1:  [Größe]\n"); /* Windows-1252 */
  rows_assert_refused ("a.txt", " \n\n ", -1, ATTUNE_DATA_ERROR_EMPTY, "no text");
  /* a table under the name of a text is a table */
  rows_assert ("a.txt", "question,answer\na,b\n", -1, "2: [a] [b]\n");
}

/* Pieces end where a paragraph or a sentence does, none is too long, and nothing is lost. */
static void
test_long_text (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (Place) place = { 0 };
  g_autofree char *rows = NULL, *one_line = g_strnfill (300000, 'x');
  g_auto (GStrv) pieces = NULL;
  guint n = 0;

  for (int i = 0; i < 2000; i++)
    g_string_append_printf (text, "Sentence number %d says ä.%s", i, i % 9 ? " " : "\n\n");
  g_string_append (text, one_line);
  place_init (&place, "a.txt");
  g_assert_true (g_file_set_contents (place.path, text->str, text->len, NULL));
  rows = rows_read (place.path, NULL);
  pieces = g_strsplit (rows, ":  [", -1);
  for (guint i = 1; pieces[i] != NULL; i++)
    g_assert_cmpint (g_utf8_strlen (pieces[i], -1), <, 2420);
  for (int i = 0; i < 2000; i++)
    {
      g_autofree char *sentence = g_strdup_printf ("Sentence number %d says ä.", i);

      g_assert_nonnull (strstr (rows, sentence)); /* whole */
    }
  for (const char *p = rows; *p != '\0'; p++)
    n += *p == 'x';
  g_assert_cmpuint (n, ==, 300000);
}

#define MD                                                                                         \
  "---\ntitle: front\n---\n# Guide\n\nIntro.\n\nTwo\nlines\n\n## Part C# ##\n\n```\n# no "         \
  "heading\n"                                                                                      \
  "\n```\nEnd.\n\nUnder\n=====\nText.\n\n---\nMore.\n"

static void
test_markdown (void)
{
  rows_assert ("a.md", MD, -1,
               "4:  [Guide\n\nIntro.\n\nTwo\nlines\n\nPart C#\n\n```\n# no heading\n\n```\nEnd.\n\n"
               "Under\n\nText.\n\nMore.]\n");
}

/* A rule that begins a file is no front matter, and a bracket no JSON. */
static void
test_beginnings (void)
{
  rows_assert ("a.md", "---\n# Guide\n\nText.\n", -1, "2:  [Guide\n\nText.]\n");
  rows_assert ("a.md", "---\n\nText.\n", -1, "3:  [Text.]\n");
  /* front matter that is never closed is text after all */
  rows_assert ("a.md", "---\ntitle: x\n\nText.\n\n# Head\n\nMore.", -1,
               "2:  [title: x\n\nText.\n\nHead\n\nMore.]\n");
  rows_assert ("a.md", "---\ntitle: x\n", -1, "2:  [title: x]\n");
  rows_assert ("a.md", "[A link](x) first.\n", -1, "1:  [[A link](x) first.]\n");
  rows_assert ("a.md", "{{ name }} first.\n", -1, "1:  [{{ name }} first.]\n");
  rows_assert ("a.html", "{{ name }} <p>first.</p>", -1, "1:  [{{ name }}\n\nfirst.]\n");
  rows_assert ("a.txt", "[1] A note.\n", -1, "1:  [[1] A note.]\n");
  rows_assert ("a.txt", "{x} is a set.\n", -1, "1:  [{x} is a set.]\n");
  rows_assert ("a.txt", "[ {\"question\": \"a\", \"answer\": \"b\"}]\n", -1, "1: [a] [b]\n");
  rows_assert ("a.txt", "{\"question\": \"a\", \"answer\": \"b\"}\n", -1, "1: [a] [b]\n");
}

/* With its heading in a column of its own, a short section is a row too. */
static void
test_heading_column (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GString) rows = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  place_init (&place, "a.md");
  g_assert_true (g_file_set_contents (place.path, "# A\n\nOne.\n\n# B\n\nTwo.\n", -1, NULL));
  source = attune_source_probe (place.path, &error);
  g_assert_no_error (error);
  attune_source_set_role_at (source, 0, ATTUNE_FIELD_QUESTION);
  attune_source_set_role_at (source, 1, ATTUNE_FIELD_ANSWER);
  g_assert_true (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (rows->str, ==, "3: [A] [One.]\n7: [B] [Two.]\n");
}

/* Long sections stand by themselves, with the headings over them. */
static void
test_sections (void)
{
  g_autofree char *filler = g_strnfill (500, 'y'), *text = NULL, *expected = NULL;
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSource) source = NULL;

  text = g_strdup_printf ("# A\n\n%s\n\n## B\n\n%s\n\n# C\n\nshort\n", filler, filler);
  expected = g_strdup_printf ("1:  [A\n\n%s]\n5:  [B\n\n%s]\n9:  [C\n\nshort]\n", filler, filler);
  rows_assert ("a.md", text, -1, expected);
  place_init (&place, "b.md");
  g_assert_true (g_file_set_contents (place.path, text, -1, NULL));
  source = attune_source_probe (place.path, NULL);
  g_assert_cmpstr (((GStrv) source->preview->pdata[1])[0], ==, "A › B");
}

static void
test_questions (void)
{
  rows_assert ("faq.md",
               "# FAQ\n\nWelcome.\n\n## How?\n\nLike this.\n\n- a\n\n### In detail\n\nSo.\n\n"
               "## Why?\n\nBecause.\n\n## Imprint\n\nUs.\n",
               -1,
               "3! It stands under no heading that asks.\n"
               "5: [How?] [Like this.\n\n- a\n\nIn detail\n\nSo.]\n"
               "15: [Why?] [Because.]\n"
               "21! It stands under no heading that asks.\n");
}

static void
test_html (void)
{
  rows_assert (
      "a.html",
      "<html><head><title>T</title><style>p{}</style></head><body><nav>Menu</nav>"
      "<div><a href=1>one</a> <a href=2>two</a></div><h1>Wound  care</h1>\n<p>Clean\n the <b>wound"
      "</b>&nbsp;&amp; wait.<br>Dry.</p><ul><li>First</li><li>Second</li></ul>"
      "<table><tr><td>A</td><td>B</td></tr></table><pre>a\n  b</pre><script>x()</script>"
      "<footer>Imprint</footer></body></html>",
      -1,
      "1:  [Wound care\n\nClean the wound\u00a0& wait.\nDry.\n\n- First\n\n- Second\n\nA | B\n\na\n"
      "  b]\n");
  rows_assert_refused ("a.html", "<html><body><nav>only a menu</nav></body></html>", -1,
                       ATTUNE_DATA_ERROR_EMPTY, "no text");
}

/* The main part is read, not what is around it. */
static void
test_main_text (void)
{
  g_autofree char *filler = g_strnfill (300, 'z'), *page = NULL, *expected = NULL;

  page = g_strdup_printf ("<body><div>Advertisement</div><main><nav>no</nav><p>%s</p><p><a>All a "
                          "link</a></p></main><div>More</div></body>",
                          filler);
  expected = g_strdup_printf ("1:  [%s\n\nAll a link]\n", filler);
  rows_assert ("a.htm", page, -1, expected);
}

/* Articles that are a page together; what a form wraps is text; a page knows its encoding. */
static void
test_whole_page (void)
{
  g_autofree char *first = g_strnfill (300, 'a'), *second = g_strnfill (310, 'b'), *page = NULL,
                  *expected = NULL;

  page = g_strdup_printf ("<body><form><article>%s</article><article>%s</article><article>%s"
                          "</article></form></body>",
                          first, second, first);
  expected = g_strdup_printf ("1:  [%s\n\n%s\n\n%s]\n", first, second, first);
  rows_assert ("a.html", page, -1, expected);
  rows_assert ("a.html", "<html><head><meta charset=\"iso-8859-2\"></head><body>\xb3</body></html>",
               -1, "1:  [ł]\n");
  rows_assert ("a.html",
               "<html><body>\x84Gr\xfc\xdf"
               "e\x93</body></html>",
               -1, "1:  [„Grüße“]\n"); /* Windows-1252 */
}

/* A page of nothing but beginnings neither takes the stack nor for ever. */
static void
test_deep_html (void)
{
  g_autoptr (GString) page = g_string_new ("<body>");

  for (int i = 0; i < 30000; i++)
    g_string_append (page, "<div><b>");
  g_string_append (page, "text");
  rows_assert ("a.html", page->str, page->len, "1:  [text]\n");
}

#define W "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
#define P(text) "<w:p><w:r><w:t>" text "</w:t></w:r></w:p>"

static void
write_word (const char *path, const char *body)
{
  static const char styles[]
      = "<w:styles " W "><w:style w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style>"
        "<w:style w:styleId=\"Standard\"><w:name w:val=\"Normal\"/></w:style></w:styles>";
  struct archive *zip = start_zip (path);

  write_part (zip, "word/document.xml", body, strlen (body));
  write_part (zip, "word/styles.xml", styles, strlen (styles));
  end_zip (zip);
}

static void
assert_word (const char *body, const char *expected)
{
  g_auto (Place) place = { 0 };
  g_autofree char *found = NULL;

  place_init (&place, "a.docx");
  write_word (place.path, body);
  found = rows_read (place.path, NULL);
  g_assert_cmpstr (found, ==, expected);
}

static void
assert_word_refused (const char *body, const char *part)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GError) error = NULL;

  place_init (&place, "a.docx");
  write_word (place.path, body);
  g_assert_null (attune_source_probe (place.path, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_word (void)
{
  assert_word (
      "<w:document " W "><w:body>"
      "<w:p><w:pPr><w:pStyle w:val=\"berschrift1\"/></w:pPr><w:r><w:t>How?</w:t></w:r></w:p>"
      "<w:p><w:r><w:t xml:space=\"preserve\">In </w:t></w:r><w:r><w:t>parts</w:t><w:br/>"
      "<w:t>here.</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
      "<w:p><w:pPr><w:pStyle w:val=\"berschrift1\"/></w:pPr><w:r><w:t>Why?</w:t></w:r></w:p>"
      "<w:tbl><w:tr><w:tc>" P ("A") "</w:tc><w:tc>" P ("B") "</w:tc></w:tr></w:tbl>" P (
          "End.") "</w:body></w:document>",
      "1: [How?] [In parts\nhere.]\n3: [Why?] [A  | B\n\nEnd.]\n");
}

static void
test_harmful_word (void)
{
  g_autoptr (GString) bomb = g_string_new ("<w:document " W ">");

  assert_word_refused ("<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;</x>",
                       "document type");
  assert_word_refused ("<w:document " W "><w:body>", "damaged");
  for (int i = 0; i < 20000000; i++)
    g_string_append (bomb, "<a/>");
  assert_word_refused (bomb->str, "unpacks to far more");
  rows_assert_refused ("a.docx", "just text", -1, ATTUNE_DATA_ERROR_FORMAT, "none");
}

/* A PDF of one page with these lines of Helvetica. */
static GBytes *
make_pdf (const char *lines)
{
  g_autofree char *stream = g_strdup_printf ("BT /F1 12 Tf 20 250 Td %s ET", lines);
  g_autofree char *contents = g_strdup_printf (
      "<< /Length %" G_GSIZE_FORMAT " >>\nstream\n%s\nendstream", strlen (stream), stream);
  const char *const objects[] = {
    "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << /Font "
    "<< /F1 5 0 R >> >> >>",
    contents, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
  };
  GString *pdf = g_string_new ("%PDF-1.4\n");
  gsize starts[5], end;

  for (guint i = 0; i < 5; i++)
    {
      starts[i] = pdf->len;
      g_string_append_printf (pdf, "%u 0 obj\n%s\nendobj\n", i + 1, objects[i]);
    }
  end = pdf->len;
  g_string_append (pdf, "xref\n0 6\n0000000000 65535 f \n");
  for (guint i = 0; i < 5; i++)
    g_string_append_printf (pdf, "%010" G_GSIZE_FORMAT " 00000 n \n", starts[i]);
  g_string_append_printf (
      pdf, "trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n", end);
  return g_string_free_to_bytes (pdf);
}

static gboolean
has_pdftotext (void)
{
  g_autofree char *program = g_find_program_in_path ("pdftotext");

  if (program == NULL)
    g_test_skip ("there is no pdftotext");
  return program != NULL;
}

static void
test_pdf (void)
{
  g_autoptr (GBytes) pdf = make_pdf ("(The patient, who came on Monday, stayed) Tj 0 -14 Td (for a "
                                     "week.) Tj 0 -14 Td (Then he was trans-) Tj 0 -14 Td (ferred "
                                     "to the ward.) Tj");
  g_autoptr (GBytes) empty = make_pdf ("");

  if (!has_pdftotext ())
    return;
  rows_assert (
      "-a b.pdf", g_bytes_get_data (pdf, NULL), g_bytes_get_size (pdf),
      "1:  [The patient, who came on Monday, stayed for a week.\n\nThen he was transferred to "
      "the ward.]\n");
  rows_assert_refused ("a.pdf", g_bytes_get_data (empty, NULL), g_bytes_get_size (empty),
                       ATTUNE_DATA_ERROR_FORMAT, "scanned");
  rows_assert_refused ("a.pdf", "%PDF-1.4 broken", -1, ATTUNE_DATA_ERROR_FORMAT, "damaged");
  rows_assert_refused ("a.pdf", "no PDF", -1, ATTUNE_DATA_ERROR_FORMAT, "none");
}

static void
write_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* One page that asks does not cost the others. */
static void
test_questions_in_folder (void)
{
  static const char guide[] = "# Guide\n\nText.\n", faq[] = "# How?\n\nSo.\n\n# Why?\n\nSo.\n";
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSource) source = NULL;
  g_autofree char *mixed = NULL, *asking = NULL;

  place_init (&place, "a.md");
  write_file (place.folder, "a.md", faq);
  write_file (place.folder, "b.md", guide);
  write_file (place.folder, "c.txt", "More.");
  mixed = rows_read (place.folder, &source);
  g_assert_cmpstr (source->columns->pdata[0], ==, "section");
  g_assert_nonnull (strstr (mixed, "1:  [Guide\n\nText.]\n1:  [More.]\n"));
  g_assert_null (strstr (mixed, "! "));
  g_clear_pointer (&source, attune_source_free);
  write_file (place.folder, "b.md", faq);
  asking = rows_read (place.folder, &source);
  g_assert_cmpstr (source->columns->pdata[0], ==, "question");
  g_assert_cmpstr (asking, ==,
                   "1: [How?] [So.]\n5: [Why?] [So.]\n1: [How?] [So.]\n5: [Why?] [So.]\n"
                   "1! It stands under no heading that asks.\n");
}

/* All documents, in the order of their names; the rest is told. */
static void
test_folder (void)
{
  g_autofree char *folder = g_dir_make_tmp ("attune-folder-XXXXXX", NULL), *rows = NULL;
  g_autofree char *inner = g_build_filename (folder, "inner", NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL),
                  *second = g_build_filename (folder, "d.txt", NULL);
  g_autoptr (AttuneSource) source = NULL, empty = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (inner, 0700), ==, 0);
  empty = attune_source_probe (folder, &error);
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY);
  g_assert_cmpint (symlink ("..", link), ==, 0);      /* a ring, if it were followed */
  g_assert_cmpint (symlink ("b.txt", second), ==, 0); /* a file is followed */
  write_file (folder, "b.txt", "Bee.");
  write_file (folder, "c.txt", " \n");
  write_file (inner, "a.md", "# A\n\nText.");
  write_file (folder, "broken.docx", "no ZIP");
  write_file (folder, "picture.png", "x");
  write_file (folder, ".hidden.txt", "x");
  rows = rows_read (folder, &source);
  g_assert_cmpstr (source->format, ==, "folder");
  g_assert_true (g_str_has_prefix (rows, "1:  [Bee.]\n1! “"));
  g_assert_nonnull (strstr (rows, "broken.docx” cannot be read"));
  g_assert_nonnull (strstr (rows, "1:  [A\n\nText.]\n1! It is no document"));
  g_assert_nonnull (strstr (rows, "1! There is no text in it.\n1:  [Bee.]\n1:  [A"));
  g_assert_null (strstr (rows, "hidden"));
  for (int i = 0; i < 20; i++) /* many: those of one document stay together */
    {
      g_autofree char *name = g_strdup_printf ("%02d.txt", i);

      write_file (inner, name, name);
    }
  g_clear_pointer (&source, attune_source_free);
  g_free (rows);
  rows = rows_read (folder, &source);
  g_assert_nonnull (strstr (rows, "1:  [19.txt] [inner/19.txt]\n"));
  for (int i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("inner/%02d.txt", i);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  for (const char *const *name
       = (const char *const[]) { "inner/a.md", "inner", "b.txt", "broken.docx", "picture.png",
                                 ".hidden.txt", "link", "c.txt", "d.txt", "", NULL };
       *name != NULL; name++)
    {
      g_autofree char *path = g_build_filename (folder, *name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
}

/* A text that stands by itself in a table; with a question beside it, it is an answer. */
static void
test_role (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSource) source = NULL;

  rows_assert ("a.jsonl", "{\"text\": \"One.\", \"id\": 3}\n{\"text\": \"Two.\"}\n", -1,
               "1:  [One.]\n2:  [Two.]\n");
  rows_assert ("a.csv", "question,text\na,b\n", -1, "2: [a] [b]\n");
  place_init (&place, "a.csv");
  g_assert_true (g_file_set_contents (place.path, "question,answer\na,b\n", -1, NULL));
  source = attune_source_probe (place.path, NULL);
  attune_source_set_role_at (source, 1, ATTUNE_FIELD_TEXT);
  g_assert_cmpint (attune_source_get_missing_role (source), ==, ATTUNE_FIELD_NONE);
  g_assert_cmpint (g_array_index (source->roles, AttuneField, 0), ==, ATTUNE_FIELD_NONE);
  attune_source_set_role_at (source, 0, ATTUNE_FIELD_QUESTION);
  g_assert_cmpint (g_array_index (source->roles, AttuneField, 1), ==, ATTUNE_FIELD_NONE);
  g_assert_cmpint (attune_source_get_missing_role (source), ==, ATTUNE_FIELD_ANSWER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/document/text", test_text);
  g_test_add_func ("/data/document/long-text", test_long_text);
  g_test_add_func ("/data/document/markdown", test_markdown);
  g_test_add_func ("/data/document/beginnings", test_beginnings);
  g_test_add_func ("/data/document/heading-column", test_heading_column);
  g_test_add_func ("/data/document/sections", test_sections);
  g_test_add_func ("/data/document/questions", test_questions);
  g_test_add_func ("/data/document/html", test_html);
  g_test_add_func ("/data/document/main-text", test_main_text);
  g_test_add_func ("/data/document/whole-page", test_whole_page);
  g_test_add_func ("/data/document/deep-html", test_deep_html);
  g_test_add_func ("/data/document/word", test_word);
  g_test_add_func ("/data/document/harmful-word", test_harmful_word);
  g_test_add_func ("/data/document/pdf", test_pdf);
  g_test_add_func ("/data/document/questions-in-folder", test_questions_in_folder);
  g_test_add_func ("/data/document/folder", test_folder);
  g_test_add_func ("/data/document/role", test_role);
  return g_test_run ();
}
