/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See proxy.h.
 */
#include "stages/model/proxy.h"

#include <string.h>

char *
attune_proxy_parse (const char *text)
{
  /* those that GLib has a GProxy for */
  static const char *const schemes[]
      = { "http", "https", "socks", "socks4", "socks4a", "socks5", NULL };
  g_autofree char *clean = NULL, *address = NULL;
  g_autoptr (GUri) uri = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  clean = g_strstrip (g_strdup (text));
  address = strstr (clean, "://") != NULL ? g_strdup (clean) : g_strconcat ("http://", clean, NULL);
  uri = g_uri_parse (address, G_URI_FLAGS_HAS_PASSWORD, NULL);
  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0'
      || strpbrk (g_uri_get_host (uri), " \t\n") != NULL /* GLib takes them */
      || !g_strv_contains (schemes, g_uri_get_scheme (uri)))
    return NULL;
  return g_steal_pointer (&address);
}
