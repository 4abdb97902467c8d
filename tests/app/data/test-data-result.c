/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a report on prepared data says, in sentences and in its chart.
 */
#include "charts/chart.h"
#include "stages/data/result.h"

#include <adwaita.h>
#include <string.h>

static AttuneReportView *
parse (const char *json)
{
  g_autoptr (JsonNode) node = json_from_string (json, NULL);

  return attune_report_view_new (node);
}

/* Every number has a sentence; what is not there is not spoken of. */
static void
test_sentences (void)
{
  g_autoptr (AttuneDataResult) result
      = g_object_ref_sink (g_object_new (ATTUNE_TYPE_DATA_RESULT, NULL));
  g_autoptr (AttuneReportView) plain
      = parse ("{\"splits\": {\"train\": 8, \"validation\": 1, \"test\": 1}}");
  g_autoptr (AttuneReportView) full
      = parse ("{\"splits\": {\"train\": 5, \"excluded\": 3}, \"shared_answers\": 2, "
               "\"personal\": {\"email\": 3, \"name\": 1}, \"secrets\": {\"password\": 2}, "
               "\"toxic\": {\"insult\": 1, \"own\": 4}, "
               "\"languages\": {\"looked_at\": 10, \"undecided\": 2, \"found\": ["
               "{\"language\": \"de\", \"count\": 6}, {\"language\": \"en\", \"count\": 2}]}, "
               "\"undecided_abbreviations\": [{\"abbreviation\": \"MI\", \"count\": 2, "
               "\"meanings\": \"infarction, insufficiency\"}], "
               "\"tokens\": {\"median\": 40, \"max\": 90, \"cut\": 1, \"too_long\": 2, "
               "\"endless\": 3, \"restarts\": 1}}");

  g_autoptr (AttuneReportView) dated
      = parse ("{\"splits\": {\"train\": 8, \"validation\": 1, \"test\": 1}, \"test_from\": "
               "\"2026-01-01\", \"unused\": [\"test-share\", \"stratify\"], \"dates\": {"
               "\"first\": \"2025-01-01\", \"last\": \"2026-02-01\", \"day_first\": 3}}");

  attune_data_result_show (result, dated, 64);
  g_assert_cmpstr (
      strchr (attune_data_result_get_text (result), '\n') + 1, ==,
      "8 teach the model, 1 check its progress while it is tuned, and 1 are kept for the final "
      "test.\n"
      "The records are from 2025-01-01 to 2026-02-01.\n"
      "Dates such as 3/4/2024 are read with the day first, as others in their column show: 3.\n"
      "The split is by time: the shares cannot be the same for each label.");
  attune_data_result_show (result, plain, 64);
  g_assert_cmpstr (attune_data_result_get_text (result), ==,
                   "Records used: all 10.\n"
                   "8 teach the model, 1 check its progress while it is tuned, and 1 are kept for "
                   "the final test.");
  attune_data_result_show (result, full, 64);
  g_assert_cmpstr (
      attune_data_result_get_text (result), ==,
      "Records used: 5 of 8; the cleaning left out 3.\n"
      "5 teach the model, 0 check its progress while it is tuned, and 0 are kept for the final "
      "test.\n"
      "Personal data found: e-mail addresses 3, names 1.\n"
      "Keys and passwords found: passwords 2.\n"
      "Toxic words found: insults 1, words of your list 4.\n"
      "Languages, where they can be told: German 75 %, English 25 %.\n"
      "“MI” could mean several things (infarction, insufficiency), and nothing near them says "
      "which: 2 were left as they are.\n"
      "Nothing checks the progress: it will not be seen when the model begins to memorise.\n"
      "Nothing is kept for the final test: the result cannot be measured on questions that are "
      "new to the model.\n"
      "2 answers are both learned and asked for in the final test, by other questions.\n"
      "Half of the samples have up to 40 tokens, the longest has 90.\n"
      "1 sample is longer than 64 tokens: its end is not learned.\n"
      "3 answers end without a token to stop at: the model cannot learn from them where an answer "
      "ends.\n"
      "1 sample has the token that begins a text twice, which models have learned once.\n"
      "2 were left out because their questions alone are too long.");
}

/* A label with no record to learn from is none before the balancing, however many test it. */
static void
test_balanced_labels (void)
{
  g_autoptr (AttuneDataResult) result
      = g_object_ref_sink (g_object_new (ATTUNE_TYPE_DATA_RESULT, NULL));
  g_autoptr (AttuneReportView) report = parse (
      "{\"splits\": {\"train\": 8, \"test\": 2}, \"sizes\": {\"train\": {\"samples\": 12}}, "
      "\"labels\": [{\"label\": \"many\", \"count\": 6, \"original\": 6, \"learned\": 6}, "
      "{\"label\": \"few\", \"count\": 2, \"original\": 2, \"learned\": 6}, "
      "{\"label\": \"tested\", \"count\": 2, \"original\": 0, \"learned\": 0}]}");
  g_autofree char *csv = NULL;
  GObject *chart;

  attune_data_result_show (result, report, 64);
  chart = gtk_widget_get_template_child (GTK_WIDGET (result), ATTUNE_TYPE_DATA_RESULT,
                                         "labels_chart");
  csv = attune_figure_to_csv (attune_chart_get_figure (ATTUNE_CHART (chart)));
  g_test_message ("%s", csv);
  g_assert_nonnull (strstr (csv, "tested,0,0"));
  g_assert_nonnull (
      strstr (attune_data_result_get_text (result), "12 samples of 8 records teach the model"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/data-page/sentences", test_sentences);
  g_test_add_func ("/data-page/balanced-labels", test_balanced_labels);
  return g_test_run ();
}
