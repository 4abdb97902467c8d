/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A queue of addresses, each asked for once.
 */
#include "data/web.h"

#include "data/robots.h"
#include "data/web-links.h"
#include "data/web-request.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define MAX_REDIRECTIONS 5
#define MAX_ROBOTS_BYTES (4u << 20) /* of which half a MB is read */
#define MAX_MAPS 50
/* Requests in a row without an answer: the server is gone, and each takes its time. */
#define MAX_LOST 5
/* Addresses that are remembered, at most: a site may make them up without end. */
#define MAX_QUEUE 100000
#define MAX_NAME 60

const AttuneWebLimits attune_web_limits = { .max_pages = 200,
                                            .max_page_bytes = 8u << 20,
                                            .max_bytes = 512u << 20,
                                            .wait_ms = 1000,
                                            .idle_seconds = 30,
                                            .page_seconds = 120 };

typedef struct
{
  const AttuneWebLimits *limits;
  const char *folder;
  GCancellable *cancellable;
  AttuneWebReport *report;
  SoupSession *session;
  GUri *start; /* what is fetched lies on its server */
  char *below; /* and has a path that begins so */
  AttuneRobots *robots;
  GHashTable *seen;   /* addresses that were asked for or stand in the queue */
  GQueue queue, maps; /* char*: pages, site maps */
  guint n_maps, n_lost;
  guint64 n_bytes;
  gint64 next; /* when the next request may go out, by the monotonic clock */
} Fetch;

static void
fetch_clear (Fetch *self)
{
  g_clear_object (&self->session);
  g_clear_pointer (&self->start, g_uri_unref);
  g_clear_pointer (&self->below, g_free);
  g_clear_pointer (&self->robots, attune_robots_free);
  g_clear_pointer (&self->seen, g_hash_table_unref);
  g_queue_clear_full (&self->queue, g_free);
  g_queue_clear_full (&self->maps, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fetch, fetch_clear)

void
attune_web_report_clear (AttuneWebReport *report)
{
  g_clear_pointer (&report->problem, g_free);
}

gboolean
attune_web_is_address (const char *path)
{
  return g_ascii_strncasecmp (path, "http://", 7) == 0
         || g_ascii_strncasecmp (path, "https://", 8) == 0;
}

/* --- which addresses */

static GUri *
parse (const char *address)
{
  return g_uri_parse (address, SOUP_HTTP_URI_FLAGS, NULL);
}

static char *
path_of (const GUri *uri)
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

/* The same name; and the same port, or both are the usual ones. */
static gboolean
is_same_server (const GUri *one, const GUri *other)
{
  const int a = port_of (one), b = port_of (other);

  return g_ascii_strcasecmp (g_uri_get_host ((GUri *) one), g_uri_get_host ((GUri *) other)) == 0
         && (a == b || (a == 80 && b == 443));
}

static gboolean
is_below (const Fetch *self, const GUri *uri)
{
  return is_same_server (self->start, uri)
         && g_str_has_prefix (g_uri_get_path ((GUri *) uri), self->below);
}

/* Puts an address into one of the queues, once, where it belongs there: site maps may lie anywhere
 * on the server. */
static void
enqueue (Fetch *self, GQueue *queue, const char *address)
{
  g_autoptr (GUri) uri = parse (address);

  if (uri == NULL || g_hash_table_contains (self->seen, address)
      || !(queue == &self->maps ? is_same_server (self->start, uri) : is_below (self, uri)))
    return;
  if (g_hash_table_size (self->seen) >= MAX_QUEUE)
    {
      self->report->has_more = TRUE;
      return;
    }
  g_hash_table_add (self->seen, g_strdup (address));
  g_queue_push_tail (queue, g_strdup (address));
}

static void
enqueue_all (Fetch *self, GQueue *queue, const GPtrArray *addresses)
{
  for (guint i = 0; i < addresses->len; i++)
    enqueue (self, queue, addresses->pdata[i]);
}

/* --- asking */

/* Until the server has had its rest. */
static gboolean
wait_for_turn (Fetch *self, GError **error)
{
  const double asked = self->robots != NULL ? attune_robots_get_wait (self->robots) : 0;
  const gint64 pause = MAX (self->limits->wait_ms * 1000, (gint64) (asked * G_USEC_PER_SEC));

  while (g_get_monotonic_time () < self->next)
    {
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      g_usleep (MIN (100000, MAX (0, self->next - g_get_monotonic_time ())));
    }
  self->next = g_get_monotonic_time () + pause;
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

static gboolean
refuse (const char *address, const char *why, GError **error)
{
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ, "“%s” could not be read: %s",
               address, why);
  return FALSE;
}

static gboolean
is_redirection (const AttuneWebAnswer *answer)
{
  return answer->status >= 300 && answer->status < 400 && answer->status != 304;
}

/* Asks, and follows the server to where it sends us on, on itself. @at: (out) (transfer full): the
 * address that answered. @allowed: (out): whether robots.txt allows it */
static gboolean
ask (Fetch *self, const char *address, guint64 max, AttuneWebAnswer *answer, char **at,
     gboolean *allowed, GError **error)
{
  g_autofree char *here = g_strdup (address);

  for (guint n = 0; n <= MAX_REDIRECTIONS; n++)
    {
      g_autoptr (GUri) uri = parse (here), next = NULL;
      g_autofree char *path = uri != NULL ? path_of (uri) : NULL;

      if (uri == NULL)
        return refuse (here, "it is no address of a page.", error);
      *allowed = self->robots == NULL || attune_robots_allow (self->robots, path);
      if (!*allowed)
        return TRUE;
      attune_web_answer_clear (answer);
      if (!wait_for_turn (self, error))
        return FALSE;
      self->n_lost++;
      if (!attune_web_ask (self->session, here, max, self->limits, self->cancellable, answer,
                           error))
        return FALSE;
      self->n_lost = 0;
      if (!is_redirection (answer))
        {
          *at = g_steal_pointer (&here);
          return TRUE;
        }
      next = answer->location != NULL ? parse (answer->location) : NULL;
      if (next == NULL || g_uri_get_host (next) == NULL)
        return refuse (here, "its server sends one on to nowhere.", error);
      if (!is_same_server (uri, next))
        {
          g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ,
                       "“%s” is at another server, “%s”, which was not asked for. Give that "
                       "address where it is meant.",
                       here, answer->location);
          return FALSE;
        }
      g_set_str (&here, answer->location);
    }
  return refuse (address, "its server sends one on and on.", error);
}

/* RFC 9309: what a server does not have (4xx) allows all; one that fails (5xx) allows nothing. */
static gboolean
read_robots (Fetch *self, GError **error)
{
  g_autofree char *port
      = g_uri_get_port (self->start) > 0 ? g_strdup_printf (":%d", g_uri_get_port (self->start))
                                         : g_strdup (""),
      *address = g_strdup_printf ("%s://%s%s/robots.txt", g_uri_get_scheme (self->start),
                                  g_uri_get_host (self->start), port),
      *at = NULL;
  g_auto (AttuneWebAnswer) answer = { 0 };
  gboolean allowed;

  if (!ask (self, address, MAX_ROBOTS_BYTES, &answer, &at, &allowed, error))
    return FALSE;
  if (answer.status >= 500)
    return refuse (address,
                   "its server is out of order, and does not say what may be read. Try "
                   "again later.",
                   error);
  self->robots = answer.status == 200
                     ? attune_robots_new (answer.body->str, answer.body->len, ATTUNE_WEB_AGENT)
                     : attune_robots_new ("", 0, ATTUNE_WEB_AGENT);
  enqueue_all (self, &self->maps, attune_robots_get_sitemaps (self->robots));
  return TRUE;
}

/* --- keeping */

/* "0012-getting-started.html". */
static char *
name_of (const char *address, guint number)
{
  g_autoptr (GUri) uri = parse (address);
  g_autofree char *path = g_strdup (uri != NULL ? g_uri_get_path (uri) : ""), *base = NULL;
  g_autoptr (GString) name = g_string_new (NULL);
  gsize n = strlen (path);

  while (n > 0 && path[n - 1] == '/')
    path[--n] = '\0';
  base = g_path_get_basename (path);
  for (const char *p = base; *p != '\0' && name->len < MAX_NAME; p++)
    g_string_append_c (name, g_ascii_isalnum (*p) || strchr ("-_", *p) != NULL ? *p : '-');
  return g_strdup_printf ("%04u-%s.html", number, name->str);
}

static gboolean
keep (Fetch *self, const char *address, const GString *body, GError **error)
{
  g_autofree char *name = name_of (address, self->report->n_pages + 1),
                  *path = g_build_filename (self->folder, name, NULL);

  if (!g_file_set_contents (path, body->str, body->len, error))
    return FALSE;
  self->report->n_pages++;
  self->n_bytes += body->len;
  return TRUE;
}

static gboolean
is_page (const AttuneWebAnswer *answer)
{
  return g_strcmp0 (answer->type, "text/html") == 0
         || g_strcmp0 (answer->type, "application/xhtml+xml") == 0;
}

/* Where it is a site map: its addresses go into the queues. */
static gboolean
take_map (Fetch *self, const AttuneWebAnswer *answer)
{
  g_autoptr (GPtrArray) pages = g_ptr_array_new_with_free_func (g_free),
                        maps = g_ptr_array_new_with_free_func (g_free);

  if (is_page (answer)
      || !attune_web_read_sitemap (answer->body->str, answer->body->len, pages, maps))
    return FALSE;
  enqueue_all (self, &self->queue, pages);
  enqueue_all (self, &self->maps, maps);
  return TRUE;
}

/* Counts what could not be read; of the first it is told why. Returns: whether to go on. */
static gboolean
note (Fetch *self, GError *reason, GError **error)
{
  if (reason->domain != ATTUNE_DATA_ERROR) /* cancelled, or a full disk */
    {
      g_propagate_error (error, reason);
      return FALSE;
    }
  self->report->n_failed++;
  if (self->report->problem == NULL)
    self->report->problem = g_strdup (reason->message);
  g_error_free (reason);
  return TRUE;
}

static gboolean
fail_status (const char *address, guint status, GError **error)
{
  g_autofree char *why
      = status == 401 || status == 403
            ? g_strdup ("its server does not let one in.")
            : g_strdup_printf ("its server says %u (%s).", status, soup_status_get_phrase (status));

  return refuse (address, why, error);
}

/* Reads one address of a queue. @reason: (out): why it could not be; FALSE then. */
static gboolean
visit (Fetch *self, const char *address, GError **reason)
{
  g_auto (AttuneWebAnswer) answer = { 0 };
  g_autoptr (GPtrArray) links = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *at = NULL;
  g_autoptr (GUri) uri = NULL;
  gboolean allowed;

  if (!ask (self, address, self->limits->max_page_bytes, &answer, &at, &allowed, reason))
    return FALSE;
  if (!allowed)
    {
      self->report->n_refused++;
      return TRUE;
    }
  if (answer.status != 200)
    return fail_status (address, answer.status, reason);
  uri = parse (at);
  if (!g_str_equal (at, address)
      && (uri == NULL || !is_below (self, uri) || !g_hash_table_add (self->seen, g_strdup (at))))
    return TRUE; /* it was sent on to what is no part of it, or was read already */
  if (take_map (self, &answer))
    return TRUE;
  if (!is_page (&answer))
    {
      self->report->n_others++;
      return TRUE;
    }
  attune_web_read_links (answer.body->str, answer.body->len, at, links);
  enqueue_all (self, &self->queue, links);
  return keep (self, at, answer.body, reason);
}

static char *
next_address (Fetch *self)
{
  if (!g_queue_is_empty (&self->maps) && self->n_maps < MAX_MAPS)
    {
      self->n_maps++;
      return g_queue_pop_head (&self->maps);
    }
  return g_queue_pop_head (&self->queue);
}

static gboolean
is_full (const Fetch *self)
{
  return self->report->n_pages >= self->limits->max_pages
         || self->n_bytes >= self->limits->max_bytes;
}

static gboolean
fetch_all (Fetch *self, AttuneProgressFunc progress, gpointer data, GError **error)
{
  char *next;

  while (!is_full (self) && self->n_lost < MAX_LOST && (next = next_address (self)) != NULL)
    {
      g_autofree char *address = next;
      GError *reason = NULL;

      if (!visit (self, address, &reason) && !note (self, reason, error))
        return FALSE;
      if (progress != NULL)
        progress (data, (double) self->report->n_pages / self->limits->max_pages, "Fetching pages");
    }
  self->report->has_more = self->report->has_more || !g_queue_is_empty (&self->queue);
  return TRUE;
}

/* --- doors */

static gboolean
set_up (Fetch *self, const char *address, GError **error)
{
  const char *path, *slash;

  self->start = parse (address);
  if (self->start == NULL || !attune_web_is_address (address)
      || g_uri_get_host (self->start) == NULL || *g_uri_get_host (self->start) == '\0')
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                   "“%s” is no address of web pages. Write it as https://www.example.org/help/.",
                   address);
      return FALSE;
    }
  path = g_uri_get_path (self->start);
  slash = strrchr (path, '/');
  self->below = slash != NULL ? g_strndup (path, slash - path + 1) : g_strdup ("");
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->session = attune_web_session_new (self->limits);
  if (g_mkdir_with_parents (self->folder, 0777) != 0)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ,
                   "The folder “%s” for the pages could not be made: %s", self->folder,
                   g_strerror (errno));
      return FALSE;
    }
  return read_robots (self, error);
}

/* Why nothing was kept. */
static gboolean
fail_empty (const char *address, const AttuneWebReport *report, GError **error)
{
  if (report->problem != NULL)
    g_set_error_literal (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ, report->problem);
  else if (report->n_refused > 0)
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                 "The server of “%s” asks programs not to read it (robots.txt), so nothing was "
                 "read. Ask its owner for the texts.",
                 address);
  else
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                 "There is no page at “%s”. Give the address of a page or of a site map.", address);
  return FALSE;
}

gboolean
attune_web_fetch (const char *address, const char *folder, const AttuneWebLimits *limits,
                  AttuneProgressFunc progress, gpointer data, GCancellable *cancellable,
                  AttuneWebReport *report, GError **error)
{
  g_auto (Fetch) self = { .limits = limits != NULL ? limits : &attune_web_limits,
                          .folder = folder,
                          .cancellable = cancellable,
                          .report = report };
  g_autoptr (GUri) start = parse (address);
  g_autofree char *first
      = start != NULL ? g_uri_to_string_partial (start, G_URI_HIDE_FRAGMENT | G_URI_HIDE_USERINFO)
                      : NULL;

  g_return_val_if_fail (folder != NULL && report != NULL, FALSE);

  *report = (AttuneWebReport) { 0 };
  if (!set_up (&self, address, error))
    {
      g_rmdir (folder);
      return FALSE;
    }
  enqueue (&self, &self.queue, first);
  if (!fetch_all (&self, progress, data, error))
    return FALSE;
  if (report->n_pages > 0)
    return TRUE;
  g_rmdir (folder);
  return fail_empty (address, report, error);
}
