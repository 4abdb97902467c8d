/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the plan will take: pure and quick, so it is reckoned anew after every change.
 */
#include "session-private.h"

#include "job/run-speed.h"

#include <gio/gio.h>

static gboolean
reckon (gpointer data)
{
  AttuneSession *self = data;
  AttunePlan *plan = attune_project_get_plan (self->project);
  g_autoptr (GError) error = NULL;

  self->plan_id = 0;
  self->has_estimate = FALSE;
  g_clear_pointer (&self->plan_problem, g_free);
  if (self->model != NULL && self->has_facts)
    {
      const AttuneDecoderConfig *config = attune_model_get_config (self->model);
      const guint64 bytes = attune_model_get_bytes (self->model);
      const gint64 total = attune_model_count_parameters (self->model);

      self->has_estimate = attune_estimate (plan, config, bytes, total, &self->facts,
                                            &self->estimate, &error)
                           && attune_estimate_check (plan, config, bytes, total, &self->facts,
                                                     attune_session_get_available_memory (self),
                                                     &error);
      if (error != NULL)
        {
          /* what does not fit has an estimate all the same */
          self->has_estimate = g_error_matches (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_MEMORY);
          self->plan_problem = g_strdup (error->message);
        }
    }
  attune_session_changed (self);
  return G_SOURCE_REMOVE;
}

void
attune_session_plan_changed (AttuneSession *self)
{
  if (self->plan_id == 0 && !self->closed)
    self->plan_id = g_idle_add (reckon, self);
}

guint64
attune_session_get_available_memory (AttuneSession *self)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema
      = source != NULL ? g_settings_schema_source_lookup (source, ATTUNE_APP_ID, TRUE) : NULL;
  guint64 available = attune_memory_available ();

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), 0);

  if (schema != NULL)
    {
      g_autoptr (GSettings) settings = g_settings_new_full (schema, NULL, NULL);
      const double limit = g_settings_get_double (settings, "memory-limit");

      if (limit > 0)
        available = MIN (available, (guint64) (limit * 1e9));
    }
  return available;
}

const AttuneEstimate *
attune_session_get_estimate (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->has_estimate ? &self->estimate : NULL;
}

const AttuneDataFacts *
attune_session_get_facts (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->has_facts ? &self->facts : NULL;
}

const char *
attune_session_get_plan_problem (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->plan_problem;
}

double
attune_session_get_run_seconds (AttuneSession *self)
{
  const AttunePlanValues *plan;
  double passes;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), -1);

  if (!self->has_estimate || self->speed <= 0 || self->facts.n_train == 0)
    return -1;
  plan = attune_plan_get_values (attune_project_get_plan (self->project));
  passes = (double) self->estimate.steps * plan->batch_size / self->facts.n_train;
  return passes * self->facts.train_tokens / self->speed;
}
