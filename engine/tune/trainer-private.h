/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The trainer's parts, which trainer.c, set-up.c, validate.c and step.c share.
 */
#pragma once
#include "core/threads.h"
#include "generate/earlier.h"
#include "generate/generator.h"
#include "generate/labels.h"
#include "generate/loss.h"
#include "generate/term-pairs.h"
#include "tune/best-weights.h"
#include "plan/schedule.h"

G_BEGIN_DECLS

typedef struct _AttunePolicy AttunePolicy;

typedef struct
{
  AttunePlan *plan_object; /* borrowed, as are plan, model and dataset */
  const AttunePlanValues *plan;
  AttuneModel *model;
  AttuneDataset *dataset;
  const char *checkpoint_path;
  gboolean resume;
  gboolean resumed; /* there was something to go on from */
  const AttuneTrainerFuncs *funcs;
  gpointer funcs_data;

  AttuneRanks *ranks; /* borrowed; %NULL where one process does it all */
  int rank, n_ranks;
  float *shared; /* of the ranks; see parallel.c */

  AttuneBackend *be;
  const AttunePlugin *card;   /* (nullable): what it is of, where that rounds as the plan says */
  const AttunePlugin *plugin; /* of several ranks' cards; %NULL: the processor */
  gboolean joined;            /* these reach each other; see cards.c */
  gint64 *cuts;               /* n_ranks + 1: where the slices of values begin */
  GArray *groups;             /* Group: of gradients that are exchanged together, … */
  guint n_begun;              /* … of which that many are on their way */
  AttuneDecoder *decoder;
  AttuneParameters *parameters;
  AttuneTensor optimizer; /* (n) what it remembers; of several ranks in shared memory, or on each
                             card of its slice */
  gint64 remembered_from, remembered_count; /* of which values, where it goes by them */
  gint64 round;         /* of half fine-tuning, whose half has the gradients; -1 at first */
  AttuneTensor average; /* (count) of the weights; data %NULL where none is kept */
  AttuneTensor best; /* (count); data %NULL where the best is in a file of its own, or rank 0's */
  AttuneActivations *activations;
  AttunePack *pack;
  AttuneGenerator *generator; /* %NULL where no samples are wanted */

  AttuneDataFacts facts;
  int max_tokens; /* of a micro-batch */
  gint64 n_steps;
  guint32 *order; /* n_train: the epoch's order */
  gint64 order_epoch;
  guint32 *chosen;       /* batch_size */
  AttuneSample *samples; /* batch_size, of preferences three times: the step's samples */
  double *losses;        /* max_tokens */

  /* of preferences: */
  GArray *pairs[2]; /* guint32: samples of training and validation that are pairs */
  double
      *reference[2]; /* three scores of each: better, worse, another pair's answer; %NULL: none */
  guint32 *numbers;  /* batch_size: the pairs at hand */
  double *scores;    /* 3 · batch_size: log-probabilities of their answers */
  float *weights;    /* 2 · batch_size: of their answers in the gradient */
  float *wanted;     /* 2 · batch_size: of a reward model’s head: AttuneLabelLoss; else %NULL */

  /* of labels: */
  AttuneLabels *labels; /* %NULL: text is learned */
  char *labels_json;
  float *label_weights;     /* of each label */
  GArray *labelled[2];      /* guint32: samples of training and validation that have one … */
  GArray *label_numbers[2]; /* gint32: … and which row of what is wanted */

  /* of earlier material: */
  AttuneEarlier *earlier; /* %NULL: there is none */
  int n_replay;           /* samples of it in a step */
  double replay_weight;   /* of each of their targets in the step's mean loss */
  guint32 *replay_order, *replayed;
  gint64 replay_pass;
  AttuneTensor fisher, anchor; /* (count) how much each value is needed, times the penalty's weight;
                                  where it began; data %NULL: nothing is held */
  AttuneTensor difference;     /* scratch: some of them */
  gboolean stopped;            /* while that was found out: no step may follow */

  /* of terms that are exchanged: */
  AttuneTermPairs *term_pairs; /* %NULL: there are none */
  int *partners;         /* of each sample its counterpart, -1: none; %NULL: they are told alone */
  double *sums;          /* of each sample: log-probability of what is learned */
  float *sample_weights; /* of each sample in the gradient; %NULL: all are 1 */

  /* of answers that the model writes itself: */
  AttunePolicy *policy; /* %NULL: it does not */
  int inner;            /* the update of the step */

  /* of a step: */
  double new_loss; /* mean of new samples alone: what validation is compared with */
  int n_new;       /* samples of the data set, … */
  int n_read;      /* … and those of earlier material; then counterparts */

  AttuneCheckpoint state; /* numbers, and the vectors above */
  gint64 saved_best_step; /* what the checkpoint on the disk names */
  char *key;              /* hash of plan, model and data */
} AttuneTrainer;

/* Opens all that the run needs, and takes its memory. */
gboolean attune_trainer_set_up (AttuneTrainer *self, GError **error);
void attune_trainer_clear (AttuneTrainer *self);
/* All that the bits of a run depend on. A checkpoint with another key is not this run's.
 * @earlier, @terms: (nullable); @labels: (nullable): what the data's hash does not say of them.
 * Returns: (transfer full). */
char *attune_run_key (AttunePlan *plan, AttuneModel *model, AttuneDataset *dataset,
                      const AttuneEarlier *earlier, const AttuneTermPairs *terms,
                      const char *labels, GError **error);

/* --- what computes */

/* Collective. Opens what the plan asks for, or the processor, and says so. */
gboolean attune_trainer_open_device (AttuneTrainer *self, GError **error);
/* Rank 0 says @what and @more (nullable), one behind the other, to who follows the run. */
void attune_trainer_tell (AttuneTrainer *self, const char *what, const char *more);
/* Collective. A card for each rank, or none for any: then self->be stays %NULL. @said: (out)
 * (nullable): as of attune_device_open() */
gboolean attune_trainer_open_cards (AttuneTrainer *self, const AttuneDeviceWish *wish, char **said,
                                    GError **error);
/* Begins or ends what a step rounds: on a card products to the plan's precision, and those with
 * frozen weights to 8 bits if the plan says so. All else is exact. */
void attune_trainer_round (AttuneTrainer *self, gboolean round);
/* Where its memory is not the host's, the state's vectors are copies: taken, filled before they are
 * written, put in their places when they have been read. */
void attune_trainer_mirror_state (AttuneTrainer *self);
void attune_trainer_fetch_state (AttuneTrainer *self);
void attune_trainer_put_state (AttuneTrainer *self);
void attune_trainer_free_mirrors (AttuneTrainer *self);

/* Values that the optimizer remembers. */
gint64 attune_trainer_count_optimizer (const AttuneTrainer *self);
/* Takes room for @count of them in a file beside the checkpoint, which is gone when this process
 * is. */
gboolean attune_trainer_page_optimizer (AttuneTrainer *self, gint64 count, GError **error);
void attune_trainer_release_pages (AttuneTrainer *self);
/* What a step adds up. */
typedef struct
{
  double loss; /* nats of all targets, or of all pairs */
  double tokens, target_tokens;
  double new_loss, new_weight; /* of new samples alone, where there are others, too */
} AttuneStepSums;

/* The gradients of all, and their norm; of several ranks, this one's slice of them. */
gboolean attune_trainer_add_up_gradients (AttuneTrainer *self, AttuneStepSums *sums, double *norm,
                                          GError **error);
/* Sets @error, which names the samples of the step. Returns: FALSE. */
gboolean attune_trainer_diverged (AttuneTrainer *self, const char *what, int begin, int end,
                                  GError **error);

/* Micro-batches of a step get different dropout masks; no step has more of them than this. */
#define ATTUNE_MAX_MICRO_BATCHES 4096

/* Finds the pairs; scores them with the model as it was before tuning, where the objective compares
 * with that, or reads the scores of an earlier part of the run. */
gboolean attune_trainer_set_up_pairs (AttuneTrainer *self, GError **error);
void attune_trainer_clear_pairs (AttuneTrainer *self);
/* Adds up the gradients of the @n pairs chosen; one rank alone. */
gboolean attune_trainer_accumulate_pairs (AttuneTrainer *self, int n, AttuneStepSums *sums,
                                          GError **error);
/* @loss: (out): mean of the first @n validation pairs; @accuracy: (out): in which share of them the
 * better answer is preferred */
gboolean attune_trainer_validate_pairs (AttuneTrainer *self, guint64 n, double *loss,
                                        double *accuracy, GError **error);

/* Tells the rewards of some pairs for validation. */
gboolean attune_trainer_show_rewards (AttuneTrainer *self, guint64 n, GError **error);

/* Finds the labels and who has them; before the head for them is made. */
gboolean attune_trainer_set_up_labels (AttuneTrainer *self, GError **error);
/* Tells the head what is asked of it. */
void attune_trainer_set_up_head (AttuneTrainer *self);
/* What a run depends on beside the data's texts: (nullable), borrowed. */
const char *attune_trainer_get_label_key (const AttuneTrainer *self);
void attune_trainer_clear_labels (AttuneTrainer *self);
/* Reads the @n samples chosen, each asking for its label. @weight: (out): of all of them */
gboolean attune_trainer_read_labelled (AttuneTrainer *self, int n, double *weight, GError **error);
/* What the sample with that label counts. */
double attune_trainer_weigh_label (const AttuneTrainer *self, gint32 label);
/* @loss: (out): mean of the first @n labelled samples for validation, by their weights; @told:
 * (out): how many are right, in words */
gboolean attune_trainer_validate_labels (AttuneTrainer *self, guint64 n, double *loss, char **told,
                                         GError **error);
/* Tells what the head says to some samples for validation. */
gboolean attune_trainer_show_labels (AttuneTrainer *self, guint64 n, GError **error);

/* Opens the earlier material, where the plan names some. */
gboolean attune_trainer_open_earlier (AttuneTrainer *self, GError **error);
/* Once what learns is where it begins: finds out which of its values the earlier material needs. */
gboolean attune_trainer_set_up_earlier (AttuneTrainer *self, GError **error);
void attune_trainer_clear_earlier (AttuneTrainer *self);
/* Weighs them so that they have the plan's share of the loss, however long they are.
 * @target_tokens: (inout): all that are learned; then what the weighted sum of their losses is
 * divided by */
void attune_trainer_weigh_replay (AttuneTrainer *self, double *target_tokens);
/* Reads the step's earlier samples behind its @n others. @target_tokens: ADDED */
gboolean attune_trainer_read_replay (AttuneTrainer *self, int n, double *target_tokens,
                                     GError **error);
/* Collective. Tells the loss on held-out earlier material, and what it was before. */
gboolean attune_trainer_probe (AttuneTrainer *self, GError **error);
gboolean attune_trainer_set_up_consolidation (AttuneTrainer *self, GError **error);
/* What an earlier part of the run has found; FALSE where there is nothing of it that can be read.
 */
gboolean attune_trainer_load_needed (AttuneTrainer *self);
gboolean attune_trainer_save_needed (AttuneTrainer *self, GError **error);
/* The penalty's gradient is ADDED. */
void attune_trainer_consolidate (AttuneTrainer *self);

gboolean attune_trainer_open_counterparts (AttuneTrainer *self, GError **error);
void attune_trainer_clear_counterparts (AttuneTrainer *self);
/* Tells how many records for training have one. Errors: %ATTUNE_TUNE_ERROR_DATA where none has. */
gboolean attune_trainer_count_counterparts (AttuneTrainer *self, GError **error);
/* Puts those of the step's new samples behind its @n. @target_tokens: ADDED where they are learned.
 * Returns: how many samples there are then. */
int attune_trainer_read_counterparts (AttuneTrainer *self, int n, double *target_tokens);
/* From sums of all the step's @all samples: what each weighs in the gradient of its mean loss and
 * the penalty. */
void attune_trainer_weigh_samples (AttuneTrainer *self, int all, double target_tokens);
/* What exchanging the terms changes in the first @n samples for validation. */
gboolean attune_trainer_tell_gap (AttuneTrainer *self, guint64 n, GError **error);

/* Before the gradients of the step after state.step are added up: with half fine-tuning they are
 * given to those that learn in its round. Begins every round with nothing remembered. */
void attune_trainer_enter_round (AttuneTrainer *self);
/* Changes all that has gradients. @rate: the step's learning rate; @norm: of the gradient */
void attune_trainer_update (AttuneTrainer *self, double rate, double norm);

/* After a step: what learns is taken into its average. */
void attune_trainer_average (AttuneTrainer *self);
/* Puts the average in the place of what learns, and what learns in its; nothing where no average is
 * kept. To be done again. */
void attune_trainer_swap_average (AttuneTrainer *self);

/* Where samples @begin … @end - 1 of the step come from: "raw.csv, line 17; raw.csv, line 40".
 * Returns: (transfer full). */
char *attune_trainer_describe_samples (AttuneTrainer *self, int begin, int end);
/* One optimizer step: state.step + 1. A non-finite loss or gradient is %ATTUNE_TUNE_ERROR_DIVERGED.
 */
gboolean attune_trainer_step (AttuneTrainer *self, AttuneStepEvent *event, GError **error);

/* --- what several ranks do together; with one they are all of it */

/* This rank's share of the plan's threads; 0: one per core. */
int attune_trainer_count_threads (const AttuneTrainer *self);
/* Collective. Maps the shared memory, in which the moments then lie. */
gboolean attune_trainer_share_memory (AttuneTrainer *self, GError **error);
/* This rank's of the step's @n samples, so that all read about as many tokens. */
void attune_trainer_choose_part (const AttuneTrainer *self, int n, int *begin, int *end);
/* Which of all values @rank updates. */
void attune_trainer_cut (const AttuneTrainer *self, int rank, gint64 *from, gint64 *to);
/* Of a vector of all values, those that this rank updates. */
AttuneTensor attune_trainer_slice (const AttuneTrainer *self, const AttuneTensor *vector);
/* Collective. Sums over the ranks; rank 0's answer. */
gboolean attune_trainer_add (AttuneTrainer *self, double *numbers, int n, GError **error);
gboolean attune_trainer_agree (AttuneTrainer *self, gboolean *answer, GError **error);
/* Shows this rank's gradients to the others; makes the slice's the sum of all that were shown. All
 * must have come in between. */
void attune_trainer_give_gradients (AttuneTrainer *self);
gboolean attune_trainer_take_gradients (AttuneTrainer *self, GError **error);
/* Collective. After each has updated its slice. */
gboolean attune_trainer_exchange_values (AttuneTrainer *self, GError **error);
/* What the optimizer remembers of all values, in the host's memory where there are ranks: current
 * after attune_trainer_gather(), which is collective. */
AttuneTensor attune_trainer_all_moments (const AttuneTrainer *self);
gboolean attune_trainer_gather (AttuneTrainer *self, GError **error);
/* Collective, with ranks only. All begin with the values and the state of rank 0. @resumed: which
 * come from a checkpoint */
gboolean attune_trainer_follow (AttuneTrainer *self, gboolean resumed, GError **error);

/* --- several cards */

/* After a failure, before anything is given back: this rank waits for no other any more. */
void attune_trainer_leave_cards (AttuneTrainer *self);

/* Once it is known what learns. */
gboolean attune_trainer_set_up_cards (AttuneTrainer *self, GError **error);
void attune_trainer_clear_cards (AttuneTrainer *self);
/* The gradients of @layer and of what comes after it stand; -1: all do. Cards that have joined
 * begin to add them up. */
void attune_trainer_begin_exchange (gpointer trainer, int layer);
/* Waits for that: the slice has the sums. */
gboolean attune_trainer_end_exchange (AttuneTrainer *self, GError **error);
/* Collective. Every card gets the values of the others' slices. */
gboolean attune_trainer_share_slices (AttuneTrainer *self, GError **error);
/* The card's slice of moments, from and to what holds all of them. */
void attune_trainer_show_moments (AttuneTrainer *self, const AttuneTensor *all);
void attune_trainer_take_moments (AttuneTrainer *self, const AttuneTensor *all);

/* With products in 8 bits: says what they change in the loss before any step, or that this
 * processor has none. */
gboolean attune_trainer_compare_int8 (AttuneTrainer *self, GError **error);
/* Loss over the validation samples; keeps the adapter where it is the best so far. */
gboolean attune_trainer_validate (AttuneTrainer *self, GError **error);
/* Writes some answers to validation questions. */
gboolean attune_trainer_show_samples (AttuneTrainer *self, GError **error);

G_END_DECLS
