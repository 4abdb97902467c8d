/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/presets.h"
#include "plan/sample-model.h"

#include "core/settings.h"

#include <string.h>

static void
test_run_on_sample (void)
{
  gint64 steps = 0, trainable = 0;
  double flops = 0;

  for (int preset = 0; preset < ATTUNE_N_PRESETS; preset++)
    {
      g_autoptr (AttunePlan) plan = attune_plan_new ();
      g_autoptr (GError) error = NULL;
      AttuneEstimate e;

      attune_preset_apply (preset, plan);
      g_assert_true (attune_estimate_check (plan, &sample_config, SAMPLE_WEIGHTS_BYTES,
                                            SAMPLE_PARAMETERS, &sample_facts, 4000000000, &error));
      g_assert_no_error (error);
      e = sample_estimate (plan);
      g_assert_cmpint (e.steps, >=, steps); /* each takes no less than the one before */
      g_assert_cmpint (e.trainable, >, trainable);
      g_assert_cmpfloat (e.flops, >, flops);
      steps = e.steps;
      flops = e.flops;
      trainable = e.trainable;
    }
}

static void
test_balanced_is_default (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();

  g_assert_cmpint (attune_preset_find (plan), ==, ATTUNE_PRESET_BALANCED);
}

static void
test_find (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();

  for (int preset = 0; preset < ATTUNE_N_PRESETS; preset++)
    {
      attune_preset_apply (preset, plan);
      g_assert_cmpint (attune_preset_find (plan), ==, preset);
    }
  g_object_set (plan, "micro-batch-tokens", 128, "seed", (gint64) 7, "samples", 1, NULL);
  g_assert_cmpint (attune_preset_find (plan), ==, ATTUNE_PRESET_FULL); /* none of its business */
  g_object_set (plan, "epochs", 2.5, NULL);
  g_assert_cmpint (attune_preset_find (plan), ==, -1);
}

/* Another preset takes back all of the first, and leaves alone what none sets. */
static void
test_apply_over_another (void)
{
  g_autoptr (AttunePlan) one = attune_plan_new (), two = attune_plan_new ();

  g_object_set (one, "threads", 3, "max-steps", 9, NULL);
  g_object_set (two, "threads", 3, NULL);
  attune_preset_apply (ATTUNE_PRESET_BEST, one);
  attune_preset_apply (ATTUNE_PRESET_QUICK, one);
  attune_preset_apply (ATTUNE_PRESET_QUICK, two);
  g_assert_true (attune_settings_equal (G_OBJECT (one), G_OBJECT (two)));
}

static void
test_words (void)
{
  for (int preset = 0; preset < ATTUNE_N_PRESETS; preset++)
    {
      g_assert_cmpuint (strlen (attune_preset_get_title (preset)), >, 0);
      g_assert_cmpuint (strlen (attune_preset_get_text (preset)), >, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/presets/run-on-sample", test_run_on_sample);
  g_test_add_func ("/plan/presets/balanced-is-default", test_balanced_is_default);
  g_test_add_func ("/plan/presets/find", test_find);
  g_test_add_func ("/plan/presets/apply-over-another", test_apply_over_another);
  g_test_add_func ("/plan/presets/words", test_words);
  return g_test_run ();
}
