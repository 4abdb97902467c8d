/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions to the hub, each in a thread.
 */
#pragma once
#include "model/hub.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* @proxy, @token: (nullable) */
void attune_hub_search_async (const char *query, const char *proxy, const char *token,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer data);
/* Returns: (transfer full): AttuneHubModel, or %NULL with a sentence. */
GPtrArray *attune_hub_search_finish (GAsyncResult *result, GError **error);

/* What is in the repository @name. */
void attune_hub_look_async (const char *name, const char *proxy, const char *token,
                            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
AttuneHubModel *attune_hub_look_finish (GAsyncResult *result, GError **error);

G_END_DECLS
