/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a window shows while no project is open: begin with the sample, with a project of one's own,
 * or go on with a recent one.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_WELCOME (attune_welcome_get_type ())
G_DECLARE_FINAL_TYPE (AttuneWelcome, attune_welcome, ATTUNE, WELCOME, AdwBin)

/* Lists the recent projects. @settings: (nullable). */
void attune_welcome_set_recent (AttuneWelcome *self, GSettings *settings);

G_END_DECLS
