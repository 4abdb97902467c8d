/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See chat-process.h; the lines are described in engine/job/attunectl/chat-lines.h.
 */
#include "chat-process.h"

#include "chat-child.h"

#include <glib/gi18n.h>

#define IDLE_SECONDS 600 /* a model takes memory that other programs may want */

struct _AttuneChatProcess
{
  GObject parent_instance;

  char *project, *run;
  AttuneChatState state;
  AttuneChatChild *child; /* (nullable) */
  char *waiting;          /* (nullable): the question until the model is there */
  guint idle_id;
};

G_DEFINE_FINAL_TYPE (AttuneChatProcess, attune_chat_process, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_STATE,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

enum
{
  PIECE,
  ANSWERED,
  FAILED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static gboolean
on_idle (gpointer data)
{
  AttuneChatProcess *self = data;

  self->idle_id = 0;
  attune_chat_process_end (self);
  return G_SOURCE_REMOVE;
}

static void
set_state (AttuneChatProcess *self, AttuneChatState state)
{
  g_clear_handle_id (&self->idle_id, g_source_remove);
  if (state == ATTUNE_CHAT_READY)
    self->idle_id = g_timeout_add_seconds (IDLE_SECONDS, on_idle, self);
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

/* Lets go of the program, which ends. */
static void
drop (AttuneChatProcess *self)
{
  g_clear_pointer (&self->child, attune_chat_child_end);
  g_clear_pointer (&self->waiting, g_free);
}

static void
fail (AttuneChatProcess *self, const char *message)
{
  drop (self);
  set_state (self, ATTUNE_CHAT_FAILED);
  g_signal_emit (self, signals[FAILED], 0, message);
}

/* --- what it says */

static void
take_ready (AttuneChatProcess *self)
{
  g_autofree char *question = g_steal_pointer (&self->waiting);

  if (self->state != ATTUNE_CHAT_STARTING)
    return;
  if (question != NULL)
    attune_chat_child_say (self->child, question);
  set_state (self, question != NULL ? ATTUNE_CHAT_ANSWERING : ATTUNE_CHAT_READY);
}

static void
take_garbage (AttuneChatProcess *self, const char *line)
{
  g_autofree char *valid = g_utf8_make_valid (line, -1);
  g_autofree char *start = g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), 80));
  g_autofree char *message = g_strdup_printf (
      _ ("The program that answers said something that cannot be understood: “%s”"), start);

  fail (self, message);
}

static gboolean
take_message (AttuneChatProcess *self, const AttunePipeMessage *message)
{
  const AttunePipeMessageKind kind = message->kind;

  if (kind == ATTUNE_PIPE_READY)
    {
      take_ready (self);
      return TRUE;
    }
  if (self->state != ATTUNE_CHAT_ANSWERING)
    return FALSE;
  if (kind == ATTUNE_PIPE_PIECE)
    g_signal_emit (self, signals[PIECE], 0, message->text);
  else if (kind == ATTUNE_PIPE_ANSWER)
    {
      set_state (self, ATTUNE_CHAT_READY);
      g_signal_emit (self, signals[ANSWERED], 0, &message->answer);
    }
  else if (kind == ATTUNE_PIPE_ERROR)
    {
      set_state (self, ATTUNE_CHAT_READY);
      g_signal_emit (self, signals[FAILED], 0, message->text);
    }
  else
    return FALSE;
  return TRUE;
}

static void
on_line (gpointer data, const char *line)
{
  g_autoptr (AttuneChatProcess) self = g_object_ref (data);
  g_autoptr (AttunePipeMessage) message = attune_pipe_message_parse (line);

  if (message == NULL || !take_message (self, message))
    take_garbage (self, line);
}

static void
on_ended (gpointer data, const char *reason)
{
  g_autoptr (AttuneChatProcess) self = g_object_ref (data);

  fail (self, reason);
}

/* --- what it is told */

void
attune_chat_process_ask (AttuneChatProcess *self, const AttuneChatQuestion *question)
{
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;

  g_return_if_fail (ATTUNE_IS_CHAT_PROCESS (self) && question != NULL && question->text != NULL);

  if (self->state == ATTUNE_CHAT_STARTING || self->state == ATTUNE_CHAT_ANSWERING)
    return;
  line = attune_chat_question_to_line (question);
  if (self->child != NULL)
    {
      set_state (self, ATTUNE_CHAT_ANSWERING);
      attune_chat_child_say (self->child, line);
      return;
    }
  self->child = attune_chat_child_start (self->project, self->run, on_line, on_ended, self, &error);
  if (self->child == NULL)
    {
      fail (self, error->message);
      return;
    }
  self->waiting = g_steal_pointer (&line);
  set_state (self, ATTUNE_CHAT_STARTING);
}

void
attune_chat_process_stop (AttuneChatProcess *self)
{
  g_return_if_fail (ATTUNE_IS_CHAT_PROCESS (self));

  if (self->state == ATTUNE_CHAT_ANSWERING)
    attune_chat_child_say (self->child, "{\"stop\":true}");
  else if (self->state == ATTUNE_CHAT_STARTING)
    attune_chat_process_end (self);
}

void
attune_chat_process_end (AttuneChatProcess *self)
{
  g_return_if_fail (ATTUNE_IS_CHAT_PROCESS (self));

  drop (self);
  set_state (self, ATTUNE_CHAT_ENDED);
}

AttuneChatState
attune_chat_process_get_state (AttuneChatProcess *self)
{
  g_return_val_if_fail (ATTUNE_IS_CHAT_PROCESS (self), ATTUNE_CHAT_ENDED);
  return self->state;
}

const char *
attune_chat_process_get_run (AttuneChatProcess *self)
{
  g_return_val_if_fail (ATTUNE_IS_CHAT_PROCESS (self), NULL);
  return self->run;
}

/* --- the object */

AttuneChatProcess *
attune_chat_process_new (const char *project, const char *run)
{
  AttuneChatProcess *self;

  g_return_val_if_fail (project != NULL && run != NULL, NULL);

  self = g_object_new (ATTUNE_TYPE_CHAT_PROCESS, NULL);
  self->project = g_strdup (project);
  self->run = g_strdup (run);
  return self;
}

static void
attune_chat_process_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_STATE)
    g_value_set_int (value, ATTUNE_CHAT_PROCESS (object)->state);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_chat_process_dispose (GObject *object)
{
  AttuneChatProcess *self = ATTUNE_CHAT_PROCESS (object);

  g_clear_handle_id (&self->idle_id, g_source_remove);
  drop (self);
  G_OBJECT_CLASS (attune_chat_process_parent_class)->dispose (object);
}

static void
attune_chat_process_finalize (GObject *object)
{
  AttuneChatProcess *self = ATTUNE_CHAT_PROCESS (object);

  g_free (self->project);
  g_free (self->run);
  G_OBJECT_CLASS (attune_chat_process_parent_class)->finalize (object);
}

static void
attune_chat_process_class_init (AttuneChatProcessClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = attune_chat_process_get_property;
  object_class->dispose = attune_chat_process_dispose;
  object_class->finalize = attune_chat_process_finalize;

  properties[PROP_STATE]
      = g_param_spec_int ("state", NULL, NULL, ATTUNE_CHAT_ENDED, ATTUNE_CHAT_FAILED,
                          ATTUNE_CHAT_ENDED, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  signals[PIECE] = g_signal_new ("piece", ATTUNE_TYPE_CHAT_PROCESS, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[ANSWERED] = g_signal_new ("answered", ATTUNE_TYPE_CHAT_PROCESS, G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[FAILED] = g_signal_new ("failed", ATTUNE_TYPE_CHAT_PROCESS, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
attune_chat_process_init (AttuneChatProcess *self)
{
}
