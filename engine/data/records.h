/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The records of a data set for looking through them, prepared or as imported: which split each is
 * in is in memory (a byte for each), everything else is read block by block. Unlike AttuneDataset,
 * which training reads from end to end, it opens a million records in milliseconds.
 */
#pragma once
#include "data/changes.h"
#include "data/dataset.h"

G_BEGIN_DECLS

/* What a record is looked through for. */
typedef enum
{
  ATTUNE_FOUND_PERSONAL,
  ATTUNE_FOUND_SECRET,
  ATTUNE_FOUND_TOXIC,
  ATTUNE_N_FINDINGS,
} AttuneFinding;

/* A record as it is shown. */
typedef struct
{
  AttuneRecord record; /* cleaned, or as imported before it was prepared */
  guint source;        /* its number in the list of sources */
  AttuneSplit split;   /* train before it was prepared */
  char *reason;        /* why it is left out; "" where it is not */
  guint by_hand;       /* AttuneByHand; 0 before it was prepared */
  guint found;         /* bits, 1 << AttuneFinding: what was found in it while it was prepared */
} AttuneRecordView;

typedef struct _AttuneRecords AttuneRecords;

/* Returns: (transfer full). Blocks, as everything below that can fail does; any thread. */
AttuneRecords *attune_records_open (const char *path, GError **error);
AttuneRecords *attune_records_ref (AttuneRecords *self);
void attune_records_unref (AttuneRecords *self);

guint attune_records_count (const AttuneRecords *self);
/* Whether there are splits and samples. */
gboolean attune_records_is_prepared (const AttuneRecords *self);
AttuneSplit attune_records_get_split (const AttuneRecords *self, guint record);
/* Returns: (transfer full): #AttuneRecordView of records @first … @first + @n - 1 */
GPtrArray *attune_records_read (AttuneRecords *self, guint first, guint n, GError **error);
/* The record as it was imported. Returns FALSE with @error set, or fills @record (transfer full).
 */
gboolean attune_records_read_imported (AttuneRecords *self, guint record, AttuneRecord *imported,
                                       GError **error);
/* What the model reads of it: no tokens where it is left out or not prepared. */
gboolean attune_records_read_sample (AttuneRecords *self, guint record, AttuneSample *sample,
                                     GError **error);

/**
 * AttuneHitsFunc:
 * @hits: (array length=n): numbers of records, rising; borrowed
 * @fraction: of the data set that has been looked at
 *
 * In the thread that searches.
 */
typedef void (*AttuneHitsFunc) (gpointer data, const guint32 *hits, guint n, double fraction);

/* Beside the bits of splits: only what is changed by hand, now. */
#define ATTUNE_RECORDS_BY_HAND (1u << ATTUNE_N_SPLITS)
/* Likewise: only what an AttuneFinding was found in; several bits: in which one of them was. */
#define ATTUNE_RECORDS_FOUND(finding) (1u << (ATTUNE_N_SPLITS + 1 + (finding)))
#define ATTUNE_RECORDS_ALL_FOUND (((1u << ATTUNE_N_FINDINGS) - 1) << (ATTUNE_N_SPLITS + 1))

/**
 * attune_records_search:
 * @text: what question or answer must hold, in any case; "": all do
 * @splits: bits: 1 << ATTUNE_SPLIT_TRAIN and so on; others are passed over; with
 *   %ATTUNE_RECORDS_BY_HAND what was not changed by hand is passed over, too, and with
 *   ATTUNE_RECORDS_FOUND() what holds nothing of the kind
 *
 * Tells what it finds as it goes. Returns FALSE with @error set when it fails or is cancelled.
 */
gboolean attune_records_search (AttuneRecords *self, const char *text, guint splits,
                                AttuneHitsFunc on_hits, gpointer data, GCancellable *cancellable,
                                GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRecords, attune_records_unref)

G_END_DECLS
