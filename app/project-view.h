/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An open project: the stages on the left, with what runs at their foot, and the page of one of
 * them on the right. Pages are made when they are first shown.
 */
#pragma once
#include "session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_PROJECT_VIEW (attune_project_view_get_type ())
G_DECLARE_FINAL_TYPE (AttuneProjectView, attune_project_view, ATTUNE, PROJECT_VIEW,
                      AdwBreakpointBin)

GtkWidget *attune_project_view_new (AttuneSession *session);
void attune_project_view_show_stage (AttuneProjectView *self, AttuneStage stage);
AttuneStage attune_project_view_get_stage (AttuneProjectView *self);
void attune_project_view_toggle_sidebar (AttuneProjectView *self);
/* Shows the data's page and begins to import @path there. */
void attune_project_view_import (AttuneProjectView *self, const char *path);

G_END_DECLS
