/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The trainer's parts, which trainer.c, validate.c and step.c share.
 */
#pragma once
#include "generate/generator.h"
#include "generate/loss.h"
#include "tune/best-weights.h"
#include "plan/schedule.h"

G_BEGIN_DECLS

typedef struct
{
  AttunePlan *plan_object; /* borrowed, as are plan, model and dataset */
  const AttunePlanValues *plan;
  AttuneModel *model;
  AttuneDataset *dataset;
  const char *checkpoint_path;
  const AttuneTrainerFuncs *funcs;
  gpointer funcs_data;

  AttuneBackend *be;
  AttuneDecoder *decoder;
  AttuneParameters *parameters;
  AttuneTensor first_moment, second_moment; /* (count) each */
  AttuneTensor best; /* (count); data %NULL where the best is in a file of its own */
  AttuneActivations *activations;
  AttunePack *pack;
  AttuneGenerator *generator; /* %NULL where no samples are wanted */

  AttuneDataFacts facts;
  int max_tokens; /* of a micro-batch */
  gint64 n_steps;
  guint32 *order; /* n_train: the epoch's order */
  gint64 order_epoch;
  guint32 *chosen;       /* batch_size */
  AttuneSample *samples; /* batch_size: the step's samples */
  double *losses;        /* max_tokens */

  AttuneCheckpoint state; /* numbers, and the vectors above */
  gint64 saved_best_step; /* what the checkpoint on the disk names */
  char *key;              /* hash of plan, model and data */
} AttuneTrainer;

/* One optimizer step: state.step + 1. A non-finite loss or gradient is %ATTUNE_TUNE_ERROR_DIVERGED.
 */
gboolean attune_trainer_step (AttuneTrainer *self, AttuneStepEvent *event, GError **error);

/* With products in 8 bits: says what they change in the loss before any step, or that this
 * processor has none. */
gboolean attune_trainer_compare_int8 (AttuneTrainer *self, GError **error);
/* Loss over the validation samples; keeps the adapter where it is the best so far. */
gboolean attune_trainer_validate (AttuneTrainer *self, GError **error);
/* Writes some answers to validation questions. */
gboolean attune_trainer_show_samples (AttuneTrainer *self, GError **error);

G_END_DECLS
