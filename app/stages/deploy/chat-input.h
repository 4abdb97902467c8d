/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a question is written. Enter sends it, Shift+Enter begins a new line, Escape
 * stops the answer.
 *
 * #AttuneChatInput:busy: an answer is being written: the button stops it, and nothing is sent.
 * Signals: #AttuneChatInput::send (text), #AttuneChatInput::stop.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_CHAT_INPUT (attune_chat_input_get_type ())
G_DECLARE_FINAL_TYPE (AttuneChatInput, attune_chat_input, ATTUNE, CHAT_INPUT, AdwBin)

void attune_chat_input_set_text (AttuneChatInput *self, const char *text);
char *attune_chat_input_get_text (AttuneChatInput *self); /* (transfer full) */
/* What the button does: sends, or stops. */
void attune_chat_input_activate (AttuneChatInput *self);

G_END_DECLS
