/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The records of a data set as a list model that never holds the data set: blocks are read in a
 * thread when somebody looks at them, and only the latest ones are kept. Until its block is there
 * an item has no view.
 */
#pragma once
#include "stages/data/record-item.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Records that are read at once, and blocks that are kept. */
#define ATTUNE_RECORD_LIST_BLOCK 128
#define ATTUNE_RECORD_LIST_KEPT 16

#define ATTUNE_TYPE_RECORD_LIST (attune_record_list_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRecordList, attune_record_list, ATTUNE, RECORD_LIST, GObject)

/* Signals: #AttuneRecordList::failed (text): a block could not be read. */
AttuneRecordList *attune_record_list_new (AttuneRecords *records);

/**
 * attune_record_list_show:
 * @splits: bits of those that are listed: 1 << ATTUNE_SPLIT_TRAIN and so on; with
 *   %ATTUNE_RECORDS_BY_HAND only those that are changed by hand, with ATTUNE_RECORDS_FOUND() only
 *   those that hold such
 * @text: (nullable): what question or answer must hold; it is looked for in a thread, and what is
 *   found comes as it is found
 */
void attune_record_list_show (AttuneRecordList *self, guint splits, const char *text);
/* The item of a record that somebody looks at, or %NULL. Borrowed. */
AttuneRecordItem *attune_record_list_find_item (AttuneRecordList *self, guint record);
/* 0 … 1 while it searches, else -1. Property “searching” tells when that changes. */
double attune_record_list_get_progress (AttuneRecordList *self);
/* Blocks that were read so far. */
guint attune_record_list_get_n_reads (AttuneRecordList *self);

G_END_DECLS
