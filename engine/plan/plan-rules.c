/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What settings mean together: which have a say, which contradict each other, and what follows when
 * one of them is changed.
 */
#include "plan/plan.h"

#include "nn/decoder.h"
#include "plan/earlier.h"
#include "plan/estimate.h"
#include "plan/layer-words.h"
#include "plan/policy.h"

#include <string.h>

/* The bits that @word stands for; 0: none. */
static guint
find_target (const char *word)
{
  /* In the order of attune_linear_names, then the sets. */
  static const struct
  {
    const char *name, *other;
    guint bits;
  } targets[] = {
    { "q", "q_proj", 1 << 0 },
    { "k", "k_proj", 1 << 1 },
    { "v", "v_proj", 1 << 2 },
    { "o", "o_proj", 1 << 3 },
    { "gate", "gate_proj", 1 << 4 },
    { "up", "up_proj", 1 << 5 },
    { "down", "down_proj", 1 << 6 },
    { "router", "router", 1 << ATTUNE_LINEAR_ROUTER },
    { "attention", "attn", 0x0f },
    { "feed-forward", "mlp", 0x70 },
    { "all", "all-linear", ATTUNE_TARGETS_ALL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    if (strcmp (word, targets[i].name) == 0 || strcmp (word, targets[i].other) == 0)
      return targets[i].bits;
  return 0;
}

gboolean
attune_plan_get_targets (AttunePlan *self, guint *targets, GError **error)
{
  g_auto (GStrv) words = NULL;
  guint bits = 0;

  g_return_val_if_fail (ATTUNE_IS_PLAN (self) && targets != NULL, FALSE);

  words = g_strsplit_set (attune_plan_get_values (self)->targets, ", ", -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      const guint named = find_target (words[i]);

      if (named == 0 && *words[i] != '\0')
        {
          g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                       "Adapted Parts (targets) holds “%s”, which is none of q, k, v, o, gate, up, "
                       "down, router, attention, feed-forward, all.",
                       words[i]);
          return FALSE;
        }
      bits |= named;
    }
  if (bits == 0)
    {
      g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                   "Adapted Parts (targets) is empty, so nothing would be trained. Use “all”.");
      return FALSE;
    }
  *targets = bits;
  return TRUE;
}

int
attune_plan_get_rank (AttunePlan *self)
{
  g_return_val_if_fail (ATTUNE_IS_PLAN (self), 0);
  if (attune_plan_get_values (self)->method == ATTUNE_METHOD_IA3)
    return 1; /* what it takes for scratch */
  if (attune_method_is_virtual (attune_plan_get_values (self)->method))
    return 0;
  return attune_method_adapts (attune_plan_get_values (self)->method)
             ? attune_plan_get_values (self)->lora_rank
             : 0;
}

gboolean
attune_plan_uses (AttunePlan *self, const char *name)
{
  /* (IA)³ and virtual tokens have neither rank nor choice of parts */
  static const char *const ranked_settings[]
      = { "lora-rank", "lora-alpha", "lora-dropout", "rank-stabilised", "lora-plus-ratio",
          "targets",   NULL };
  static const char *const adapter_settings[] = {
    "lora-rank", "lora-alpha", "lora-dropout",        "rank-stabilised", "lora-plus-ratio",
    "targets",   "base-type",  "double-quantisation", "int8-compute",    NULL
  }; /* the last: only what is fixed is rounded */

  const AttunePlanValues *v;

  g_return_val_if_fail (ATTUNE_IS_PLAN (self) && name != NULL, FALSE);

  v = attune_plan_get_values (self);
  if (g_str_equal (name, "virtual-tokens"))
    return attune_method_is_virtual (v->method);
  if (g_str_equal (name, "precision"))
    return v->device != ATTUNE_DEVICE_CPU;
  if (g_str_equal (name, "layers"))
    return v->method == ATTUNE_METHOD_LAYERS;
  if (g_str_equal (name, "adapter-start"))
    return v->method == ATTUNE_METHOD_LORA || v->method == ATTUNE_METHOD_QLORA;
  if (g_str_equal (name, "rounds"))
    return v->method == ATTUNE_METHOD_HALF;
  if (g_str_equal (name, "preference-loss"))
    return v->objective == ATTUNE_OBJECTIVE_DPO;
  if (g_str_equal (name, "preference-beta"))
    return attune_objective_prefers (v->objective) && !attune_objective_scores (v->objective);
  if (g_str_equal (name, "reward-margin") || g_str_equal (name, "reward-centring"))
    return attune_objective_scores (v->objective);
  if (attune_policy_knows (name))
    return attune_policy_uses (v, name);
  if (g_str_equal (name, "simpo-gamma"))
    return v->objective == ATTUNE_OBJECTIVE_SIMPO;
  if (g_str_equal (name, "desirable-weight") || g_str_equal (name, "undesirable-weight"))
    return v->objective == ATTUNE_OBJECTIVE_KTO;
  if (g_str_equal (name, "label-weights") || g_str_equal (name, "focal-gamma"))
    return attune_objective_labels (v->objective);
  if (g_str_equal (name, "label-costs")) /* one that is refused has to be seen */
    return attune_objective_labels (v->objective) || *v->label_costs != '\0';
  if (g_str_equal (name, "cost-share"))
    return attune_objective_labels (v->objective) && *v->label_costs != '\0';
  if (g_str_equal (name, "earlier") || g_str_equal (name, "replay-share")
      || g_str_has_prefix (name, "ewc-") || g_str_equal (name, "term-pairs")
      || g_str_equal (name, "counterfactuals") || g_str_equal (name, "gap-weight"))
    return attune_earlier_uses (v, name);
  if (g_str_equal (name, "effective-beta"))
    return attune_objective_labels (v->objective)
           && v->label_weights == ATTUNE_LABEL_WEIGHTS_EFFECTIVE;
  if (g_str_equal (name, "int8-compute") && attune_objective_labels (v->objective))
    return FALSE; /* what it changes is told in loss of text */
  /* both would make the model differ from what its scores are compared with */
  if ((g_str_equal (name, "lora-dropout") || g_str_equal (name, "neftune-alpha"))
      && attune_objective_writes (v->objective))
    return FALSE;
  if (g_str_equal (name, "label-smoothing") || g_str_equal (name, "int8-compute"))
    if (attune_objective_prefers (v->objective) || attune_objective_writes (v->objective))
      return FALSE;
  if (g_str_equal (name, "fold") || g_str_equal (name, "folds"))
    return v->folds > 1; /* a series of runs asks for it, not a form */
  if (g_str_equal (name, "cycles"))
    return v->schedule == ATTUNE_SCHEDULE_RESTARTS;
  if (!attune_optimizer_uses (v->optimizer, name))
    return FALSE;
  if (v->method == ATTUNE_METHOD_IA3 || attune_method_is_virtual (v->method))
    return !g_strv_contains (ranked_settings, name);
  return attune_method_adapts (v->method) || !g_strv_contains (adapter_settings, name);
}

AttuneType
attune_plan_get_base_type (AttunePlan *self)
{
  const AttunePlanValues *v;
  AttuneBaseKind kind;

  g_return_val_if_fail (ATTUNE_IS_PLAN (self), ATTUNE_TYPE_F32);

  v = attune_plan_get_values (self);
  kind = v->base_type;
  if (kind == ATTUNE_BASE_AUTO)
    kind = v->method == ATTUNE_METHOD_QLORA ? ATTUNE_BASE_NF4 : ATTUNE_BASE_STORED;
  if (kind == ATTUNE_BASE_STORED || !attune_method_adapts (v->method))
    return ATTUNE_TYPE_F32;
  if (kind == ATTUNE_BASE_FP4)
    return v->double_quantisation ? ATTUNE_TYPE_FP4_DOUBLE : ATTUNE_TYPE_FP4;
  return v->double_quantisation ? ATTUNE_TYPE_NF4_DOUBLE : ATTUNE_TYPE_NF4;
}

/* Whether the way the base is kept goes with the method. */
static gboolean
check_base_type (AttunePlan *self, GError **error)
{
  const AttuneBaseKind kind = attune_plan_get_values (self)->base_type;
  const gboolean four_bits = kind == ATTUNE_BASE_NF4 || kind == ATTUNE_BASE_FP4;

  if (four_bits && !attune_method_adapts (attune_plan_get_values (self)->method))
    {
      g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                   "The model cannot be kept in 4 bits (base-type) where its own weights learn: a "
                   "step is far smaller than the distance of two such numbers. Use --method qlora, "
                   "in which an adapter learns beside it, or --base-type auto.");
      return FALSE;
    }
  if (kind == ATTUNE_BASE_STORED && attune_plan_get_values (self)->method == ATTUNE_METHOD_QLORA)
    {
      g_set_error (
          error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
          "QLoRA is an adapter on a model in 4 bits, and Type of the Model (base-type) says "
          "as stored. Use --base-type auto, or --method lora.");
      return FALSE;
    }
  return TRUE;
}

/* Several processes divide a flat vector of values, and samples that stand for themselves. */
static gboolean
check_ranks (const AttunePlanValues *plan, GError **error)
{
  const char *what = plan->method == ATTUNE_METHOD_HALF               ? "--method half"
                     : plan->optimizer == ATTUNE_OPTIMIZER_ADAFACTOR  ? "--optimizer adafactor"
                     : plan->optimizer == ATTUNE_OPTIMIZER_ADAMW_8BIT ? "--optimizer adamw-8bit"
                     : plan->paged_optimizer                          ? "--paged-optimizer"
                     : attune_objective_prefers (plan->objective)     ? "preference pairs"
                     : attune_objective_labels (plan->objective)      ? "--objective labels"
                     : attune_objective_writes (plan->objective)      ? "answers of its own"
                     : plan->ema_decay > 0                            ? "--ema-decay"
                     : attune_plan_consolidates (plan)                ? "--ewc-weight"
                     : attune_plan_exchanges (plan)                   ? "--term-pairs"
                                                                      : NULL;

  if (plan->ranks == 1 || what == NULL)
    return TRUE;
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
               "Several processes (--ranks %d) cannot share a run with %s. Use --ranks 1.",
               plan->ranks, what);
  return FALSE;
}

/* Only what is added to a weight that stays can begin in it. */
static gboolean
check_start (AttunePlan *self, GError **error)
{
  const AttunePlanValues *plan = attune_plan_get_values (self);

  if (plan->adapter_start == ATTUNE_ADAPTER_START_LOFTQ
      && attune_objective_has_reference (plan->objective))
    {
      g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                   "An adapter that begins in what 4 bits have lost (--adapter-start loftq) would "
                   "be compared with a model that lacks it (--objective %s). Use --adapter-start "
                   "zero.",
                   attune_objective_get_name (plan->objective));
      return FALSE;
    }
  if (plan->adapter_start == ATTUNE_ADAPTER_START_LOFTQ)
    {
      if (!attune_method_adapts (plan->method)
          || (attune_plan_get_base_type (self) != ATTUNE_TYPE_F32
              && (plan->method == ATTUNE_METHOD_LORA || plan->method == ATTUNE_METHOD_QLORA)))
        return TRUE;
      g_set_error_literal (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                           "Only an adapter on a model in 4 bits can begin in what these have lost "
                           "(--adapter-start loftq). Use --method qlora, or --adapter-start zero.");
      return FALSE;
    }
  if (plan->adapter_start == ATTUNE_ADAPTER_START_PRINCIPAL && plan->method == ATTUNE_METHOD_LORA
      && attune_plan_get_base_type (self) != ATTUNE_TYPE_F32)
    {
      g_set_error_literal (
          error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
          "An adapter cannot begin in the largest parts of the weights (--adapter-start pissa) of "
          "a model in 4 bits (--base-type): they are not those of the model that it is used with "
          "later. Use --base-type auto, or --adapter-start zero.");
      return FALSE;
    }
  if (plan->adapter_start == ATTUNE_ADAPTER_START_ZERO || plan->method == ATTUNE_METHOD_LORA
      || !attune_method_adapts (plan->method))
    return TRUE;
  g_set_error (
      error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
      "Only an adapter of --method lora can begin in the largest parts of the weights "
      "(--adapter-start pissa), not one of %s. Use --method lora, or --adapter-start zero.",
      attune_method_get_name (plan->method));
  return FALSE;
}

/* A head is kept with an adapter. */
static gboolean
check_head (const AttunePlanValues *plan, GError **error)
{
  const gboolean labels = attune_objective_labels (plan->objective),
                 ppo = plan->objective == ATTUNE_OBJECTIVE_PPO;

  if (*plan->label_costs != '\0' && !attune_objective_labels (plan->objective))
    {
      g_set_error_literal (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                           "Only labels have a table of what mistakes cost (--label-costs). Use "
                           "--objective labels, or choose no file.");
      return FALSE;
    }
  if (!(labels || ppo || attune_objective_scores (plan->objective))
      || (attune_method_adapts (plan->method) && !attune_method_is_virtual (plan->method)))
    return TRUE;
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
               "%s (--objective %s) are learned with an adapter beside the model, not with "
               "--method %s: use --method lora, which has enough room for them.",
               labels ? "Labels"
               : ppo  ? "Expectations of rewards"
                      : "Rewards",
               attune_objective_get_name (plan->objective), attune_method_get_name (plan->method));
  return FALSE;
}

static gboolean
check_fold (const AttunePlanValues *plan, GError **error)
{
  if (plan->fold <= plan->folds)
    return TRUE;
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
               "Part %d cannot check (--fold): there are only %d (--folds). Use --fold %d, or "
               "--folds %d.",
               plan->fold, plan->folds, plan->folds, plan->fold);
  return FALSE;
}

/* A step changes a weight by about the learning rate, and weights are some hundredths large. */
#define MOST_BASE_RATE 5e-3
/* Biases are some tenths large, and few. */
#define MOST_BIAS_RATE 5e-2

gboolean
attune_plan_check (AttunePlan *self, GError **error)
{
  const AttuneMethod method = attune_plan_get_values (self)->method;
  const double most = (method == ATTUNE_METHOD_BIAS ? MOST_BIAS_RATE : MOST_BASE_RATE)
                      * attune_optimizer_get_start (attune_plan_get_values (self)->optimizer)->rate;
  AttuneLayerWords words;
  guint targets;

  g_return_val_if_fail (ATTUNE_IS_PLAN (self), FALSE);

  if (!check_ranks (attune_plan_get_values (self), error)
      || !check_fold (attune_plan_get_values (self), error)
      || !attune_earlier_check (attune_plan_get_values (self), error)
      || !attune_terms_check (attune_plan_get_values (self), error)
      || !check_base_type (self, error) || !check_head (attune_plan_get_values (self), error)
      || !attune_policy_check (attune_plan_get_values (self), error) || !check_start (self, error))
    return FALSE;
  if (method == ATTUNE_METHOD_IA3 || attune_method_is_virtual (method))
    return TRUE;
  if (attune_method_adapts (method))
    return attune_plan_get_targets (self, &targets, error);
  if (method == ATTUNE_METHOD_LAYERS
      && !attune_layer_words_parse (attune_plan_get_values (self)->layers, &words, error))
    return FALSE;
  if (attune_plan_get_values (self)->learning_rate <= most)
    return TRUE;
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
               "A Learning Rate (learning-rate) of %g would wipe out what the model knows when its "
               "own weights learn. Use %g, or at most %g.",
               attune_plan_get_values (self)->learning_rate, attune_plan_get_start_rate (self),
               most);
  return FALSE;
}

static double
find_start_rate (const AttunePlanValues *values)
{
  const double rate = attune_method_get_rate (values->method)
                      * attune_optimizer_get_start (values->optimizer)->rate
                      * attune_objective_get_rate (values->objective);

  return MIN (1, rate); /* what the property allows */
}

/* As Shao et al. 2024 and Ziegler et al. 2019 (TRL) begin. */
static double
find_kl_weight (const AttunePlanValues *values)
{
  return values->objective == ATTUNE_OBJECTIVE_PPO ? 0.2 : 0.04;
}

/* What the reward model says, alone: see objectives. */
static double
find_answer_reward (const AttunePlanValues *values)
{
  return values->objective == ATTUNE_OBJECTIVE_PPO ? 0 : 1;
}

static int
find_updates (const AttunePlanValues *values)
{
  return values->objective == ATTUNE_OBJECTIVE_PPO ? 4 : 1;
}

double
attune_plan_get_start_rate (AttunePlan *self)
{
  g_return_val_if_fail (ATTUNE_IS_PLAN (self), 0);
  return find_start_rate (attune_plan_get_values (self));
}

gboolean
attune_plan_follow (AttunePlan *self, const AttunePlanValues *before)
{
  const AttunePlanValues *now = attune_plan_get_values (self);
  const AttuneOptimizerStart *from = attune_optimizer_get_start (before->optimizer),
                             *to = attune_optimizer_get_start (now->optimizer);
  const struct
  {
    const char *name;
    double now, from, to;
  } settings[] = {
    { "learning-rate", now->learning_rate, find_start_rate (before), find_start_rate (now) },
    { "preference-beta", now->preference_beta, attune_objective_get_beta (before->objective),
      attune_objective_get_beta (now->objective) },
    { "kl-weight", now->kl_weight, find_kl_weight (before), find_kl_weight (now) },
    { "answer-reward", now->answer_reward, find_answer_reward (before), find_answer_reward (now) },
    { "beta1", now->beta1, from->beta1, to->beta1 },
    { "beta2", now->beta2, from->beta2, to->beta2 },
    { "epsilon", now->epsilon, from->epsilon, to->epsilon },
  };
  gboolean followed = FALSE;

  g_return_val_if_fail (ATTUNE_IS_PLAN (self), FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (settings[i].now == settings[i].from && settings[i].from != settings[i].to)
      {
        g_object_set (self, settings[i].name, settings[i].to, NULL);
        followed = TRUE;
      }
  if (now->policy_updates == find_updates (before) && find_updates (before) != find_updates (now))
    {
      g_object_set (self, "policy-updates", find_updates (now), NULL);
      followed = TRUE;
    }
  return followed;
}
