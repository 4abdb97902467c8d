/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The estimate: arithmetic over the same layout functions that the run allocates by.
 */
#include "plan/estimate.h"

#include "core/settings.h"
#include "nn/quantise-base.h"
#include "plan/make-fit.h"
#include "plan/schedule.h"

/* Program, libraries and their heaps, HDF5 and ICU included; measured with a model of 49152 tokens'
 * vocabulary, whose strings and merges are most of it. */
#define BASE_BYTES (48u << 20)
/* Per token of the vocabulary: its strings, merges and hash entries; measured. */
#define VOCABULARY_BYTES 420
/* The CPU backend's packing buffers, per thread; see compute/cpu/gemm.h. */
#define PACKING_BYTES (4u << 20)

gboolean
attune_plan_get_lora (AttunePlan *plan, AttuneLoraConfig *lora, GError **error)
{
  const AttunePlanValues *values = attune_plan_get_values (plan);

  *lora = (AttuneLoraConfig) { .rank = values->lora_rank,
                               .alpha = values->lora_alpha,
                               .dropout = values->lora_dropout,
                               .rank_stabilised = values->rank_stabilised,
                               .b_rate = values->lora_plus_ratio };
  if (values->method == ATTUNE_METHOD_IA3)
    {
      *lora = (AttuneLoraConfig) { .kind = ATTUNE_ADAPTER_IA3 };
      return TRUE;
    }
  if (values->method == ATTUNE_METHOD_DORA)
    lora->kind = ATTUNE_ADAPTER_DORA;
  return attune_plan_get_targets (plan, &lora->targets, error);
}

gboolean
attune_plan_check_model (AttunePlan *plan, const AttuneDecoderConfig *config, GError **error)
{
  gint64 highest = 0, shapes[3][2];
  AttuneLoraConfig lora;

  if (!attune_plan_check (plan, error))
    return FALSE;
  if (!attune_method_adapts (attune_plan_get_values (plan)->method))
    return TRUE;
  if (!attune_plan_get_lora (plan, &lora, error))
    return FALSE;
  for (int i = 0; i < attune_layer_linears (config); i++)
    if (attune_lora_shapes (config, &lora, i, shapes) > 1)
      highest = MAX (highest, MIN (shapes[0][1], shapes[1][0]));
  if (lora.rank <= highest || lora.kind == ATTUNE_ADAPTER_IA3)
    return TRUE;
  if (highest == 0)
    g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                 "This model has none of the Adapted Parts (targets) “%s”. Use “all”.",
                 attune_plan_get_values (plan)->targets);
  else
    g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                 "An Adapter Rank (lora-rank) of %d is more than the matrices that it is put on "
                 "have: they would be learned whole, and twice over. Use at most %d, or --method "
                 "full.",
                 lora.rank, (int) highest);
  return FALSE;
}

AttuneStepShape
attune_plan_step_shape (const AttunePlanValues *plan, const AttuneDataFacts *facts)
{
  const guint64 longest = MAX (1, facts->max_tokens);
  const guint64 samples = (plan->batch_size + plan->ranks - 1) / plan->ranks;
  const guint64 whole_step = samples * longest;
  const guint64 tokens = MAX (longest, MIN ((guint64) plan->micro_batch_tokens, whole_step));
  const gboolean factors = plan->method == ATTUNE_METHOD_IA3,
                 adapts = attune_method_adapts (plan->method) && !factors;
  const double learned
      = facts->train_tokens > 0 ? (double) facts->target_tokens / facts->train_tokens : 1;

  return (
      AttuneStepShape) { .max_tokens = tokens,
                         .max_targets = tokens,
                         /* what a micro-batch usually has to predict, and a little more, so that
                          * no memory is asked for that is never used; more goes in two turns */
                         .logit_rows = (int) (1.25 * MIN (1, learned) * tokens) + 1,
                         .backward = TRUE,
                         .checkpoint = plan->checkpoint_activations,
                         .lora_rank = adapts ? plan->lora_rank : 0,
                         .rescaled = factors || plan->method == ATTUNE_METHOD_DORA,
                         .dropout = adapts && plan->lora_dropout > 0,
                         .int8 = (adapts || factors) && plan->int8_compute };
}

/* What a product in 8 bits takes of the time of an exact one; a step was measured at 1 / 1.81. */
#define INT8_SHARE 0.4

/* Multiplications and additions of the products, which are all that counts: per token once forward
 * and once backward through the base, once more where it learns itself, three times through the
 * adapter, and through the LM head only where something is learned. Those in 8 bits count as what
 * takes as long. @lora: (nullable) */
static double
count_flops (const AttuneDecoderConfig *c, const AttuneLoraConfig *lora, gboolean int8,
             const AttuneDataFacts *data, double passes)
{
  /* what is rescaled computes its outputs again for the gradient of the factors */
  const double turns = lora != NULL && lora->kind == ATTUNE_ADAPTER_LORA ? 4 : 6;
  const double adapter = lora != NULL ? 6.0 * attune_lora_count (c, lora) : 0;
  const double share_of_time = int8 && lora != NULL ? INT8_SHARE : 1;
  double base = 0;

  for (int i = 0; i < attune_layer_linears (c); i++)
    {
      /* A token goes through a few of the experts. */
      const double share
          = i >= ATTUNE_LINEAR_EXPERTS ? (double) c->n_experts_used / c->n_experts : 1;
      gint64 rows, columns;

      attune_linear_shape (c, i, &rows, &columns);
      base += share * rows * columns * c->n_layers;
    }
  return passes
         * (data->train_tokens * (share_of_time * turns * base + adapter)
            + data->target_tokens * (lora != NULL ? 4.0 : 6.0) * c->n_vocab * c->n_embd);
}

/* The base as it is kept: where it is rounded to 4 bits, a file's weights are all of the same width
 * of 16 or 32 bits; those of a file in fewer stay as they are. Every rank has its own copies. */
static guint64
count_base_bytes (AttunePlan *plan, const AttuneDecoderConfig *config, guint64 stored, gint64 total)
{
  const AttuneType type = attune_plan_get_base_type (plan);
  const guint64 width = total > 0 ? (stored + total / 2) / total : 0,
                replaced = width * attune_quantised_count (config);

  if (type == ATTUNE_TYPE_F32 || width < 2 || replaced > stored)
    return stored;
  return stored - replaced
         + attune_plan_get_values (plan)->ranks * attune_quantised_bytes (config, type);
}

/* Vectors of all that learns, its values aside: gradients of every rank, two moments. Several ranks
 * hold their gradients a second time, in the memory that they share. */
static guint64
count_vectors (int ranks)
{
  return (ranks > 1 ? 2 * (guint64) ranks : 1) + 2;
}

/* What learns, and the memory and disk that it takes. @lora is filled where it is an adapter. */
static gboolean
estimate_learning (AttunePlan *plan, const AttuneDecoderConfig *config, AttuneLoraConfig *lora,
                   AttuneEstimate *e, GError **error)
{
  const int ranks = attune_plan_get_values (plan)->ranks;

  if (!attune_method_adapts (attune_plan_get_values (plan)->method))
    {
      e->trainable = e->total;
      e->weights_bytes = ranks * e->total * sizeof (float);
      e->learning_bytes = count_vectors (ranks) * e->trainable * sizeof (float);
      /* a checkpoint of three vectors and the one that replaces it; the best weights likewise */
      e->disk_bytes = 2 * (3 + 1) * e->trainable * sizeof (float);
      return TRUE;
    }
  if (!attune_plan_get_lora (plan, lora, error))
    return FALSE;
  e->trainable = attune_lora_count (config, lora);
  e->learning_bytes = (ranks + count_vectors (ranks) + 1) * e->trainable * sizeof (float)
                      + ranks * attune_lora_extra_bytes (config, lora);
  e->disk_bytes = 2 * 4 * e->trainable * sizeof (float);
  return TRUE;
}

gboolean
attune_estimate (AttunePlan *plan, const AttuneDecoderConfig *config, guint64 weights_bytes,
                 gint64 total, const AttuneDataFacts *data, AttuneEstimate *estimate,
                 GError **error)
{
  const AttunePlanValues *values = attune_plan_get_values (plan);
  const AttuneStepShape shape = attune_plan_step_shape (values, data);
  const guint64 samples = data->n_train + data->n_validation;
  const int capacity = data->max_tokens + ATTUNE_SAMPLE_ANSWER_TOKENS;
  AttuneEstimate e = { .total = total, .weights_bytes = weights_bytes, .base_bytes = BASE_BYTES };
  AttuneLoraConfig lora;

  if (!attune_decoder_config_check (config, error) || !attune_plan_check_model (plan, config, error)
      || !estimate_learning (plan, config, &lora, &e, error))
    return FALSE;
  if (attune_method_adapts (values->method))
    e.weights_bytes = count_base_bytes (plan, config, weights_bytes, total);
  e.activation_bytes = values->ranks * attune_activations_bytes (config, &shape);
  if (values->samples > 0 && data->n_validation > 0)
    {
      const AttuneCacheShape text
          = attune_cache_shape_for_text (1, capacity, attune_plan_get_rank (plan));

      e.sampling_bytes = attune_cache_bytes (config, &text);
    }
  e.packing_bytes = (guint64) PACKING_BYTES
                    * MAX (values->ranks,
                           values->threads > 0 ? values->threads : (int) g_get_num_processors ());
  e.data_bytes
      = values->ranks
        * ((data->train_tokens + data->n_validation * data->max_tokens) * 5 + samples * 32);
  e.base_bytes = values->ranks * (e.base_bytes + (guint64) config->n_vocab * VOCABULARY_BYTES);
  e.peak_bytes = e.weights_bytes + e.learning_bytes + e.activation_bytes + e.sampling_bytes
                 + e.packing_bytes + e.data_bytes + e.base_bytes;
  e.steps = attune_schedule_steps (values, data->n_train);
  e.flops = count_flops (
      config, attune_method_adapts (values->method) ? &lora : NULL, values->int8_compute, data,
      data->n_train > 0 ? (double) e.steps * values->batch_size / data->n_train : 0);
  *estimate = e;
  return TRUE;
}

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
    cost = "an adapter learns in place of the whole model";
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
  g_set_error (
      error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_MEMORY,
      "This plan needs %.2f GB of memory, and %.2f GB are free. %s", now.peak_bytes / 1e9,
      available / 1e9,
      change != NULL
          ? change
          : "No change of the plan makes it fit: close other programs, or take a smaller model.");
  return FALSE;
}
