/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run folder is the only protocol between who asks for work and who does it:
 *
 *   plan.json           written once: settings, model and data with their hashes, engine version
 *   lock                flock()ed by the worker while it lives
 *   events.jsonl        one line per event, one write() each; readers skip an unfinished last line
 *   request-stop        empty; made by whoever wants the worker to checkpoint and stop
 *   request-checkpoint  empty; the worker removes it when it has been done
 *   checkpoint.h5, run.h5, worker.log
 *
 * State is derived, never stored: lock held = running; lock free and a final event = finished,
 * stopped or failed; lock free and none = crashed.
 */
#pragma once
#include "job/project.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_RUN_NEW, /* no worker has begun */
  ATTUNE_RUN_RUNNING,
  ATTUNE_RUN_FINISHED,
  ATTUNE_RUN_STOPPED, /* on request; can be resumed */
  ATTUNE_RUN_FAILED,  /* the last event says why */
  ATTUNE_RUN_CRASHED, /* can be resumed */
} AttuneRunState;

AttuneRunState attune_run_get_state (const char *folder);
const char *attune_run_state_get_name (AttuneRunState state); /* "running" */

/* --- the worker's side */

typedef struct _AttuneRunLock AttuneRunLock;
/* Returns: (transfer full): or %ATTUNE_JOB_ERROR_LOCKED, naming the process that holds it. */
AttuneRunLock *attune_run_lock (const char *folder, GError **error);
void attune_run_unlock (AttuneRunLock *lock);

/* attune_worker_start() takes the lock itself and hands it to the worker as an open file, whose
 * number stands in this variable: so the run is running from the moment it was started, and two
 * starts cannot both succeed. */
#define ATTUNE_RUN_LOCK_VARIABLE "ATTUNE_RUN_LOCK"
int attune_run_lock_get_fd (const AttuneRunLock *lock);
/* Names the process that holds it from here on. */
void attune_run_lock_set_pid (AttuneRunLock *lock, int pid);

/* Appends an event: {"time": seconds since 1970, "event": @name, …members of @object}. @object:
 * (nullable) (transfer none). Numbers in it are finite: JSON has no others. */
gboolean attune_run_append_event (AttuneRunLock *lock, const char *name, JsonObject *object,
                                  GError **error);

gboolean attune_run_has_request (const char *folder,
                                 const char *request); /* "stop", "checkpoint" */
void attune_run_clear_request (const char *folder, const char *request);

/* --- the reader's side */

gboolean attune_run_request (const char *folder, const char *request, GError **error);

/**
 * attune_run_read_events:
 * @offset: (inout): in bytes; 0 to begin; moves past the whole lines that were read
 *
 * Returns: (transfer full) (element-type JsonNode): the new events; damaged lines are skipped
 */
GPtrArray *attune_run_read_events (const char *folder, guint64 *offset, GError **error);

/* The same for about @most bytes: what is left is read by the next call. There is nothing left
 * where
 * @offset does not move. */
GPtrArray *attune_run_read_some_events (const char *folder, guint64 *offset, gsize most,
                                        GError **error);

/* The last event of that name, or (@name: %NULL) of any; or %NULL. (transfer full) */
JsonNode *attune_run_find_event (const char *folder, const char *name);

/* After how many steps the adapter was taken that is used, the best one of the last checkpoint; -1
 * before the first. Blocks: never call it on the main thread. */
gint64 attune_run_read_step (const char *folder);

/* The end of worker.log as text, or %NULL where it says nothing. (transfer full) */
char *attune_run_read_log (const char *folder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRunLock, attune_run_unlock)

G_END_DECLS
