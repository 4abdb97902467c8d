/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in words.
 */
#include "stages/tune/words.h"

#include "core/settings.h"
#include "widgets/words.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* As many differences as can be taken in; the rest is counted. */
#define MOST_CHANGES 4

char *
attune_tune_describe_run (const char *name)
{
  g_return_val_if_fail (name != NULL, NULL);
  return g_strdup_printf (_ ("Run %lld"), (long long) g_ascii_strtoll (name, NULL, 10));
}

const char *
attune_tune_describe_state (AttuneRunState state)
{
  switch (state)
    {
    case ATTUNE_RUN_RUNNING:
      return _ ("Running");
    case ATTUNE_RUN_FINISHED:
      return _ ("Finished");
    case ATTUNE_RUN_STOPPED:
      return _ ("Paused");
    case ATTUNE_RUN_FAILED:
      return _ ("Failed");
    case ATTUNE_RUN_CRASHED:
      return _ ("Stopped unexpectedly");
    case ATTUNE_RUN_NEW:
    default:
      return _ ("Not begun");
    }
}

static char *
describe_rewards (double base, double best, gint64 step)
{
  if (!isfinite (base) || !isfinite (best))
    return g_strdup (_ ("No records were kept to check it with, so only the rewards in training "
                        "say how well it has learned."));
  if (step <= 0 || best <= base)
    return g_strdup_printf (_ ("Its answers have not become better than those of the model before: "
                               "the reward for those to questions that it does not learn from was "
                               "%.3f."),
                            base);
  return g_strdup_printf (_ ("The reward for answers to questions that it does not learn from rose "
                             "from %.3f to %.3f. The best checkpoint, from step %lld, is used."),
                          base, best, (long long) step);
}

static char *
describe_losses (double base, double best, gint64 step)
{
  if (base <= 0 || best <= 0)
    return g_strdup (_ ("No records were kept to check it with, so only the training loss says how "
                        "well it has learned."));
  if (step <= 0 || best >= base)
    return g_strdup_printf (_ ("It has not become better than the model was before: the loss on "
                               "records that it does not learn from was %.3f."),
                            base);
  return g_strdup_printf (_ ("The loss on records that it does not learn from fell from %.3f to "
                             "%.3f, a perplexity of %.1f. The best checkpoint, from step %lld, is "
                             "used."),
                          base, best, exp (best), (long long) step);
}

char *
attune_tune_describe_result (const AttuneRunNews *news)
{
  const double seconds = news->finished.seconds;
  g_autofree char *losses
      = news->finished.rewards
            ? describe_rewards (news->finished.base_reward, news->finished.best_reward,
                                news->finished.best_step)
            : describe_losses (news->finished.base_loss, news->finished.best_loss,
                               news->finished.best_step);
  g_autofree char *time = attune_say_about (isfinite (seconds) ? MAX (0, seconds) : 0);

  if (news->finished.early)
    /* Translators: %1$s is a sentence, %2$s "about 4 minutes" */
    return g_strdup_printf (
        _ ("%1$s It took %2$s and ended early, for it did not become better any more."), losses,
        time);
  /* Translators: %1$s is a sentence, %2$s "about 4 minutes" */
  return g_strdup_printf (_ ("%1$s It took %2$s."), losses, time);
}

/* --- how plans differ */

static char *
describe_setting (const AttuneRunPlan *plan, const char *name)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (plan->plan), name);
  g_autofree char *value = attune_settings_get_text (G_OBJECT (plan->plan), name);

  /* Translators: a setting and its value: "Learning Rate 0.01" */
  return g_strdup_printf (_ ("%1$s %2$s"), _ (g_param_spec_get_nick (pspec)), value);
}

char *
attune_tune_describe_changes (const AttuneRunPlan *plan, const AttuneRunPlan *other)
{
  g_auto (GStrv) names = attune_run_plan_compare (plan, other);
  g_autoptr (GString) text = g_string_new (NULL);
  const guint n = g_strv_length (names);
  const guint shown = n > MOST_CHANGES ? MOST_CHANGES - 1 : n;

  if (n == 0)
    return g_strdup (_ ("the same plan"));
  for (guint i = 0; i < shown; i++)
    {
      g_autofree char *words = NULL;

      if (strcmp (names[i], "model") == 0)
        words = g_strdup (_ ("another model"));
      else if (strcmp (names[i], "data") == 0)
        words = g_strdup (_ ("other data"));
      else
        words = describe_setting (plan, names[i]);
      g_string_append_printf (text, "%s%s", i > 0 ? _ (", ") : "", words);
    }
  if (n > shown)
    g_string_append_printf (
        text, ngettext (", and %u other setting", ", and %u other settings", n - shown), n - shown);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
attune_tune_describe_summary (const AttuneRunSummary *run, const AttuneRunPlan *other)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (run->begun > 0 && run->begun < 1e11)
    {
      g_autoptr (GDateTime) time = g_date_time_new_from_unix_local ((gint64) run->begun);
      /* Translators: a date and a time, as strftime() writes them */
      g_autofree char *words
          = time != NULL ? g_date_time_format (time, _ ("%-d %b %Y, %H:%M")) : NULL;

      if (words != NULL)
        g_string_append_printf (text, "%s%s", words, _ (", "));
    }
  g_string_append (text, attune_tune_describe_state (run->state));
  if (isfinite (run->best_reward) || isfinite (run->best_loss))
    {
      g_autofree char *words = isfinite (run->best_reward)
                                   ? g_strdup_printf (_ ("best reward %.3f"), run->best_reward)
                                   : g_strdup_printf (_ ("best loss %.3f"), run->best_loss);

      g_string_append_printf (text, "%s%s", _ (", "), words);
    }
  if (run->plan != NULL && other != NULL)
    {
      g_autofree char *changes = attune_tune_describe_changes (run->plan, other);

      g_string_append_printf (text, "\n%s", changes);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
