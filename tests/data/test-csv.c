/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Delimited files as people have them: what is a row, on which line it stands, what is guessed, and
 * that a broken row harms no other.
 */
#include "data/rows.h"

#include <stdio.h>

#define HEAD "question,answer\n"

static void
test_rfc_4180 (void)
{
  rows_assert ("a.csv", HEAD "plain,text\n\"quoted\",\"with, comma\"\n", -1,
               "2: [plain] [text]\n3: [quoted] [with, comma]\n");
  rows_assert ("a.csv", HEAD "\"a \"\"quote\"\"\",\"\"\"\"\n", -1, "2: [a \"quote\"] [\"]\n");
  rows_assert ("a.csv", HEAD "\"two\nlines\",\"and\n\nthree\"\nnext,row\n", -1,
               "2: [two\nlines] [and\n\nthree]\n6: [next] [row]\n");
  rows_assert ("a.csv", HEAD ",\n\"\",\"\"\n", -1, "2: [] []\n3: [] []\n");
  rows_assert ("a.csv", HEAD "no line end,at the end", -1, "2: [no line end] [at the end]\n");
  rows_assert ("a.csv", HEAD "\n\n  x , y \n\n", -1, "4: [  x ] [ y ]\n");
}

static void
test_line_ends (void)
{
  rows_assert ("a.csv", "question,answer\r\na,b\r\n\"c\r\nd\",e\r\nf,g\r\n", -1,
               "2: [a] [b]\n3: [c\nd] [e]\n5: [f] [g]\n");
  rows_assert ("a.csv", "question,answer\ra,b\r\"c\rd\",e\r\rf,g", -1,
               "2: [a] [b]\n3: [c\nd] [e]\n6: [f] [g]\n");
  rows_assert ("a.csv", "question,answer\na,b\r\nc,d\re,f\n", -1,
               "2: [a] [b]\n3: [c] [d]\n4: [e] [f]\n");
}

static void
test_byte_order_mark (void)
{
  rows_assert ("a.csv", "\xef\xbb\xbfquestion,answer\na,b\n", -1, "2: [a] [b]\n");
  rows_assert ("a.csv", "\xef\xbb\xbf\"question\",\"answer\"\na,b\n", -1, "2: [a] [b]\n");
}

/* Quotes that are none, inside a field. */
static void
test_stray_quotes (void)
{
  rows_assert ("a.csv", HEAD "5\" tube,a \"good\" one\nx,y\n", -1,
               "2: [5\" tube] [a \"good\" one]\n3: [x] [y]\n");
  rows_assert ("a.csv", HEAD "\"quoted\" tail,b\nx,y\n", -1, "2: [quoted tail] [b]\n3: [x] [y]\n");
}

#define UNCLOSED_LINE "! A quotation mark is not closed on its line.\n"
#define UNCLOSED_END "! A quotation mark is never closed.\n"

/* A quote never closed costs its own row, and the lines after it keep their numbers. */
static void
test_unclosed_quotes (void)
{
  rows_assert ("a.csv", HEAD "a,b\n\"open,c\n\"d\",\"e\"\nf,g\n", -1,
               "2: [a] [b]\n3" UNCLOSED_LINE "4: [d] [e]\n5: [f] [g]\n");
  rows_assert ("a.csv", HEAD "\"open,c\nd,e\nf,g\n", -1,
               "2" UNCLOSED_END "3: [d] [e]\n4: [f] [g]\n");
  rows_assert ("a.csv", HEAD "\"open,c\n\"open,d\n\"x\",y\n\"open,e\nf,g\n", -1,
               "2" UNCLOSED_LINE "3" UNCLOSED_LINE "4: [x] [y]\n5" UNCLOSED_END "6: [f] [g]\n");
  rows_assert ("a.csv", "question,answer\r\n\"open,c\r\nd,e\r\n\"two\r\nlines\",g\r\nh,i\r\n", -1,
               "2" UNCLOSED_LINE "3: [d] [e]\n4: [two\nlines] [g]\n6: [h] [i]\n");
  rows_assert ("a.csv", "question,answer\r\"open,c\rd,e\rf,g\r", -1,
               "2" UNCLOSED_END "3: [d] [e]\n4: [f] [g]\n");
  rows_assert ("a.csv", HEAD "a,b\nc,\"open", -1, "2: [a] [b]\n3" UNCLOSED_END);
}

/* The same, far from any other quote: reading ahead has an end, and every row comes back. */
static void
test_unclosed_quote_in_a_long_file (void)
{
  g_autoptr (GString) content = g_string_new (HEAD "\"open,b\n"), expected = g_string_new (NULL);

  g_string_append (expected, "2! A quotation mark is not closed within 500 lines or four million "
                             "characters.\n");
  for (int i = 3; i < 3000; i++)
    {
      g_string_append_printf (content, "question %d,answer\n", i);
      g_string_append_printf (expected, "%d: [question %d] [answer]\n", i, i);
    }
  rows_assert ("a.csv", content->str, content->len, expected->str);

  /* few lines, many bytes: each row is under a million, five of them over four */
  g_string_assign (content, HEAD "\"open,b\n");
  g_string_truncate (expected, strchr (expected->str, '\n') + 1 - expected->str);
  for (int i = 3; i < 12; i++)
    {
      g_autofree char *filler = g_strnfill (900000, 'a' + i);

      g_string_append_printf (content, "%s,%d\n", filler, i);
      g_string_append_printf (expected, "%d: [%s] [%d]\n", i, filler, i);
    }
  rows_assert ("a.csv", content->str, content->len, expected->str);
}

static void
test_bad_bytes (void)
{
  const char nul[] = HEAD "a,b\nc\0c,d\ne,f\n";

  rows_assert ("a.csv", nul, sizeof nul - 1,
               "2: [a] [b]\n3! It holds NUL bytes, which no text has.\n4: [e] [f]\n");
  rows_assert ("a.csv",
               HEAD "gr\xc3\xb6\xc3\x9f"
                    "er,b\nc\xff,d\ne\xc3,f\ng,h\n",
               -1,
               "2: [größer] [b]\n3! It holds bytes that are no characters in UTF-8.\n"
               "4! It holds bytes that are no characters in UTF-8.\n5: [g] [h]\n");
}

static void
test_column_counts (void)
{
  rows_assert ("a.csv", "question,answer,topic\na,b,c\na\na,b\na,b,c,d\ne,f,g\n", -1,
               "2: [a] [b] [c]\n3! It has 1 column where the file has 3.\n"
               "4! It has 2 columns where the file has 3.\n"
               "5! It has 4 columns where the file has 3.\n6: [e] [f] [g]\n");
}

static void
assert_guess (const char *name, const char *content, gssize n, char delimiter, gboolean header,
              const char *columns, const char *encoding, const char *expected)
{
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSource) source = NULL;
  g_autofree char *rows = NULL, *found = NULL;

  place_init (&place, name);
  g_assert_true (g_file_set_contents (place.path, content, n, NULL));
  rows = rows_read (place.path, &source);
  g_ptr_array_add (source->columns, NULL);
  found = g_strjoinv ("|", (char **) source->columns->pdata);
  g_assert_cmpint (source->delimiter, ==, delimiter);
  g_assert_cmpint (source->header, ==, header);
  g_assert_cmpstr (found, ==, columns);
  g_assert_cmpstr (source->encoding, ==, encoding);
  g_assert_cmpstr (rows, ==, expected);
}

static void
test_delimiters (void)
{
  assert_guess ("a.csv", "Frage;Antwort\nWas, wie?;Das, so.\nx;y\n", -1, ';', TRUE, "Frage|Antwort",
                "UTF-8", "2: [Was, wie?] [Das, so.]\n3: [x] [y]\n");
  assert_guess ("a.tsv", "answer\tquestion\nyes, it is\tis it?\n", -1, '\t', TRUE,
                "answer|question", "UTF-8", "2: [is it?] [yes, it is]\n");
  assert_guess ("a.csv", "prompt|response|topic\na|b|c\n", -1, '|', TRUE, "prompt|response|topic",
                "UTF-8", "2: [a] [b] [c]\n");
  assert_guess ("a.txt", "question,answer\n\"a;b;c\",\"d;e;f\"\n\"g;h;i\",\"j;k;l\"\n", -1, ',',
                TRUE, "question|answer", "UTF-8", "2: [a;b;c] [d;e;f]\n3: [g;h;i] [j;k;l]\n");
}

static void
test_headers (void)
{
  assert_guess ("a.csv", "What is gout?,A disease.\nWhat is flu?,Another.\n", -1, ',', FALSE,
                "column 1|column 2", "UTF-8",
                "1: [What is gout?] [A disease.]\n2: [What is flu?] [Another.]\n");
  assert_guess ("a.csv", "1,A disease\n2,Another\n", -1, ',', FALSE, "column 1|column 2", "UTF-8",
                "1: [1] [A disease]\n2: [2] [Another]\n");
  assert_guess ("a.csv", "nr,definition,term\n1,A disease,gout\n", -1, ',', TRUE,
                "nr|definition|term", "UTF-8", "2: [gout] [A disease]\n");
}

static void
test_encodings (void)
{
  g_autofree char *text = g_strdup ("Frage;Antwort\nGröße?;größer – „so“\nx;y\n");
  g_autofree char *wide = NULL, *big = NULL, *western = NULL;
  gsize n, n_big, n_western;
  const char *rows = "2: [Größe?] [größer – „so“]\n3: [x] [y]\n";

  western = g_convert (text, -1, "WINDOWS-1252", "UTF-8", NULL, &n_western, NULL);
  assert_guess ("a.csv", western, n_western, ';', TRUE, "Frage|Antwort", "WINDOWS-1252", rows);
  wide = g_convert (text, -1, "UTF-16LE", "UTF-8", NULL, &n, NULL);
  big = g_convert (text, -1, "UTF-16BE", "UTF-8", NULL, &n_big, NULL);
  {
    g_autoptr (GString) little = g_string_new_len ("\xff\xfe", 2), other = NULL;

    g_string_append_len (little, wide, n);
    assert_guess ("a.csv", little->str, little->len, ';', TRUE, "Frage|Antwort", "UTF-16LE", rows);
    other = g_string_new_len ("\xfe\xff", 2);
    g_string_append_len (other, big, n_big);
    assert_guess ("a.csv", other->str, other->len, ';', TRUE, "Frage|Antwort", "UTF-16BE", rows);
    /* half a character at the end */
    rows_assert_refused ("cut.csv", little->str, little->len - 1, ATTUNE_DATA_ERROR_READ,
                         "Could not read");
  }
}

static void
test_refused (void)
{
  g_autoptr (GError) error = NULL;

  rows_assert_refused ("a.csv", "", 0, ATTUNE_DATA_ERROR_EMPTY, "is empty");
  rows_assert_refused ("a.csv", "\n\n\n", -1, ATTUNE_DATA_ERROR_EMPTY, "no row");
  rows_assert_refused ("a.csv", "%PDF-1.7\n", -1, ATTUNE_DATA_ERROR_FORMAT, "is a PDF");
  rows_assert_refused ("a.csv", "PK\003\004rest", -1, ATTUNE_DATA_ERROR_FORMAT, "ZIP or Office");
  rows_assert_refused ("a.csv", "just one column\nof text\n", -1, ATTUNE_DATA_ERROR_COLUMNS,
                       "Say which one does");
  g_assert_null (attune_source_probe ("/nowhere/a.csv", &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ);
  g_assert_nonnull (strstr (error->message, "/nowhere/a.csv"));
  g_clear_error (&error);
  g_assert_null (attune_source_probe ("/", &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ);
}

static void
test_roles (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GString) rows = g_string_new (NULL);

  place_init (&place, "a.csv");
  g_assert_true (g_file_set_contents (place.path, "one,two,three\na,b,c\n", -1, NULL));
  source = attune_source_probe (place.path, &error);
  g_assert_no_error (error);
  g_assert_true (attune_source_set_role (source, "three", ATTUNE_FIELD_QUESTION, &error));
  g_assert_true (attune_source_set_role (source, "one", ATTUNE_FIELD_ANSWER, &error));
  g_assert_false (attune_source_set_role (source, "four", ATTUNE_FIELD_ANSWER, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS);
  g_assert_nonnull (strstr (error->message, "one, two, three"));
  g_clear_error (&error);
  g_assert_true (attune_source_read (source, rows_add_record, NULL, rows, NULL, &error));
  g_assert_cmpstr (rows->str, ==, "2: [c] [a]\n");
}

/* A text with its label and nothing that answers is read whole. */
static void
test_labelled_roles (void)
{
  static const struct
  {
    const char *columns;
    AttuneField roles[3];
  } tables[] = {
    { "ticket,label", { ATTUNE_FIELD_TEXT, ATTUNE_FIELD_LABEL } },
    { "question,label", { ATTUNE_FIELD_TEXT, ATTUNE_FIELD_LABEL } },
    { "message,Datum", { ATTUNE_FIELD_TEXT, ATTUNE_FIELD_DATE } },
    { "label,question,answer", { ATTUNE_FIELD_LABEL, ATTUNE_FIELD_QUESTION, ATTUNE_FIELD_ANSWER } },
    { "label,question,what", { ATTUNE_FIELD_LABEL, ATTUNE_FIELD_QUESTION, ATTUNE_FIELD_ANSWER } },
  };

  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    {
      g_auto (Place) place = { 0 };
      g_autofree char *content
          = g_strdup_printf ("%s\na,b%s\n", tables[t].columns, t < 3 ? "" : ",c");
      g_autoptr (AttuneSource) source = NULL;
      g_autoptr (GError) error = NULL;

      place_init (&place, "a.csv");
      g_assert_true (g_file_set_contents (place.path, content, -1, NULL));
      source = attune_source_probe (place.path, &error);
      g_assert_no_error (error);
      g_assert_cmpint (attune_source_get_missing_role (source), ==, ATTUNE_FIELD_NONE);
      for (guint i = 0; i < source->roles->len; i++)
        g_assert_cmpint (g_array_index (source->roles, AttuneField, i), ==, tables[t].roles[i]);
    }
}

/* --- a field of 100 MB */

/* The most memory this process ever held, in KiB. */
static guint64
peak_kib (void)
{
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, "VmHWM:");
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen ("VmHWM:"), NULL, 10);
}

static void
test_huge_field (gconstpointer quoted)
{
  static char block[1 << 20];
  g_auto (Place) place = { 0 };
  g_autofree char *rows = NULL;
  guint64 before;
  FILE *file;

  place_init (&place, "huge.csv");
  file = fopen (place.path, "w");
  g_assert_nonnull (file);
  fputs (HEAD "a,b\n", file);
  fputs (quoted != NULL ? "c,\"" : "c,", file);
  memset (block, 'x', sizeof block);
  for (int i = 0; i < 100; i++)
    g_assert_cmpuint (fwrite (block, 1, sizeof block, file), ==, sizeof block);
  fputs (quoted != NULL ? "\"\ne,f\n" : "\ne,f\n", file);
  g_assert_cmpint (fclose (file), ==, 0);

  before = peak_kib ();
  rows = rows_read (place.path, NULL);
  g_assert_cmpstr (rows, ==,
                   "2: [a] [b]\n3! It is longer than four million characters.\n4: [e] [f]\n");
  /* 11 MiB were seen; the sanitizers keep what is freed for a while */
  g_test_message ("grew by %" G_GUINT64_FORMAT " KiB", peak_kib () - before);
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpuint (peak_kib () - before, <, 30 * 1024);
#endif
}

static void
test_long_field (void)
{
  g_autofree char *filler = g_strnfill ((1 << 20) + 1, 'x');
  g_autofree char *content = g_strconcat (HEAD "a,", filler, "\nb,", filler + 1, "\n", NULL);
  g_autofree char *expected = g_strconcat (
      "2! A field is longer than a million characters.\n3: [b] [", filler + 1, "]\n", NULL);

  rows_assert ("a.csv", content, -1, expected);
}

static gboolean
stop_at_once (const AttuneRecord *record, gpointer data, GError **error)
{
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY, "enough");
  return FALSE;
}

static void
test_stopped (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GString) rows = g_string_new (NULL);

  place_init (&place, "a.csv");
  g_assert_true (g_file_set_contents (place.path, HEAD "a,b\n", -1, NULL));
  source = attune_source_probe (place.path, &error);
  g_assert_false (attune_source_read (source, stop_at_once, NULL, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY);
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  g_assert_false (
      attune_source_read (source, rows_add_record, rows_add_bad, rows, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* first: what other tests have held would hide its growth */
  g_test_add_data_func ("/data/csv/huge-field", NULL, test_huge_field);
  g_test_add_data_func ("/data/csv/huge-quoted-field", "", test_huge_field);
  g_test_add_func ("/data/csv/rfc-4180", test_rfc_4180);
  g_test_add_func ("/data/csv/line-ends", test_line_ends);
  g_test_add_func ("/data/csv/byte-order-mark", test_byte_order_mark);
  g_test_add_func ("/data/csv/stray-quotes", test_stray_quotes);
  g_test_add_func ("/data/csv/unclosed-quotes", test_unclosed_quotes);
  g_test_add_func ("/data/csv/unclosed-quote-in-a-long-file", test_unclosed_quote_in_a_long_file);
  g_test_add_func ("/data/csv/bad-bytes", test_bad_bytes);
  g_test_add_func ("/data/csv/column-counts", test_column_counts);
  g_test_add_func ("/data/csv/delimiters", test_delimiters);
  g_test_add_func ("/data/csv/headers", test_headers);
  g_test_add_func ("/data/csv/encodings", test_encodings);
  g_test_add_func ("/data/csv/refused", test_refused);
  g_test_add_func ("/data/csv/roles", test_roles);
  g_test_add_func ("/data/csv/labelled-roles", test_labelled_roles);
  g_test_add_func ("/data/csv/long-field", test_long_field);
  g_test_add_func ("/data/csv/stopped", test_stopped);
  return g_test_run ();
}
