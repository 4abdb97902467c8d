/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Labels that a model learns to give: which there are, how much each counts, and what a model says
 * to a text in place of an answer. A text is read up to where its answer would begin, one that is
 * learned whole to its end.
 */
#pragma once
#include "generate/pack.h"
#include "plan/plan.h"

G_BEGIN_DECLS

typedef struct
{
  GPtrArray *names; /* char*: in the order of their bytes */
  GArray *counts;   /* guint64: samples for training that have each */
  gboolean whole;   /* most of these are texts that are learned whole */
  float *wanted;    /* what a head for them wants of each: AttuneLabelLoss */
} AttuneLabels;

/* The labels of what there is to learn from; they may be too few or too many: see
 * attune_labels_check_number(). Returns: (transfer full). */
AttuneLabels *attune_labels_find (AttuneDataset *dataset, GError **error);
AttuneLabels *attune_labels_of_json (const char *json, GError **error);
char *attune_labels_to_json (const AttuneLabels *self);
void attune_labels_free (AttuneLabels *self);

/* The number of the label @name; -1: it is none of them. */
int attune_labels_get_number (const AttuneLabels *self, const char *name);
/* Of each sample of the split, or -1. Returns: (transfer full). */
gint32 *attune_labels_read (const AttuneLabels *self, AttuneDataset *dataset, AttuneSplit split,
                            guint64 *n, GError **error);
/* The one that is most frequent in what is learned from. */
int attune_labels_get_most_frequent (const AttuneLabels *self);
/* What each counts: @weights (array length=labels). Pure. */
void attune_labels_weigh (const AttuneLabels *self, AttuneLabelWeights how, double beta,
                          float *weights);

/* Cuts the sample to what is read, behind which it asks for the label @target. @eos: what may end a
 * text that is learned whole, and is not read; -1: nothing. */
void attune_sample_ask_label (AttuneSample *sample, gint32 target, gint32 eos);
/* The tokens of a text that is asked about, as those of the training were. Returns: (transfer
 * full): gint32s. */
GArray *attune_labels_encode (const AttuneLabels *self, const AttuneTokenizer *tokenizer,
                              const AttuneChatTemplate *chat_template, const char *system,
                              const char *text, GError **error);

/* Of @n labels. */
int attune_labels_get_likeliest (const float *shares, guint n);

/* --- what the head of @decoder says to texts */

typedef struct
{
  AttuneDecoder *decoder;
  AttuneActivations *activations;
  AttunePack *pack; /* of at most as many tokens */
  gint32 eos;       /* of the data's tokens; -1: none */
  GCancellable *cancellable;
} AttuneLabelReader;

/* Takes memory for texts of so many tokens; longer ones are read from their end. */
gboolean attune_label_reader_open (AttuneLabelReader *self, AttuneDecoder *decoder, int max_tokens,
                                   GError **error);
/* Of one that was opened. */
void attune_label_reader_clear (AttuneLabelReader *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneLabelReader, attune_label_reader_clear)

/**
 * attune_labels_ask:
 * @numbers, @targets: (array length=n): samples of @split, and the label of each
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

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneLabels, attune_labels_free)

G_END_DECLS
