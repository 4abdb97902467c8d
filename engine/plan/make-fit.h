/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Changing a plan until it fits in memory: first what costs nothing, then what costs time, then
 * what costs quality.
 */
#pragma once
#include "plan/estimate.h"

G_BEGIN_DECLS

/**
 * attune_plan_make_fit:
 * @available: in bytes
 *
 * Pure; @plan is not changed. The search goes, each step on top of the ones before: fewer tokens at
 * once (the result stays the same), computing some results twice (a third slower), no sample
 * answers, a smaller adapter with its strength in proportion. Where the whole model was to learn,
 * an adapter instead, and the same once more.
 *
 * Returns: (transfer full): a plan that attune_estimate_check() passes, a plain copy where @plan
 * does already; or %NULL with %ATTUNE_PLAN_ERROR_MEMORY where no change makes it fit, and as
 * attune_estimate()
 */
AttunePlan *attune_plan_make_fit (AttunePlan *plan, const AttuneDecoderConfig *config,
                                  guint64 weights_bytes, gint64 total, const AttuneDataFacts *data,
                                  guint64 available, GError **error);
/* What to do where no such change helps, a sentence. Pure. */
const char *attune_fit_advice (const AttunePlanValues *plan);

G_END_DECLS
