/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions to the hub, each in a thread.
 */
#pragma once
#include "core/fetch.h"
#include "model/hub.h"

G_BEGIN_DECLS

/* @access: as its url the address of the hub, token and proxy; the rest is not looked at */
void attune_hub_search_async (const AttuneFetch *access, const char *query,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer data);
/* Returns: (transfer full): AttuneHubModel, or %NULL with a sentence. */
GPtrArray *attune_hub_search_finish (GAsyncResult *result, GError **error);

/* What is in the repository @name. */
void attune_hub_look_async (const AttuneFetch *access, const char *name, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer data);
AttuneHubModel *attune_hub_look_finish (GAsyncResult *result, GError **error);

G_END_DECLS
