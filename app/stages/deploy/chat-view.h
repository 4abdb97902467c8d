/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A conversation with the tuned model, or with the base to compare.
 *
 * Properties: #AttuneChatView:system-prompt (string; %NULL: as in training),
 * #AttuneChatView:temperature (double), #AttuneChatView:max-tokens (int).
 * Actions: chat.ask-other, chat.ask-again, chat.new, chat.settings.
 */
#pragma once
#include "session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_CHAT_VIEW (attune_chat_view_get_type ())
G_DECLARE_FINAL_TYPE (AttuneChatView, attune_chat_view, ATTUNE, CHAT_VIEW, AdwBin)

/* The model of @session's latest run answers, from the next question on. %NULL: none, and what runs
 * is ended. */
void attune_chat_view_set_session (AttuneChatView *self, AttuneSession *session);
/* What the person writes there, sent. */
void attune_chat_view_ask (AttuneChatView *self, const char *question);
GListModel *
attune_chat_view_get_messages (AttuneChatView *self); /* of AttuneChatMessage; borrowed */

G_END_DECLS
