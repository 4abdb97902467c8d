/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The estimate: arithmetic over the same layout functions that the run allocates by.
 */
#include "nn/quantise-base.h"
#include "plan/earlier.h"
#include "plan/policy.h"
#include "plan/estimate-private.h"
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
/* What cards that reach each other keep ready for that; not measured yet. */
#define JOINED_BYTES (512u << 20)

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
                         .dropout = adapts && attune_plan_find_dropout (plan) > 0,
                         .n_virtual = before ? plan->virtual_tokens : 0,
                         .int8 = (adapts || factors || before) && plan->int8_compute
                                 && !attune_objective_prefers (plan->objective)
                                 && !attune_objective_writes (plan->objective)
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

static gboolean
find_learning (AttunePlan *plan, const AttuneDecoderConfig *config, AttuneLearning *self,
               GError **error)
{
  *self = (AttuneLearning) { .adapter
                             = attune_method_adapts (attune_plan_get_values (plan)->method) };
  return self->adapter ? attune_plan_get_lora (plan, &self->lora, error)
                       : attune_plan_get_parts (plan, config, &self->parts, error);
}

/* The base as it is kept: where it is rounded to 4 bits, what is stored in fewer than 16 stays as
 * it is. Of a file that has not been looked at, all weights are taken for as wide as the mean.
 * Every rank has its own copies. @copied: (out): their bytes, of what is returned */
static guint64
count_base_bytes (AttuneType type, int ranks, const AttuneDecoderConfig *config, guint64 stored,
                  gint64 total, guint64 *copied)
{
  const gint64 all = attune_quantised_count (config),
               width = total > 0 ? ((gint64) stored + total / 2) / total : 0,
               wide = config->linears_counted ? config->wide_linears
                      : width < 2             ? 0
                                              : all;
  const guint64 replaced = config->linears_counted ? config->wide_bytes : width * all;

  *copied = 0;
  if (type == ATTUNE_TYPE_F32 || wide == 0 || replaced > stored)
    return stored;
  *copied = ranks * (guint64) ((double) wide / all * attune_quantised_bytes (config, type));
  return stored - replaced + *copied;
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
                 const AttuneLearning *learning, gint64 at_once)
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
estimate_learning (const AttuneLearning *learning, const AttunePlanValues *plan,
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
  e->moment_bytes = plan->paged_optimizer ? 0 : remembered * sizeof (float);
  e->learning_bytes += e->moment_bytes;
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
  if (attune_plan_consolidates (plan))
    e->disk_bytes += 2 * e->trainable * sizeof (float);
  if (plan->paged_optimizer)
    e->disk_bytes += remembered * sizeof (float);
}

/* On a card: one rank's, each remembering a part. */
static guint64
count_card_bytes (AttunePlan *plan, const AttuneLearning *learning,
                  const AttuneDecoderConfig *config, guint64 stored, const AttuneEstimate *all)
{
  AttunePlanValues values = *attune_plan_get_values (plan);
  AttuneEstimate one = { .total = all->total, .weights_bytes = stored };
  const int ranks = values.ranks;
  guint64 copied;

  values.ranks = 1;
  estimate_learning (learning, &values, config, &one);
  if (learning->adapter)
    one.weights_bytes = count_base_bytes (attune_plan_get_base_type (plan), 1, config, stored,
                                          all->total, &copied);
  return one.weights_bytes + one.learning_bytes - one.moment_bytes / ranks * (ranks - 1)
         + all->activation_bytes / ranks + all->sampling_bytes + CARD_BYTES
         + (ranks > 1 ? JOINED_BYTES : 0);
}

/* Of who writes answers to learn from, and of a reward model, whose adapter is taken for one like
 * the run's own. */
static guint64
count_writing (AttunePlan *plan, const AttuneDecoderConfig *config, const AttuneDataFacts *data,
               const AttuneStepShape *shape, const AttuneLearning *learning)
{
  const AttunePlanValues *values = attune_plan_get_values (plan);
  AttuneCacheShape text = attune_cache_shape_for_text (
      attune_policy_count_parallel (values), data->max_tokens, attune_plan_get_rank (plan));
  AttuneStepShape reading = { .max_tokens = data->max_tokens,
                              .max_targets = data->max_tokens,
                              .logit_rows = 16,
                              .lora_rank = shape->lora_rank };
  guint64 bytes;

  text.n_virtual = shape->n_virtual;
  text.fast = FALSE;
  bytes = attune_cache_bytes (config, &text)
          + (guint64) attune_policy_count_answers (values) * values->answer_limit
                * ATTUNE_POLICY_TOKEN_BYTES;
  if (*values->reward_model != '\0')
    bytes
        += attune_activations_bytes (config, &reading)
           + (learning->adapter ? attune_lora_count (config, &learning->lora) * sizeof (float) : 0);
  return bytes;
}

/* What is read of the base beside what the run itself keeps of it: as it is stored by the reference
 * of a run whose own weights all learn; by the reward model as that was tuned. */
static guint64
count_other_bases (AttunePlan *plan, const AttuneDecoderConfig *config, guint64 stored,
                   const AttuneEstimate *e, const AttuneLearning *learning)
{
  const AttuneType type
      = attune_policy_read_reward_type (attune_plan_get_values (plan)->reward_model);
  guint64 bytes = 0, own = 0, other = 0, rest = 0;

  if (!learning->adapter)
    bytes += e->trainable == e->total ? stored : 0;
  else
    rest = count_base_bytes (attune_plan_get_base_type (plan), 1, config, stored, e->total, &own);
  if (*attune_plan_get_values (plan)->reward_model == '\0')
    return bytes;
  if (type != ATTUNE_TYPE_F32)
    count_base_bytes (type, 1, config, stored, e->total, &other);
  else if (own > 0) /* its pages are not let go */
    other = stored - (rest - own);
  return bytes + other;
}

/* What a step does besides one pass forward and back, in units of that. Writing a token takes as
 * long as reading several, of which the weights are read once. */
#define WRITING_COST 4.0
static double
count_rounds (const AttunePlanValues *plan)
{
  const double forward = 1.0 / 2, both = 1;

  return forward * (WRITING_COST + 1 + (*plan->reward_model != '\0'))
         + plan->policy_updates * (forward + both);
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
  /* what a model writes itself is in no data set */
  const guint64 stored_tokens = attune_objective_writes (values->objective)
                                    ? all_data->train_tokens
                                    : MAX (data->train_tokens, all_data->train_tokens);
  const int capacity = data->max_tokens + ATTUNE_SAMPLE_ANSWER_TOKENS;
  AttuneEstimate e = { .total = total, .weights_bytes = weights_bytes, .base_bytes = BASE_BYTES };
  AttuneStepShape shape;
  AttuneLearning learning;
  guint64 copied;
  const AttuneProductShares exact = { 1, 1 };
  AttuneProductShares shares;
  double passes, earlier, more_tokens;

  if (!attune_decoder_config_check (config, error) || !attune_plan_check_model (plan, config, error)
      || !attune_plan_check_data (values, config, all_data, error)
      || !attune_earlier_check_files (values, error) || !attune_policy_check_files (values, error)
      || !attune_plan_model_step_shape (plan, config, data, &shape, error)
      || !find_learning (plan, config, &learning, error))
    return FALSE;
  learning.lora.n_labels
      = attune_objective_labels (values->objective) ? (int) data->n_labels
        : attune_objective_scores (values->objective) || values->objective == ATTUNE_OBJECTIVE_PPO
            ? 1
            : 0;
  estimate_learning (&learning, values, config, &e);
  if (learning.adapter)
    e.weights_bytes = count_base_bytes (attune_plan_get_base_type (plan), values->ranks, config,
                                        weights_bytes, total, &copied);
  e.activation_bytes = values->ranks * attune_activations_bytes (config, &shape);
  if (attune_objective_writes (values->objective))
    e.sampling_bytes = count_writing (plan, config, data, &shape, &learning)
                       + count_other_bases (plan, config, weights_bytes, &e, &learning);
  else if (values->samples > 0 && data->n_validation > 0 && learning.lora.n_labels == 0)
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
                 * ((stored_tokens + data->n_validation * all_data->max_tokens) * 5 + samples * 32
                    + attune_earlier_bytes (values->earlier));
  e.base_bytes = values->ranks * (e.base_bytes + (guint64) config->n_vocab * VOCABULARY_BYTES);
  e.peak_bytes = e.weights_bytes + e.learning_bytes + e.activation_bytes + e.sampling_bytes
                 + e.packing_bytes + e.data_bytes + e.base_bytes;
  e.card_bytes = count_card_bytes (plan, &learning, config, weights_bytes, &e);
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
  shares = attune_find_product_shares (config, values, shape.int8);
  e.flops = (attune_objective_writes (values->objective) ? count_rounds (values)
             : prefers || values->gap_weight > 0         ? 4.0 / 3
                                                         : 1)
            * attune_count_flops (config, &learning, &shares, data, passes, more_tokens);
  if (attune_plan_consolidates (values) && data->n_train > 0)
    e.flops += attune_count_flops (config, &learning, &exact, data,
                                   values->ewc_samples * earlier / data->n_train, 0);
  *estimate = e;
  return TRUE;
}
