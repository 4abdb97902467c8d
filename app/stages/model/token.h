/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The access token for the hub, in the keyring of the desktop and nowhere else. The keyring may ask
 * the person first, so it is spoken to in a thread.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* @source: (nullable): what @callback is told of */
void attune_token_lookup_async (gpointer source, GAsyncReadyCallback callback, gpointer data);
/* Returns: (transfer full): or %NULL where there is none, or no keyring. */
char *attune_token_lookup_finish (GAsyncResult *result);

/* @token: "" takes it out. */
void attune_token_store_async (const char *token, gpointer source, GAsyncReadyCallback callback,
                               gpointer data);
gboolean attune_token_store_finish (GAsyncResult *result, GError **error);

G_END_DECLS
