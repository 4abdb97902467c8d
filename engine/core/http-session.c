/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See http-session.h.
 */
#include "core/http-session.h"

SoupSession *
attune_http_session_new (const char *proxy, guint idle_seconds)
{
  static const char *const not[] = { "localhost", "127.0.0.0/8", "::1", NULL };
  SoupSession *session = soup_session_new_with_options (
      "user-agent", ATTUNE_HTTP_AGENT "/" ATTUNE_VERSION, "timeout", idle_seconds, NULL);

  if (proxy != NULL)
    {
      g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (proxy, (char **) not);

      soup_session_set_proxy_resolver (session, resolver);
    }
  return session;
}
