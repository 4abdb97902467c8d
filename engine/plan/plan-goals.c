/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan's settings of what is to be got better at, kept, and treated alike.
 */
#include "core/settings-class.h"
#include "plan/plan-private.h"

#include <glib/gi18n.h> /* N_(): the window translates nicks and blurbs */

/* What the model is to get better at. */
void
attune_plan_add_objective_properties (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (objective),
      g_param_spec_enum (
          "objective", N_ ("Objective"),
          N_ ("Learn the answers, all of the text, which of two answers is better, or labels"),
          ATTUNE_TYPE_OBJECTIVE, ATTUNE_OBJECTIVE_ANSWERS, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (preference_loss),
      g_param_spec_enum ("preference-loss", N_ ("Preference Loss"),
                         N_ ("How DPO weighs a pair: softly, towards a fixed gap, or up to one"),
                         ATTUNE_TYPE_PREFERENCE_LOSS, ATTUNE_PREFERENCE_LOSS_SIGMOID, EXPERT));
  attune_settings_class_add (
      klass, FIELD (preference_beta),
      g_param_spec_double ("preference-beta", N_ ("Preference Strength"),
                           N_ ("Beta: how much a preference counts against what the model was"),
                           1e-4, 100, 0.1, EXPERT));
  attune_settings_class_add (
      klass, FIELD (simpo_gamma),
      g_param_spec_double ("simpo-gamma", N_ ("Margin"),
                           N_ ("Gamma: by how much SimPO wants the better answer to lead"), 0, 100,
                           0.5, EXPERT));
  attune_settings_class_add (klass, FIELD (desirable_weight),
                             g_param_spec_double ("desirable-weight", N_ ("Weight of Good Answers"),
                                                  N_ ("How much good answers count in KTO"), 0, 100,
                                                  1, EXPERT));
  attune_settings_class_add (
      klass, FIELD (undesirable_weight),
      g_param_spec_double ("undesirable-weight", N_ ("Weight of Bad Answers"),
                           N_ ("How much bad answers count in KTO"), 0, 100, 1, EXPERT));
}

/* What a reward model is asked for. A hundredth is what TRL suggests (Eisenstein et al. 2023). */
void
attune_plan_add_reward_properties (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (reward_margin),
      g_param_spec_double ("reward-margin", N_ ("Margin of Rewards"),
                           N_ ("By how much the better answer’s reward is to lead; 0 asks for no "
                               "more than a lead"),
                           0, 100, 0, EXPERT));
  attune_settings_class_add (
      klass, FIELD (reward_centring),
      g_param_spec_double ("reward-centring", N_ ("Centring of Rewards"),
                           N_ ("How much rewards are pulled towards zero in the mean; 0.01 is "
                               "usual, 0 is off"),
                           0, 10, 0, EXPERT));
}

/* Which label a text has. Beta as Cui et al. 2019 for some thousand samples. */
void
attune_plan_add_label_properties (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (label_weights),
      g_param_spec_enum ("label-weights", N_ ("Weight of Rare Labels"),
                         N_ ("Let rare labels count more: by how rare they are, or more mildly"),
                         ATTUNE_TYPE_LABEL_WEIGHTS, ATTUNE_LABEL_WEIGHTS_NONE, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (effective_beta),
      g_param_spec_double (
          "effective-beta", N_ ("Beta of the Weights"),
          N_ ("From how many samples on more of a label count little: 1/(1 - beta)"), 0, 0.999999,
          0.999, EXPERT));
  attune_settings_class_add (
      klass, FIELD (focal_gamma),
      g_param_spec_double (
          "focal-gamma", N_ ("Focus on Hard Ones"),
          N_ ("Let what is known already count less (focal loss); 2 is usual, 0 is off"), 0, 10, 0,
          ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (label_costs),
      g_param_spec_string ("label-costs", N_ ("Costs of Mistakes"),
                           N_ ("A table (CSV): a line for each right label, a column for each that "
                               "is said"),
                           "", ATTUNE_PARAM | ATTUNE_PARAM_FILE));
  attune_settings_class_add (
      klass, FIELD (cost_share),
      g_param_spec_double ("cost-share", N_ ("Share of the Costs"),
                           N_ ("How much of the loss is the expected cost; the rest is how sure "
                               "the label is"),
                           0, 1, 0.5, EXPERT));
}

/* What is not to be forgotten. A fifth of earlier samples is in the range that replay is done with
 * (Scialom et al. 2022 take far less); the penalty is in units of the new loss. */
void
attune_plan_add_earlier_properties (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (earlier),
      g_param_spec_string ("earlier", N_ ("Earlier Material"),
                           N_ ("What the model is not to forget: a text file, or dataset.h5 of "
                               "another project"),
                           "", EXPERT | ATTUNE_PARAM_FILE));
  attune_settings_class_add (
      klass, FIELD (replay_share),
      g_param_spec_double ("replay-share", N_ ("Learned Again"),
                           N_ ("Share of each step’s loss that is of earlier samples (replay); 0.2 "
                               "is usual, 0 is off"),
                           0, 0.9, 0, EXPERT));
  attune_settings_class_add (
      klass, FIELD (ewc_weight),
      g_param_spec_double ("ewc-weight", N_ ("Hold Fast"),
                           N_ ("How much leaving weights that earlier material needs costs (EWC); "
                               "0 is off"),
                           0, 1e9, 0, EXPERT));
  attune_settings_class_add (
      klass, FIELD (ewc_samples),
      g_param_spec_int ("ewc-samples", N_ ("Samples to Hold Fast By"),
                        N_ ("Earlier samples that tell which weights are needed (Fisher’s "
                            "information)"),
                        1, 100000, 200, EXPERT));
}

/* What the model is to treat alike. */
void
attune_plan_add_term_properties (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (term_pairs),
      g_param_spec_string ("term-pairs", N_ ("Pairs of Terms"),
                           N_ ("Against bias: a file with two terms on each line that are to count "
                               "alike: he,she"),
                           "", EXPERT | ATTUNE_PARAM_FILE));
  attune_settings_class_add (
      klass, FIELD (counterfactuals),
      g_param_spec_boolean ("counterfactuals", N_ ("Learn Both Ways"),
                            N_ ("Learn each sample with such terms a second time, with them "
                                "exchanged"),
                            TRUE, EXPERT));
  attune_settings_class_add (
      klass, FIELD (gap_weight),
      g_param_spec_double ("gap-weight", N_ ("Penalty on the Difference"),
                           N_ ("How much it costs that exchanging the terms changes an answer; 0 "
                               "is off"),
                           0, 1e6, 0, EXPERT));
}
