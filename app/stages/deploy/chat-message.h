/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One thing that was said in a conversation with the model. A message is changed while an answer is
 * written, and tells so by #GObject::notify.
 */
#pragma once
#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_CHAT_QUESTION,
  ATTUNE_CHAT_ANSWER,
  ATTUNE_CHAT_NOTE, /* of the app: something has changed */
} AttuneChatKind;

typedef enum
{
  ATTUNE_CHAT_WRITING,
  ATTUNE_CHAT_DONE,
  ATTUNE_CHAT_BROKEN, /* no answer, or only a part; the note says why */
} AttuneChatProgress;

#define ATTUNE_TYPE_CHAT_MESSAGE (attune_chat_message_get_type ())
G_DECLARE_FINAL_TYPE (AttuneChatMessage, attune_chat_message, ATTUNE, CHAT_MESSAGE, GObject)

/* @base: of an answer: by the model before tuning. An answer begins empty and writing. */
AttuneChatMessage *attune_chat_message_new (AttuneChatKind kind, gboolean base, const char *text);
AttuneChatKind attune_chat_message_get_kind (AttuneChatMessage *self);
gboolean attune_chat_message_is_base (AttuneChatMessage *self);
const char *attune_chat_message_get_text (AttuneChatMessage *self);
void attune_chat_message_append (AttuneChatMessage *self, const char *piece);
/* Under the text: how long it took, or what went wrong; "" for nothing. */
const char *attune_chat_message_get_note (AttuneChatMessage *self);
AttuneChatProgress attune_chat_message_get_progress (AttuneChatMessage *self);
/* @text: (nullable): in place of what was appended. */
void attune_chat_message_finish (AttuneChatMessage *self, AttuneChatProgress progress,
                                 const char *text, const char *note);
/* The last answer can be asked of the other model, or once more. */
gboolean attune_chat_message_is_last (AttuneChatMessage *self);
void attune_chat_message_set_last (AttuneChatMessage *self, gboolean last);

G_END_DECLS
