/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How much there is to compute in a run.
 */
#include "nn/quantise-base.h"
#include "plan/estimate-private.h"

/* What a product in 8 bits takes of the time of an exact one; a step was measured at 1 / 1.81. */
#define INT8_SHARE 0.4
/* The same in 16 bits, measured at 1 / 1.4 to 1 / 1.6. */
#define INT16_SHARE 0.67

AttuneProductShares
attune_find_product_shares (const AttuneDecoderConfig *c, const AttunePlanValues *plan,
                            gboolean int8)
{
  const double small = (double) c->small_linears / MAX (1, attune_quantised_count (c));
  AttuneProductShares shares = { 1, 1 };

  if (plan->device == ATTUNE_DEVICE_CPU)
    shares
        = (AttuneProductShares) { 1 - (1 - INT16_SHARE) * small, c->small_head ? INT16_SHARE : 1 };
  if (int8)
    shares.linear = INT8_SHARE;
  return shares;
  if (int8)
    shares.linear = INT8_SHARE;
  else if (plan->device == ATTUNE_DEVICE_CPU)
    shares
        = (AttuneProductShares) { 1 - (1 - INT16_SHARE) * small, c->small_head ? INT16_SHARE : 1 };
  return shares;
}

/* Multiplications and additions of the base's linears per token and layer. A token goes through a
 * few of the experts. */
static double
count_layer_products (const AttuneDecoderConfig *c)
{
  double n = 0;

  for (int i = 0; i < attune_layer_linears (c); i++)
    {
      const double share
          = i >= ATTUNE_LINEAR_EXPERTS ? (double) c->n_experts_used / c->n_experts : 1;
      gint64 rows, columns;

      attune_linear_shape (c, i, &rows, &columns);
      n += share * rows * columns;
    }
  return n;
}

double
attune_count_flops (const AttuneDecoderConfig *c, const AttuneLearning *learning,
                    const AttuneProductShares *shares, const AttuneDataFacts *data, double passes,
                    double more_tokens)
{
  const AttuneBaseParts *parts = &learning->parts;
  const double of_layer = count_layer_products (c), of_head = (double) c->n_vocab * c->n_embd;
  /* what is rescaled computes its outputs again for the gradient of the factors */
  const AttuneAdapterKind kind = learning->lora.kind;
  const gboolean virtual = kind == ATTUNE_ADAPTER_PROMPT || kind == ATTUNE_ADAPTER_PREFIX;
  const double again
      = learning->adapter && (kind == ATTUNE_ADAPTER_DORA || kind == ATTUNE_ADAPTER_IA3) ? 2 : 0;
  const double own = learning->adapter || parts->biases ? 0 : parts->half ? 1 : 2;
  const double of_head_own = parts->some_layers ? 0 : own;
  const int first = learning->adapter ? 0 : attune_base_parts_first_layer (c, parts);
  const double adapter
      = learning->adapter && !virtual ? 6.0 * attune_lora_count (c, &learning->lora) : 0;
  double base = 0;

  for (int i = 0; i < c->n_layers; i++)
    {
      const gboolean learns = !parts->some_layers || attune_layer_set_has (&parts->layers, i);

      /* what learns is in f32 */
      base += of_layer * (learns && own > 0 ? 1 : shares->linear)
              * (2 + again + (i >= first ? 2 : 0) + (learns ? own : 0));
    }
  return (passes * data->train_tokens + more_tokens) * (base + adapter)
         + passes * data->target_tokens * of_head
               * (of_head_own > 0 ? 4 + of_head_own : 4 * shares->head);
}
