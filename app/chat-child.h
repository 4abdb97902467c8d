/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One running attunectl chat: lines in, lines out, and why it ended. For chat-process.c alone.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _AttuneChatChild AttuneChatChild;

typedef void (*AttuneChatLine) (gpointer data, const char *line);
/* @reason: sentences for people. The child may be given up in it. */
typedef void (*AttuneChatEnd) (gpointer data, const char *reason);

AttuneChatChild *attune_chat_child_start (const char *project, const char *run,
                                          AttuneChatLine on_line, AttuneChatEnd on_end,
                                          gpointer data, GError **error);
/* @line: without its end. Kept until the program takes it; never blocks. */
void attune_chat_child_say (AttuneChatChild *self, const char *line);
/* Ends the program; nothing more is told. Gives @self up. */
void attune_chat_child_end (AttuneChatChild *self);

G_END_DECLS
