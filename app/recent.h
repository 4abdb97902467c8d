/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Projects that were open lately, newest first: paths in the preferences.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Those whose folder is still there. @settings: (nullable). Returns: (transfer full). */
char **attune_recent_list (GSettings *settings);
void attune_recent_add (GSettings *settings, const char *path);
void attune_recent_remove (GSettings *settings, const char *path);

G_END_DECLS
