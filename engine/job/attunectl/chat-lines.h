/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl chat --json: a conversation for another program, one line each way at a time.
 *
 * It says {"ready":true,"model":…,"tuned":true,"system":…} once the model is there. Then it reads
 * objects; every member may be left out, and they count in this order:
 *
 *   {"stop":true}                end the answer that is being written; read at once, out of turn
 *   {"model":"base"|"tuned"}     who answers from now on
 *   {"system":"…"|null}          what the model is told to be; null: as in training
 *   {"temperature":0.7}          how freely words are chosen; 0: always the likeliest
 *   {"max_tokens":256}           longest answer
 *   {"new":true}                 forget the conversation
 *   {"history":[{"prompt":…,"answer":…}]}   this was said so far, in place of what is remembered
 *   {"prompt":"…"}               a question
 *
 * A line that does not begin with a brace is a question as it stands; /new and /quit are what they
 * are for people. While it answers it writes {"piece":"…"}, and at the end {"prompt":…,"answer":…,
 * "model":…,"tokens":…,"seconds":…,"tokens_per_second":…,"cut":…,"stopped":…}. What cannot be done
 * is
 * {"error":{"message":"…"}} in its place, and it goes on. It ends with the input.
 */
#pragma once
#include "conversation.h"

#include <signal.h>

G_BEGIN_DECLS

/* @interrupted: set by a signal, it ends the answer that is being written. */
void attune_chat_lines_run (AttuneConversation *conversation, volatile sig_atomic_t *interrupted);
/* Says @answer as such a line. */
void attune_chat_lines_tell (AttuneConversation *conversation, const char *question,
                             const AttuneConversationAnswer *answer, gboolean stopped);

G_END_DECLS
