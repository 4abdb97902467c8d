/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking through the records: a list that can be searched and narrowed, and one record in full.
 */
#pragma once
#include "session.h"
#include "stages/data/record-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_RECORD_BROWSER (attune_record_browser_get_type ())
G_DECLARE_FINAL_TYPE (AttuneRecordBrowser, attune_record_browser, ATTUNE, RECORD_BROWSER, AdwDialog)

/* Opens the session's data set in a thread. */
AttuneRecordBrowser *attune_record_browser_new (AttuneSession *session);
/* %NULL until it is open. Borrowed. */
AttuneRecordList *attune_record_browser_get_list (AttuneRecordBrowser *self);
void attune_record_browser_search (AttuneRecordBrowser *self, const char *text);
/* What shows one record, with its actions. Borrowed. */
GtkWidget *attune_record_browser_get_detail (AttuneRecordBrowser *self);
/* Shows the record at @position of the list. */
void attune_record_browser_select (AttuneRecordBrowser *self, guint position);

G_END_DECLS
