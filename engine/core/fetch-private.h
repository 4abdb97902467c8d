/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests and answers; for fetch.c alone.
 */
#pragma once
#include "core/fetch.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* FALSE with a sentence where nothing is to be fetched. */
gboolean attune_fetch_check_online (GError **error);

SoupSession *attune_fetch_open (const AttuneFetch *self);

/**
 * attune_fetch_send:
 * @start: the first byte that is wanted
 * @message: (out): the one that was answered
 *
 * Returns: (transfer full): the content of a good answer; otherwise a sentence
 */
GInputStream *attune_fetch_send (SoupSession *session, const AttuneFetch *self, guint64 start,
                                 SoupMessage **message, GCancellable *cancellable, GError **error);
/* Where in the file the answer begins: at 0 where the server does not know parts; G_MAXUINT64: it
 * is a part and does not say of what. */
guint64 attune_fetch_get_start (SoupMessage *message);
/* Bytes of the whole file, or 0. */
guint64 attune_fetch_get_total (SoupMessage *message);

G_END_DECLS
