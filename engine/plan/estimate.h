/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a run will need, said before it starts, from the same function that sizes its memory.
 */
#pragma once
#include "nn/decoder.h"
#include "plan/plan.h"

G_BEGIN_DECLS

#define ATTUNE_PLAN_ERROR (attune_plan_error_quark ())
typedef enum
{
  ATTUNE_PLAN_ERROR_VALUE,  /* settings that contradict each other or the model */
  ATTUNE_PLAN_ERROR_MEMORY, /* does not fit; the message says what would */
} AttunePlanError;
GQuark attune_plan_error_quark (void);

/* What the estimate needs to know of the data. */
typedef struct
{
  guint64 n_train; /* samples */
  guint64 n_validation;
  guint64 train_tokens;                /* in all */
  guint64 target_tokens;               /* of those, learned */
  guint64 text_tokens;                 /* of those, learned where all of the text is */
  guint max_tokens;                    /* longest sample, of any split */
  guint64 n_pairs, n_validation_pairs; /* samples with a worse answer, too */
  guint64 pair_tokens, pair_targets;   /* of both answers of the training's */
  guint longest_pair;                  /* the longer answer of any */
  guint longest_question;              /* before the first answer; 0: not counted */
  guint64 n_unasked;                   /* texts without a question */
  AttuneLabelKind label_kind;          /* one to a sample, several, or a number */
  guint n_labels; /* different ones in training, where a head tells a number 1 */
  guint64 n_labelled, n_validation_labelled; /* samples that have one of them */
  guint64 label_tokens;                      /* of the training's: what is read to tell it */
} AttuneDataFacts;

/* The fewest and the most labels that can be learned. */
#define ATTUNE_LABELS_MIN 2
#define ATTUNE_LABELS_MAX 1000
/* Whether @n labels can be learned by a model of @n_vocab tokens, whose room for logits they take.
 * Errors: %ATTUNE_PLAN_ERROR_VALUE. */
gboolean attune_labels_check_number (guint64 n, gint64 n_vocab, GError **error);

/* The facts of what a plan reads of the data: all samples, or the pairs alone. Pure. */
AttuneDataFacts attune_plan_facts (const AttunePlanValues *plan, const AttuneDataFacts *facts);
/* Whether they hold what the plan learns from: pairs, labels. Errors: %ATTUNE_PLAN_ERROR_VALUE. */
gboolean attune_plan_check_data (const AttunePlanValues *plan, const AttuneDecoderConfig *config,
                                 const AttuneDataFacts *facts, GError **error);

/* Tokens of the longest answer that is written at a validation, to look at. */
#define ATTUNE_SAMPLE_ANSWER_TOKENS 64

/* The adapter that @plan asks for; its method has one. Errors as attune_plan_get_targets(). */
gboolean attune_plan_get_lora (AttunePlan *plan, AttuneLoraConfig *lora, GError **error);

/* Whether the plan goes with a model of that shape: a rank beyond the matrices that it is put on is
 * refused, with the highest that is not. */
gboolean attune_plan_check_model (AttunePlan *plan, const AttuneDecoderConfig *config,
                                  GError **error);

/* The memory that a step of the plan is laid out for. A micro-batch holds at least the longest
 * sample, and no more than a whole step. Pure. */
AttuneStepShape attune_plan_step_shape (const AttunePlanValues *plan, const AttuneDataFacts *facts);
/* The same, and what is not kept of the layers below those that learn. Errors as
 * attune_plan_get_parts(). */
gboolean attune_plan_model_step_shape (AttunePlan *plan, const AttuneDecoderConfig *config,
                                       const AttuneDataFacts *facts, AttuneStepShape *shape,
                                       GError **error);

/* Bytes by part; the sum is the predicted peak of resident memory, of all processes of the run. */
typedef struct
{
  gint64 trainable, total; /* parameters */
  guint64 weights_bytes;   /* base weights as stored: mapped, and all of them read; where all of
                              them learn themselves, their copies in f32 */
  guint64 learning_bytes;  /* of an adapter: values, gradients, two moments, the best so far; of the
                              whole model: gradients and two moments; of parts: values, too */
  guint64 moment_bytes;    /* of these: what the optimizer remembers in memory */
  guint64 activation_bytes;
  guint64 sampling_bytes; /* KV cache for samples at validation */
  guint64 packing_bytes;  /* the backend's own buffers */
  guint64 data_bytes;
  guint64 base_bytes; /* program and libraries */
  guint64 peak_bytes; /* the sum */
  guint64 card_bytes; /* of a graphics card's memory, where one does the work, or each of several */
  guint64 disk_bytes; /* checkpoints of the run */
  guint64 steps;
  double flops; /* of the whole run's steps, for the time once a rate is known */
} AttuneEstimate;

/* Pure, but that it looks for the file of earlier material. @weights_bytes:
 * attune_model_get_bytes(); @total: parameters of the base. */
gboolean attune_estimate (AttunePlan *plan, const AttuneDecoderConfig *config,
                          guint64 weights_bytes, gint64 total, const AttuneDataFacts *data,
                          AttuneEstimate *estimate, GError **error);

/* Bytes this process may still take: of the machine and of its control group, whichever is less. */
guint64 attune_memory_available (void);

/**
 * attune_estimate_check:
 * @available: in bytes
 *
 * Returns: TRUE when it fits. Otherwise %ATTUNE_PLAN_ERROR_MEMORY; the message names the change
 * that makes it fit (fewer tokens in a micro-batch, activation checkpointing, a lower rank), or
 * says that none does.
 */
gboolean attune_estimate_check (AttunePlan *plan, const AttuneDecoderConfig *config,
                                guint64 weights_bytes, gint64 total, const AttuneDataFacts *data,
                                guint64 available, GError **error);

G_END_DECLS
