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
  if (answer->body != NULL)
    g_string_free (g_steal_pointer (&answer->body), TRUE);
}

SoupSession *
attune_web_session_new (const AttuneWebLimits *limits)
{
  return soup_session_new_with_options ("user-agent", ATTUNE_WEB_AGENT "/" ATTUNE_VERSION,
                                        "timeout", limits->idle_seconds, NULL);
}

static gboolean
fail (const char *address, const char *why, GError **error)
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
        return fail (address, "it is larger than any page that people read.", error);
      if (n > 0 && g_get_monotonic_time () > end)
        return fail (address, "it takes too long.", error);
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
      fail (address, reason->message, error);
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

  return uri != NULL ? g_uri_to_string_partial (uri, G_URI_HIDE_FRAGMENT | G_URI_HIDE_USERINFO)
                     : NULL;
}

gboolean
attune_web_ask (SoupSession *session, const char *address, guint64 max,
                const AttuneWebLimits *limits, GCancellable *cancellable, AttuneWebAnswer *answer,
                GError **error)
{
  const gint64 end = g_get_monotonic_time () + limits->page_seconds * G_USEC_PER_SEC;
  g_autoptr (SoupMessage) message = soup_message_new ("GET", address);
  g_autoptr (GInputStream) stream = NULL;
  GError *reason = NULL;

  *answer = (AttuneWebAnswer) { .body = g_string_new (NULL) };
  if (message == NULL)
    return fail (address, "it is no address of a page.", error);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  stream = soup_session_send (session, message, cancellable, &reason);
  if (stream == NULL || !read_body (stream, address, max, end, cancellable, answer->body, &reason))
    return explain (address, reason, error);
  answer->status = soup_message_get_status (message);
  answer->type = g_strdup (
      soup_message_headers_get_content_type (soup_message_get_response_headers (message), NULL));
  answer->location = find_location (message);
  return TRUE;
}
