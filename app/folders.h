/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The preferences, and where projects and models are kept: as they say or by default.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Returns: (transfer full): the preferences of this person, or %NULL where the schema is not
 * installed: the program then runs all the same, with the defaults, and forgetting. */
GSettings *attune_open_settings (void);

/* @settings: (nullable). Returns: (transfer full). */
char *attune_projects_folder (GSettings *settings);
char *attune_models_folder (GSettings *settings);

G_END_DECLS
