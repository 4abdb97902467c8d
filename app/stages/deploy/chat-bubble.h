/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A message as one sees it: the person's at the end of the line, the model's at its start, with
 * what can be done with an answer below it.
 *
 * Actions of the widgets around it: chat.ask-other, chat.ask-again, win.toast.
 */
#pragma once
#include "stages/deploy/chat-message.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_CHAT_BUBBLE (attune_chat_bubble_get_type ())
G_DECLARE_FINAL_TYPE (AttuneChatBubble, attune_chat_bubble, ATTUNE, CHAT_BUBBLE, GtkListBoxRow)

GtkWidget *attune_chat_bubble_new (AttuneChatMessage *message);

G_END_DECLS
