/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model on this computer, with a radio button to choose it.
 *
 * #AttuneModelRow::chosen: a person has chosen it. #AttuneModelRow::forgotten: a person wants it
 * out of the list.
 */
#pragma once
#include "plan/plan.h"
#include "stages/model/fit-bar.h"
#include "stages/model/model-file.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_MODEL_ROW (attune_model_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneModelRow, attune_model_row, ATTUNE, MODEL_ROW, AdwPreferencesRow)

/* @removable: whether it can be taken out of the list */
GtkWidget *attune_model_row_new (AttuneModelFile *file, gboolean removable);
AttuneModelFile *attune_model_row_get_file (AttuneModelRow *self);
/* Of all rows that are given the same one, one is chosen. */
void attune_model_row_set_group (AttuneModelRow *self, GtkCheckButton *group);
void attune_model_row_set_chosen (AttuneModelRow *self, gboolean chosen);
gboolean attune_model_row_get_chosen (AttuneModelRow *self);
/* Chooses it as a person does. */
void attune_model_row_choose (AttuneModelRow *self);
/* What it needs: @plan and @data as attune_fit(). */
void attune_model_row_show_fit (AttuneModelRow *self, AttunePlan *plan, const AttuneDataFacts *data,
                                guint64 available);

G_END_DECLS
