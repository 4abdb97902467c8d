/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The preferences of this person, applied at once.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_PREFERENCES (attune_preferences_get_type ())
G_DECLARE_FINAL_TYPE (AttunePreferences, attune_preferences, ATTUNE, PREFERENCES,
                      AdwPreferencesDialog)

/* @settings: (nullable): without it nothing can be kept, and the rows are insensitive. */
AdwDialog *attune_preferences_new (GSettings *settings);

G_END_DECLS
