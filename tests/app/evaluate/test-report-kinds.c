/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a report says of runs that learn no answers: of labels, one or several, of numbers and of
 * rewards.
 */
#include "stages/evaluate/label-words.h"
#include "report-sample.h"

/* What labels are scored by, label by label. */
static void
test_labels (void)
{
  g_autoptr (AttuneReport) report = report_new (3);
  g_autofree char *text = NULL, *more = NULL, *csv = NULL;

  attune_evaluation_free (report->evaluation);
  report->evaluation = test_label_evaluation_new ();
  assert_fits (report, 2);
  text = list_texts (report);
  g_assert_nonnull (strstr (text, "Label by Label"));
  g_assert_nonnull (strstr (text, "2 of 2 records found"));
  g_assert_nonnull (strstr (text, "Balanced score"));
  g_assert_null (strstr (text, "Perplexity"));
  g_assert_null (strstr (text, "Win rate"));
  g_assert_null (strstr (text, "Rate answers"));
  g_assert_null (strstr (text, "(Base, "));
  g_assert_null (strstr (text, "Bold words"));
  g_assert_nonnull (strstr (text, "Another label was expected"));
  g_assert_null (strstr (text, "not learned"));
  attune_confusion_add (report->evaluation->confusion, -1, 0);
  more = list_texts (report);
  g_assert_nonnull (strstr (more, "1 record has a label that the run has not learned"));
  csv = attune_report_to_csv (report);
  g_assert_nonnull (strstr (csv, "Expected label"));
  g_assert_null (strstr (csv, "Base"));
}

static void
test_rewards (void)
{
  g_autoptr (AttuneReport) report = report_new (3);
  g_autofree char *text = NULL;

  attune_evaluation_free (report->evaluation);
  report->evaluation = reward_evaluation_new ();
  text = list_texts (report);
  g_assert_nonnull (strstr (text, "Better Answer Preferred"));
  g_assert_nonnull (strstr (text, "Loss, nats per pair"));
  g_assert_null (strstr (text, "Label by Label"));
  g_assert_null (strstr (text, "alanced"));
  g_assert_null (strstr (text, "Frequent"));
}

/* Several labels to a record. */
static AttuneEvaluation *
new_several (void)
{
  static const char *const names[] = { "late", "cold" };
  AttuneEvaluation *self = test_label_evaluation_new ();

  attune_confusion_free (self->confusion);
  self->label_kind = ATTUNE_LABELS_SEVERAL;
  self->confusion = attune_confusion_new_several (names, 2);
  for (guint i = 0; i < 10; i++)
    {
      attune_confusion_add_one_of_several (self->confusion, 0, i < 5, i < 4);
      attune_confusion_add_one_of_several (self->confusion, 1, i < 3, i > 1);
    }
  self->tuned.micro_f1 = 0.62, self->tuned.micro_f1_error = 0.05;
  self->base.micro_f1 = 0.31;
  return self;
}

static void
test_several (void)
{
  g_autoptr (AttuneReport) report = report_new (3);
  g_autoptr (AttuneFigure) figure = NULL;
  g_autofree char *text = NULL, *summary = NULL;

  attune_evaluation_free (report->evaluation);
  report->evaluation = new_several ();
  assert_says (attune_verdict_on_perplexity (report->evaluation), "finds 62%");
  assert_says (attune_verdict_on_words (report->evaluation), "most frequent ones, 28%");
  assert_says (attune_verdict_on_exact (report->evaluation), "no other");
  assert_fits (report, 1);
  text = list_texts (report);
  g_assert_nonnull (strstr (text, "Found Labels"));
  g_assert_nonnull (strstr (text, "62% \\(52% to 72%\\)"));
  g_assert_nonnull (strstr (text, "4 of 5 records found"));
  g_assert_null (strstr (text, "taken for"));
  g_assert_null (strstr (text, "in doubt"));
  figure = attune_score_figure_new (report->evaluation, NULL, NULL, NULL);
  summary = attune_figure_summarize (figure);
  g_assert_nonnull (strstr (summary, "Found labels"));
}

/* Of a number it is said how far off it is; a label is right or wrong. */
static void
test_answers (void)
{
  static const struct
  {
    const char *expected, *answer;
    gboolean exact;
    AttuneLabelKind kind;
    const char *says;
  } cases[] = { { "15", "15.0452", FALSE, ATTUNE_LABELS_NUMBER, "Off by 0.0452" },
                { "-3.25", "20", FALSE, ATTUNE_LABELS_NUMBER, "Off by 23.2" },
                { "15", "15", TRUE, ATTUNE_LABELS_NUMBER, "As expected" },
                { "15 °C", "15", FALSE, ATTUNE_LABELS_NUMBER, "Another label was expected" },
                { NULL, "15", FALSE, ATTUNE_LABELS_NUMBER, "Another label was expected" },
                { "15", "16", FALSE, ATTUNE_LABELS_ONE, "Another label was expected" },
                { "a; b", "a", FALSE, ATTUNE_LABELS_SEVERAL, "Other labels were expected" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const AttuneAnswer answer = { .expected = (char *) cases[i].expected,
                                    .answer = (char *) cases[i].answer,
                                    .exact = cases[i].exact };
      g_autofree char *text = attune_label_words_on_answer (&answer, cases[i].kind);

      g_assert_cmpstr (text, ==, cases[i].says);
    }
}

/* Numbers, against always the mean. */
static void
test_numbers (void)
{
  g_autoptr (AttuneReport) report = report_new (3);
  g_autoptr (AttuneFigure) figure = NULL;
  g_autofree char *text = NULL, *summary = NULL;
  AttuneEvaluation *e;

  attune_evaluation_free (report->evaluation);
  e = report->evaluation = test_label_evaluation_new ();
  g_clear_pointer (&e->confusion, attune_confusion_free);
  e->label_kind = ATTUNE_LABELS_NUMBER;
  e->tuned.mae = 4.914, e->tuned.rmse = 6.1, e->tuned.r2 = 0.557, e->tuned.r2_error = 0.05;
  e->base.mae = 9.4, e->base.rmse = 11.2, e->base.r2 = -0.04;
  assert_says (attune_verdict_on_perplexity (e), "4.91 off in the mean; always the mean, 9.40");
  assert_says (attune_verdict_on_words (e), "6.10 off");
  assert_says (attune_verdict_on_exact (e), "tells 56%");
  assert_fits (report, 1);
  text = list_texts (report);
  g_assert_nonnull (strstr (text, "Off in the Mean"));
  g_assert_nonnull (strstr (text, "Always the Mean"));
  g_assert_null (strstr (text, "Label by Label"));
  figure = attune_score_figure_new (e, NULL, NULL, NULL);
  summary = attune_figure_summarize (figure);
  g_assert_nonnull (strstr (summary, "Explained"));
}

/* What a record costs is said where it is known. */
static void
test_costs (void)
{
  g_autoptr (AttuneReport) report = report_new (3);
  g_autofree char *text = NULL;

  attune_evaluation_free (report->evaluation);
  report->evaluation = test_label_evaluation_new ();
  report->evaluation->tuned.cost = 0.25;
  report->evaluation->base.cost = 1.5;
  assert_says (attune_verdict_on_words (report->evaluation), "A record costs 0.25 in the mean");
  text = list_texts (report);
  g_assert_nonnull (strstr (text, "Cost of a record"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evaluate/report/labels", test_labels);
  g_test_add_func ("/evaluate/report/rewards", test_rewards);
  g_test_add_func ("/evaluate/report/several", test_several);
  g_test_add_func ("/evaluate/report/answers", test_answers);
  g_test_add_func ("/evaluate/report/numbers", test_numbers);
  g_test_add_func ("/evaluate/report/costs", test_costs);
  return g_test_run ();
}
