/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parquet files that PyArrow wrote (tests/golden/parquet), whole, cut off and damaged.
 */
#include "data/import-private.h"
#include "data/parquet-rows.h"

static void
test_packings (void)
{
  static const char *const names[]
      = { "snappy.parquet", "zstd.parquet", "gzip.parquet", "none.parquet" };
  g_autoptr (GString) expected = g_string_new (NULL);

  parquet_add_expected (expected, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = parquet_find (names[i]), *rows = NULL;
      g_autoptr (AttuneSource) source = NULL;

      rows = rows_read (path, &source);
      g_assert_cmpstr (rows, ==, expected->str);
      g_assert_cmpstr (source->format, ==, "parquet");
      g_assert_cmpuint (source->columns->len, ==, 6);
      g_assert_cmpuint (source->preview->len, ==, 20);
      g_assert_cmpstr (((char **) source->preview->pdata[5])[0], ==, "5");
      g_assert_cmpstr (((char **) source->preview->pdata[5])[4], ==, "0.625");
    }
}

static void
test_types (void)
{
  g_autofree char *path = parquet_find ("types.parquet"), *rows = rows_read (path, NULL);

  g_assert_cmpstr (rows, ==,
                   "1: [-5] [0.1] [2024-02-29 12:30:01] [true] [2024-02-29] [-0.05]\n"
                   "2: [] [1e+300] [] [] [] [12.30]\n"
                   "3: [7] [-2.5] [1969-12-31 23:59:59] [false] [1969-12-31] []\n");
}

/* Decimals in bytes, short and long. */
static void
test_decimals (void)
{
  g_autofree char *path = parquet_find ("decimals.parquet"), *rows = rows_read (path, NULL);

  g_assert_cmpstr (rows, ==,
                   "1: [-0.05] [-7.001]\n"
                   "2: [12.30] [9000000000000000.125]\n"
                   "3! Its column “answer” holds a number too long to be read.\n");
}

/* What is learned must be text beside lists, too. */
static void
test_not_text (void)
{
  g_autofree char *path = parquet_find ("not-text.parquet"), *rows = rows_read (path, NULL);

  g_assert_cmpstr (
      rows, ==,
      "1: [a] [good]\n2! One of its columns holds bytes that are no characters in UTF-8.\n");
}

/* Lists of structs become conversations, as in JSON. */
static void
test_conversations (void)
{
  g_autofree char *path = parquet_find ("chat.parquet"), *rows = NULL;
  g_autoptr (AttuneSource) source = NULL;

  rows = rows_read (path, &source);
  g_assert_cmpstr (rows, ==,
                   "1: [What is \"gout\"?] [A\ndisease] [Be brief.]\n"
                   "2: [] []\n"
                   "3: [One?] [1]\n"
                   "4: \n");
  g_assert_true (g_ptr_array_find_with_equal_func (source->columns, "tags", g_str_equal, NULL));
}

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
  g_assert_nonnull (strstr (error->message, path));
}

static void
test_not_read (void)
{
  g_autofree char *lz4 = parquet_find ("lz4.parquet"), *delta = parquet_find ("delta.parquet");
  g_auto (Place) place = { 0 };

  assert_refused (lz4, ATTUNE_DATA_ERROR_FORMAT, "Zstandard");
  assert_refused (delta, ATTUNE_DATA_ERROR_FORMAT, "save the table again");
  place_init (&place, "a.parquet");
  g_assert_true (
      g_file_set_contents (place.path, "version https://git-lfs.github.com/spec/v1\n", -1, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "Git LFS");
  g_assert_true (g_file_set_contents (place.path, "question,answer\n", -1, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "it is none");
  g_assert_true (g_file_set_contents (place.path, "PAR1", -1, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "cut off");
  g_assert_true (g_file_set_contents (place.path, "PAR1\0\0\0\0\xff\xff\xff\x0fPAR1", 16, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "damaged");
  g_assert_true (g_file_set_contents (place.path, "PAR1\0\0\0\0\0\0\0\0PARE", 16, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "encrypted");
}

/* Writes the file with byte 1 of the mark number @number as @byte. */
static void
spoil (const char *path, const char *bytes, gsize n, const char *mark, guint number, char byte)
{
  g_autofree char *spoilt = g_memdup2 (bytes, n);
  const char *at = memmem (bytes, n, mark, strlen (mark));

  for (; at != NULL && number > 0; number--)
    at = memmem (at + 1, bytes + n - at - 1, mark, strlen (mark));
  g_assert_nonnull (at);
  spoilt[at - bytes + 1] = byte;
  g_assert_true (g_file_set_contents (path, spoilt, n, NULL));
}

/* A fault where a list may go on is told as what it is, and nothing is read on. */
static void
test_damaged_page (void)
{
  static const guint pages[] = { 0, 1, 3, 6, 7, 8, 13 }; /* seven of roles, then seven of texts */
  g_autofree char *path = parquet_find ("pages.parquet"), *whole = NULL, *rows = NULL;
  g_auto (Place) place = { 0 };
  gsize n;

  rows = rows_read (path, NULL);
  g_assert_true (g_str_has_prefix (rows, "1: [user 0] [assistant 0] [system 0]\n"));
  g_assert_nonnull (strstr (rows, "12: [user 11] [assistant 11] [system 11]\n"));
  place_init (&place, "a.parquet");
  g_assert_true (g_file_get_contents (path, &whole, &n, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      /* an encoding, and those of the levels */
      spoil (place.path, whole, n, "\x15\x10\x15\x06\x15\x06", pages[i], 0x0c);
      assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "save the table again");
    }
}

/* The footer and the groups must say the same number of rows. */
static void
test_row_counts (void)
{
  g_autofree char *path = parquet_find ("zstd.parquet"), *whole = NULL;
  g_auto (Place) place = { 0 };
  gsize n;

  place_init (&place, "a.parquet");
  g_assert_true (g_file_get_contents (path, &whole, &n, NULL));
  spoil (place.path, whole, n, "\x16\x4a\x19", 0, 0x4c); /* 37 rows */
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "list of columns");
}

/* What is not used makes no row too long. */
static void
test_wide_row (void)
{
  const AttuneField fields[] = { ATTUNE_FIELD_NONE, ATTUNE_FIELD_NONE, ATTUNE_FIELD_NONE,
                                 ATTUNE_FIELD_NONE, ATTUNE_FIELD_NONE, ATTUNE_FIELD_QUESTION };
  g_autoptr (GArray) roles = g_array_new (FALSE, FALSE, sizeof (AttuneField));
  g_autofree char *text = g_strnfill (ATTUNE_MAX_ROW_BYTES / 5, 'x');
  g_auto (AttuneTableRow) row = { 0 };

  g_array_append_vals (roles, fields, G_N_ELEMENTS (fields));
  attune_table_row_init (&row, roles);
  attune_table_row_begin (&row);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    attune_table_row_add (&row, text, strlen (text));
  g_assert_cmpstr (row.reason, ==, NULL);
  g_assert_cmpstr (row.fields->pdata[0], ==, "");
  g_assert_cmpstr (row.fields->pdata[5], ==, text);
}

/* A few bytes can say that a list has a billion elements that are missing. */
static void
test_long_row (void)
{
  g_autofree char *path = parquet_find ("long-row.parquet");

  assert_refused (path, ATTUNE_DATA_ERROR_FORMAT, "too long");
}

static void
read_damaged (const char *path, gboolean must_fail)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = attune_source_probe (path, &error);
  g_autoptr (GString) rows = g_string_new (NULL);

  if (source != NULL)
    g_assert_true (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error)
                   == (error == NULL));
  g_assert_true (!must_fail || error != NULL);
}

/* Cut off nowhere it is read; of each byte that is wrong it comes out with rows or an error. */
static void
test_damaged (void)
{
  static const char *const names[] = { "snappy.parquet", "chat.parquet" };
  g_auto (Place) place = { 0 };

  place_init (&place, "a.parquet");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = parquet_find (names[i]), *whole = NULL;
      gsize n;

      g_assert_true (g_file_get_contents (path, &whole, &n, NULL));
      for (gsize at = 0; at < n; at += 5)
        {
          g_assert_true (g_file_set_contents (place.path, whole, at, NULL));
          read_damaged (place.path, TRUE);
          whole[at] ^= 0x5b;
          g_assert_true (g_file_set_contents (place.path, whole, n, NULL));
          read_damaged (place.path, FALSE);
          whole[at] ^= 0x5b;
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parquet/packings", test_packings);
  g_test_add_func ("/parquet/types", test_types);
  g_test_add_func ("/parquet/conversations", test_conversations);
  g_test_add_func ("/parquet/decimals", test_decimals);
  g_test_add_func ("/parquet/not-text", test_not_text);
  g_test_add_func ("/parquet/not-read", test_not_read);
  g_test_add_func ("/parquet/damaged-page", test_damaged_page);
  g_test_add_func ("/parquet/row-counts", test_row_counts);
  g_test_add_func ("/parquet/wide-row", test_wide_row);
  g_test_add_func ("/parquet/long-row", test_long_row);
  g_test_add_func ("/parquet/damaged", test_damaged);
  return g_test_run ();
}
