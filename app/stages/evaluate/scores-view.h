/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scores of an evaluation: tiles, a chart with intervals, what they mean in sentences, and the
 * other evaluations to look at or to compare with.
 */
#pragma once
#include "session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_SCORES_VIEW (attune_scores_view_get_type ())
G_DECLARE_FINAL_TYPE (AttuneScoresView, attune_scores_view, ATTUNE, SCORES_VIEW, AdwBin)

/* Shows what the session has; cheap while nothing has changed. */
void attune_scores_view_update (AttuneScoresView *self, AttuneSession *session);
/* The evaluation that was chosen to compare with, or %NULL. Borrowed until the next update. */
const AttuneEvaluationSummary *attune_scores_view_get_compared (AttuneScoresView *self);

G_END_DECLS
