/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan's inside, which the files of its settings share.
 */
#pragma once
#include "plan/plan.h"

G_BEGIN_DECLS

struct _AttunePlan
{
  GObject parent_instance;

  AttunePlanValues values;
};

#define FIELD(name) G_STRUCT_OFFSET (AttunePlan, values.name)
#define EXPERT (ATTUNE_PARAM | ATTUNE_PARAM_EXPERT)

void attune_plan_add_adapter_properties (GObjectClass *klass);
void attune_plan_add_part_properties (GObjectClass *klass);
void attune_plan_add_objective_properties (GObjectClass *klass);
void attune_plan_add_reward_properties (GObjectClass *klass);
void attune_plan_add_rule_properties (GObjectClass *klass);
void attune_plan_add_policy_properties (GObjectClass *klass);
void attune_plan_add_label_properties (GObjectClass *klass);
void attune_plan_add_earlier_properties (GObjectClass *klass);
void attune_plan_add_term_properties (GObjectClass *klass);
void attune_plan_add_optimizer_properties (GObjectClass *klass);
void attune_plan_add_smoothing_properties (GObjectClass *klass);
void attune_plan_add_run_properties (GObjectClass *klass);

G_END_DECLS
