/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A record in the browser's list: question, answer, and what it is for.
 */
#pragma once
#include "stages/data/record-item.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_RECORD_ROW (attune_record_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRecordRow, attune_record_row, ATTUNE, RECORD_ROW, GtkBox)

/* "Learning", "Left Out" …, translated. */
const char *attune_record_row_name_split (AttuneSplit split);

/* As much of @text as can be seen in a line. Returns: (transfer full). */
char *attune_record_row_shorten (const char *text);

GtkWidget *attune_record_row_new (gboolean prepared);
/* @item: (nullable): followed until another is set */
void attune_record_row_set_item (AttuneRecordRow *self, AttuneRecordItem *item);

G_END_DECLS
