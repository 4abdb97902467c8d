/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asks that the computer does not fall asleep. First whom GTK asks: the session manager of the
 * desktop or its portal; where there is neither, the login manager of the system.
 */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_STAY_AWAKE (attune_stay_awake_get_type ())
G_DECLARE_FINAL_TYPE (AttuneStayAwake, attune_stay_awake, ATTUNE, STAY_AWAKE, GObject)

/* @reason: for those who wonder. Where nobody can be asked, nothing is done. */
AttuneStayAwake *attune_stay_awake_begin (GtkApplication *application, GtkWindow *window,
                                          const char *reason);
/* From here on it may sleep again. Takes @self. */
void attune_stay_awake_end (AttuneStayAwake *self);

G_END_DECLS
