/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stage 3's choices: how the model is tuned. Every hyperparameter is a property; see
 * core/settings.h.
 */
#pragma once
#include "nn/base-parts.h"
#include "plan/method.h"
#include "plan/objective.h"
#include "plan/device-choice.h"
#include "plan/optimizer.h"

G_BEGIN_DECLS

/* How the fixed weights of the base are kept while an adapter learns. */
typedef enum
{
  ATTUNE_BASE_AUTO, /* as the method says: QLoRA in NF4, others as stored */
  ATTUNE_BASE_STORED,
  ATTUNE_BASE_NF4,
  ATTUNE_BASE_FP4,
} AttuneBaseKind;
#define ATTUNE_TYPE_BASE_KIND (attune_base_kind_get_type ())
GType attune_base_kind_get_type (void);

typedef enum
{
  ATTUNE_SCHEDULE_COSINE,
  ATTUNE_SCHEDULE_LINEAR,
  ATTUNE_SCHEDULE_CONSTANT,
  ATTUNE_SCHEDULE_RESTARTS, /* cosine, several times (Loshchilov & Hutter 2017) */
} AttuneSchedule;
#define ATTUNE_TYPE_SCHEDULE (attune_schedule_get_type ())
GType attune_schedule_get_type (void);

#define ATTUNE_FOLDS_MAX 100

/* Plain struct behind the object, so that the trainer reads fields, not properties. */
typedef struct
{
  AttuneMethod method;                         /* lora; the next nine are an adapter's own */
  int lora_rank;                               /* 16 */
  double lora_alpha;                           /* 32 */
  double lora_dropout;                         /* 0 */
  gboolean rank_stabilised;                    /* FALSE */
  AttuneAdapterStart adapter_start;            /* zero; of lora */
  double lora_plus_ratio;                      /* 1 */
  AttuneBaseKind base_type;                    /* auto */
  gboolean double_quantisation;                /* TRUE */
  int virtual_tokens;                          /* 20; of prompt and prefix */
  char *targets;                               /* "all", or names of linears with commas: "q,v" */
  char *layers;                                /* "last 4"; of the method layers */
  int rounds;                                  /* 4; of the method half */
  AttuneObjective objective;                   /* answers; the next five are of preferences */
  AttunePreferenceLoss preference_loss;        /* sigmoid; of dpo */
  double preference_beta;                      /* 0.1 */
  double simpo_gamma;                          /* 0.5; of simpo */
  double desirable_weight, undesirable_weight; /* 1, 1; of kto */
  double reward_margin, reward_centring;       /* 0, 0; of reward */
  double answer_reward;                        /* 1; this and the next are of grpo and ppo */
  AttuneAnswerRule answer_match;               /* contains */
  double length_reward;                        /* 0 */
  int length_limit;                            /* 50 words */
  double format_reward;                        /* 0 */
  char *answer_format;                         /* "": a regular expression */
  char *reward_model;                          /* "": a path */
  double model_reward;                         /* 1 */
  int group_size;                              /* 8; of grpo */
  int answer_limit;                            /* 64 tokens */
  int policy_updates;                          /* 1 */
  double policy_clip;                          /* 0.2 */
  double kl_weight;                            /* 0.04 */
  double kl_target;                            /* 0: fixed; this and the next are of ppo */
  int kl_horizon;                              /* 10000 answers */
  double discount, gae_lambda;                 /* 1, 0.95 */
  double value_weight, value_clip;             /* 0.1, 0.2 */
  AttuneLabelWeights label_weights;            /* none; this and the next four are of labels */
  double effective_beta;                       /* 0.999; of effective weights */
  double focal_gamma;                          /* 0: each counts the same */
  char *label_costs;                           /* "": what wrong labels cost; a path */
  double cost_share;                           /* 0.5: of the loss, where there are costs */
  char *earlier;                               /* "": what is not to be forgotten; a path */
  double replay_share;                         /* 0: of a step's samples, earlier ones */
  double ewc_weight;                           /* 0: of the penalty for leaving earlier weights */
  int ewc_samples;                             /* 200 tell which weights the earlier needs */
  char *term_pairs;                            /* "": pairs of terms that are alike; a path */
  gboolean counterfactuals;                    /* TRUE: samples are learned with them exchanged */
  double gap_weight;                           /* 0: of the penalty on what that changes */
  AttuneOptimizer optimizer;                   /* adamw */
  double learning_rate;                        /* 5e-4, which is for adapters */
  double epochs;                               /* 1 */
  int max_steps;                               /* 0: by epochs */
  int batch_size;                              /* 16 samples per optimizer step */
  int micro_batch_tokens; /* 1024: longest packed stream; memory grows with it */
  AttuneSchedule schedule;
  int cycles;                      /* 3; of restarts */
  double warmup_ratio;             /* 0.05 of the steps */
  double weight_decay;             /* 0 */
  double beta1, beta2, epsilon;    /* 0.9, 0.999, 1e-8 */
  gboolean paged_optimizer;        /* FALSE: what the optimizer remembers is in memory */
  double max_gradient_norm;        /* 1; 0: no clipping */
  double ema_decay;                /* 0: no average */
  double neftune_alpha;            /* 0: no noise */
  double label_smoothing;          /* 0 */
  int validate_every;              /* steps; 0: five times in a run */
  int max_validation_samples;      /* 200; 0: all */
  int patience;                    /* 3 validations without improvement, then stop; 0: never */
  int checkpoint_every;            /* steps; 0: at each validation */
  gboolean checkpoint_activations; /* FALSE: keep all layers' activations */
  gboolean int8_compute;           /* FALSE: products with the fixed weights in full */
  int samples;                     /* 3 answers written at each validation, to look at */
  gint64 seed;                     /* 42 */
  int folds, fold;                 /* 1, 1: of a cross-validation; fewer than 2: none */
  AttuneDeviceKind device;         /* cpu */
  AttunePrecision precision;       /* bf16: of a graphics card's products in steps */
  int threads;                     /* 0: one per physical core */
  int ranks;                       /* 1: processes that share the threads and each step's samples */
} AttunePlanValues;

#define ATTUNE_TYPE_PLAN (attune_plan_get_type ())
G_DECLARE_FINAL_TYPE (AttunePlan, attune_plan, ATTUNE, PLAN, GObject)

AttunePlan *attune_plan_new (void);
/* Returns: (transfer full): another with the same values. */
AttunePlan *attune_plan_copy (AttunePlan *self);
const AttunePlanValues *attune_plan_get_values (AttunePlan *self);
/* Of its adapter; 0 where there is none. */
int attune_plan_get_rank (AttunePlan *self);
/* What 16 bits and more of the base are rounded to: NF4, FP4 or their doubles; F32: to nothing. */
AttuneType attune_plan_get_base_type (AttunePlan *self);
/* Whether the setting @name has a say in the plan's method: those of the adapter have none where
 * there is no adapter. */
gboolean attune_plan_uses (AttunePlan *self, const char *name);
/* Whether the settings make sense together. The error says which do not, and the nearest that do.
 */
gboolean attune_plan_check (AttunePlan *self, GError **error);
/* The learning rate that the method begins with under the optimizer. */
double attune_plan_get_start_rate (AttunePlan *self);
/* After method, optimizer and objective were changed from @before's: takes the learning rate and
 * their own settings along where they still are what those begin with. Returns TRUE where one has
 * been. */
gboolean attune_plan_follow (AttunePlan *self, const AttunePlanValues *before);
/* Bits for AttuneLoraConfig.targets. Words are q, k, v, o, gate, up, down, router, those of Hugging
 * Face's files (q_proj), attention, feed-forward and all; errors name one that is not. */
gboolean attune_plan_get_targets (AttunePlan *self, guint *targets, GError **error);
/* Which weights of a base with that configuration learn; the method has no adapter. Errors say
 * which layers or weights the model does not have. */
gboolean attune_plan_get_parts (AttunePlan *self, const AttuneDecoderConfig *config,
                                AttuneBaseParts *parts, GError **error);

G_END_DECLS
