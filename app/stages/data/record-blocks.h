/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks of records behind a record list: those that are wanted are read in a thread, one at a
 * time, the latest wish first; those that nobody has looked at for longest are let go.
 */
#pragma once
#include "stages/data/record-item.h"

G_BEGIN_DECLS

typedef struct _AttuneRecordBlocks AttuneRecordBlocks;
typedef void (*AttuneBlocksFailed) (gpointer data, const char *text);

AttuneRecordBlocks *attune_record_blocks_new (AttuneRecords *records, AttuneBlocksFailed on_failed,
                                              gpointer data);
/* What is being read is dropped when it comes. */
void attune_record_blocks_close (AttuneRecordBlocks *self);
/* Returns: (transfer full): the item of a record, the same as long as somebody holds it. */
AttuneRecordItem *attune_record_blocks_get_item (AttuneRecordBlocks *self, guint record);
/* The item of a record where somebody holds one, or %NULL. Borrowed. */
AttuneRecordItem *attune_record_blocks_find_item (AttuneRecordBlocks *self, guint record);
guint attune_record_blocks_get_n_reads (const AttuneRecordBlocks *self);

G_END_DECLS
