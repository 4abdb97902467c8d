/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Exactly what the model reads of a record, with what it learns marked.
 */
#pragma once
#include "data/records.h"
#include "model/model.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_RECORD_READING (attune_record_reading_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRecordReading, attune_record_reading, ATTUNE, RECORD_READING, AdwBin)

/* Reads the sample in a thread. */
void attune_record_reading_show (AttuneRecordReading *self, AttuneModel *model,
                                 AttuneRecords *records, guint record);
/* In place of the text: why there is none. */
void attune_record_reading_show_sentence (AttuneRecordReading *self, const char *sentence);
/* What is shown; "…" until it is there. */
const char *attune_record_reading_get_text (AttuneRecordReading *self);

G_END_DECLS
