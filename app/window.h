/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A window: the welcome page, or one open project.
 */
#pragma once
#include "application.h"
#include "session.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_WINDOW (attune_window_get_type ())
G_DECLARE_FINAL_TYPE (AttuneWindow, attune_window, ATTUNE, WINDOW, AdwApplicationWindow)

AttuneWindow *attune_window_new (AttuneApplication *application);

/* Opens the project at @path here, in place of what is open; where it cannot be, says why. */
void attune_window_open (AttuneWindow *self, const char *path);
/* The open project's folder, or %NULL. Borrowed. */
const char *attune_window_get_path (AttuneWindow *self);
/* (nullable); borrowed */
AttuneSession *attune_window_get_session (AttuneWindow *self);
void attune_window_show_stage (AttuneWindow *self, AttuneStage stage);

G_END_DECLS
