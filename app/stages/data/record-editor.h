/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Another text for a record: a box for each of its fields.
 */
#pragma once
#include "data/changes.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_RECORD_EDITOR (attune_record_editor_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRecordEditor, attune_record_editor, ATTUNE, RECORD_EDITOR, AdwDialog)

/**
 * attune_record_editor_new:
 * @imported: the record as it was imported; copied
 * @change: (nullable): its change of now
 *
 * Signal: #AttuneRecordEditor::saved (AttuneChange *): the new texts; fields that are as imported
 * are %NULL.
 */
AttuneRecordEditor *attune_record_editor_new (const AttuneRecord *imported,
                                              const AttuneChange *change);
void attune_record_editor_set_text (AttuneRecordEditor *self, AttuneField field, const char *text);
/* Whether what stands there can be saved. */
gboolean attune_record_editor_save (AttuneRecordEditor *self);

G_END_DECLS
