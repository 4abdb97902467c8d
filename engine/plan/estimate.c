/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The estimate: arithmetic over the same layout functions that the run allocates by.
 */
#include "plan/estimate.h"

#include "core/settings.h"
#include "nn/quantise-base.h"
#include "plan/earlier.h"
#include "plan/make-fit.h"
#include "plan/schedule.h"

/* Program, libraries and their heaps, HDF5 and ICU included; measured with a model of 49152 tokens'
 * vocabulary, whose strings and merges are most of it. */
#define BASE_BYTES (48u << 20)
/* Per token of the vocabulary: its strings, merges and hash entries; measured. */
#define VOCABULARY_BYTES 420
/* The CPU backend's packing buffers, per thread; see compute/cpu/gemm.h. */
#define PACKING_BYTES (4u << 20)

/* Of a graphics card, beside what a run asks for: decoded panels of weights, and what the driver
 * and the maker's library for products take for themselves. */
#define CARD_BYTES (256u << 20)

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
                               .dropout = values->lora_dropout,
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

AttuneDataFacts
attune_plan_facts (const AttunePlanValues *plan, const AttuneDataFacts *facts)
{
  AttuneDataFacts read = *facts;

  if (plan->objective == ATTUNE_OBJECTIVE_TEXT)
    read.target_tokens = facts->text_tokens;
  if (attune_objective_labels (plan->objective))
    {
      read.n_train = read.target_tokens = facts->n_labelled;
      read.n_validation = facts->n_validation_labelled;
      read.train_tokens = facts->label_tokens;
    }
  if (!attune_objective_prefers (plan->objective))
    return read;
  read.n_train = facts->n_pairs;
  read.n_validation = facts->n_validation_pairs;
  read.train_tokens = facts->pair_tokens;
  read.target_tokens = facts->pair_targets;
  read.max_tokens = MAX (facts->max_tokens, facts->longest_pair);
  return read;
}

gboolean
attune_labels_check_number (guint64 n, gint64 n_vocab, GError **error)
{
  const guint64 most = MIN (ATTUNE_LABELS_MAX, n_vocab);

  if (n >= ATTUNE_LABELS_MIN && n <= most)
    return TRUE;
  if (n > most)
    g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                 "The data holds %" G_GUINT64_FORMAT
                 " different labels, and at most %" G_GUINT64_FORMAT
                 " can be learned. Is the right column taken for the label? Or "
                 "learn from the answers (--objective answers).",
                 n, most);
  else
    g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                 "The data holds %s, and two are needed to learn to tell them apart. Import a "
                 "table with a column of labels, or learn from the answers (--objective answers).",
                 n == 0 ? "no labels" : "only one label");
  return FALSE;
}

/* Learning from pairs needs some, and so do labels. */
static gboolean
check_data (const AttunePlanValues *plan, const AttuneDecoderConfig *config,
            const AttuneDataFacts *facts, GError **error)
{
  if (attune_objective_labels (plan->objective)
      && !attune_labels_check_number (facts->n_labels, config->n_vocab, error))
    return FALSE;
  if (!attune_objective_prefers (plan->objective) || facts->n_pairs > 0)
    return TRUE;
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
               "The data holds no pairs of a better and a worse answer, which this objective (%s) "
               "learns from. Import a table with the columns prompt, chosen and rejected, or learn "
               "from the answers (--objective answers).",
               attune_objective_get_name (plan->objective));
  return FALSE;
}

AttuneStepShape
attune_plan_step_shape (const AttunePlanValues *plan, const AttuneDataFacts *facts)
{
  const guint64 longest = MAX (1, facts->max_tokens);
  const guint64 n = attune_plan_count_samples (plan), samples = (n + plan->ranks - 1) / plan->ranks;
  const guint64 whole_step = samples * longest;
  const guint64 tokens = MAX (longest, MIN ((guint64) plan->micro_batch_tokens, whole_step));
  const gboolean factors = plan->method == ATTUNE_METHOD_IA3,
                 before = attune_method_is_virtual (plan->method),
                 adapts = attune_method_adapts (plan->method) && !factors && !before;
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
                         .n_virtual = before ? plan->virtual_tokens : 0,
                         .int8 = (adapts || factors || before) && plan->int8_compute
                                 && !attune_objective_prefers (plan->objective)
                                 && !attune_objective_labels (plan->objective) };
}

gboolean
attune_plan_model_step_shape (AttunePlan *plan, const AttuneDecoderConfig *config,
                              const AttuneDataFacts *facts, AttuneStepShape *shape, GError **error)
{
  const AttunePlanValues *values = attune_plan_get_values (plan);
  AttuneBaseParts parts;

  *shape = attune_plan_step_shape (values, facts);
  if (attune_method_adapts (values->method))
    return TRUE;
  if (!attune_plan_get_parts (plan, config, &parts, error))
    return FALSE;
  shape->first_layer = attune_base_parts_first_layer (config, &parts);
  return TRUE;
}

/* What a product in 8 bits takes of the time of an exact one; a step was measured at 1 / 1.81. */
#define INT8_SHARE 0.4

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

/* What learns: one of the two. */
typedef struct
{
  gboolean adapter;
  AttuneLoraConfig lora;
  AttuneBaseParts parts;
} Learning;

static gboolean
find_learning (AttunePlan *plan, const AttuneDecoderConfig *config, Learning *self, GError **error)
{
  *self = (Learning) { .adapter = attune_method_adapts (attune_plan_get_values (plan)->method) };
  return self->adapter ? attune_plan_get_lora (plan, &self->lora, error)
                       : attune_plan_get_parts (plan, config, &self->parts, error);
}

/* Multiplications and additions of the products, which are all that counts: per token once forward
 * and once backward through the base, down to where something learns, once more where it learns
 * itself, three times through the adapter, and through the LM head only where something is learned.
 * Those in 8 bits count as what takes as long. @more_tokens: of the whole run, of which nothing is
 * predicted */
static double
count_flops (const AttuneDecoderConfig *c, const Learning *learning, gboolean int8,
             const AttuneDataFacts *data, double passes, double more_tokens)
{
  const AttuneBaseParts *parts = &learning->parts;
  const double of_layer = count_layer_products (c), of_head = (double) c->n_vocab * c->n_embd;
  /* what is rescaled computes its outputs again for the gradient of the factors */
  const AttuneAdapterKind kind = learning->lora.kind;
  const gboolean virtual = kind == ATTUNE_ADAPTER_PROMPT || kind == ATTUNE_ADAPTER_PREFIX;
  const double again
      = learning->adapter && (kind == ATTUNE_ADAPTER_DORA || kind == ATTUNE_ADAPTER_IA3) ? 2 : 0;
  const double own = learning->adapter || parts->biases ? 0 : parts->half ? 1 : 2;
  const int first = learning->adapter ? 0 : attune_base_parts_first_layer (c, parts);
  const double adapter
      = learning->adapter && !virtual ? 6.0 * attune_lora_count (c, &learning->lora) : 0;
  double base = 0;

  for (int i = 0; i < c->n_layers; i++)
    {
      const gboolean learns = !parts->some_layers || attune_layer_set_has (&parts->layers, i);

      base += of_layer * (2 + again + (i >= first ? 2 : 0) + (learns ? own : 0));
    }
  return (passes * data->train_tokens + more_tokens)
             * ((int8 && learning->adapter ? INT8_SHARE : 1) * base + adapter)
         + passes * (data->target_tokens * of_head * (4 + (parts->some_layers ? 0 : own)));
}

/* The base as it is kept: where it is rounded to 4 bits, what is stored in fewer than 16 stays as
 * it is. Of a file that has not been looked at, all weights are taken for as wide as the mean.
 * Every rank has its own copies. */
static guint64
count_base_bytes (AttunePlan *plan, const AttuneDecoderConfig *config, guint64 stored, gint64 total)
{
  const AttuneType type = attune_plan_get_base_type (plan);
  const gint64 all = attune_quantised_count (config),
               width = total > 0 ? ((gint64) stored + total / 2) / total : 0,
               wide = config->linears_counted ? config->wide_linears
                      : width < 2             ? 0
                                              : all;
  const guint64 replaced = config->linears_counted ? config->wide_bytes : width * all;

  if (type == ATTUNE_TYPE_F32 || wide == 0 || replaced > stored)
    return stored;
  return stored - replaced
         + attune_plan_get_values (plan)->ranks
               * (guint64) ((double) wide / all * attune_quantised_bytes (config, type));
}

/* How many of the new samples one of the earlier material counts for: of a text it is full. */
static double
count_earlier (const AttunePlanValues *plan, const AttuneDataFacts *data,
               const AttuneStepShape *shape)
{
  if (!attune_earlier_is_text (plan->earlier) || data->train_tokens == 0)
    return 1;
  return (double) MIN (ATTUNE_EARLIER_TOKENS, shape->max_tokens) * data->n_train
         / data->train_tokens;
}

/* What the optimizer remembers of @at_once values. */
static gint64
count_optimizer (AttuneOptimizer optimizer, const AttuneDecoderConfig *config,
                 const Learning *learning, gint64 at_once)
{
  const gint64 n = attune_optimizer_count (optimizer, at_once);

  if (n >= 0)
    return n;
  return learning->adapter
             ? attune_lora_count_by_shape (config, &learning->lora,
                                           attune_optimizer_get_shape_count (optimizer))
             : attune_base_parts_count_by_shape (config, &learning->parts,
                                                 attune_optimizer_get_shape_count (optimizer));
}

/* Gradients of every rank; several ranks hold theirs a second time, in the memory that they share.
 */
static gint64
count_gradients (int ranks, gint64 at_once)
{
  return (ranks > 1 ? 2 * (gint64) ranks : 1) * at_once;
}

/* The memory and disk that it takes. */
static void
estimate_learning (const Learning *learning, const AttunePlanValues *plan,
                   const AttuneDecoderConfig *config, AttuneEstimate *e)
{
  const AttuneBaseParts *parts = &learning->parts;
  const gboolean all = !parts->biases && !parts->some_layers && !parts->half;
  gint64 at_once, remembered, averages;

  if (learning->adapter)
    at_once = e->trainable = attune_lora_count (config, &learning->lora);
  else
    {
      at_once = all ? e->total : attune_base_parts_count_at_once (config, parts);
      e->trainable = all || parts->half ? e->total : at_once;
    }
  remembered = count_optimizer (plan->optimizer, config, learning, at_once);
  averages = plan->ema_decay > 0 ? e->trainable : 0;
  if (attune_plan_consolidates (plan)) /* what is needed, and where it began */
    e->learning_bytes += 2 * e->trainable * sizeof (float);
  e->learning_bytes += (count_gradients (plan->ranks, at_once) + averages) * sizeof (float);
  if (!plan->paged_optimizer)
    e->learning_bytes += remembered * sizeof (float);
  if (learning->adapter)
    e->learning_bytes += (plan->ranks + 1) * e->trainable * sizeof (float) /* and its best state */
                         + plan->ranks * attune_lora_extra_bytes (config, &learning->lora);
  else if (e->trainable == e->total)
    e->weights_bytes = plan->ranks * e->total * sizeof (float);
  else
    e->learning_bytes += plan->ranks * e->trainable * sizeof (float);
  /* a checkpoint and the one that replaces it; the best weights likewise */
  e->disk_bytes = 2 * (2 * e->trainable + remembered + averages) * sizeof (float);
  if (learning->adapter && learning->lora.principal) /* where it began */
    e->disk_bytes += 2 * attune_lora_extra_bytes (config, &learning->lora);
  if (plan->paged_optimizer)
    e->disk_bytes += remembered * sizeof (float);
}

gboolean
attune_estimate (AttunePlan *plan, const AttuneDecoderConfig *config, guint64 weights_bytes,
                 gint64 total, const AttuneDataFacts *all_data, AttuneEstimate *estimate,
                 GError **error)
{
  const AttunePlanValues *values = attune_plan_get_values (plan);
  const AttuneDataFacts facts = attune_plan_facts (values, all_data), *data = &facts;
  const gboolean prefers = attune_objective_prefers (values->objective);
  const guint64 samples = data->n_train + data->n_validation;
  const int capacity = data->max_tokens + ATTUNE_SAMPLE_ANSWER_TOKENS;
  AttuneEstimate e = { .total = total, .weights_bytes = weights_bytes, .base_bytes = BASE_BYTES };
  AttuneStepShape shape;
  Learning learning;
  double passes, earlier, more_tokens;

  if (!attune_decoder_config_check (config, error) || !attune_plan_check_model (plan, config, error)
      || !check_data (values, config, all_data, error)
      || !attune_earlier_check_files (values, error)
      || !attune_plan_model_step_shape (plan, config, data, &shape, error)
      || !find_learning (plan, config, &learning, error))
    return FALSE;
  learning.lora.n_labels = attune_objective_labels (values->objective) ? data->n_labels : 0;
  estimate_learning (&learning, values, config, &e);
  if (learning.adapter)
    e.weights_bytes = count_base_bytes (plan, config, weights_bytes, total);
  e.activation_bytes = values->ranks * attune_activations_bytes (config, &shape);
  if (values->samples > 0 && data->n_validation > 0 && learning.lora.n_labels == 0)
    {
      AttuneCacheShape text
          = attune_cache_shape_for_text (1, capacity, attune_plan_get_rank (plan));

      text.n_virtual = shape.n_virtual;

      e.sampling_bytes = attune_cache_bytes (config, &text);
    }
  e.packing_bytes = (guint64) PACKING_BYTES
                    * MAX (values->ranks,
                           values->threads > 0 ? values->threads : (int) g_get_num_processors ());
  e.data_bytes = values->ranks
                 * ((MAX (data->train_tokens, all_data->train_tokens)
                     + data->n_validation * data->max_tokens)
                        * 5
                    + samples * 32 + attune_earlier_bytes (values->earlier));
  e.base_bytes = values->ranks * (e.base_bytes + (guint64) config->n_vocab * VOCABULARY_BYTES);
  e.peak_bytes = e.weights_bytes + e.learning_bytes + e.activation_bytes + e.sampling_bytes
                 + e.packing_bytes + e.data_bytes + e.base_bytes;
  e.card_bytes
      = e.weights_bytes + e.learning_bytes + e.activation_bytes + e.sampling_bytes + CARD_BYTES;
  e.steps = attune_schedule_steps (values, data->n_train);
  passes = data->n_train > 0 ? (double) e.steps * values->batch_size / data->n_train : 0;
  /* all samples are taken for such that have terms */
  earlier = count_earlier (values, data, &shape);
  passes *= (values->batch_size * (attune_plan_exchanges (values) ? 2.0 : 1)
             + attune_plan_count_replay (values) * earlier)
            / values->batch_size;
  /* the rows of virtual tokens stand before every micro-batch */
  more_tokens
      = shape.n_virtual * MAX ((double) e.steps, passes * data->train_tokens / shape.max_tokens);
  /* pairs are read twice: for their scores, and for the gradients that follow from these */
  e.flops = (prefers || values->gap_weight > 0 ? 4.0 / 3 : 1)
            * count_flops (config, &learning, shape.int8, data, passes, more_tokens);
  if (attune_plan_consolidates (values) && data->n_train > 0)
    e.flops += count_flops (config, &learning, FALSE, data,
                            values->ewc_samples * earlier / data->n_train, 0);
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
