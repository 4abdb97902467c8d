/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What preparing has made of the data, in sentences.
 */
#pragma once
#include "data/report-view.h"

G_BEGIN_DECLS

/* @max_tokens: longest sample that the data was prepared with. Returns: (transfer full): one a
 * line.
 */
char *attune_data_result_say (const AttuneReportView *report, guint64 max_tokens);

G_END_DECLS
