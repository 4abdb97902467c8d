/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For those who write a settings class: a property is one line, and no code gets or sets it. The
 * value lives in a field of the instance (gboolean, int, gint64, double, char *), so that others in
 * the engine read plain fields.
 */
#pragma once
#include "core/settings.h"

G_BEGIN_DECLS

/* Sets get_property, set_property and finalize. Call it first in class_init. */
void attune_settings_class_init (GObjectClass *klass);

/**
 * attune_settings_class_add:
 * @offset: of the field from the start of the instance: G_STRUCT_OFFSET (AttunePlan,
 * values.lora_rank)
 * @pspec: (transfer floating): declared with %ATTUNE_PARAM
 */
void attune_settings_class_add (GObjectClass *klass, gsize offset, GParamSpec *pspec);

G_END_DECLS
