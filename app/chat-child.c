/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See chat-child.h. Each read and write under way holds a reference, so that what comes late finds
 * the child there, and nobody to tell.
 */
#include "chat-child.h"

#include "job/pipe-message.h"
#include "program.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>

#define CHUNK_BYTES 4096
#define MAX_LINE_BYTES (4 * 1024 * 1024) /* no answer is as long */
#define COMPLAINT_BYTES 600              /* as much of standard error as one wants to read */

/* One of its two outputs. */
typedef struct
{
  AttuneChatChild *child;
  GInputStream *stream; /* borrowed from the program */
  GString *text;        /* standard output: an unfinished line; standard error: the end of it */
} Output;

struct _AttuneChatChild
{
  grefcount references;
  GSubprocess *program;
  Output output, errors;
  GString *unsent, *sending;
  int open; /* outputs that have not ended */
  AttuneChatLine on_line;
  AttuneChatEnd on_end;
  gpointer data;
  gboolean given_up; /* nobody is to be told any more */
};

static AttuneChatChild *
child_ref (AttuneChatChild *self)
{
  g_ref_count_inc (&self->references);
  return self;
}

static void
child_unref (AttuneChatChild *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  g_clear_object (&self->program);
  g_string_free (self->output.text, TRUE);
  g_string_free (self->errors.text, TRUE);
  g_string_free (self->unsent, TRUE);
  g_string_free (self->sending, TRUE);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneChatChild, child_unref)

/* --- the end */

/* What the program says on standard error: its own message, or the end of what is there. */
static char *
find_complaint (AttuneChatChild *self)
{
  g_autofree char *text = g_utf8_make_valid (self->errors.text->str, self->errors.text->len);
  const char *line = strrchr (g_strchomp (text), '\n') != NULL ? strrchr (text, '\n') + 1 : text;
  g_autoptr (AttunePipeMessage) message = attune_pipe_message_parse (line);

  if (message != NULL && message->kind == ATTUNE_PIPE_ERROR)
    return g_strdup (message->text);
  return g_strdup (g_strstrip (text));
}

static void
program_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneChatChild) self = data;
  g_autofree char *complaint = NULL, *reason = NULL;

  g_subprocess_wait_finish (self->program, result, NULL);
  if (self->given_up)
    return;
  complaint = find_complaint (self);
  if (g_subprocess_get_if_signaled (self->program))
    reason = g_strdup_printf (_ ("The program that answers was ended by the system (%s)."),
                              g_strsignal (g_subprocess_get_term_sig (self->program)));
  else if (*complaint == '\0' || g_subprocess_get_exit_status (self->program) == 0)
    reason = g_strdup (_ ("The program that answers has ended unexpectedly."));
  if (reason != NULL && *complaint != '\0')
    {
      g_autofree char *both = g_strdup_printf ("%s\n%s", reason, complaint);

      self->on_end (self->data, both);
    }
  else
    self->on_end (self->data, reason != NULL ? reason : complaint);
}

static void
output_ended (AttuneChatChild *self)
{
  if (--self->open == 0)
    g_subprocess_wait_async (self->program, NULL, program_ended, child_ref (self));
}

/* --- reading */

static void read_more (Output *output);

static void
take_lines (AttuneChatChild *self)
{
  GString *text = self->output.text;
  const char *end;

  while (!self->given_up && (end = memchr (text->str, '\n', text->len)) != NULL)
    {
      g_autofree char *line = g_strndup (text->str, end - text->str);

      g_string_erase (text, 0, end - text->str + 1);
      self->on_line (self->data, line);
    }
  if (!self->given_up && text->len > MAX_LINE_BYTES)
    self->on_line (self->data, text->str);
}

static void
output_read (GObject *source, GAsyncResult *result, gpointer data)
{
  Output *output = data;
  g_autoptr (AttuneChatChild) self = output->child;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (output->stream, result, NULL);
  gsize n = 0;
  const char *chunk = bytes != NULL ? g_bytes_get_data (bytes, &n) : NULL;

  if (n == 0)
    {
      output_ended (self);
      return;
    }
  g_string_append_len (output->text, chunk, (gssize) n);
  if (output == &self->output)
    take_lines (self);
  else if (output->text->len > COMPLAINT_BYTES)
    g_string_erase (output->text, 0, output->text->len - COMPLAINT_BYTES);
  if (self->given_up) /* what it still says, nobody reads */
    g_string_truncate (output->text, 0);
  read_more (output);
}

static void
read_more (Output *output)
{
  child_ref (output->child);
  g_input_stream_read_bytes_async (output->stream, CHUNK_BYTES, G_PRIORITY_DEFAULT, NULL,
                                   output_read, output);
}

/* --- writing */

static void send_more (AttuneChatChild *self);

static void
sent (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneChatChild) self = data;
  g_autoptr (GError) error = NULL;

  g_string_truncate (self->sending, 0);
  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    send_more (self);
  else /* it has ended, which is told by its outputs */
    g_debug ("%s", error->message);
}

static void
send_more (AttuneChatChild *self)
{
  GString *next = self->unsent;

  if (self->given_up || self->sending->len > 0 || next->len == 0)
    return;
  self->unsent = self->sending;
  self->sending = next;
  g_output_stream_write_all_async (g_subprocess_get_stdin_pipe (self->program), next->str,
                                   next->len, G_PRIORITY_DEFAULT, NULL, sent, child_ref (self));
}

void
attune_chat_child_say (AttuneChatChild *self, const char *line)
{
  g_string_append (self->unsent, line);
  g_string_append_c (self->unsent, '\n');
  send_more (self);
}

/* --- the child */

AttuneChatChild *
attune_chat_child_start (const char *project, const char *run, AttuneChatLine on_line,
                         AttuneChatEnd on_end, gpointer data, GError **error)
{
  g_autofree char *program = attune_find_program ();
  g_autoptr (GSubprocess) process = NULL;
  AttuneChatChild *self;

  if (program == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           _ ("The program attunectl was not found. Is Attune installed whole?"));
      return NULL;
    }
  signal (SIGPIPE, SIG_IGN); /* a program that has ended is no reason to end as well */
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                  | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                              error, program, "chat", project, "--json", "--run", run, NULL);
  if (process == NULL)
    return NULL;
  self = g_new0 (AttuneChatChild, 1);
  g_ref_count_init (&self->references);
  self->on_line = on_line;
  self->on_end = on_end;
  self->data = data;
  self->unsent = g_string_new (NULL);
  self->sending = g_string_new (NULL);
  self->output = (Output) { self, g_subprocess_get_stdout_pipe (process), g_string_new (NULL) };
  self->errors = (Output) { self, g_subprocess_get_stderr_pipe (process), g_string_new (NULL) };
  self->program = g_steal_pointer (&process);
  self->open = 2;
  read_more (&self->output);
  read_more (&self->errors);
  return self;
}

void
attune_chat_child_end (AttuneChatChild *self)
{
  self->given_up = TRUE;
  g_subprocess_force_exit (self->program);
  child_unref (self);
}
