/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A record in a list. It may still have to be read: its properties tell when it is there.
 */
#pragma once
#include "data/records.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_RECORD_ITEM (attune_record_item_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRecordItem, attune_record_item, ATTUNE, RECORD_ITEM, GObject)

/* @record: its number in the data set */
AttuneRecordItem *attune_record_item_new (guint record);
guint attune_record_item_get_record (AttuneRecordItem *self);
/**
 * attune_record_item_fill:
 * @block: records read together; a reference is taken
 * @index: of this one among them
 */
void attune_record_item_fill (AttuneRecordItem *self, GPtrArray *block, guint index);
/* What of it is by hand now, where it is known to differ from the data set: AttuneByHand; -1: as
 * its view tells. */
void attune_record_item_set_by_hand (AttuneRecordItem *self, int by_hand);
int attune_record_item_get_by_hand (AttuneRecordItem *self);
/* (nullable): %NULL until it has been read. Borrowed. */
const AttuneRecordView *attune_record_item_get_view (AttuneRecordItem *self);

G_END_DECLS
