/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The audit of labels and groups as a page for people, saved where they say.
 */
#pragma once
#include "session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks for a file, and writes the page into it in a thread; tells with the session when it is
 * there, or why it is not. @widget: of the window that asks */
void attune_audit_save (GtkWidget *widget, AttuneSession *session);
/* The same without asking. */
void attune_audit_save_to (AttuneSession *session, GFile *file);

G_END_DECLS
