/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether there is an access token for the hub, and setting and removing it; for the preferences.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_TOKEN_GROUP (attune_token_group_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTokenGroup, attune_token_group, ATTUNE, TOKEN_GROUP,
                      AdwPreferencesGroup)

/* The hub is another one. */
void attune_token_group_update (AttuneTokenGroup *self);

G_END_DECLS
