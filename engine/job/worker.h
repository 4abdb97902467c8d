/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `attunectl work RUN-FOLDER`: does what plan.json says and writes events. Compute side. And how others start it.
 */
#pragma once
#include "job/run-folder.h"

G_BEGIN_DECLS

/* Does the run in this process: blocks until it is finished, stopped or failed. A checkpoint that is there is resumed. */
gboolean attune_worker_run (const char *folder, GError **error);

/**
 * attune_worker_start:
 * @program: (nullable): path of attunectl; %NULL: beside this program, else on PATH
 *
 * Starts the worker in a session of its own, at low priority, with its output in worker.log, so that it outlives the
 * caller. Returns: the process id, or 0.
 */
int attune_worker_start (const char *folder, const char *program, GError **error);

G_END_DECLS
