/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scores that are shares, with their intervals, as a figure: for the page and for the report.
 */
#pragma once
#include "charts/interval-figure.h"
#include "evaluate/interval.h"
#include "job/ratings.h"

G_BEGIN_DECLS

/**
 * attune_score_figure_new:
 * @evaluation: base and tuned
 * @ratings: (nullable): for the win rate
 * @earlier: (nullable): scores of an earlier tuned model
 * @earlier_name: (nullable): what it is called
 */
AttuneFigure *attune_score_figure_new (const AttuneEvaluation *evaluation,
                                       const AttuneRatings *ratings, const AttuneScores *earlier,
                                       const char *earlier_name);

/* 95 % intervals of single scores; the value is NaN where nothing was answered or rated. */
AttuneInterval attune_score_token_f1 (const AttuneScores *scores);
AttuneInterval attune_score_exact_match (const AttuneScores *scores);
AttuneInterval attune_score_win_rate (const AttuneRatings *ratings); /* @ratings: (nullable) */

G_END_DECLS
