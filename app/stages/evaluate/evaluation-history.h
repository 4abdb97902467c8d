/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All evaluations: which one to look at, and which one to compare it with.
 */
#pragma once
#include "job/evaluation-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_EVALUATION_HISTORY (attune_evaluation_history_get_type ())
G_DECLARE_FINAL_TYPE (AttuneEvaluationHistory, attune_evaluation_history, ATTUNE,
                      EVALUATION_HISTORY, AdwPreferencesGroup)

/**
 * attune_evaluation_history_show:
 * @list: (element-type AttuneEvaluationSummary): newest first; kept
 * @path: (nullable): of the one whose scores are looked at
 *
 * Keeps what was compared with, if it is still there. Signals: #AttuneEvaluationHistory::chosen
 * with the path of another one; #AttuneEvaluationHistory::compared, when a person chose another to
 * compare with.
 */
void attune_evaluation_history_show (AttuneEvaluationHistory *self, GPtrArray *list,
                                     const char *path);
/* The one that is looked at, and the one to compare with; each may be %NULL. Borrowed until the
 * next one is shown. */
const AttuneEvaluationSummary *attune_evaluation_history_get_shown (AttuneEvaluationHistory *self);
const AttuneEvaluationSummary *
attune_evaluation_history_get_compared (AttuneEvaluationHistory *self);
/* When an evaluation was made, for people. Returns: (transfer full). */
char *attune_evaluation_history_format_date (gint64 seconds);

G_END_DECLS
