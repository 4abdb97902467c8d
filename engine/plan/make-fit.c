/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The search for a plan that fits: at most some hundred estimates, each of which is arithmetic.
 */
#include "plan/make-fit.h"

#include "plan/earlier.h"

/* Fewer tokens at once would cost more in overhead than they save: a step is then no longer one
 * product but many small ones. */
#define LEAST_TOKENS 64
/* Below, an adapter can hardly hold more than a manner of speaking. */
#define LEAST_RANK 4

typedef struct
{
  const AttuneDecoderConfig *config;
  guint64 weights_bytes;
  gint64 total;
  const AttuneDataFacts *data;
  guint64 available;
} Search;

/* Whether @plan fits. That it can be reckoned is known. */
static gboolean
fits (const Search *self, AttunePlan *plan)
{
  AttuneEstimate now;

  return attune_estimate (plan, self->config, self->weights_bytes, self->total, self->data, &now,
                          NULL)
         && now.peak_bytes <= self->available;
}

/* Halves the tokens at once until it fits; puts them back where it does not. */
static gboolean
try_fewer_tokens (const Search *self, AttunePlan *plan)
{
  const int before = attune_plan_get_values (plan)->micro_batch_tokens;

  for (int tokens = before; tokens == before || tokens >= LEAST_TOKENS; tokens /= 2)
    {
      g_object_set (plan, "micro-batch-tokens", tokens, NULL);
      if (fits (self, plan))
        return TRUE;
    }
  g_object_set (plan, "micro-batch-tokens", before, NULL);
  return FALSE;
}

static gboolean
try_smaller_adapter (const Search *self, AttunePlan *plan)
{
  const AttunePlanValues *values = attune_plan_get_values (plan);

  while (values->lora_rank / 2 >= LEAST_RANK)
    {
      const int rank = values->lora_rank / 2;
      const double alpha = MAX (0.01, values->lora_alpha * rank / values->lora_rank);

      g_object_set (plan, "lora-rank", rank, "lora-alpha", alpha, NULL);
      if (try_fewer_tokens (self, plan))
        return TRUE;
    }
  return FALSE;
}

/* An adapter on the base in 4 bits, which helps where the file has more. */
static gboolean
try_four_bits (const Search *self, AttunePlan *plan)
{
  if (attune_plan_get_values (plan)->method != ATTUNE_METHOD_LORA
      || attune_plan_get_values (plan)->base_type != ATTUNE_BASE_AUTO)
    return FALSE;
  g_object_set (plan, "method", ATTUNE_METHOD_QLORA, NULL);
  if (try_fewer_tokens (self, plan))
    return TRUE;
  g_object_set (plan, "method", ATTUNE_METHOD_LORA, NULL);
  return FALSE;
}

/* The search with one method; changes @plan. */
static gboolean
try_all (const Search *self, AttunePlan *plan)
{
  if (try_fewer_tokens (self, plan))
    return TRUE;
  g_object_set (plan, "checkpoint-activations", TRUE, NULL);
  if (try_fewer_tokens (self, plan))
    return TRUE;
  g_object_set (plan, "samples", 0, NULL);
  return try_fewer_tokens (self, plan) || try_four_bits (self, plan)
         || (attune_method_adapts (attune_plan_get_values (plan)->method)
             && attune_plan_uses (plan, "lora-rank") && try_smaller_adapter (self, plan));
}

const char *
attune_fit_advice (const AttunePlanValues *plan)
{
  return attune_plan_consolidates (plan)
             ? "What Hold Fast (--ewc-weight) keeps takes twice as much as what learns: set it to "
               "0, close other programs, or take a smaller model."
             : "No change of the plan makes it fit: close other programs, or take a smaller model.";
}

AttunePlan *
attune_plan_make_fit (AttunePlan *plan, const AttuneDecoderConfig *config, guint64 weights_bytes,
                      gint64 total, const AttuneDataFacts *data, guint64 available, GError **error)
{
  const Search search = { config, weights_bytes, total, data, available };
  g_autoptr (AttunePlan) changed = NULL;
  AttuneEstimate now;

  g_return_val_if_fail (ATTUNE_IS_PLAN (plan) && config != NULL && data != NULL, NULL);

  if (!attune_estimate (plan, config, weights_bytes, total, data, &now, error))
    return NULL;
  changed = attune_plan_copy (plan);
  if (try_all (&search, changed))
    return g_steal_pointer (&changed);
  if (!attune_method_adapts (attune_plan_get_values (plan)->method))
    {
      g_clear_object (&changed);
      changed = attune_plan_copy (plan);
      g_object_set (changed, "method", ATTUNE_METHOD_LORA, NULL);
      g_object_set (changed, "learning-rate", attune_plan_get_start_rate (changed), NULL);
      if (try_all (&search, changed))
        return g_steal_pointer (&changed);
    }
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_MEMORY, "%s",
               attune_fit_advice (attune_plan_get_values (plan)));
  return NULL;
}
