/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a plan will need of this project's model and data: for the plan command, and before tune
 * begins.
 */
#pragma once
#include "command.h"

#include "plan/estimate.h"

G_BEGIN_DECLS

typedef struct
{
  AttuneEstimate estimate;
  AttuneDataFacts facts;
  char *model_name;
  guint64 available_bytes;
  GPtrArray *notes;  /* char *: what is odd in the model and in how the data was prepared */
  GError *too_large; /* (nullable): why it does not fit, and what would */
} AttuneForecast;

/* @plan: the project's, or that of a run.
 * @memory_limit: in GB (10⁹ bytes); 0: all that is free. Errors say which stage is missing. */
gboolean attune_forecast_make (AttuneForecast *self, AttuneProject *project, AttunePlan *plan,
                               double memory_limit, GError **error);
void attune_forecast_clear (AttuneForecast *self);

/* Says it: shares, memory by part, disk, steps, time. */
void attune_forecast_tell (const AttuneForecast *self, AttuneProject *project);
/* Returns: (transfer full). */
JsonObject *attune_forecast_to_json (const AttuneForecast *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneForecast, attune_forecast_clear)

G_END_DECLS
