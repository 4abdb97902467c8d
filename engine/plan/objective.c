/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of objectives.
 */
#include "plan/objective.h"

#include <glib/gi18n.h> /* N_(): the window translates titles and sentences */

/* Rates: the papers tune preferences with a tenth of what teaches answers, or less. Betas are
 * theirs, too; SimPO's is of a mean per token, so it is larger. */
static const struct
{
  const char *name, *title, *text;
  gboolean prefers, has_reference;
  double rate, beta;
} objectives[ATTUNE_N_OBJECTIVES] = {
  [ATTUNE_OBJECTIVE_ANSWERS]
  = { "answers", N_ ("Answers"),
      N_ ("The model learns to give the answers of your data; questions are only read."), FALSE,
      FALSE, 1, 0.1 },
  [ATTUNE_OBJECTIVE_TEXT]
  = { "text", N_ ("Whole Text"),
      N_ ("The model learns all of the text, questions too: it continues its first training."),
      FALSE, FALSE, 1, 0.1 },
  [ATTUNE_OBJECTIVE_DPO]
  = { "dpo", N_ ("Preferences (DPO)"),
      N_ ("Of two answers the model learns to prefer the better one, and stays near to what it "
          "was."),
      TRUE, TRUE, 0.1, 0.1 },
  [ATTUNE_OBJECTIVE_ORPO]
  = { "orpo", N_ ("Answers and Preferences (ORPO)"),
      N_ ("The model learns the better answers, and at once to avoid the worse ones."), TRUE, FALSE,
      0.2, 0.1 },
  [ATTUNE_OBJECTIVE_SIMPO]
  = { "simpo", N_ ("Simple Preferences (SimPO)"),
      N_ ("Of two answers the model learns to prefer the better one by a margin, whatever it was "
          "before."),
      TRUE, FALSE, 0.1, 2 },
  [ATTUNE_OBJECTIVE_KTO]
  = { "kto", N_ ("Good and Bad Answers (KTO)"),
      N_ ("The model learns from each answer by itself that it is good or bad, as people weigh "
          "gains and losses."),
      TRUE, TRUE, 0.1, 0.1 },
  [ATTUNE_OBJECTIVE_LABELS]
  = { "labels", N_ ("Labels"),
      N_ ("The model learns to say which label a text has, such as its topic, or several of "
          "them, or a number, in place of writing an answer."),
      FALSE, FALSE, 1, 0.1 },
  [ATTUNE_OBJECTIVE_REWARD]
  = { "reward", N_ ("Reward Model"),
      N_ ("The model learns to say with a number how good an answer is, from pairs of a better and "
          "a worse one; other models can then be tuned by it."),
      TRUE, FALSE, 0.2, 0.1 },
  [ATTUNE_OBJECTIVE_GRPO]
  = { "grpo", N_ ("Own Answers by Rules (GRPO)"),
      N_ ("The model writes several answers to each question and learns from which of them get "
          "more reward, by rules or by a reward model."),
      FALSE, TRUE, 0.1, 0.1 },
  [ATTUNE_OBJECTIVE_PPO] = { "ppo", N_ ("Own Answers by a Reward Model (PPO)"),
                             N_ ("The model writes answers, and learns from what a reward model "
                                 "says of them compared with "
                                 "what it expected."),
                             FALSE, TRUE, 0.1, 0.1 },
};

GType
attune_objective_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_OBJECTIVE_ANSWERS, "ATTUNE_OBJECTIVE_ANSWERS", "answers" },
        { ATTUNE_OBJECTIVE_TEXT, "ATTUNE_OBJECTIVE_TEXT", "text" },
        { ATTUNE_OBJECTIVE_DPO, "ATTUNE_OBJECTIVE_DPO", "dpo" },
        { ATTUNE_OBJECTIVE_ORPO, "ATTUNE_OBJECTIVE_ORPO", "orpo" },
        { ATTUNE_OBJECTIVE_SIMPO, "ATTUNE_OBJECTIVE_SIMPO", "simpo" },
        { ATTUNE_OBJECTIVE_KTO, "ATTUNE_OBJECTIVE_KTO", "kto" },
        { ATTUNE_OBJECTIVE_LABELS, "ATTUNE_OBJECTIVE_LABELS", "labels" },
        { ATTUNE_OBJECTIVE_REWARD, "ATTUNE_OBJECTIVE_REWARD", "reward" },
        { ATTUNE_OBJECTIVE_GRPO, "ATTUNE_OBJECTIVE_GRPO", "grpo" },
        { ATTUNE_OBJECTIVE_PPO, "ATTUNE_OBJECTIVE_PPO", "ppo" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneObjective", values));
    }
  return type;
}

GType
attune_preference_loss_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_PREFERENCE_LOSS_SIGMOID, "ATTUNE_PREFERENCE_LOSS_SIGMOID", "sigmoid" },
        { ATTUNE_PREFERENCE_LOSS_IPO, "ATTUNE_PREFERENCE_LOSS_IPO", "ipo" },
        { ATTUNE_PREFERENCE_LOSS_HINGE, "ATTUNE_PREFERENCE_LOSS_HINGE", "hinge" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttunePreferenceLoss", values));
    }
  return type;
}

GType
attune_label_weights_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_LABEL_WEIGHTS_NONE, "ATTUNE_LABEL_WEIGHTS_NONE", "none" },
        { ATTUNE_LABEL_WEIGHTS_INVERSE, "ATTUNE_LABEL_WEIGHTS_INVERSE", "inverse" },
        { ATTUNE_LABEL_WEIGHTS_EFFECTIVE, "ATTUNE_LABEL_WEIGHTS_EFFECTIVE", "effective" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneLabelWeights", values));
    }
  return type;
}

gboolean
attune_objective_labels (AttuneObjective objective)
{
  return objective == ATTUNE_OBJECTIVE_LABELS;
}

gboolean
attune_objective_scores (AttuneObjective objective)
{
  return objective == ATTUNE_OBJECTIVE_REWARD;
}

gboolean
attune_objective_writes (AttuneObjective objective)
{
  return objective == ATTUNE_OBJECTIVE_GRPO || objective == ATTUNE_OBJECTIVE_PPO;
}

const char *
attune_objective_get_name (AttuneObjective objective)
{
  g_return_val_if_fail ((guint) objective < ATTUNE_N_OBJECTIVES, NULL);
  return objectives[objective].name;
}

const char *
attune_objective_get_title (AttuneObjective objective)
{
  g_return_val_if_fail ((guint) objective < ATTUNE_N_OBJECTIVES, NULL);
  return objectives[objective].title;
}

const char *
attune_objective_get_text (AttuneObjective objective)
{
  g_return_val_if_fail ((guint) objective < ATTUNE_N_OBJECTIVES, NULL);
  return objectives[objective].text;
}

gboolean
attune_objective_prefers (AttuneObjective objective)
{
  g_return_val_if_fail ((guint) objective < ATTUNE_N_OBJECTIVES, FALSE);
  return objectives[objective].prefers;
}

gboolean
attune_objective_has_reference (AttuneObjective objective)
{
  g_return_val_if_fail ((guint) objective < ATTUNE_N_OBJECTIVES, FALSE);
  return objectives[objective].has_reference;
}

double
attune_objective_get_rate (AttuneObjective objective)
{
  g_return_val_if_fail ((guint) objective < ATTUNE_N_OBJECTIVES, 0);
  return objectives[objective].rate;
}

double
attune_objective_get_beta (AttuneObjective objective)
{
  g_return_val_if_fail ((guint) objective < ATTUNE_N_OBJECTIVES, 0);
  return objectives[objective].beta;
}
