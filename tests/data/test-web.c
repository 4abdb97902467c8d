/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Web pages from a server of our own, with all its faults.
 */
#include "core/offline.h"
#include "web-server.h"

static gboolean
fetch (WebServer *f, const char *path, AttuneWebReport *report, GError **error)
{
  g_autofree char *address = g_strconcat (f->address, path, NULL);

  return attune_web_fetch (address, f->pages, &f->limits, NULL, NULL, NULL, report, error);
}

static void
assert_fails (WebServer *f, const char *path, const char *part)
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
test_site (WebServer *f, gconstpointer data)
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
test_limits (WebServer *f, gconstpointer data)
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
test_asked_not_to (WebServer *f, gconstpointer data)
{
  f->robots = "User-agent: *\nDisallow: /\n";
  assert_fails (f, "/help/", "asks programs not to read it (robots.txt)");
  g_assert_cmpstr (f->asked->str, ==, "/robots.txt ");
  f->robots = NULL;
  f->robots_status = 503;
  assert_fails (f, "/help/", "out of order");
}

static void
test_bad_servers (WebServer *f, gconstpointer data)
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
test_lost (WebServer *f, gconstpointer data)
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
test_films (WebServer *f, gconstpointer data)
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
test_work (WebServer *f, gconstpointer data)
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
test_busy (WebServer *f, gconstpointer data)
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
test_moved (WebServer *f, gconstpointer data)
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
test_charset (WebServer *f, gconstpointer data)
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
test_network (WebServer *f, gconstpointer data)
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
test_bad_addresses (WebServer *f, gconstpointer data)
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
test_cancelled (WebServer *f, gconstpointer data)
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

#define CASE(path, test) g_test_add (path, WebServer, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("no_proxy", "127.0.0.1", TRUE);
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
