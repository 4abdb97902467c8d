/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dataset.h5: what people gave, what was done to it, and what the model will read: records, splits,
 * tokens with the mask of what is learned, provenance. Made in two steps: import (raw records,
 * appended source by source) and prepare (cleaned, split, tokenised), each of which replaces the
 * file whole.
 */
#pragma once
#include "data/data-settings.h"
#include "data/import.h"
#include "text/chat-template.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_SPLIT_TRAIN,
  ATTUNE_SPLIT_VALIDATION,
  ATTUNE_SPLIT_TEST,
  ATTUNE_SPLIT_EXCLUDED, /* cleaned away; kept with the reason */
  ATTUNE_N_SPLITS,
} AttuneSplit;

typedef void (*AttuneProgressFunc) (gpointer data, double fraction, const char *what);

/**
 * attune_dataset_import:
 * @path: dataset.h5; made, or extended by the rows of @source
 * @report: (out) (transfer full) (nullable): rows read, bad rows with line and reason, columns and
 * roles
 *
 * On failure the earlier file stands as it was.
 */
gboolean attune_dataset_import (const char *path, const AttuneSource *source,
                                AttuneProgressFunc progress, gpointer data,
                                GCancellable *cancellable, JsonNode **report, GError **error);

/**
 * attune_dataset_remove_source:
 * @path: a dataset.h5 with more than one source; it is left as it is
 * @to: what is left is written here, as imported: it has to be prepared again
 * @source: its number in the list of sources
 */
gboolean attune_dataset_remove_source (const char *path, const char *to, guint source,
                                       AttuneProgressFunc progress, gpointer data,
                                       GCancellable *cancellable, GError **error);

/**
 * attune_dataset_prepare:
 * @path: a dataset.h5 with imported records
 * @report: (out) (transfer full) (nullable): every cleaning step with its count and up to three
 * examples (before, after), records per split, token lengths (min, median, 95 %, max, cut,
 * with no end to learn, beginning twice, a histogram), duplicates, leaks between splits, class
 * counts
 *
 * Applies what was changed by hand (data/changes.h), cleans, splits and tokenises. Nothing is
 * deleted: what is cleaned away is excluded with its reason, and raw text stays. A record's split
 * depends on the seed, on its group or question, and on the records before it that it is similar
 * to, so that adding rows at the end does not move old ones.
 */
gboolean attune_dataset_prepare (const char *path, AttuneDataSettings *settings,
                                 const AttuneTokenizer *tokenizer,
                                 const AttuneChatTemplate *chat_template,
                                 AttuneProgressFunc progress, gpointer data,
                                 GCancellable *cancellable, JsonNode **report, GError **error);

/**
 * attune_dataset_prepare_to:
 * @to: what is prepared is written here, and @path stays as it is: for when more is to be done
 * before it may replace that
 */
gboolean attune_dataset_prepare_to (const char *path, const char *to, AttuneDataSettings *settings,
                                    const AttuneTokenizer *tokenizer,
                                    const AttuneChatTemplate *chat_template,
                                    AttuneProgressFunc progress, gpointer data,
                                    GCancellable *cancellable, JsonNode **report, GError **error);

typedef struct _AttuneDataset AttuneDataset;

/* Opens a prepared data set for reading. Returns: (transfer full). */
AttuneDataset *attune_dataset_open (const char *path, GError **error);
void attune_dataset_close (AttuneDataset *self);
/* Whether it was prepared for a model that reads text in this way; %ATTUNE_DATA_ERROR_READER where
 * it was not. To be asked before samples go to a model: only then is it known that the model has
 * every token of them. Blocks. */
gboolean attune_dataset_check_reader (AttuneDataset *self, const AttuneTokenizer *tokenizer,
                                      const AttuneChatTemplate *chat_template, GError **error);
/**
 * attune_dataset_fold:
 * @folds: into how many parts the records for training and validation are cut together; 1: nothing
 * is done
 * @fold: 1 … @folds: the part that validates from here on; the others are learned from
 *
 * The parts hold as many questions each, but for one; records of one group, or with one question,
 * stay together and count as one, and so do similar ones where the splits kept them together. The
 * test split stays as it is. %ATTUNE_DATA_ERROR_EMPTY where there are fewer questions than parts,
 * %ATTUNE_DATA_ERROR_SETTINGS where the splits are by time: the parts would mix it.
 */
gboolean attune_dataset_fold (AttuneDataset *self, int folds, int fold, GError **error);
/* Samples of a split; those that are learned from may be there several times, or not at all, for
 * the balance of labels. */
guint64 attune_dataset_count (const AttuneDataset *self, AttuneSplit split);
/* What the whole content hashes to (SHA-256, hex): goes into the run's plan. Borrowed. */
const char *attune_dataset_get_hash (const AttuneDataset *self);
/* The report of the preparation, as JSON text. Borrowed. */
const char *attune_dataset_get_report (const AttuneDataset *self);

/* A sample's tokens. learn[i] is 1 where tokens[i] is to be predicted (never at i = 0). */
typedef struct
{
  guint n;
  gint32 *tokens;
  guint8 *learn;
} AttuneSample;
void attune_sample_clear (AttuneSample *sample);

/* @index: within the split, 0 … count - 1. */
gboolean attune_dataset_get_sample (AttuneDataset *self, AttuneSplit split, guint64 index,
                                    AttuneSample *sample, GError **error);
/* Whether the record is a pair: its answer is preferred to another one. */
gboolean attune_dataset_has_rejected (const AttuneDataset *self, AttuneSplit split, guint64 index);
/* The sample of a pair's other answer. */
gboolean attune_dataset_get_rejected (AttuneDataset *self, AttuneSplit split, guint64 index,
                                      AttuneSample *sample, GError **error);
/* The label of each sample of a split, "" where there is none. Returns: (transfer full): as many as
 * there are samples. */
char **attune_dataset_get_labels (AttuneDataset *self, AttuneSplit split, GError **error);
/* Number of tokens of each sample of a split. Returns: (transfer full): guint32s. */
GArray *attune_dataset_get_lengths (AttuneDataset *self, AttuneSplit split, GError **error);
/* The cleaned record. Returns FALSE with @error set, or fills @record (transfer full). */
gboolean attune_dataset_get_record (AttuneDataset *self, AttuneSplit split, guint64 index,
                                    AttuneRecord *record, GError **error);
/* "raw.csv, line 17": where the sample came from, for messages. Returns: (transfer full). */
char *attune_dataset_describe (AttuneDataset *self, AttuneSplit split, guint64 index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneDataset, attune_dataset_close)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneSample, attune_sample_clear)

G_END_DECLS
