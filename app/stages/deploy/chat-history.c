/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See chat-history.h.
 */
#include "stages/deploy/chat-history.h"

AttuneChatMessage *
attune_chat_history_get (GListModel *messages, guint i)
{
  g_autoptr (AttuneChatMessage) message = g_list_model_get_item (messages, i);

  return message; /* the list holds it */
}

AttuneChatMessage *
attune_chat_history_find_last (GListModel *messages, AttuneChatKind kind, guint *position)
{
  for (guint i = g_list_model_get_n_items (messages); i-- > 0;)
    {
      AttuneChatMessage *message = attune_chat_history_get (messages, i);

      if (attune_chat_message_get_kind (message) != kind)
        continue;
      if (position != NULL)
        *position = i;
      return message;
    }
  return NULL;
}

GPtrArray *
attune_chat_history_collect (GListModel *messages, guint n, gboolean base)
{
  GPtrArray *history = g_ptr_array_new ();
  const char *question = NULL; /* that waits for its answer */
  gboolean own = FALSE;        /* the answer in @history is by the model that is asked */

  for (guint i = 0; i < n; i++)
    {
      AttuneChatMessage *message = attune_chat_history_get (messages, i);
      const char *text = attune_chat_message_get_text (message);

      if (attune_chat_message_get_kind (message) == ATTUNE_CHAT_QUESTION)
        {
          question = text;
          own = FALSE;
        }
      if (attune_chat_message_get_kind (message) != ATTUNE_CHAT_ANSWER || own
          || attune_chat_message_get_progress (message) != ATTUNE_CHAT_DONE)
        continue;
      own = attune_chat_message_is_base (message) == base;
      if (question != NULL)
        {
          g_ptr_array_add (history, (gpointer) question);
          g_ptr_array_add (history, (gpointer) text);
          question = NULL;
        }
      else if (history->len > 0)
        g_ptr_array_index (history, history->len - 1) = (gpointer) text;
    }
  g_ptr_array_add (history, NULL);
  return history;
}
