/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ready-made plans: values of those settings that decide how well and how long a model learns. What
 * decides only where it runs (memory, threads, seed, samples to look at) a preset leaves alone.
 */
#pragma once
#include "plan/plan.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_PRESET_QUICK,
  ATTUNE_PRESET_BALANCED, /* what a new plan is */
  ATTUNE_PRESET_BEST,
  ATTUNE_PRESET_FULL,
  ATTUNE_N_PRESETS,
} AttunePreset;

/* "Quick Try", not translated. Static. */
const char *attune_preset_get_title (AttunePreset preset);
/* What it does, as a sentence; not translated. Static. */
const char *attune_preset_get_text (AttunePreset preset);

void attune_preset_apply (AttunePreset preset, AttunePlan *plan);

/* Returns: the preset whose values @plan has, or -1 where they were changed by hand. */
int attune_preset_find (AttunePlan *plan);

G_END_DECLS
