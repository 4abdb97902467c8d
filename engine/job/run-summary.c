/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a run was, from the ends of its events and from its plan.
 */
#include "job/run-summary.h"

#include "core/settings.h"
#include "job/json.h"
#include "job/run-curves.h"

#include <math.h>

/* The first event is in it. */
#define HEAD_BYTES (4 << 10)

static double
read_begun (const char *folder)
{
  guint64 offset = 0;
  g_autoptr (GPtrArray) events = attune_run_read_some_events (folder, &offset, HEAD_BYTES, NULL);

  return events != NULL && events->len > 0
             ? attune_json_get_double (json_node_get_object (events->pdata[0]), "time")
             : 0;
}

/* The last event of a run that has ended says it; else all has to be read. */
static void
read_best (AttuneRunSummary *self, const char *folder)
{
  g_autoptr (JsonNode) last = attune_run_find_event (folder, NULL);
  JsonObject *event = last != NULL ? json_node_get_object (last) : NULL;
  g_autoptr (AttuneRunCurves) curves = NULL;

  if (attune_json_get_value (event, "best_reward") != NULL)
    self->best_reward = attune_json_get_double (event, "best_reward");
  if (isfinite (self->best_reward) || attune_json_get_double (event, "best_loss") > 0)
    {
      self->best_loss = attune_json_get_double (event, "best_loss");
      self->best_step = attune_json_get_int (event, "best_step");
      return;
    }
  curves = attune_run_curves_new ();
  attune_run_curves_read (curves, folder, NULL);
  for (guint i = 0; i < curves->validations->len; i++)
    {
      const AttuneValidationPoint *point
          = &g_array_index (curves->validations, AttuneValidationPoint, i);

      if (isfinite (point->loss) && !(point->loss >= self->best_loss))
        {
          self->best_loss = point->loss;
          self->best_reward = point->reward;
          self->best_step = point->step;
        }
    }
}

AttuneRunSummary *
attune_run_summary_read (const char *folder)
{
  AttuneRunSummary *self;

  g_return_val_if_fail (folder != NULL, NULL);

  self = g_new0 (AttuneRunSummary, 1);
  self->name = g_path_get_basename (folder);
  self->state = attune_run_get_state (folder);
  self->begun = read_begun (folder);
  self->best_step = -1;
  self->best_loss = self->best_reward = NAN;
  read_best (self, folder);
  self->plan = attune_run_plan_read (folder, NULL);
  return self;
}

void
attune_run_summary_free (AttuneRunSummary *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_clear_pointer (&self->plan, attune_run_plan_free);
  g_free (self);
}

static gboolean
is_same_setting (const AttuneRunPlan *self, const AttuneRunPlan *other, const char *name)
{
  g_autofree char *one = attune_settings_get_text (G_OBJECT (self->plan), name),
                  *two = attune_settings_get_text (G_OBJECT (other->plan), name);

  return g_strcmp0 (one, two) == 0;
}

static gboolean
is_same_data (const AttuneRunPlan *self, const AttuneRunPlan *other)
{
  /* A run that has never begun has no hash yet. */
  return self->data_hash == NULL || other->data_hash == NULL
         || g_strcmp0 (self->data_hash, other->data_hash) == 0;
}

char **
attune_run_plan_compare (const AttuneRunPlan *self, const AttuneRunPlan *other)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autofree GParamSpec **pspecs = NULL;
  guint n;

  g_return_val_if_fail (self != NULL && other != NULL, NULL);

  if (g_strcmp0 (self->model_path, other->model_path) != 0)
    g_strv_builder_add (names, "model");
  if (!is_same_data (self, other))
    g_strv_builder_add (names, "data");
  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (self->plan), &n);
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (pspecs[i]->name, "threads") != 0 && g_strcmp0 (pspecs[i]->name, "ranks") != 0
        && g_strcmp0 (pspecs[i]->name, "device") != 0
        && !is_same_setting (self, other, pspecs[i]->name))
      g_strv_builder_add (names, pspecs[i]->name);
  return g_strv_builder_end (names);
}
