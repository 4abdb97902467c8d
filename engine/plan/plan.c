/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan: each hyperparameter is one call in plan-learning.c, plan-goals.c or plan-steps.c, and
 * one field of AttunePlanValues.
 */
#include "core/settings-class.h"
#include "plan/estimate.h"
#include "plan/plan-private.h"

G_DEFINE_QUARK (attune_plan_error, attune_plan_error)
G_DEFINE_FINAL_TYPE (AttunePlan, attune_plan, G_TYPE_OBJECT)

GType
attune_schedule_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_SCHEDULE_COSINE, "ATTUNE_SCHEDULE_COSINE", "cosine" },
        { ATTUNE_SCHEDULE_LINEAR, "ATTUNE_SCHEDULE_LINEAR", "linear" },
        { ATTUNE_SCHEDULE_CONSTANT, "ATTUNE_SCHEDULE_CONSTANT", "constant" },
        { ATTUNE_SCHEDULE_RESTARTS, "ATTUNE_SCHEDULE_RESTARTS", "restarts" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneSchedule", values));
    }
  return type;
}

GType
attune_base_kind_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_BASE_AUTO, "ATTUNE_BASE_AUTO", "auto" },
        { ATTUNE_BASE_STORED, "ATTUNE_BASE_STORED", "stored" },
        { ATTUNE_BASE_NF4, "ATTUNE_BASE_NF4", "nf4" },
        { ATTUNE_BASE_FP4, "ATTUNE_BASE_FP4", "fp4" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneBaseKind", values));
    }
  return type;
}

static void
attune_plan_class_init (AttunePlanClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  attune_settings_class_init (object_class);
  attune_plan_add_adapter_properties (object_class);
  attune_plan_add_part_properties (object_class);
  attune_plan_add_objective_properties (object_class);
  attune_plan_add_reward_properties (object_class);
  attune_plan_add_rule_properties (object_class);
  attune_plan_add_policy_properties (object_class);
  attune_plan_add_label_properties (object_class);
  attune_plan_add_earlier_properties (object_class);
  attune_plan_add_term_properties (object_class);
  attune_plan_add_optimizer_properties (object_class);
  attune_plan_add_smoothing_properties (object_class);
  attune_plan_add_run_properties (object_class);
}

static void
attune_plan_init (AttunePlan *self)
{
}

AttunePlan *
attune_plan_new (void)
{
  return g_object_new (ATTUNE_TYPE_PLAN, NULL);
}

AttunePlan *
attune_plan_copy (AttunePlan *self)
{
  AttunePlan *copy;
  g_autoptr (JsonNode) values = NULL;

  g_return_val_if_fail (ATTUNE_IS_PLAN (self), NULL);

  copy = attune_plan_new ();
  values = attune_settings_to_json (G_OBJECT (self));
  attune_settings_apply_json (G_OBJECT (copy), values, NULL); /* what one says, the other takes */
  return copy;
}

const AttunePlanValues *
attune_plan_get_values (AttunePlan *self)
{
  g_return_val_if_fail (ATTUNE_IS_PLAN (self), NULL);
  return &self->values;
}
