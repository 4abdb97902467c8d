/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the preferences say of the network, for all that is fetched.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* @settings: (nullable): their mirror of the hub and their word to stay offline hold from now on,
 * and whenever they change, for as long as there are these settings. */
void attune_network_follow (GSettings *settings);

/* As they are now. */
void attune_network_apply (GSettings *settings);

/* @text: as a person types it. Returns: (transfer full): the address of a mirror, or %NULL: it is
 * none, or empty. */
char *attune_network_parse_mirror (const char *text);

G_END_DECLS
