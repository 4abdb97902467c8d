/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One request, with its redirections, and what a refusal means in words.
 */
#include "stages/model/fetch-private.h"

#include "stages/model/proxy.h"

#include <glib/gi18n.h>

/* A server that says nothing for so long is gone. */
#define SILENCE_SECONDS 30
#define MOST_REDIRECTIONS 8 /* what browsers allow is 20; the hub needs 2 */

static gboolean
has_proxy (const AttuneFetch *self)
{
  return self->proxy != NULL && *self->proxy != '\0';
}

SoupSession *
attune_fetch_open (const AttuneFetch *self)
{
  SoupSession *session = soup_session_new ();
  g_autofree char *proxy = has_proxy (self) ? attune_proxy_parse (self->proxy) : NULL;

  soup_session_set_user_agent (session, "Attune/" ATTUNE_VERSION);
  soup_session_set_timeout (session, SILENCE_SECONDS);
  if (proxy != NULL)
    {
      static const char *const not[] = { "localhost", "127.0.0.0/8", "::1", NULL };
      g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (proxy, (char **) not);

      soup_session_set_proxy_resolver (session, resolver);
    }
  return session;
}

static gboolean
is_same_server (GUri *one, GUri *two)
{
  return g_str_equal (g_uri_get_scheme (one), g_uri_get_scheme (two))
         && g_strcmp0 (g_uri_get_host (one), g_uri_get_host (two)) == 0
         && g_uri_get_port (one) == g_uri_get_port (two);
}

static gboolean
refuse (GError **error, GUri *uri, guint status, const char *reason)
{
  const char *host = g_uri_get_host (uri);

  switch (status)
    {
    case SOUP_STATUS_UNAUTHORIZED:
    case SOUP_STATUS_FORBIDDEN:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                   _ ("“%s” gives it only to those who may have it. Accept the licence on the "
                      "model’s page there, and enter your access token."),
                   host);
      break;
    case SOUP_STATUS_NOT_FOUND:
    case SOUP_STATUS_GONE:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("“%s” no longer has it, or it was never there."), host);
      break;
    case SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PROXY_NEED_AUTH,
                   _ ("The proxy wants a name and a password. Put them into its address in the "
                      "preferences: http://name:password@proxy:port"));
      break;
    default:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   _ ("“%s” could not answer just now (%u %s). Try again later."), host, status,
                   reason != NULL ? reason : "");
    }
  return FALSE;
}

/* What came of the network, in words, before the reason that the library gives. */
static void
explain (GError **error, GUri *uri)
{
  if (error == NULL || g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_prefix_error (error, _ ("“%s” could not be reached; is this computer connected? "),
                  g_uri_get_host (uri));
}

/* Where @message sends us, or %NULL: nowhere, or where nobody should go. */
static GUri *
get_next (SoupMessage *message)
{
  const char *location
      = soup_message_headers_get_one (soup_message_get_response_headers (message), "Location");
  GUri *here = soup_message_get_uri (message);
  g_autoptr (GUri) next
      = location != NULL ? g_uri_parse_relative (here, location, SOUP_HTTP_URI_FLAGS, NULL) : NULL;

  if (next == NULL || g_uri_get_host (next) == NULL
      || (g_strcmp0 (g_uri_get_scheme (next), "https") != 0
          && !(g_str_equal (g_uri_get_scheme (here), "http")
               && g_strcmp0 (g_uri_get_scheme (next), "http") == 0)))
    return NULL;
  return g_steal_pointer (&next);
}

/* Going on without the proxy that was asked for might tell others what it was to hide. */
static gboolean
check_proxy (const AttuneFetch *self, GError **error)
{
  g_autofree char *proxy = has_proxy (self) ? attune_proxy_parse (self->proxy) : NULL;

  if (proxy != NULL || !has_proxy (self))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               _ ("“%s” in the preferences is no address of a proxy. It looks like "
                  "http://proxy.example.org:3128"),
               self->proxy);
  return FALSE;
}

static SoupMessage *
make_message (const AttuneFetch *self, GUri *uri, GUri *first, guint64 start)
{
  SoupMessage *message = soup_message_new_from_uri (SOUP_METHOD_GET, uri);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_headers_replace (headers, "Accept-Encoding", "identity"); /* parts count bytes */
  if (self->accept != NULL)
    soup_message_headers_replace (headers, "Accept", self->accept);
  if (self->token != NULL && *self->token != '\0' && is_same_server (uri, first))
    {
      g_autofree char *value = g_strconcat ("Bearer ", self->token, NULL);

      soup_message_headers_replace (headers, "Authorization", value);
    }
  if (start > 0)
    soup_message_headers_set_range (headers, start, -1);
  return message;
}

GInputStream *
attune_fetch_send (SoupSession *session, const AttuneFetch *self, guint64 start,
                   SoupMessage **message, GCancellable *cancellable, GError **error)
{
  g_autoptr (GUri) first
      = check_proxy (self, error) ? g_uri_parse (self->url, SOUP_HTTP_URI_FLAGS, error) : NULL;
  g_autoptr (GUri) uri = first != NULL ? g_uri_ref (first) : NULL;

  for (int i = 0; uri != NULL && i < MOST_REDIRECTIONS; i++)
    {
      g_autoptr (SoupMessage) one = make_message (self, uri, first, start);
      g_autoptr (GInputStream) stream = soup_session_send (session, one, cancellable, error);
      const guint status = soup_message_get_status (one);
      GUri *next;

      if (stream == NULL)
        {
          explain (error, uri);
          return NULL;
        }
      if (SOUP_STATUS_IS_SUCCESSFUL (status))
        {
          *message = g_steal_pointer (&one);
          return g_steal_pointer (&stream);
        }
      if (status == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE && start > 0)
        {
          start = 0; /* the part is longer than the file: begin anew */
          continue;
        }
      if (!SOUP_STATUS_IS_REDIRECTION (status) || (next = get_next (one)) == NULL)
        {
          refuse (error, uri, status, soup_message_get_reason_phrase (one));
          return NULL;
        }
      g_uri_unref (uri);
      uri = next;
    }
  if (uri != NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_LINKS,
                 _ ("“%s” sends one from place to place without end."), g_uri_get_host (first));
  return NULL;
}

guint64
attune_fetch_get_start (SoupMessage *message)
{
  goffset start, end, total;

  if (soup_message_get_status (message) == SOUP_STATUS_PARTIAL_CONTENT
      && soup_message_headers_get_content_range (soup_message_get_response_headers (message),
                                                 &start, &end, &total))
    return MAX (0, start);
  return 0;
}

guint64
attune_fetch_get_total (SoupMessage *message)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  goffset start, end, total;

  if (soup_message_get_status (message) == SOUP_STATUS_PARTIAL_CONTENT
      && soup_message_headers_get_content_range (headers, &start, &end, &total))
    return MAX (0, total);
  return soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH
             ? MAX (0, soup_message_headers_get_content_length (headers))
             : 0;
}
