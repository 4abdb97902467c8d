/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a conversation comes to, for the model that is asked next.
 */
#pragma once
#include "stages/deploy/chat-message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* @messages: of AttuneChatMessage. Returns: (transfer none). */
AttuneChatMessage *attune_chat_history_get (GListModel *messages, guint i);
/* Returns: (transfer none) (nullable): the last message of that kind. @position: (out) (optional)
 */
AttuneChatMessage *attune_chat_history_find_last (GListModel *messages, AttuneChatKind kind,
                                                  guint *position);
/**
 * attune_chat_history_collect:
 * @n: of the first so many messages
 * @base: who is asked: where both models have answered, each goes on from its own answer
 *
 * Questions that have not been answered are left out.
 *
 * Returns: (transfer container) (element-type utf8): question, answer, question, answer … %NULL
 */
GPtrArray *attune_chat_history_collect (GListModel *messages, guint n, gboolean base);

G_END_DECLS
