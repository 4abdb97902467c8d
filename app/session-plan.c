/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the plan will take: pure and quick, so it is reckoned anew after every change.
 */
#include "session-private.h"

#include "plan/rate.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

AttunePlan *
attune_session_make_run_plan (AttuneSession *self)
{
  AttunePlan *plan = attune_plan_copy (attune_project_get_plan (self->project));

  if (self->settings != NULL && attune_plan_get_values (plan)->threads == 0)
    g_object_set (plan, "threads", g_settings_get_int (self->settings, "threads"), NULL);
  return plan;
}

/* What @error says, without the flags of the command line in it. */
static char *
tell_problem (AttuneSession *self, const GError *error)
{
  g_autofree char *needed = NULL, *available = NULL;

  if (!g_error_matches (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_MEMORY))
    return g_strdup (error->message);
  needed = g_format_size (self->estimate.peak_bytes);
  available = g_format_size (attune_session_get_available_memory (self));
  return g_strdup_printf (_ ("This plan needs %s of memory, and %s are free. See the Plan page."),
                          needed, available);
}

static gboolean
reckon (gpointer data)
{
  AttuneSession *self = data;
  g_autoptr (AttunePlan) plan = attune_session_make_run_plan (self);
  g_autoptr (GError) error = NULL;

  self->plan_id = 0;
  self->rate = attune_rate_read (attune_plan_get_values (plan)->device);
  self->has_estimate = FALSE;
  g_clear_pointer (&self->plan_problem, g_free);
  if (self->model != NULL && self->has_facts)
    {
      const AttuneDecoderConfig *config = attune_model_get_config (self->model);
      const guint64 bytes = attune_model_get_bytes (self->model);
      const gint64 total = attune_model_count_parameters (self->model);

      self->has_estimate
          = attune_estimate (plan, config, bytes, total, &self->facts, &self->estimate, &error)
            && attune_estimate_check (plan, config, bytes, total, &self->facts,
                                      attune_session_get_available_memory (self), &error);
      if (error != NULL)
        {
          /* what does not fit has an estimate all the same */
          self->has_estimate = g_error_matches (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_MEMORY);
          self->plan_problem = tell_problem (self, error);
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
attune_session_get_memory_limit (AttuneSession *self)
{
  const double limit
      = self->settings != NULL ? g_settings_get_double (self->settings, "memory-limit") : 0;

  return limit > 0 ? (guint64) (limit * 1e9) : 0;
}

guint64
attune_session_get_available_memory (AttuneSession *self)
{
  guint64 limit;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), 0);

  limit = attune_session_get_memory_limit (self);
  return MIN (attune_memory_available (), limit > 0 ? limit : G_MAXUINT64);
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
  AttuneDataFacts facts;
  double passes;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), -1);

  plan = attune_plan_get_values (attune_project_get_plan (self->project));
  facts = attune_plan_facts (plan, &self->facts);
  if (!self->has_estimate || facts.n_train == 0)
    return -1;
  if (self->speed <= 0)
    return self->rate > 0 ? self->estimate.flops / self->rate : -1;
  passes = (double) self->estimate.steps * plan->batch_size / facts.n_train;
  return passes * facts.train_tokens / self->speed;
}
