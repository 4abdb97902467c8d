/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of the window share; for app/window*.c alone.
 */
#pragma once
#include "window.h"

#include "project-view.h"
#include "stay-awake.h"
#include "welcome.h"

struct _AttuneWindow
{
  AdwApplicationWindow parent_instance;

  AttuneSession *session;  /* (nullable) */
  AttuneProjectView *view; /* (nullable); in project_bin */
  AttuneStayAwake *awake;  /* (nullable): while a model is tuned */

  AdwToastOverlay *toast_overlay;
  GtkStack *stack;
  AttuneWelcome *welcome;
  AdwBin *project_bin;
};

GSettings *attune_window_get_settings (AttuneWindow *self); /* (nullable) */
void attune_window_toast (AttuneWindow *self, const char *text);
void attune_window_close_project (AttuneWindow *self);
void attune_window_set_project (AttuneWindow *self, AttuneProject *project);

/* win.new-project, win.open-project, win.try-sample. */
void attune_window_install_project_actions (GtkWidgetClass *klass);
/* Files may be dropped on the window: a project is opened, a table imported. */
void attune_window_accept_files (AttuneWindow *self);
