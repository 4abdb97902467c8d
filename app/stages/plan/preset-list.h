/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ready-made plans as a choice of one, and "Custom" beside them once a plan is none of them.
 *
 * #AttunePresetList:preset: the one that is marked, or -1 for a plan of one's own.
 * #AttunePresetList::chosen (preset): a person has chosen another one; setting the property does
 * not tell it.
 */
#pragma once
#include "plan/presets.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_PRESET_LIST (attune_preset_list_get_type ())
G_DECLARE_FINAL_TYPE (AttunePresetList, attune_preset_list, ATTUNE, PRESET_LIST, AdwBin)

GtkWidget *attune_preset_list_new (void);
int attune_preset_list_get_preset (AttunePresetList *self);
void attune_preset_list_set_preset (AttunePresetList *self, int preset);

G_END_DECLS
