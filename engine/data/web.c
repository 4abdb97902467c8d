/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A queue of addresses, each asked for once.
 */
#include "data/web.h"

#include "core/http-session.h"
#include "data/web-asker.h"
#include "data/web-folder.h"
#include "data/web-links.h"
#include "data/web-scope.h"

#include <errno.h>
#include <string.h>

#define MAX_ROBOTS_BYTES (4u << 20) /* of which half a MB is read */
#define MAX_MAPS 50
/* For each page that is wanted, and as many more as there are maps. */
#define REQUESTS_PER_PAGE 5
/* Requests in a row without an answer: the server is gone, and each takes its time. */
#define MAX_LOST 5
/* Addresses that are remembered, at most: a site may make them up without end. */
#define MAX_QUEUE 100000
/* A server that has too much to do is given a rest so often, of so many s at most. */
#define MAX_RESTS 3
#define MAX_REST_SECONDS 60
#define TOO_MANY_REQUESTS 429 /* RFC 6585; libsoup has no name for it */

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
  AttuneWebReport *report;
  AttuneWebAsker asker;
  char *first; /* the address that was asked for */
  AttuneWebScope scope;
  GHashTable *seen;   /* addresses that were asked for or stand in the queue */
  GQueue queue, maps; /* char*: pages, site maps */
  guint n_maps, n_rests;
  gboolean made; /* the folder, by us */
} Fetch;

static void
fetch_clear (Fetch *self)
{
  attune_web_asker_clear (&self->asker);
  g_clear_pointer (&self->first, g_free);
  attune_web_scope_clear (&self->scope);
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

/* Puts an address into one of the queues, once, where it belongs there. @anywhere: on the server,
 * as site maps may lie, and what a map names that was asked for itself */
static void
enqueue (Fetch *self, GQueue *queue, gboolean anywhere, const char *address)
{
  g_autoptr (GUri) uri = attune_web_parse (address);

  if (uri == NULL || g_hash_table_contains (self->seen, address)
      || !(anywhere ? attune_web_is_same_server (self->scope.start, uri)
                    : attune_web_scope_has (&self->scope, uri)))
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
enqueue_all (Fetch *self, GQueue *queue, gboolean anywhere, const GPtrArray *addresses)
{
  for (guint i = 0; i < addresses->len; i++)
    enqueue (self, queue, anywhere, addresses->pdata[i]);
}

/* --- reading */

/* RFC 9309: what a server does not have (4xx) allows all; one that fails (5xx) allows nothing. */
static gboolean
read_robots (Fetch *self, GError **error)
{
  g_autoptr (GUri) uri
      = g_uri_parse_relative (self->scope.start, "/robots.txt", SOUP_HTTP_URI_FLAGS, NULL);
  g_autofree char *address = g_uri_to_string_partial (uri, G_URI_HIDE_USERINFO), *at = NULL;
  g_auto (AttuneWebAnswer) answer = { 0 };
  gboolean allowed;

  if (!attune_web_asker_ask (&self->asker, address, TRUE, MAX_ROBOTS_BYTES, &answer, &at, &allowed,
                             error))
    return FALSE;
  if (answer.status >= 500)
    return attune_web_refuse (address,
                              "its server is out of order, and does not say what may be read. Try "
                              "again later.",
                              error);
  self->asker.robots = answer.status == 200 ? attune_robots_new (answer.body->str, answer.body->len,
                                                                 ATTUNE_HTTP_AGENT)
                                            : attune_robots_new ("", 0, ATTUNE_HTTP_AGENT);
  enqueue_all (self, &self->maps, TRUE, attune_robots_get_sitemaps (self->asker.robots));
  return TRUE;
}

static gboolean
is_page (const AttuneWebAnswer *answer)
{
  return g_strcmp0 (answer->type, "text/html") == 0
         || g_strcmp0 (answer->type, "application/xhtml+xml") == 0;
}

/* Where it is a site map: its addresses go into the queues. @anywhere: see enqueue() */
static gboolean
take_map (Fetch *self, const AttuneWebAnswer *answer, gboolean anywhere)
{
  g_autoptr (GPtrArray) pages = g_ptr_array_new_with_free_func (g_free),
                        maps = g_ptr_array_new_with_free_func (g_free);

  if (is_page (answer)
      || !attune_web_read_sitemap (answer->body->str, answer->body->len, pages, maps))
    return FALSE;
  enqueue_all (self, &self->queue, anywhere, pages);
  enqueue_all (self, &self->maps, TRUE, maps);
  return TRUE;
}

/* Counts what could not be read; of the first it is told why. Returns: whether to go on. */
static gboolean
note (Fetch *self, GError *reason, GError **error)
{
  if (!g_error_matches (reason, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ))
    /* cancelled, offline, or a full disk */
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

  return attune_web_refuse (address, why, error);
}

/* Gives the server the rest that it wants, and asks again then. */
static gboolean
postpone (Fetch *self, const char *address, const AttuneWebAnswer *answer, GError **reason)
{
  const gint64 rest = answer->wait >= 0 ? answer->wait * G_USEC_PER_SEC
                                        : (gint64) self->limits->wait_ms * 1000 << self->n_rests;

  if (++self->n_rests > MAX_RESTS || rest > MAX_REST_SECONDS * G_USEC_PER_SEC)
    {
      self->report->lost = TRUE;
      return fail_status (address, answer->status, reason);
    }
  attune_web_asker_rest (&self->asker, rest);
  g_queue_push_head (&self->queue, g_strdup (address));
  return TRUE;
}

/* Whether the page at @at, to which @address was sent on, is one to read. What was asked for may
 * lie elsewhere on its server: then all that is below it does. */
static gboolean
follow (Fetch *self, const char *address, const char *at)
{
  g_autoptr (GUri) uri = attune_web_parse (at);

  if (uri == NULL)
    return FALSE;
  if (g_str_equal (address, self->first))
    {
      attune_web_scope_clear (&self->scope);
      attune_web_scope_init (&self->scope, uri);
    }
  return attune_web_scope_has (&self->scope, uri) && g_hash_table_add (self->seen, g_strdup (at));
}

/* Reads one address of a queue. @reason: (out): why it could not be; FALSE then. */
static gboolean
visit (Fetch *self, const char *address, GError **reason)
{
  g_auto (AttuneWebAnswer) answer = { 0 };
  g_autoptr (GPtrArray) links = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *at = NULL;
  gboolean allowed, may_keep;

  if (!attune_web_asker_ask (&self->asker, address, FALSE, self->limits->max_page_bytes, &answer,
                             &at, &allowed, reason))
    return FALSE;
  if (!allowed)
    {
      self->report->n_refused++;
      return TRUE;
    }
  if (answer.status == TOO_MANY_REQUESTS || answer.status == SOUP_STATUS_SERVICE_UNAVAILABLE)
    return postpone (self, address, &answer, reason);
  self->n_rests = 0;
  if (answer.status != 200)
    return fail_status (address, answer.status, reason);
  if (!g_str_equal (at, address) && !follow (self, address, at))
    return TRUE; /* it was sent on to what is no part of it, or was read already */
  if (take_map (self, &answer, g_str_equal (address, self->first)))
    return TRUE;
  if (!is_page (&answer))
    {
      self->report->n_others++;
      return TRUE;
    }
  may_keep = attune_web_read_links (answer.body->str, answer.body->len, at, links);
  enqueue_all (self, &self->queue, FALSE, links);
  if (!may_keep)
    {
      self->report->n_refused++;
      return TRUE;
    }
  if (!attune_web_folder_keep (self->folder, self->report->n_pages + 1, at, &answer, reason))
    return FALSE;
  self->report->n_pages++;
  return TRUE;
}

/* The page that was asked for, then all that maps name, then what pages do. */
static char *
next_address (Fetch *self)
{
  if (g_strcmp0 (g_queue_peek_head (&self->queue), self->first) != 0
      && !g_queue_is_empty (&self->maps) && self->n_maps < MAX_MAPS)
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
         || self->asker.n_bytes >= self->limits->max_bytes
         || self->asker.n_requests >= REQUESTS_PER_PAGE * self->limits->max_pages + MAX_MAPS;
}

static gboolean
fetch_all (Fetch *self, AttuneProgressFunc progress, gpointer data, GError **error)
{
  char *next;

  while (!is_full (self) && self->asker.n_lost < MAX_LOST && !self->report->lost
         && (next = next_address (self)) != NULL)
    {
      g_autofree char *address = next;
      GError *reason = NULL;

      if (!visit (self, address, &reason) && !note (self, reason, error))
        return FALSE;
      if (progress != NULL)
        progress (data, (double) self->report->n_pages / self->limits->max_pages, "Fetching pages");
    }
  self->report->lost = self->report->lost || self->asker.n_lost >= MAX_LOST;
  self->report->has_more
      = !self->report->lost && (self->report->has_more || !g_queue_is_empty (&self->queue));
  return TRUE;
}

/* --- doors */

static gboolean
set_up (Fetch *self, const char *address, GError **error)
{
  g_autoptr (GUri) start = attune_web_parse (address);

  if (start == NULL || !attune_web_is_address (address) || g_uri_get_host (start) == NULL
      || *g_uri_get_host (start) == '\0')
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                   "“%s” is no address of web pages. Write it as https://www.example.org/help/.",
                   address);
      return FALSE;
    }
  attune_web_scope_init (&self->scope, start);
  self->first = g_uri_to_string_partial (start, G_URI_HIDE_FRAGMENT | G_URI_HIDE_USERINFO);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->made = !g_file_test (self->folder, G_FILE_TEST_EXISTS);
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
                          .report = report };

  g_return_val_if_fail (folder != NULL && report != NULL, FALSE);

  *report = (AttuneWebReport) { 0 };
  attune_web_asker_init (&self.asker, self.limits, cancellable);
  if (set_up (&self, address, error))
    {
      enqueue (&self, &self.queue, FALSE, self.first);
      if (fetch_all (&self, progress, data, error)
          && (report->n_pages > 0 || fail_empty (address, report, error)))
        return TRUE;
    }
  if (self.made)
    attune_web_folder_remove (folder); /* nobody would take in what is there */
  return FALSE;
}
