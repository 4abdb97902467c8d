/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tells a run's events to a person as they come, or hands them on as JSON lines.
 */
#pragma once
#include "progress.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct
{
  AttuneProgressLine line;
  const char *project, *folder; /* as the person calls the project; of the run */
  gint64 sampled_step;          /* whose sample was shown last; -1: none */
  gboolean searching;           /* the run is one of a search, which says how it goes on */
} AttuneRunReport;

#define ATTUNE_RUN_REPORT(project_, folder_)                                                       \
  { .line = ATTUNE_PROGRESS_LINE ("Tuning"),                                                       \
    .project = (project_),                                                                         \
    .folder = (folder_),                                                                           \
    .sampled_step = -1 }

/* An AttuneWorkerFunc; @report: the AttuneRunReport. */
void attune_run_report_event (const char *event, JsonObject *members, gpointer report);

G_END_DECLS
