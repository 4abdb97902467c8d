/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/fit.h"
#include "plan/make-fit.h"
#include "plan/sample-model.h"

#include "core/settings.h"

#include <string.h>

static AttunePlan *
make_fit (AttunePlan *plan, guint64 available, GError **error)
{
  return attune_plan_make_fit (plan, &sample_config, SAMPLE_WEIGHTS_BYTES, SAMPLE_PARAMETERS,
                               &sample_facts, available, error);
}

static void
test_nothing_to_do (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  g_autoptr (AttunePlan) fitted = make_fit (plan, sample_estimate (plan).peak_bytes, NULL);

  g_assert_nonnull (fitted);
  g_assert_true (fitted != plan);
  g_assert_true (attune_settings_equal (G_OBJECT (plan), G_OBJECT (fitted)));
}

/* For every amount of memory from nothing to enough: what it returns fits, it costs no more than
 * it must, and @plan stays as it was. */
static void
test_every_amount (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new (), before = NULL;
  guint64 enough;
  gboolean any = FALSE, none = FALSE, cheap = FALSE, smaller = FALSE;

  g_object_set (plan, "lora-rank", 64, "lora-alpha", 128.0, NULL);
  before = attune_plan_copy (plan);
  enough = sample_estimate (plan).peak_bytes;
  for (guint64 available = 0; available < enough; available += enough / 200)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AttunePlan) fitted = make_fit (plan, available, &error);
      const AttunePlanValues *values;

      g_assert_true (attune_settings_equal (G_OBJECT (plan), G_OBJECT (before)));
      if (fitted == NULL)
        {
          g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_MEMORY);
          g_assert_false (any); /* more memory never makes it impossible */
          none = TRUE;
          continue;
        }
      any = TRUE;
      g_assert_no_error (error);
      g_assert_true (attune_estimate_check (fitted, &sample_config, SAMPLE_WEIGHTS_BYTES,
                                            SAMPLE_PARAMETERS, &sample_facts, available, &error));
      values = attune_plan_get_values (fitted);
      g_assert_cmpfloat (values->lora_alpha, ==, 2.0 * values->lora_rank);
      g_assert_cmpint (values->micro_batch_tokens, >=, 64);
      smaller = smaller || values->lora_rank < 64;
      cheap = cheap || (values->lora_rank == 64 && !values->checkpoint_activations);
    }
  g_assert_true (none && any && cheap && smaller);
}

static void
test_tiny_micro_batch_stays (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new (), fitted = NULL;

  g_object_set (plan, "micro-batch-tokens", 16, NULL);
  fitted = make_fit (plan, sample_estimate (plan).peak_bytes - 1, NULL);
  g_assert_nonnull (fitted);
  g_assert_cmpint (attune_plan_get_values (fitted)->micro_batch_tokens, ==, 16);
  g_assert_true (attune_plan_get_values (fitted)->checkpoint_activations);
}

static void
test_bad_plan (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new (), fitted = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (plan, "targets", "knee", NULL);
  fitted = make_fit (plan, G_MAXUINT64, &error);
  g_assert_null (fitted);
  g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
}

/* The sentence of a refusal names every change. */
static void
test_refusal_names_all (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new (), fitted = NULL, other = attune_plan_new ();
  g_autoptr (GError) error = NULL;
  guint64 available;

  g_object_set (other, "micro-batch-tokens", 64, "checkpoint-activations", TRUE, "samples", 0,
                "lora-rank", 8, "lora-alpha", 16.0, NULL);
  available = sample_estimate (other).peak_bytes;
  g_assert_false (attune_estimate_check (plan, &sample_config, SAMPLE_WEIGHTS_BYTES,
                                         SAMPLE_PARAMETERS, &sample_facts, available, &error));
  g_assert_nonnull (strstr (error->message, "--lora-rank 8 --lora-alpha 16"));
  g_assert_nonnull (strstr (error->message, "--checkpoint-activations yes --samples 0"));
}

/* The whole model stays what learns as long as anything else helps; then it is an adapter. */
static void
test_full (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new (), fitted = NULL, other = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (plan, "method", ATTUNE_METHOD_FULL, "learning-rate", 2e-5, NULL);
  fitted = make_fit (plan, 17 * (guint64) SAMPLE_PARAMETERS, NULL);
  g_assert_nonnull (fitted);
  g_assert_cmpint (attune_plan_get_values (fitted)->method, ==, ATTUNE_METHOD_FULL);
  g_assert_true (attune_plan_get_values (fitted)->checkpoint_activations);
  other = make_fit (plan, 1000000000, NULL);
  g_assert_nonnull (other);
  g_assert_cmpint (attune_plan_get_values (other)->method, ==, ATTUNE_METHOD_LORA);
  g_assert_cmpfloat (attune_plan_get_values (other)->learning_rate, ==, 5e-4);
  g_assert_false (attune_plan_get_values (other)->checkpoint_activations);
  g_object_set (plan, "optimizer", ATTUNE_OPTIMIZER_LION, NULL);
  g_clear_object (&other);
  other = make_fit (plan, 1000000000, NULL);
  g_assert_cmpfloat (attune_plan_get_values (other)->learning_rate, ==,
                     attune_plan_get_start_rate (other));
  g_assert_cmpfloat (attune_plan_get_values (other)->learning_rate, <, 5e-4);
  g_object_set (plan, "optimizer", ATTUNE_OPTIMIZER_ADAMW, NULL);
  g_assert_false (attune_estimate_check (plan, &sample_config, SAMPLE_WEIGHTS_BYTES,
                                         SAMPLE_PARAMETERS, &sample_facts, 1000000000, &error));
  g_assert_nonnull (strstr (error->message, "--method lora --learning-rate 0.0005"));
}

static void
test_fit (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  AttuneFit with_data, without;

  g_assert_true (attune_fit (plan, &sample_config, SAMPLE_WEIGHTS_BYTES, SAMPLE_PARAMETERS,
                             &sample_facts, &with_data, NULL));
  g_assert_cmpuint (with_data.tune_bytes, ==, sample_estimate (plan).peak_bytes);
  g_assert_cmpuint (with_data.run_bytes, >, SAMPLE_WEIGHTS_BYTES);
  g_assert_cmpuint (with_data.run_bytes, <, with_data.tune_bytes);
  g_assert_true (attune_fit (NULL, &sample_config, SAMPLE_WEIGHTS_BYTES, SAMPLE_PARAMETERS, NULL,
                             &without, NULL));
  g_assert_cmpuint (without.run_bytes, ==, with_data.run_bytes);
  /* it answers on the file, whatever it was learned on */
  g_object_set (plan, "method", ATTUNE_METHOD_QLORA, NULL);
  g_assert_true (attune_fit (plan, &sample_config, 2 * (guint64) SAMPLE_PARAMETERS,
                             SAMPLE_PARAMETERS, NULL, &without, NULL));
  g_assert_cmpuint (without.run_bytes, >, 2 * (guint64) SAMPLE_PARAMETERS);
}

/* A file of 16 bits is rounded before the adapter is made smaller. */
static void
test_four_bits (void)
{
  const guint64 f16 = 2 * (guint64) SAMPLE_PARAMETERS;
  g_autoptr (AttunePlan) plan = attune_plan_new (), fitted = NULL, smallest = attune_plan_new ();
  g_autoptr (GError) error = NULL;
  AttuneEstimate e;

  g_object_set (smallest, "micro-batch-tokens", 64, "checkpoint-activations", TRUE, "samples", 0,
                NULL);
  attune_estimate (smallest, &sample_config, f16, SAMPLE_PARAMETERS, &sample_facts, &e, &error);
  g_assert_no_error (error);
  fitted = attune_plan_make_fit (plan, &sample_config, f16, SAMPLE_PARAMETERS, &sample_facts,
                                 e.peak_bytes - 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (attune_plan_get_values (fitted)->method, ==, ATTUNE_METHOD_QLORA);
  g_assert_cmpint (attune_plan_get_values (fitted)->lora_rank, ==, 16);
  attune_estimate (fitted, &sample_config, f16, SAMPLE_PARAMETERS, &sample_facts, &e, &error);
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/make-fit/nothing-to-do", test_nothing_to_do);
  g_test_add_func ("/plan/make-fit/every-amount", test_every_amount);
  g_test_add_func ("/plan/make-fit/tiny-micro-batch-stays", test_tiny_micro_batch_stays);
  g_test_add_func ("/plan/make-fit/bad-plan", test_bad_plan);
  g_test_add_func ("/plan/make-fit/refusal-names-all", test_refusal_names_all);
  g_test_add_func ("/plan/make-fit/full", test_full);
  g_test_add_func ("/plan/fit", test_fit);
  g_test_add_func ("/plan/make-fit/four-bits", test_four_bits);
  return g_test_run ();
}
