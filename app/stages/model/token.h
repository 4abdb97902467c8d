/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The access token for the hub, in the keyring of the desktop and nowhere else. Both block.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* @server: the hub's address. Returns: (transfer full): or %NULL where there is none, or no
 * keyring. */
char *attune_token_lookup (const char *server);
/* @token: "" takes it out. */
gboolean attune_token_store (const char *server, const char *token, GError **error);

G_END_DECLS
