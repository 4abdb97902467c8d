/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether a plan fits into memory, and if not, what would.
 */
#include "core/settings.h"
#include "plan/estimate.h"
#include "plan/fit.h"
#include "plan/make-fit.h"

/* The sentence that says what would fit, or %NULL; with the flags of attunectl. */
static char *
find_change (AttunePlan *plan, const AttuneDecoderConfig *config, guint64 weights_bytes,
             gint64 total, const AttuneDataFacts *data, guint64 available)
{
  g_autoptr (AttunePlan) fitted
      = attune_plan_make_fit (plan, config, weights_bytes, total, data, available, NULL);
  static const char *const names[]
      = { "method",  "learning-rate", "micro-batch-tokens", "checkpoint-activations",
          "samples", "lora-rank",     "lora-alpha" };
  const AttunePlanValues *before = attune_plan_get_values (plan), *after;
  g_autoptr (GString) flags = g_string_new (NULL);
  const char *cost = "the result stays the same";

  if (fitted == NULL)
    return NULL;
  after = attune_plan_get_values (fitted);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *now = attune_settings_get_text (G_OBJECT (plan), names[i]);
      g_autofree char *then = attune_settings_get_text (G_OBJECT (fitted), names[i]);

      if (!g_str_equal (now, then))
        g_string_append_printf (flags, " --%s %s", names[i], then);
    }
  if (after->method == ATTUNE_METHOD_QLORA && attune_method_adapts (before->method))
    cost = "the model is kept in 4 bits, which answers a little less well";
  else if (after->method != before->method)
    cost = "an adapter learns in place of the model itself";
  else if (after->lora_rank != before->lora_rank)
    cost = "it learns less detail";
  else if (after->checkpoint_activations != before->checkpoint_activations)
    cost = "a third slower";
  return g_strdup_printf ("It fits with%s (%s).", flags->str, cost);
}

gboolean
attune_estimate_check (AttunePlan *plan, const AttuneDecoderConfig *config, guint64 weights_bytes,
                       gint64 total, const AttuneDataFacts *data, guint64 available, GError **error)
{
  g_autofree char *change = NULL;
  AttuneEstimate now;

  if (!attune_estimate (plan, config, weights_bytes, total, data, &now, error))
    return FALSE;
  if (now.peak_bytes <= available)
    return TRUE;
  change = find_change (plan, config, weights_bytes, total, data, available);
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_MEMORY,
               "This plan needs %.2f GB of memory, and %.2f GB are free. %s", now.peak_bytes / 1e9,
               available / 1e9,
               change != NULL ? change : attune_fit_advice (attune_plan_get_values (plan)));
  return FALSE;
}
