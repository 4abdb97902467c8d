/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program that answers in the chat: started with the first question, and what comes of it.
 */
#include "stages/deploy/chat-view-private.h"

#include "stages/deploy/chat-history.h"

#include <glib/gi18n.h>

void
attune_chat_view_finish (AttuneChatView *self, AttuneChatProgress progress, const char *text,
                         const char *note)
{
  g_autoptr (AttuneChatMessage) message = g_steal_pointer (&self->writing);

  if (message != NULL)
    attune_chat_message_finish (message, progress, text, note);
  attune_chat_view_update_actions (self);
}

static void
on_piece (AttuneChatView *self, const char *piece)
{
  if (self->writing != NULL)
    attune_chat_message_append (self->writing, piece);
}

static void
on_answered (AttuneChatView *self, const AttuneChatAnswer *answer)
{
  g_autofree char *note = g_strdup_printf (_ ("%.1f s"), answer->seconds);

  if (answer->stopped)
    attune_chat_view_finish (self, ATTUNE_CHAT_DONE, answer->text, _ ("stopped"));
  else if (answer->cut)
    attune_chat_view_finish (self, ATTUNE_CHAT_DONE, answer->text,
                             _ ("cut off: longer answers can be allowed in the chat settings"));
  else
    attune_chat_view_finish (self, ATTUNE_CHAT_DONE, answer->text,
                             *answer->text != '\0' ? note : _ ("it had nothing to say"));
}

static void
on_failed (AttuneChatView *self, const char *reason)
{
  attune_chat_view_finish (self, ATTUNE_CHAT_BROKEN, NULL, reason);
}

void
attune_chat_view_drop_process (AttuneChatView *self)
{
  if (self->process == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->process, self);
  g_clear_object (&self->process);
  if (self->writing != NULL)
    attune_chat_view_finish (self, ATTUNE_CHAT_BROKEN, NULL, _ ("The answer was broken off."));
}

static void
need_process (AttuneChatView *self)
{
  AttuneProject *project = attune_session_get_project (self->session);

  if (self->process != NULL || self->run == NULL)
    return;
  self->process = attune_chat_process_new (attune_project_get_path (project), self->run);
  g_signal_connect_swapped (self->process, "piece", G_CALLBACK (on_piece), self);
  g_signal_connect_swapped (self->process, "answered", G_CALLBACK (on_answered), self);
  g_signal_connect_swapped (self->process, "failed", G_CALLBACK (on_failed), self);
}

void
attune_chat_view_ask_model (AttuneChatView *self, guint position, gboolean base)
{
  GListModel *messages = G_LIST_MODEL (self->messages);
  g_autoptr (GPtrArray) history = attune_chat_history_collect (messages, position, base);
  AttuneChatQuestion question = {
    .text = attune_chat_message_get_text (attune_chat_history_get (messages, position)),
    .base = base,
    .system = self->system_prompt,
    .temperature = self->temperature,
    .max_tokens = self->max_tokens,
    .history = (const char *const *) history->pdata,
  };

  need_process (self);
  if (self->process == NULL)
    return;
  self->writing = attune_chat_message_new (ATTUNE_CHAT_ANSWER, base, NULL);
  attune_chat_view_add_message (self, self->writing);
  attune_chat_view_update_actions (self);
  attune_chat_process_ask (self->process, &question);
}
