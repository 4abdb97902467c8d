/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan's settings of learning from answers that the model writes itself, and what of them makes
 * no sense.
 */
#include "core/settings-class.h"
#include "plan/estimate.h"
#include "plan/plan-private.h"
#include "plan/policy.h"

#include <glib/gi18n.h> /* N_(): the window translates nicks and blurbs */

GType
attune_answer_rule_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_ANSWER_CONTAINS, "ATTUNE_ANSWER_CONTAINS", "contains" },
        { ATTUNE_ANSWER_EXACT, "ATTUNE_ANSWER_EXACT", "exact" },
        { ATTUNE_ANSWER_NUMBER, "ATTUNE_ANSWER_NUMBER", "number" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneAnswerRule", values));
    }
  return type;
}

/* What an answer gets. */
void
attune_plan_add_rule_properties (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (answer_reward),
      g_param_spec_double ("answer-reward", N_ ("Reward for the Right Answer"),
                           N_ ("What an answer gets for being the expected one; 0: nothing"), 0,
                           100, 1, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (answer_match),
      g_param_spec_enum ("answer-match", N_ ("Right Where It"),
                         N_ ("Contains the expected answer, is exactly that, or has its number"),
                         ATTUNE_TYPE_ANSWER_RULE, ATTUNE_ANSWER_CONTAINS, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (length_reward),
      g_param_spec_double ("length-reward", N_ ("Reward for Brevity"),
                           N_ ("What an answer gets for not being too long; 0: nothing"), 0, 100, 0,
                           EXPERT));
  attune_settings_class_add (klass, FIELD (length_limit),
                             g_param_spec_int ("length-limit", N_ ("Words That Are Enough"),
                                               N_ ("Words up to which an answer is not too long"),
                                               1, 100000, 50, EXPERT));
  attune_settings_class_add (
      klass, FIELD (format_reward),
      g_param_spec_double ("format-reward", N_ ("Reward for the Form"),
                           N_ ("What an answer gets for having the form below; 0: nothing"), 0, 100,
                           0, EXPERT));
  attune_settings_class_add (
      klass, FIELD (answer_format),
      g_param_spec_string ("answer-format", N_ ("Form of Answers"),
                           N_ ("A regular expression that answers are to match, such as ^Yes|^No"),
                           "", EXPERT));
  attune_settings_class_add (
      klass, FIELD (reward_model),
      g_param_spec_string ("reward-model", N_ ("Reward Model"),
                           N_ ("A run that learned rewards: its folder in the project’s runs, or "
                               "its checkpoint"),
                           "", ATTUNE_PARAM | ATTUNE_PARAM_FILE));
  attune_settings_class_add (
      klass, FIELD (model_reward),
      g_param_spec_double ("model-reward", N_ ("Weight of the Reward Model"),
                           N_ ("How much what the reward model gives counts beside the rules"), 0,
                           100, 1, EXPERT));
}

/* How it is learned from. Defaults: Shao et al. 2024, and TRL's for PPO. */
void
attune_plan_add_policy_properties (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (group_size),
      g_param_spec_int ("group-size", N_ ("Answers per Question"),
                        N_ ("How many answers to a question are written and compared"), 2, 64, 8,
                        ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (answer_limit),
      g_param_spec_int ("answer-limit", N_ ("Longest Answer"),
                        N_ ("Tokens after which an answer that is written to learn from is cut"), 1,
                        4096, 64, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (policy_updates),
      g_param_spec_int ("policy-updates", N_ ("Updates per Round"),
                        N_ ("How often the same answers are learned from; 1 in GRPO, 4 in PPO"), 1,
                        32, 1, EXPERT));
  attune_settings_class_add (
      klass, FIELD (policy_clip),
      g_param_spec_double ("policy-clip", N_ ("Clipping"),
                           N_ ("How far from 1 an answer’s ratio of probabilities still counts"),
                           0.001, 10, 0.2, EXPERT));
  attune_settings_class_add (
      klass, FIELD (kl_weight),
      g_param_spec_double ("kl-weight", N_ ("Nearness to the Model"),
                           N_ ("How much it costs to speak otherwise than before (KL); 0: nothing"),
                           0, 100, 0.04, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (kl_target),
      g_param_spec_double ("kl-target", N_ ("Wanted Distance"),
                           N_ ("KL in nats per answer that the weight is steered to; 0: it is "
                               "fixed"),
                           0, 1000, 0, EXPERT));
  attune_settings_class_add (
      klass, FIELD (kl_horizon),
      g_param_spec_int ("kl-horizon", N_ ("Answers to Steer In"),
                        N_ ("Over how many answers the weight may change by a fifth"), 1, 100000000,
                        10000, EXPERT));
  attune_settings_class_add (
      klass, FIELD (discount),
      g_param_spec_double ("discount", N_ ("Discount"),
                           N_ ("How much of a later token’s reward counts for an earlier one"), 0,
                           1, 1, EXPERT));
  attune_settings_class_add (
      klass, FIELD (gae_lambda),
      g_param_spec_double ("gae-lambda", N_ ("GAE Lambda"),
                           N_ ("How far what came counts against what was expected; 1: all of it"),
                           0, 1, 0.95, EXPERT));
  attune_settings_class_add (
      klass, FIELD (value_weight),
      g_param_spec_double ("value-weight", N_ ("Weight of Expectations"),
                           N_ ("How much learning what to expect (the value head) counts"), 0, 100,
                           0.1, EXPERT));
  attune_settings_class_add (
      klass, FIELD (value_clip),
      g_param_spec_double ("value-clip", N_ ("Clipping of Expectations"),
                           N_ ("How far what is expected may move in a round and still learn"),
                           0.001, 1000, 0.2, EXPERT));
}

gboolean
attune_policy_knows (const char *name)
{
  static const char *const names[]
      = { "answer-reward", "answer-match", "length-reward",  "length-limit", "format-reward",
          "answer-format", "reward-model", "model-reward",   "group-size",   "answer-limit",
          "policy-clip",   "kl-weight",    "policy-updates", "kl-target",    "kl-horizon",
          "discount",      "gae-lambda",   "value-weight",   "value-clip",   NULL };

  return g_strv_contains (names, name);
}

gboolean
attune_policy_uses (const AttunePlanValues *plan, const char *name)
{
  static const char *const of_ppo[]
      = { "kl-target", "kl-horizon", "discount", "gae-lambda", "value-weight", "value-clip", NULL };

  if (!attune_objective_writes (plan->objective))
    return FALSE;
  if (g_str_equal (name, "answer-match"))
    return plan->answer_reward > 0;
  if (g_str_equal (name, "length-limit"))
    return plan->length_reward > 0;
  if (g_str_equal (name, "answer-format"))
    return plan->format_reward > 0;
  if (g_str_equal (name, "group-size"))
    return plan->objective == ATTUNE_OBJECTIVE_GRPO;
  if (g_str_equal (name, "model-reward"))
    return *plan->reward_model != '\0';
  if (g_str_equal (name, "kl-horizon"))
    return plan->objective == ATTUNE_OBJECTIVE_PPO && plan->kl_target > 0;
  if (g_strv_contains (of_ppo, name))
    return plan->objective == ATTUNE_OBJECTIVE_PPO;
  return TRUE;
}

int
attune_policy_count_answers (const AttunePlanValues *plan)
{
  return (plan->objective == ATTUNE_OBJECTIVE_GRPO ? plan->group_size : 1) * plan->batch_size;
}

int
attune_policy_count_parallel (const AttunePlanValues *plan)
{
  return MIN (ATTUNE_POLICY_PARALLEL, attune_policy_count_answers (plan));
}

double
attune_plan_find_dropout (const AttunePlanValues *plan)
{
  return attune_objective_writes (plan->objective) ? 0 : plan->lora_dropout;
}

double
attune_plan_find_noise (const AttunePlanValues *plan)
{
  return attune_objective_writes (plan->objective) ? 0 : plan->neftune_alpha;
}

GRegex *
attune_plan_read_format (const AttunePlanValues *plan, GError **error)
{
  g_autoptr (GError) reason = NULL;
  /* so that one such as ^(a+)+$ does not take seconds for every answer */
  g_autofree char *limited = g_strconcat ("(*LIMIT_MATCH=100000)", plan->answer_format, NULL);
  g_autoptr (GRegex) format = g_regex_new (plan->answer_format, G_REGEX_DOTALL, 0, &reason);

  if (format == NULL)
    g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                 "Form of Answers (answer-format) is no regular expression: %s. Change it, or set "
                 "Reward for the Form (format-reward) to 0.",
                 reason->message);
  return format != NULL ? g_regex_new (limited, G_REGEX_DOTALL, 0, error) : NULL;
}

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE, text);
  return FALSE;
}

gboolean
attune_policy_check (const AttunePlanValues *plan, GError **error)
{
  const gboolean model = *plan->reward_model != '\0' && plan->model_reward > 0;
  g_autoptr (GRegex) format = NULL;

  if (!attune_objective_writes (plan->objective))
    return TRUE;
  if (plan->objective == ATTUNE_OBJECTIVE_PPO && !model)
    return refuse (error,
                   "PPO learns from what a reward model says of answers, and the plan names none. "
                   "Train one with --objective reward and name its run (--reward-model), or use "
                   "--objective grpo, for which rules are enough.");
  if (!model && plan->answer_reward == 0 && plan->length_reward == 0 && plan->format_reward == 0)
    return refuse (error,
                   "Nothing gives answers a reward, so that there is nothing to learn. Set Reward "
                   "for the Right Answer (--answer-reward 1), one of the other rules, or name a "
                   "reward model (--reward-model).");
  if (plan->format_reward > 0 && *plan->answer_format == '\0')
    return refuse (error,
                   "There is no Form of Answers (answer-format) that they could have. Give a "
                   "regular expression, or set Reward for the Form (format-reward) to 0.");
  if (plan->format_reward > 0 && (format = attune_plan_read_format (plan, error)) == NULL)
    return FALSE;
  if (plan->kl_target > 0 && plan->objective == ATTUNE_OBJECTIVE_PPO && plan->kl_weight == 0)
    return refuse (error, "A Nearness to the Model (kl-weight) of 0 cannot be steered to a Wanted "
                          "Distance (kl-target). Give it a beginning (--kl-weight 0.2), or use "
                          "--kl-target 0.");
  /* more answers than that would turn the weight to its opposite in a step: see
   * attune_ppo_adapt() */
  if (plan->kl_target > 0 && plan->objective == ATTUNE_OBJECTIVE_PPO
      && plan->kl_horizon < plan->batch_size)
    {
      g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                   "A step has more answers (--batch-size %d) than are steered in (--kl-horizon "
                   "%d), so that the weight would jump. Use --kl-horizon %d or more.",
                   plan->batch_size, plan->kl_horizon, plan->batch_size);
      return FALSE;
    }
  return TRUE;
}
