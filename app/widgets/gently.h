/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Long work on widgets in small steps, so that the window answers in between: a page of thirty rows
 * is shown with what fills it, and the rest comes before anybody has scrolled there.
 */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* One step. Returns whether there is more to do. */
typedef gboolean (*AttuneGentleStep) (gpointer owner);

/* Calls @step by turns with drawing, after what people do, until it returns %FALSE or @owner, a
 * widget, is gone. It begins as soon as @owner can be seen: what is made out of sight would come
 * into sight all at once. Each call is a chain of its own. */
void attune_do_gently (gpointer owner, AttuneGentleStep step);

/* Takes the children out of @container, a GtkBox or an AdwPreferencesGroup that nobody sees yet,
 * and gives them back one after another, from the first on and before any other chain, as soon as
 * it can be seen: a page whose parts are styled, measured and drawn in one frame makes a long one.
 */
void attune_show_gently (GtkWidget *container);

/* Whether there is anything left to do: for who must see a page as a whole. */
gboolean attune_is_doing_gently (void);

G_END_DECLS
