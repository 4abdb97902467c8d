/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See score-figure.h.
 */
#include "stages/evaluate/score-figure.h"

#include "stages/evaluate/score-slots.h"
#include "stages/evaluate/verdict.h"

#include <glib/gi18n.h>
#include <math.h>

#define ROWS 3

AttuneInterval
attune_score_token_f1 (const AttuneScores *scores)
{
  const double half = 1.96 * scores->token_f1_error;

  if (scores->n_answers == 0)
    return (AttuneInterval) { NAN, NAN, NAN };
  return (AttuneInterval) { scores->token_f1, MAX (scores->token_f1 - half, 0),
                            MIN (scores->token_f1 + half, 1) };
}

AttuneInterval
attune_score_exact_match (const AttuneScores *scores)
{
  if (scores->n_answers == 0)
    return (AttuneInterval) { NAN, NAN, NAN };
  return attune_wilson_interval (CLAMP (scores->exact_match, 0, 1) * (double) scores->n_answers,
                                 (double) scores->n_answers);
}

AttuneInterval
attune_score_win_rate (const AttuneRatings *ratings)
{
  guint counts[ATTUNE_N_RATINGS];

  if (ratings == NULL || attune_ratings_count (ratings, counts) == 0)
    return (AttuneInterval) { NAN, NAN, NAN };
  return attune_win_rate (counts[ATTUNE_RATING_TUNED], counts[ATTUNE_RATING_BASE],
                          counts[ATTUNE_RATING_EQUAL] + counts[ATTUNE_RATING_BOTH_BAD]);
}

/* 1.96 standard errors to each side of a score. */
static AttuneInterval
interval_of (const AttuneScoreSlot *slot, const AttuneScores *scores)
{
  const double value = slot->get (scores), half = 1.96 * slot->get_error (scores);

  return (AttuneInterval) { value, value - half,
                            slot->format == attune_verdict_format_share ? MIN (1, value + half)
                                                                        : value + half };
}

static void
add_series (AttuneIntervalFigure *figure, const char *name, AttuneIntervalRole role,
            const AttuneScores *scores, const AttuneEvaluation *e, AttuneInterval win_rate)
{
  const AttuneScoreSlot *slots = attune_score_slots (e);
  const AttuneInterval exact = attune_score_exact_match (scores);
  AttuneInterval all[ROWS]
      = { e->labels ? exact : attune_score_token_f1 (scores), exact, win_rate };
  double values[ROWS], lo[ROWS], hi[ROWS];

  if (e->labels && e->label_kind == ATTUNE_LABELS_SEVERAL)
    all[1] = interval_of (&slots[0], scores);
  if (e->labels && e->label_kind == ATTUNE_LABELS_NUMBER)
    all[0] = interval_of (&slots[2], scores);
  for (int i = 0; i < ROWS; i++)
    values[i] = all[i].value, lo[i] = all[i].lo, hi[i] = all[i].hi;
  attune_interval_figure_add_series (figure, name, role, values, lo, hi);
}

/* What its bars are of. */
static void
name_rows (const AttuneEvaluation *e, gboolean rated, const char **rows)
{
  rows[0] = _ ("Words in common");
  rows[1] = _ ("Exact matches");
  rows[2] = rated ? _ ("Win rate") : NULL;
  if (!e->labels)
    return;
  /* of which the words are right or wrong as a whole */
  rows[0] = _ ("Right labels"), rows[1] = rows[2] = NULL;
  if (e->rewards)
    rows[0] = _ ("Better answer preferred");
  if (e->label_kind == ATTUNE_LABELS_SEVERAL)
    rows[0] = _ ("All labels right"), rows[1] = _ ("Found labels");
  if (e->label_kind == ATTUNE_LABELS_NUMBER)
    rows[0] = _ ("Explained");
}

AttuneFigure *
attune_score_figure_new (const AttuneEvaluation *evaluation, const AttuneRatings *ratings,
                         const AttuneScores *earlier, const char *earlier_name)
{
  AttuneIntervalFigure *self = attune_interval_figure_new (ATTUNE_UNIT_PERCENT, NULL);
  const gboolean numbers = evaluation->labels && evaluation->label_kind == ATTUNE_LABELS_NUMBER;
  const AttuneInterval none = { NAN, NAN, NAN }, win_rate = attune_score_win_rate (ratings);
  const char *rows[ROWS + 1] = { NULL };

  name_rows (evaluation, isfinite (win_rate.value), rows);
  attune_figure_set_title (ATTUNE_FIGURE (self), _ ("Scores of the Answers"));
  attune_figure_set_empty_text (ATTUNE_FIGURE (self),
                                _ ("No questions were answered in this evaluation."));
  if (evaluation->tuned.n_answers == 0)
    return ATTUNE_FIGURE (self);
  attune_interval_figure_set_rows (self, rows);
  add_series (self, _ ("Tuned"), ATTUNE_INTERVAL_NOW, &evaluation->tuned, evaluation, win_rate);
  add_series (self, attune_score_base_title (evaluation), ATTUNE_INTERVAL_BASE, &evaluation->base,
              evaluation, none);
  if (earlier != NULL)
    add_series (self, earlier_name, ATTUNE_INTERVAL_EARLIER, earlier, evaluation, none);
  attune_interval_figure_set_range (self, numbers ? NAN : 0, NAN, NAN);
  return ATTUNE_FIGURE (self);
}
