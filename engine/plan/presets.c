/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of presets. A value is written as a person would type it, so that a row reads like the
 * flags of attunectl.
 */
#include "plan/presets.h"

#include "core/settings.h"

#include <glib/gi18n.h> /* N_(): the window translates titles and sentences */

#define N_SETTINGS 10

static const char *const names[N_SETTINGS]
    = { "method", "lora-rank", "lora-alpha", "lora-dropout", "learning-rate",
        "epochs", "max-steps", "batch-size", "patience",     "max-validation-samples" };

/* Alpha is twice the rank throughout, so that a preset changes how much can be learned and not how
 * loudly it speaks. Best quality passes three times, which small data needs, and pays for it
 * with a lower rate, dropout and patience, against memorising. What a whole model learns, it learns
 * in small steps. */
static const struct
{
  const char *title, *text;
  const char *values[N_SETTINGS];
} presets[ATTUNE_N_PRESETS] = {
  [ATTUNE_PRESET_QUICK] = { N_ ("Quick Try"),
                            N_ ("A quarter of the data once, to see that all works"),
                            { "lora", "8", "16", "0", "5e-4", "0.25", "0", "16", "3", "50" } },
  [ATTUNE_PRESET_BALANCED] = { N_ ("Balanced"),
                               N_ ("All of the data once: good for most purposes"),
                               { "lora", "16", "32", "0", "5e-4", "1", "0", "16", "3", "200" } },
  [ATTUNE_PRESET_BEST] = { N_ ("Best Quality"),
                           N_ ("All of the data three times, learning more detail: takes longest"),
                           { "lora", "32", "64", "0.05", "3e-4", "3", "0", "16", "4", "500" } },
  [ATTUNE_PRESET_FULL]
  = { N_ ("Whole Model"),
      N_ ("Every weight learns, with all of the data three times: takes much memory and disk"),
      { "full", "16", "32", "0", "2e-5", "3", "0", "16", "3", "200" } },
};

const char *
attune_preset_get_title (AttunePreset preset)
{
  g_return_val_if_fail (preset < ATTUNE_N_PRESETS, NULL);
  return presets[preset].title;
}

const char *
attune_preset_get_text (AttunePreset preset)
{
  g_return_val_if_fail (preset < ATTUNE_N_PRESETS, NULL);
  return presets[preset].text;
}

void
attune_preset_apply (AttunePreset preset, AttunePlan *plan)
{
  g_return_if_fail (preset < ATTUNE_N_PRESETS && ATTUNE_IS_PLAN (plan));

  g_object_freeze_notify (G_OBJECT (plan));
  for (int i = 0; i < N_SETTINGS; i++)
    {
      g_autoptr (GError) error = NULL;

      attune_settings_set_text (G_OBJECT (plan), names[i], presets[preset].values[i], &error);
      g_assert_no_error (error); /* the table is ours */
    }
  g_object_thaw_notify (G_OBJECT (plan));
}

int
attune_preset_find (AttunePlan *plan)
{
  g_return_val_if_fail (ATTUNE_IS_PLAN (plan), -1);

  for (int preset = 0; preset < ATTUNE_N_PRESETS; preset++)
    {
      g_autoptr (AttunePlan) changed = attune_plan_copy (plan);

      attune_preset_apply (preset, changed);
      if (attune_settings_equal (G_OBJECT (plan), G_OBJECT (changed)))
        return preset;
    }
  return -1;
}
