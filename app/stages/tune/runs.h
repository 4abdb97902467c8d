/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Earlier runs of the project, as rows with a switch each that lays the run's curves beneath the
 * present ones. What there is to read is read in threads.
 */
#pragma once
#include "job/run-summary.h"
#include "stages/tune/curves.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_TUNE_RUNS (attune_tune_runs_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTuneRuns, attune_tune_runs, ATTUNE, TUNE_RUNS, AdwPreferencesGroup)

/**
 * attune_tune_runs_set_run:
 * @project: whose runs
 * @run: (nullable): the folder of the one that is shown: those before it are listed
 * @curves: where they are laid beneath
 *
 * Reads the list when the run is another one. #AttuneTuneRuns::changed is emitted when the list has
 * been read and when other runs are to be seen in @curves.
 */
void attune_tune_runs_set_run (AttuneTuneRuns *self, AttuneProject *project, const char *run,
                               AttuneTuneCurves *curves);

G_END_DECLS
