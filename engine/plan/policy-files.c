/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a plan needs to know of its reward model, which is another run.
 */
#include "core/settings.h"
#include "plan/estimate.h"
#include "plan/policy.h"
#include "store/store.h"

gboolean
attune_policy_check_files (const AttunePlanValues *plan, GError **error)
{
  if (!attune_objective_writes (plan->objective) || *plan->reward_model == '\0'
      || g_file_test (plan->reward_model, G_FILE_TEST_EXISTS))
    return TRUE;
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
               "There is no “%s”, which Reward Model (reward-model) names. Choose the folder of a "
               "run with --objective reward, or none.",
               plan->reward_model);
  return FALSE;
}

char *
attune_policy_find_checkpoint (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_DIR) ? g_build_filename (path, "checkpoint.h5", NULL)
                                                : g_strdup (path);
}

AttuneType
attune_policy_get_reward_type (AttunePlan *plan)
{
  return attune_plan_get_values (plan)->adapter_start == ATTUNE_ADAPTER_START_LOFTQ
             ? ATTUNE_TYPE_F32
             : attune_plan_get_base_type (plan);
}

AttuneType
attune_policy_read_reward_type (const char *path)
{
  g_autofree char *file = attune_policy_find_checkpoint (path), *text = NULL;
  g_autoptr (AttuneStore) store
      = *path != '\0' ? attune_store_open (file, "checkpoint", 1, NULL) : NULL;
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  g_autoptr (JsonNode) node = NULL;

  if (store == NULL || !attune_store_has (store, "text/plan")
      || (text = attune_store_get_string (store, "plan", NULL)) == NULL
      || (node = json_from_string (text, NULL)) == NULL
      || !attune_settings_apply_json (G_OBJECT (plan), node, NULL))
    return ATTUNE_TYPE_F32;
  return attune_policy_get_reward_type (plan);
}
