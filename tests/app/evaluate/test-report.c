/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sentences, the marked words, the table and the pages of a report; without a display.
 */
#include "stages/evaluate/label-words.h"
#include "stages/evaluate/report.h"
#include "stages/evaluate/score-figure.h"
#include "stages/evaluate/verdict.h"
#include "stages/evaluate/word-marks.h"

#include "job/evaluation-sample.h"

#include <cairo-script.h>
#include <gio/gio.h>
#include <math.h>
#include <string.h>

static AttuneReport *
report_new (guint n)
{
  AttuneReport *self = g_new0 (AttuneReport, 1);
  g_autoptr (GError) error = NULL;

  self->project = g_strdup ("Nursing <b>&amp;");
  self->model = g_strdup ("Smol");
  self->number = 3;
  self->made_seconds = 1764028800;
  self->evaluation = test_evaluation_new (n);
  self->ratings = attune_ratings_read ("/nowhere/0003.h5", self->evaluation, &error);
  g_assert_no_error (error);
  return self;
}

static void
replace_text (GPtrArray *answers, guint i, const char *text)
{
  AttuneAnswer *answer = answers->pdata[i];

  g_set_str (&answer->answer, text);
}

/* --- sentences */

static void
assert_says (char *sentence, const char *word)
{
  if (strstr (sentence, word) == NULL)
    g_error ("no “%s” in: %s", word, sentence);
  g_free (sentence);
}

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

/* Which of two answers is better: who guesses is right in half of the pairs. */
static AttuneEvaluation *
reward_evaluation_new (void)
{
  AttuneEvaluation *e = test_label_evaluation_new ();

  g_clear_pointer (&e->confusion, attune_confusion_free);
  e->rewards = TRUE;
  e->tuned.loss = 0.25;
  e->tuned.n_answers = 100;
  e->tuned.exact_match = 0.99;
  return e;
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

/* --- the table */

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

/* --- the pages */

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

/* What one page gets is within its margins, whatever the texts are. All pages are drawn over one
 * another here. */
static void
assert_fits (const AttuneReport *report, guint least_pages)
{
  cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  double x, y, width, height;

  g_assert_cmpuint (attune_report_draw (report, surface, 9), >=, least_pages);
  cairo_recording_surface_ink_extents (surface, &x, &y, &width, &height);
  g_assert_cmpfloat (width, >, ATTUNE_REPORT_WIDTH / 2);
  g_assert_cmpfloat (x, >=, 54);
  g_assert_cmpfloat (y, >=, 54);
  g_assert_cmpfloat (x + width, <=, ATTUNE_REPORT_WIDTH - 54);
  g_assert_cmpfloat (y + height, <=, ATTUNE_REPORT_HEIGHT - 20);
  cairo_surface_destroy (surface);
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

static cairo_status_t
append (void *closure, const unsigned char *data, unsigned int length)
{
  g_string_append_len (closure, (const char *) data, length);
  return CAIRO_STATUS_SUCCESS;
}

/* Every text that is drawn, as cairo writes it down. */
static char *
list_texts (const AttuneReport *report)
{
  g_autoptr (GString) script = g_string_new (NULL);
  cairo_device_t *device = cairo_script_create_for_stream (append, script);
  cairo_surface_t *surface = cairo_script_surface_create (
      device, CAIRO_CONTENT_COLOR_ALPHA, ATTUNE_REPORT_WIDTH, ATTUNE_REPORT_HEIGHT);

  attune_report_draw (report, surface, 1);
  cairo_surface_destroy (surface);
  cairo_device_finish (device);
  cairo_device_destroy (device);
  return g_string_free (g_steal_pointer (&script), FALSE);
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
  g_test_add_func ("/evaluate/report/verdicts", test_verdicts);
  g_test_add_func ("/evaluate/report/earlier", test_earlier);
  g_test_add_func ("/evaluate/report/label-verdicts", test_label_verdicts);
  g_test_add_func ("/evaluate/report/label-words", test_label_words);
  g_test_add_func ("/evaluate/report/labels", test_labels);
  g_test_add_func ("/evaluate/report/reward-verdicts", test_reward_verdicts);
  g_test_add_func ("/evaluate/report/rewards", test_rewards);
  g_test_add_func ("/evaluate/report/several", test_several);
  g_test_add_func ("/evaluate/report/numbers", test_numbers);
  g_test_add_func ("/evaluate/report/costs", test_costs);
  g_test_add_func ("/evaluate/report/win-sentences", test_win_sentences);
  g_test_add_func ("/evaluate/report/figure", test_figure);
  g_test_add_func ("/evaluate/report/marks", test_marks);
  g_test_add_func ("/evaluate/report/csv", test_csv);
  g_test_add_func ("/evaluate/report/pdf", test_pdf);
  g_test_add_func ("/evaluate/report/fits", test_fits);
  g_test_add_func ("/evaluate/report/facts", test_facts);
  return g_test_run ();
}
