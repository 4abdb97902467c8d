/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What preparing has made of the data: in sentences, and in charts of the splits, the lengths and
 * the labels.
 */
#pragma once
#include "data/report-view.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_DATA_RESULT (attune_data_result_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDataResult, attune_data_result, ATTUNE, DATA_RESULT, GtkBox)

/* @max_tokens: longest sample that the data was prepared with */
void attune_data_result_show (AttuneDataResult *self, const AttuneReportView *report,
                              guint64 max_tokens);
/* The sentences, one a line. */
const char *attune_data_result_get_text (AttuneDataResult *self);

G_END_DECLS
