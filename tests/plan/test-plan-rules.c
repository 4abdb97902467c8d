/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What goes with what: which settings a method, an objective, a type or an optimizer uses and
 * begins with, and what is refused together.
 */
#include "core/settings.h"
#include "plan/earlier.h"
#include "plan/estimate.h"
#include "plan/plan.h"

#include <string.h>

static void
test_methods (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttunePlanValues before = *attune_plan_get_values (plan);
  g_autoptr (GError) error = NULL;

  for (int method = 0; method < ATTUNE_N_METHODS; method++)
    {
      g_assert_true (attune_settings_set_text (G_OBJECT (plan), "method",
                                               attune_method_get_name (method), NULL));
      g_assert_cmpint (attune_plan_get_values (plan)->method, ==, method);
      g_assert_cmpuint (strlen (attune_method_get_title (method)), >, 0);
      g_assert_true (g_str_has_suffix (attune_method_get_text (method), "."));
    }
  g_object_set (plan, "method", ATTUNE_METHOD_IA3, NULL);
  g_assert_false (attune_plan_uses (plan, "lora-rank") || attune_plan_uses (plan, "targets"));
  g_assert_true (attune_plan_uses (plan, "base-type"));
  g_assert_false (attune_plan_uses (plan, "virtual-tokens"));
  for (int method = ATTUNE_METHOD_PROMPT; method <= ATTUNE_METHOD_PREFIX; method++)
    {
      g_object_set (plan, "method", method, "objective", ATTUNE_OBJECTIVE_LABELS, NULL);
      g_assert_true (attune_plan_uses (plan, "virtual-tokens"));
      g_assert_false (attune_plan_uses (plan, "lora-rank") || attune_plan_uses (plan, "targets"));
      g_assert_false (attune_plan_check (plan, NULL)); /* there is no head beside them */
      g_object_set (plan, "objective", ATTUNE_OBJECTIVE_ANSWERS, NULL);
      g_assert_true (attune_plan_check (plan, NULL));
      g_assert_cmpint (attune_plan_get_rank (plan), ==, 0);
    }
  g_object_set (plan, "method", ATTUNE_METHOD_FULL, NULL);
  g_assert_true (attune_plan_uses (plan, "method") && attune_plan_uses (plan, "epochs"));
  g_assert_false (attune_plan_uses (plan, "lora-rank") || attune_plan_uses (plan, "targets"));
  g_assert_false (attune_plan_uses (plan, "layers") || attune_plan_uses (plan, "rounds"));
  g_assert_false (attune_plan_uses (plan, "precision")); /* the processor rounds nothing */
  g_object_set (plan, "device", ATTUNE_DEVICE_AUTO, NULL);
  g_assert_true (attune_plan_uses (plan, "precision"));
  g_object_set (plan, "method", ATTUNE_METHOD_FULL, NULL);

  /* what has no say is not looked at; a rate for adapters is moved along or, where it is nobody's,
   * stays */
  g_object_set (plan, "targets", "knee", NULL);
  g_assert_true (attune_plan_check (plan, NULL));
  g_assert_true (attune_plan_follow (plan, &before));
  g_assert_cmpfloat (attune_plan_get_values (plan)->learning_rate, ==, 2e-5);
  g_object_set (plan, "learning-rate", 1e-2, NULL);
  g_assert_false (attune_plan_follow (plan, &before));
  g_assert_false (attune_plan_check (plan, &error));
  g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, "2e-05"));
}

static void
refuse (AttunePlan *plan, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (attune_plan_check (plan, &error));
  g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, words));
}

/* What is not to be forgotten, and how. */
static void
test_earlier (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttunePlanValues *v = attune_plan_get_values (plan);

  g_assert_true (attune_plan_uses (plan, "earlier"));
  g_assert_false (attune_plan_uses (plan, "replay-share") || attune_plan_uses (plan, "ewc-weight"));
  g_object_set (plan, "replay-share", 0.2, NULL);
  g_assert_true (attune_plan_uses (plan, "replay-share")); /* so that it can be set back */
  refuse (plan, "replay-share");
  g_assert_cmpint (attune_plan_count_replay (v), ==, 0);
  g_object_set (plan, "earlier", "somewhere.txt", NULL);
  g_assert_true (attune_plan_check (plan, NULL));
  g_assert_true (attune_plan_uses (plan, "ewc-weight") && !attune_plan_uses (plan, "ewc-samples"));
  g_assert_cmpint (attune_plan_count_replay (v), ==, 4); /* a fifth of 16 + 4 */
  g_object_set (plan, "batch-size", 1, NULL);
  g_assert_cmpint (attune_plan_count_replay (v), ==, 1);
  g_object_set (plan, "objective", ATTUNE_OBJECTIVE_DPO, NULL);
  refuse (plan, "--ewc-weight");
  g_assert_true (attune_plan_uses (plan, "replay-share"));
  g_object_set (plan, "objective", ATTUNE_OBJECTIVE_LABELS, NULL);
  refuse (plan, "--objective answers");
  g_assert_true (attune_plan_uses (plan, "earlier")); /* what is refused can be seen */
  g_assert_false (attune_plan_uses (plan, "ewc-weight"));
  g_object_set (plan, "earlier", "", "replay-share", 0.0, "ewc-weight", 1.0, NULL);
  refuse (plan, "no Earlier Material");
  g_assert_true (attune_plan_uses (plan, "ewc-weight"));
  g_assert_false (attune_plan_uses (plan, "earlier"));
  g_object_set (plan, "earlier", "somewhere.txt", NULL);
  g_object_set (plan, "objective", ATTUNE_OBJECTIVE_DPO, "replay-share", 0.0, "ewc-weight", 10.0,
                NULL);
  g_assert_true (attune_plan_check (plan, NULL));
  g_object_set (plan, "ranks", 2, "objective", ATTUNE_OBJECTIVE_TEXT, NULL);
  refuse (plan, "--ewc-weight");
  g_object_set (plan, "ranks", 1, "method", ATTUNE_METHOD_HALF, "learning-rate", 1e-5, NULL);
  refuse (plan, "--method full");
  g_object_set (plan, "method", ATTUNE_METHOD_FULL, NULL);
  g_assert_true (attune_plan_check (plan, NULL));
}

/* What is to be treated alike. */
static void
test_terms (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttunePlanValues *v = attune_plan_get_values (plan);

  g_assert_true (attune_plan_uses (plan, "term-pairs"));
  g_assert_false (attune_plan_uses (plan, "counterfactuals")
                  || attune_plan_uses (plan, "gap-weight"));
  g_object_set (plan, "gap-weight", 1.0, NULL);
  g_assert_true (attune_plan_uses (plan, "gap-weight"));
  refuse (plan, "term-pairs");
  g_object_set (plan, "term-pairs", "somewhere.csv", NULL);
  g_assert_true (attune_plan_check (plan, NULL));
  g_assert_true (attune_plan_uses (plan, "counterfactuals"));
  g_assert_cmpint (attune_plan_count_samples (v), ==, 32);
  g_object_set (plan, "counterfactuals", FALSE, "gap-weight", 0.0, NULL);
  g_assert_cmpint (attune_plan_count_samples (v), ==, 16);
  g_object_set (plan, "counterfactuals", TRUE, "ranks", 2, NULL);
  refuse (plan, "--term-pairs");
  g_object_set (plan, "ranks", 1, "objective", ATTUNE_OBJECTIVE_ORPO, NULL);
  refuse (plan, "--objective answers");
  g_assert_true (attune_plan_uses (plan, "term-pairs")); /* what is refused can be seen */
  g_assert_false (attune_plan_uses (plan, "gap-weight")
                  || attune_plan_uses (plan, "counterfactuals"));
  g_object_set (plan, "objective", ATTUNE_OBJECTIVE_LABELS, "gap-weight", 1.0, NULL);
  refuse (plan, "--objective answers");
  g_assert_true (attune_plan_uses (plan, "term-pairs") && attune_plan_uses (plan, "gap-weight"));
}

/* A base in 4 bits goes with an adapter, and QLoRA with such a base. */
static void
test_base_type (void)
{
  static const struct
  {
    AttuneMethod method;
    AttuneBaseKind kind;
    gboolean doubled;
    AttuneType type;   /* where it is accepted */
    const char *named; /* (nullable): what the refusal offers */
  } cases[] = {
    { ATTUNE_METHOD_LORA, ATTUNE_BASE_AUTO, TRUE, ATTUNE_TYPE_F32, NULL },
    { ATTUNE_METHOD_LORA, ATTUNE_BASE_FP4, FALSE, ATTUNE_TYPE_FP4, NULL },
    { ATTUNE_METHOD_QLORA, ATTUNE_BASE_AUTO, TRUE, ATTUNE_TYPE_NF4_DOUBLE, NULL },
    { ATTUNE_METHOD_QLORA, ATTUNE_BASE_FP4, TRUE, ATTUNE_TYPE_FP4_DOUBLE, NULL },
    { ATTUNE_METHOD_QLORA, ATTUNE_BASE_STORED, TRUE, 0, "--method lora" },
    { ATTUNE_METHOD_DORA, ATTUNE_BASE_NF4, FALSE, ATTUNE_TYPE_NF4, NULL },
    { ATTUNE_METHOD_FULL, ATTUNE_BASE_AUTO, TRUE, ATTUNE_TYPE_F32, NULL },
    { ATTUNE_METHOD_FULL, ATTUNE_BASE_NF4, TRUE, 0, "--method qlora" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AttunePlan) plan = attune_plan_new ();
      g_autoptr (GError) error = NULL;

      g_object_set (plan, "method", cases[i].method, "base-type", cases[i].kind,
                    "double-quantisation", cases[i].doubled, "learning-rate", 1e-4, NULL);
      if (attune_plan_check (plan, &error))
        {
          g_assert_null (cases[i].named);
          g_assert_cmpint (attune_plan_get_base_type (plan), ==, cases[i].type);
        }
      else
        {
          g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
          g_assert_nonnull (cases[i].named);
          g_assert_nonnull (strstr (error->message, cases[i].named));
        }
    }
}

/* What an optimizer begins with is taken along where nobody has changed it, also together with
 * another method's; what its formula does not have has no say. */
static void
test_optimizers (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttunePlanValues *v = attune_plan_get_values (plan);

  for (int i = 0; i < ATTUNE_N_OPTIMIZERS; i++)
    {
      const AttunePlanValues before = *v;

      g_object_set (plan, "optimizer", i, "method", i % 2 ? ATTUNE_METHOD_FULL : ATTUNE_METHOD_LORA,
                    NULL);
      attune_plan_follow (plan, &before);
      g_assert_cmpfloat (v->learning_rate, ==, attune_plan_get_start_rate (plan));
      g_assert_cmpfloat (v->beta2, ==, attune_optimizer_get_start (i)->beta2);
      g_assert_cmpfloat (v->epsilon, ==, attune_optimizer_get_start (i)->epsilon);
      g_assert_true (attune_plan_check (plan, NULL));
    }
  for (int i = 0; i < ATTUNE_N_OPTIMIZERS; i++) /* of two large ones: no more than is allowed */
    {
      const AttunePlanValues before = *v;

      g_object_set (plan, "optimizer", i, "method", ATTUNE_METHOD_IA3, NULL);
      attune_plan_follow (plan, &before);
      g_assert_cmpfloat (v->learning_rate, ==, attune_plan_get_start_rate (plan));
    }
  g_object_set (plan, "method", ATTUNE_METHOD_LORA, NULL);
  g_object_set (plan, "optimizer", ATTUNE_OPTIMIZER_ADAMW_8BIT, NULL);
  g_assert_true (attune_plan_uses (plan, "beta2") && attune_plan_uses (plan, "epsilon"));
  g_object_set (plan, "optimizer", ATTUNE_OPTIMIZER_SGD, NULL);
  g_assert_true (attune_plan_uses (plan, "beta1") && !attune_plan_uses (plan, "beta2"));
  g_object_set (plan, "optimizer", ATTUNE_OPTIMIZER_ADAFACTOR, NULL);
  g_assert_false (attune_plan_uses (plan, "beta1") || attune_plan_uses (plan, "epsilon"));
  g_assert_true (attune_plan_uses (plan, "weight-decay"));
}

static void
test_objectives (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttunePlanValues *v = attune_plan_get_values (plan);

  for (int i = 0; i < ATTUNE_N_OBJECTIVES; i++)
    {
      const AttunePlanValues before = *v;

      g_assert_true (attune_settings_set_text (G_OBJECT (plan), "objective",
                                               attune_objective_get_name (i), NULL));
      g_assert_cmpint (v->objective, ==, i);
      g_assert_cmpuint (strlen (attune_objective_get_title (i)), >, 0);
      g_assert_true (g_str_has_suffix (attune_objective_get_text (i), "."));
      attune_plan_follow (plan, &before);
      g_assert_cmpfloat (v->learning_rate, ==, attune_plan_get_start_rate (plan));
      g_assert_cmpfloat (v->preference_beta, ==, attune_objective_get_beta (i));
      g_assert_true (attune_plan_uses (plan, "preference-beta")
                     == (attune_objective_prefers (i) && !attune_objective_scores (i)));
      g_assert_true (attune_plan_uses (plan, "label-smoothing")
                     != (attune_objective_prefers (i) || attune_objective_writes (i)));
      g_assert_true (attune_plan_uses (plan, "reward-margin") == (i == ATTUNE_OBJECTIVE_REWARD));
      g_assert_true (attune_plan_uses (plan, "answer-limit") == attune_objective_writes (i));
      g_assert_true (attune_plan_uses (plan, "preference-loss") == (i == ATTUNE_OBJECTIVE_DPO));
      g_assert_true (attune_plan_uses (plan, "desirable-weight") == (i == ATTUNE_OBJECTIVE_KTO));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/methods", test_methods);
  g_test_add_func ("/plan/earlier", test_earlier);
  g_test_add_func ("/plan/terms", test_terms);
  g_test_add_func ("/plan/base-type", test_base_type);
  g_test_add_func ("/plan/optimizers", test_optimizers);
  g_test_add_func ("/plan/objectives", test_objectives);
  return g_test_run ();
}
