/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The prepared data as messages, for programs that tune elsewhere, saved where people say.
 */
#pragma once
#include "session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks for a folder, and writes the files into it in a thread; tells with the session when they are
 * there, or why they are not. @widget: of the window that asks */
void attune_messages_save (GtkWidget *widget, AttuneSession *session);
/* The same into @folder. @window: (nullable): where it is asked whether files that are there are
 * replaced; else they stay */
void attune_messages_save_to (AttuneSession *session, GFile *folder, GtkWidget *window);

G_END_DECLS
