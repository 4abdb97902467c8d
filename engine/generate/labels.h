/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Labels that a model learns to give: which there are, how much each counts, and what a model says
 * to a text in place of an answer. A text is read up to where its answer would begin, one that is
 * learned whole to its end.
 */
#pragma once
#include "data/label-format.h"
#include "generate/pack.h"
#include "plan/plan.h"

G_BEGIN_DECLS

/* Letters: L labels, or 1 where numbers are told. */
typedef struct
{
  AttuneLabelFormat format;
  GPtrArray *names;    /* char*: L, in the order of their bytes; of numbers none */
  GArray *counts;      /* guint64: samples for training that have each */
  guint64 n_samples;   /* for training that have any */
  gboolean whole;      /* most of these are texts that are learned whole */
  GArray *wanted;      /* float: rows of L that a head for them is asked for: AttuneLabelLoss */
  GHashTable *rows;    /* of several labels or of numbers: text -> row of wanted + 1 */
  double mean, spread; /* of numbers, which a head tells as (number - mean) / spread */
  float *costs;        /* (nullable) L x L: what is wanted, what is said */
} AttuneLabels;

/* The labels of what there is to learn from; they may be too few or too many: see
 * attune_labels_check_number(). Returns: (transfer full). */
AttuneLabels *attune_labels_find (AttuneDataset *dataset, GError **error);
AttuneLabels *attune_labels_of_json (const char *json, GError **error);
char *attune_labels_to_json (const AttuneLabels *self);
void attune_labels_free (AttuneLabels *self);

/* Outputs of a head for them. */
guint attune_labels_count (const AttuneLabels *self);
/* Whether a model of @n_vocab tokens can learn them. Errors: %ATTUNE_PLAN_ERROR_VALUE. */
gboolean attune_labels_check (const AttuneLabels *self, gint64 n_vocab, GError **error);
/* Tells @loss what is asked of the head; what it points to is borrowed until labels are read again.
 */
void attune_labels_fill_loss (const AttuneLabels *self, AttuneLabelLoss *loss);
/* The number of the label @name; -1: it is none of them. */
int attune_labels_get_number (const AttuneLabels *self, const char *name);
/* The row of wanted that stands for @text, which is made where there is none yet; -1: it has no
 * label that is known. */
gint32 attune_labels_find_row (AttuneLabels *self, const char *text);
/* The rows of the samples of the split, or -1. Returns: (transfer full). */
gint32 *attune_labels_read (AttuneLabels *self, AttuneDataset *dataset, AttuneSplit split,
                            guint64 *n, GError **error);
/* The one that is most frequent in what is learned from. */
int attune_labels_get_most_frequent (const AttuneLabels *self);
/* What each counts: @weights (array length=labels). Of several labels it is how much each counts
 * where it applies. Pure. */
void attune_labels_weigh (const AttuneLabels *self, AttuneLabelWeights how, double beta,
                          float *weights);

/* Cuts the sample to what is read, behind which it asks for the label @target. @eos: what may end a
 * text that is learned whole, and is not read; -1: nothing. */
void attune_sample_ask_label (AttuneSample *sample, gint32 target, gint32 eos);
/* The same of all that it has up to the last learned token, for a head that scores answers. */
void attune_sample_ask_score (AttuneSample *sample, gint32 target);
/* The tokens of a text that is asked about, as those of the training were. Returns: (transfer
 * full): gint32s. */
GArray *attune_labels_encode (const AttuneLabels *self, const AttuneTokenizer *tokenizer,
                              const AttuneChatTemplate *chat_template, const char *system,
                              const char *text, GError **error);

/* Of @n labels. */
int attune_labels_get_likeliest (const float *shares, guint n);
/* The label that a head's @shares say: where there are costs the one that is expected to cost
 * least, else the likeliest. */
int attune_labels_choose (const AttuneLabels *self, const float *shares);
/* What the shares say in words, as in the column of labels: a label, those that apply with their
 * mark between, or a number. Returns: (transfer full). */
char *attune_labels_say (const AttuneLabels *self, const float *shares);
/* The number that a head's output stands for. */
double attune_labels_get_number_of (const AttuneLabels *self, float output);
/* A label applies from this share on. */
#define ATTUNE_LABELS_APPLY 0.5f

/* Reads what it costs to say one label for another: a CSV file, whose first line names what is said
 * and whose first column what is wanted. Every label has to be there; of @others, which are in the
 * data, but nothing is learned from, columns and lines are passed over. Blocks. Errors:
 * %ATTUNE_PLAN_ERROR_VALUE. */
gboolean attune_labels_read_costs (AttuneLabels *self, const char *path,
                                   GHashTable *others /* (nullable): a set of names */,
                                   GError **error);

/* --- what the head of @decoder says to texts */

typedef struct
{
  AttuneDecoder *decoder;
  AttuneActivations *activations;
  AttunePack *pack;           /* of at most as many tokens */
  const AttuneLabels *labels; /* (nullable): of a head that scores answers */
  gint32 eos;                 /* of the data's tokens; -1: none */
  GCancellable *cancellable;
} AttuneLabelReader;

/* Takes memory for texts of so many tokens; longer ones are read from their end. */
gboolean attune_label_reader_open (AttuneLabelReader *self, AttuneDecoder *decoder,
                                   const AttuneLabels *labels, int max_tokens, GError **error);
/* Of one that was opened. */
void attune_label_reader_clear (AttuneLabelReader *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneLabelReader, attune_label_reader_clear)

/**
 * attune_labels_ask:
 * @numbers, @targets: (array length=n): samples of @split, and the row of wanted of each
 * @losses: (array length=n), @shares: n · labels, probabilities
 *
 * Blocks.
 */
gboolean attune_labels_ask (const AttuneLabelReader *reader, AttuneDataset *dataset,
                            AttuneSplit split, const guint32 *numbers, const gint32 *targets,
                            guint64 n, double *losses, float *shares, GError **error);
/* The same of one text. Blocks. */
gboolean attune_labels_ask_tokens (const AttuneLabelReader *reader, const GArray *ids,
                                   float *shares, GError **error);

/**
 * attune_scores_ask:
 * @reader: of a decoder with a head of one row
 * @samples: (array length=n) (inout): questions with answers, which are cut for it
 * @scores: (out) (array length=n): what it gives each
 *
 * Blocks.
 */
gboolean attune_scores_ask (const AttuneLabelReader *reader, AttuneSample *samples, guint n,
                            float *scores, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneLabels, attune_labels_free)

G_END_DECLS
