/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One record: question, answer, where it comes from, and exactly what the model reads, with what it
 * learns marked.
 */
#pragma once
#include "session.h"
#include "stages/data/record-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signal: #AttuneRecordDetail::by-hand (record, kind): what of that record is by hand now. */

#define ATTUNE_TYPE_RECORD_DETAIL (attune_record_detail_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRecordDetail, attune_record_detail, ATTUNE, RECORD_DETAIL, AdwBin)

/* @item: (nullable): nothing is shown. It may still be without its view. */
void attune_record_detail_show (AttuneRecordDetail *self, AttuneSession *session,
                                AttuneRecords *records, AttuneRecordItem *item);
/* What the model reads, or "" until it is there. */
const char *attune_record_detail_get_reading (AttuneRecordDetail *self);

G_END_DECLS
