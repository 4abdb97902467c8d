/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan's settings of what learns.
 */
#include "core/settings-class.h"
#include "plan/plan-private.h"

#include <glib/gi18n.h> /* N_(): the window translates nicks and blurbs */

/* What is trained. Defaults: Hu et al. 2021; alpha = 2 · rank as is common; all linears as in
 * Dettmers et al. 2023. */
void
attune_plan_add_adapter_properties (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (method),
      g_param_spec_enum ("method", N_ ("What Learns"),
                         N_ ("A small adapter beside the model, or weights of the model itself"),
                         ATTUNE_TYPE_METHOD, ATTUNE_METHOD_LORA, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (lora_rank),
      g_param_spec_int (
          "lora-rank", N_ ("Adapter Rank"),
          N_ ("Size of the added weights; higher learns more detail and takes more memory"), 1, 512,
          16, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (lora_alpha),
      g_param_spec_double ("lora-alpha", N_ ("Adapter Strength"),
                           N_ ("How strongly the adapter speaks; usually twice its rank"), 0.01,
                           4096, 32, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (lora_dropout),
      g_param_spec_double ("lora-dropout", N_ ("Adapter Dropout"),
                           N_ ("Share of inputs left out at random, against memorising small data"),
                           0, 0.9, 0, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (rank_stabilised),
      g_param_spec_boolean ("rank-stabilised", N_ ("Rank-Stabilised Scale"),
                            N_ ("Scale by the square root of the rank; for ranks above 32"), FALSE,
                            EXPERT));
  attune_settings_class_add (
      klass, FIELD (adapter_start),
      g_param_spec_enum ("adapter-start", N_ ("Start of the Adapter"),
                         N_ ("From nothing, the largest parts of the weights "
                             "(PiSSA), or what 4 bits lost (LoftQ)"),
                         ATTUNE_TYPE_ADAPTER_START, ATTUNE_ADAPTER_START_ZERO, EXPERT));
  attune_settings_class_add (
      klass, FIELD (lora_plus_ratio),
      g_param_spec_double (
          "lora-plus-ratio", N_ ("LoRA+ Ratio"),
          N_ ("How much faster the adapter’s second half learns: 1 the same, 16 as LoRA+ does"),
          0.01, 1000, 1, EXPERT));
  attune_settings_class_add (
      klass, FIELD (base_type),
      g_param_spec_enum (
          "base-type", N_ ("Type of the Model"),
          N_ ("How the fixed weights are kept: by the method, as stored, in NF4 or in FP4"),
          ATTUNE_TYPE_BASE_KIND, ATTUNE_BASE_AUTO, EXPERT));
  attune_settings_class_add (
      klass, FIELD (double_quantisation),
      g_param_spec_boolean (
          "double-quantisation", N_ ("Round Scales Too"),
          N_ ("Keep the scales of weights in 4 bits in 8 bits: a tenth less memory"), TRUE,
          EXPERT));
  attune_settings_class_add (
      klass, FIELD (virtual_tokens),
      g_param_spec_int ("virtual-tokens", N_ ("Learned Tokens"),
                        N_ ("How many tokens are put before every text; more can say more"), 1,
                        1000, 20, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (targets),
      g_param_spec_string (
          "targets", N_ ("Adapted Parts"),
          N_ ("What gets an adapter: all, attention, feed-forward, or q, k, v, o, gate, up, down"),
          "all", EXPERT));
}

/* Which weights of the model itself. Four last layers are LLaMA-Factory's habit, too. */
void
attune_plan_add_part_properties (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (layers),
      g_param_spec_string (
          "layers", N_ ("Layers That Learn"),
          N_ ("Which layers learn: last 4, first 2, or numbers from 0 such as 0,5-8"), "last 4",
          ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (rounds),
      g_param_spec_int ("rounds", N_ ("Rounds"),
                        N_ ("How often in the run another half of the weights is drawn to learn"),
                        1, 10000, 4, ATTUNE_PARAM));
}
