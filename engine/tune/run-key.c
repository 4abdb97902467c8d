/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The key of a run: what its bits depend on.
 */
#include "core/settings.h"
#include "tune/reward-model.h"
#include "tune/trainer-private.h"

/* Runs that are older than these settings go on where nobody has changed them. */
static void
leave_out_newer (GObject *plan, JsonObject *settings)
{
  static const char *const newer[] = { "ranks",
                                       "lora-plus-ratio",
                                       "base-type",
                                       "double-quantisation",
                                       "layers",
                                       "rounds",
                                       "objective",
                                       "preference-loss",
                                       "preference-beta",
                                       "simpo-gamma",
                                       "reward-margin",
                                       "reward-centring",
                                       "answer-reward",
                                       "answer-match",
                                       "length-reward",
                                       "length-limit",
                                       "format-reward",
                                       "answer-format",
                                       "model-reward",
                                       "group-size",
                                       "answer-limit",
                                       "policy-updates",
                                       "policy-clip",
                                       "kl-weight",
                                       "kl-target",
                                       "kl-horizon",
                                       "discount",
                                       "gae-lambda",
                                       "value-weight",
                                       "value-clip",
                                       "desirable-weight",
                                       "optimizer",
                                       "undesirable-weight",
                                       "adapter-start",
                                       "label-weights",
                                       "effective-beta",
                                       "focal-gamma",
                                       "cost-share",
                                       "replay-share",
                                       "ewc-weight",
                                       "ewc-samples",
                                       "virtual-tokens",
                                       "counterfactuals",
                                       "gap-weight",
                                       "cycles",
                                       "folds",
                                       "fold",
                                       "paged-optimizer",
                                       "ema-decay",
                                       "neftune-alpha",
                                       "label-smoothing" };

  for (guint i = 0; i < G_N_ELEMENTS (newer); i++)
    {
      GParamSpec *setting = g_object_class_find_property (G_OBJECT_GET_CLASS (plan), newer[i]);
      g_auto (GValue) value = G_VALUE_INIT;

      g_object_get_property (plan, newer[i], &value);
      if (g_param_value_defaults (setting, &value))
        json_object_remove_member (settings, newer[i]);
    }
}

char *
attune_run_key (AttunePlan *plan, AttuneModel *model, AttuneDataset *dataset,
                const AttuneEarlier *earlier, const AttuneTermPairs *terms, const char *labels,
                GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (JsonNode) settings = attune_settings_to_json (G_OBJECT (plan));
  const AttunePlanValues *values = attune_plan_get_values (plan);
  g_autofree char *text = NULL, *rewards = NULL;
  const char *model_hash = attune_model_get_hash (model, error);

  leave_out_newer (G_OBJECT (plan), json_node_get_object (settings));
  /* A run goes on wherever there is something to compute with. */
  json_object_remove_member (json_node_get_object (settings), "device");
  json_object_remove_member (json_node_get_object (settings), "precision");
  /* What it says counts, not where it lies. */
  json_object_remove_member (json_node_get_object (settings), "earlier");
  json_object_remove_member (json_node_get_object (settings), "term-pairs");
  json_object_remove_member (json_node_get_object (settings), "label-costs");
  json_object_remove_member (json_node_get_object (settings), "reward-model");
  text = json_to_string (settings, FALSE);

  if (model_hash == NULL)
    return NULL;
  g_checksum_update (sum, (const guchar *) text, -1);
  g_checksum_update (sum, (const guchar *) model_hash, -1);
  g_checksum_update (sum, (const guchar *) attune_dataset_get_hash (dataset), -1);
  if (earlier != NULL)
    g_checksum_update (sum, (const guchar *) attune_earlier_get_hash (earlier), -1);
  if (attune_objective_writes (values->objective) && *values->reward_model != '\0')
    {
      if ((rewards = attune_reward_model_identify (values->reward_model, error)) == NULL)
        return NULL;
      g_checksum_update (sum, (const guchar *) rewards, -1);
    }
  if (terms != NULL && attune_plan_exchanges (attune_plan_get_values (plan)))
    g_checksum_update (sum, (const guchar *) attune_term_pairs_get_hash (terms), -1);
  if (labels != NULL)
    g_checksum_update (sum, (const guchar *) labels, -1);
  return g_strdup (g_checksum_get_string (sum));
}
