/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sentences about an evaluation, its figure and the marked words.
 */
#include "report-sample.h"
#include "stages/evaluate/label-words.h"
#include "stages/evaluate/word-marks.h"

#include <math.h>

static void
test_verdicts (void)
{
  g_autoptr (AttuneEvaluation) e = test_evaluation_new (30), none = test_evaluation_new (0),
                               few = test_evaluation_new (4);
  static const struct
  {
    double tuned;
    const char *word;
  } perplexities[] = { { 12.3, "much less surprised" },
                       { 40, "is less surprised" },
                       { 45.5, "about as much" },
                       { 60, "more surprised" },
                       { NAN, "could not be measured" } };

  assert_says (attune_verdict_on_perplexity (e), "perplexity 12.3 instead of 45.1");
  for (guint i = 0; i < G_N_ELEMENTS (perplexities); i++)
    {
      e->tuned.perplexity = perplexities[i].tuned;
      assert_says (attune_verdict_on_perplexity (e), perplexities[i].word);
    }
  assert_says (attune_verdict_on_words (e), "share more words");
  assert_says (attune_verdict_on_words (few), "may be chance");
  assert_says (attune_verdict_on_words (none), "No questions");
  assert_says (attune_verdict_on_exact (e), "20 of 30 answers of the tuned model");
  assert_says (attune_verdict_on_exact (none), "nothing");
}

static void
test_earlier (void)
{
  g_autoptr (AttuneEvaluation) e = test_evaluation_new (3);
  static const struct
  {
    double tuned;
    const char *word;
  } losses[] = { { 2, "better than before: perplexity 7.39 instead of 12.2" },
                 { 2.51, "Next to nothing was forgotten" },
                 { 3, "Some of the earlier material was forgotten" },
                 { 1e9, "could not be measured" } };

  g_assert_null (attune_verdict_on_earlier (e));
  e->base.n_earlier = e->tuned.n_earlier = 10;
  e->base.earlier_loss = 2.5;
  for (guint i = 0; i < G_N_ELEMENTS (losses); i++)
    {
      e->tuned.earlier_loss = losses[i].tuned;
      assert_says (attune_verdict_on_earlier (e), losses[i].word);
    }
}

/* Nobody asked the base model for labels. */
static void
test_label_verdicts (void)
{
  g_autoptr (AttuneEvaluation) e = test_label_evaluation_new ();
  g_autoptr (AttuneFigure) figure = NULL;
  g_autofree char *text = NULL;

  assert_says (attune_verdict_on_perplexity (e), "wavers between 1.80 labels");
  assert_says (attune_verdict_on_words (e), "scores 46%; always the most frequent label, 28%");
  assert_says (attune_verdict_on_exact (e), "7 of 11 labels of the tuned model");
  g_ptr_array_set_size (e->tuned_answers, 0); /* kept to look at are fewer, or none */
  g_ptr_array_set_size (e->base_answers, 0);
  assert_says (attune_verdict_on_exact (e), "7 of 11 labels of the tuned model");
  assert_says (attune_verdict_on_words (e), "scores 46%");
  figure = attune_score_figure_new (e, NULL, NULL, NULL);
  text = attune_figure_summarize (figure);
  g_assert_nonnull (strstr (text, "Most Frequent Label"));
  g_assert_null (strstr (text, "Base"));
  g_assert_null (strstr (text, "Words in common"));
}

static void
test_reward_verdicts (void)
{
  g_autoptr (AttuneEvaluation) e = reward_evaluation_new ();
  g_autoptr (AttuneFigure) figure = attune_score_figure_new (e, NULL, NULL, NULL);
  g_autofree char *text = attune_figure_summarize (figure);

  assert_says (attune_verdict_on_perplexity (e), "two answers of a pair");
  assert_says (attune_verdict_on_words (e), "A pair costs 0.250 nats");
  assert_says (attune_verdict_on_exact (e), "In 99 of 100 pairs the tuned model prefers");
  g_assert_nonnull (strstr (text, "Better answer preferred"));
  g_assert_nonnull (strstr (text, "Guessing"));
  g_assert_null (strstr (text, "abel"));
}

/* The weakest first, with what each is taken for. */
static void
test_label_words (void)
{
  g_autoptr (AttuneEvaluation) e = test_label_evaluation_new ();
  g_autoptr (GArray) labels = attune_label_words_rank (e->confusion);

  g_assert_cmpuint (labels->len, ==, 3);
  g_assert_cmpuint (g_array_index (labels, guint, 0), ==, 2);
  g_assert_cmpuint (g_array_index (labels, guint, 1), ==, 1);
  assert_says (attune_label_words_on (e->confusion, 0),
               "5 of 8 records found, said wrongly 1 time, taken for “Delivery” 2 times");
  assert_says (attune_label_words_on (e->confusion, 1),
               "2 of 2 records found, said wrongly 2 times");
  assert_says (attune_label_words_on (e->confusion, 2),
               "0 of 1 record found, said wrongly 1 time, taken for “Billing” 1 time");
}

static void
test_win_sentences (void)
{
  const guint nobody[ATTUNE_N_RATINGS] = { 9 }, clear[ATTUNE_N_RATINGS] = { 0, 34, 16, 0, 0 },
              base[ATTUNE_N_RATINGS] = { 0, 3, 40, 1, 1 }, unsure[ATTUNE_N_RATINGS] = { 5, 3, 2 },
              one[ATTUNE_N_RATINGS] = { 0, 1 };

  assert_says (attune_verdict_on_ratings (nobody), "Rate answers");
  assert_says (
      attune_verdict_on_ratings (clear),
      "In 34 of 50 rated pairs the tuned answer was better: a win rate of 54% to 79%, so it "
      "is not chance.");
  assert_says (attune_verdict_on_ratings (base), "the base model is better");
  assert_says (attune_verdict_on_ratings (unsure), "may be chance");
  assert_says (attune_verdict_on_ratings (one), "1 of 1 rated pair the");
}

static void
test_figure (void)
{
  g_autoptr (AttuneReport) report = report_new (8), none = report_new (0);
  g_autoptr (AttuneFigure) plain = attune_score_figure_new (report->evaluation, NULL, NULL, NULL),
                           full = NULL,
                           empty = attune_score_figure_new (none->evaluation, NULL, NULL, NULL);
  g_autofree char *text = attune_figure_summarize (plain), *all = NULL;

  g_assert_true (attune_figure_is_empty (empty));
  g_assert_null (strstr (text, "Win rate"));
  attune_ratings_set (report->ratings, 0, ATTUNE_RATING_TUNED, FALSE);
  full = attune_score_figure_new (report->evaluation, report->ratings, &none->evaluation->tuned,
                                  "Evaluation 1");
  all = attune_figure_summarize (full);
  g_assert_nonnull (strstr (all, "Win rate, Tuned: 100"));
  g_assert_nonnull (strstr (all, "Exact matches, Base"));
  g_assert_nonnull (strstr (all, "Evaluation 1"));
}

/* Never by colour: bold and underlined. */
static void
test_marks (void)
{
  g_autofree char *missing = NULL, *beyond = NULL, *text = NULL;
  g_autoptr (PangoAttrList) marks = attune_word_marks_new (
      "inflammation of the heart", "an illness of the heart", &missing, &beyond);

  text = pango_attr_list_to_string (marks);
  g_assert_cmpstr (missing, ==, "inflammation");
  g_assert_cmpstr (beyond, ==, "illness");
  g_assert_cmpstr (text, ==,
                   "3 10 underline single\n3 10 underline-color #9a9a9a9a9a9a\n11 13 weight "
                   "bold\n18 23 weight bold");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evaluate/report/verdicts", test_verdicts);
  g_test_add_func ("/evaluate/report/earlier", test_earlier);
  g_test_add_func ("/evaluate/report/label-verdicts", test_label_verdicts);
  g_test_add_func ("/evaluate/report/label-words", test_label_words);
  g_test_add_func ("/evaluate/report/reward-verdicts", test_reward_verdicts);
  g_test_add_func ("/evaluate/report/win-sentences", test_win_sentences);
  g_test_add_func ("/evaluate/report/figure", test_figure);
  g_test_add_func ("/evaluate/report/marks", test_marks);
  return g_test_run ();
}
