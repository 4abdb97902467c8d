/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See proxy.h.
 */
#include "core/proxy.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
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

gboolean
attune_proxy_read (const char *text, char **address, GError **error)
{
  *address = NULL;
  if (text == NULL || *text == '\0' || (*address = attune_proxy_parse (text)) != NULL)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               _ ("“%s” in the preferences is no address of a proxy. It looks like "
                  "http://proxy.example.org:3128"),
               text);
  return FALSE;
}
