/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A row for one setting, made from its property: what it is called, what it does, its range.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

/**
 * attune_settings_row_new:
 * @settings: see core/settings.h
 * @pspec: of a property of @settings
 *
 * Returns: (transfer floating): an AdwPreferencesRow that follows the property both ways, with a
 * button that sets it back while it is not the default
 */
GtkWidget *attune_settings_row_new (GObject *settings, GParamSpec *pspec);
/* What the choice @value of a setting of that type is called. (transfer full) */
char *attune_settings_name_choice (GType type, const GEnumValue *value);

G_END_DECLS
