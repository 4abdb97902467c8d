/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model that answers: attunectl chat as a child on pipes. It is started with the first question,
 * remembers nothing by itself (each question comes with what was said before), and ends with this
 * object, after some time without questions, or when it is told to. On the main thread.
 *
 * Signals: #AttuneChatProcess::piece (text): the answer goes on;
 * #AttuneChatProcess::answered (const AttuneChatAnswer *): it is whole;
 * #AttuneChatProcess::failed (text): there is no answer, with the reason as a sentence or two. The
 * state then tells whether the program still runs.
 */
#pragma once
#include "job/pipe-message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_CHAT_ENDED,    /* it does not run: before the first question, and after some idle time */
  ATTUNE_CHAT_STARTING, /* it opens the model; the question waits */
  ATTUNE_CHAT_READY,
  ATTUNE_CHAT_ANSWERING,
  ATTUNE_CHAT_FAILED, /* it has ended, and was not told to */
} AttuneChatState;

#define ATTUNE_TYPE_CHAT_PROCESS (attune_chat_process_get_type ())
G_DECLARE_FINAL_TYPE (AttuneChatProcess, attune_chat_process, ATTUNE, CHAT_PROCESS, GObject)

/* @project: path of its folder; @run: name of the run whose model answers. Starts nothing yet. */
AttuneChatProcess *attune_chat_process_new (const char *project, const char *run);
AttuneChatState attune_chat_process_get_state (AttuneChatProcess *self); /* property "state" */
const char *attune_chat_process_get_run (AttuneChatProcess *self);
/* Takes a question, unless one is being answered. Starts the program where it does not run. */
void attune_chat_process_ask (AttuneChatProcess *self, const AttuneChatQuestion *question);
/* Ends the answer that is being written; while the model is being opened, ends the program. */
void attune_chat_process_stop (AttuneChatProcess *self);
/* Ends the program. */
void attune_chat_process_end (AttuneChatProcess *self);

G_END_DECLS
