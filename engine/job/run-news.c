/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See run-news.h.
 */
#include "job/run-news.h"

#include "job/json.h"

#include <math.h>

AttuneRunNews *
attune_run_news_new (void)
{
  return g_new0 (AttuneRunNews, 1);
}

void
attune_run_news_free (AttuneRunNews *self)
{
  if (self == NULL)
    return;
  g_free (self->failed.text);
  g_free (self);
}

static void
take_started (AttuneRunNews *self, JsonObject *event)
{
  self->started.there = TRUE;
  self->started.pid = (int) CLAMP (attune_json_get_int (event, "pid"), 0, G_MAXINT);
  self->started.records = attune_json_get_int (event, "records");
  self->started.steps = attune_json_get_int (event, "steps");
}

static void
take_step (AttuneRunNews *self, JsonObject *event)
{
  self->step.there = TRUE;
  self->step.step = attune_json_get_int (event, "step");
  self->step.steps = attune_json_get_int (event, "steps");
  self->step.epoch = attune_json_get_double (event, "epoch");
  self->step.seconds_left = attune_json_get_value (event, "seconds_left") != NULL
                                ? attune_json_get_double (event, "seconds_left")
                                : -1;
}

static double
get_number (JsonObject *event, const char *name)
{
  return attune_json_get_value (event, name) != NULL ? attune_json_get_double (event, name) : NAN;
}

static void
take_finished (AttuneRunNews *self, JsonObject *event)
{
  self->finished.there = TRUE;
  self->finished.early = attune_json_get_boolean (event, "early");
  self->finished.base_loss = attune_json_get_double (event, "base_loss");
  self->finished.best_loss = attune_json_get_double (event, "best_loss");
  self->finished.rewards = attune_json_get_value (event, "train_reward") != NULL;
  self->finished.base_reward = get_number (event, "base_reward");
  self->finished.best_reward = get_number (event, "best_reward");
  self->finished.best_step = attune_json_get_int (event, "best_step");
  self->finished.seconds = attune_json_get_double (event, "seconds");
}

void
attune_run_news_add (AttuneRunNews *self, JsonObject *event)
{
  const char *name;

  g_return_if_fail (self != NULL && event != NULL);

  name = attune_json_get_string (event, "event");
  if (g_strcmp0 (name, "started") == 0)
    take_started (self, event);
  else if (g_strcmp0 (name, "step") == 0)
    take_step (self, event);
  else if (g_strcmp0 (name, "finished") == 0)
    take_finished (self, event);
  else if (g_strcmp0 (name, "checkpoint") == 0)
    {
      self->checkpoint.there = TRUE;
      self->checkpoint.step = attune_json_get_int (event, "step");
    }
  else if (g_strcmp0 (name, "failed") == 0)
    {
      self->failed.there = TRUE;
      g_set_str (&self->failed.text, attune_json_get_string (event, "text"));
    }
}

void
attune_run_news_take (AttuneRunNews *self, AttuneRunCurves *curves, const GPtrArray *events)
{
  g_return_if_fail (self != NULL && curves != NULL);

  for (guint i = 0; events != NULL && i < events->len; i++)
    {
      JsonObject *event = json_node_get_object (events->pdata[i]);

      attune_run_curves_add (curves, event);
      attune_run_news_add (self, event);
    }
}
