/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See network.h. What fetches runs in threads and asks the two doors below it, not the settings.
 */
#include "stages/model/network.h"

#include "core/fetch.h"
#include "core/offline.h"
#include "model/hub.h"

#include <string.h>

char *
attune_network_parse_mirror (const char *text)
{
  g_autofree char *clean = NULL, *address = NULL;
  g_autoptr (GUri) uri = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  clean = g_strstrip (g_strdup (text));
  if (*clean == '\0')
    return NULL;
  address
      = strstr (clean, "://") != NULL ? g_strdup (clean) : g_strconcat ("https://", clean, NULL);
  uri = g_uri_parse (address, G_URI_FLAGS_NONE, NULL);
  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0'
      || g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL /* paths follow it */
      || strpbrk (g_uri_get_host (uri), " \t\n") != NULL                   /* GLib takes them */
      || (!g_str_equal (g_uri_get_scheme (uri), "https")
          && !g_str_equal (g_uri_get_scheme (uri), "http")))
    return NULL;
  return g_steal_pointer (&address);
}

void
attune_network_apply (GSettings *settings)
{
  g_autofree char *text = g_settings_get_string (settings, "hub-mirror"),
                  *mirror = attune_network_parse_mirror (text);

  attune_hub_set_mirror (mirror);
  attune_fetch_set_bad_mirror (mirror == NULL && *g_strstrip (text) != '\0' ? text : NULL);
  attune_set_offline (g_settings_get_boolean (settings, "offline"));
}

void
attune_network_follow (GSettings *settings)
{
  if (settings == NULL)
    return;
  g_signal_connect (settings, "changed::hub-mirror", G_CALLBACK (attune_network_apply), NULL);
  g_signal_connect (settings, "changed::offline", G_CALLBACK (attune_network_apply), NULL);
  attune_network_apply (settings); /* after this they tell what changes */
}
