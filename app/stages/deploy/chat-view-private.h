/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of the chat share; for chat-view.c and chat-answer.c alone.
 */
#pragma once
#include "stages/deploy/chat-view.h"

#include "chat-process.h"
#include "stages/deploy/chat-input.h"
#include "stages/deploy/chat-message.h"

struct _AttuneChatView
{
  AdwBin parent_instance;

  AttuneSession *session;     /* (nullable) */
  char *run;                  /* (nullable): whose model answers */
  gint64 step;                /* see attune_session_get_run_step() */
  AttuneChatProcess *process; /* (nullable) */
  GListStore *messages;
  AttuneChatMessage *writing; /* (nullable): the answer that is being written */
  gboolean at_end;            /* of the conversation: follow what is written */
  char *system_prompt;
  double temperature;
  int max_tokens;

  AdwToggleGroup *model_group;
  GtkStack *stack;
  GtkScrolledWindow *scrolled_window;
  GtkListBox *list;
  AttuneChatInput *input;
};

void attune_chat_view_add_message (AttuneChatView *self, AttuneChatMessage *message);
void attune_chat_view_update_actions (AttuneChatView *self);

/* Asks the question at @position of the tuned model or the base. */
void attune_chat_view_ask_model (AttuneChatView *self, guint position, gboolean base);
/* The answer that is being written ends. @text, @note: see attune_chat_message_finish(). */
void attune_chat_view_finish (AttuneChatView *self, AttuneChatProgress progress, const char *text,
                              const char *note);
/* The next question is answered by another program. */
void attune_chat_view_drop_process (AttuneChatView *self);
