/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether a chat template and a vocabulary belong together. Private to model/.
 */
#pragma once
#include "text/chat-template.h"

G_BEGIN_DECLS

/**
 * attune_chat_check:
 * @end_of_turn: the token that the file names as the end of a turn; %G_MAXUINT64: none
 * @warnings: gets a sentence for each thing that is odd but can be worked with
 */
void attune_chat_check (const AttuneChatTemplate *chat_template, const AttuneTokenizer *tokenizer,
                        guint64 end_of_turn, GPtrArray *warnings);

G_END_DECLS
