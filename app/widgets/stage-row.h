/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A stage in the sidebar, with a badge that says how it stands.
 */
#pragma once
#include "session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_STAGE_ROW (attune_stage_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneStageRow, attune_stage_row, ATTUNE, STAGE_ROW, GtkListBoxRow)

GtkWidget *attune_stage_row_new (AttuneStage stage);
AttuneStage attune_stage_row_get_stage (AttuneStageRow *self);
/* @progress: 0 … 1 while it runs, else < 0. */
void attune_stage_row_set_state (AttuneStageRow *self, AttuneStageState state, double progress);

G_END_DECLS
