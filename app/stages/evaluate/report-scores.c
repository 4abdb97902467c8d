/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scores in the report: a table with their intervals, a chart, and what they mean.
 */
#include "stages/evaluate/report-scores.h"

#include "stages/evaluate/label-words.h"
#include "stages/evaluate/score-figure.h"
#include "stages/evaluate/score-slots.h"
#include "stages/evaluate/verdict.h"

#include <glib/gi18n.h>
#include <math.h>

#define ACCENT 0x1a5fb4

static void
add_heading (AttunePages *pages, const char *text, double with)
{
  attune_pages_skip (pages, 16);
  attune_pages_need (pages, 24 + with);
  attune_pages_text (pages, ATTUNE_PAGES_HEADING, text);
  attune_pages_skip (pages, 4);
}

static char *
format_interval (AttuneInterval interval)
{
  g_autofree char *value = NULL, *lo = NULL, *hi = NULL;

  if (!isfinite (interval.value))
    return g_strdup ("–");
  value = attune_verdict_format_share (interval.value);
  if (!(interval.hi > interval.lo))
    return g_steal_pointer (&value);
  lo = attune_verdict_format_share (interval.lo);
  hi = attune_verdict_format_share (interval.hi);
  return g_strdup_printf (_ ("%s (%s to %s)"), value, lo, hi);
}

/* @cells: (array length=4): a name, base, tuned, earlier (nullable). */
static void
add_row (AttunePages *pages, AttunePagesFont font, const char *const *cells)
{
  const double width = attune_pages_get_width (pages);
  const guint n = cells[3] != NULL ? 4 : 3;
  const double first = width * (n == 4 ? 0.28 : 0.34), other = (width - first) / (n - 1);
  double height = 0;
  PangoLayout *layouts[4];

  for (guint i = 0; i < n; i++)
    {
      layouts[i] = attune_pages_layout (pages, font, cells[i], NULL, (i == 0 ? first : other) - 6);
      height = MAX (height, attune_pages_measure (layouts[i]));
    }
  attune_pages_need (pages, height + 9);
  for (guint i = 0; i < n; i++)
    {
      attune_pages_cell (pages, layouts[i], font, i == 0 ? 0 : first + (i - 1) * other);
      g_object_unref (layouts[i]);
    }
  pages->y += height + 4;
  attune_pages_rule (pages);
  pages->y += 5;
}

/* With the interval of what has one. */
static char *
format_slot (const AttuneScoreSlot *slot, const AttuneScores *scores)
{
  const double value = slot->get (scores),
               half = slot->get_error != NULL ? 1.96 * slot->get_error (scores) : 0;
  g_autofree char *middle = NULL, *lo = NULL, *hi = NULL;

  if (slot->get_error == NULL || !isfinite (value) || !(half > 0))
    return isfinite (value) ? slot->format (value) : g_strdup ("–");
  middle = slot->format (value);
  lo = slot->format (slot->format == attune_verdict_format_share ? value - half
                                                                 : MAX (0, value - half));
  hi = slot->format (slot->format == attune_verdict_format_share ? MIN (1, value + half)
                                                                 : value + half);
  return g_strdup_printf (_ ("%s (%s to %s)"), middle, lo, hi);
}

#define ROWS 5

static void
add_score_rows (AttunePages *pages, const AttuneReport *self)
{
  const AttuneEvaluation *e = self->evaluation;
  const AttuneScores *all[] = { &e->base, &e->tuned, &self->earlier };
  const AttuneScoreSlot *slots = attune_score_slots (e);
  const gboolean numbers = e->labels && e->label_kind == ATTUNE_LABELS_NUMBER,
                 costs = e->base.cost > 0 || e->tuned.cost > 0;
  const char *const names[ROWS] = { _ (slots[0].name),
                                    !e->labels   ? _ ("Loss, nats per token")
                                    : e->rewards ? _ ("Loss, nats per pair")
                                    : numbers    ? _ ("Loss, squares of the spread")
                                                 : _ ("Loss, nats per record"),
                                    _ (slots[1].name), _ (slots[2].name), _ ("Cost of a record") };
  char *cells[ROWS][3] = { 0 };

  for (int i = 0; i < 3; i++)
    {
      cells[0][i] = format_slot (&slots[0], all[i]);
      cells[1][i] = g_strdup_printf ("%.3f", all[i]->loss);
      cells[2][i] = e->labels ? format_slot (&slots[1], all[i])
                              : format_interval (attune_score_token_f1 (all[i]));
      cells[3][i] = numbers ? format_slot (&slots[2], all[i])
                            : format_interval (attune_score_exact_match (all[i]));
      cells[4][i] = g_strdup_printf ("%.3g ± %.2g", all[i]->cost, 1.96 * all[i]->cost_error);
    }
  for (int row = 0; row < ROWS; row++)
    {
      const char *const line[] = { names[row], cells[row][0], cells[row][1],
                                   self->earlier_name != NULL ? cells[row][2] : NULL };

      if (row == 2 && e->rewards)
        ; /* the loss, once more */
      else if (row < 4 || costs)
        add_row (pages, ATTUNE_PAGES_BODY, line);
      for (int i = 0; i < 3; i++)
        g_free (cells[row][i]);
    }
}

static void
add_scores (AttunePages *pages, const AttuneReport *self)
{
  const char *const heads[] = { _ ("Score"), attune_score_base_title (self->evaluation),
                                _ ("Tuned"), self->earlier_name };
  const AttuneInterval rate = attune_score_win_rate (self->ratings);

  add_heading (pages, _ ("Scores"), 140);
  add_row (pages, ATTUNE_PAGES_STRONG, heads);
  add_score_rows (pages, self);
  if (isfinite (rate.value))
    {
      g_autofree char *win_rate = format_interval (rate);
      const char *const line[]
          = { _ ("Win rate"), "–", win_rate, self->earlier_name != NULL ? "–" : NULL };

      add_row (pages, ATTUNE_PAGES_BODY, line);
    }
}

static void
add_chart (AttunePages *pages, const AttuneReport *self)
{
  g_autoptr (AttuneFigure) figure = attune_score_figure_new (
      self->evaluation, self->ratings, self->earlier_name != NULL ? &self->earlier : NULL,
      self->earlier_name);
  AttuneFigureStyle style;
  const double width = attune_pages_get_width (pages);
  double height;

  if (attune_figure_is_empty (figure))
    return;
  attune_figure_style_init (&style, "Adwaita Sans, Inter, Cantarell, Sans 9",
                            attune_color_from_hex (ACCENT), FALSE, FALSE);
  style.scale = 0.75; /* a figure counts in pixels of 1/96 inch, a page in points of 1/72 */
  height = attune_figure_get_natural_height (figure, width, &style);
  attune_pages_skip (pages, 10);
  attune_pages_need (pages, height);
  cairo_save (pages->cr);
  cairo_translate (pages->cr, ATTUNE_PAGES_MARGIN, pages->y);
  attune_figure_draw (figure, pages->cr, width, height, &style, ATTUNE_CURSOR_NONE);
  cairo_restore (pages->cr);
  pages->y += height;
}

static void
add_meaning (AttunePages *pages, const AttuneReport *self)
{
  guint counts[ATTUNE_N_RATINGS] = { 0 };
  char *sentences[5] = { NULL };

  if (self->ratings != NULL)
    attune_ratings_count (self->ratings, counts);
  sentences[0] = attune_verdict_on_perplexity (self->evaluation);
  sentences[1] = attune_verdict_on_words (self->evaluation);
  sentences[2] = attune_verdict_on_exact (self->evaluation);
  if (!self->evaluation->labels) /* nobody rates labels */
    sentences[3] = attune_verdict_on_ratings (counts);
  sentences[4] = attune_verdict_on_earlier (self->evaluation);
  add_heading (pages, _ ("What the Scores Say"), 40);
  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++)
    if (sentences[i] != NULL)
      {
        g_autoptr (PangoLayout) text = attune_pages_layout (
            pages, ATTUNE_PAGES_BODY, sentences[i], NULL, attune_pages_get_width (pages) - 12);
        g_autoptr (PangoLayout) bullet
            = attune_pages_layout (pages, ATTUNE_PAGES_BODY, "•", NULL, 12);

        attune_pages_need (pages, attune_pages_measure (text));
        attune_pages_cell (pages, bullet, ATTUNE_PAGES_BODY, 0);
        attune_pages_flow (pages, text, ATTUNE_PAGES_BODY, 12);
        attune_pages_skip (pages, 3);
      }
  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++)
    g_free (sentences[i]);
  attune_pages_skip (pages, 6);
  attune_pages_text (
      pages, ATTUNE_PAGES_SMALL,
      self->evaluation->rewards
          ? _ ("Who guesses prefers the better answer in half of the pairs. The interval holds the "
               "true value in 95 of 100 cases (Wilson’s).")
      : self->evaluation->labels && self->evaluation->label_kind != ATTUNE_LABELS_ONE
          ? _ ("The intervals hold the true value in 95 of 100 cases: Wilson’s for shares of "
               "records, else 1.96 standard errors by the jackknife. Explained: R², the share of "
               "the squared differences between the records that is told.")
      : self->evaluation->labels
          ? _ ("Labels in doubt: between how many labels a model wavers; 1 is best. Balanced "
               "score: the "
               "mean F1 over all labels (macro F1). The interval of the right labels holds the "
               "true "
               "value in 95 of 100 cases (Wilson’s).")
          : _ ("Perplexity: how many words a model wavers between at each word of the expected "
               "answers; "
               "1 "
               "is best. Words in common: token F1 as in SQuAD. Exact matches: equal but for case, "
               "punctuation and articles. The intervals hold the true value in 95 of 100 cases: "
               "Wilson’s "
               "for shares, 1.96 standard errors for words in common. In the win rate, pairs that "
               "are "
               "equal or both bad count as half."));
}

static void
add_labels (AttunePages *pages, const AttuneConfusion *confusion)
{
  g_autoptr (GArray) labels = attune_label_words_rank (confusion);
  const char *const heads[] = { _ ("Label"), _ ("Records"), _ ("F1"), NULL };
  g_autofree char *unknown = NULL;

  add_heading (pages, _ ("Label by Label"), 60);
  add_row (pages, ATTUNE_PAGES_STRONG, heads);
  for (guint i = 0; i < labels->len; i++)
    {
      const guint label = g_array_index (labels, guint, i);
      g_autofree char *words = attune_label_words_on (confusion, label),
                      *f1
                      = attune_verdict_format_share (attune_confusion_score (confusion, label).f1);
      const char *const line[] = { confusion->names[label], words, f1, NULL };

      add_row (pages, ATTUNE_PAGES_BODY, line);
    }
  unknown = attune_label_words_on_unknown (confusion);
  if (unknown != NULL)
    attune_pages_text (pages, ATTUNE_PAGES_SMALL, unknown);
}

void
attune_report_add_scores (AttunePages *pages, const AttuneReport *self)
{
  add_scores (pages, self);
  add_chart (pages, self);
  add_meaning (pages, self);
  if (self->evaluation->confusion != NULL)
    add_labels (pages, self->evaluation->confusion);
}
