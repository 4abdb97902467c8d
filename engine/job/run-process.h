/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ending a worker that does not listen any more. What it has saved stays, and it can be resumed.
 * Light.
 */
#pragma once
#include "job/run-folder.h"

G_BEGIN_DECLS

/**
 * attune_run_end_worker:
 *
 * Ends the process that holds the run's lock, at once (SIGKILL). It must be the one that the lock
 * file names, belong to this user, be attunectl, and have this very lock open; otherwise nothing is
 * done and @error says why. A run that nobody works on is no error.
 */
gboolean attune_run_end_worker (const char *folder, GError **error);

G_END_DECLS
