/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The access token for the hub, in the keyring of the desktop and nowhere else; where there is no
 * keyring, in this process until it ends. The keyring may ask the person first, so it is spoken to
 * in a thread.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* @hub: its address; @source: (nullable): what @callback is told of */
void attune_token_lookup_async (const char *hub, gpointer source, GAsyncReadyCallback callback,
                                gpointer data);
/**
 * attune_token_lookup_finish:
 * @problem: (out) (optional) (nullable) (transfer full): why the keyring could not be asked, as a
 *   sentence; a token comes from this process then
 *
 * Returns: (transfer full): or %NULL where there is none
 */
char *attune_token_lookup_finish (GAsyncResult *result, char **problem);

/* @token: "" takes it out. */
void attune_token_store_async (const char *hub, const char *token, gpointer source,
                               GAsyncReadyCallback callback, gpointer data);
/* Returns: whether the keyring has it; where not, it is kept in this process. */
gboolean attune_token_store_finish (GAsyncResult *result, GError **error);

G_END_DECLS
