/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan's settings of steps: the optimizer, checks, what computes.
 */
#include "core/ranks.h"
#include "core/settings-class.h"
#include "plan/plan-private.h"

#include <glib/gi18n.h> /* N_(): the window translates nicks and blurbs */

void
attune_plan_add_optimizer_properties (GObjectClass *klass)
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
void
attune_plan_add_smoothing_properties (GObjectClass *klass)
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

void
attune_plan_add_run_properties (GObjectClass *klass)
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
  attune_settings_class_add (klass, FIELD (ranks),
                             g_param_spec_int ("ranks", N_ ("Processes"),
                                               N_ ("That share the work, each with its threads or "
                                                   "its card; each takes memory of its own"),
                                               1, ATTUNE_RANKS_MAX, 1, EXPERT));
}
