/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How Attune asks servers of the web: by its name, no longer than they answer, and through the
 * person's proxy.
 */
#pragma once
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* The name that servers know it by. */
#define ATTUNE_HTTP_AGENT "Attune"

/* @proxy: (nullable): its address, which all goes through but what stays on this computer;
 * @idle_seconds: without a byte, after which it is given up. Returns: (transfer full). */
SoupSession *attune_http_session_new (const char *proxy, guint idle_seconds);

G_END_DECLS
