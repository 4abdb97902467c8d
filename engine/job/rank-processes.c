/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Starting the other processes of a run, watching them, and being one.
 */
#include "job/rank-processes.h"

#include "job/process-memory.h"
#include "job/run-plan.h"
#include "job/worker.h"
#include "tune/trainer.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMORY_FD 3 /* the first one that is free in the process */

struct _AttuneRankProcesses
{
  AttuneRanks *ranks;
  int n;
  GPid pids[ATTUNE_RANKS_MAX]; /* of ranks 1 …; 0: not started, or waited for */
};

/* --- the worker's side */

static gboolean
lost (int rank, int n, const siginfo_t *end, GError **error)
{
  g_autofree char *how = end->si_code != CLD_EXITED
                             ? g_strdup_printf ("was ended from outside (%s), perhaps because "
                                                "memory ran out",
                                                g_strsignal (end->si_status))
                             : g_strdup_printf ("has ended (%d)", end->si_status);

  g_set_error (error, ATTUNE_RANKS_ERROR, ATTUNE_RANKS_ERROR_LOST,
               "Process %d of the %d that tune together %s. Nothing before the last checkpoint is "
               "lost: resume the run.",
               rank + 1, n, how);
  return FALSE;
}

/* An AttuneRanksLook. It leaves who has ended to be waited for: where all had met before, nothing
 * is wrong yet, and it is asked again. */
static gboolean
look (gpointer data, GError **error)
{
  AttuneRankProcesses *self = data;

  for (int rank = 1; rank < self->n; rank++)
    {
      siginfo_t end = { 0 };

      if (self->pids[rank] != 0
          && waitid (P_PID, self->pids[rank], &end, WEXITED | WNOHANG | WNOWAIT) == 0
          && end.si_pid == self->pids[rank])
        return lost (rank, self->n, &end, error);
    }
  return TRUE;
}

static gboolean
start (AttuneRankProcesses *self, const char *program, const char *folder, int rank, GError **error)
{
  const int memory = attune_ranks_get_fd (self->ranks), fd = MEMORY_FD;
  g_autofree char *number = g_strdup_printf ("%d", rank), *fd_text = g_strdup_printf ("%d", fd),
                  *parent = g_strdup_printf ("%d", getpid ());
  const char *argv[] = { program, "work",     "--rank", number, "--memory",
                         fd_text, "--parent", parent,   folder, NULL };

  return g_spawn_async_with_pipes_and_fds (
      NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, -1, -1,
      -1, &memory, &fd, 1, &self->pids[rank], NULL, NULL, NULL, error);
}

AttuneRankProcesses *
attune_rank_processes_start (const char *folder, int n, GError **error)
{
  g_autoptr (AttuneRankProcesses) self = g_new0 (AttuneRankProcesses, 1);
  g_autofree char *program = attune_worker_find_program (),
                  *absolute = g_canonicalize_filename (folder, NULL);

  self->n = n;
  if (program == NULL)
    {
      attune_worker_fail_program (error);
      return NULL;
    }
  if ((self->ranks = attune_ranks_new (n, error)) == NULL)
    return NULL;
  attune_ranks_watch (self->ranks, look, self);
  for (int rank = 1; rank < n; rank++)
    if (!start (self, program, absolute, rank, error))
      return NULL;
  return g_steal_pointer (&self);
}

void
attune_rank_processes_free (AttuneRankProcesses *self)
{
  if (self == NULL)
    return;
  for (int rank = 1; rank < self->n; rank++)
    if (self->pids[rank] != 0)
      {
        kill (self->pids[rank], SIGKILL);
        waitpid (self->pids[rank], NULL, 0);
      }
  attune_ranks_free (self->ranks);
  g_free (self);
}

AttuneRanks *
attune_rank_processes_get_ranks (AttuneRankProcesses *self)
{
  return self->ranks;
}

gboolean
attune_rank_processes_finish (AttuneRankProcesses *self, guint64 *bytes, GError **error)
{
  double all = 0;

  if (!attune_ranks_add (self->ranks, &all, 1, error))
    return FALSE;
  *bytes = (guint64) all;
  for (int rank = 1; rank < self->n; rank++)
    {
      int status = 0;

      waitpid (self->pids[rank], &status, 0);
      self->pids[rank] = 0;
      if (status != 0) /* its part of the run was done */
        g_warning ("Process %d of %d ended with %d.", rank + 1, self->n, status);
    }
  return TRUE;
}

/* --- the process itself */

/* An AttuneRanksLook: who has lost its parent has another. */
static gboolean
look_for_worker (gpointer data, GError **error)
{
  if (getppid () == GPOINTER_TO_INT (data))
    return TRUE;
  g_set_error (error, ATTUNE_RANKS_ERROR, ATTUNE_RANKS_ERROR_LOST, "The worker has ended.");
  return FALSE;
}

static gboolean
run_rank (const char *folder, AttuneRanks *ranks, GError **error)
{
  static const AttuneTrainerFuncs nothing = { 0 };
  g_autoptr (AttuneRunPlan) plan = attune_run_plan_read (folder, error);
  g_autoptr (AttuneModel) model = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autofree char *checkpoint = g_build_filename (folder, "checkpoint.h5", NULL);
  AttuneTrainerResult result;

  return plan != NULL && (model = attune_model_open (plan->model_path, error)) != NULL
         && (dataset = attune_plan_open_dataset (plan->plan, plan->data_path, error)) != NULL
         && attune_trainer_run_rank (ranks, plan->plan, model, dataset, checkpoint, TRUE, &nothing,
                                     NULL, &result, error);
}

gboolean
attune_rank_process_run (const char *folder, int fd, int rank, int parent, GError **error)
{
  static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };
  g_autoptr (AttuneRanks) ranks = attune_ranks_join (fd, rank, error);
  g_autoptr (GError) reason = NULL;
  double bytes;

  close (fd);
  if (ranks == NULL)
    return FALSE;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  /* A terminal sends them to all; the worker saves a checkpoint first. */
  for (guint i = 0; i < G_N_ELEMENTS (stop_signals); i++)
    signal (stop_signals[i], SIG_IGN);
  attune_ranks_watch (ranks, look_for_worker, GINT_TO_POINTER (parent));
  if (!run_rank (folder, ranks, &reason))
    {
      attune_ranks_fail (ranks, reason);
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  bytes = attune_process_own_peak_bytes ();
  return attune_ranks_add (ranks, &bytes, 1, error);
}
