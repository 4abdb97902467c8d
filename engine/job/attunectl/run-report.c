/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From events to sentences.
 */
#include "run-report.h"

#include "job/json.h"
#include "output.h"

#include <math.h>
#include <string.h>

static void
tell_started (JsonObject *e)
{
  const double share
      = 100.0 * attune_json_get_int (e, "trainable") / MAX (1, attune_json_get_int (e, "total"));
  g_autofree char *peak = attune_format_bytes (attune_json_get_int (e, "predicted_peak_bytes"));
  g_autofree char *trainable = attune_format_count (attune_json_get_int (e, "trainable"));

  attune_output_row ("Model", "%s", attune_json_get_string (e, "model"));
  attune_output_row ("Trained", "%s weights (%.2f %%)", trainable, share);
  attune_output_row ("Learning from", "%" G_GINT64_FORMAT " samples in %" G_GINT64_FORMAT " steps",
                     attune_json_get_int (e, "records"), attune_json_get_int (e, "steps"));
  attune_output_row ("Memory", "%s predicted at the peak", peak);
  attune_output_line ("  Ctrl+C saves a checkpoint and stops; the run can go on later.");
}

static void
tell_step (AttuneRunReport *self, JsonObject *e)
{
  const gint64 step = attune_json_get_int (e, "step"),
               steps = MAX (1, attune_json_get_int (e, "steps"));
  g_autofree char *text
      = g_strdup_printf ("Step %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT ", loss %.3f", step,
                         steps, attune_json_get_double (e, "loss"));

  if (attune_json_get_value (e, "reward") != NULL)
    {
      g_free (text);
      text = g_strdup_printf (
          "Step %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT ", reward %.3f, %.2f nats away", step,
          steps, attune_json_get_double (e, "reward"), attune_json_get_double (e, "kl"));
    }
  attune_progress_line_show (&self->line, (double) step / steps,
                             attune_json_get_double (e, "seconds_left"), text);
}

static void
tell_validation (AttuneRunReport *self, JsonObject *e)
{
  const gint64 step = attune_json_get_int (e, "step");
  const double loss = attune_json_get_double (e, "loss");

  if (attune_json_get_value (e, "reward") != NULL)
    return; /* a message says what answers get */
  if (step == 0)
    attune_output_row ("Before", "validation loss %.3f", loss);
  else
    {
      g_autofree char *label = g_strdup_printf ("Step %" G_GINT64_FORMAT, step);

      attune_output_row (label, "validation loss %.3f%s", loss,
                         attune_json_get_boolean (e, "best") ? "  best so far" : "");
    }
}

/* @name: "train"; its reward, where there are such */
static void
tell_loss (const char *label, const char *name, JsonObject *e)
{
  g_autofree char *loss_name = g_strconcat (name, "_loss", NULL),
                  *reward_name = g_strconcat (name, "_reward", NULL);
  const double loss = attune_json_get_double (e, loss_name);

  if (attune_json_get_value (e, reward_name) != NULL)
    attune_output_row (label, "a reward of %.3f", attune_json_get_double (e, reward_name));
  else
    attune_output_row (label, "%.3f nats per learned token (perplexity %.2f)", loss, exp (loss));
}

static void
tell_result (AttuneRunReport *self, const char *event, JsonObject *e)
{
  const gint64 peak = attune_json_get_int (e, "peak_bytes"),
               predicted = attune_json_get_int (e, "predicted_peak_bytes");
  const gint64 steps = attune_json_get_int (e, "steps"),
               best = attune_json_get_int (e, "best_step");
  g_autofree char *time = attune_format_seconds (attune_json_get_double (e, "seconds"));
  g_autofree char *measured = attune_format_bytes (peak),
                  *expected = attune_format_bytes (predicted);
  g_autofree char *run = g_path_get_basename (self->folder);

  if (strcmp (event, "stopped") == 0 && self->searching)
    return;
  if (strcmp (event, "stopped") == 0)
    {
      attune_output_heading ("Stopped after step %" G_GINT64_FORMAT "; nothing is lost", steps);
      attune_output_row ("Go on with", "attunectl tune %s --resume", self->project);
      return;
    }
  attune_output_heading ("%s after %" G_GINT64_FORMAT " steps in %s",
                         attune_json_get_boolean (e, "early")
                             ? "Ended early, since it no longer improved,"
                             : "Finished",
                         steps, time);
  tell_loss ("Training", "train", e);
  if (attune_json_get_value (e, "base_reward") != NULL
      || (attune_json_get_value (e, "train_reward") == NULL
          && attune_json_get_double (e, "base_loss") > 0))
    {
      tell_loss ("Validation, base", "base", e);
      tell_loss ("Validation, best", "best", e);
      if (best == 0)
        attune_output_row ("", "no step was better than the base: try a lower learning rate");
      else
        attune_output_row ("", "at step %" G_GINT64_FORMAT ", which is the one that counts", best);
    }
  attune_output_row ("Speed", "%.0f tokens/s, %.0f of them learned",
                     attune_json_get_double (e, "tokens_per_second"),
                     attune_json_get_double (e, "target_tokens_per_second"));
  if (peak > 0 && predicted > 0)
    attune_output_row ("Peak memory", "%s measured, %s predicted (%+.0f %%)", measured, expected,
                       100.0 * (peak - predicted) / predicted);
  attune_output_row ("Run", "%s", self->folder);
  if (!self->searching)
    attune_output_row ("Next", "attunectl evaluate %s", self->project);
}

/* One short line; only the first sample of each check, so that the screen stays readable. */
static void
tell_sample (JsonObject *e)
{
  const int width = MIN (attune_output_get_width (), 100) - 24;
  g_autofree char *question
      = attune_format_line (attune_json_get_string (e, "question"), width - 3);
  g_autofree char *answer = attune_format_line (attune_json_get_string (e, "answer"), width - 3);

  attune_output_row ("", "Q  %s", question);
  attune_output_row ("", "A  %s", answer);
}

void
attune_run_report_event (const char *event, JsonObject *members, gpointer report)
{
  AttuneRunReport *self = report;

  if (attune_output_is_json ())
    {
      g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
      g_autoptr (JsonNode) copy = NULL;
      JsonObject *object;

      json_node_set_object (node, members);
      copy = json_node_copy (node);
      object = json_node_dup_object (copy);
      json_object_set_string_member (object, "event", event);
      attune_output_json (object);
    }
  else if (strcmp (event, "step") == 0)
    tell_step (self, members);
  else
    {
      attune_progress_line_clear (&self->line);
      if (strcmp (event, "started") == 0)
        tell_started (members);
      else if (strcmp (event, "validation") == 0)
        tell_validation (self, members);
      else if (strcmp (event, "sample") == 0
               && self->sampled_step != attune_json_get_int (members, "step"))
        {
          self->sampled_step = attune_json_get_int (members, "step");
          tell_sample (members);
        }
      else if (strcmp (event, "message") == 0)
        attune_output_row ("", "%s", attune_json_get_string (members, "text"));
      else if (strcmp (event, "finished") == 0 || strcmp (event, "stopped") == 0)
        tell_result (self, event, members);
    }
}
