/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of the detail share.
 */
#pragma once
#include "stages/data/record-detail.h"
#include "stages/data/record-reading.h"

G_BEGIN_DECLS

struct _AttuneRecordDetail
{
  AdwBin parent_instance;

  AttuneSession *session;
  AttuneRecords *records;
  AttuneRecordItem *item; /* (nullable) */
  GCancellable *awaited;  /* (nullable): the record as imported that is being read */
  AttuneRecord imported;  /* once it has been read: */
  char *key;              /* (nullable): what its change goes by */
  guint serial;           /* of the changes that are shown */
  gboolean changing;      /* a change is being written */

  GtkStack *stack;
  GtkButton *exclude_button;
  AdwActionRow *rows[ATTUNE_N_FIELDS];
  AdwActionRow *source_row, *split_row, *found_row, *hand_row;
  GtkToggleButton *original_button;
  AttuneRecordReading *reading;
};

/* The change of now, or %NULL. Borrowed. */
const AttuneChange *attune_record_detail_get_change (AttuneRecordDetail *self);
/* Shows the record anew. */
void attune_record_detail_refresh (AttuneRecordDetail *self);
/* Enables what can be done. */
void attune_record_detail_update_actions (AttuneRecordDetail *self);
void attune_record_detail_install_actions (AttuneRecordDetailClass *klass);

G_END_DECLS
