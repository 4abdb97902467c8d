/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See score-figure.h.
 */
#include "stages/evaluate/score-figure.h"

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

static void
add_series (AttuneIntervalFigure *figure, const char *name, AttuneIntervalRole role,
            const AttuneScores *scores, gboolean labels, AttuneInterval win_rate)
{
  const AttuneInterval exact = attune_score_exact_match (scores),
                       all[ROWS]
                       = { labels ? exact : attune_score_token_f1 (scores), exact, win_rate };
  double values[ROWS], lo[ROWS], hi[ROWS];

  for (int i = 0; i < ROWS; i++)
    values[i] = all[i].value, lo[i] = all[i].lo, hi[i] = all[i].hi;
  attune_interval_figure_add_series (figure, name, role, values, lo, hi);
}

AttuneFigure *
attune_score_figure_new (const AttuneEvaluation *evaluation, const AttuneRatings *ratings,
                         const AttuneScores *earlier, const char *earlier_name)
{
  AttuneIntervalFigure *self = attune_interval_figure_new (ATTUNE_UNIT_PERCENT, NULL);
  const gboolean labels = evaluation->labels;
  const AttuneInterval none = { NAN, NAN, NAN }, win_rate = attune_score_win_rate (ratings);
  const char *rows[ROWS + 1] = { _ ("Words in common"), _ ("Exact matches"), NULL, NULL };

  if (labels) /* of which the words are right or wrong as a whole */
    rows[0] = _ ("Right labels"), rows[1] = NULL;
  else if (isfinite (win_rate.value))
    rows[ROWS - 1] = _ ("Win rate");
  attune_figure_set_title (ATTUNE_FIGURE (self), _ ("Scores of the Answers"));
  attune_figure_set_empty_text (ATTUNE_FIGURE (self),
                                _ ("No questions were answered in this evaluation."));
  if (evaluation->tuned.n_answers == 0)
    return ATTUNE_FIGURE (self);
  attune_interval_figure_set_rows (self, rows);
  add_series (self, _ ("Tuned"), ATTUNE_INTERVAL_NOW, &evaluation->tuned, labels, win_rate);
  add_series (self, labels ? _ ("Always the Most Frequent Label") : _ ("Base"),
              ATTUNE_INTERVAL_BASE, &evaluation->base, labels, none);
  if (earlier != NULL)
    add_series (self, earlier_name, ATTUNE_INTERVAL_EARLIER, earlier, labels, none);
  attune_interval_figure_set_range (self, 0, NAN, NAN);
  return ATTUNE_FIGURE (self);
}
