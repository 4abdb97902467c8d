/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stage 4: runs a plan over a data set. Deterministic: the same plan, data, model and thread count
 * give the same bits, also when it was stopped or killed and resumed in between.
 */
#pragma once
#include "core/ranks.h"
#include "data/dataset.h"
#include "model/model.h"
#include "nn/decoder.h"
#include "plan/estimate.h"

G_BEGIN_DECLS

#define ATTUNE_TUNE_ERROR (attune_tune_error_quark ())
typedef enum
{
  ATTUNE_TUNE_ERROR_CHECKPOINT, /* unreadable, or of another plan, model or data set */
  ATTUNE_TUNE_ERROR_DIVERGED,   /* NaN or infinity; rolled back to the last checkpoint */
  ATTUNE_TUNE_ERROR_DATA,       /* nothing to learn from */
} AttuneTuneError;
GQuark attune_tune_error_quark (void);

typedef struct
{
  gint64 step;    /* optimizer steps done, from 1 */
  gint64 n_steps; /* of the whole run */
  double epoch;   /* samples seen / samples of the train split */
  double loss;    /* nats per learned token of this step */
  double learning_rate;
  double gradient_norm;  /* before clipping */
  guint64 tokens;        /* read in this step */
  guint64 target_tokens; /* learned in this step */
  double seconds;        /* of this step */
  double seconds_left;   /* of the run; < 0: not known yet */
  gboolean has_reward;   /* the model wrote answers, which got: */
  double reward;         /* in the mean; what it lacks to the most that rules give is the loss */
  double divergence;     /* nats per answer by which it is surer of them than it was before */
} AttuneStepEvent;

typedef struct
{
  gint64 step; /* after so many steps; 0 = the base */
  double loss; /* nats per learned token over the validation split (or its first samples) */
  gboolean best;
  gboolean has_reward; /* of answers to the samples: */
  double reward;
} AttuneValidationEvent;

typedef struct
{
  gint64 step;
  const char *question, *expected, *answer;
} AttuneSampleEvent;

/* What the trainer tells and asks; any may be %NULL. All are called on the thread that runs
 * attune_trainer_run(). */
typedef struct
{
  void (*on_step) (gpointer data, const AttuneStepEvent *event);
  void (*on_validation) (gpointer data, const AttuneValidationEvent *event);
  void (*on_sample) (gpointer data, const AttuneSampleEvent *event);
  void (*on_checkpoint) (gpointer data, gint64 step);
  void (*on_message) (gpointer data, const char *sentence);
  /* Asked before every step. */
  gboolean (*should_stop) (gpointer data);
  gboolean (*should_checkpoint) (gpointer data);
} AttuneTrainerFuncs;

typedef enum
{
  ATTUNE_END_FINISHED,
  ATTUNE_END_EARLY,   /* patience ran out; the best checkpoint counts */
  ATTUNE_END_STOPPED, /* should_stop(); can be resumed */
} AttuneTrainerEnd;

typedef struct
{
  AttuneTrainerEnd end;
  gint64 steps;
  double base_loss; /* validation, before the first step */
  double best_loss;
  gint64 best_step;  /* 0: the base was never beaten */
  double train_loss; /* mean of the last epoch tenth */
  gboolean validated;
  gboolean has_rewards; /* of answers of its own: the losses are what these lack to the most */
  double most_reward;   /* that the rules give */
  double tokens_per_second;
  double target_tokens_per_second;
  double seconds;   /* spent in steps, over all resumptions */
  gboolean on_card; /* whether a graphics card did the work */
  gboolean resumed; /* whether it went on after steps that another device may have done */
} AttuneTrainerResult;

/* The data set as the plan reads it: one part of it validates where the plan says so. Returns:
 * (transfer full). */
AttuneDataset *attune_plan_open_dataset (AttunePlan *plan, const char *path, GError **error);

/* What the estimate needs to know of a data set, counted: every token is read, and once more with
 * @labels, which counts what a plan that learns labels needs. */
gboolean attune_data_facts (AttuneDataset *dataset, gboolean labels, AttuneDataFacts *facts,
                            GError **error);
/* The same as the report of the preparation tells it, for who shows it: a run counts. Returns:
 * FALSE where it does not tell: an earlier version wrote it. */
gboolean attune_data_facts_of_report (JsonNode *report, AttuneDataFacts *facts);

/**
 * attune_trainer_run:
 * @checkpoint: path of checkpoint.h5: written at validations, when asked and when stopped
 * @resume: go on from @checkpoint where it exists; otherwise start anew
 *
 * Blocks. On divergence the checkpoint of the last good state stands and @error names step and
 * records.
 */
gboolean attune_trainer_run (AttunePlan *plan, AttuneModel *model, AttuneDataset *dataset,
                             const char *checkpoint, gboolean resume,
                             const AttuneTrainerFuncs *funcs, gpointer data,
                             AttuneTrainerResult *result, GError **error);

/**
 * attune_trainer_run_rank:
 * @ranks: (nullable): this process's place among those that do the run together, as many as the
 * plan says
 * @checkpoint, @resume: (nullable): rank 0's, as are all of @funcs; another reads there where an
 * adapter of parts of the weights began
 *
 * The same, of which every process does its part: collective. The threads of the plan are those of
 * all. The numbers are those of one process to rounding, and the same bits in every run with so
 * many ranks. A failure of one ends the run in all of them, with its error.
 */
gboolean attune_trainer_run_rank (AttuneRanks *ranks, AttunePlan *plan, AttuneModel *model,
                                  AttuneDataset *dataset, const char *checkpoint, gboolean resume,
                                  const AttuneTrainerFuncs *funcs, gpointer data,
                                  AttuneTrainerResult *result, GError **error);

G_END_DECLS
