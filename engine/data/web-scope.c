/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See web-scope.h.
 */
#include "data/web-scope.h"

#include <libsoup/soup.h>
#include <string.h>

GUri *
attune_web_parse (const char *address)
{
  return g_uri_parse (address, SOUP_HTTP_URI_FLAGS, NULL);
}

char *
attune_web_get_path (const GUri *uri)
{
  const char *path = g_uri_get_path ((GUri *) uri), *query = g_uri_get_query ((GUri *) uri);

  return g_strconcat (*path != '\0' ? path : "/", query != NULL ? "?" : NULL, query, NULL);
}

static int
port_of (const GUri *uri)
{
  const int port = g_uri_get_port ((GUri *) uri);

  if (port > 0)
    return port;
  return g_str_equal (g_uri_get_scheme ((GUri *) uri), "https") ? 443 : 80;
}

gboolean
attune_web_is_same_server (const GUri *one, const GUri *other)
{
  const int a = port_of (one), b = port_of (other);

  return g_ascii_strcasecmp (g_uri_get_host ((GUri *) one), g_uri_get_host ((GUri *) other)) == 0
         && (a == b || (a == 80 && b == 443));
}

void
attune_web_scope_init (AttuneWebScope *self, GUri *start)
{
  const char *path = g_uri_get_path (start), *slash = strrchr (path, '/'),
             *name = slash != NULL ? slash + 1 : path;

  *self = (AttuneWebScope) { g_uri_ref (start) };
  if (g_uri_get_query (start) != NULL)
    self->page = g_strdup (path);
  else if (*name == '\0' || strchr (name, '.') != NULL) /* a folder, or a file */
    self->below = g_strndup (path, name - path);
  else
    {
      self->page = g_strdup (path);
      self->below = g_strconcat (path, "/", NULL);
    }
}

void
attune_web_scope_clear (AttuneWebScope *self)
{
  g_clear_pointer (&self->start, g_uri_unref);
  g_clear_pointer (&self->page, g_free);
  g_clear_pointer (&self->below, g_free);
}

gboolean
attune_web_scope_has (const AttuneWebScope *self, const GUri *uri)
{
  const char *path = g_uri_get_path ((GUri *) uri);

  return attune_web_is_same_server (self->start, uri)
         && (g_strcmp0 (path, self->page) == 0
             || (self->below != NULL && g_str_has_prefix (path, self->below)));
}
