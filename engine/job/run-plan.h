/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * plan.json: everything a run depends on. It is written when the run is made; the worker adds the
 * hashes of model and data when it first begins (they take seconds to compute), and from then on
 * nothing changes it. Light.
 */
#pragma once
#include "job/project.h"

G_BEGIN_DECLS

#define ATTUNE_RUN_VERSION 1

typedef struct
{
  char *engine;                  /* version that made the run */
  char *model_path, *model_hash; /* hash: NULL before the first start */
  char *data_path, *data_hash;
  AttunePlan *plan;
  AttuneDataSettings *data_settings; /* as they were, for the system prompt */
} AttuneRunPlan;

/* Writes the plan of a new run from what the project says now. @plan: (nullable): instead of the
 * project's own. */
gboolean attune_run_plan_write (const char *folder, AttuneProject *project, AttunePlan *plan,
                                GError **error);

/* Returns: (transfer full): or %NULL: missing, damaged, or made by a newer version. */
AttuneRunPlan *attune_run_plan_read (const char *folder, GError **error);
void attune_run_plan_free (AttuneRunPlan *self);

/* Writes the hashes where there are none; otherwise they must be the same, or the error says what
 * has changed. */
gboolean attune_run_plan_fix (AttuneRunPlan *self, const char *folder, const char *model_hash,
                              const char *data_hash, GError **error);

/* FALSE where @model_hash is not that of the model that the run began with. */
gboolean attune_run_plan_check_model (const AttuneRunPlan *self, const char *model_hash,
                                      GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRunPlan, attune_run_plan_free)

G_END_DECLS
