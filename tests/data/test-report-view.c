/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data/report-view.h"
#include "data/tally.h"

#include <string.h>

/* A report of samples with these lengths. */
static AttuneReportView *
view_of (const guint *lengths, guint n)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (AttuneCleaner) cleaner
      = attune_cleaner_new (attune_data_settings_get_values (settings), NULL, NULL);
  AttuneTally *tally = attune_tally_new (0, NULL, NULL);
  g_autofree char *nowhere = g_build_filename (g_get_tmp_dir (), "no-such-folder", NULL);
  g_autoptr (AttuneChanges) changes = attune_changes_read (nowhere, NULL);
  g_autoptr (JsonNode) report = NULL;

  for (guint i = 0; i < n; i++)
    attune_tally_sample (tally, ATTUNE_SPLIT_TRAIN, &(AttuneSampleSize) { lengths[i], 1 });
  report = attune_tally_report (tally, cleaner, changes, ATTUNE_LABEL_READING_AUTO, 3);
  attune_tally_free (tally);
  return attune_report_view_new (report);
}

static void
assert_bins (const guint *lengths, guint n, guint64 width, const char *expected)
{
  g_autoptr (AttuneReportView) view = view_of (lengths, n);
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < view->bins->len; i++)
    g_string_append_printf (found, "%" G_GUINT64_FORMAT " ",
                            g_array_index (view->bins, guint64, i));
  g_assert_cmpuint (view->bin_width, ==, width);
  g_assert_cmpstr (found->str, ==, expected);
}

static void
test_histogram (void)
{
  const guint few[] = { 3, 1, 3 }, many[] = { 49, 0, 50 }, wide[] = { 1999, 40, 39, 0 };
  g_autoptr (AttuneReportView) none = view_of (few, 0);
  g_autoptr (AttuneReportView) long_one = view_of (wide, 4);
  guint64 sum = 0;

  assert_bins (few, 3, 1, "0 1 0 2 ");
  assert_bins (many, 3, 2, "1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 ");
  g_assert_cmpuint (none->bin_width, ==, 0);
  g_assert_cmpuint (none->bins->len, ==, 0);
  g_assert_cmpuint (long_one->bin_width, ==, 50);
  g_assert_cmpuint (long_one->bins->len, ==, 40);
  g_assert_cmpuint (g_array_index (long_one->bins, guint64, 0), ==, 3);
  for (guint i = 0; i < long_one->bins->len; i++)
    sum += g_array_index (long_one->bins, guint64, i);
  g_assert_cmpuint (sum, ==, 4);
}

static void
test_whole (void)
{
  g_autoptr (JsonNode) report = json_from_string (
      "{\"read\": 9, \"bad\": 2, \"shared_answers\": 1, "
      "\"splits\": {\"train\": 5, \"validation\": 1, \"test\": 1, \"excluded\": 2}, "
      "\"steps\": [{\"name\": \"trim-space\", \"title\": \"Tidied\", \"enabled\": true, "
      "\"count\": 4, \"changes\": 6, \"examples\": [{\"before\": \" a\", \"after\": \"a\"}, "
      "{\"before\": \"b\"}]}], "
      "\"labels\": [{\"label\": \"x\", \"count\": 3}], \"personal\": {\"iban\": 6}, "
      "\"secrets\": {\"private-key\": 2}, \"toxic\": {\"threat\": 4}, "
      "\"undecided_abbreviations\": [{\"abbreviation\": \"MI\", \"meanings\": \"a, b\", "
      "\"count\": 5}], "
      "\"tokens\": {\"total\": 70, \"learned\": 7, \"cut\": 1, \"endless\": 6, \"restarts\": 4, "
      "\"too_long\": 2, \"min\": 3, "
      "\"median\": 5, \"p95\": 8, \"max\": 9}}",
      NULL);
  g_autoptr (AttuneReportView) view = attune_report_view_new (report);
  const AttuneReportStep *step = attune_report_view_find_step (view, "trim-space");

  g_assert_cmpuint (view->read, ==, 9);
  g_assert_cmpuint (view->bad, ==, 2);
  g_assert_cmpuint (view->shared_answers, ==, 1);
  g_assert_cmpuint (view->splits[ATTUNE_SPLIT_EXCLUDED], ==, 2);
  g_assert_cmpstr (step->title, ==, "Tidied");
  g_assert_true (step->enabled);
  g_assert_cmpuint (step->count, ==, 4);
  g_assert_cmpuint (step->changes, ==, 6);
  g_assert_cmpuint (step->n_examples, ==, 2);
  g_assert_cmpstr (step->after[0], ==, "a");
  g_assert_null (step->after[1]);
  g_assert_null (attune_report_view_find_step (view, "seed"));
  g_assert_cmpstr (((AttuneReportLabel *) view->labels->pdata[0])->label, ==, "x");
  g_assert_cmpuint (view->personal[ATTUNE_PERSONAL_IBAN], ==, 6);
  g_assert_cmpuint (view->personal[ATTUNE_PERSONAL_NAME], ==, 0);
  g_assert_cmpuint (view->secrets[ATTUNE_SECRET_PRIVATE_KEY], ==, 2);
  g_assert_cmpuint (view->toxic[ATTUNE_TOXIC_THREAT], ==, 4);
  g_assert_cmpstr (((AttuneReportUndecided *) view->undecided->pdata[0])->meanings, ==, "a, b");
  g_assert_cmpuint (((AttuneReportUndecided *) view->undecided->pdata[0])->count, ==, 5);
  g_assert_cmpint (step->deed, ==, ATTUNE_CLEAN_CHANGES);
  g_assert_cmpuint (view->p95, ==, 8);
  g_assert_cmpuint (view->n_endless, ==, 6);
  g_assert_cmpuint (view->n_restarts, ==, 4);
  g_assert_cmpuint (view->bin_width, ==, 0); /* an older report */
}

/* Whatever is in a file: nothing is taken for granted. */
static void
test_strange (void)
{
  static const char *const texts[] = {
    "[]",
    "3",
    "{}",
    "{\"read\": -4, \"splits\": [], \"labels\": {}, \"tokens\": null, \"steps\": 1}",
    "{\"read\": \"many\", \"labels\": [1, null, {}, {\"label\": 7, \"count\": {}}]}",
    "{\"steps\": [{\"name\": null, \"examples\": [1, {}, {\"before\": 1}, {}, {}, {}]}]}",
    "{\"personal\": [1], \"undecided_abbreviations\": [1, {}, {\"count\": -3}]}",
    "{\"tokens\": {\"histogram\": {\"width\": 0, \"counts\": [1]}}}",
    "{\"tokens\": {\"histogram\": {\"width\": 2, \"counts\": [-1, {}, \"x\", null]}}}",
  };
  g_autoptr (AttuneReportView) none = attune_report_view_new (NULL);

  g_assert_cmpuint (none->read, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (texts[i], NULL);
      g_autoptr (AttuneReportView) view = attune_report_view_new (node);

      g_test_message ("%s", texts[i]);
      g_assert_cmpuint (view->read, ==, 0);
      for (guint j = 0; j < view->labels->len; j++)
        g_assert_cmpstr (((AttuneReportLabel *) view->labels->pdata[j])->label, ==, "");
      for (guint j = 0; j < view->bins->len; j++)
        g_assert_cmpuint (g_array_index (view->bins, guint64, j), ==, 0);
    }
}

static void
test_sources (void)
{
  g_autoptr (JsonNode) node = json_from_string (
      "[{\"path\": \"/a/b.csv\", \"format\": \"csv\", \"rows\": 4, \"bad\": 1}, 7]", NULL);
  g_autoptr (GPtrArray) views = attune_source_views_new (node),
                        none = attune_source_views_new (NULL);
  const AttuneSourceView *view = g_ptr_array_index (views, 0);

  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (views->len, ==, 2); /* numbers of sources stay right */
  g_assert_cmpstr (view->path, ==, "/a/b.csv");
  g_assert_cmpstr (view->encoding, ==, "");
  g_assert_cmpuint (view->rows, ==, 4);
  g_assert_cmpuint (view->bad, ==, 1);
  g_assert_cmpstr (((AttuneSourceView *) views->pdata[1])->path, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/report-view/histogram", test_histogram);
  g_test_add_func ("/data/report-view/whole", test_whole);
  g_test_add_func ("/data/report-view/strange", test_strange);
  g_test_add_func ("/data/report-view/sources", test_sources);
  return g_test_run ();
}
