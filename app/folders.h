/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where projects and models are kept, as the preferences say or by default.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* @settings: (nullable). Returns: (transfer full). */
char *attune_projects_folder (GSettings *settings);
char *attune_models_folder (GSettings *settings);

G_END_DECLS
