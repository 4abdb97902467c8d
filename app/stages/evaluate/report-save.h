/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asks where a report goes and writes it there in the background.
 */
#pragma once
#include "session.h"
#include "stages/evaluate/report.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * attune_report_save:
 * @widget: in the window that asks; the outcome is told through its action win.toast
 * @compared: (nullable): an evaluation to compare with
 *
 * Of the session's evaluation. Until the new file is whole the old one stays.
 */
void attune_report_save (GtkWidget *widget, AttuneSession *session,
                         const AttuneEvaluationSummary *compared, AttuneReportFormat format);

/* The part after the question: for tests. */
void attune_report_save_to (GtkWidget *widget, AttuneSession *session,
                            const AttuneEvaluationSummary *compared, AttuneReportFormat format,
                            GFile *file);

G_END_DECLS
