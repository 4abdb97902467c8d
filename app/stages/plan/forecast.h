/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a run of the plan will take: memory by part against what is free, and sentences on time,
 * disk, steps and what learns.
 */
#pragma once
#include "plan/estimate.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_PLAN_FORECAST (attune_plan_forecast_get_type ())
G_DECLARE_FINAL_TYPE (AttunePlanForecast, attune_plan_forecast, ATTUNE, PLAN_FORECAST, AdwBin)

GtkWidget *attune_plan_forecast_new (void);

/**
 * attune_plan_forecast_show:
 * @estimate: (nullable): nothing is known yet
 * @plan: of the estimate
 * @data: (nullable): its facts
 * @available: bytes that a run may take
 * @seconds: that it will take; < 0: not known
 */
void attune_plan_forecast_show (AttunePlanForecast *self, const AttuneEstimate *estimate,
                                const AttunePlanValues *plan, const AttuneDataFacts *data,
                                guint64 available, double seconds);

G_END_DECLS
