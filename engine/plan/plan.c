/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan: each hyperparameter is one call in class_init and one field of AttunePlanValues.
 */
#include "plan/plan.h"

#include "core/ranks.h"
#include "core/settings-class.h"
#include "nn/decoder.h"
#include "plan/estimate.h"

#include <glib/gi18n.h> /* N_(): the window translates nicks and blurbs */

struct _AttunePlan
{
  GObject parent_instance;

  AttunePlanValues values;
};

G_DEFINE_QUARK (attune_plan_error, attune_plan_error)
G_DEFINE_FINAL_TYPE (AttunePlan, attune_plan, G_TYPE_OBJECT)

GType
attune_schedule_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_SCHEDULE_COSINE, "ATTUNE_SCHEDULE_COSINE", "cosine" },
        { ATTUNE_SCHEDULE_LINEAR, "ATTUNE_SCHEDULE_LINEAR", "linear" },
        { ATTUNE_SCHEDULE_CONSTANT, "ATTUNE_SCHEDULE_CONSTANT", "constant" },
        { ATTUNE_SCHEDULE_RESTARTS, "ATTUNE_SCHEDULE_RESTARTS", "restarts" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneSchedule", values));
    }
  return type;
}

GType
attune_base_kind_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_BASE_AUTO, "ATTUNE_BASE_AUTO", "auto" },
        { ATTUNE_BASE_STORED, "ATTUNE_BASE_STORED", "stored" },
        { ATTUNE_BASE_NF4, "ATTUNE_BASE_NF4", "nf4" },
        { ATTUNE_BASE_FP4, "ATTUNE_BASE_FP4", "fp4" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneBaseKind", values));
    }
  return type;
}

#define FIELD(name) G_STRUCT_OFFSET (AttunePlan, values.name)
#define EXPERT (ATTUNE_PARAM | ATTUNE_PARAM_EXPERT)

/* What is trained. Defaults: Hu et al. 2021; alpha = 2 · rank as is common; all linears as in
 * Dettmers et al. 2023. */
static void
add_adapter_properties (GObjectClass *klass)
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
static void
add_part_properties (GObjectClass *klass)
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

/* What the model is to get better at. */
static void
add_objective_properties (GObjectClass *klass)
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

/* Which label a text has. Beta as Cui et al. 2019 for some thousand samples. */
static void
add_label_properties (GObjectClass *klass)
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
}

/* What is not to be forgotten. A fifth of earlier samples is in the range that replay is done with
 * (Scialom et al. 2022 take far less); the penalty is in units of the new loss. */
static void
add_earlier_properties (GObjectClass *klass)
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
static void
add_term_properties (GObjectClass *klass)
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

static void
add_optimizer_properties (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (optimizer),
      g_param_spec_enum ("optimizer", N_ ("Optimizer"),
                         N_ ("How gradients change the weights; some take less memory than AdamW"),
                         ATTUNE_TYPE_OPTIMIZER, ATTUNE_OPTIMIZER_ADAMW, EXPERT));
  attune_settings_class_add (
      klass, FIELD (learning_rate),
      g_param_spec_double (
          "learning-rate", N_ ("Learning Rate"),
          N_ ("Size of each step; too high forgets and diverges, too low learns slowly"), 0, 1,
          5e-4, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (epochs),
      g_param_spec_double ("epochs", N_ ("Passes"),
                           N_ ("How often every sample is seen; more than 3 often memorises"),
                           0.001, 1000, 1, ATTUNE_PARAM));
  attune_settings_class_add (klass, FIELD (max_steps),
                             g_param_spec_int ("max-steps", N_ ("Most Steps"),
                                               N_ ("Stop after so many steps; 0 goes by passes"), 0,
                                               G_MAXINT, 0, EXPERT));
  attune_settings_class_add (
      klass, FIELD (batch_size),
      g_param_spec_int (
          "batch-size", N_ ("Samples per Step"),
          N_ ("Samples averaged in one step; more is steadier and takes longer per step"), 1, 65536,
          16, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (micro_batch_tokens),
      g_param_spec_int (
          "micro-batch-tokens", N_ ("Tokens at Once"),
          N_ ("Tokens computed together; memory grows with it, the result does not change"), 16,
          1 << 20, 1024, ATTUNE_PARAM));
  attune_settings_class_add (klass, FIELD (schedule),
                             g_param_spec_enum ("schedule", N_ ("Schedule"),
                                                N_ ("How the learning rate falls over the run"),
                                                ATTUNE_TYPE_SCHEDULE, ATTUNE_SCHEDULE_COSINE,
                                                EXPERT));
  attune_settings_class_add (
      klass, FIELD (cycles),
      g_param_spec_int ("cycles", N_ ("Cycles"),
                        N_ ("How often the schedule with restarts begins at the full rate"), 1,
                        1000, 3, EXPERT));
  attune_settings_class_add (
      klass, FIELD (warmup_ratio),
      g_param_spec_double ("warmup-ratio", N_ ("Warm-Up"),
                           N_ ("Share of the steps in which the learning rate rises from zero"), 0,
                           1, 0.05, EXPERT));
  attune_settings_class_add (
      klass, FIELD (weight_decay),
      g_param_spec_double (
          "weight-decay", N_ ("Weight Decay"),
          N_ ("Pull of the trained weights towards zero, per step and learning rate"), 0, 10, 0,
          EXPERT));
  attune_settings_class_add (klass, FIELD (beta1),
                             g_param_spec_double ("beta1", N_ ("First Moment Decay"),
                                                  N_ ("Memory of the optimizer for the gradient"),
                                                  0, 0.9999, 0.9, EXPERT));
  attune_settings_class_add (
      klass, FIELD (beta2),
      g_param_spec_double ("beta2", N_ ("Second Moment Decay"),
                           N_ ("Memory of the optimizer for the gradient's size"), 0, 0.999999,
                           0.999, EXPERT));
  attune_settings_class_add (
      klass, FIELD (epsilon),
      g_param_spec_double ("epsilon", N_ ("Epsilon"),
                           N_ ("Added to the optimizer's divisor, against division by zero"), 1e-16,
                           1, 1e-8, EXPERT));
  attune_settings_class_add (
      klass, FIELD (paged_optimizer),
      g_param_spec_boolean (
          "paged-optimizer", N_ ("Optimizer on the Disk"),
          N_ ("Keep what the optimizer remembers in a file, of which memory holds what fits"),
          FALSE, EXPERT));
  attune_settings_class_add (
      klass, FIELD (max_gradient_norm),
      g_param_spec_double ("max-gradient-norm", N_ ("Gradient Limit"),
                           N_ ("Longest gradient (norm) that is taken as it is; 0 never clips"), 0,
                           1e6, 1, EXPERT));
}

/* What makes a run steadier or less sure of itself. */
static void
add_smoothing_properties (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (ema_decay),
      g_param_spec_double (
          "ema-decay", N_ ("Averaged Weights"),
          N_ ("Keep a running mean of what learns and use it; near 1 averages longer, 0 is off"), 0,
          0.99999, 0, EXPERT));
  attune_settings_class_add (
      klass, FIELD (neftune_alpha),
      g_param_spec_double (
          "neftune-alpha", N_ ("Noise (NEFTune)"),
          N_ ("Noise on the words read while learning, against memorising; 5 is usual, 0 is off"),
          0, 1000, 0, EXPERT));
  attune_settings_class_add (
      klass, FIELD (label_smoothing),
      g_param_spec_double (
          "label-smoothing", N_ ("Label Smoothing"),
          N_ ("Share of certainty withheld from the answers, against being too sure"), 0, 0.9, 0,
          EXPERT));
}

static void
add_run_properties (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (validate_every),
      g_param_spec_int (
          "validate-every", N_ ("Check Every"),
          N_ ("Steps between checks on the validation split; 0 checks five times in a run"), 0,
          G_MAXINT, 0, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (max_validation_samples),
      g_param_spec_int ("max-validation-samples", N_ ("Samples per Check"),
                        N_ ("Validation samples used in a check; 0 uses all"), 0, G_MAXINT, 200,
                        EXPERT));
  attune_settings_class_add (
      klass, FIELD (patience),
      g_param_spec_int (
          "patience", N_ ("Patience"),
          N_ ("Checks without improvement before the run ends early; 0 never ends early"), 0, 1000,
          3, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (checkpoint_every),
      g_param_spec_int ("checkpoint-every", N_ ("Save Every"),
                        N_ ("Steps between checkpoints; 0 saves at every check"), 0, G_MAXINT, 0,
                        EXPERT));
  attune_settings_class_add (
      klass, FIELD (checkpoint_activations),
      g_param_spec_boolean (
          "checkpoint-activations", N_ ("Save Memory"),
          N_ ("Compute some results twice instead of keeping them; a third slower"), FALSE,
          ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (int8_compute),
      g_param_spec_boolean (
          "int8-compute", N_ ("Rounded Arithmetic"),
          N_ ("Multiply the fixed weights in 8 bits: faster where the processor can, a little less "
              "exact"),
          FALSE, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (samples),
      g_param_spec_int ("samples", N_ ("Sample Answers"),
                        N_ ("Validation questions answered at every check, to look at"), 0, 100, 3,
                        ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (seed),
      g_param_spec_int64 ("seed", N_ ("Seed"),
                          N_ ("Start of the random numbers; the same seed gives the same run"), 0,
                          G_MAXINT64, 42, EXPERT));
  attune_settings_class_add (
      klass, FIELD (folds),
      g_param_spec_int (
          "folds", N_ ("Parts for Checks"),
          N_ ("Into how many parts the records are cut, of which one checks; 1: none"), 1,
          ATTUNE_FOLDS_MAX, 1, EXPERT));
  attune_settings_class_add (klass, FIELD (fold),
                             g_param_spec_int ("fold", N_ ("Part That Checks"),
                                               N_ ("Which of the parts checks; the others are "
                                                   "learned"),
                                               1, ATTUNE_FOLDS_MAX, 1, EXPERT));
  attune_settings_class_add (
      klass, FIELD (device),
      g_param_spec_enum ("device", N_ ("Device"),
                         N_ ("What computes; where no graphics card works it is the processor"),
                         ATTUNE_TYPE_DEVICE_KIND, ATTUNE_DEVICE_CPU, EXPERT));
  attune_settings_class_add (
      klass, FIELD (precision),
      g_param_spec_enum ("precision", N_ ("Precision on a Card"),
                         N_ ("What a graphics card rounds products to in steps; checks stay exact"),
                         ATTUNE_TYPE_PRECISION, ATTUNE_PRECISION_BF16, EXPERT));
  attune_settings_class_add (klass, FIELD (threads),
                             g_param_spec_int ("threads", N_ ("Threads"),
                                               N_ ("Processor threads; 0 takes one per core"), 0,
                                               1024, 0, EXPERT));
  attune_settings_class_add (
      klass, FIELD (ranks),
      g_param_spec_int (
          "ranks", N_ ("Processes"),
          N_ ("Processes that share the threads; more than 1 pays on many cores, and takes memory"),
          1, ATTUNE_RANKS_MAX, 1, EXPERT));
}

static void
attune_plan_class_init (AttunePlanClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  attune_settings_class_init (object_class);
  add_adapter_properties (object_class);
  add_part_properties (object_class);
  add_objective_properties (object_class);
  add_label_properties (object_class);
  add_earlier_properties (object_class);
  add_term_properties (object_class);
  add_optimizer_properties (object_class);
  add_smoothing_properties (object_class);
  add_run_properties (object_class);
}

static void
attune_plan_init (AttunePlan *self)
{
}

AttunePlan *
attune_plan_new (void)
{
  return g_object_new (ATTUNE_TYPE_PLAN, NULL);
}

AttunePlan *
attune_plan_copy (AttunePlan *self)
{
  AttunePlan *copy;
  g_autoptr (JsonNode) values = NULL;

  g_return_val_if_fail (ATTUNE_IS_PLAN (self), NULL);

  copy = attune_plan_new ();
  values = attune_settings_to_json (G_OBJECT (self));
  attune_settings_apply_json (G_OBJECT (copy), values, NULL); /* what one says, the other takes */
  return copy;
}

const AttunePlanValues *
attune_plan_get_values (AttunePlan *self)
{
  g_return_val_if_fail (ATTUNE_IS_PLAN (self), NULL);
  return &self->values;
}
