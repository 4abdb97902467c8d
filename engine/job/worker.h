/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `attunectl work RUN-FOLDER`: does what plan.json says and writes events. Compute side. And how
 * others start it.
 *
 * Events, beside "time" and "event" (loss in nats per learned token):
 *
 *   started     pid, host, engine, model, records, trainable, total, predicted_peak_bytes, steps
 *   step        step, steps, epoch, loss, learning_rate, gradient_norm, tokens, target_tokens,
 * seconds, seconds_left validation  step, loss, best sample      step, question, expected, answer
 *   checkpoint  step
 *   message     text
 *   finished    early (patience ran out), steps, base_loss, best_loss, best_step, train_loss,
 * tokens_per_second, target_tokens_per_second, seconds, peak_bytes, predicted_peak_bytes; of
 * answers of its own train_reward, and where these were checked base_reward, best_reward stopped
 * the same failed      text, domain, code
 */
#pragma once
#include "job/run-folder.h"

G_BEGIN_DECLS

/* Does the run in this process: blocks until it is finished, stopped or failed. A checkpoint that
 * is there is resumed. */
gboolean attune_worker_run (const char *folder, GError **error);

/* Told of every event after it was written; @members is borrowed. */
typedef void (*AttuneWorkerFunc) (const char *event, JsonObject *members, gpointer data);

/**
 * attune_worker_run_watched:
 * @func: (nullable): called on this thread
 *
 * As attune_worker_run(). SIGINT, SIGTERM and SIGHUP checkpoint and stop the run; the second one
 * ends the process at once.
 */
gboolean attune_worker_run_watched (const char *folder, AttuneWorkerFunc func, gpointer data,
                                    GError **error);

/* For several runs one after the other: signals between them count, too, and one that comes too
 * late for a run is not forgotten. The second one ends the process. */
void attune_worker_hold_signals (void);
void attune_worker_release_signals (void);
/* Whether one came since they are held. */
gboolean attune_worker_was_signalled (void);

/**
 * attune_worker_start:
 * @program: (nullable): path of attunectl; %NULL: beside this program, else on PATH
 *
 * Starts the worker in a session of its own, at low priority, with its output in worker.log, so
 * that it outlives the caller. The run is locked, and so running, when this returns. Returns: the
 * process id, or 0.
 */
int attune_worker_start (const char *folder, const char *program, GError **error);

/* attunectl: beside this program, else on PATH. Returns: (transfer full): or %NULL, for which there
 * is a sentence. */
char *attune_worker_find_program (void);
gboolean attune_worker_fail_program (GError **error);

G_END_DECLS
