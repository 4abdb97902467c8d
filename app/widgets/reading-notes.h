/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What makes a model quietly worse: samples of which it cannot learn all.
 */
#pragma once
#include "data/report-view.h"

G_BEGIN_DECLS

/* @max_tokens: of the longest sample. Returns: (transfer full): a sentence a line; "" where all is
 * well. */
char *attune_say_reading_notes (const AttuneReportView *report, guint64 max_tokens);

G_END_DECLS
