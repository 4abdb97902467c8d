/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan and a model: the adapter that it asks for, and whether the model can have it.
 */
#include "plan/estimate.h"
#include "plan/policy.h"

/* Whether the adapter begins in parts of the weights, which are taken from them where it is used.
 */
static gboolean
begins_in_weights (const AttunePlanValues *plan)
{
  return (plan->method == ATTUNE_METHOD_LORA || plan->method == ATTUNE_METHOD_QLORA)
         && plan->adapter_start != ATTUNE_ADAPTER_START_ZERO;
}

gboolean
attune_plan_get_lora (AttunePlan *plan, AttuneLoraConfig *lora, GError **error)
{
  const AttunePlanValues *values = attune_plan_get_values (plan);

  *lora = (AttuneLoraConfig) { .rank = values->lora_rank,
                               .alpha = values->lora_alpha,
                               .dropout = attune_plan_find_dropout (values),
                               .rank_stabilised = values->rank_stabilised,
                               .b_rate = values->lora_plus_ratio,
                               .principal = begins_in_weights (values) };
  if (values->method == ATTUNE_METHOD_IA3)
    {
      *lora = (AttuneLoraConfig) { .kind = ATTUNE_ADAPTER_IA3 };
      return TRUE;
    }
  if (attune_method_is_virtual (values->method))
    {
      *lora = (AttuneLoraConfig) { .kind = values->method == ATTUNE_METHOD_PROMPT
                                               ? ATTUNE_ADAPTER_PROMPT
                                               : ATTUNE_ADAPTER_PREFIX,
                                   .n_virtual = values->virtual_tokens };
      return TRUE;
    }
  if (values->method == ATTUNE_METHOD_DORA)
    lora->kind = ATTUNE_ADAPTER_DORA;
  return attune_plan_get_targets (plan, &lora->targets, error);
}

/* Virtual tokens take places, of which such models have no more than they have learned. */
static gboolean
check_virtual (const AttuneDecoderConfig *config, GError **error)
{
  if (!config->learned_positions)
    return TRUE;
  g_set_error_literal (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                       "Nothing can be put before the texts of this model (--method prompt, "
                       "prefix): it has learned a fixed number of places, and texts need them. Use "
                       "--method lora.");
  return FALSE;
}

gboolean
attune_plan_check_model (AttunePlan *plan, const AttuneDecoderConfig *config, GError **error)
{
  gint64 highest = 0, smallest = G_MAXINT64, most, shapes[3][2];
  AttuneLoraConfig lora;

  if (!attune_plan_check (plan, error))
    return FALSE;
  if (!attune_method_adapts (attune_plan_get_values (plan)->method))
    return TRUE;
  if (!attune_plan_get_lora (plan, &lora, error))
    return FALSE;
  if (lora.n_virtual > 0)
    return check_virtual (config, error);
  for (int i = 0; i < attune_layer_linears (config); i++)
    if (attune_lora_shapes (config, &lora, i, shapes) > 1)
      {
        highest = MAX (highest, MIN (shapes[0][1], shapes[1][0]));
        smallest = MIN (smallest, MIN (shapes[0][1], shapes[1][0]));
      }
  /* a matrix has no more parts than that to begin in */
  most = lora.principal ? MIN (smallest, highest) : highest;
  if (lora.rank <= most || lora.kind == ATTUNE_ADAPTER_IA3)
    return TRUE;
  if (highest == 0)
    g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                 "This model has none of the Adapted Parts (targets) “%s”. Use “all”.",
                 attune_plan_get_values (plan)->targets);
  else if (lora.rank <= highest)
    g_set_error (
        error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
        "An Adapter Rank (lora-rank) of %d is more than the smallest matrix that it is put "
        "on has parts to begin in (--adapter-start pissa). Use at most %d, or "
        "--adapter-start zero.",
        lora.rank, (int) most);
  else
    g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                 "An Adapter Rank (lora-rank) of %d is more than the matrices that it is put on "
                 "have: they would be learned whole, and twice over. Use at most %d, or --method "
                 "full.",
                 lora.rank, (int) most);
  return FALSE;
}
