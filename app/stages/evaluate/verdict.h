/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the scores mean, in sentences: for the page and for the report.
 */
#pragma once
#include "job/evaluation.h"
#include "job/ratings.h"

G_BEGIN_DECLS

/* Each returns (transfer full) one or two sentences. */
char *attune_verdict_on_perplexity (const AttuneEvaluation *evaluation);
char *attune_verdict_on_words (const AttuneEvaluation *evaluation);
char *attune_verdict_on_exact (const AttuneEvaluation *evaluation);
/* %NULL where nothing was named that is not to be forgotten. */
char *attune_verdict_on_earlier (const AttuneEvaluation *evaluation);
char *attune_verdict_on_ratings (const guint counts[ATTUNE_N_RATINGS]);

/* "45.1", "61%": as the verdicts write them. (transfer full). */
char *attune_verdict_format_perplexity (double perplexity);
char *attune_verdict_format_share (double share);

G_END_DECLS
