/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What lies where in dataset.h5. Names ending in / are text columns (bytes and offsets).
 *
 *   raw/question/ … raw/rejected/       as imported
 *   raw/line, raw/source                where each row stood
 *   bad/reason/, bad/text/              rows kept aside: why, and how they begin
 *   bad/line, bad/source
 *   records/question/ … …/rejected/     cleaned, one per raw row
 *   records/split                       AttuneSplit
 *   records/reason/                     why it is left out
 *   records/by-hand                     AttuneByHand: what of it a person has changed; data sets of
 *                                       before that have none
 *   records/found                       bits, 1 << AttuneFinding: what was found in it; likewise
 *   records/times                       how often it is learned from; none: once each
 *   records/families                    of those in a split, in their order: the first similar one
 *   tokens/ids, tokens/learn            all samples one after another
 *   tokens/offsets                      records + 1; empty where left out
 *   tokens/rejected-ids, -learn, -offsets
 *                                       likewise of the worse answers; data sets of before that
 *                                       have none
 *   variants/text/, variants/record     made of records that are learned from: what stands in the
 *                                       place of the question, or of a text; of which record
 *   variants/origin/                    what made each; data sets of before that have none
 *   variants/use                        1: learned from, as often as that record
 *   tokens/variant-ids, -learn, -offsets
 *                                       their samples; none of these where no variants were made
 *   mixes/text/, mixes/record, mixes/other
 *                                       made of two records that are learned from and have one
 *                                       label: what stands in the place of the first's question,
 *                                       or of its text
 *   tokens/mix-ids, -learn, -offsets    their samples; none of these where none were made
 *   text/sources                        JSON: the files
 *   text/engine                         version of Attune
 *   text/settings, text/report, text/hash
 *   text/reader                         which way of reading the tokens are of
 *   text/changes                        JSON: the changes by hand that it was prepared with
 */
#pragma once
#include "data/dataset.h"
#include "data/records.h"
#include "store/store.h"

G_BEGIN_DECLS

#define ATTUNE_DATASET_KIND "dataset"
#define ATTUNE_DATASET_VERSION 1
/* Rows that are in memory at a time, at most, and bytes, where one row has not more. */
#define ATTUNE_DATASET_BLOCK 4096
#define ATTUNE_DATASET_BLOCK_BYTES (8 << 20)

/* "raw/question": @group is "raw" or "records". Borrowed. */
const char *attune_dataset_column (const char *group, AttuneField field);

/* attune_dataset_import() and attune_dataset_prepare_to() with these threads; the file is the same.
 */
gboolean attune_dataset_import_with (AttunePool *pool, const char *path, const AttuneSource *source,
                                     AttuneProgressFunc progress, gpointer data,
                                     GCancellable *cancellable, JsonNode **report, GError **error);
gboolean attune_dataset_prepare_with (AttunePool *pool, const char *path, const char *to,
                                      AttuneDataSettings *settings,
                                      const AttuneTokenizer *tokenizer,
                                      const AttuneChatTemplate *chat_template,
                                      AttuneProgressFunc progress, gpointer data,
                                      GCancellable *cancellable, JsonNode **report, GError **error);

/* The texts of @field of each sample of a split. Returns: (transfer full): as many as there are. */
char **attune_dataset_get_texts (AttuneDataset *self, AttuneSplit split, AttuneField field,
                                 GError **error);
/* Of each record of the file the first that it is similar to, or itself. @families: (out) (transfer
 * full) (nullable): %NULL where no two are; @n: (out): records. */
gboolean attune_dataset_read_families (AttuneDataset *self, guint32 **families, guint32 *n,
                                       GError **error);
/* After members have gone from what is learned from to what validates: what was mixed of these
 * goes, too. */
void attune_dataset_drop_mixes (AttuneDataset *self);
/* The records of a split, guint32s, ascending; one that is learned from several times is there as
 * often. Borrowed. */
GArray *attune_dataset_get_members (AttuneDataset *self, AttuneSplit split);

/* The texts of @field from @first on; empty ones where the file is of before there was such a
 * field. Returns: (transfer full). */
char **attune_dataset_read_texts (AttuneStore *store, const char *group, AttuneField field,
                                  gint64 first, gint64 n, GError **error);

/* A block of raw rows. */
typedef struct
{
  gint64 n;
  gint64 *sizes;                  /* bytes of each; of a block that was read */
  char **fields[ATTUNE_N_FIELDS]; /* n strings each; "" where there was nothing */
  gint64 *lines;
  gint32 *sources;
} AttuneRawBlock;
void attune_raw_block_clear (AttuneRawBlock *block);
/* @n: of rows, at most: as many as ATTUNE_DATASET_BLOCK and _BLOCK_BYTES allow, and one at least.
 */
gboolean attune_raw_block_read (AttuneStore *store, gint64 first, gint64 n, AttuneRawBlock *block,
                                GError **error);
/* Moves the fields of row @i into @record; they are no longer in the block. */
void attune_raw_block_take (AttuneRawBlock *block, gint64 i, AttuneRecord *record);
gboolean attune_raw_block_append (AttuneStore *store, const AttuneRawBlock *block, GError **error);
/* @n bad rows: why, how they begin, and where they stood. */
gboolean attune_bad_rows_append (AttuneStore *store, gint64 n, const char *const *reasons,
                                 const char *const *texts, const gint64 *lines,
                                 const gint32 *sources, GError **error);
/* Copies all that was imported, as it lies there. */
gboolean attune_raw_copy (AttuneStore *to, AttuneStore *from, GError **error);
/* Copies the bad rows of @from, so that more can be appended. */
gboolean attune_bad_rows_copy (AttuneStore *to, AttuneStore *from, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneRawBlock, attune_raw_block_clear)

/* Whether what came from the source with that number are texts that are learned whole. @sources:
 * (nullable): the list of them */
gboolean attune_sources_are_whole (JsonNode *sources, gint64 source);

AttuneStore *attune_records_get_store (AttuneRecords *self); /* borrowed */
/* @found: (out) (array length=n): bits, 1 << AttuneFinding; zeros where that is not known */
gboolean attune_records_read_found (AttuneRecords *self, guint first, guint n, guint8 *found,
                                    GError **error);
const char *attune_records_get_path (const AttuneRecords *self); /* borrowed */

G_END_DECLS
