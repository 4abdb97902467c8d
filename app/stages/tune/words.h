/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the page says of runs.
 */
#pragma once
#include "job/run-news.h"
#include "job/run-summary.h"

G_BEGIN_DECLS

/* "Run 3" for "0003". (transfer full) */
char *attune_tune_describe_run (const char *name);
/* "Finished". Static. */
const char *attune_tune_describe_state (AttuneRunState state);
/* What came of it, in a sentence or two. (transfer full) */
char *attune_tune_describe_result (const AttuneRunNews *news);
/* "Learning Rate 0.01, Rank 8, another model": how @plan differs from @other; "the same plan" where
 * it does not. (transfer full) */
char *attune_tune_describe_changes (const AttuneRunPlan *plan, const AttuneRunPlan *other);
/* "24 Nov 2026, 14:02, Finished, best loss 1.85, the same plan". @other: (nullable).
 * (transfer full) */
char *attune_tune_describe_summary (const AttuneRunSummary *run, const AttuneRunPlan *other);

G_END_DECLS
