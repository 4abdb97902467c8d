/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See web-request.h.
 */
#include "data/web-request.h"

#define CHUNK 65536

void
attune_web_answer_clear (AttuneWebAnswer *answer)
{
  g_clear_pointer (&answer->type, g_free);
  g_clear_pointer (&answer->location, g_free);
  g_clear_pointer (&answer->charset, g_free);
  if (answer->body != NULL)
    g_string_free (g_steal_pointer (&answer->body), TRUE);
}

gboolean
attune_web_refuse (const char *address, const char *why, GError **error)
{
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ, "“%s” could not be read: %s",
               address, why);
  return FALSE;
}

/* Reads what the server says, unpacked: so what unpacks to gigabytes ends here, too. */
static gboolean
read_body (GInputStream *stream, const char *address, guint64 max, gint64 end,
           GCancellable *cancellable, GString *body, GError **error)
{
  g_autofree char *bytes = g_malloc (CHUNK);
  gssize n;

  do
    {
      n = g_input_stream_read (stream, bytes, CHUNK, cancellable, error);
      if (n > 0 && body->len + n > max)
        return attune_web_refuse (address, "it is larger than any page that people read.", error);
      if (n > 0 && g_get_monotonic_time () > end)
        return attune_web_refuse (address, "it takes too long.", error);
      if (n > 0)
        g_string_append_len (body, bytes, n);
    }
  while (n > 0);
  return n == 0;
}

/* The reason of libsoup or GIO as a sentence of ours; that it was cancelled stays. */
static gboolean
explain (const char *address, GError *reason, GError **error)
{
  if (reason->domain == ATTUNE_DATA_ERROR
      || g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, reason);
  else
    {
      attune_web_refuse (address, reason->message, error);
      g_error_free (reason);
    }
  return FALSE;
}

static char *
find_location (SoupMessage *message)
{
  const char *location
      = soup_message_headers_get_one (soup_message_get_response_headers (message), "Location");
  g_autoptr (GUri) uri = location != NULL
                             ? g_uri_parse_relative (soup_message_get_uri (message), location,
                                                     SOUP_HTTP_URI_FLAGS, NULL)
                             : NULL;

  if (uri == NULL || g_strcmp0 (g_uri_get_host (uri), "") <= 0
      || (!g_str_equal (g_uri_get_scheme (uri), "http")
          && !g_str_equal (g_uri_get_scheme (uri), "https")))
    return NULL;
  return g_uri_to_string_partial (uri, G_URI_HIDE_FRAGMENT | G_URI_HIDE_USERINFO);
}

/* What the server says before it says the text. */
static void
read_head (SoupMessage *message, AttuneWebAnswer *answer)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *wait = soup_message_headers_get_one (headers, "Retry-After");
  g_autoptr (GHashTable) more = NULL;
  guint64 seconds;

  answer->status = soup_message_get_status (message);
  answer->type = g_strdup (soup_message_headers_get_content_type (headers, &more));
  if (more != NULL)
    answer->charset = g_strdup (g_hash_table_lookup (more, "charset"));
  answer->location = find_location (message);
  answer->wait = -1;
  if (wait != NULL && g_ascii_string_to_unsigned (wait, 10, 0, G_MAXINT, &seconds, NULL))
    answer->wait = seconds; /* or it is a date, which few send */
}

static gboolean
is_text (const char *type)
{
  return type == NULL || g_str_has_prefix (type, "text/") || g_str_has_suffix (type, "+xml")
         || g_str_equal (type, "application/xml");
}

gboolean
attune_web_ask (SoupSession *session, const char *address, gboolean any, guint64 max,
                const AttuneWebLimits *limits, GCancellable *cancellable, AttuneWebAnswer *answer,
                GError **error)
{
  const gint64 end = g_get_monotonic_time () + limits->page_seconds * G_USEC_PER_SEC;
  g_autoptr (SoupMessage) message = soup_message_new ("GET", address);
  g_autoptr (GInputStream) stream = NULL;
  GError *reason = NULL;

  *answer = (AttuneWebAnswer) { .wait = -1, .body = g_string_new (NULL) };
  if (message == NULL)
    return attune_web_refuse (address, "it is no address of a page.", error);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  stream = soup_session_send (session, message, cancellable, &reason);
  if (stream == NULL)
    return explain (address, reason, error);
  read_head (message, answer);
  if (answer->status != 200 || (!any && !is_text (answer->type)))
    return TRUE; /* a film may be gigabytes: the stream is closed as it is */
  return read_body (stream, address, max, end, cancellable, answer->body, &reason)
         || explain (address, reason, error);
}
