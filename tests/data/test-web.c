/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Web pages from a server of our own, which behaves as servers do: it sends one on in circles, says
 * nothing, says gigabytes, and asks not to be read.
 */
#include "core/offline.h"
#include "data/robots.h"
#include "data/web-links.h"
#include "data/web-scope.h"
#include "data/web.h"
#include "scratch-folder.h"

#include <gio/gio.h>
#include <libsoup/soup.h>
#include <string.h>

/* --- robots.txt */

static const char robots_text[] = "# rules\n"
                                  "User-agent: other\nDisallow: /\n\n"
                                  "User-Agent: ATTUNE\nuser-agent: third\n"
                                  "Disallow: /private # not this\nAllow: /private/open\n"
                                  "Disallow: /*.pdf$\nDisallow: /a%3cd\nCrawl-delay: 2.5\n"
                                  "Disallow:\n"
                                  "Sitemap: https://example.org/map.xml\r\n"
                                  "User-agent: *\nDisallow: /all\n";

static void
test_robots (void)
{
  static const struct
  {
    const char *path;
    gboolean allowed;
  } paths[] = {
    { "/", TRUE },
    { "/private", FALSE },
    { "/private/x", FALSE },
    { "/privately", FALSE },
    { "/private/open/x", TRUE },
    { "/x/y.pdf", FALSE },
    { "/x/y.pdf?page=1", TRUE },
    { "/a%3Cd/e", FALSE },
    { "/%70rivate", FALSE }, /* the same, in another spelling */
    { "/all", TRUE },
    { "/robots.txt", TRUE },
  };
  g_autoptr (AttuneRobots) ours = attune_robots_new (robots_text, strlen (robots_text), "Attune"),
                           any = attune_robots_new (robots_text, strlen (robots_text), "Some"),
                           none = attune_robots_new ("\xff\xfe\0:", 4, "Attune");

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_test_message ("%s", paths[i].path);
      g_assert_cmpint (attune_robots_allow (ours, paths[i].path), ==, paths[i].allowed);
      g_assert_true (attune_robots_allow (none, paths[i].path));
    }
  g_assert_cmpfloat (attune_robots_get_wait (ours), ==, 2.5);
  g_assert_cmpuint (attune_robots_get_sitemaps (ours)->len, ==, 1);
  g_assert_cmpstr (attune_robots_get_sitemaps (ours)->pdata[0], ==, "https://example.org/map.xml");
  g_assert_false (attune_robots_allow (any, "/all/x"));
  g_assert_true (attune_robots_allow (any, "/private"));
}

/* A byte order mark is none of its name, and lines end with CR alone, too. */
static void
test_robots_lines (void)
{
  static const char *const texts[]
      = { "\xEF\xBB\xBFUser-agent: *\nDisallow: /\n", "User-agent: *\rDisallow: /\r",
          "# all\r\nUser-agent: *\r\nDisallow: /" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (AttuneRobots) robots = attune_robots_new (texts[i], strlen (texts[i]), "Attune");

      g_assert_false (attune_robots_allow (robots, "/page"));
    }
}

/* What lies below an address. */
static void
test_scope (void)
{
  static const struct
  {
    const char *start, *inside, *outside;
  } cases[] = {
    { "https://e.org/help/", "https://e.org/help/a/b?x", "https://e.org/helper" },
    { "https://e.org/help", "https://e.org/help", "https://e.org/shop" },
    { "https://e.org/help", "https://e.org/help/a", "https://e.org/helper" },
    { "https://e.org/a/index.html", "https://e.org/a/b", "https://e.org/b" },
    { "https://e.org/i.php?page=1", "https://e.org/i.php?page=2", "https://e.org/imprint" },
    { "http://e.org/", "https://e.org/x", "https://f.org/x" },
    { "http://[::1]:8080/", "http://[::1]:8080/x", "http://[::1]:81/x" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GUri) start = attune_web_parse (cases[i].start),
                       inside = attune_web_parse (cases[i].inside),
                       outside = attune_web_parse (cases[i].outside);
      AttuneWebScope scope;

      g_test_message ("%s", cases[i].start);
      attune_web_scope_init (&scope, start);
      g_assert_true (attune_web_scope_has (&scope, inside));
      g_assert_false (attune_web_scope_has (&scope, outside));
      attune_web_scope_clear (&scope);
    }
}

/* --- links */

static char *
join (GPtrArray *list)
{
  g_ptr_array_add (list, NULL);
  return g_strjoinv (" ", (char **) list->pdata);
}

static void
assert_links (const char *page, const char *expected)
{
  g_autoptr (GPtrArray) links = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;

  attune_web_read_links (page, strlen (page), "https://example.org/help/index.html", links);
  text = join (links);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_links (void)
{
  g_autoptr (GPtrArray) pages = g_ptr_array_new_with_free_func (g_free),
                        maps = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *p = NULL, *m = NULL;
  const char *map
      = "<?xml version=\"1.0\"?><!DOCTYPE urlset [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
        "\"&a;&a;&a;\">]><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"
        "<url><loc> https://example.org/a?x=1&amp;y=2 </loc><lastmod>2024</lastmod></url>"
        "<url><loc>mailto:x</loc><image><loc>https://example.org/p.jpg</loc></image></"
        "url><url><loc>https://example.org/&b;</loc></url></urlset>";

  assert_links ("<p><a href='a.html#part'>A</a> <a href=\"../b c\">B</a><a>none</a>"
                "<a href='mailto:x@example.org'>m</a><a rel='nofollow' href=d>D</a>"
                "<a href='https://user:pw@other.example/x?q=1&amp;r=2'>o</a>",
                "https://example.org/help/a.html https://example.org/b%20c "
                "https://other.example/x?q=1&r=2");
  assert_links ("<head><base href='/base/'></head><a href=x>X</a>", "https://example.org/base/x");
  assert_links ("<meta name=robots content='noindex, nofollow'><a href=x>X</a>", "");
  assert_links ("", "");
  assert_links ("\x01\xff<a href='\xff'", "https://example.org/help/%C3%BF"); /* no UTF-8 */
  g_assert_true (attune_web_read_sitemap (map, strlen (map), pages, maps));
  p = join (pages);
  g_assert_true (g_str_has_prefix (p, "https://example.org/a?x=1&y=2"));
  g_assert_null (strstr (p, "aaaa"));
  g_assert_null (strstr (p, "p.jpg"));
  g_assert_cmpuint (maps->len, ==, 0);
  map = "<sitemapindex><sitemap><loc>https://example.org/2.xml</loc></sitemap></sitemapindex>";
  g_ptr_array_set_size (pages, 0);
  g_assert_true (attune_web_read_sitemap (map, strlen (map), pages, maps));
  m = join (maps);
  g_assert_cmpstr (m, ==, "https://example.org/2.xml");
  g_assert_false (attune_web_read_sitemap ("<rss><url><loc>x</loc></url></rss>", 34, pages, maps));
  g_assert_false (attune_web_read_sitemap ("no XML", 6, pages, maps));
}

/* --- the server */

typedef struct
{
  ScratchFolder *folder; /* of the test; pages go into one in it */
  char *pages, *address; /* of the server, without a slash at its end */
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  SoupServer *server;
  const char *robots; /* (nullable): it has none */
  guint robots_status;
  GMutex lock;
  GString *asked; /* paths, one after another */
  AttuneWebLimits limits;
  int n_busy; /* so many answers of /busy are that it has too much to do */
  const char *rest;
} Fixture;

#define PAGE(links)                                                                                \
  "<html><body><p>This page says something that can be learned from, and has links.</p>" links     \
  "</body></html>"

static void
say (SoupServerMessage *message, const char *type, const char *text, gsize n)
{
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, text, n);
}

/* Some MB of nothing, in some KB. */
static void
say_bomb (SoupServerMessage *message)
{
  g_autoptr (GConverter) converter
      = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  g_autofree char *zeros = g_malloc0 (4 << 20), *packed = g_malloc (4 << 20);
  gsize read, written;

  g_assert_cmpint (g_converter_convert (converter, zeros, 4 << 20, packed, 4 << 20,
                                        G_CONVERTER_INPUT_AT_END, &read, &written, NULL),
                   ==, G_CONVERTER_FINISHED);
  soup_message_headers_append (soup_server_message_get_response_headers (message),
                               "Content-Encoding", "gzip");
  say (message, "text/html", packed, written);
}

static const struct
{
  const char *path, *to;
} redirections[] = {
  { "/circle", "/circle2" },
  { "/circle2", "/circle" },
  { "/moved", "/help/a.html" },
  { "/help/old.html", "a.html" },
  { "/away", "http://other.invalid/" },
  { "/nowhere", NULL },
  { "/file", "file:///etc/passwd" },
  { "/guide/", "/help/" },
};

static const struct
{
  const char *path, *page;
} contents[] = {
  { "/help/",
    PAGE ("<a href=a.html>A</a><a href='b.html#x'>B</a><a href=/outside.html>O</a>"
          "<a href='http://other.invalid/help/'>X</a><a href=secret.html>S</a>"
          "<a href=picture.png>P</a><a href=old.html>old</a><a href=missing.html>M</a>") },
  { "/help/a.html", PAGE ("<a href=./>up</a><a href=b.html>B</a>") },
  { "/help/b.html", PAGE ("") },
  { "/help/c.html", PAGE ("") },
  { "/help/secret.html", PAGE ("") },
  { "/outside.html", PAGE ("") },
  { "/films.html", PAGE ("<a href=film.mp4?1>1</a><a href=film.mp4?2>2</a><a href=film.mp4?3>3</a>"
                         "<a href=large?1>1</a><a href=large?2>2</a><a href=large?3>3</a>"
                         "<a href=large?4>4</a><a href=large?5>5</a><a href=outside.html>O</a>") },
  { "/no-index.html", "<meta name=robots content=noindex>" PAGE ("<a href=outside.html>O</a>") },
  { "/lost.html", PAGE ("<a href=silent?1>1</a><a href=silent?2>2</a><a href=silent?3>3</a>"
                        "<a href=silent?4>4</a><a href=silent?5>5</a><a href=silent?6>6</a>") },
};

/* "łąka", as ISO 8859-2 has it. */
static const char polish[] = "<html><body><p>\xb3\xb1ka</p></body></html>";

static void
answer (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
        gpointer data)
{
  Fixture *f = data;

  g_mutex_lock (&f->lock);
  g_string_append_printf (f->asked, "%s ", path);
  g_mutex_unlock (&f->lock);
  soup_server_message_set_status (message, 404, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (redirections); i++)
    if (g_str_equal (path, redirections[i].path))
      {
        soup_server_message_set_status (message, 302, NULL);
        if (redirections[i].to != NULL)
          soup_message_headers_append (soup_server_message_get_response_headers (message),
                                       "Location", redirections[i].to);
      }
  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    if (g_str_equal (path, contents[i].path))
      say (message, "text/html; charset=utf-8", contents[i].page, strlen (contents[i].page));
  if (g_str_equal (path, "/robots.txt") && f->robots != NULL)
    say (message, "text/plain", f->robots, strlen (f->robots));
  else if (g_str_equal (path, "/robots.txt"))
    soup_server_message_set_status (message, f->robots_status, NULL);
  else if (g_str_equal (path, "/help/picture.png"))
    say (message, "image/png", "\x89PNG", 4);
  else if (g_str_equal (path, "/map.xml"))
    {
      g_autofree char *map = g_strdup_printf (
          "<urlset><url><loc>%s/help/c.html</loc></url><url><loc>%s/outside.html</loc></url>"
          "</urlset>",
          f->address, f->address);

      say (message, "application/xml", map, strlen (map));
    }
  else if (g_str_equal (path, "/large"))
    {
      g_autofree char *large = g_strnfill (200000, 'x');

      say (message, "text/html", large, 200000);
    }
  else if (g_str_equal (path, "/film.mp4"))
    {
      g_autofree char *large = g_strnfill (200000, 'x');

      say (message, "video/mp4", large, 200000);
    }
  else if (g_str_equal (path, "/many.html"))
    {
      g_autoptr (GString) links = g_string_new (NULL);

      for (int i = 0; i < 200; i++)
        g_string_append_printf (links, "<a href=missing-%d>%d</a>", i, i);
      say (message, "text/html", links->str, links->len);
    }
  else if (g_str_equal (path, "/polish.html"))
    say (message, "text/html; charset=iso-8859-2", polish, strlen (polish));
  else if (g_str_has_prefix (path, "/busy") && f->n_busy > 0)
    {
      f->n_busy--;
      soup_server_message_set_status (message, 429, NULL);
      soup_message_headers_append (soup_server_message_get_response_headers (message),
                                   "Retry-After", f->rest);
    }
  else if (g_str_has_prefix (path, "/busy"))
    say (message, "text/html", PAGE (""), strlen (PAGE ("")));
  else if (g_str_equal (path, "/bomb"))
    say_bomb (message);
  else if (g_str_equal (path, "/silent"))
    soup_server_message_pause (message);
}

static gpointer
serve (gpointer data)
{
  Fixture *f = data;

  g_main_context_push_thread_default (f->context);
  g_main_loop_run (f->loop);
  g_main_context_pop_thread_default (f->context);
  return NULL;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GSList *uris;

  f->folder = scratch_folder_new ();
  f->pages = g_build_filename (f->folder, "pages", NULL);
  f->asked = g_string_new (NULL);
  f->robots_status = 404;
  g_mutex_init (&f->lock);
  f->limits = attune_web_limits;
  f->limits.wait_ms = 0;
  f->limits.max_page_bytes = 100000;
  f->limits.idle_seconds = 1;
  f->context = g_main_context_new ();
  f->loop = g_main_loop_new (f->context, FALSE);
  g_main_context_push_thread_default (f->context);
  f->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (f->server, NULL, answer, f, NULL);
  soup_server_listen_local (f->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_main_context_pop_thread_default (f->context);
  g_assert_no_error (error);
  uris = soup_server_get_uris (f->server);
  f->address = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  f->thread = g_thread_new ("server", serve, f);
}

/* In the server's own thread: it may not have begun yet. */
static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autoptr (GSource) last = g_idle_source_new ();

  g_source_set_callback (last, quit, f->loop, NULL);
  g_source_attach (last, f->context);
  g_thread_join (f->thread);
  g_main_context_push_thread_default (f->context);
  soup_server_disconnect (f->server);
  g_object_unref (f->server);
  while (g_main_context_iteration (f->context, FALSE))
    ;
  g_main_context_pop_thread_default (f->context);
  g_main_loop_unref (f->loop);
  g_main_context_unref (f->context);
  g_mutex_clear (&f->lock);
  g_string_free (f->asked, TRUE);
  g_free (f->address);
  g_free (f->pages);
  scratch_folder_free (f->folder);
}

static gboolean
fetch (Fixture *f, const char *path, AttuneWebReport *report, GError **error)
{
  g_autofree char *address = g_strconcat (f->address, path, NULL);

  return attune_web_fetch (address, f->pages, &f->limits, NULL, NULL, NULL, report, error);
}

static void
assert_fails (Fixture *f, const char *path, const char *part)
{
  g_auto (AttuneWebReport) report = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (fetch (f, path, &report, &error));
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_cmpint (error->domain, ==, ATTUNE_DATA_ERROR);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_false (g_file_test (f->pages, G_FILE_TEST_EXISTS));
}

/* What lies below the address, by links and the site map; once each, and nothing else is asked for.
 */
static void
test_site (Fixture *f, gconstpointer data)
{
  g_autofree char *robots = g_strdup_printf (
                      "User-agent: *\nDisallow: /help/secret\nSitemap: %s/map.xml\n", f->address),
                  *names = NULL;
  g_auto (AttuneWebReport) report = { 0 };
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GError) error = NULL;

  f->robots = robots;
  g_assert_true (fetch (f, "/help/", &report, &error));
  g_assert_no_error (error);
  names = list_folder (f->pages);
  g_assert_cmpstr (names, ==, "0001-help.html 0002-a-html.html 0003-b-html.html 0004-c-html.html");
  g_assert_cmpuint (report.n_pages, ==, 4);
  g_assert_cmpuint (report.n_refused, ==, 1);
  g_assert_cmpuint (report.n_others, ==, 1);
  g_assert_cmpuint (report.n_failed, ==, 1); /* the one that is missing */
  g_assert_nonnull (strstr (report.problem, "404"));
  g_assert_false (report.has_more);
  g_assert_null (strstr (f->asked->str, "secret"));
  g_assert_null (strstr (f->asked->str, "outside"));
  g_assert_cmpstr (f->asked->str, ==,
                   "/robots.txt /help/ /map.xml /help/a.html /help/b.html /help/picture.png "
                   "/help/old.html /help/a.html /help/missing.html /help/c.html ");

  source = attune_source_probe (f->pages, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (source->format, ==, "folder");
  g_assert_cmpuint (source->preview->len, ==, 4);
}

/* A site map, one page, and no more pages than are wanted. */
static void
test_limits (Fixture *f, gconstpointer data)
{
  g_auto (AttuneWebReport) one = { 0 }, moved = { 0 }, map = { 0 };
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  f->limits.max_pages = 2;
  f->limits.wait_ms = 150;
  g_assert_true (fetch (f, "/help/", &one, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (one.n_pages, ==, 2);
  g_assert_true (one.has_more);
  /* three requests: robots.txt, two pages */
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 2 * 150 * 1000);
  test_remove_folder (f->pages);

  g_assert_true (fetch (f, "/help/b.html", &moved, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (moved.n_pages, ==, 1);
  g_assert_false (moved.has_more);
  test_remove_folder (f->pages);

  g_assert_true (fetch (f, "/map.xml", &map, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (map.n_pages, ==, 2);
}

/* The server is asked first. */
static void
test_asked_not_to (Fixture *f, gconstpointer data)
{
  f->robots = "User-agent: *\nDisallow: /\n";
  assert_fails (f, "/help/", "asks programs not to read it (robots.txt)");
  g_assert_cmpstr (f->asked->str, ==, "/robots.txt ");
  f->robots = NULL;
  f->robots_status = 503;
  assert_fails (f, "/help/", "out of order");
}

static void
test_bad_servers (Fixture *f, gconstpointer data)
{
  g_auto (AttuneWebReport) report = { 0 };
  g_autoptr (GError) error = NULL;

  assert_fails (f, "/circle", "on and on");
  assert_fails (f, "/away", "another server");
  assert_fails (f, "/nowhere", "to nowhere");
  assert_fails (f, "/file", "to nowhere");
  assert_fails (f, "/large", "larger than any page");
  assert_fails (f, "/bomb", "larger than any page");
  assert_fails (f, "/silent", "could not be read");
  assert_fails (f, "/missing", "404");
  assert_fails (f, "/help/picture.png", "There is no page");

  /* of an address of the newer kind robots.txt has one, too: only nobody is there */
  g_assert_false (attune_web_fetch ("http://[::1]:1/", f->pages, &f->limits, NULL, NULL, NULL,
                                    &report, &error));
  g_assert_nonnull (strstr (error->message, "http://[::1]:1/robots.txt"));
  g_assert_null (strstr (error->message, "no address"));
}

/* Of a server that has gone not every page is waited for. */
static void
test_lost (Fixture *f, gconstpointer data)
{
  g_auto (AttuneWebReport) report = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (fetch (f, "/lost.html", &report, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (report.n_pages, ==, 1);
  g_assert_cmpuint (report.n_failed, ==, 5);
  g_assert_true (report.lost);
  g_assert_false (report.has_more);
}

/* Films are not read, and large pages in a row are no server that has gone. */
static void
test_films (Fixture *f, gconstpointer data)
{
  g_auto (AttuneWebReport) report = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (fetch (f, "/films.html", &report, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (report.n_pages, ==, 2);
  g_assert_cmpuint (report.n_others, ==, 3);
  g_assert_cmpuint (report.n_failed, ==, 5);
  g_assert_false (report.lost || report.has_more);
}

/* All that is read counts, and so do requests that bring nothing. */
static void
test_work (Fixture *f, gconstpointer data)
{
  g_auto (AttuneWebReport) many = { 0 }, bytes = { 0 };
  g_autoptr (GError) error = NULL;

  f->limits.max_pages = 2;
  g_assert_true (fetch (f, "/many.html", &many, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (many.n_failed, <, 100);
  g_assert_true (many.has_more);
  test_remove_folder (f->pages);

  f->limits.max_pages = 100;
  f->limits.max_bytes = 100000; /* two that are too large, or three */
  g_assert_true (fetch (f, "/films.html", &bytes, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (bytes.n_failed, <=, 3);
  g_assert_true (bytes.has_more);
}

/* A server that has too much to do is asked again when it says so, or not at all. */
static void
test_busy (Fixture *f, gconstpointer data)
{
  g_auto (AttuneWebReport) report = { 0 };
  g_autoptr (GError) error = NULL;
  const gint64 start = g_get_monotonic_time ();

  f->n_busy = 1;
  f->rest = "1";
  g_assert_true (fetch (f, "/busy.html", &report, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (report.n_pages, ==, 1);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, G_USEC_PER_SEC);
  test_remove_folder (f->pages);
  f->n_busy = 1;
  f->rest = "3600";
  assert_fails (f, "/busy.html", "429");
  f->n_busy = 10;
  f->rest = "0";
  assert_fails (f, "/busy.html", "429");
  g_assert_cmpint (f->n_busy, ==, 6);
}

/* What was asked for lies elsewhere on its server; and a page that is not to be kept. */
static void
test_moved (Fixture *f, gconstpointer data)
{
  g_auto (AttuneWebReport) moved = { 0 }, hidden = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (fetch (f, "/guide/", &moved, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (moved.n_pages, ==, 4); /* secret.html, too: there is no robots.txt */
  test_remove_folder (f->pages);
  g_assert_true (fetch (f, "/no-index.html", &hidden, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (hidden.n_refused, ==, 1);
  g_assert_cmpuint (hidden.n_pages, ==, 1);
}

/* What only the server says of a page's letters is kept with it. */
static void
test_charset (Fixture *f, gconstpointer data)
{
  g_auto (AttuneWebReport) report = { 0 };
  g_autofree char *path = g_build_filename (f->pages, "0001-polish-html.html", NULL), *page = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (fetch (f, "/polish.html", &report, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &page, NULL, NULL));
  g_assert_nonnull (strstr (page, "łąka"));
}

/* Nothing goes out where the person does not want it, and all through the proxy where that is to
 * be. */
static void
test_network (Fixture *f, gconstpointer data)
{
  g_auto (AttuneWebReport) report = { 0 };
  g_autoptr (GError) error = NULL;

  attune_set_offline (TRUE);
  assert_fails (f, "/help/", "works offline");
  attune_set_offline (FALSE);
  g_setenv ("HF_HUB_OFFLINE", "1", TRUE);
  assert_fails (f, "/help/", "works offline");
  g_unsetenv ("HF_HUB_OFFLINE");
  g_assert_cmpstr (f->asked->str, ==, "");
  f->limits.proxy = f->address;
  g_assert_true (attune_web_fetch ("http://pages.invalid/help/b.html", f->pages, &f->limits, NULL,
                                   NULL, NULL, &report, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (report.n_pages, ==, 1);
}

static void
test_bad_addresses (Fixture *f, gconstpointer data)
{
  static const char *const addresses[]
      = { "", "help", "ftp://example.org/", "https://", "http:///x" };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_auto (AttuneWebReport) report = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_false (
          attune_web_fetch (addresses[i], f->pages, &f->limits, NULL, NULL, NULL, &report, &error));
      g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS);
      g_assert_false (g_file_test (f->pages, G_FILE_TEST_EXISTS));
    }
  g_assert_true (attune_web_is_address ("HTTPS://x"));
  g_assert_false (attune_web_is_address ("postgresql://x"));
}

static void
cancel_soon (gpointer cancellable, double fraction, const char *what)
{
  g_cancellable_cancel (cancellable);
}

/* Cancelled midway, what was kept is of no use to anybody. */
static void
test_cancelled (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *address = g_strconcat (f->address, "/help/", NULL);
  g_auto (AttuneWebReport) report = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (attune_web_fetch (address, f->pages, &f->limits, cancel_soon, cancellable,
                                    cancellable, &report, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_file_test (f->pages, G_FILE_TEST_EXISTS));
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("no_proxy", "127.0.0.1", TRUE);
  g_test_add_func ("/data/web/robots", test_robots);
  g_test_add_func ("/data/web/robots-lines", test_robots_lines);
  g_test_add_func ("/data/web/scope", test_scope);
  g_test_add_func ("/data/web/links", test_links);
  CASE ("/data/web/site", test_site);
  CASE ("/data/web/limits", test_limits);
  CASE ("/data/web/asked-not-to", test_asked_not_to);
  CASE ("/data/web/bad-servers", test_bad_servers);
  CASE ("/data/web/lost", test_lost);
  CASE ("/data/web/films", test_films);
  CASE ("/data/web/work", test_work);
  CASE ("/data/web/busy", test_busy);
  CASE ("/data/web/moved", test_moved);
  CASE ("/data/web/charset", test_charset);
  CASE ("/data/web/network", test_network);
  CASE ("/data/web/bad-addresses", test_bad_addresses);
  CASE ("/data/web/cancelled", test_cancelled);
  return g_test_run ();
}
