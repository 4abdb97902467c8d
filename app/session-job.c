/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs attunectl for the window. It writes progress to standard error and one object to standard
 * output, each as a line of JSON.
 */
#include "session-private.h"

#include "core/priority.h"
#include "job/pipe-message.h"
#include "program.h"

#include <glib/gi18n.h>
#include <signal.h>

typedef struct
{
  AttuneSession *session; /* owned: the program ends before the session does */
  AttuneStage stage;
  GSubprocess *program;
  GDataInputStream *errors, *output;
  GCancellable *cancellable;
  gulong cancelled_id;
  SessionDone done;
  gboolean has_result; /* an object on standard output */
  char *error;         /* (nullable): the last one that was told */
  GString *complaint;  /* what standard error says beside progress */
  int open;            /* streams that have not ended */
} Job;

#define COMPLAINT_BYTES 2000

static void
job_free (Job *job)
{
  g_cancellable_disconnect (job->cancellable, job->cancelled_id);
  g_clear_object (&job->program);
  g_clear_object (&job->errors);
  g_clear_object (&job->output);
  g_clear_object (&job->cancellable);
  g_free (job->error);
  g_string_free (job->complaint, TRUE);
  g_object_unref (job->session);
  g_free (job);
}

/* What has gone wrong, in the program's words. */
static char *
find_complaint (Job *job)
{
  if (job->error != NULL)
    return g_strdup (job->error);
  if (job->complaint->len > 0)
    return g_strdup (g_strstrip (job->complaint->str));
  return g_strdup (_ ("The program that does the work has ended unexpectedly."));
}

static void
ended (GObject *source, GAsyncResult *result, gpointer data)
{
  Job *job = data;
  AttuneSession *self = job->session;
  const gboolean good = g_subprocess_wait_finish (job->program, result, NULL)
                        && g_subprocess_get_if_exited (job->program)
                        && g_subprocess_get_exit_status (job->program) == 0 && job->has_result;

  attune_session_end (self, job->stage);
  if (!self->closed && !g_cancellable_is_cancelled (job->cancellable))
    {
      g_autofree char *complaint = good ? NULL : find_complaint (job);

      if (complaint != NULL)
        attune_session_fail (self, job->stage, complaint);
      job->done (self, good);
    }
  else
    job->done (self, FALSE);
  job_free (job);
}

static void read_output (Job *job);
static void read_errors (Job *job);

static void
stream_ended (Job *job)
{
  if (--job->open == 0)
    g_subprocess_wait_async (job->program, NULL, ended, job);
}

static void
take_result (Job *job, const AttunePipeMessage *message)
{
  job->has_result = TRUE;
  g_set_str (&job->error, message->kind == ATTUNE_PIPE_ERROR ? message->text : NULL);
}

static void
output_read (GObject *source, GAsyncResult *result, gpointer data)
{
  Job *job = data;
  g_autofree char *line
      = g_data_input_stream_read_line_finish_utf8 (job->output, result, NULL, NULL);
  g_autoptr (AttunePipeMessage) message = line != NULL ? attune_pipe_message_parse (line) : NULL;

  if (message != NULL)
    take_result (job, message);
  if (line != NULL)
    read_output (job);
  else
    stream_ended (job);
}

static void
read_output (Job *job)
{
  g_data_input_stream_read_line_async (job->output, G_PRIORITY_DEFAULT, NULL, output_read, job);
}

static void
take_line (Job *job, const char *line)
{
  g_autoptr (AttunePipeMessage) message = attune_pipe_message_parse (line);
  SessionJob *shown = &job->session->jobs[job->stage];

  if (message != NULL && message->kind == ATTUNE_PIPE_PROGRESS)
    {
      attune_session_on_progress (shown, message->fraction, NULL);
      g_free (shown->doing);
      shown->doing = g_steal_pointer (&message->text);
    }
  else if (message != NULL && message->kind == ATTUNE_PIPE_ERROR)
    take_result (job, message);
  else if (job->complaint->len < COMPLAINT_BYTES)
    g_string_append_printf (job->complaint, "%s\n", line);
}

static void
error_read (GObject *source, GAsyncResult *result, gpointer data)
{
  Job *job = data;
  g_autofree char *line
      = g_data_input_stream_read_line_finish_utf8 (job->errors, result, NULL, NULL);

  if (line != NULL)
    {
      take_line (job, line);
      read_errors (job);
    }
  else
    stream_ended (job);
}

static void
read_errors (Job *job)
{
  g_data_input_stream_read_line_async (job->errors, G_PRIORITY_DEFAULT, NULL, error_read, job);
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_subprocess_send_signal (data, SIGTERM);
}

/* In the child, before it becomes the program. */
static void
let_others_go_first (gpointer data)
{
  attune_priority_lower (FALSE);
}

void
attune_session_run_program (AttuneSession *self, AttuneStage stage, GStrv argv, SessionDone done)
{
  g_autofree char *program = attune_find_program ();
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) taken = argv, all = NULL;
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  Job *job;

  if (program != NULL)
    {
      g_strv_builder_add (words, program);
      g_strv_builder_addv (words, (const char **) argv);
      all = g_strv_builder_end (words);
      launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                            | G_SUBPROCESS_FLAGS_STDERR_PIPE);
      g_subprocess_launcher_set_child_setup (launcher, let_others_go_first, NULL, NULL);
      process = g_subprocess_launcher_spawnv (launcher, (const char *const *) all, &error);
    }
  if (process == NULL)
    {
      attune_session_fail (
          self, stage,
          error != NULL ? error->message
                        : _ ("The program attunectl was not found. Is Attune installed whole?"));
      done (self, FALSE);
      return;
    }
  job = g_new0 (Job, 1);
  job->session = g_object_ref (self);
  job->stage = stage;
  job->done = done;
  job->complaint = g_string_new (NULL);
  job->program = g_steal_pointer (&process);
  job->errors = g_data_input_stream_new (g_subprocess_get_stderr_pipe (job->program));
  job->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (job->program));
  job->cancellable = g_object_ref (attune_session_begin (self, stage));
  job->cancelled_id
      = g_cancellable_connect (job->cancellable, G_CALLBACK (on_cancelled), job->program, NULL);
  job->open = 2; /* both at once: a full pipe would hold the program up */
  read_errors (job);
  read_output (job);
}
