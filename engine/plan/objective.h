/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The objectives: what a model is to get better at.
 */
#pragma once
#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_OBJECTIVE_ANSWERS, /* the answers to the questions */
  ATTUNE_OBJECTIVE_TEXT,    /* all that is read: continued pre-training */
  ATTUNE_OBJECTIVE_DPO,     /* Rafailov et al. 2023; Azar et al. 2023; Zhao et al. 2023 */
  ATTUNE_OBJECTIVE_ORPO,    /* Hong et al. 2024 */
  ATTUNE_OBJECTIVE_SIMPO,   /* Meng et al. 2024 */
  ATTUNE_OBJECTIVE_KTO,     /* Ethayarajh et al. 2024 */
  ATTUNE_OBJECTIVE_LABELS,  /* one of some labels, by a head of its own */
  ATTUNE_OBJECTIVE_REWARD,  /* how good an answer is, by a head: Bradley & Terry 1952 */
  ATTUNE_OBJECTIVE_GRPO,    /* what its own answers get, beside each other: Shao et al. 2024 */
  ATTUNE_OBJECTIVE_PPO,     /* what its own answers get, beside what it expected: Schulman et al.
                               2017, Ziegler et al. 2019 */
  ATTUNE_N_OBJECTIVES,
} AttuneObjective;
#define ATTUNE_TYPE_OBJECTIVE (attune_objective_get_type ())
GType attune_objective_get_type (void);

/* DPO's loss. */
typedef enum
{
  ATTUNE_PREFERENCE_LOSS_SIGMOID,
  ATTUNE_PREFERENCE_LOSS_IPO,
  ATTUNE_PREFERENCE_LOSS_HINGE,
} AttunePreferenceLoss;
#define ATTUNE_TYPE_PREFERENCE_LOSS (attune_preference_loss_get_type ())
GType attune_preference_loss_get_type (void);

/* When an answer is right. */
typedef enum
{
  ATTUNE_ANSWER_CONTAINS, /* the expected one is in it */
  ATTUNE_ANSWER_EXACT,    /* it is the expected one */
  ATTUNE_ANSWER_NUMBER,   /* its last number is that of the expected one */
} AttuneAnswerRule;
#define ATTUNE_TYPE_ANSWER_RULE (attune_answer_rule_get_type ())
GType attune_answer_rule_get_type (void);

/* How much a sample counts by its label. */
typedef enum
{
  ATTUNE_LABEL_WEIGHTS_NONE,
  ATTUNE_LABEL_WEIGHTS_INVERSE,   /* by how often it occurs */
  ATTUNE_LABEL_WEIGHTS_EFFECTIVE, /* by the effective number of samples: Cui et al. 2019 */
} AttuneLabelWeights;
#define ATTUNE_TYPE_LABEL_WEIGHTS (attune_label_weights_get_type ())
GType attune_label_weights_get_type (void);

/* "dpo": as it is typed. Static, as are the others. */
const char *attune_objective_get_name (AttuneObjective objective);
/* "Preferences (DPO)", not translated. */
const char *attune_objective_get_title (AttuneObjective objective);
/* What it does, as a sentence; not translated. */
const char *attune_objective_get_text (AttuneObjective objective);
/* Whether it learns from pairs of a better and a worse answer. */
gboolean attune_objective_prefers (AttuneObjective objective);
/* Whether it learns labels in place of text. */
gboolean attune_objective_labels (AttuneObjective objective);
/* Whether it learns to give an answer a number, by a head of its own. */
gboolean attune_objective_scores (AttuneObjective objective);
/* Whether it learns from answers that the model writes itself. */
gboolean attune_objective_writes (AttuneObjective objective);
/* Whether it compares with the model before tuning. */
gboolean attune_objective_has_reference (AttuneObjective objective);
/* What its learning rate begins with, times that of answers; and its beta. */
double attune_objective_get_rate (AttuneObjective objective);
double attune_objective_get_beta (AttuneObjective objective);

G_END_DECLS
