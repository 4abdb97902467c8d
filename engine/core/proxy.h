/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The address of a proxy as a person writes it.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Returns: (transfer full): @text with its scheme: "http://proxy:3128" for "proxy:3128"; or %NULL:
 * it is no address of a proxy. */
char *attune_proxy_parse (const char *text);
/* @text: (nullable): what the preferences say; @address: (out) (transfer full): the same, or %NULL
 * where they say nothing. %FALSE with a sentence where it is no address. */
gboolean attune_proxy_read (const char *text, char **address, GError **error);

G_END_DECLS
