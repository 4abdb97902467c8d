/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One request, with its redirections, and what a refusal means in words.
 */
#include "core/fetch-private.h"

#include "core/http-session.h"
#include "core/offline.h"
#include "core/proxy.h"

#include <glib/gi18n.h>

/* A server that says nothing for so long is gone. */
#define SILENCE_SECONDS 30
#define MOST_REDIRECTIONS 8 /* what browsers allow is 20; the hub needs 2 */
/* A server that has too much to do is asked again, after 1, 2 and 4 seconds or when it says. */
#define MOST_TRIES 3
#define MOST_WAIT_SECONDS 60
#define TOO_MANY_REQUESTS 429 /* RFC 6585; libsoup has no name for it */

G_LOCK_DEFINE_STATIC (bad_mirror);
static char *bad_mirror; /* (nullable) */

void
attune_fetch_set_bad_mirror (const char *text)
{
  G_LOCK (bad_mirror);
  g_set_str (&bad_mirror, text);
  G_UNLOCK (bad_mirror);
}

static gboolean
check_mirror (GError **error)
{
  gboolean good;

  G_LOCK (bad_mirror);
  good = bad_mirror == NULL;
  if (!good)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 _ ("“%s” in the preferences is no address of a mirror. It looks like "
                    "https://hub.example.org"),
                 bad_mirror);
  G_UNLOCK (bad_mirror);
  return good;
}

gboolean
attune_fetch_check_online (GError **error)
{
  if (!attune_is_offline ())
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE,
               _ ("Attune works offline, as the preferences or HF_HUB_OFFLINE say: nothing is "
                  "fetched. What is on this computer can be used."));
  return FALSE;
}

static gboolean
has_proxy (const AttuneFetch *self)
{
  return self->proxy != NULL && *self->proxy != '\0';
}

SoupSession *
attune_fetch_open (const AttuneFetch *self)
{
  g_autofree char *proxy = has_proxy (self) ? attune_proxy_parse (self->proxy) : NULL;

  return attune_http_session_new (proxy, SILENCE_SECONDS);
}

static gboolean
is_same_server (GUri *one, GUri *two)
{
  return g_str_equal (g_uri_get_scheme (one), g_uri_get_scheme (two))
         && g_strcmp0 (g_uri_get_host (one), g_uri_get_host (two)) == 0
         && g_uri_get_port (one) == g_uri_get_port (two);
}

/* What goes to @uri is read by nobody on the way: it is encrypted or stays on this computer. */
static gboolean
is_private (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  g_autoptr (GInetAddress) number = g_inet_address_new_from_string (host);

  return g_str_equal (g_uri_get_scheme (uri), "https")
         || g_ascii_strcasecmp (host, "localhost") == 0
         || (number != NULL && g_inet_address_get_is_loopback (number));
}

static gboolean
has_token (const AttuneFetch *self)
{
  return self->token != NULL && *self->token != '\0';
}

static gboolean
refuse (GError **error, const AttuneFetch *self, GUri *uri, guint status, const char *reason)
{
  const char *host = g_uri_get_host (uri);

  switch (status)
    {
    case SOUP_STATUS_UNAUTHORIZED:
    case SOUP_STATUS_FORBIDDEN:
      if (has_token (self) && !is_private (uri))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                       _ ("“%s” wants your access token, but its address begins with http, so that "
                          "others could read the token on its way: it was not sent. Use https in "
                          "the address of the mirror."),
                       host);
          break;
        }
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                   _ ("“%s” gives it only to those who may have it. See whether the name is right, "
                      "accept the licence on its page there, and enter your access token."),
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
    case TOO_MANY_REQUESTS:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                   _ ("“%s” has been asked too often (%u). Try again in some minutes; an access "
                      "token lets one ask more often."),
                   host, status);
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
  g_autofree char *proxy = NULL;

  return attune_proxy_read (self->proxy, &proxy, error);
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
  if (has_token (self) && is_same_server (uri, first) && is_private (uri))
    {
      g_autofree char *value = g_strconcat ("Bearer ", self->token, NULL);

      soup_message_headers_replace (headers, "Authorization", value);
    }
  if (start > 0)
    soup_message_headers_set_range (headers, start, -1);
  return message;
}

static gboolean
is_busy (guint status)
{
  return status == TOO_MANY_REQUESTS || status == SOUP_STATUS_INTERNAL_SERVER_ERROR
         || status == SOUP_STATUS_BAD_GATEWAY || status == SOUP_STATUS_SERVICE_UNAVAILABLE
         || status == SOUP_STATUS_GATEWAY_TIMEOUT;
}

/* As long as @message says, or longer each time. Returns: whether to ask again. */
static gboolean
wait_for_turn (SoupMessage *message, int tries, GCancellable *cancellable)
{
  const char *told
      = soup_message_headers_get_one (soup_message_get_response_headers (message), "Retry-After");
  guint64 seconds = 1u << tries;
  GPollFD fd;

  if (told != NULL && !g_ascii_string_to_unsigned (told, 10, 0, G_MAXINT, &seconds, NULL))
    seconds = 1u << tries; /* a date, which no hub sends */
  if (seconds > MOST_WAIT_SECONDS)
    return FALSE;
  if (g_cancellable_make_pollfd (cancellable, &fd))
    {
      g_poll (&fd, 1, (int) seconds * 1000);
      g_cancellable_release_fd (cancellable);
    }
  else
    g_usleep (seconds * G_USEC_PER_SEC);
  return !g_cancellable_is_cancelled (cancellable);
}

/* Where a request has come to. */
typedef struct
{
  GUri *uri;
  guint64 start;
  int redirections, tries;
} Way;

/* After the answer @message, which is not what was asked for: whether there is something else to
 * ask. */
static gboolean
find_way (const AttuneFetch *self, Way *way, SoupMessage *message, GCancellable *cancellable,
          GError **error)
{
  const guint status = soup_message_get_status (message);
  GUri *next;

  if (status == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE && way->start > 0)
    {
      way->start = 0; /* the part is longer than the file: begin anew */
      return TRUE;
    }
  if (is_busy (status) && way->tries < MOST_TRIES
      && wait_for_turn (message, way->tries++, cancellable))
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!SOUP_STATUS_IS_REDIRECTION (status) || (next = get_next (message)) == NULL)
    return refuse (error, self, way->uri, status, soup_message_get_reason_phrase (message));
  g_uri_unref (way->uri);
  way->uri = next;
  if (++way->redirections < MOST_REDIRECTIONS)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_LINKS,
               _ ("“%s” sends one from place to place without end."), g_uri_get_host (next));
  return FALSE;
}

GInputStream *
attune_fetch_send (SoupSession *session, const AttuneFetch *self, guint64 start,
                   SoupMessage **message, GCancellable *cancellable, GError **error)
{
  g_autoptr (GUri) first = NULL;
  g_autoptr (GInputStream) stream = NULL;
  Way way = { .start = start };
  gboolean again = TRUE;

  if (!attune_fetch_check_online (error) || !check_proxy (self, error) || !check_mirror (error)
      || (first = g_uri_parse (self->url, SOUP_HTTP_URI_FLAGS, error)) == NULL)
    return NULL;
  way.uri = g_uri_ref (first);
  while (again)
    {
      g_autoptr (SoupMessage) one = make_message (self, way.uri, first, way.start);

      g_clear_object (&stream);
      stream = soup_session_send (session, one, cancellable, error);
      if (stream == NULL)
        explain (error, way.uri);
      else if (SOUP_STATUS_IS_SUCCESSFUL (soup_message_get_status (one)))
        {
          *message = g_steal_pointer (&one);
          break;
        }
      again = stream != NULL && find_way (self, &way, one, cancellable, error);
    }
  g_uri_unref (way.uri);
  return again ? g_steal_pointer (&stream) : NULL;
}

guint64
attune_fetch_get_start (SoupMessage *message)
{
  goffset start, end, total;

  if (soup_message_get_status (message) != SOUP_STATUS_PARTIAL_CONTENT)
    return 0;
  return soup_message_headers_get_content_range (soup_message_get_response_headers (message),
                                                 &start, &end, &total)
                 && start >= 0
             ? (guint64) start
             : G_MAXUINT64;
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
