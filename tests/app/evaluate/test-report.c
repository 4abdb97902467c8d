/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table and the pages of a report.
 */
#include "report-sample.h"

/* Cells of RFC 4180, of a text that is known to be one. */
static GPtrArray *
parse_csv (const char *text)
{
  GPtrArray *cells = g_ptr_array_new_with_free_func (g_free);
  GString *cell = g_string_new (NULL);
  gboolean quoted = FALSE;

  for (const char *c = text; *c != '\0'; c++)
    if (quoted && *c == '"' && c[1] == '"')
      g_string_append_c (cell, *c++);
    else if (*c == '"')
      quoted = !quoted;
    else if (!quoted && (*c == ',' || (*c == '\r' && c[1] == '\n')))
      {
        g_ptr_array_add (cells, g_strdup (cell->str));
        g_string_set_size (cell, 0);
        c += *c == '\r';
      }
    else
      {
        g_assert_false (!quoted && (*c == '\n' || *c == '\r'));
        g_string_append_c (cell, *c);
      }
  g_assert_false (quoted);
  g_assert_cmpuint (cell->len, ==, 0); /* the last line ends, too */
  g_string_free (cell, TRUE);
  return cells;
}

static void
test_csv (void)
{
  g_autoptr (AttuneReport) report = report_new (3);
  g_autoptr (GPtrArray) cells = NULL;
  g_autofree char *csv = NULL;
  const char *const odd = "say \"ah\",\r\nthen\n=1+1";

  replace_text (report->evaluation->tuned_answers, 1, odd);
  replace_text (report->evaluation->base_answers, 1, "");
  attune_ratings_set (report->ratings, 1, ATTUNE_RATING_BOTH_BAD, TRUE);
  attune_ratings_set (report->ratings, 2, ATTUNE_RATING_TUNED, FALSE);
  csv = attune_report_to_csv (report);
  g_assert_true (g_str_has_prefix (csv, "\xEF\xBB\xBF"));
  g_assert_true (g_utf8_validate (csv, -1, NULL));
  cells = parse_csv (csv + 3);
  g_assert_cmpuint (cells->len, ==, 4 * 11);
  g_assert_cmpstr (cells->pdata[0], ==, "Number");
  g_assert_cmpstr (cells->pdata[11], ==, "1");
  g_assert_cmpstr (cells->pdata[12], ==, "What does term 0 mean?");
  g_assert_cmpstr (cells->pdata[11 + 9], ==, "");
  g_assert_cmpstr (cells->pdata[22 + 3], ==, "");
  g_assert_cmpstr (cells->pdata[22 + 4], ==, odd);
  g_assert_cmpstr (cells->pdata[22 + 9], ==, "both-bad");
  g_assert_cmpstr (cells->pdata[22 + 10], ==, "yes");
  g_assert_cmpstr (cells->pdata[33 + 9], ==, "tuned");
  g_assert_cmpstr (cells->pdata[33 + 10], ==, "no");
}

static guint
count_in (GBytes *bytes, const char *word)
{
  gsize length, found = 0;
  const char *data = g_bytes_get_data (bytes, &length);

  for (gsize i = 0; i + strlen (word) <= length; i++)
    found += memcmp (data + i, word, strlen (word)) == 0;
  return found;
}

static GBytes *
draw_good (const AttuneReport *report)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = attune_report_to_pdf (report, &error);

  g_assert_no_error (error);
  return bytes;
}

static void
test_pdf (void)
{
  g_autoptr (AttuneReport) report = report_new (60);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *start = NULL;
  const char *folder = g_getenv ("ATTUNE_REPORT_FOLDER"); /* to look at it */
  guint n_pages;

  for (guint i = 0; i < 40; i++)
    attune_ratings_set (report->ratings, i, i % 4 == 0 ? ATTUNE_RATING_BASE : ATTUNE_RATING_TUNED,
                        FALSE);
  report->earlier_name = g_strdup ("Evaluation 1 (run 0001)");
  report->earlier = report->evaluation->base;
  bytes = draw_good (report);
  start = g_strndup (g_bytes_get_data (bytes, NULL), 5);
  g_assert_cmpstr (start, ==, "%PDF-");
  n_pages = count_in (bytes, "/Type /Page %");
  g_assert_cmpuint (n_pages, >=, 4);
  g_assert_cmpuint (n_pages, <, 20);
  g_assert_cmpuint (count_in (bytes, "%%EOF"), ==, 1);
  if (folder != NULL && *folder != '\0')
    {
      g_autofree char *path = g_build_filename (folder, "report.pdf", NULL);

      g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                                          g_bytes_get_size (bytes), NULL));
    }
}

static void
test_fits (void)
{
  g_autoptr (AttuneReport) report = report_new (3), none = report_new (0);
  g_autoptr (GString) words = g_string_new (NULL), letters = g_string_new (NULL);

  assert_fits (none, 1);
  assert_fits (report, 2);
  for (guint i = 0; i < 3000; i++)
    {
      g_string_append_printf (words, "word%u ", i);
      g_string_append_c (letters, 'W');
    }
  g_free (report->project);
  report->project = g_strdup (letters->str);
  replace_text (report->evaluation->base_answers, 0, letters->str);
  replace_text (report->evaluation->tuned_answers, 0, words->str);
  replace_text (report->evaluation->tuned_answers, 1, "مرحبا \x1b[31m\xff\xfe 心臓の炎症\n\n\n🫀");
  assert_fits (report, 6);
}

/* What is known of where it is from stands there; what is not known has no line. */
static void
test_facts (void)
{
  g_autoptr (AttuneReport) report = report_new (3);
  g_autofree char *without = list_texts (report), *with = NULL;

  report->data = g_strdup ("terms.csv (60 rows)");
  with = list_texts (report);
  g_assert_nonnull (strstr (with, "Smol"));
  g_assert_nonnull (strstr (with, "80 test questions, kept away from tuning"));
  g_assert_nonnull (strstr (with, "(Data)"));
  g_assert_nonnull (strstr (with, "terms.csv \\(60 rows\\)"));
  g_assert_null (strstr (without, "(Data)"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evaluate/report/csv", test_csv);
  g_test_add_func ("/evaluate/report/pdf", test_pdf);
  g_test_add_func ("/evaluate/report/fits", test_fits);
  g_test_add_func ("/evaluate/report/facts", test_facts);
  return g_test_run ();
}
