/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The other processes of a run that several do together: they are started by the worker, end with
 * it, and compute what attune_trainer_run_rank() gives them to do. They write no events and no
 * checkpoints.
 */
#pragma once
#include "core/ranks.h"

G_BEGIN_DECLS

typedef struct _AttuneRankProcesses AttuneRankProcesses;

/* Starts ranks 1 … @n - 1 of the run in @folder. Returns: (transfer full). */
AttuneRankProcesses *attune_rank_processes_start (const char *folder, int n, GError **error);
/* Ends those that have not ended yet, at once. */
void attune_rank_processes_free (AttuneRankProcesses *self);
/* Rank 0 of them, which notices it when one ends. Borrowed. */
AttuneRanks *attune_rank_processes_get_ranks (AttuneRankProcesses *self);
/* After the run: waits for them. @bytes: (out): memory of their own at their peaks, in all. */
gboolean attune_rank_processes_finish (AttuneRankProcesses *self, guint64 *bytes, GError **error);

/**
 * attune_rank_process_run:
 * @fd: of the shared memory
 * @parent: process id of the worker
 *
 * Is such a process: blocks until the run has ended. Signals that stop a run are the worker's.
 */
gboolean attune_rank_process_run (const char *folder, int fd, int rank, int parent, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRankProcesses, attune_rank_processes_free)

G_END_DECLS
