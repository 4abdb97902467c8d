/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The worker: holds a run to its plan, runs the trainer, and tells the run folder everything.
 */
#include "job/worker.h"

#include "core/file.h"
#include "job/json.h"
#include "job/process-memory.h"
#include "job/rank-processes.h"
#include "job/run-curves.h"
#include "job/run-plan.h"
#include "plan/rate.h"
#include "tune/trainer.h"

#include <signal.h>
#include <unistd.h>

typedef struct
{
  const char *folder;
  AttuneWorkerFunc func;
  gpointer func_data;

  AttuneRunLock *lock;
  AttuneRunPlan *plan;
  AttuneModel *model;
  AttuneDataset *dataset;
  AttuneDataFacts facts;
  AttuneEstimate estimate;
  GError *write_error; /* the first event that could not be written; ends the run */
} Worker;

static void
worker_clear (Worker *self)
{
  g_clear_pointer (&self->dataset, attune_dataset_close);
  g_clear_pointer (&self->model, attune_model_close);
  g_clear_pointer (&self->plan, attune_run_plan_free);
  g_clear_pointer (&self->lock, attune_run_unlock);
  g_clear_error (&self->write_error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Worker, worker_clear)

/* --- signals: the one thing that can only be a global */

static volatile sig_atomic_t stop_signal;

static void
remember_signal (int number)
{
  stop_signal = number;
}

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };

static void
catch_signals (struct sigaction old[3])
{
  /* Reset: the second one finds the system's own way and ends the process. */
  struct sigaction action
      = { .sa_handler = remember_signal, .sa_flags = SA_RESETHAND | SA_RESTART };

  stop_signal = 0;
  for (guint i = 0; i < G_N_ELEMENTS (stop_signals); i++)
    {
      sigaction (stop_signals[i], NULL, &old[i]);
      if (old[i].sa_handler != SIG_IGN) /* nohup */
        sigaction (stop_signals[i], &action, NULL);
    }
}

static void
release_signals (const struct sigaction old[3])
{
  for (guint i = 0; i < G_N_ELEMENTS (stop_signals); i++)
    sigaction (stop_signals[i], &old[i], NULL);
}

/* By who does several runs. */
static struct sigaction held_signals[3];
static gboolean are_held;

void
attune_worker_hold_signals (void)
{
  g_return_if_fail (!are_held);
  catch_signals (held_signals);
  are_held = TRUE;
}

void
attune_worker_release_signals (void)
{
  g_return_if_fail (are_held);
  release_signals (held_signals);
  are_held = FALSE;
}

gboolean
attune_worker_was_signalled (void)
{
  return are_held && stop_signal != 0;
}

/* --- events */

/* Takes @members. */
static void
tell (Worker *self, const char *event, JsonObject *members)
{
  if (self->write_error == NULL)
    attune_run_append_event (self->lock, event, members, &self->write_error);
  if (self->func != NULL)
    self->func (event, members, self->func_data);
  json_object_unref (members);
}

static void
on_step (gpointer data, const AttuneStepEvent *event)
{
  JsonObject *members = json_object_new ();

  json_object_set_int_member (members, "step", event->step);
  json_object_set_int_member (members, "steps", event->n_steps);
  attune_json_set_double (members, "epoch", event->epoch);
  attune_json_set_double (members, "loss", event->loss);
  attune_json_set_double (members, "learning_rate", event->learning_rate);
  attune_json_set_double (members, "gradient_norm", event->gradient_norm);
  json_object_set_int_member (members, "tokens", event->tokens);
  json_object_set_int_member (members, "target_tokens", event->target_tokens);
  attune_json_set_double (members, "seconds", event->seconds);
  attune_json_set_double (members, "seconds_left", event->seconds_left);
  if (event->has_reward)
    {
      attune_json_set_double (members, "reward", event->reward);
      attune_json_set_double (members, "kl", event->divergence);
    }
  tell (data, "step", members);
}

static void
on_validation (gpointer data, const AttuneValidationEvent *event)
{
  JsonObject *members = json_object_new ();

  json_object_set_int_member (members, "step", event->step);
  attune_json_set_double (members, "loss", event->loss);
  json_object_set_boolean_member (members, "best", event->best);
  if (event->has_reward)
    attune_json_set_double (members, "reward", event->reward);
  tell (data, "validation", members);
}

static void
on_sample (gpointer data, const AttuneSampleEvent *event)
{
  JsonObject *members = json_object_new ();

  json_object_set_int_member (members, "step", event->step);
  json_object_set_string_member (members, "question", event->question);
  json_object_set_string_member (members, "expected", event->expected);
  json_object_set_string_member (members, "answer", event->answer);
  tell (data, "sample", members);
}

static void
on_checkpoint (gpointer data, gint64 step)
{
  Worker *self = data;
  JsonObject *members = json_object_new ();

  json_object_set_int_member (members, "step", step);
  tell (self, "checkpoint", members);
  attune_run_clear_request (self->folder, "checkpoint");
}

static void
on_message (gpointer data, const char *sentence)
{
  JsonObject *members = json_object_new ();

  json_object_set_string_member (members, "text", sentence);
  tell (data, "message", members);
}

static gboolean
should_stop (gpointer data)
{
  Worker *self = data;

  return stop_signal != 0 || self->write_error != NULL
         || attune_run_has_request (self->folder, "stop");
}

static gboolean
should_checkpoint (gpointer data)
{
  Worker *self = data;

  return attune_run_has_request (self->folder, "checkpoint");
}

/* --- the run */

static gboolean
open_inputs (Worker *self, GError **error)
{
  const char *hash;

  self->plan = attune_run_plan_read (self->folder, error);
  if (self->plan == NULL
      || (self->model = attune_model_open (self->plan->model_path, error)) == NULL
      || (self->dataset = attune_plan_open_dataset (self->plan->plan, self->plan->data_path, error))
             == NULL
      || (hash = attune_model_get_hash (self->model, error)) == NULL)
    return FALSE;
  return attune_run_plan_fix (self->plan, self->folder, hash,
                              attune_dataset_get_hash (self->dataset), error)
         && attune_data_facts (
             self->dataset,
             attune_objective_labels (attune_plan_get_values (self->plan->plan)->objective),
             &self->facts, error)
         && attune_estimate (self->plan->plan, attune_model_get_config (self->model),
                             attune_model_get_bytes (self->model),
                             attune_model_count_parameters (self->model), &self->facts,
                             &self->estimate, error);
}

static void
tell_started (Worker *self)
{
  JsonObject *members = json_object_new ();

  json_object_set_int_member (members, "pid", getpid ());
  json_object_set_string_member (members, "host", g_get_host_name ());
  json_object_set_string_member (members, "engine", ATTUNE_VERSION);
  json_object_set_string_member (members, "model", attune_model_get_name (self->model));
  json_object_set_int_member (members, "records",
                              attune_dataset_count (self->dataset, ATTUNE_SPLIT_TRAIN));
  json_object_set_int_member (members, "trainable", self->estimate.trainable);
  json_object_set_int_member (members, "total", self->estimate.total);
  json_object_set_int_member (members, "predicted_peak_bytes", self->estimate.peak_bytes);
  json_object_set_int_member (members, "steps", self->estimate.steps);
  tell (self, "started", members);
}

static JsonObject *
describe_end (const Worker *self, const AttuneTrainerResult *result, guint64 others_bytes)
{
  JsonObject *members = json_object_new ();

  json_object_set_boolean_member (members, "early", result->end == ATTUNE_END_EARLY);
  json_object_set_int_member (members, "steps", result->steps);
  attune_json_set_double (members, "base_loss", result->base_loss);
  attune_json_set_double (members, "best_loss", result->best_loss);
  json_object_set_int_member (members, "best_step", result->best_step);
  attune_json_set_double (members, "train_loss", result->train_loss);
  if (result->has_rewards)
    attune_json_set_double (members, "train_reward", result->most_reward - result->train_loss);
  if (result->has_rewards && result->validated)
    {
      attune_json_set_double (members, "base_reward", result->most_reward - result->base_loss);
      attune_json_set_double (members, "best_reward", result->most_reward - result->best_loss);
    }
  attune_json_set_double (members, "tokens_per_second", result->tokens_per_second);
  attune_json_set_double (members, "target_tokens_per_second", result->target_tokens_per_second);
  attune_json_set_double (members, "seconds", result->seconds);
  json_object_set_int_member (members, "peak_bytes", attune_process_peak_bytes () + others_bytes);
  json_object_set_int_member (members, "predicted_peak_bytes", self->estimate.peak_bytes);
  return members;
}

static void
tell_failed (Worker *self, const GError *reason)
{
  JsonObject *members = json_object_new ();

  json_object_set_string_member (members, "text", reason->message);
  json_object_set_string_member (members, "domain", g_quark_to_string (reason->domain));
  json_object_set_int_member (members, "code", reason->code);
  tell (self, "failed", members);
}

/* For the time that runs on this computer will take. A number to look at: a disk that refuses it
 * ends no run. */
static void
remember_rate (const Worker *self, const AttuneTrainerResult *result)
{
  const AttunePlanValues *plan = attune_plan_get_values (self->plan->plan);
  const AttuneDataFacts facts = attune_plan_facts (plan, &self->facts);
  const AttuneRateFacts shown
      = { .passes = (double) self->estimate.steps * plan->batch_size / facts.n_train,
          .train_tokens = facts.train_tokens,
          .tokens_per_second = result->tokens_per_second,
          .seconds = result->seconds,
          .wanted = plan->device,
          .on_card = result->on_card };
  g_autoptr (GError) error = NULL;

  if (attune_objective_writes (plan->objective))
    return; /* most of the time went into writing */
  if (result->resumed && plan->device != ATTUNE_DEVICE_CPU)
    return; /* the time may be that of two devices */
  if (!attune_rate_write (&self->estimate, &shown, &error))
    g_debug ("%s", error->message);
}

/* The trainer, alone or with others. @others_bytes: (out): their peak memory. */
static gboolean
train (Worker *self, AttuneTrainerResult *result, guint64 *others_bytes, GError **error)
{
  static const AttuneTrainerFuncs funcs
      = { on_step,    on_validation, on_sample,        on_checkpoint,
          on_message, should_stop,   should_checkpoint };
  g_autofree char *checkpoint = g_build_filename (self->folder, "checkpoint.h5", NULL);
  const int n = attune_plan_get_values (self->plan->plan)->ranks;
  g_autoptr (AttuneRankProcesses) others = NULL;

  *others_bytes = 0;
  if (n > 1 && (others = attune_rank_processes_start (self->folder, n, error)) == NULL)
    return FALSE;
  return attune_trainer_run_rank (others != NULL ? attune_rank_processes_get_ranks (others) : NULL,
                                  self->plan->plan, self->model, self->dataset, checkpoint, TRUE,
                                  &funcs, self, result, error)
         && (others == NULL || attune_rank_processes_finish (others, others_bytes, error));
}

static gboolean
run (Worker *self, GError **error)
{
  g_autoptr (AttuneRunCurves) curves = attune_run_curves_new ();
  g_autoptr (JsonObject) end = NULL;
  AttuneTrainerResult result;
  guint64 others_bytes;

  if (!open_inputs (self, error))
    return FALSE;
  attune_process_reset_peak ();
  tell_started (self);
  if (!train (self, &result, &others_bytes, error))
    return FALSE;
  if (self->write_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->write_error));
      return FALSE;
    }
  /* Before the final event: who sees that may read run.h5. */
  end = describe_end (self, &result, others_bytes);
  if (result.end != ATTUNE_END_STOPPED
      && (!attune_run_curves_read (curves, self->folder, error)
          || !attune_run_curves_write (curves, self->folder, end, error)))
    return FALSE;
  remember_rate (self, &result);
  tell (self, result.end == ATTUNE_END_STOPPED ? "stopped" : "finished", json_object_ref (end));
  return TRUE;
}

gboolean
attune_worker_run_watched (const char *folder, AttuneWorkerFunc func, gpointer data, GError **error)
{
  g_auto (Worker) self = { .folder = folder, .func = func, .func_data = data };
  g_autoptr (GError) reason = NULL;
  struct sigaction old[3];
  gboolean done;

  g_return_val_if_fail (folder != NULL, FALSE);

  if ((self.lock = attune_run_lock (folder, error)) == NULL)
    return FALSE;
  if (!are_held)
    catch_signals (old);
  done = run (&self, &reason);
  if (!done)
    tell_failed (&self, reason);
  if (!are_held)
    release_signals (old);
  attune_run_clear_request (folder, "stop");
  attune_run_clear_request (folder, "checkpoint");
  if (done && self.write_error != NULL)
    {
      reason = g_steal_pointer (&self.write_error);
      done = FALSE;
    }
  if (!done)
    g_propagate_error (error, g_steal_pointer (&reason));
  return done;
}

gboolean
attune_worker_run (const char *folder, GError **error)
{
  return attune_worker_run_watched (folder, NULL, NULL, error);
}
