/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an evaluation is called.
 */
#pragma once
#include "job/evaluation-list.h"

G_BEGIN_DECLS

/* "Evaluation 3 (run 0002)". Returns: (transfer full). */
char *attune_evaluation_summary_get_title (const AttuneEvaluationSummary *summary);

G_END_DECLS
